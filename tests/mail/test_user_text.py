"""A user's words in a mail to somebody else, with no live link but to hosts that are allowed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.user_text import without_foreign_links

# What some program or other makes a link of: more than any of them does.
LINKED = re.compile(
    r"[a-z][a-z0-9+.-]*:[\\/]{2,}\S*|\b(?:mailto|tel|javascript|data|file|sms|skype):(?=\S)|\bwww\d*\.\S*|\\\\\w+"
    r"|\S@\S|(?<=\w)[.\u3002\uff0e\uff61](?:[^\W\d_]{2}|xn--)|\b\d+\.\d+\.\d+\.\d+\b",
    re.IGNORECASE,
)
ALLOWED = [
    "https://zoom.us/j/123?pwd=aB-c.1",
    "https://us02web.zoom.us/j/123",
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%22Tid%22%3a1%7d",
    "https://meet.google.com/abc-defg-hij",
    "https://northfields.webex.com/meet/bob",
    "https://meet.jit.si/OurTalk",
    "https://whereby.com/bob",
    "http://localhost:8000/with/1.1.x/",
    "(https://zoom.us/j/123).",
    "<https://ZOOM.us/j/123>",
]
FOREIGN = [
    "http://evil.example/verify",
    "https://zoom.us.evil.example/",
    "https://zoom.us@evil.example/",
    "https://zoom.us\\@evil.example/",
    "https://zoom.us:443@evil.example/",
    "https://zoom.us/j/1,http://evil.example",
    'https://zoom.us/j/1"http://evil.example',
    "https://zoom.us/?next=https://evil.example",
    "https://zoom.us:8443/j/1",
    "https://evilzoom.us/j/1",
    "http://evil.example",
    "//evil.example/x",
    "www.evil.example",
    "www.1x",
    "WWW2.evil",
    "evil.example",
    "evil.xn--p1ai",
    "evil。example",
    "пример.испытание",
    "1.2.3.4/x",
    "http://2130706433/",
    "http://[::1]/",
    "ftp://evil",
    "file:///etc/passwd",
    "hthttp://tp://evil.example",
    "mailto:eve@evil.example",
    "eve@evil",
    "tel:+44123",
    "javascript:alert(1)",
    "data:text/html,x",
    "\\\\evil\\share",
    "evil\u200b.example",
    "evil.ex\u00adample",
    "http\u200b://evil",
    "evil\u202e.example",
    "http://localhost:9000/",
    "http://localhost/",
]


@pytest.mark.parametrize("link", ALLOWED)
def test_our_pages_and_meeting_services_stay_links(link: str) -> None:
    assert without_foreign_links(f"Room 1 or {link}") == f"Room 1 or {link}"


@pytest.mark.parametrize("link", FOREIGN)
@pytest.mark.parametrize("around", ["{}", "See {} please", "({}).", "x,{}", "https://zoom.us/j/1 {}", "a\n{}\nb"])
def test_any_other_link_is_words_only(link: str, around: str) -> None:
    shown = without_foreign_links(around.format(link)).replace("https://zoom.us/j/1 ", "")
    assert LINKED.findall(shown) == []


def test_what_was_a_link_can_still_be_read() -> None:
    assert without_foreign_links("https://meet.uni.example/abc?x=1") == "meet[.]uni[.]example/abc?x=1"
    assert without_foreign_links("Write to eve@evil.example") == "Write to eve[at]evil[.]example"


@pytest.mark.parametrize(
    "words",
    [
        "Café at 3.30 p.m., e.g. the one in St. John's Road",
        "Room 5.12 (2nd floor); ask for Dr. Brook: 10:30",
        "v1.2, 50% of it & more – “yes”",
        "Two lines\nof words",
        "Ünï ☃",
    ],
)
def test_ordinary_words_stay_as_they_are(words: str) -> None:
    assert without_foreign_links(words) == words


_PIECES = st.sampled_from(
    [
        "http",
        "https",
        ":",
        "/",
        "//",
        "\\",
        "www",
        ".",
        "@",
        "zoom.us",
        "evil",
        "com",
        " ",
        "\u200b",
        "\u202e",
        "a",
        "1",
    ]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_no_mixture_of_pieces_makes_a_link(words: str) -> None:
    kept = [word for word in without_foreign_links(words).split() if not re.match(r"[(<]*https?://zoom\.us(/|$)", word)]
    assert [LINKED.findall(word) for word in kept if LINKED.search(word)] == []


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_twice_is_the_same(words: str) -> None:
    once = without_foreign_links(words)
    assert without_foreign_links(once) == once

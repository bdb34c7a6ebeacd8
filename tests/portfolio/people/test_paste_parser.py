"""Pasted lists: every piece becomes a person, a duplicate, or stays unread with a reason."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.people.paste_parser import MOST, again, guessed, pieces, read_list

JULIE = [("Julie Hart", "julie@example.org")]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Julie Hart <julie@example.org>", JULIE),
        ('"Hart, Julie" <julie@example.org>', JULIE),
        ("“Hart, Julie” <julie@example.org>", JULIE),
        ("Hart, Julie <julie@example.org>", JULIE),
        ("'Julie Hart' <julie@example.org>", JULIE),
        ("Julie\u00a0Hart\tjulie@example.org", JULIE),
        ("\ufeffJulie\u200b Hart\u2003<julie@example.org>\0", JULIE),
        ("Julie Hart <mailto:julie@example.org>", JULIE),
        ("julie@example.org (Julie Hart)", JULIE),
        ("To: Julie Hart <julie@example.org>,", JULIE),
        ("• Julie Hart <julie@example.org>", JULIE),
        ("Julie Hart\n  <julie@example.org>", JULIE),
        ("=?utf-8?Q?Zo=C3=AB_Hart?= <zoe@example.org>", [("Zoë Hart", "zoe@example.org")]),
        ("julie.hart+work@example.org", [("Julie Hart", "julie.hart+work@example.org")]),
        ("jhart@example.org", [("jhart@example.org", "jhart@example.org")]),
        ("Julie Hart\r\nBob Brook\r\n\r\n", [("Julie Hart", ""), ("Bob Brook", "")]),
        ("Hart, Julie", [("Julie Hart", "")]),
        ("Julie Hart, PhD", [("Julie Hart, PhD", "")]),
        ("שרה כהן <sara@example.org>", [("שרה כהן", "sara@example.org")]),
        (
            "Hart, Julie <julie@example.org>; Brook, Bob <bob@example.org>",
            [*JULIE, ("Bob Brook", "bob@example.org")],
        ),
        (
            '"Hart, Julie" <julie@example.org>, Bob Brook <bob@example.org>; ann.bell@example.org',
            [*JULIE, ("Bob Brook", "bob@example.org"), ("Ann Bell", "ann.bell@example.org")],
        ),
        ("Hart Davies, Julie Ann; Brook, Bob", [("Julie Ann Hart Davies", ""), ("Bob Brook", "")]),
        ("a@example.org b@example.org", [("a@example.org",) * 2, ("b@example.org",) * 2]),
    ],
)
def test_a_list_is_read(text: str, people: list[tuple[str, str]]) -> None:
    reading = read_list(text)
    assert [(one.name, one.address) for one in reading.people] == people
    assert (reading.twins, reading.unread) == ((), ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("julie@", "This is no e-mail address."),
        ("Julie <nonsense>", "This is no e-mail address."),
        ("https://example.org", "This is a web address, not a person."),
        ("+44 20 7946 0000", "There is no name in it."),
        ("Ann <a@example.org> <b@example.org>", "There is more than one address in it."),
        ("x" * 201, "This name has more than 200 letters."),
        ("x" * 1001, "This is too long for a name and an address."),
    ],
)
def test_what_cannot_be_read_stays_with_a_reason(text: str, reason: str) -> None:
    reading = read_list(text)
    assert (reading.people, reading.unread) == ((), ((text, reason),))


def test_the_same_name_or_address_is_a_twin() -> None:
    reading = read_list("Zoë Hart <z@example.org>\nzoe HART\nAnother <Z@example.org>")
    assert ([one.name for one in reading.people], len(reading.twins)) == (["Zoë Hart"], 2)


def test_guessed_keeps_to_what_the_address_shows() -> None:
    assert [guessed(a) for a in ("j.hart2@x.org", "info@x.org", "4.5@x.org")] == ["J Hart", "info@x.org", "4.5@x.org"]


ODD = st.text(st.sampled_from(list("ab@.,;<>()\"'\\ \n\t=?:-éø\u200b")), max_size=60)


@given(st.one_of(st.text(), ODD))
def test_nothing_is_lost_and_nothing_is_read_twice(text: str) -> None:
    reading = read_list(text)
    found = [one.text for one in (*reading.people, *reading.twins)] + [one.text for one in reading.unread]
    assert sorted(found) == sorted(pieces(text))
    # Except whitespace, invisible characters and separators, every character is in a piece.
    kept = "".join(found)
    assert all(kept.count(c) == text.count(c) for c in "ab@éø<>()")


@given(st.one_of(st.text(), ODD))
def test_whoever_was_read_is_read_again_the_same(text: str) -> None:
    people = read_list(text).people
    once = [(one.name, one.address) for one in people]
    assert [(one.name, one.address) for one in read_list(again(people)).people] == once


def test_five_thousand_are_read_and_the_rest_waits() -> None:
    reading = read_list("\n".join(f"Person {i} <p{i}@example.org>" for i in range(MOST + 2)))
    assert (len(reading.people), len(reading.unread)) == (MOST, 2)


@pytest.mark.parametrize("text", ['"' * 10**6, "<" * 10**6, "a@" * 500_000, "a@b " * 250_000, "PhD," * 250_000])
def test_a_megabyte_of_nonsense_takes_seconds(text: str) -> None:
    began = time.monotonic()
    read_list(text)
    assert time.monotonic() - began < 30

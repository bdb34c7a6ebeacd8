from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.mail import EmailMultiAlternatives

from accounts.models import User
from reminders.digest import MOST_WORDS, SUBJECT_LENGTH, TITLE_LENGTH, DigestLine, subject_of, write_digest
from reminders.kinds import Item
from reminders.models import Reminder
from tests.reminders.kinds_for_tests import Matters


def line(title: str, person: str = "") -> DigestLine:
    return DigestLine(title, "Words.", "http://localhost/", "http://localhost/r/x/", "Remind me later", person)


@pytest.mark.parametrize(
    ("lines", "subject"),
    [
        ([line("Write to Bob", "Bob")], "Write to Bob"),
        ([line("Write to Bob", "Bob"), line("Thank Eve", "Eve")], "2 things for today: Bob, Eve"),
        ([line("Write to Bob", "Bob"), line("Meet Bob", "Bob")], "2 things for today: Bob"),
        ([line("Look back"), line("Look ahead")], "2 things for today: Look back …"),
        ([line("Look\r\nback")], "Look back"),
    ],
)
def test_a_subject_says_what_it_is_about(lines: list[DigestLine], subject: str) -> None:
    assert subject_of(lines) == subject


def test_a_subject_is_short() -> None:
    assert len(subject_of([line("x" * 500)])) == SUBJECT_LENGTH
    assert subject_of([line("x", f"Person {n}") for n in range(100)]).endswith("…")


def written(*items: Item, missed: bool = False, **fields: object) -> EmailMultiAlternatives:
    """A digest with these items, without saving anything."""
    at = dt.datetime(2026, 6, 10, 8, 0, tzinfo=dt.UTC)
    user = User(pk=1, email="alice@example.org", **fields)  # type: ignore[arg-type]
    rows = [Reminder(pk=n, kind="nudge", owner=user, missed_at=at if missed else None) for n in range(len(items))]
    message = write_digest(user, list(zip(rows, items, strict=True)))
    assert isinstance(message, EmailMultiAlternatives)
    return message


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


HOSTILE = [
    "Write\r\n\r\nto \u202eBob\u202c <script>alert(1)</script> &amp; {{ user }} \x00\x1b[31m\x85\u2028!",
    "x" * 1_000_000,
    "\U0001f600" * 400,
    "א" * 400,
    " \u202e\x00 ",
]


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("missed", [False, True])
def test_hostile_titles_make_a_plain_and_short_mail(matters: Matters, title: str, missed: bool) -> None:
    message = written(Item(title, title, "/x/", title), Item("Thank Eve", "Do.", "/y/"), missed=missed)
    content = message.message().as_bytes()
    head, _, _ = content.partition(b"\n\n")
    assert max(len(line) for line in content.split(b"\n")) <= 998
    assert max(len(line) for line in head.split(b"\n") if b"http" not in line) <= 80
    assert len(content) < 40_000
    for text in (str(message.subject), str(message.body), html_of(message)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)
    assert "<script" not in html_of(message)
    assert str(message.subject).splitlines() == [message.subject]


def test_a_title_is_one_line_in_the_text_and_is_never_empty(matters: Matters) -> None:
    message = written(Item("Write\n\nto Bob", "A\nB", "/x/"), Item(" \u202e", "C", "/y/"))
    text = str(message.body)
    assert "1. Write to Bob\nA\nB\n" in text
    assert "2. Nudge\nC\n" in text
    assert re.findall(r"<h2[^>]*>(.*)</h2>", html_of(message)) == ["Write to Bob", "Nudge"]


def test_long_words_are_cut_and_say_so(matters: Matters) -> None:
    message = written(Item("y" * 500, "word " * 500, "/x/"))
    assert f"{'y' * (TITLE_LENGTH - 1)}…\n" in str(message.body)
    body = " ".join(str(message.body).split())
    assert "word word" in body
    assert body.count("word") <= MOST_WORDS / 5


def test_the_text_is_wrapped_for_a_terminal_and_has_no_markup(matters: Matters) -> None:
    words = "No reply after ten working days. That's usually about their diary, not you & yours. " * 3
    text = str(written(Item("Write to <Bob> & Eve", words, "/x/"), name="Zoë O'Brien").body)
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 76
    assert "Hello Zoë," in text
    assert "Write to <Bob> & Eve" in text
    assert not re.search(r"&(amp|lt|gt|quot|#\d+|#x\w+);", text)


def test_the_text_comes_first_then_the_html(matters: Matters) -> None:
    message = written(Item("Write to Bob", "Words.", "/x/")).message()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.get_payload()] == ["text/plain", "text/html"]  # type: ignore[union-attr]


def test_words_of_another_direction_stand_by_themselves(matters: Matters) -> None:
    html = html_of(written(Item("א ב", "ג", "/x/")))
    assert html.count('dir="auto"') == 2

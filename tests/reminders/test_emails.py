from __future__ import annotations

import pytest

from reminders.emails import SUBJECT_LENGTH, Line, subject_of


def line(title: str, person: str = "") -> Line:
    return Line(title, "Words.", "http://localhost/", "http://localhost/r/x/", "Remind me later", person)


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
def test_a_subject_says_what_it_is_about(lines: list[Line], subject: str) -> None:
    assert subject_of(lines) == subject


def test_a_subject_is_short() -> None:
    assert len(subject_of([line("x" * 500)])) == SUBJECT_LENGTH
    assert subject_of([line("x", f"Person {n}") for n in range(100)]).endswith("…")

"""The next step for a need."""

from __future__ import annotations

import pytest

from portfolio.needs.candidates import Candidate, Found
from portfolio.needs.next_step import gap_step
from portfolio.needs.ranking import Reason, Suggestion

URLS = {"introduction_open": "/introductions/open/", "approach_open": "/approaches/open/"}
THOUGHT = Reason("you thought of them for this", 60, leads=True, thought=True)
RESTING = Reason("said no in May", -80)


def candidate(id_: int, name: str, *reasons: Reason) -> Candidate:
    return Candidate(Suggestion(id_, name, (THOUGHT, *reasons), thought_of=True), "")


def test_whoever_is_at_rest_is_passed_by() -> None:
    step = gap_step(1, [], Found([candidate(1, "Henrik Solberg", RESTING), candidate(2, "Priya Nand")]), URLS)
    assert step is not None
    assert (step.button, step.fields) == ("Shortlist Priya Nand", {"person": 2, "need": 1})
    assert gap_step(1, [], Found([candidate(1, "Henrik Solberg", RESTING)]), URLS) is None


@pytest.mark.parametrize(
    ("supporters", "title"),
    [([], "Nobody yet"), (["Margaret"], "This hangs on one person"), (["Margaret", "Tomasz"], None)],
)
def test_two_who_support_it_are_enough(supporters: list[str], title: str | None) -> None:
    step = gap_step(1, supporters, Found([candidate(2, "Priya Nand")]), URLS)
    assert (step and step.title) == title

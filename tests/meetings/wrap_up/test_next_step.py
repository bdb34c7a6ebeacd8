from __future__ import annotations

import pytest

from meetings.wrap_up.next_step import leads_to


@pytest.mark.parametrize(
    ("again", "at_ease", "interested", "leads"),
    [
        ("yes", "yes", "yes", "follow_up"),
        ("yes", "no", "unsure", "follow_up"),
        ("yes", "yes", "no", "rest"),
        ("no", "yes", "yes", "close"),
        ("no", "no", "no", "close"),
        ("unsure", "yes", "yes", "follow_up"),
        ("unsure", "unsure", "yes", "rest"),
        ("", "yes", "no", "rest"),
        ("", "", "", None),
        ("", "yes", "yes", None),
    ],
)
def test_three_answers_lead_to_one_step(again: str, at_ease: str, interested: str, leads: str | None) -> None:
    assert leads_to(again=again, at_ease=at_ease, interested=interested) == leads

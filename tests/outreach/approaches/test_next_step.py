from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from outreach.approaches.next_step import Situation, next_step
from outreach.models import Approach, Purpose

TODAY = dt.date(2026, 3, 2)
SOON, PAST = dt.date(2026, 3, 9), dt.date(2026, 2, 27)
Outcome = Approach.Outcome
APPROACHED = {"stage": "approached", "written": True, "asked": Purpose.FIRST_APPROACH}
REQUESTED = {"stage": "requested", "written": True, "held": 2, "thanked": True, "asked": Purpose.MENTORING_REQUEST}
TALKED = {"stage": "initial", "written": True, "held": 1, "replied": True}
ASKED_AGAIN = {**TALKED, "thanked": True, "asked": Purpose.FOLLOW_UP_CONVERSATION, "replied": False}


@pytest.mark.parametrize(
    ("facts", "action", "purpose"),
    [
        ({}, "draft", Purpose.FIRST_APPROACH),
        ({"stage": "preparing", "drafting": True}, "finish", ""),
        ({**APPROACHED, "follow_up_due": SOON}, "replied", ""),
        ({**APPROACHED, "follow_up_due": TODAY}, "draft", Purpose.FOLLOW_UP),
        ({**APPROACHED, "follow_up_due": PAST}, "draft", Purpose.FOLLOW_UP),
        ({**APPROACHED, "follow_up_due": PAST, "drafting": True}, "finish", ""),
        ({**APPROACHED, "follow_up_written": True}, "rest", ""),
        (APPROACHED, "replied", ""),
        ({**APPROACHED, "replied": True}, "plan_initial", ""),
        ({"stage": "approached", "written": True, "replied": True}, "plan_initial", ""),
        ({**APPROACHED, "replied": True, "planned": True}, "meeting", ""),
        ({"planned": True}, "meeting", ""),
        (TALKED, "draft", Purpose.THANK_YOU),
        ({**TALKED, "thanked": True}, "draft", Purpose.FOLLOW_UP_CONVERSATION),
        (ASKED_AGAIN, "replied", ""),
        ({**ASKED_AGAIN, "follow_up_due": TODAY}, "draft", Purpose.FOLLOW_UP),
        ({**ASKED_AGAIN, "replied": True}, "plan_follow_up", ""),
        ({**TALKED, "held": 2}, "draft", Purpose.THANK_YOU),
        ({**TALKED, "held": 2, "thanked": True}, "draft", Purpose.MENTORING_REQUEST),
        (REQUESTED, "accept", ""),
        ({**REQUESTED, "follow_up_due": SOON}, "accept", ""),
        ({**REQUESTED, "follow_up_due": TODAY}, "draft", Purpose.FOLLOW_UP),
        ({**REQUESTED, "follow_up_due": TODAY, "replied": True}, "accept", ""),
        ({**APPROACHED, "rest_until": SOON}, "wake", ""),
        ({**APPROACHED, "outcome": Outcome.ACCEPTED}, "mentorship", ""),
        ({**APPROACHED, "outcome": Outcome.DECLINED}, "draft", Purpose.GRACEFUL_DECLINE),
        ({**APPROACHED, "outcome": Outcome.NOT_NOW}, "draft", Purpose.GRACEFUL_DECLINE),
        ({**APPROACHED, "outcome": Outcome.DECLINED, "thanked": True}, "outreach", ""),
        ({**APPROACHED, "outcome": Outcome.NO_ANSWER}, "outreach", ""),
        ({**APPROACHED, "outcome": Outcome.ENOUGH}, "outreach", ""),
        ({**APPROACHED, "outcome": Outcome.WITHDRAWN, "drafting": True}, "outreach", ""),
    ],
)
def test_next_step_follows_from_the_situation(facts: dict[str, Any], action: str, purpose: str) -> None:
    step = next_step(Situation(**{"first_name": "Gwen", "stage": "shortlisted", "today": TODAY, **facts}))
    assert (step.action, step.purpose) == (action, purpose)
    assert step.title
    assert step.words


def test_mentoring_is_never_asked_for_before_a_conversation() -> None:
    for stage in Approach.Stage:
        for written in (False, True):
            step = next_step(Situation("Gwen", stage, TODAY, written=written))
            assert step.purpose != Purpose.MENTORING_REQUEST


def test_waiting_says_until_when() -> None:
    step = next_step(Situation("Gwen", "approached", TODAY, written=True, follow_up_due=SOON))
    assert step.words == "We’ll remind you on Monday 9 March if Gwen hasn’t answered by then."
    assert not step.urgent

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.introductions.next_step import Situation, next_step
from outreach.models import Introduction, Purpose

situations = st.builds(
    Situation,
    target=st.just("Callum"),
    introducer=st.just("Margaret"),
    state=st.sampled_from(Introduction.State.values),
    drafting=st.sampled_from(["", "introduction", "thank_you"]),
    overdue=st.booleans(),
    thanked=st.booleans(),
    written_to=st.booleans(),
    approach=st.booleans(),
)


@given(situations)
def test_there_is_always_one_step_with_words_and_a_button(now: Situation) -> None:
    step = next_step(now)
    assert step.title
    assert step.words.endswith(".")
    assert step.action


@pytest.mark.parametrize(
    ("fields", "title", "action", "purpose"),
    [
        ({"state": "considered"}, "Ask Margaret to introduce you to Callum", "draft", Purpose.INTRODUCTION),
        (
            {"state": "considered", "drafting": "introduction"},
            "Ask Margaret to introduce you to Callum",
            "finish",
            "",
        ),
        ({"state": "asked"}, "Now wait, calmly", "answer", ""),
        ({"state": "asked", "overdue": True}, "Ask Margaret once more?", "draft", Purpose.FOLLOW_UP),
        ({"state": "agreed"}, "Margaret will introduce you", "made", ""),
        ({"state": "made"}, "Write to Callum", "shortlist", ""),
        ({"state": "made", "approach": True}, "Thank Margaret", "draft", Purpose.THANK_YOU),
        ({"state": "made", "approach": True, "thanked": True}, "It worked", "approach", ""),
        ({"state": "declined"}, "Thank Margaret all the same", "draft", Purpose.GRACEFUL_DECLINE),
        ({"state": "declined", "thanked": True}, "Try another path", "another", ""),
        ({"state": "no_answer"}, "Try another path", "another", ""),
    ],
)
def test_each_state_has_its_step(fields: dict[str, object], title: str, action: str, purpose: str) -> None:
    step = next_step(Situation("Callum", "Margaret", **fields))  # type: ignore[arg-type]
    assert (step.title, step.action, step.purpose) == (title, action, purpose)

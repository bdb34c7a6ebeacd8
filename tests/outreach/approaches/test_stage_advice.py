from __future__ import annotations

import pytest

from outreach.approaches import stage_advice
from outreach.models import Approach

Stage = Approach.Stage
NOTHING = {"written": False, "held": 0, "planned": False}


@pytest.mark.parametrize(
    ("stage", "facts", "begins"),
    [
        (Stage.SHORTLISTED, {}, ""),
        (Stage.PREPARING, {}, ""),
        (Stage.APPROACHED, {}, "Nothing is marked as sent yet"),
        (Stage.APPROACHED, {"written": True}, ""),
        (Stage.INITIAL, {"written": True}, "No conversation has a date yet."),
        (Stage.INITIAL, {"planned": True}, ""),
        (Stage.INITIAL, {"held": 1}, ""),
        (Stage.FOLLOW_UP, {"written": True, "planned": True}, "No first conversation is noted yet."),
        (Stage.FOLLOW_UP, {"held": 1}, ""),
        (Stage.REQUESTED, {"written": True, "planned": True}, "You haven’t spoken yet. Ask for fifteen minutes first"),
        (Stage.REQUESTED, {"held": 1}, "You have spoken once."),
        (Stage.REQUESTED, {"held": 2}, ""),
    ],
)
def test_the_guide_speaks_up_where_a_step_was_left_out(stage: str, facts: dict[str, int], begins: str) -> None:
    word = stage_advice.word_on(stage, **{**NOTHING, **facts})  # type: ignore[arg-type]
    assert word.startswith(begins)
    assert bool(word) == bool(begins)

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.looking_back.questions import COMFORT_WORDS, EIGHT, GUIDES, longest_unanswered, prefers_introductions
from portfolio.models import Reflection


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?=\s|$)", text))


def test_there_are_eight_questions_each_with_two_sentences_and_prompts() -> None:
    assert len(EIGHT) == 8
    assert GUIDES.keys() == set(Reflection.Question.values)
    assert {question: sentences(guide.why) for question, guide in GUIDES.items()} == dict.fromkeys(GUIDES, 2)
    assert all(len(guide.prompts) >= 2 for guide in GUIDES.values())


@given(st.dictionaries(st.sampled_from(EIGHT), st.dates()))
def test_the_question_offered_waited_longest(last: dict[str, dt.date]) -> None:
    offered = longest_unanswered(last)
    never = [question for question in EIGHT if question not in last]
    if never:
        assert offered == never[0]
    else:
        assert last[offered] == min(last.values())


@pytest.mark.parametrize(("step", "first"), [(None, False), (1, True), (2, True), (3, False), (5, False)])
def test_introductions_come_first_where_strangers_cost_much(step: int | None, first: bool) -> None:
    assert prefers_introductions(step) is first


def test_each_step_of_comfort_has_words() -> None:
    assert list(COMFORT_WORDS) == [1, 2, 3, 4, 5]

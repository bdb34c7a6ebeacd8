"""Phrase search is fast for any text, and gives the same result as trying every phrase at every word."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.coach import about_them, advise, asking, name, shape, tone
from outreach.coach.draft import Draft
from outreach.coach.phrases import Phrases, needed
from tests.outreach.coach.test_coach import FIRST, GOOD

GROUPS = [
    group
    for room in (about_them, asking, name, shape, tone)
    for group in vars(room).values()
    if isinstance(group, Phrases)
]
SOME = "if not\nsay no\nhonou?red\n(?:so|very) sorry\nsorry\nimpos(?:e|ing) on you\nintroduc\\w+\nif this is (?:a|not)"
PIECES = [
    *[
        "say",
        "no",
        "if",
        "not",
        "so",
        "very",
        "sorry",
        "honored",
        "honoured",
        "impose",
        "imposing",
        "on",
        "you",
        "introduce",
        "this",
        "is",
        "a",
        "x",
    ],
    "'",
    "\n",
]
# Texts with many possible matches: one-letter words, starts of phrases, long words, no words at all.
STRANGE = [
    "a ", "i ", "é ", "your ", "your a-", "say ", "? ", "sorry ", "min 5 ", "12 ", "\n", " ", "🌱", "mentor ", "dear ",
    " ".join(sorted({phrase.needs for group in GROUPS for phrase in group.phrases})) + " ",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
def test_phrases_are_found_as_one_pattern_of_all_would(text: str) -> None:
    lines = [line.replace(" ", r"\s+") for line in SOME.splitlines()]
    plainly = re.compile(rf"\b(?:{'|'.join(lines)})\b")
    phrases = Phrases(SOME)
    first, expected = phrases.search(text), plainly.search(text)
    assert (first and first.span()) == (expected and expected.span())
    assert [m.span() for m in phrases.finditer(text)] == [m.span() for m in plainly.finditer(text)]


@pytest.mark.parametrize(
    ("phrase", "piece"),
    [
        ("say no", "say"),
        ("honou?red", "hono"),
        ("(?:so|very) sorry", "sorry"),
        ("introduc\\w+", "introduc"),
        ("minutes?", "minute"),
    ],
)
def test_every_phrase_knows_a_piece_it_cannot_be_without(phrase: str, piece: str) -> None:
    assert needed(phrase) == piece


def test_no_phrase_of_the_coach_is_tried_on_every_text() -> None:
    tried = [phrase.pattern.pattern for group in GROUPS for phrase in group.phrases if not phrase.needs]
    assert (len(GROUPS), tried) == (12, [])


@pytest.mark.parametrize("piece", STRANGE, ids=lambda piece: repr(piece[:8]))
def test_the_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    """Compares times as a ratio, because machines differ: eight times the text may take about twenty times as long."""
    short, long = (of_length(piece, length) for length in (2_500, 20_000))
    assert seconds(long) < 20 * seconds(short) + 20 * seconds(of_length("a", 1))


@pytest.mark.parametrize("piece", STRANGE, ids=lambda piece: repr(piece[:8]))
def test_no_text_takes_much_longer_than_a_letter_of_that_length(piece: str) -> None:
    prose = of_length(GOOD + "\n", 10_000)
    assert seconds(of_length(piece, 10_000)) < 6 * seconds(prose)


def of_length(piece: str, length: int) -> Draft:
    return replace(FIRST, body=(piece * (length // len(piece) + 1))[:length])


def seconds(draft: Draft) -> float:
    """The minimum of several runs, to exclude other load on the machine."""
    return min(_run(replace(draft)) for _ in range(7))


def _run(draft: Draft) -> float:
    begun = time.thread_time()
    advise(draft)
    return time.thread_time() - begun


@pytest.mark.parametrize("piece", ["a ", "i ", "x y z ", "é ", "? ", "12 "])
def test_words_that_begin_no_phrase_have_none_tried(piece: str) -> None:
    """5,000 one-letter words once took longer than ten pages of prose, because every phrase was tried at each."""
    text = of_length(piece, 10_000).low
    phrases = [phrase for group in GROUPS for phrase in group.phrases]
    tried = [phrase for group in GROUPS for phrase in group._possible(text)]
    assert len(phrases) > 150
    assert [phrase.needs for phrase in tried] in ([], ["a"])

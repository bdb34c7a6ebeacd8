from __future__ import annotations

import re

import pytest

from outreach.drafts.merge_fields import FIELDS, merge, names_in
from outreach.drafts.starters import STARTERS, Starter, starter, starters_for
from outreach.models import Channel, Purpose

VALUES = {
    "their_first_name": "Gwen",
    "their_name": "Prof. Gwen Abara",
    "their_role": "Chair of a funding panel",
    "their_organisation": "University of Penhallow",
    "my_name": "Dr Ffion Marsh",
    "my_first_name": "Ffion",
    "my_direction": "lead a social-care research group by 2030",
    "need": "be heard by funding panels",
    "what_i_noticed": "Your talk on what reviewers skip changed how I write.",
    "why_them": "you have chaired a panel",
    "what_we_share": "we both came to trials from nursing",
    "topic": "how funding panels read",
    "what_helped": "Your advice to begin with the patient has stayed with me.",
    "when_we_spoke": "last Tuesday",
    "who_to_meet": "Callum Reith",
    "about_me": "I am a trial methodologist at Calder Valley Hospitals.",
}
every_starter = pytest.mark.parametrize("one", STARTERS, ids=lambda s: s.key)


def test_every_purpose_has_a_starter() -> None:
    assert {s.purpose for s in STARTERS} == set(Purpose)
    assert all(starters_for(purpose) for purpose in Purpose)


def test_keys_are_unique_and_found() -> None:
    assert len({s.key for s in STARTERS}) == len(STARTERS)
    assert starter("first-email") is STARTERS[0]
    assert starter("nonsense") is None


@every_starter
def test_every_field_of_a_starter_is_known(one: Starter) -> None:
    assert [name for name in names_in(one.subject, one.body) if name not in FIELDS] == []


@every_starter
def test_with_everything_filled_nothing_is_missing(one: Starter) -> None:
    subject, body = merge(one.subject, VALUES), merge(one.body, VALUES)
    assert subject.complete
    assert body.complete
    assert not re.search(r"[{}]", subject.text + body.text)


@every_starter
def test_a_starter_is_tidy_british_english(one: Starter) -> None:
    text = one.subject + "\n" + one.body
    assert not re.search(
        r"\b(color|favor|organiz\w+|program|recognize|center|behavior|schedule a|reach out|circle back)\b", text, re.I
    )
    assert "  " not in text
    assert "!" not in text
    assert text.count("?") <= 3  # more questions are answered less often


def test_the_first_email_asks_for_fifteen_minutes_in_few_words_and_not_for_mentoring() -> None:
    first = starters_for(Purpose.FIRST_APPROACH)[0]
    assert len(merge(first.body, VALUES).text.split()) <= 125
    assert "15 minutes" in first.body
    assert "15 minutes" in first.subject
    assert "mentor" not in (first.subject + first.body).lower()


def test_the_linkedin_note_fits_its_limit() -> None:
    (note,) = [s for s in STARTERS if s.channel == Channel.LINKEDIN_NOTE]
    merged = merge(note.body, {**VALUES, "topic": "commissioning of social care"}).text
    assert len(merged) <= 200
    assert "mentor" not in merged.lower()


def test_only_the_request_asks_for_mentoring() -> None:
    asking = {s.purpose for s in STARTERS if "mentor" in (s.subject + s.body).lower()}
    assert asking == {Purpose.MENTORING_REQUEST}

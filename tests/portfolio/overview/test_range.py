"""Texts about range: questions, and only claims that stored facts support."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.words import NUMBERS
from portfolio.overview.range import FROM, KNOWING, MOST, MentorWorld, observations

NOBODY = MentorWorld()


def worlds(**lists: list) -> list[MentorWorld]:
    count = len(next(iter(lists.values())))
    return [MentorWorld(**{name: values[i] for name, values in lists.items()}) for i in range(count)]


def said(mentors: list[MentorWorld], own: str = "") -> list[str]:
    return [f"{one.says} {one.asks}" for one in observations(mentors, own)]


def test_two_of_three_work_where_you_work() -> None:
    assert said(worlds(organisation=["here", "here", "there"]), "here") == [
        "Two of your three mentors work where you work. Whose view from outside is missing?"
    ]
    assert said(worlds(organisation=["here", "here", ""]), "here")[0].startswith("Two of your three mentors work")


@pytest.mark.parametrize("organisations", [["here", "there", "there2"], ["here", "", ""], ["", "", ""]])
def test_one_inside_or_little_known_says_nothing(organisations: list[str]) -> None:
    assert said(worlds(organisation=organisations), "here") == []


def test_nothing_is_said_of_fewer_than_three() -> None:
    assert said(worlds(organisation=["here", "here"]), "here") == []


def test_all_outside_is_said_only_if_everybody_is_known() -> None:
    assert said(worlds(organisation=["a", "b", "c"]), "here") == [
        "None of your three mentors works where you work. Who could tell you how things are decided there?"
    ]
    assert said(worlds(organisation=["a", "b", ""]), "here") == []
    assert said(worlds(organisation=["a", "b", "c"])) == []


def test_one_workplace_is_named_where_ones_own_is_unknown() -> None:
    mentors = worlds(organisation=["aldermere"] * 2 + ["b"], organisation_words=["Aldermere"] * 2 + ["B"])
    assert said(mentors) == ["Two of your three mentors work at Aldermere. Whose view from another place is missing?"]


def test_all_for_one_kind_of_knowing() -> None:
    only = [MentorWorld(competencies=frozenset({"how"}))] * 3
    assert said(only) == [
        "All three of your mentors support you in knowing how. Who stands for knowing why and knowing whom?"
    ]
    assert said([*only, MentorWorld(competencies=frozenset({"how", "why"}))]) == []
    assert said([*only, NOBODY]) == []


@pytest.mark.parametrize(
    ("world", "words"),
    [
        (MentorWorld(sector="health", sector_words="Health"), "work in one sector: Health."),
        (MentorWorld(source="academic"), "come from an academic institution."),
        (MentorWorld(formal=True), "belong to a formal programme."),
        (MentorWorld(breadth="narrow"), "have a narrow focus."),
        (MentorWorld(breadth="broad"), "have a broad focus."),
    ],
)
def test_what_all_have_in_common(world: MentorWorld, words: str) -> None:
    assert [one.says for one in observations([world] * 3)] == [f"All three of your mentors {words}"]


def test_what_is_so_of_all_comes_before_what_is_so_of_most() -> None:
    mentors = [MentorWorld(organisation="here", source="friend")] * 2 + [MentorWorld(source="friend")]
    assert [one.about for one in observations(mentors, "here")] == ["source", "organisation"]


def test_at_most_two_are_said() -> None:
    alike = MentorWorld("here", "Here", "s", "S", "body", True, "narrow", frozenset({"why"}))
    assert [one.about for one in observations([alike] * 4, "here")] == ["competency", "organisation"]


few = st.sampled_from(["", "a", "b"])
mentor_worlds = st.builds(
    MentorWorld,
    organisation=few,
    organisation_words=few,
    sector=few,
    sector_words=few,
    source=st.sampled_from(["", *FROM]),
    formal=st.booleans(),
    breadth=st.sampled_from(["", "narrow", "broad"]),
    competencies=st.frozensets(st.sampled_from(list(KNOWING))),
)


def is_so(about: str, mentor: MentorWorld, mentors: list[MentorWorld], own: str, says: str) -> bool:
    """Whether the sentence is true of this mentor, checked independently of the implementation."""
    if about == "organisation":
        if "where you work" in says:
            return (mentor.organisation == own) == (not says.startswith("None"))
        return sum(other.organisation == mentor.organisation for other in mentors) * 2 > len(mentors) and bool(
            mentor.organisation
        )
    return {
        "competency": len(mentor.competencies) == 1 and f"in {KNOWING[min(mentor.competencies)]}." in says
        if mentor.competencies
        else False,
        "sector": bool(mentor.sector) and sum(m.sector == mentor.sector for m in mentors) * 2 > len(mentors),
        "source": FROM.get(mentor.source, "?") in says,
        "formal": mentor.formal,
        "breadth": bool(mentor.breadth) and mentor.breadth in says,
    }[about]


@given(st.lists(mentor_worlds, max_size=14), few)
def test_never_claims_what_is_not_so(mentors: list[MentorWorld], own: str) -> None:
    found = observations(mentors, own)
    assert len(found) <= MOST
    assert not found or len(mentors) >= 3
    for one in found:
        true_of = sum(is_so(one.about, mentor, mentors, own, one.says) for mentor in mentors)
        assert true_of == one.count
        claimed = re.match(r"(All|None of your|\S+ of your)", one.says)
        assert claimed
        if claimed.group() in {"All", "None of your"}:
            assert one.count == len(mentors)
        else:
            word = one.says.split()[0].lower()
            assert (NUMBERS.index(word) if word in NUMBERS else int(word)) == one.count > len(mentors) / 2


@given(st.lists(mentor_worlds, min_size=3, max_size=8), few)
def test_the_unknown_is_never_counted(mentors: list[MentorWorld], own: str) -> None:
    unknown = [replace(mentor, organisation="", sector="", source="", breadth="") for mentor in mentors]
    assert {one.about for one in observations(unknown, own)} <= {"competency", "formal"}

"""Texts about a gap, which name the same person with the same reasons everywhere."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from mentoring.today import today
from outreach.approaches.next_candidates import next_candidates_for
from outreach.models import Approach
from portfolio.models import Need, Person
from portfolio.needs.candidates import MOST, who_could_help
from portfolio.needs.gap import gap_of
from portfolio.overview.selectors import portfolio_of
from tests.factories import (
    make_approach,
    make_brief,
    make_could_help,
    make_introduction,
    make_knows,
    make_mentorship,
    make_need,
    make_person,
    make_support,
)

SECTOR = "Social care"


@pytest.fixture
def need(alice: User) -> Need:
    make_brief(alice, finished_at=timezone.now())
    return make_need(alice, "be known to social-care commissioners", sector=SECTOR, weight=3)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "Think of one person who might help, or who might know somebody."),
        (["Delphine Okafor"], "One person you know could help: Delphine Okafor."),
        (["Ann Abel", "Bea Bell"], "Two people you know could help. Ann Abel, for one."),
    ],
)
def test_who_could_help_is_named(alice: User, names: list[str], words: str) -> None:
    need = make_need(alice)
    for name in names:
        make_could_help(make_person(alice, name), need)
    assert gap_of(need, who_could_help(alice, need)).words == words


# --- The same answer everywhere -------------------------------------------------------------------


def _last_month() -> dt.datetime:
    return timezone.now() - dt.timedelta(days=30)


def declined(user: User, need: Need) -> str:
    ann = make_person(user, "Ann Abel", sector=SECTOR, headline="Commissioning lead")
    make_approach(ann, need, outcome="declined", ended_at=_last_month())
    make_person(user, "Bea Bell", sector=SECTOR)
    return "Bea Bell"


def declined_though_thought_of(user: User, need: Need) -> str:
    ann = make_person(user, "Ann Abel", sector=SECTOR)
    make_could_help(ann, need, why="commissions it")
    make_approach(ann, need, outcome="declined", ended_at=_last_month())
    make_could_help(make_person(user, "Bea Bell"), need)
    return "Bea Bell"


def declined_and_nobody_else(user: User, need: Need) -> str:
    ann = make_person(user, "Ann Abel", sector=SECTOR)
    make_approach(ann, need, outcome="declined", ended_at=_last_month())
    return ""


def resting(user: User, need: Need) -> str:
    ann = make_person(user, "Ann Abel", sector=SECTOR)
    make_could_help(ann, need)
    make_approach(ann, need, rest_until=user.today() + dt.timedelta(days=9))
    make_person(user, "Bea Bell", sector=SECTOR)
    return "Bea Bell"


def being_approached(user: User, need: Need) -> str:
    ann = make_person(user, "Ann Abel", sector=SECTOR)
    make_could_help(ann, need)
    make_approach(ann, need, stage=Approach.Stage.APPROACHED)
    make_person(user, "Bea Bell", sector=SECTOR)
    return "Ann Abel"


def introduction_declined(user: User, need: Need) -> str:
    ann, bea = make_person(user, "Ann Abel", sector=SECTOR), make_person(user, "Bea Bell", sector=SECTOR)
    for target in (ann, bea):
        make_knows(make_person(user, f"Friend of {target.name}"), target)
    make_introduction(ann, ann.known_by.get().knower, state="declined", closed_on=user.today())
    return "Bea Bell"


def dismissed(user: User, need: Need) -> str:
    make_could_help(make_person(user, "Ann Abel", sector=SECTOR), need, state="dismissed")
    make_person(user, "Bea Bell", sector=SECTOR)
    return "Bea Bell"


def mentor_for_something_else(user: User, need: Need) -> str:
    ann = make_person(user, "Ann Abel", sector=SECTOR)
    make_support(make_mentorship(ann), make_need(user, "lead a team", competency="how", weight=1))
    make_could_help(ann, need)
    make_person(user, "Bea Bell", sector=SECTOR)
    return "Ann Abel"


def known_to_a_mentor(user: User, need: Need) -> str:
    make_person(user, "Ann Abel", sector=SECTOR)
    bea = make_person(user, "Bea Bell", sector=SECTOR)
    make_knows(make_mentorship(make_person(user, "Margaret Osei")).person, bea)
    return "Bea Bell"


def several_needs(user: User, need: Need) -> str:
    lighter = make_need(user, "lead a team", sector="Health", weight=1)
    make_could_help(make_person(user, "Ann Abel", sector="Health"), lighter)
    make_could_help(make_person(user, "Bea Bell"), need, why="chairs the panel")
    return "Bea Bell"


def many_people(user: User, need: Need) -> str:
    for number in range(MOST + 5):
        make_person(user, f"Person {number:02}", sector=SECTOR)
    for number in range(4):
        make_could_help(make_person(user, f"Thought {number}", sector=SECTOR), need)
    make_approach(Person.objects.get(name="Thought 0"), need, outcome="declined", ended_at=_last_month())
    return "Thought 1"


SITUATIONS = [
    declined,
    declined_though_thought_of,
    declined_and_nobody_else,
    resting,
    being_approached,
    introduction_declined,
    dismissed,
    mentor_for_something_else,
    known_to_a_mentor,
    several_needs,
    many_people,
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.__name__)
def test_every_page_names_the_same_person_for_the_same_reasons(
    alice: User, alice_client: Client, need: Need, situation: Callable[[User, Need], str]
) -> None:
    expected = situation(alice, need)
    front = alice_client.get(need.get_absolute_url()).context
    full = alice_client.get(need.get_absolute_url(), {"more": "1"}).context
    in_words = {
        "Portfolio": alice_client.get("/portfolio/").context["gap"].words,
        "the need's page": front["next_step"].words + front["next_step"].button if front["next_step"] else "",
    }
    page = today(alice)
    if page.calm:  # otherwise the step of the approach to them is due
        in_words["Today"] = page.next.words
    everybody = [one.suggestion for one in full["candidates"]]
    assert [one.suggestion for one in front["candidates"]] == everybody[:10]
    chosen = next((one for one in everybody if not one.at_rest), None)
    assert (chosen.name if chosen else "") == expected
    for place, words in in_words.items():
        through = chosen.introducer.name if chosen and chosen.introducer else ""
        named = [one.name for one in everybody if one.name in words and one.name != through]
        assert named == ([expected] if expected else []), place
    if "Today" in in_words and chosen:
        assert in_words["Today"] == in_words["Portfolio"]
        said = re.search(rf"{expected} (?:comes first|may be worth a thought): (.*)\.$", in_words["Portfolio"])
        stored = [unescape(reason.words) for reason in chosen.reasons]
        assert all(words in stored for words in (said[1].split("; ") if said else []))
        assert said or [reason.thought for reason in chosen.reasons] == [True]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.__name__)
def test_every_page_counts_the_same_people(
    alice: User, alice_client: Client, need: Need, situation: Callable[[User, Need], str]
) -> None:
    situation(alice, need)
    count = who_could_help(alice, need).thought_of
    here = portfolio_of(alice).gaps[0]
    arcs = alice_client.get("/portfolio/").context["picture"].arcs
    arc = next(drawn.need for drawn in arcs if drawn.need.id == need.pk)
    assert (here.need, len(here.could_help), arc.could_help) == (need, count, count)


def test_whoever_supports_a_need_is_named_for_it_nowhere(alice: User, need: Need) -> None:
    ann = make_person(alice, "Ann Abel", sector=SECTOR)
    make_could_help(ann, need)
    make_support(make_mentorship(ann), need)
    assert who_could_help(alice, need).candidates == []
    assert [here.could_help for here in portfolio_of(alice).needs] == [()]
    other = make_approach(make_person(alice, "Bea Bell"), need)
    assert next_candidates_for(alice, other).candidates == []


def test_today_recommends_nobody_who_said_no_last_month(alice: User, alice_client: Client, need: Need) -> None:
    declined(alice, need)
    with CaptureQueriesContext(connection) as queries:
        page = alice_client.get("/today/").content.decode()
    assert "Bea Bell may be worth a thought" in page
    assert "Ann Abel" not in page
    assert len(queries) <= 10

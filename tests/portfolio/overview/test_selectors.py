from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from portfolio.models import Person
from portfolio.overview.selectors import portfolio_of
from tests.factories import make_contact, make_could_help, make_mentorship, make_need, make_person, make_support


def test_portfolio_of_holds_needs_against_mentors(alice: User, bob: Person, charlie: User) -> None:
    funders = make_need(alice, weight=3)
    team = make_need(alice, "lead a team", competency="how")
    make_need(alice, "long done", closed_on=dt.date(2026, 2, 2), closed_as="met")
    make_need(charlie, "not hers")
    mentorship = make_mentorship(bob, status="paused")
    make_support(mentorship, team, strength=3)
    make_support(mentorship, competency="why", strength=1)
    make_contact(bob, at=dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    ended = make_mentorship(
        make_person(alice, "Edda"), status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2)
    )
    make_support(ended, funders)
    cara = make_person(alice, "Cara")
    idea = make_could_help(cara, funders, why="sits on panels")
    second = make_could_help(bob, funders)  # a mentor for another need could also help here
    make_could_help(make_person(alice, "Dismissed"), funders, state="dismissed")

    view = portfolio_of(alice)

    assert [m.person for m in view.mentorships] == [bob]
    assert view.mentorships[0].last_contact_at == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    assert [here.need for here in view.needs] == [funders, team]
    assert [here.need for here in view.gaps] == [funders]
    assert [here.need for here in view.hanging] == [team]
    assert view.gaps[0].could_help == (idea, second)
    why, how, whom = view.columns
    assert [(m.mentorship, m.planned, m.words) for m in why.mentors] == [(mentorship, False, ())]
    assert [(m.strength_words, m.paused, m.words) for m in how.mentors] == [("Strongly", True, ("lead a team",))]
    assert whom.mentors == ()
    assert [here.need for here in whom.needs] == [funders]


def test_portfolio_of_nobody_is_empty(alice: User) -> None:
    view = portfolio_of(alice)
    assert (view.mentorships, view.needs, view.gaps) == ([], [], [])
    assert [column.competency for column in view.columns] == ["why", "how", "whom"]


def test_portfolio_of_takes_five_queries_for_one_and_for_thirty(alice: User) -> None:
    def grow(count: int) -> None:
        for i in range(count):
            need = make_need(alice, f"need {i}")
            make_support(make_mentorship(make_person(alice, f"Mentor {i}")), need)
            make_could_help(make_person(alice, f"Idea {i}"), need)

    def queries(act: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as seen:
            act()
        return len(seen)

    grow(1)
    assert queries(lambda: [i.person.name for n in portfolio_of(alice).needs for i in n.could_help]) == 5
    grow(29)
    assert queries(lambda: [i.person.name for n in portfolio_of(alice).needs for i in n.could_help]) == 5

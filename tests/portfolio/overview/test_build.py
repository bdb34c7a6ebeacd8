"""The data of the pictures from the database."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from portfolio.mentorships.services import end_mentorship
from portfolio.models import Mentorship, MentorshipEvent, Person
from portfolio.overview.build import competencies_of, coverage_of, range_of, span_of, timeline_of
from portfolio.overview.selectors import portfolio_of
from portfolio.overview.timeline import Pause
from tests.factories import make_mentorship, make_need, make_person, make_support, make_user

What = MentorshipEvent.What
DAY = dt.date(2026, 1, 5)


def event(mentorship: Mentorship, what: What, days: int) -> dt.date:
    on = DAY + dt.timedelta(days=days)
    MentorshipEvent.objects.create(owner=mentorship.owner, mentorship=mentorship, what=what, on=on)
    return on


def test_the_strongest_competency_comes_first_and_the_user_chooses_on_a_tie(bob: Person) -> None:
    mentorship = make_mentorship(bob)
    supports = [make_support(mentorship, competency=c, strength=s) for c, s in (("whom", 2), ("how", 2), ("why", 1))]
    assert competencies_of(supports) == ["how", "whom", "why"]
    assert competencies_of(supports, "whom") == ["whom", "how", "why"]
    assert competencies_of(supports, "why") == ["how", "whom", "why"]


def test_coverage_counts_today_alone(alice: User, bob: Person) -> None:
    need = make_need(alice, "lead a team", competency="how")
    mentorship = make_mentorship(bob)
    make_support(mentorship, need, strength=3)
    make_support(mentorship, competency="why", until=DAY)
    ended = make_mentorship(make_person(alice, "Carol Chase"))
    make_support(ended, need)
    end_mentorship(mentorship=ended, ended_as="complete", on=DAY)
    made = coverage_of(portfolio_of(alice))
    assert [mentor.name for mentor in made.mentors] == ["Dr Bob Brook"]
    assert [[cell.strength for cell in row.cells] for row in made.needs] == [[3]]
    assert sum(len(group.rows) for group in made.groups) == 1


def test_range_holds_the_mentors_workplaces_against_ones_own(alice: User) -> None:
    for number, organisation in enumerate(("CALDER valley", "Calder Valley", "Elsewhere")):
        make_mentorship(make_person(alice, f"Mentor {number}", organisation=organisation, source="friend"))
    view = portfolio_of(alice)
    alice.organisation = "Calder  Válley"
    says = [one.says for one in range_of(view, alice)]
    assert says == [
        "All three of your mentors came to you through friends.",
        "Two of your three mentors work where you work.",
    ]


def test_a_span_tells_the_whole_history(bob: Person) -> None:
    mentorship = make_mentorship(
        bob, form="informal", breadth="broad_long", started_on=DAY, friends_since=DAY + dt.timedelta(days=300)
    )
    make_support(mentorship, competency="whom")
    turned, paused, resumed, again = (
        event(mentorship, what, days)
        for what, days in ((What.TURNED_INFORMAL, 90), (What.PAUSED, 30), (What.RESUMED, 60), (What.PAUSED, 200))
    )
    span = span_of(mentorship)
    assert (span.formal, span.formal_until) == (True, turned)
    assert span.pauses == (Pause(paused, resumed), Pause(again))
    assert (span.competency, span.breadth) == ("whom", "broad")
    assert span.words == (
        "January 2026 until today; knowing whom; broad and long; formal until April 2026, informal since; "
        "paused from February 2026 to March 2026; paused since July 2026; friends since November 2026."
    )


def test_an_ended_mentorship_keeps_what_it_supported(bob: Person) -> None:
    mentorship = make_mentorship(bob, form="formal")
    make_support(mentorship, competency="why")
    end_mentorship(mentorship=mentorship, ended_as="drifted", on=DAY + dt.timedelta(days=100))
    span = span_of(Mentorship.objects.get(pk=mentorship.pk))
    assert span.words == "January 2026 until April 2026; knowing why; formal; ended: drifted apart."


def test_the_timeline_shows_ones_own_mentorships_also_two_of_one_person(alice: User, bob: Person) -> None:
    make_mentorship(make_person(make_user("charlie@example.org"), "Somebody Else"))
    first = make_mentorship(bob, status="ended", ended_as="complete", started_on=DAY, ended_on=DAY)
    make_mentorship(make_person(alice, "Carol Chase"), started_on=DAY + dt.timedelta(days=10))
    make_mentorship(bob, started_on=DAY + dt.timedelta(days=20))
    lanes = timeline_of(alice).lanes
    assert [(lane.name, lane.again) for lane in lanes] == [
        ("Dr Bob Brook", False),
        ("Dr Bob Brook, again", True),
        ("Carol Chase", False),
    ]
    assert lanes[0].span.id == first.pk

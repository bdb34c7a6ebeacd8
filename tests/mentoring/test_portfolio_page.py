"""The portfolio: each mentor under what they support, and which needs nobody covers."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from mentoring.sky import initials
from outreach.models import Approach
from portfolio.models import Person
from tests.factories import make_approach, make_could_help, make_mentorship, make_need, make_person, make_support


def test_an_empty_portfolio_teaches_the_method(alice_client: Client) -> None:
    page = alice_client.get("/portfolio/").content.decode()
    assert "An empty sky, for now" in page
    assert page.count('class="button"') == 1


def test_mentors_stand_under_what_they_support_and_gaps_are_named(
    alice: User, alice_client: Client, bob: Person
) -> None:
    covered = make_need(alice, "lead a team", competency="how")
    gap = make_need(alice, "be known to funders", competency="whom", weight=3)
    make_support(make_mentorship(bob), covered)
    make_could_help(make_person(alice, "Carol Chase"), gap)
    context = alice_client.get("/portfolio/").context["view"]
    columns = {
        c.competency: ([m.mentorship.person for m in c.mentors], [n.need for n in c.needs]) for c in context.columns
    }
    assert columns == {"why": ([], []), "how": ([bob], [covered]), "whom": ([], [gap])}
    assert [here.need for here in context.gaps] == [gap]


def test_the_page_leads_to_the_heaviest_gap(alice: User, alice_client: Client) -> None:
    make_need(alice, "a light one", weight=1)
    heavy = make_need(alice, "a heavy one", weight=3)
    page = alice_client.get("/portfolio/").content.decode()
    assert "Nobody yet for <em>a heavy one</em>" in page
    assert f'class="button" href="{heavy.get_absolute_url()}"' in page


def test_the_sky_shows_mentors_needs_and_who_is_being_approached(
    alice: User, alice_client: Client, bob: Person
) -> None:
    need = make_need(alice, "lead a team", competency="how")
    mentorship = make_mentorship(bob)
    make_support(mentorship, need)
    approach = make_approach(make_person(alice, "Carol Chase"), need, stage=Approach.Stage.APPROACHED)
    make_approach(make_person(alice, "Over Now"), outcome="declined", ended_at=approach.opened_at)
    page = alice_client.get("/portfolio/").content.decode()
    sky = page[page.index("<svg viewBox") : page.index("</figure>")]
    for address in (need, mentorship, approach):
        assert f'href="{address.get_absolute_url()}"' in sky
    assert "Over Now" not in sky


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Prof. Gwen Abara", "GA"), ("Cher", "C"), ("Dr", "D"), ("Åsa von Öst", "ÅÖ"), ("  ", "?"), ("🙂 Smile", "🙂S")],
)
def test_initials_are_two_letters_at_most(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_the_portfolio_takes_the_same_few_queries_for_one_and_for_many(alice: User, alice_client: Client) -> None:
    def grow(first: int, last: int) -> int:
        for i in range(first, last):
            need = make_need(alice, f"need {i}", competency=("why", "how", "whom")[i % 3])
            make_support(make_mentorship(make_person(alice, f"Mentor {i}")), need)
            make_approach(make_person(alice, f"Candidate {i}"), need)
        with CaptureQueriesContext(connection) as queries:
            assert alice_client.get("/portfolio/").status_code == 200
        return len(queries)

    assert grow(0, 1) == grow(1, 25) <= 10

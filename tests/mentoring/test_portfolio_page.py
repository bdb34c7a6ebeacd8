"""The portfolio page: mentors by what they support, and uncovered needs."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from mentoring.constellation import initials
from outreach.models import Approach
from portfolio.models import Mentorship, Person
from portfolio.overview.constellation import Picture
from tests.factories import (
    make_approach,
    make_could_help,
    make_knows,
    make_mentorship,
    make_need,
    make_person,
    make_support,
)
from tests.portfolio.helpers import queries_of
from tests.portfolios import fill, mentor

PICTURES = ["/portfolio/", "/portfolio/coverage/", "/portfolio/timeline/"]


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
    assert f'class="button" href="{heavy.get_absolute_url()}#who"' in page


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


def sky(client: Client) -> Picture:
    picture: Picture = client.get("/portfolio/").context["picture"]
    return picture


def test_a_mentor_entered_late_with_an_early_date_moves_nobody(alice: User, alice_client: Client) -> None:
    for number in range(8):
        make_support(make_mentorship(make_person(alice, f"Mentor {number}"), closeness=3))
    before = {drawn.star.id: (drawn.x, drawn.y) for drawn in sky(alice_client).stars}
    early = make_mentorship(make_person(alice, "Old Friend"), started_on=dt.date(1999, 1, 1), closeness=3)
    make_support(early)
    after = {drawn.star.id: (drawn.x, drawn.y) for drawn in sky(alice_client).stars}
    assert before.items() < after.items()


def test_the_user_chooses_where_a_star_stands_on_a_tie(alice: User, alice_client: Client, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    for competency in ("why", "whom"):
        make_support(mentorship, competency=competency)
    assert [drawn.star.competency for drawn in sky(alice_client).stars] == ["why"]
    Mentorship.objects.update(shown_under="whom")
    assert [drawn.star.competency for drawn in sky(alice_client).stars] == ["whom"]


def test_an_ended_mentorship_leaves_the_sky_and_a_paused_one_stays(
    alice: User, alice_client: Client, bob: Person
) -> None:
    paused = make_mentorship(bob, status="paused", friends_since=dt.date(2026, 2, 2))
    make_support(paused)
    ended = make_mentorship(
        make_person(alice, "Over Now"), status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2)
    )
    make_support(ended)
    assert [drawn.star.state for drawn in sky(alice_client).stars] == ["paused, a friend by now"]


def test_a_mentor_without_any_support_is_asked_about(alice: User, alice_client: Client, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    page = alice_client.get("/portfolio/")
    assert page.context["picture"].stars == []
    address = reverse("support_add", args=[mentorship.pk])
    assert f'<a href="{address}">say what Dr Bob Brook helps you with</a>' in page.content.decode()


def test_one_approached_stands_under_the_heaviest_need_asked_for(
    alice: User, alice_client: Client, bob: Person
) -> None:
    light = make_need(alice, "lead a team", competency="how", weight=1)
    heavy = make_need(alice, "choose", competency="why", weight=3)
    make_approach(bob, light, heavy, stage=Approach.Stage.INITIAL)
    make_approach(make_person(alice, "Carol Chase"))
    assert [(drawn.star.name, drawn.star.competency) for drawn in sky(alice_client).approaching] == [
        ("Dr Bob Brook", "why"),
        ("Carol Chase", "whom"),
    ]


def test_a_gap_leads_to_the_suggestions(alice: User, alice_client: Client) -> None:
    need = make_need(alice, "be known", weight=3)
    make_could_help(make_person(alice, "Carol Chase"), need)
    html = alice_client.get("/portfolio/").content.decode()
    assert f'<a href="{need.get_absolute_url()}#who" class="need is-none">' in html
    assert "Nobody yet · 1 person could help" in html


def test_the_sky_is_also_a_table(alice: User, alice_client: Client) -> None:
    make_need(alice, "be known")
    assert '<a href="/portfolio/coverage/">The same as a table</a>' in alice_client.get("/portfolio/").content.decode()


@pytest.mark.parametrize("address", PICTURES)
def test_each_picture_leads_to_the_others_and_says_which_it_is(alice_client: Client, address: str) -> None:
    html = alice_client.get(address).content.decode()
    assert f'<a href="{address}" aria-current="page">' in html
    assert all(f'<a href="{other}"' in html for other in PICTURES)
    assert html.count('class="button"') == 1


def test_the_gap_names_who_might_fill_it_and_why(alice: User, alice_client: Client, bob: Person) -> None:
    alice.organisation = "Calder Valley"
    alice.save(update_fields=["organisation"])
    need = make_need(alice, "be known", sector="Social care")
    carol = make_person(alice, "Carol Chase", sector="social care", organisation="Strathmoor")
    make_could_help(carol, need)
    make_knows(bob, carol)
    comes_first = (
        "One person you know could help. Carol Chase comes first: works in social care, the sector you named; "
    )
    assert gap_words(alice_client) == f"{comes_first}Dr Bob Brook knows them and could introduce you."
    make_mentorship(bob)
    assert gap_words(alice_client) == f"{comes_first}Dr Bob Brook knows them and is your mentor."


def gap_words(client: Client) -> str:
    words: str = client.get("/portfolio/").context["gap"].words
    return words


def test_without_gaps_the_page_names_what_hangs_on_one_person(alice: User, alice_client: Client, bob: Person) -> None:
    make_support(make_mentorship(bob), make_need(alice, "lead a team", competency="how"))
    page = alice_client.get("/portfolio/").content.decode()
    assert "<em>lead a team</em> hangs on one person" in page


def test_range_is_a_question_with_its_source(alice: User, alice_client: Client) -> None:
    for number in range(3):
        make_mentorship(make_person(alice, f"Mentor {number}", organisation="Calder Valley", source="friend"))
    page = alice_client.get("/portfolio/").content.decode()
    assert "Whose view from another place is missing?" not in page.split("A question about range")[0]
    assert 'href="/settings/#id_organisation"' in page
    alice.organisation = "Calder Valley"
    alice.save(update_fields=["organisation"])
    page = alice_client.get("/portfolio/").content.decode()
    assert "All three of your mentors work where you work. <em>Whose view from outside is missing?</em>" in page
    assert "Higgins and Kram (2001)" in page
    assert 'href="/settings/#id_organisation"' not in page


def test_coverage_marks_strength_in_shape_and_word(alice: User, alice_client: Client, bob: Person) -> None:
    make_support(make_mentorship(bob, status="paused"), make_need(alice, "be known"), strength=3)
    make_need(alice, "be seen", competency="how")
    html = " ".join(alice_client.get("/portfolio/coverage/").content.decode().split())
    assert re.search(r'<td> ?<i aria-hidden="true">▲▲▲</i> <span>Strongly</span> ?</td>', html)
    assert "Hangs on Dr Bob Brook (paused)" in html
    assert "Two open needs, one mentor: one hangs on one person and one has nobody yet." in html


def test_coverage_without_mentors_leads_to_the_heaviest_gap(alice: User, alice_client: Client) -> None:
    make_need(alice, "a light one", weight=1)
    heavy = make_need(alice, "a heavy one", weight=3)
    html = alice_client.get("/portfolio/coverage/").content.decode()
    assert f'class="button" href="{heavy.get_absolute_url()}#who"' in html


def test_the_timeline_has_a_lane_and_words_for_each(alice: User, alice_client: Client, bob: Person) -> None:
    mentorship = make_mentorship(bob, breadth="broad_long")
    html = alice_client.get("/portfolio/timeline/").content.decode()
    assert html.count(f'href="{mentorship.get_absolute_url()}"') == 2
    assert "January 2026 until today; broad and long." in html


@pytest.mark.parametrize("address", PICTURES)
def test_strange_words_do_no_harm(alice: User, alice_client: Client, address: str) -> None:
    for words in ("\u202eevil", "🙂" * 100, "e\u0301" * 90, "<b>&amp;", "W" * 200, "{{ 7|add:7 }}"):
        person = make_person(alice, words, organisation=words, sector=words[:120])
        need = make_need(alice, words[:200], sector=words[:120])
        make_support(make_mentorship(person, started_on=dt.date(1, 1, 1)), need)
        make_approach(make_person(alice, words), need)
    page = alice_client.get(address)
    assert page.status_code == 200
    assert b"<b>&amp;amp;" not in page.content


@pytest.mark.parametrize("address", PICTURES)
@pytest.mark.parametrize("mentors", [0, 1, 7, 25, 60])
def test_pictures_of_any_size(alice: User, alice_client: Client, address: str, mentors: int) -> None:
    fill(alice, mentors)
    assert alice_client.get(address).status_code == 200


@pytest.mark.parametrize("address", PICTURES)
def test_a_picture_takes_the_same_few_queries_for_ten_and_for_many(
    alice: User, alice_client: Client, address: str
) -> None:
    fill(alice, 10)
    few = queries_of(alice_client, address)
    for number in range(30):
        mentor(alice, number + 10, [make_need(alice, f"another {number}", competency="how")])
    assert few == queries_of(alice_client, address) <= 10


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

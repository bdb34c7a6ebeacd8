from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import User
from outreach.approaches import services as approaches
from outreach.models import Approach
from outreach.selectors import board
from portfolio.models import Person
from tests.factories import make_approach, make_follow_up, make_message, make_person
from tests.outreach.helpers import MONDAY
from tests.portfolio.helpers import queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.clock(MONDAY + dt.timedelta(hours=2))]
Stage = Approach.Stage
BOARD = reverse("outreach")


def move(client: Client, approach: Approach, stage: str, seen: str = "") -> Any:
    back = f"{BOARD}#approach-{approach.pk}"
    return client.post(reverse("approach_move", args=[approach.pk]), {"stage": stage, "seen": seen, "next": back})


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def stage_of(approach: Approach) -> str:
    return Approach.objects.get(pk=approach.pk).stage


# --- Content


def test_an_empty_board_teaches_the_method(alice_client: Client) -> None:
    page = alice_client.get(BOARD).content.decode()
    assert "Nobody on the shortlist yet" in page
    assert page.count('<a class="button" ') == 1
    assert "data-board" not in page


def test_the_board_shows_stages_rest_and_end(alice_client: Client, alice: User) -> None:
    make_approach(make_person(alice, "Open Olive"), stage="initial")
    make_approach(make_person(alice, "Resting Rita"), rest_until=dt.date(2026, 7, 1))
    make_approach(make_person(alice, "Soon Sue"), rest_until=dt.date(2026, 2, 1))
    make_approach(make_person(alice, "Ended Ed"), outcome="declined", ended_at=MONDAY)
    seen: board.Board = alice_client.get(BOARD).context["board"]
    names = {c.place: [r.approach.person.name for r in c.rows] for c in [*seen.stages, seen.resting, seen.ended]}
    assert names == {
        **{stage.value: [] for stage in Stage},
        "initial": ["Open Olive"],
        "resting": ["Soon Sue", "Resting Rita"],
        "ended": ["Ended Ed"],
    }


def test_a_card_says_its_age_its_step_and_where_it_may_go(alice_client: Client, approach: Approach) -> None:
    Approach.objects.filter(pk=approach.pk).update(stage_since=MONDAY - dt.timedelta(days=9))
    page = alice_client.get(BOARD).content.decode()
    card = page[page.index(f'id="approach-{approach.pk}"') :].partition("</li>")[0]
    assert "for nine days" in card
    assert "Write to Bob" in card
    assert [s for s in Stage.values if f'name="stage" value="{s}"' in card] == [
        s for s in Stage.values if s != "shortlisted"
    ]
    assert 'name="seen" value="shortlisted"' in card


def test_a_full_column_shows_the_newest_and_leads_to_a_plain_list(alice_client: Client, alice: User) -> None:
    for n in range(55):
        since = MONDAY - dt.timedelta(days=n)
        make_approach(make_person(alice, f"Person {n:02}"), stage="approached", stage_since=since)
    page = alice_client.get(BOARD)
    column = page.context["board"].stages[2]
    assert [row.approach.person.name for row in column.rows] == [f"Person {n:02}" for n in range(board.SHOWN)]
    assert (column.count, column.more) == (55, 55 - board.SHOWN)
    url = reverse("outreach_list", args=["approached"])
    assert url in page.content.decode()
    first, second = (alice_client.get(url, {"page": n}).context["rows"] for n in (1, 2))
    assert [row.approach.person.name for row in [*first, *second]] == [f"Person {n:02}" for n in range(55)]


def test_a_list_of_no_place_is_404_and_of_an_empty_one_says_so(alice_client: Client) -> None:
    assert alice_client.get("/outreach/nowhere/").status_code == 404
    assert "Nobody here." in alice_client.get(reverse("outreach_list", args=["resting"])).content.decode()


def add(alice: User, count: int) -> None:
    for n in range(count):
        where: dict[str, Any] = {"stage": Stage.values[n % 6]}
        if n % 10 == 8:
            where = {"rest_until": dt.date(2026, 7, 1)}
        if n % 10 == 9:
            where = {"outcome": "enough", "ended_at": MONDAY}
        approach = make_approach(make_person(alice, f"Person {n}"), **where)
        make_message(approach, state="sent", at=MONDAY - dt.timedelta(days=30))
        make_follow_up(approach)


def test_the_board_takes_as_few_queries_for_three_hundred_as_for_ten(alice_client: Client, alice: User) -> None:
    add(alice, 10)
    few = queries_of(alice_client, BOARD)
    few_listed = queries_of(alice_client, reverse("outreach_list", args=["initial"]))
    add(alice, 290)
    assert queries_of(alice_client, BOARD) == few <= 6
    assert queries_of(alice_client, reverse("outreach_list", args=["initial"])) == few_listed <= 6
    page = alice_client.get(BOARD).content.decode()
    assert page.count("data-card") == 6 * board.SHOWN
    assert len(page) < 250_000


# --- Moving


def test_a_move_comes_back_to_the_board_and_can_be_undone_there(alice_client: Client, approach: Approach) -> None:
    answer = move(alice_client, approach, "preparing", "shortlisted")
    assert answer["Location"] == f"{BOARD}#approach-{approach.pk}"
    assert (said(answer), stage_of(approach)) == (["Dr Bob Brook moved to “Preparing”."], "preparing")
    event = approach.events.get(kind="moved")
    undo = f"{reverse('approach_undo', args=[approach.pk, event.pk])}?from=board"
    assert undo in alice_client.get(BOARD).content.decode()
    assert alice_client.post(undo)["Location"] == f"{BOARD}#approach-{approach.pk}"
    assert stage_of(approach) == "shortlisted"


def test_moving_to_the_request_before_speaking_is_advised_against(alice_client: Client, approach: Approach) -> None:
    answer = move(alice_client, approach, "requested", "shortlisted")
    assert said(answer)[1] == "You haven’t spoken yet. Ask for fifteen minutes first; mentoring can wait."
    assert stage_of(approach) == "requested"


def test_having_spoken_twice_nothing_is_said(alice_client: Client, approach: Approach) -> None:
    for days in (5, 2):
        at = MONDAY - dt.timedelta(days=days)
        approaches.record_conversation(person=approach.person, at=at, kind="initial", approach=approach)
    assert said(move(alice_client, approach, "requested", "initial")) == [
        "Dr Bob Brook moved to “Mentoring requested”."
    ]


def test_of_two_tabs_the_later_one_is_told_what_stands(alice_client: Client, approach: Approach) -> None:
    move(alice_client, approach, "initial", "shortlisted")
    answer = move(alice_client, approach, "preparing", "shortlisted")
    assert said(answer)[-1] == (
        "Dr Bob Brook was moved to “Initial conversation” elsewhere meanwhile. That stands; move it again if you still "
        "want to."
    )
    assert (stage_of(approach), approach.events.filter(kind="moved").count()) == ("initial", 1)


def test_both_tabs_to_the_same_stage_is_once(alice_client: Client, approach: Approach) -> None:
    move(alice_client, approach, "initial", "shortlisted")
    assert said(move(alice_client, approach, "initial", "shortlisted"))[-1] == (
        "Dr Bob Brook stands at “Initial conversation” already."
    )
    assert approach.events.filter(kind="moved").count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"outcome": "enough", "ended_at": MONDAY}, "has ended"), ({"rest_until": "2026-07-01"}, "rests")],
)
def test_what_is_no_longer_open_stays_where_it_is(
    alice_client: Client, approach: Approach, fields: dict[str, Any], words: str
) -> None:
    Approach.objects.filter(pk=approach.pk).update(**fields)
    assert words in said(move(alice_client, approach, "initial", "shortlisted"))[0]
    assert stage_of(approach) == "shortlisted"


def test_what_has_ended_is_not_moved_by_a_form_that_saw_no_stage(alice_client: Client, bob: Person) -> None:
    approach = make_approach(bob, stage="approached", outcome="declined", ended_at=MONDAY)
    alice_client.post(reverse("approach_move", args=[approach.pk]), {"stage": "initial"})
    approach.refresh_from_db()
    assert approach.stage == "approached"


@pytest.mark.parametrize("bad", ["\0", "x" * 5000, "", "{{ 7|add:7 }}"])
def test_a_stage_that_is_none_moves_nothing(alice_client: Client, approach: Approach, bad: str) -> None:
    for answer in (
        move(alice_client, approach, bad, "shortlisted"),
        *([move(alice_client, approach, "initial", bad)] if bad else []),
    ):
        assert said(answer)[-1] == "That is no stage we know. Nothing was moved."
        assert answer["Location"] == f"{BOARD}#approach-{approach.pk}"
    assert stage_of(approach) == "shortlisted"

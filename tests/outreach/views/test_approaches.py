from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from outreach.approaches import events
from outreach.approaches import services as approaches
from outreach.models import Approach, ApproachEvent, ApproachNeed, Message
from portfolio.models import Contact, Knows, Mentorship, Person
from portfolio.people import merging
from portfolio.people.deletion import delete_people
from tests.factories import (
    make_approach,
    make_could_help,
    make_knows,
    make_mentorship,
    make_message,
    make_need,
    make_person,
)
from tests.outreach.helpers import MONDAY, said, send
from tests.portfolio.helpers import queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.clock(MONDAY + dt.timedelta(hours=2), tick=True)]
BAD = ["\0", "x" * 5000, "99999999999999999999999", "-1", "", "0001-01-01", "9999-12-31", "{{ 7|add:7 }}"]
# Every URL of an approach, and valid POST data.
POSTS: dict[str, dict[str, Any]] = {
    "approach_edit": {"why_them": "she knows"},
    "approach_move": {"stage": "initial"},
    "approach_reply": {"channel": "email", "when": "2026-01-05", "answer": "", "words": "Yes"},
    "approach_replied": {},
    "approach_end": {"outcome": "enough"},
    "approach_rest": {"months": "3"},
    "approach_wake": {},
    "approach_plan": {"nudges": "2", "first_after": "5", "second_after": "7", "third_after": "9"},
    "approach_research": {"their_work": "Her talk on panels"},
    "approach_suggested": {"name": "Priya Nand", "about": "thinks about it daily"},
    "approach_become": {"origin": "grew", "on": "2026-01-05", "competency": "why"},
}
PAGES = [
    *("approach", "approach_edit", "approach_reply", "approach_become"),
    *("approach_plan", "approach_research", "approach_silence"),
]


def snapshot() -> list[Any]:
    kinds = (Approach, ApproachEvent, Message, Contact, Mentorship, Person, Knows)
    return [list(model.objects.order_by("pk").values()) for model in kinds]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_and_changes_nothing(alice_client: Client, approach: Approach, name: str) -> None:
    send(approach)
    before = snapshot()
    response = alice_client.get(reverse(name, args=[approach.pk]))
    assert response.status_code == 200
    assert "Bob" in response.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("name", [*POSTS, "approach"])
def test_a_stranger_gets_404_and_changes_nothing(charlie_client: Client, approach: Approach, name: str) -> None:
    before = snapshot()
    url = reverse(name, args=[approach.pk])
    assert charlie_client.post(url, POSTS.get(name, {})).status_code in ({405} if name == "approach" else {404})
    assert charlie_client.get(url).status_code in {404, 405}
    assert snapshot() == before


@pytest.mark.parametrize("name", POSTS)
def test_a_step_does_what_it_says_and_goes_on(alice_client: Client, approach: Approach, name: str) -> None:
    if name == "approach_wake":
        approaches.rest(approach=approach, until=dt.date(2026, 7, 1))
    before = snapshot()
    response = alice_client.post(reverse(name, args=[approach.pk]), POSTS[name])
    assert response.status_code == 302
    assert alice_client.get(response["Location"]).status_code == 200
    assert snapshot() != before


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", POSTS)
def test_nonsense_is_answered_in_words(alice_client: Client, approach: Approach, name: str, bad: str) -> None:
    every = {name for fields in POSTS.values() for name in fields} | {"needs", "seen", "version", "rhythm_weeks"}
    data = dict.fromkeys([*every, "next"], bad)
    response = alice_client.post(reverse(name, args=[approach.pk]), data)
    assert response.status_code in {200, 302, 409, 422}
    for key in POSTS[name]:
        one = alice_client.post(reverse(name, args=[approach.pk]), {**POSTS[name], key: bad, "next": bad})
        assert one.status_code in {200, 302, 422}


@pytest.mark.parametrize("bad", BAD)
def test_nonsense_instead_of_a_person_or_need(alice_client: Client, bob: Person, bad: str) -> None:
    url = reverse("approach_open")
    assert alice_client.post(url, {"person": bad}).status_code == 422
    answer = alice_client.post(url, {"person": bad, "next": "/people/"})
    assert (answer.status_code, answer["Location"]) == (302, "/people/")
    if bad:
        assert alice_client.post(url, {"person": bob.pk, "need": bad}).status_code == 422
    assert alice_client.get(reverse("approach_new"), {"person": bad, "need": bad}).status_code == 200
    assert not Approach.objects.exists()


def test_shortlisting_opens_one_and_returns_where_it_was_asked(alice_client: Client, bob: Person) -> None:
    need = make_need(bob.owner)
    data = {"person": bob.pk, "need": need.pk, "next": "/people/"}
    assert alice_client.post(reverse("approach_open"), data)["Location"] == "/people/"
    again = alice_client.post(reverse("approach_open"), {**data, "next": "https://evil.example"})
    found = Approach.objects.get()
    assert again["Location"] == found.get_absolute_url()
    assert list(found.needs.all()) == [need]


def test_shortlisting_somebody_elses_person_or_need_is_refused(charlie_client: Client, bob: Person) -> None:
    assert charlie_client.post(reverse("approach_open"), {"person": bob.pk}).status_code == 422
    mine = make_person(User.objects.get(email="charlie@example.org"))
    need = make_need(bob.owner)
    assert charlie_client.post(reverse("approach_open"), {"person": mine.pk, "need": need.pk}).status_code == 422
    assert not Approach.objects.exists()


def test_shortlisting_a_mentor_says_so(alice_client: Client, bob: Person) -> None:
    make_mentorship(bob)
    response = alice_client.post(reverse("approach_open"), {"person": bob.pk})
    assert response["Location"] == bob.get_absolute_url()
    assert "is your mentor already" in said(response)


def test_an_approach_to_a_mentor_points_to_the_mentorship(alice_client: Client, approach: Approach) -> None:
    mentorship = make_mentorship(approach.person)
    page = alice_client.get(approach.get_absolute_url()).content.decode()
    assert "is one of your mentors already" in page
    assert mentorship.get_absolute_url() in page
    response = alice_client.post(reverse("approach_become", args=[approach.pk]), POSTS["approach_become"])
    assert "is your mentor already" in said(response)


def test_one_press_they_replied_twice_is_once(alice_client: Client, approach: Approach) -> None:
    url = reverse("approach_replied", args=[approach.pk])
    alice_client.post(url)
    assert "noted already" in said(alice_client.post(url))
    assert approach.events.filter(kind="replied").count() == Contact.objects.count() == 1


def test_a_reply_of_tomorrow_is_refused_and_its_words_kept(alice_client: Client, approach: Approach) -> None:
    data = {**POSTS["approach_reply"], "when": "2026-01-06", "words": "See you!"}
    response = alice_client.post(reverse("approach_reply", args=[approach.pk]), data)
    assert response.status_code == 422
    assert "still to come" in response.content.decode()
    assert "See you!" in response.content.decode()


def test_undo_from_the_page_and_again(alice_client: Client, charlie_client: Client, approach: Approach) -> None:
    event = approaches.end_approach(approach=approach, outcome=Approach.Outcome.ENOUGH)
    url = reverse("approach_undo", args=[approach.pk, event.pk])
    assert charlie_client.post(url).status_code == 404
    assert alice_client.get(url).status_code == 405
    assert "Undone" in said(alice_client.post(url))
    assert "undone already" in said(alice_client.post(url))
    assert Approach.objects.get().is_open


def test_a_conversation_is_taken_back_at_its_own_page(alice_client: Client, approach: Approach) -> None:
    approaches.record_conversation(person=approach.person, at=MONDAY, kind="initial", approach=approach)
    event = events.latest(approach)
    assert event
    assert "Undo “First" not in alice_client.get(approach.get_absolute_url()).content.decode()
    response = alice_client.post(reverse("approach_undo", args=[approach.pk, event.pk]))
    assert "own page" in said(response)
    assert approach.events.filter(pk=event.pk).exists()


def test_an_unknown_or_huge_id_is_404(alice_client: Client) -> None:
    for pk in ("987654", "99999999999999999999"):
        assert alice_client.get(f"/approaches/{pk}/").status_code == 404


def test_user_words_are_escaped(alice_client: Client, alice: User) -> None:
    approach = make_approach(make_person(alice, "<b>Bob</b> {{ 7|add:7 }}"), why_them="<script>x</script>")
    page = alice_client.get(approach.get_absolute_url()).content.decode()
    assert "<script>x" not in page
    assert "<b>Bob" not in page
    assert "{{ 7|add:7 }}" in page


def test_an_approach_with_forty_messages_takes_few_queries(alice_client: Client, approach: Approach) -> None:
    def busy(count: int) -> None:
        for n in range(count):
            send(approach, subject=f"Hello {n}")
            make_message(approach, state="received", at=MONDAY, body="Hello")
            person = make_person(approach.owner, f"Person {n}")
            make_knows(person, approach.person)
            need = make_need(approach.owner, f"need {n}")
            make_could_help(approach.person, need, why=f"why {n}")
            ApproachNeed.objects.create(owner=approach.owner, approach=approach, need=need)

    busy(5)
    few = queries_of(alice_client, approach.get_absolute_url())
    busy(35)
    assert queries_of(alice_client, approach.get_absolute_url()) == few <= 10
    page = alice_client.get(approach.get_absolute_url()).content.decode()
    assert page.count("thread-item sent") == page.count("thread-item received") == 40


def test_the_page_shows_why_them_in_all_its_parts(alice_client: Client, approach: Approach) -> None:
    need = make_need(approach.owner, "be known to funders")
    approaches.set_rationale(approach=approach, why_them="she chaired a panel", needs=[need])
    make_could_help(approach.person, need, why="decides what is funded")
    make_knows(make_person(approach.owner, "Margaret Osei"), approach.person)
    Approach.objects.update(in_common="we both trained in Leeds")
    page = alice_client.get(approach.get_absolute_url()).content.decode()
    for words in ("she chaired a panel", "be known to funders", "decides what is funded", "Margaret Osei", "in Leeds"):
        assert words in page


@pytest.mark.parametrize(
    ("outcome", "badge"), [("enough", "badge done"), ("accepted", "badge done"), ("declined", "badge")]
)
def test_good_endings_are_shown_as_such(alice_client: Client, approach: Approach, outcome: str, badge: str) -> None:
    Approach.objects.update(outcome=outcome, ended_at=MONDAY)
    page = alice_client.get(approach.get_absolute_url()).content.decode()
    assert f'<span class="{badge}">{Approach.Outcome(outcome).label}</span>' in page


# --- The plan


def plan(client: Client, approach: Approach, **fields: Any) -> Any:
    data = {**POSTS["approach_plan"], "seen": Approach.objects.get(pk=approach.pk).plan_key, **fields}
    return client.post(reverse("approach_plan", args=[approach.pk]), data)


def test_the_plan_is_edited_on_the_page(alice_client: Client, approach: Approach) -> None:
    send(approach)
    page = alice_client.get(approach.get_absolute_url()).content.decode()
    assert "One follow-up, after ten working days" in page
    assert reverse("approach_plan", args=[approach.pk]) in page
    assert said(plan(alice_client, approach)) == "The plan is kept. The follow-up is due on Monday 12 January."
    assert (
        "Two follow-ups, after five and seven working days"
        in alice_client.get(approach.get_absolute_url()).content.decode()
    )


@pytest.mark.parametrize(
    "bad", [{"nudges": "4"}, {"first_after": "0"}, {"second_after": "61"}, {"third_after": ""}, {"nudges": "-1"}]
)
def test_a_plan_that_is_none_is_refused_and_kept_on_the_page(
    alice_client: Client, approach: Approach, bad: dict[str, str]
) -> None:
    answer = plan(alice_client, approach, **bad)
    assert answer.status_code == 422
    assert 'value="5"' in answer.content.decode() or "first_after" in bad
    assert Approach.objects.get().waits == [10]


def test_the_tick_that_they_answered_stops_the_plan(alice_client: Client, approach: Approach) -> None:
    send(approach)
    assert "the follow-up is off" in said(plan(alice_client, approach, answered="on"))
    assert list(approach.follow_ups.values_list("state", flat=True)) == ["stopped"]
    assert Approach.objects.get().replied_at is not None


def test_a_plan_changed_in_another_tab_stands(alice_client: Client, approach: Approach) -> None:
    seen = approach.plan_key
    plan(alice_client, approach)
    assert "was changed elsewhere meanwhile" in said(plan(alice_client, approach, nudges="0", seen=seen))
    assert Approach.objects.get().waits == [5, 7]


def test_a_plan_that_is_late_says_that_no_mail_comes(alice_client: Client, approach: Approach) -> None:
    with time_machine.travel(MONDAY - dt.timedelta(days=28)):
        send(approach)
    assert "so no mail comes about it" in said(plan(alice_client, approach))


# --- A person who was merged or deleted meanwhile


def test_a_stale_page_of_somebody_merged_goes_on_with_who_they_are_now(
    alice_client: Client, approach: Approach
) -> None:
    kept = make_person(approach.owner, "Robert Brook")
    merging.merge(kept=kept, other=approach.person, choices={}, on=dt.date(2026, 1, 5))
    for name in POSTS:
        answer = alice_client.post(reverse(name, args=[approach.pk]), POSTS[name], follow=True)
        assert answer.status_code == 200, name
        assert "Robert" in answer.content.decode(), name
        if Approach.objects.get().outcome:
            break
    assert Message.objects.get(state="received").body == "Yes"
    assert Approach.objects.get().person == kept


def test_shortlisting_somebody_who_is_gone_says_so(alice_client: Client, alice: User) -> None:
    gone = make_person(alice, "Gone Gina")
    pk = gone.pk
    gone.delete()
    answer = alice_client.post(reverse("approach_open"), {"person": pk, "next": "/people/"})
    assert answer["Location"] == "/people/"
    assert "perhaps merged or deleted meanwhile" in said(answer)
    assert not Approach.objects.exists()


def test_somebody_with_an_approach_is_not_deleted(approach: Approach) -> None:
    deleted = delete_people(owner=approach.owner, ids=[approach.person_id])
    assert (deleted.names, deleted.kept) == ([], ["Dr Bob Brook"])


def test_of_two_tabs_that_say_why_both_stand_on_the_page(alice_client: Client, approach: Approach) -> None:
    url, need = reverse("approach_edit", args=[approach.pk]), make_need(approach.owner, "Panels")

    def seen() -> str:
        return str(alice_client.get(url).context["form"]["version"].value())

    before = seen()
    alice_client.post(url, {"why_them": "First", "needs": [need.pk], "version": before})
    answer = alice_client.post(url, {"why_them": "Second", "needs": [], "version": before})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert '<dd dir="auto">First</dd>' in page
    assert "<dd>Panels</dd>" in page
    assert ">\nSecond</textarea>" in page
    approach.refresh_from_db()
    assert (approach.why_them, list(approach.needs.all())) == ("First", [need])
    assert f'value="{seen()}"' in page  # saving again may overwrite now
    same = {"why_them": "First\r\n", "needs": [need.pk], "version": before}
    assert alice_client.post(url, same).status_code == 302  # the same text is no conflict
    assert alice_client.post(url, {"why_them": "Second", "needs": [], "version": seen()}).status_code == 302
    approach.refresh_from_db()
    assert (approach.why_them, list(approach.needs.all())) == ("Second", [])


def answer(approach: Approach, **given: str) -> dict[str, str]:
    return {"answer": "", "channel": "email", "when": approach.owner.today().isoformat(), "words": "", **given}


def test_the_same_answer_pressed_twice_is_once(alice_client: Client, approach: Approach) -> None:
    url = reverse("approach_reply", args=[approach.pk])
    for words in ("Gladly", "Gladly", "", "Gladly, and more"):
        alice_client.post(url, answer(approach, words=words))
    assert list(Message.objects.values_list("body", flat=True)) == ["Gladly", "Gladly, and more"]
    assert approach.events.filter(kind="replied").count() == 3
    assert Contact.objects.count() == 3


def test_a_no_from_a_page_of_long_ago_ends_no_mentorship_and_keeps_its_words(
    alice_client: Client, approach: Approach
) -> None:
    approaches.become_mentoring(approach=approach, origin=Mentorship.Origin.GREW, on=approach.owner.today())
    url = reverse("approach_reply", args=[approach.pk])
    response = alice_client.post(url, answer(approach, answer="declined", words="Rather not"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "is one of your mentors by now. Nothing was changed." in page
    assert "Rather not" in page
    approach.refresh_from_db()
    assert approach.outcome == "accepted"

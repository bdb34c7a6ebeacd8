"""Formal programmes: terms, evaluation dates, hours, and turning informal."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.mentorships import formal
from portfolio.mentorships import services as mentorships
from portfolio.mentorships.detail import mentorship_for_page
from portfolio.models import Contact, EvaluationDate, FormalTerms, Mentorship, Person
from tests.factories import make_contact, make_evaluation, make_mentorship, make_terms

NOW = time_machine.travel("2026-06-01 10:00Z", tick=False)
BEGAN = dt.date(2026, 1, 5)
TERMS = {"programme": "Northfields Programme", "organisation": "Northfields", "months": "12", "hours_a_month": "1"}


def press(client: Client, name: str, pk: int, **data: str) -> str:
    """POST, and return the page it redirects to."""
    response = client.post(reverse(name, args=[pk]), data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def programme(bob: Person, **fields: object) -> Mentorship:
    mentorship = make_mentorship(bob, form="formal", **fields)
    make_terms(mentorship, months=12, hours_a_month=Decimal(1))
    return mentorship


@NOW
def test_writing_the_terms_down_makes_it_formal(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    url = reverse("formal_terms", args=[mentorship.pk])
    assert alice_client.get(url).status_code == 200
    assert not FormalTerms.objects.exists()
    assert alice_client.post(url, TERMS | {"i_am_trained": "on"}).url == f"{url}#evaluations"
    mentorship.refresh_from_db()
    terms = FormalTerms.objects.get()
    assert (mentorship.form, terms.owner, terms.months, terms.hours_a_month) == ("formal", bob.owner, 12, Decimal(1))
    assert (terms.i_am_trained, terms.they_are_trained) == (True, False)
    assert "0 of 12 hours; 8 months to go" in alice_client.get(mentorship.get_absolute_url()).content.decode()


@NOW
def test_the_terms_written_twice_at_once_are_one(bob: Person) -> None:
    mentorship = make_mentorship(bob)
    for name in ("First", "Second"):
        formal.set_down(
            mentorship=mentorship, terms=FormalTerms(owner=bob.owner, mentorship=mentorship, programme=name)
        )
    assert FormalTerms.objects.get().programme == "Second"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("months", "0"),
        ("months", "121"),
        ("months", "9" * 30),
        ("hours_a_month", "-1"),
        ("hours_a_month", "201"),
        ("hours_a_month", "NaN"),
        ("programme", "\0"),
        ("co_ordinator", "x" * 201),
    ],
)
def test_terms_say_what_is_wrong_and_keep_what_was_typed(
    bob: Person, alice_client: Client, field: str, value: str
) -> None:
    mentorship = programme(bob)
    response = alice_client.post(
        reverse("formal_terms", args=[mentorship.pk]), TERMS | {"programme": "New"} | {field: value}
    )
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert response.context["form"]["organisation"].value() == "Northfields"
    assert FormalTerms.objects.get().organisation == ""


@NOW
def test_a_mentorship_that_begins_formal_asks_for_its_terms(bob: Person, alice_client: Client) -> None:
    new = {"origin": "programme", "form": "formal", "started_on": "2026-01-05", "competency": "", "rhythm_weeks": "4"}
    response = alice_client.post(reverse("mentorship_new", args=[bob.pk]), new)
    mentorship = Mentorship.objects.get()
    assert response.url == reverse("formal_terms", args=[mentorship.pk])
    assert mentorship.formal_terms.programme == ""
    assert mentorship.rhythm_weeks == 4


@NOW
def test_turned_informal_is_one_press_with_undo_and_keeps_the_terms(bob: Person, alice_client: Client) -> None:
    mentorship = programme(bob)
    text = press(alice_client, "mentorship_turn_informal", mentorship.pk)
    mentorship.refresh_from_db()
    event = mentorship.events.get()
    assert (mentorship.form, event.what, event.on) == ("informal", "turned_informal", dt.date(2026, 6, 1))
    assert reverse("mentorship_formal_again", args=[mentorship.pk]) in text
    assert "Northfields Programme" in text
    assert "0 of 12 hours, while it was formal." in text
    assert (
        'value="Northfields Programme"'
        in alice_client.get(reverse("formal_terms", args=[mentorship.pk])).content.decode()
    )
    assert "is informal already" in press(alice_client, "mentorship_turn_informal", mentorship.pk)
    press(alice_client, "mentorship_formal_again", mentorship.pk)
    mentorship.refresh_from_db()
    assert (mentorship.form, mentorship.events.count()) == ("formal", 0)


@NOW
@pytest.mark.parametrize(
    ("day", "fits"), [("2026-03-03", True), ("2026-01-04", False), ("2026-06-02", False), ("soon", False)]
)
def test_turned_informal_on_a_day_one_may_choose(bob: Person, alice_client: Client, day: str, fits: bool) -> None:
    mentorship = programme(bob)
    response = alice_client.post(reverse("mentorship_turn_informal", args=[mentorship.pk]), {"on": day})
    assert response.status_code == (302 if fits else 422)
    assert [f"{event.on}" for event in mentorship.events.all()] == ([day] if fits else [])
    if not fits:
        assert response.context["form"].errors.keys() == {"on"}


@NOW
def test_what_has_ended_does_not_turn_informal_afterwards(bob: Person, alice_client: Client) -> None:
    mentorship = programme(bob, status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2))
    assert "stays formal as it was" in press(alice_client, "mentorship_turn_informal", mentorship.pk)
    assert not mentorship.events.exists()


@NOW
def test_changing_the_terms_afterwards_leaves_it_informal(bob: Person, alice_client: Client) -> None:
    mentorship = programme(bob)
    formal.turn_informal(mentorship=mentorship, on=dt.date(2026, 3, 3))
    alice_client.post(reverse("formal_terms", args=[mentorship.pk]), TERMS | {"co_ordinator": "Zoe"})
    mentorship.refresh_from_db()
    assert (mentorship.form, FormalTerms.objects.get().co_ordinator) == ("informal", "Zoe")


@NOW
def test_never_formal_asks_first_and_takes_everything_out(bob: Person, alice_client: Client) -> None:
    mentorship = programme(bob)
    make_evaluation(mentorship.formal_terms, dt.date(2026, 7, 1))
    url = reverse("formal_remove", args=[mentorship.pk])
    assert "this can’t be undone" in alice_client.get(url).content.decode()
    assert FormalTerms.objects.exists()
    alice_client.post(url)
    mentorship.refresh_from_db()
    assert mentorship.form == "informal"
    assert not FormalTerms.objects.exists()


# --- Evaluation dates -----------------------------------------------------------------------------


@NOW
def test_evaluations_are_added_done_and_taken_out_with_undo(bob: Person, alice_client: Client) -> None:
    mentorship = programme(bob)
    press(alice_client, "evaluation_add", mentorship.pk, on="2026-07-01", words="Half-way")
    evaluation = EvaluationDate.objects.get()
    assert "Evaluation on 1 July 2026: Half-way." in alice_client.get(mentorship.get_absolute_url()).content.decode()
    text = press(alice_client, "evaluation_done", evaluation.pk)
    assert reverse("evaluation_undone", args=[evaluation.pk]) in text
    assert "Evaluation on 1 July" not in alice_client.get(mentorship.get_absolute_url()).content.decode()
    press(alice_client, "evaluation_undone", evaluation.pk)
    evaluation.refresh_from_db()
    assert evaluation.done_on is None
    response = alice_client.post(reverse("evaluation_remove", args=[evaluation.pk]), follow=True)
    assert not EvaluationDate.objects.exists()
    (message,) = response.context["messages"]
    alice_client.post(message.extra_tags)
    again = EvaluationDate.objects.get()
    assert (again.pk, again.on, again.words) == (evaluation.pk, evaluation.on, "Half-way")


@NOW
@pytest.mark.parametrize("day", ["2026-01-04", "2026-07-01", "2999-01-01", "", "x"])
def test_evaluation_on_a_day_that_will_not_do(bob: Person, alice_client: Client, day: str) -> None:
    mentorship = programme(bob)
    make_evaluation(mentorship.formal_terms, dt.date(2026, 7, 1))
    response = alice_client.post(reverse("evaluation_add", args=[mentorship.pk]), {"on": day, "words": "Kept here"})
    assert response.status_code == 422
    assert response.context["evaluation_form"].errors.keys() == {"on"}
    assert 'value="Kept here"' in response.content.decode()
    assert EvaluationDate.objects.count() == 1


def test_evaluation_after_the_ending_is_refused(bob: Person, alice_client: Client) -> None:
    mentorship = programme(bob, status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2))
    response = alice_client.post(reverse("evaluation_add", args=[mentorship.pk]), {"on": "2026-02-03"})
    assert "It ended on 2 February 2026." in str(response.context["evaluation_form"].errors["on"])


def test_evaluation_without_terms_asks_for_them_first(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    assert "which programme it is" in press(alice_client, "evaluation_add", mentorship.pk, on="2026-07-01")
    assert not EvaluationDate.objects.exists()


# --- Time held ------------------------------------------------------------------------------------


def spoke(bob: Person, on: str, minutes: int | None = 60, kind: str = "meeting", hour: str = "12:00Z") -> Contact:
    return make_contact(
        bob, at=dt.datetime.fromisoformat(f"{on}T{hour}".replace("Z", "+00:00")), kind=kind, minutes=minutes
    )


def held(alice: User, mentorship: Mentorship) -> int:
    return mentorship_for_page(alice, mentorship.pk).progress.held


@NOW
def test_held_counts_meetings_and_calls_within_its_time(alice: User, bob: Person) -> None:
    mentorship = programme(bob)
    spoke(bob, "2026-01-04")
    spoke(bob, "2026-01-05", 45)
    spoke(bob, "2026-02-02", 30, "call")
    spoke(bob, "2026-02-03", 20, "message")
    spoke(bob, "2026-02-04", None)
    assert held(alice, mentorship) == 75
    mentorships.end_mentorship(mentorship=mentorship, ended_as="complete", on=dt.date(2026, 2, 1))
    assert held(alice, mentorship) == 45


@NOW
def test_held_counts_the_days_where_the_user_is(alice: User, bob: Person) -> None:
    alice.time_zone = "Pacific/Auckland"
    alice.save(update_fields=["time_zone"])
    mentorship = programme(bob, started_on=dt.date(2026, 3, 3))
    spoke(bob, "2026-03-02", hour="10:59Z")  # still 2 March in Auckland
    assert held(alice, mentorship) == 0
    spoke(bob, "2026-03-02", hour="11:00Z")
    assert held(alice, mentorship) == 60


@NOW
def test_what_is_held_after_turning_informal_is_no_programme_time(alice: User, bob: Person) -> None:
    mentorship = programme(bob)
    spoke(bob, "2026-03-03")
    formal.turn_informal(mentorship=mentorship, on=dt.date(2026, 3, 3))
    spoke(bob, "2026-03-04")
    assert held(alice, mentorship) == 60


@NOW
def test_we_spoke_takes_minutes_which_count(bob: Person, alice_client: Client) -> None:
    mentorship = programme(bob)
    url = reverse("contact_add", args=[bob.pk])
    data = {"on": "2026-05-05", "kind": "call", "minutes": "90", "next": mentorship.get_absolute_url()}
    assert alice_client.post(url, data).url == mentorship.get_absolute_url()
    text = alice_client.get(mentorship.get_absolute_url()).content.decode()
    assert '<progress max="720" value="90"' in text
    assert "1 h 30 min of 12 hours; 8 months to go." in text
    wrong = alice_client.post(url, data | {"minutes": "0"})
    assert wrong.status_code == 422
    assert f'name="next" value="{mentorship.get_absolute_url()}"' in wrong.content.decode()
    assert Contact.objects.count() == 1

"""The reminders of the portfolio app: when they are sent, and when not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.signals import profile_changed
from meetings.models import Meeting
from meetings.services import cancel_meeting, hold_meeting, unhold_meeting
from portfolio import reminder_kinds
from portfolio.mentorships import scheduling
from portfolio.mentorships import services as mentorships
from portfolio.models import Contact, EvaluationDate, Mentorship, Person, PlaceToLook
from portfolio.people import contacts
from reminders import kinds as registered
from reminders.localtime import bank_holidays, last_working_day
from reminders.models import Reminder
from reminders.services import pending, plan_ahead
from tests.factories import (
    make_contact,
    make_evaluation,
    make_meeting,
    make_mentorship,
    make_person,
    make_place,
    make_terms,
)
from tests.reminders.kinds_for_tests import told_to

NOW = dt.datetime(2026, 6, 1, 10, 0, tzinfo=dt.UTC)  # a Monday, 11:00 in London
pytestmark = pytest.mark.clock(NOW)
TODAY = NOW.date()
WEEK = dt.timedelta(weeks=1)
DAY = dt.timedelta(days=1)


def planned(kind: str) -> list[str]:
    """The local times for which this kind is planned."""
    rows = Reminder.objects.filter(kind=kind, state="planned").order_by("due_at")
    return [f"{row.wall_date} {row.wall_time:%H:%M}" for row in rows]


def mentor(bob: Person, **fields: object) -> Mentorship:
    """Alice's mentor, with a rhythm of six weeks and a contact a week ago."""
    mentorship = make_mentorship(bob, **{"rhythm_weeks": 6, **fields})
    make_contact(bob, at=NOW - WEEK)
    scheduling.remind_of_mentorship(mentorship)
    return mentorship


def press(client: Client, name: str, pk: int, **data: str) -> None:
    assert client.post(reverse(name, args=[pk]), data).status_code == 302


# --- Keeping in touch -----------------------------------------------------------------------------


def test_keep_in_touch_is_planned_on_a_working_morning(bob: Person) -> None:
    mentor(bob)
    assert planned("keep_in_touch") == ["2026-07-06 09:00"]
    Contact.objects.update(at=NOW - 2 * DAY)  # a Saturday
    scheduling.contacts_changed(bob.pk)
    assert planned("keep_in_touch") == ["2026-07-13 09:00"]


def test_without_a_contact_it_counts_from_the_beginning(bob: Person) -> None:
    mentorships.open_mentorship(person=bob, origin="grew", on=TODAY, rhythm_weeks=6)
    assert planned("keep_in_touch") == ["2026-07-13 09:00"]


def test_it_moves_with_every_contact_and_back_when_one_goes(bob: Person, alice_client: Client) -> None:
    mentor(bob)
    press(alice_client, "contact_add", bob.pk)
    assert planned("keep_in_touch") == ["2026-07-13 09:00"]
    press(alice_client, "contact_remove", Contact.objects.order_by("at").last().pk)
    assert planned("keep_in_touch") == ["2026-07-06 09:00"]


def test_it_moves_with_a_meeting_held_and_unheld(bob: Person) -> None:
    mentorship = mentor(bob)
    meeting = make_meeting(bob, mentorship=mentorship, starts_at=NOW - dt.timedelta(hours=2))
    hold_meeting(meeting=meeting)
    assert planned("keep_in_touch") == ["2026-07-13 09:00"]
    unhold_meeting(meeting=meeting)
    assert planned("keep_in_touch") == ["2026-07-06 09:00"]


def test_it_follows_the_status(bob: Person, alice_client: Client) -> None:
    mentorship = mentor(bob)
    for name, on in (("pause", []), ("resume", ["2026-07-06 09:00"])):
        press(alice_client, f"mentorship_{name}", mentorship.pk)
        assert planned("keep_in_touch") == on
    press(alice_client, "mentorship_end", mentorship.pk, ended_as="complete", on="2026-06-01")
    assert planned("keep_in_touch") == []
    press(alice_client, "mentorship_reopen", mentorship.pk)
    assert planned("keep_in_touch") == ["2026-07-06 09:00"]


def test_it_follows_the_rhythm_and_the_beginning(bob: Person, alice_client: Client) -> None:
    mentorship = mentor(bob)
    data = {"origin": "grew", "closeness": "1", "started_on": "2026-01-05"}
    press(alice_client, "mentorship_edit", mentorship.pk, **data, rhythm_weeks="3")
    assert planned("keep_in_touch") == ["2026-06-15 09:00"]
    press(alice_client, "mentorship_edit", mentorship.pk, **data)
    assert planned("keep_in_touch") == []
    Contact.objects.all().delete()
    press(alice_client, "mentorship_rhythm", mentorship.pk, weeks="30")
    assert planned("keep_in_touch") == ["2026-08-03 09:00"]
    press(alice_client, "mentorship_edit", mentorship.pk, **data | {"started_on": "2026-01-12"}, rhythm_weeks="30")
    assert planned("keep_in_touch") == ["2026-08-10 09:00"]


def test_a_day_that_is_past_is_not_planned(bob: Person, alice_client: Client) -> None:
    mentorship = mentor(bob, rhythm_weeks=None)
    Contact.objects.update(at=NOW - 10 * WEEK)
    press(alice_client, "mentorship_rhythm", mentorship.pk, weeks="6")
    assert not Reminder.objects.exists()
    assert (
        "About due: you last spoke ten weeks ago." in alice_client.get(mentorship.get_absolute_url()).content.decode()
    )


def test_what_was_told_stays_told_when_an_older_contact_is_noted(bob: Person, clock: time_machine.Coordinates) -> None:
    mentor(bob)
    Reminder.objects.update(state="mailed")
    clock.move_to(NOW + 6 * WEEK)
    contacts.record_contact(person=bob, at=NOW - 3 * WEEK)
    assert Reminder.objects.get().state == "mailed"


def test_another_rhythm_leaves_other_mentors_alone(alice: User, bob: Person) -> None:
    mentor(bob)
    other = mentor(make_person(alice, "Carol"), rhythm_weeks=2)
    mentorships.pause_mentorship(mentorship=other, on=TODAY)
    assert planned("keep_in_touch") == ["2026-07-06 09:00"]


@pytest.fixture
def due(bob: Person, clock: time_machine.Coordinates) -> Mentorship:
    mentorship = mentor(bob)
    clock.move_to(dt.datetime(2026, 7, 6, 9, 0, tzinfo=dt.UTC))
    return mentorship


def lines(user: User) -> list[str]:
    return [item.title for _, item in pending(user, dt.datetime.now(dt.UTC))]


def test_keep_in_touch_says_how_long_it_has_been(alice: User, due: Mentorship) -> None:
    ((reminder, item),) = pending(alice, dt.datetime.now(dt.UTC))
    assert item.title == "Time for a word with Bob?"
    assert item.words == (
        "You last spoke six weeks ago, and you mean to speak every six weeks or so. A line to find a date is enough."
    )
    assert item.path == due.get_absolute_url()
    assert registered.get(reminder.kind).switch == "gentle"


@pytest.mark.parametrize(
    "fields", [{"status": "paused"}, {"rhythm_weeks": None}, {"rhythm_weeks": 7}], ids=["paused", "none", "longer"]
)
def test_keep_in_touch_is_not_told_when_it_is_no_longer_true(
    alice: User, due: Mentorship, fields: dict[str, object]
) -> None:
    assert lines(alice) == ["Time for a word with Bob?"]
    Mentorship.objects.update(**fields)
    assert lines(alice) == []


def test_keep_in_touch_is_not_told_after_a_contact(alice: User, bob: Person, due: Mentorship) -> None:
    make_contact(bob)
    assert lines(alice) == []


def test_keep_in_touch_is_not_told_while_a_conversation_is_planned(
    alice: User, bob: Person, due: Mentorship, alice_client: Client
) -> None:
    meeting = make_meeting(bob)
    assert lines(alice) == []
    assert "Your next conversation is planned." in alice_client.get(due.get_absolute_url()).content.decode()
    Reminder.objects.update(state="expired")  # as the sweep does
    cancel_meeting(meeting=Meeting.objects.get(pk=meeting.pk))
    assert planned("keep_in_touch") == ["2026-07-07 09:00"]


def test_we_spoke_from_the_mail_settles_it(alice: User, charlie: User, due: Mentorship) -> None:
    (act,) = registered.get("keep_in_touch").acts
    assert "no longer there" in act.run(charlie, due.pk)
    assert act.run(alice, due.pk) == "Noted: you spoke with Dr Bob Brook."
    assert lines(alice) == []
    assert planned("keep_in_touch") == ["2026-08-17 09:00"]


# --- Evaluations ----------------------------------------------------------------------------------


def evaluation(bob: Person, on: str, **fields: object) -> EvaluationDate:
    made = make_evaluation(make_terms(make_mentorship(bob, form="formal")), dt.date.fromisoformat(on), **fields)
    scheduling.remind_of_evaluation(made)
    return made


@pytest.mark.parametrize(
    ("on", "mornings"),
    [
        ("2026-06-10", ["2026-06-10 09:00"]),
        ("2026-06-14", ["2026-06-12 09:00"]),  # a Sunday: the Friday before
        ("2026-08-31", ["2026-08-28 09:00"]),  # a bank holiday
        ("2026-06-01", []),  # this morning is over
        ("2026-05-31", []),
    ],
)
def test_evaluation_is_reminded_that_morning_or_before_never_after(bob: Person, on: str, mornings: list[str]) -> None:
    evaluation(bob, on)
    assert planned("evaluation") == mornings


def test_evaluation_is_said_and_done_from_the_mail(alice: User, bob: Person, clock: time_machine.Coordinates) -> None:
    made = evaluation(bob, "2026-06-14", words="Half-way")
    clock.move_to(dt.datetime(2026, 6, 12, 9, 0, tzinfo=dt.UTC))
    ((reminder, item),) = pending(alice, dt.datetime.now(dt.UTC))
    assert item.title == "Evaluation of Northfields Programme on 14 June"
    assert item.words == "The programme wants to know how it goes with Bob. What is asked: Half-way."
    assert item.path == reverse("formal_terms", args=[made.terms.mentorship_id])
    kind = registered.get(reminder.kind)
    assert kind.switch == "meetings"
    assert kind.acts[0].run(alice, made.pk) == "Noted: the evaluation is done."
    made.refresh_from_db()
    assert (made.done_on, lines(alice)) == (dt.date(2026, 6, 12), [])


def test_evaluations_follow_the_course_of_the_programme(bob: Person, alice_client: Client) -> None:
    made = evaluation(bob, "2026-06-10")
    mentorship = made.terms.mentorship
    steps = [
        ("evaluation_done", made.pk, {}, 0),
        ("evaluation_undone", made.pk, {}, 1),
        ("mentorship_turn_informal", mentorship.pk, {}, 0),
        ("mentorship_formal_again", mentorship.pk, {}, 1),
        ("mentorship_end", mentorship.pk, {"ended_as": "complete", "on": "2026-06-01"}, 0),
        ("mentorship_reopen", mentorship.pk, {}, 1),
        ("mentorship_pause", mentorship.pk, {}, 1),
        ("evaluation_add", mentorship.pk, {"on": "2026-06-11"}, 2),
        ("evaluation_remove", made.pk, {}, 1),
        ("formal_remove", mentorship.pk, {}, 0),
    ]
    for name, pk, data, count in steps:
        press(alice_client, name, pk, **data)
        assert len(planned("evaluation")) == count, name


def test_an_evaluation_put_back_is_reminded_again(bob: Person, alice_client: Client) -> None:
    made = evaluation(bob, "2026-06-10")
    response = alice_client.post(reverse("evaluation_remove", args=[made.pk]), follow=True)
    (message,) = response.context["messages"]
    alice_client.post(message.extra_tags)
    assert planned("evaluation") == ["2026-06-10 09:00"]


@pytest.mark.parametrize(
    "fields", [{"form": "informal"}, {"status": "ended", "ended_as": "complete", "ended_on": TODAY}]
)
def test_evaluation_is_not_told_when_the_programme_is_over(alice: User, bob: Person, fields: dict[str, object]) -> None:
    made = evaluation(bob, "2026-06-10")
    assert told_to(alice, reminder_kinds.load, {"evaluation": [made.pk]})
    Mentorship.objects.update(**fields)
    assert told_to(alice, reminder_kinds.load, {"evaluation": [made.pk]}) == {}


def test_other_working_days_choose_another_morning(alice: User, bob: Person) -> None:
    evaluation(bob, "2026-06-12")
    alice.working_days = "123"
    alice.save(update_fields=["working_days"])
    profile_changed.send(User, user=alice)
    assert planned("evaluation") == ["2026-06-10 09:00"]


# --- The agreement, and places --------------------------------------------------------------------


def test_the_agreements_review_is_reminded_and_settled(
    alice: User, bob: Person, alice_client: Client, clock: time_machine.Coordinates
) -> None:
    mentorship = make_mentorship(bob)
    url = reverse("agreement_edit", args=[mentorship.pk])
    for on, mornings in (("2026-05-31", []), ("2026-06-13", ["2026-06-15 09:00"]), ("", [])):
        alice_client.post(url, {"agreement": "So.", "agreement_review_on": on})
        assert planned("agreement_review") == mornings
    alice_client.post(url, {"agreement": "So.", "agreement_review_on": "2026-06-15"})
    press(alice_client, "mentorship_pause", mentorship.pk)
    clock.move_to(dt.datetime(2026, 6, 15, 9, 0, tzinfo=dt.UTC))
    ((reminder, item),) = pending(alice, dt.datetime.now(dt.UTC))
    assert (item.title, item.path) == (
        "Look at your agreement with Bob again",
        reverse("agreement", args=[mentorship.pk]),
    )
    (act,) = registered.get(reminder.kind).acts
    assert act.run(alice, mentorship.pk).startswith("Good.")
    assert Mentorship.objects.get().agreement_review_on is None
    assert lines(alice) == []


def test_a_place_is_looked_at_again(alice: User, charlie: User, clock: time_machine.Coordinates) -> None:
    place = make_place(alice, look_again_on=TODAY + 14 * DAY)
    scheduling.remind_of_place(place)
    assert planned("look_again") == ["2026-06-15 09:00"]
    clock.move_to(dt.datetime(2026, 6, 15, 9, 0, tzinfo=dt.UTC))
    assert lines(alice) == ["Look at Register of the Research Society again"]
    PlaceToLook.objects.update(state="left")
    assert lines(alice) == []
    PlaceToLook.objects.update(state="to_look")
    (act,) = registered.get("look_again").acts
    assert "no longer there" in act.run(charlie, place.pk)
    act.run(alice, place.pk)
    place.refresh_from_db()
    assert (place.state, place.look_again_on) == ("looked", None)
    assert not Reminder.objects.filter(state__in=["planned", "mailed"]).exists()


def test_a_place_dated_in_the_past_is_not_planned(alice: User) -> None:
    scheduling.remind_of_place(make_place(alice, look_again_on=TODAY - DAY))
    assert not Reminder.objects.exists()


# --- All kinds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 12])
def test_all_kinds_of_this_floor_are_loaded_in_one_query(
    alice: User, charlie: User, count: int, django_assert_num_queries: Callable[[int], object]
) -> None:
    wanted: dict[str, list[int]] = {"keep_in_touch": [], "evaluation": [], "agreement_review": [], "look_again": []}
    for number in range(count):
        mentorship = make_mentorship(
            make_person(alice, f"Mentor {number}"), form="formal", rhythm_weeks=6, agreement_review_on=TODAY
        )
        wanted["keep_in_touch"].append(mentorship.pk)
        wanted["agreement_review"].append(mentorship.pk)
        wanted["evaluation"].append(make_evaluation(make_terms(mentorship), TODAY).pk)
        wanted["look_again"].append(make_place(alice, f"Place {number}", look_again_on=TODAY).pk)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        told = reminder_kinds.load({alice.pk: alice, charlie.pk: charlie}, wanted)
    assert {kind: sorted(items) for kind, items in told.items()} == {
        kind: [(alice.pk, pk) for pk in ids] for kind, ids in wanted.items()
    }
    assert told_to(charlie, reminder_kinds.load, wanted) == {}
    assert told_to(alice, reminder_kinds.load, {}) == {}


def test_plan_ahead_never_looks_back(alice: User) -> None:
    def state() -> list[tuple[str, str]]:
        return [(f"{row.wished_on}", row.state) for row in Reminder.objects.all()]

    plan_ahead(owner=alice, kind="look_again", subject_id=1, on=TODAY - DAY)
    assert state() == []
    plan_ahead(owner=alice, kind="look_again", subject_id=1, on=TODAY)
    assert state() == [("2026-06-01", "planned")]
    plan_ahead(owner=alice, kind="look_again", subject_id=1, on=TODAY - DAY)
    assert state() == [("2026-06-01", "cancelled")]
    Reminder.objects.update(state="mailed", wished_on=TODAY - DAY)
    plan_ahead(owner=alice, kind="look_again", subject_id=1, on=TODAY - DAY)
    assert state() == [("2026-05-31", "mailed")]
    plan_ahead(owner=alice, kind="look_again", subject_id=1, on=None)
    assert state() == [("2026-05-31", "cancelled")]


def test_last_working_day_goes_back_over_weekends_and_holidays() -> None:
    gb = bank_holidays("GB")
    assert last_working_day(dt.date(2026, 4, 6), "12345", gb) == dt.date(2026, 4, 2)  # Easter Monday
    assert last_working_day(dt.date(2026, 6, 10), "12345", gb) == dt.date(2026, 6, 10)
    assert last_working_day(dt.date(2026, 6, 10), "1", lambda day: True) == dt.date(2026, 6, 10)

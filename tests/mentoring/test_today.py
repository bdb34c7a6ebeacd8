"""Today: everything due in one list, one next step, and a warning if sweeps are late."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from mail.models import ConnectedMailbox, DropAddress, Heartbeat, IncomingMail, OutgoingMail
from mail.services import queue
from meetings.models import OwnCalendar
from mentoring.today import today
from outreach.approaches.services import open_approach
from outreach.models import Approach, Message
from portfolio.models import ContactImport, NewPost, Person, ReflectionRhythm
from reminders import kinds
from reminders.models import Reminder
from reminders.services import pending, plan
from tests.factories import (
    make_action,
    make_approach,
    make_brief,
    make_could_help,
    make_drop,
    make_evaluation,
    make_follow_up,
    make_incoming,
    make_introduction,
    make_mailbox,
    make_meeting,
    make_mentorship,
    make_message,
    make_need,
    make_own_calendar,
    make_person,
    make_place,
    make_share_link,
    make_talk,
    make_terms,
    make_word,
)


def finished_brief(user: User) -> None:
    make_brief(user, finished_at=timezone.now())


def test_an_empty_account_is_led_through_the_method(alice: User) -> None:
    titles = [today(alice).next.title]
    finished_brief(alice)
    titles.append(today(alice).next.title)
    make_need(alice, "be known to funders")
    titles.append(today(alice).next.title)
    make_person(alice)
    titles.append(today(alice).next.title)
    assert titles == [
        "What are you looking for?",
        "Name what you need",
        "Who do you know?",
        "Nobody yet for “be known to funders”",
    ]
    assert today(alice).calm


def test_an_unfinished_brief_goes_on_from_here(alice: User, alice_client: Client) -> None:
    brief = make_brief(alice, why_now="Because", contexts=["skills"])
    page = today(alice)
    assert (page.next.title, page.next.url) == ("Go on with your brief", f"/brief/{brief.pk}/looking-for/")
    assert "(3 of 6)" in page.next.words
    assert not page.brief_waits
    assert b"Your brief is waiting" not in alice_client.get("/today/").content


def test_a_new_brief_beside_a_finished_one_waits_quietly(alice: User, alice_client: Client) -> None:
    finished_brief(alice)
    assert not today(alice).brief_waits
    brief = make_brief(alice, why_now="Because")
    text = alice_client.get("/today/").content.decode()
    assert "Name what you need" in text
    assert "Your brief is waiting" in text
    assert alice_client.post("/brief/start/").url == f"/brief/{brief.pk}/contexts/"


def test_a_gap_says_how_many_could_help(alice: User, bob: Person) -> None:
    finished_brief(alice)
    make_could_help(bob, make_need(alice))
    assert today(alice).next.words == "One person you know could help: Dr Bob Brook."


def test_a_gap_nobody_was_thought_of_for_names_whom_the_notes_speak_for(
    alice: User, alice_client: Client, bob: Person
) -> None:
    finished_brief(alice)
    make_need(alice, sector="Social care")
    make_person(alice, "Callum Reith", sector="social-care")
    expected = "Callum Reith may be worth a thought: works in social-care, the sector you named."
    assert today(alice).next.words == expected
    with CaptureQueriesContext(connection) as queries:
        assert expected in alice_client.get("/today/").content.decode()
    assert len(queries) <= 10


def test_a_due_follow_up_is_the_next_step_and_stands_there_once(alice: User, bob: Person) -> None:
    approach = make_approach(bob, stage=Approach.Stage.APPROACHED)
    make_message(approach, state=Message.State.SENT, at=timezone.now() - dt.timedelta(days=20))
    follow_up = make_follow_up(approach, due_on=alice.today())
    reminder = plan(owner=alice, kind="follow_up_due", subject_id=follow_up.pk, on=alice.today())
    Reminder.objects.filter(pk=reminder.pk).update(due_at=timezone.now(), state=Reminder.State.MAILED)
    page = today(alice)
    assert page.next.title == "Write to Dr Bob Brook once more?"
    assert [act.name for act in page.next.acts] == ["replied"]
    assert page.due == []


def test_they_replied_on_today_ends_the_follow_up(alice: User, alice_client: Client, bob: Person) -> None:
    approach = make_approach(bob, stage=Approach.Stage.APPROACHED)
    follow_up = make_follow_up(approach)
    reminder = plan(owner=alice, kind="follow_up_due", subject_id=follow_up.pk, on=alice.today())
    url = f"/reminders/{reminder.pk}/act/replied/"
    assert alice_client.post(url).url == "/today/"
    assert alice_client.post(url).url == "/today/"
    approach.refresh_from_db()
    follow_up.refresh_from_db()
    assert approach.replied_at is not None
    assert follow_up.state == "stopped"
    assert approach.events.count() == 1


def test_an_act_of_somebody_else_or_of_no_such_name_is_not_found(
    alice: User, bob: Person, alice_client: Client, charlie_client: Client
) -> None:
    reminder = plan(
        owner=alice, kind="follow_up_due", subject_id=make_follow_up(make_approach(bob)).pk, on=alice.today()
    )
    assert charlie_client.post(f"/reminders/{reminder.pk}/act/replied/").status_code == 404
    assert alice_client.post(f"/reminders/{reminder.pk}/act/explode/").status_code == 404


def test_a_meeting_that_is_over_asks_to_be_noted_and_one_ahead_is_coming_up(alice: User, bob: Person) -> None:
    make_meeting(bob, starts_at=timezone.now() - dt.timedelta(hours=3), minutes=60)
    ahead = make_meeting(make_person(alice, "Carol"), starts_at=timezone.now() + dt.timedelta(days=2))
    make_meeting(make_person(alice, "Dave"), starts_at=timezone.now() + dt.timedelta(days=9))
    page = today(alice)
    assert page.next.title == "You met Dr Bob Brook: how did it go?"
    assert page.coming == [ahead]


def test_somebody_shortlisted_is_to_be_written_to(alice: User, bob: Person) -> None:
    open_approach(person=bob)
    assert today(alice).next.title == "Write to Bob"


def test_a_clock_that_has_not_ticked_yet_is_late_only_after_five_minutes(alice: User) -> None:
    alice.date_joined = timezone.now() - dt.timedelta(minutes=4)
    assert not today(alice).clock_late
    alice.date_joined = timezone.now() - dt.timedelta(minutes=6)
    assert today(alice).clock_late


def test_the_clock_is_late_after_five_minutes_and_says_so(alice: User, alice_client: Client) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now() - dt.timedelta(minutes=4))
    assert not today(alice).clock_late
    assert "Reminders are running late; we know" not in alice_client.get("/today/").content.decode()
    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(minutes=6))
    assert "Reminders are running late; we know" in alice_client.get("/today/").content.decode()


def live(day: str, bob: Person) -> None:
    """Other things on such a day of Bob's owner."""
    if day == "busy":
        make_meeting(bob, starts_at=timezone.now() - dt.timedelta(hours=3), minutes=60)
    if day == "introduction":
        make_introduction(make_person(bob.owner, "Carol"), bob, state="agreed")


@pytest.mark.parametrize("day", ["empty", "busy", "introduction"])
def test_a_reminder_that_cannot_get_away_for_an_hour_is_late_too(
    alice: User, alice_client: Client, charlie: User, bob: Person, day: str
) -> None:
    """Sweeps run, but the mail server is down; the same line shows it, whatever else is due."""
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    live(day, bob)
    mail = queue(purpose="digest", subject_id=1, owner=alice, recipient=alice.email, audience="user", wake=False)
    late = timezone.now() - dt.timedelta(minutes=61)
    for change in ({}, {"created_at": late, "state": "sent", "sent_at": late, "content": b"x", "message_id": "<a@b>"}):
        OutgoingMail.objects.update(**change or {"created_at": timezone.now() - dt.timedelta(minutes=59)})
        assert not today(alice).clock_late
    OutgoingMail.objects.update(state="queued", sent_at=None)
    assert today(alice).clock_late
    assert not today(charlie).clock_late
    assert "Reminders are running late; we know" in alice_client.get("/today/").content.decode()
    mail.delete()
    queue(purpose="mentor_letter", subject_id=1, owner=alice, recipient=alice.email, audience="user", wake=False)
    OutgoingMail.objects.update(created_at=late)
    assert not today(alice).clock_late


def test_a_clock_set_back_is_late_too(alice: User) -> None:
    """The last sweep is in the future, so nobody knows whether sweeps are running."""
    Heartbeat.objects.create(name="sweep", at=timezone.now() + dt.timedelta(minutes=4))
    assert not today(alice).clock_late
    Heartbeat.objects.update(at=timezone.now() + dt.timedelta(minutes=6))
    assert today(alice).clock_late


@pytest.mark.parametrize("day", ["empty", "busy", "introduction"])
def test_a_mail_that_did_not_get_through_is_said_until_one_does(
    alice: User, alice_client: Client, charlie: User, bob: Person, day: str
) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    live(day, bob)
    letter = {"owner": alice, "recipient": alice.email, "audience": "user", "wake": False}
    queue(purpose="invitation", subject_id=1, **letter)
    OutgoingMail.objects.update(state="failed")
    assert not today(alice).mail_failed
    refused = queue(purpose="digest", subject_id=1, **letter)
    OutgoingMail.objects.filter(pk=refused.pk).update(state="failed", created_at=timezone.now() - dt.timedelta(hours=2))
    assert (today(alice).mail_failed, today(charlie).mail_failed) == (True, False)
    page = alice_client.get("/today/").content.decode()
    assert "Our last mail to you didn’t get through." in page
    test = queue(purpose="test_mail", subject_id=None, **letter)
    assert today(alice).mail_failed  # it is only being sent
    OutgoingMail.objects.filter(pk=test.pk).update(state="sent")
    assert not today(alice).mail_failed
    assert "get through" not in alice_client.get("/today/").content.decode()


def busy_day(user: User, number: int) -> None:
    person = make_person(user, f"Person {number}")
    approach = make_approach(person, make_need(user, f"need {number}"), stage=Approach.Stage.APPROACHED)
    make_message(approach, state=Message.State.SENT, at=timezone.now())
    make_message(approach, send_at=timezone.now())
    follow_up = make_follow_up(approach)
    draft = make_message(make_approach(make_person(user, f"Other {number}")), send_at=timezone.now())
    meeting = make_meeting(person, starts_at=timezone.now() + dt.timedelta(hours=number + 1))
    action = make_action(make_meeting(person, starts_at=timezone.now() + dt.timedelta(days=20)), due_on=user.today())
    make_introduction(make_person(user, f"Target {number}"), person, state="agreed")
    mentorship = make_mentorship(
        make_person(user, f"Mentor {number}"), form="formal", rhythm_weeks=1, agreement_review_on=user.today()
    )
    evaluation = make_evaluation(make_terms(mentorship), user.today())
    place = make_place(user, look_again_on=user.today())
    asleep = make_approach(make_person(user, f"Resting {number}"), rest_until=user.today())
    asked = make_introduction(make_person(user, f"Met {number}"), person, state="asked", asked_on=user.today())
    link = make_share_link(person)
    make_word(link)
    nothing_on = make_meeting(person, starts_at=timezone.now() + dt.timedelta(days=2))
    rhythm, _ = ReflectionRhythm.objects.get_or_create(owner=user, defaults={"months": 6, "next_on": user.today()})
    over = make_meeting(person, starts_at=timezone.now() - dt.timedelta(days=number + 2))
    news = ContactImport.objects.create(owner=user, name="contacts.csv")
    NewPost.objects.create(owner=user, batch=news, person=person)
    unread = OwnCalendar.objects.filter(owner=user).first() or make_own_calendar(user, failing_since=timezone.now())
    drop = DropAddress.objects.filter(owner=user).first() or make_drop(user)
    make_incoming(drop, IncomingMail.State.ASKS)
    box = ConnectedMailbox.objects.filter(owner=user).first() or make_mailbox(user, failing_since=timezone.now())
    make_incoming(box, IncomingMail.State.ASKS)
    unsent = make_message(make_approach(make_person(user, f"Unsent {number}")))
    states = OutgoingMail.State
    OutgoingMail.objects.create(owner=user, purpose="own_letter", subject_id=unsent.pk, state=states.FAILED)
    asked_at = timezone.now() - dt.timedelta(hours=2)
    due = {
        "incoming_mail": drop.pk,
        "mailbox_mail": box.pk,
        "mailbox_unread": box.pk,
        "letter_not_sent": unsent.pk,
        "calendar_unread": unread.pk,
        "calendar_asks": make_talk(person, asked_at, state="asks").pk,
        "calendar_noted": make_talk(person, asked_at, state="spoke", news="spoke", news_at=timezone.now()).pk,
        "calendar_gone": make_talk(person, asked_at + dt.timedelta(days=9), news="gone").pk,
        "mentor_wrote": link.pk,
        "follow_up_due": follow_up.pk,
        "send_now": draft.pk,
        "meeting_today": meeting.pk,
        "action_due": action.pk,
        "keep_in_touch": mentorship.pk,
        "evaluation": evaluation.pk,
        "agreement_review": mentorship.pk,
        "look_again": place.pk,
        "rest_over": asleep.pk,
        "introduction_due": asked.pk,
        "empty_agenda": nothing_on.pk,
        "after_meeting": over.pk,
        "reflect": rhythm.pk,
        "new_posts": news.pk,
    }
    for kind, subject in due.items():
        reminder = plan(owner=user, kind=kind, subject_id=subject, on=user.today())
        Reminder.objects.filter(pk=reminder.pk).update(due_at=timezone.now(), state=Reminder.State.MAILED)


@pytest.mark.parametrize("number", [1, 12])
def test_today_takes_at_most_ten_queries_however_busy(alice: User, alice_client: Client, number: int) -> None:
    """Even with every kind of reminder due at once."""
    for i in range(number):
        busy_day(alice, i)
    until = timezone.now() + dt.timedelta(days=1)
    assert {reminder.kind for reminder, _ in pending(alice, until)} == set(kinds.kinds.keys())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = alice_client.get("/today/")
    assert response.status_code == 200
    assert len(queries) <= 10

"""Every kind of reminder: mailed once when due; never if settled, turned off or deleted; again after an undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from accounts.signals import profile_changed
from mail import engine
from mail.connected import services as mailbox_services
from mail.connected import work as mailbox_work
from mail.models import IncomingMail, OutgoingMail
from meetings.actions import add_action, change_action, delete_action, finish_action, reopen_action
from meetings.models import Action, CalendarTalk, Meeting
from meetings.own_calendar import services as own_calendar
from meetings.own_calendar import talk_answers, talks, work
from meetings.scheduling import remind_of_talk
from meetings.services import cancel_meeting, plan_meeting, reinstate_meeting
from meetings.sharing import mentor_actions, share_links
from outreach.approaches import events
from outreach.approaches import services as approaches
from outreach.drafts import own_mailbox
from outreach.drafts.services import record_sent, throw_away
from outreach.follow_ups import send_later
from outreach.incoming import answers, asking
from outreach.introductions import services as introductions
from outreach.models import Approach, Introduction, Message
from portfolio.contact_imports.new_posts import remind_of_posts, settle, unsettle
from portfolio.looking_back import rhythm as reflection_rhythm
from portfolio.mentorships.formal import mark_done
from portfolio.mentorships.scheduling import (
    forget_evaluation,
    remind_of_agreement,
    remind_of_evaluation,
    remind_to_keep_in_touch,
)
from portfolio.models import Mentorship, NewPost, Person, PlaceToLook
from portfolio.people import merging, places
from portfolio.people.contacts import forget_contacts, record_contact
from reminders import kinds
from reminders.links import link_to, switch_off_link
from reminders.models import Reminder
from reminders.sweep import gather
from tests.factories import (
    make_approach,
    make_drop,
    make_evaluation,
    make_import,
    make_incoming,
    make_introduction,
    make_mailbox,
    make_meeting,
    make_mentorship,
    make_message,
    make_own_calendar,
    make_person,
    make_place,
    make_share_link,
    make_talk,
    make_terms,
)
from tests.outbox import Mail, outbox
from tests.outreach.helpers import send

MONDAY = dt.datetime(2026, 6, 8, 12, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.clock(MONDAY)]
State = Reminder.State


def june(day: int) -> dt.date:
    return dt.date(2026, 6, day)


def path_of(url: str) -> str:
    return url.removeprefix("http://localhost:8000")


def nothing() -> None:
    """Placeholder for kinds without this action."""


@dataclass
class Story:
    """A planned reminder of one kind, and the user's possible actions; ``title`` is the start of its mail's subject."""

    title: str
    settle: Callable[[], object]
    undo: Callable[[], object]
    delete: Callable[[], object] = nothing


def a_follow_up(bob: Person) -> Story:
    approach = make_approach(bob)
    send(approach)
    return Story(
        "Write to Dr Bob Brook once more?",
        lambda: approaches.record_reply(approach=approach),
        lambda: events.undo(approach.events.last()),  # type: ignore[arg-type]
        lambda: events.undo(approach.events.last()),  # type: ignore[arg-type]
    )


def an_introduction(bob: Person) -> Story:
    row = make_introduction(make_person(bob.owner, "Eve Eliot"), bob)
    introductions.move(introduction=row, to=Introduction.State.ASKED, on=june(8))
    return Story(
        "Ask Dr Bob Brook about Eve Eliot once more?",
        lambda: introductions.move(introduction=row, to=Introduction.State.AGREED, on=timezone.now().date()),
        lambda: introductions.undo_move(introduction=row, state=Introduction.State.AGREED),
        lambda: introductions.forget(introduction=row),
    )


def something_to_send(bob: Person) -> Story:
    message: Message = make_message(make_approach(bob), subject="Fifteen minutes?", body="Dear you")
    send_later.remind_to_send(message=message, at=MONDAY + dt.timedelta(hours=30))

    def sent() -> None:
        record_sent(message=message)

    def not_sent() -> None:
        assert message.approach is not None
        events.undo(message.approach.events.last())  # type: ignore[arg-type]

    return Story("Send your message to Dr Bob Brook", sent, not_sent, lambda: throw_away(message=message))


def a_rest(bob: Person) -> Story:
    approach: Approach = make_approach(bob)
    approaches.rest(approach=approach, until=june(10))

    def taken_up() -> None:
        approach.refresh_from_db()
        approaches.take_up_again(approach=approach)

    return Story("Think of Dr Bob Brook again?", taken_up, lambda: events.undo(approach.events.last()))  # type: ignore[arg-type]


def _meeting(bob: Person) -> Meeting:
    return plan_meeting(
        owner=bob.owner,
        person=bob,
        kind="regular",
        starts_local=dt.datetime(2026, 6, 10, 15),
        zone="Europe/London",
        suggested=False,
    )


def _of_meeting(bob: Person, title: str) -> Story:
    meeting = _meeting(bob)
    return Story(
        title,
        lambda: cancel_meeting(meeting=meeting),
        lambda: reinstate_meeting(meeting=meeting),
        lambda: Meeting.objects.all().delete(),
    )


def an_action(bob: Person) -> Story:
    action = add_action(meeting=_meeting(bob), action=Action(words="Read the report", whose="mine", due_on=june(12)))
    return Story(
        "Read the report",
        lambda: finish_action(action=action),
        lambda: reopen_action(action=action),
        lambda: delete_action(action=action),
    )


def a_rhythm(bob: Person) -> Story:
    mentorship = make_mentorship(bob, started_on=june(2), rhythm_weeks=1)
    remind_to_keep_in_touch(mentorship)
    return Story(
        "Time for a word with Bob?",
        lambda: record_contact(person=bob, at=timezone.now()),
        lambda: forget_contacts(bob.contacts.all()),
        lambda: mentorship.delete(),
    )


def an_evaluation(bob: Person) -> Story:
    row = make_evaluation(make_terms(make_mentorship(bob, form=Mentorship.Form.FORMAL)), june(11))
    remind_of_evaluation(row)

    def deleted() -> None:
        forget_evaluation(row)
        row.delete()

    return Story(
        "Evaluation of Northfields Programme today",
        lambda: mark_done(evaluation=row, on=june(8)),
        lambda: mark_done(evaluation=row, on=None),
        deleted,
    )


def an_agreement(bob: Person) -> Story:
    mentorship = make_mentorship(bob)

    def review_on(day: dt.date | None) -> None:
        mentorship.agreement_review_on = day
        mentorship.save(update_fields=["agreement_review_on"])
        remind_of_agreement(mentorship)

    review_on(june(11))
    return Story(
        "Look at your agreement with Bob again", lambda: review_on(None), lambda: review_on(june(11)), mentorship.delete
    )


def a_place(bob: Person) -> Story:
    place = make_place(bob.owner)

    def look(day: dt.date | None) -> None:
        places.stand(place=place, state=PlaceToLook.State.TO_LOOK, look_again_on=day)

    look(june(11))
    return Story(f"Look at {place.name} again", lambda: look(None), lambda: look(june(11)), place.delete)


def a_pause_to_reflect(bob: Person) -> Story:
    def choose(months: int) -> None:
        reflection_rhythm.choose_rhythm(owner=bob.owner, months=months)

    choose(3)
    return Story("Take a quarter of an hour to reflect", lambda: choose(0), lambda: choose(3), lambda: choose(0))


def a_word(bob: Person) -> Story:
    link = make_share_link(bob)
    mentor_actions.leave_message(link=link, words="See you then")
    return Story(
        "Dr Bob Brook left you a word",
        lambda: share_links.note_seen(person=bob),
        lambda: mentor_actions.leave_message(link=link, words="One more thing"),
        link.delete,
    )


def a_new_post(bob: Person) -> Story:
    for title in ("Clerk", "Chair"):
        make_import(bob.owner, f"Name,E-mail,Job title\nDr Bob Brook,bob@example.org,{title}\n", bring_in=True)
    post = NewPost.objects.get()

    def deleted() -> None:
        batch = post.batch
        post.delete()
        remind_of_posts(batch)

    return Story("Dr Bob Brook has a new post", lambda: settle(NewPost.objects.all()), lambda: unsettle(post), deleted)


def a_question(bob: Person) -> Story:
    mail = make_incoming(make_drop(bob.owner), IncomingMail.State.ASKS)
    asking.remind(mail)

    def ask_again() -> None:
        IncomingMail.objects.filter(pk=mail.pk).update(state=IncomingMail.State.ASKS)
        asking.remind(mail)

    return Story("1 mail asks where it belongs", lambda: answers.throw_away(mail), ask_again, mail.drop.delete)


def a_question_in_the_mailbox(bob: Person) -> Story:
    mailbox = make_mailbox(bob.owner)
    mail = make_incoming(mailbox, IncomingMail.State.ASKS)
    asking.remind(mail)

    def ask_again() -> None:
        IncomingMail.objects.filter(pk=mail.pk).update(state=IncomingMail.State.ASKS)
        asking.remind(mail)

    return Story(
        "1 mail asks where it belongs",
        lambda: answers.throw_away(mail),
        ask_again,
        lambda: mailbox_services.disconnect(owner=bob.owner),
    )


def an_unread_mailbox(bob: Person) -> Story:
    mailbox = make_mailbox(bob.owner)

    def look(trouble: str = "") -> None:
        mailbox.brought = mailbox_work.Brought(trouble=trouble)
        mailbox_work.step(mailbox)
        mailbox.save()

    look("It didn’t answer.")
    return Story(
        "Your mailbox can’t be read",
        look,
        lambda: look("It didn’t answer."),
        lambda: mailbox_services.disconnect(owner=bob.owner),
    )


def a_letter_that_did_not_go(bob: Person) -> Story:
    make_mailbox(bob.owner)
    draft = make_message(make_approach(bob), subject="15 minutes", body="Dear Bob")

    def fail() -> None:
        draft.refresh_from_db()
        own_mailbox.hand_over(message=draft, seen=draft.updated_at.isoformat())
        OutgoingMail.objects.filter(subject_id=draft.pk).update(state=OutgoingMail.State.FAILED)
        own_mailbox.settle(bob.owner)

    fail()
    return Story(
        "Your letter to Dr Bob Brook didn’t go",
        lambda: own_mailbox.hand_over(message=Message.objects.get(), seen=draft.updated_at.isoformat()),
        lambda: (
            OutgoingMail.objects.filter(subject_id=draft.pk).update(state=OutgoingMail.State.FAILED),
            own_mailbox.settle(bob.owner),
        ),
        lambda: Message.objects.get().delete(),
    )


def an_unread_calendar(bob: Person) -> Story:
    calendar = make_own_calendar(bob.owner)

    def read(trouble: str = "") -> None:
        calendar.brought = work.Brought(trouble=trouble)
        work.step(calendar)
        calendar.save()

    read("It didn’t answer.")
    return Story(
        "Your own calendar can’t be read",
        read,
        lambda: read("It didn’t answer."),
        lambda: own_calendar.disconnect(owner=bob.owner),
    )


def a_question_about_a_talk(bob: Person) -> Story:
    talk = make_talk(bob, dt.datetime.now(dt.UTC) - dt.timedelta(hours=2), state="asks")
    remind_of_talk(talk)
    day = bob.owner.local(talk.starts_at)
    return Story(
        f"Did you speak with Dr Bob Brook on {day:%A} {day.day} {day:%B}?",
        lambda: talk_answers.answer(talk, CalendarTalk.State.NO),
        lambda: talk_answers.unanswer(talk),
        talk.delete,
    )


def a_talk_noted(bob: Person) -> Story:
    talk = make_talk(bob, dt.datetime.now(dt.UTC) - dt.timedelta(hours=2), state="asks")

    def note() -> None:
        talk.refresh_from_db()
        talks.note(talk, by_itself=True)

    note()
    return Story(
        "Noted from your calendar: you spoke with Dr Bob Brook",
        lambda: talk_answers.take_back(talk),
        note,
        talk.delete,
    )


def a_meeting_gone_from_the_calendar(bob: Person) -> Story:
    meeting = make_meeting(bob, starts_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=50))
    talk = make_talk(bob, meeting.starts_at, meeting=meeting, news="gone")
    remind_of_talk(talk)

    def again() -> None:
        CalendarTalk.objects.filter(pk=talk.pk).update(state="ahead", news="gone", meeting=meeting)
        remind_of_talk(CalendarTalk.objects.get())

    return Story(
        "No longer in your calendar: Dr Bob Brook",
        lambda: talk_answers.keep_meeting(talk),
        again,
        talk.delete,
    )


STORIES: dict[str, Callable[[Person], Story]] = {
    "follow_up_due": a_follow_up,
    "introduction_due": an_introduction,
    "send_now": something_to_send,
    "rest_over": a_rest,
    "meeting_today": lambda bob: _of_meeting(bob, "Today at 15:00: Dr Bob Brook"),
    "empty_agenda": lambda bob: _of_meeting(bob, "You meet Dr Bob Brook tomorrow: what about?"),
    "after_meeting": lambda bob: _of_meeting(bob, "Note what came of meeting Dr Bob Brook"),
    "action_due": an_action,
    "keep_in_touch": a_rhythm,
    "evaluation": an_evaluation,
    "agreement_review": an_agreement,
    "look_again": a_place,
    "reflect": a_pause_to_reflect,
    "mentor_wrote": a_word,
    "new_posts": a_new_post,
    "incoming_mail": a_question,
    "mailbox_mail": a_question_in_the_mailbox,
    "mailbox_unread": an_unread_mailbox,
    "letter_not_sent": a_letter_that_did_not_go,
    "calendar_unread": an_unread_calendar,
    "calendar_asks": a_question_about_a_talk,
    "calendar_noted": a_talk_noted,
    "calendar_gone": a_meeting_gone_from_the_calendar,
}
every_kind = pytest.mark.parametrize("kind", STORIES)


@dataclass
class Here:
    """A story with its clock and the mails of its kind."""

    kind: str
    story: Story
    clock: time_machine.Coordinates

    @property
    def reminder(self) -> Reminder:
        return Reminder.objects.filter(kind=self.kind).latest("pk")

    def come_due(self) -> None:
        """Move the clock to just before it is due, and send everything else that is due until then."""
        self.clock.move_to(self.reminder.due_at)
        gather()

    def write(self) -> None:
        while (token := engine.claim()) is not None:
            for pk in OutgoingMail.objects.filter(claim_token=token).values_list("pk", flat=True):
                engine.freeze(pk, token)
                OutgoingMail.objects.filter(pk=pk, state="frozen").update(state="sent", claim_token=None)

    @property
    def mails(self) -> list[Mail]:
        return [mail for mail in outbox() if self.story.title.removesuffix(" today") in mail.body]


@pytest.fixture
def here(kind: str, bob: Person, clock: time_machine.Coordinates) -> Here:
    return Here(kind, STORIES[kind](bob), clock)


def test_every_kind_has_its_story() -> None:
    assert set(STORIES) == set(kinds.kinds.keys())


@every_kind
def test_it_is_mailed_once_when_it_is_due(here: Here) -> None:
    due = here.reminder.due_at
    here.clock.move_to(due - dt.timedelta(seconds=1))
    gather()
    here.write()
    assert here.mails == []
    here.come_due()
    here.write()
    gather()
    here.write()
    (mail,) = here.mails
    assert mail.to == "alice@example.org"
    here.clock.move_to(due + dt.timedelta(days=3))
    gather()
    here.write()
    assert len(here.mails) == 1


def test_what_they_kindly_offered_has_no_reminder(bob: Person) -> None:
    add_action(meeting=_meeting(bob), action=Action(words="Send the paper", whose="theirs"))
    action = add_action(meeting=_meeting(bob), action=Action(words="Read it", whose="mine", due_on=june(12)))
    action.whose, action.due_on = "theirs", None
    change_action(action=action)
    assert [row.state for row in Reminder.objects.filter(kind="action_due")] == [State.CANCELLED]


@every_kind
def test_its_mail_has_a_subject_a_way_there_and_words(here: Here) -> None:
    for other in Reminder.objects.exclude(kind=here.kind):
        other.delete()
    here.come_due()
    here.write()
    (mail,) = here.mails
    assert mail.subject == here.story.title
    assert "http://localhost:8000/" in mail.body
    later = kinds.get(here.kind).put_off  # some are over tomorrow
    assert ("Remind me later:" in mail.body) is later


def everything() -> dict[str, list[dict[str, object]]]:
    """All rows of all tables, for comparison."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in apps.get_models()}


@every_kind
@pytest.mark.parametrize("who", ["nobody", "alice", "charlie"])
def test_looking_at_its_links_changes_no_table(here: Here, who: str, alice: User, charlie: User) -> None:
    here.come_due()
    here.write()
    browser = Client()
    if who != "nobody":
        browser.force_login(alice if who == "alice" else charlie)
    links = [path_of(link_to(here.reminder)), path_of(switch_off_link(alice, ["replies"]))]
    before = everything()
    for link in links:
        for method in ("get", "head"):
            answer = getattr(browser, method)(f"{link}?act=done&want=off&until=tomorrow")
            assert answer.status_code == 200
            assert "sessionid" not in answer.cookies
        for method in ("put", "delete", "options", "patch"):
            assert getattr(browser, method)(link).status_code == 405
    assert everything() == before


@every_kind
@pytest.mark.parametrize("who", ["nobody", "charlie"])
def test_its_buttons_work_once_from_any_browser(here: Here, who: str, charlie: User) -> None:
    here.come_due()
    here.write()
    browser = Client(enforce_csrf_checks=True)
    if who == "charlie":
        browser.force_login(charlie)
    link = path_of(link_to(here.reminder))
    page = browser.get(link).content.decode()
    assert escape(here.story.title) in page
    acts = kinds.get(here.kind).acts
    pressed = acts[0].name if acts else "let-go"
    assert f'value="{pressed}"' in page
    assert "<h1>Done</h1>" in browser.post(link, {"act": pressed}).content.decode()
    after = everything()
    assert "settled already" in browser.post(link, {"act": pressed}).content.decode()
    assert everything() == after


@pytest.mark.parametrize("kind", ["follow_up_due"])
def test_they_replied_can_be_undone_and_pressed_again_in_the_same_mail(here: Here, bob: Person) -> None:
    here.come_due()
    here.write()
    link = path_of(link_to(here.reminder))
    approach = Approach.objects.get(person=bob)
    for _ in range(2):
        assert "the follow-up is off" in Client().post(link, {"act": "replied"}).content.decode()
        assert (here.reminder.state, approach.follow_ups.get().state) == (State.CANCELLED, "stopped")
        here.story.undo()
        assert (here.reminder.state, approach.follow_ups.get().state) == (State.MAILED, "planned")
        assert escape(here.story.title) in Client().get(link).content.decode()
    assert [event.kind for event in approach.events.all()] == ["sent"]
    assert not bob.contacts.exists()


@every_kind
def test_put_off_from_the_mail_it_comes_again_once_or_is_refused(here: Here) -> None:
    here.come_due()
    here.write()
    reminder = here.reminder
    link = path_of(link_to(reminder))
    page = Client().get(link).content.decode()
    answer = Client().post(link, {"until": "week"}).content.decode()
    if not kinds.get(here.kind).put_off:
        assert "Not today?" not in page
        assert "Nothing was changed yet" in answer
        assert here.reminder.state == State.MAILED
        return
    assert "Put off until" in answer
    week = here.reminder
    assert (week.wall_date - reminder.wall_date).days >= 7
    here.come_due()
    here.write()
    assert len(here.mails) == 2


@every_kind
@pytest.mark.parametrize("when", ["before", "gathered"])
def test_settled_it_is_not_mailed(here: Here, when: str) -> None:
    due = here.reminder.due_at
    if when == "gathered":
        here.come_due()
    here.story.settle()
    if when == "before":
        here.clock.move_to(due)
        gather()
    here.write()
    assert here.mails == []


@every_kind
@pytest.mark.parametrize("when", ["before", "gathered"])
def test_settled_and_undone_it_is_mailed(here: Here, when: str) -> None:
    if when == "gathered":
        here.come_due()
    here.story.settle()
    here.story.undo()
    here.write()
    for _ in range(3):  # today's reminder hour may be over, so that it is sent the next morning
        here.come_due()
        here.write()
        here.clock.shift(dt.timedelta(minutes=1))
    if here.kind == "send_now" and when == "gathered":
        return  # its time is past, so it is only shown among the drafts
    if here.kind in ("meeting_today", "empty_agenda") and when == "gathered":
        return  # its time is past by then
    assert len(here.mails) == 1


@every_kind
@pytest.mark.parametrize("when", ["before", "gathered"])
def test_what_is_deleted_is_not_mailed_and_stops_nobody(here: Here, when: str) -> None:
    if here.story.delete is nothing:
        return
    if when == "gathered":
        here.come_due()
    here.story.delete()
    if when == "before":
        here.clock.move_to(here.reminder.due_at)
        gather()
    here.write()
    assert here.mails == []
    assert here.reminder.state in (State.CANCELLED, State.EXPIRED)


@every_kind
def test_merging_people_while_it_is_gathered_loses_nothing(here: Here, bob: Person) -> None:
    here.come_due()
    twin = make_person(bob.owner, "Dr Bob Brook", email="bob@elsewhere.example.org")
    merging.merge(kept=twin, other=bob, choices={}, on=june(9))
    here.write()
    assert len(here.mails) == 1


def test_only_what_can_not_wait_for_the_morning_comes_the_same_day() -> None:
    assert {name for name in STORIES if kinds.get(name).same_day} == {"meeting_today", "send_now"}


WAITS_FOR_NOBODY = {"meeting_today", "empty_agenda", "after_meeting", "evaluation", "send_now", "mentor_wrote"}
WAITS_FOR_NOBODY |= {"calendar_gone"}


@every_kind
def test_the_weeks_mail_takes_what_may_wait_and_nothing_else(here: Here, alice: User) -> None:
    before = here.reminder.due_at
    alice.weekly_mail, alice.weekly_on = True, 2
    alice.save(update_fields=["weekly_mail", "weekly_on"])
    profile_changed.send(sender=User, user=alice, changed=frozenset(["weekly_mail", "weekly_on"]))
    due = here.reminder.due_at
    assert before <= due < before + dt.timedelta(days=7)
    if here.kind in WAITS_FOR_NOBODY:
        assert due == before
    else:
        assert alice.local(due).isoweekday() == 2
    here.come_due()
    here.write()
    assert len(here.mails) == 1


@every_kind
@pytest.mark.parametrize("switch", ["replies", "meetings", "gentle"])
def test_three_switches_turn_off_their_own_and_nothing_else(here: Here, alice: User, switch: str) -> None:
    name = f"remind_{switch}"
    setattr(alice, name, False)
    alice.save(update_fields=[name])
    profile_changed.send(sender=User, user=alice, changed=frozenset([name]))
    here.come_due()
    here.write()
    mine = kinds.get(here.kind).switch == switch
    assert len(here.mails) == (0 if mine else 1)
    setattr(alice, name, True)
    alice.save(update_fields=[name])
    profile_changed.send(sender=User, user=alice, changed=frozenset([name]))
    here.clock.shift(dt.timedelta(days=60))
    gather()
    here.write()
    assert len(here.mails) == (0 if mine else 1)

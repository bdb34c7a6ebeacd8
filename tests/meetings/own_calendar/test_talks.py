"""Meetings with people one knows, from a calendar on a real server: asked about once, then noted; offered before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection

from accounts import jobs
from accounts.models import User
from mail.models import OutgoingMail
from meetings.models import BusyTime, CalendarTalk, Meeting, OwnCalendar
from meetings.own_calendar import services, talk_answers, talks
from meetings.own_calendar.talks import News, State
from meetings.services import cancel_meeting, change_meeting, hold_meeting
from outreach.models import Approach, FollowUp, Message
from portfolio.models import Contact, Person
from portfolio.people.contacts import record_contact
from reminders.models import Reminder
from reminders.services import pending
from tests.factories import make_approach, make_follow_up, make_meeting, make_message, make_person, make_talk
from tests.http_server import Inside
from tests.meetings.own_calendar.test_work import Shelf

NOW = dt.datetime(2026, 3, 4, 10, 0, tzinfo=dt.UTC)  # a Wednesday
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clock(NOW)]
BOB, DANA = "bob@example.org", "dana@example.org"


def entry(uid: str, starts: dt.datetime, *addresses: str, minutes: int = 60, more: str = "") -> str:
    ends = starts + dt.timedelta(minutes=minutes)
    attendees = "".join(f"ATTENDEE:mailto:{one}\n" for one in addresses or (BOB,))
    return f"UID:{uid}\nDTSTART:{starts:%Y%m%dT%H%M%SZ}\nDTEND:{ends:%Y%m%dT%H%M%SZ}\nSUMMARY:Coffee\n{attendees}{more}"


@pytest.fixture
def shelf(server: Inside) -> Shelf:
    server.answer = shelf = Shelf()
    return shelf


@pytest.fixture
def mine(alice: User, server: Inside) -> OwnCalendar:
    address = services.usable_address(f"http://127.0.0.1:{server.port}/s3cr3t.ics")
    return services.connect(owner=alice, address=address, with_talks=True)


@pytest.fixture
def dana(alice: User) -> Person:
    return make_person(alice, "Dana Dale", email=DANA)


class Reader:
    """Puts events on the shelf and lets a worker read them, at an hour of the frozen clock."""

    def __init__(self, shelf: Shelf, clock: time_machine.Coordinates) -> None:
        self.shelf, self.clock = shelf, clock

    def __call__(self, *events: str, at: dt.datetime | None = None) -> None:
        if at is not None:
            self.clock.move_to(at)
        self.shelf.put(*events)
        OwnCalendar.objects.update(due_at=NOW - DAY)
        jobs.run()
        assert not OwnCalendar.objects.exclude(trouble="").exists()
        assert not OutgoingMail.objects.filter(audience=OutgoingMail.Audience.MENTOR).exists()


@pytest.fixture
def reads(shelf: Shelf, mine: OwnCalendar, clock: time_machine.Coordinates, bob: Person) -> Reader:
    return Reader(shelf, clock)


def states() -> list[str]:
    return list(CalendarTalk.objects.order_by("starts_at").values_list("state", flat=True))


def asked(user: User) -> list[str]:
    return [item.title for _, item in pending(user, dt.datetime.now(dt.UTC))]


def only() -> CalendarTalk:
    return CalendarTalk.objects.select_related("owner", "person", "meeting").get()


def known_to(person: Person) -> None:
    """The user has said once that they spoke, so that the next talks are noted without asking."""
    at = NOW - 5 * DAY
    make_talk(person, at, key="first", state=State.SPOKE, settled_at=at + DAY)


# --- Once it is over ------------------------------------------------------------------------------


def test_the_first_talk_with_a_person_is_asked_about_at_once_on_today(reads: Reader, alice: User) -> None:
    reads(entry("1", NOW - 2 * HOUR))
    assert asked(alice) == ["Did you speak with Dr Bob Brook on Wednesday 4 March?"]
    assert not Contact.objects.exists()


def test_after_a_yes_it_is_noted_and_so_are_the_next_ones_without_asking(
    reads: Reader, alice: User, bob: Person
) -> None:
    first, second = entry("1", NOW - 2 * HOUR), entry("2", NOW + DAY)
    reads(first, second)
    assert talk_answers.answer(CalendarTalk.objects.first(), State.SPOKE)
    contact = Contact.objects.get()
    assert (contact.person, contact.at, contact.kind, contact.note, contact.minutes) == (
        bob,
        NOW - 2 * HOUR,
        "meeting",
        "From your calendar",
        60,
    )
    assert asked(alice) == []
    reads(first, second, at=NOW + DAY + 2 * HOUR)
    assert [one.at for one in Contact.objects.all()] == [NOW + DAY, NOW - 2 * HOUR]
    assert asked(alice) == ["Noted from your calendar: you spoke with Dr Bob Brook"]
    reads(first, second, at=NOW + DAY + 4 * HOUR)
    assert Contact.objects.count() == 2


def test_a_yes_notes_whatever_else_waits_with_the_same_person(reads: Reader) -> None:
    reads(entry("1", NOW - 2 * DAY), entry("2", NOW - 2 * HOUR), entry("3", NOW + DAY))
    assert states() == ["ahead", "asks", "ahead"]
    talk_answers.answer(CalendarTalk.objects.get(state=State.ASKS), State.SPOKE)
    assert states() == ["spoke", "spoke", "ahead"]
    assert Contact.objects.count() == 2


def test_after_a_no_the_next_one_asks_again(reads: Reader) -> None:
    reads(entry("1", NOW - 2 * DAY), entry("2", NOW - 2 * HOUR))
    talk_answers.answer(CalendarTalk.objects.get(state=State.ASKS), State.NO)
    assert states() == ["asks", "no"]
    assert not Contact.objects.exists()


def test_after_never_nothing_is_asked_or_noted_until_it_is_taken_back(reads: Reader, alice: User) -> None:
    events = [entry("1", NOW - 2 * DAY), entry("2", NOW - 2 * HOUR), entry("3", NOW + DAY)]
    reads(*events)
    never = CalendarTalk.objects.get(state=State.ASKS)
    talk_answers.answer(never, State.NEVER)
    reads(*events, at=NOW + 2 * DAY)
    assert states() == ["known", "never", "known"]
    assert asked(alice) == []
    assert talk_answers.ask_again(never)
    assert not talk_answers.ask_again(never)
    reads(*events, entry("4", NOW + 3 * DAY), at=NOW + 4 * DAY)
    assert states()[-1] == "asks"


def test_it_stops_the_follow_up_that_waits_and_taken_back_it_waits_again(reads: Reader, bob: Person) -> None:
    known_to(bob)
    approach = make_approach(bob, stage=Approach.Stage.APPROACHED)
    make_message(approach, state=Message.State.SENT, at=NOW - 3 * DAY)
    follow_up = make_follow_up(approach, due_on=dt.date(2026, 3, 16))
    reads(entry("1", NOW - 2 * HOUR))
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.stopped_because) == (FollowUp.State.STOPPED, "You were in touch")
    noted = CalendarTalk.objects.get(news=News.SPOKE)
    assert talk_answers.take_back(noted)
    follow_up.refresh_from_db()
    assert (follow_up.state, Contact.objects.count()) == (FollowUp.State.PLANNED, 0)
    assert not talk_answers.take_back(only_noted())  # pressed twice


def only_noted() -> CalendarTalk:
    return CalendarTalk.objects.exclude(key="first").get()


def test_taken_back_it_is_not_noted_again_and_the_next_one_asks(reads: Reader, bob: Person, alice: User) -> None:
    known_to(bob)
    one = entry("1", NOW - 2 * HOUR)
    reads(one)
    talk_answers.take_back(only_noted())
    assert asked(alice) == []
    reads(one, entry("2", NOW + DAY), at=NOW + 2 * DAY)
    assert not Contact.objects.exists()
    assert states() == ["spoke", "no", "asks"]


def test_a_talk_before_the_letter_stops_nothing(reads: Reader, bob: Person) -> None:
    known_to(bob)
    approach = make_approach(bob, stage=Approach.Stage.APPROACHED)
    make_message(approach, state=Message.State.SENT, at=NOW - HOUR)
    follow_up = make_follow_up(approach)
    reads(entry("1", NOW - 4 * HOUR))
    follow_up.refresh_from_db()
    assert (follow_up.state, Contact.objects.count()) == (FollowUp.State.PLANNED, 1)


def test_what_was_noted_by_hand_that_day_is_not_doubled(reads: Reader, bob: Person) -> None:
    known_to(bob)
    record_contact(person=bob, at=NOW - 3 * HOUR, kind=Contact.Kind.CALL)
    record_contact(person=bob, at=NOW - 2 * DAY, kind=Contact.Kind.MESSAGE)
    reads(entry("1", NOW - 2 * HOUR), entry("2", NOW - 2 * DAY))
    assert Contact.objects.filter(kind=Contact.Kind.MEETING).count() == 1  # a message is no talk
    assert states() == ["spoke", "spoke", "known"]


def test_one_that_is_moved_after_it_was_asked_about_is_asked_about_later(reads: Reader, alice: User) -> None:
    reads(entry("1", NOW - 2 * HOUR))
    reads(entry("1", NOW + DAY), at=NOW + HOUR)
    assert (states(), asked(alice)) == (["ahead"], [])
    reads(entry("1", NOW + DAY), at=NOW + 2 * DAY)
    assert asked(alice) == ["Did you speak with Dr Bob Brook on Thursday 5 March?"]


def test_one_that_is_deleted_or_cancelled_is_asked_about_no_more(reads: Reader, alice: User) -> None:
    reads(entry("1", NOW - 2 * HOUR), entry("2", NOW + DAY))
    reads(entry("2", NOW + DAY, more="STATUS:CANCELLED"))
    assert (CalendarTalk.objects.count(), asked(alice)) == (0, [])
    assert Reminder.objects.get().state == Reminder.State.CANCELLED


def test_what_is_older_than_a_week_when_it_is_connected_is_left_alone(reads: Reader) -> None:
    reads(entry("1", NOW - 8 * DAY), entry("2", NOW - 6 * DAY))
    assert CalendarTalk.objects.count() == 1


def test_nothing_is_noted_while_the_calendar_can_not_be_read(
    reads: Reader, server: Inside, shelf: Shelf, bob: Person
) -> None:
    """It may have been cancelled meanwhile: that is known once it can be read again, even weeks later."""
    known_to(bob)
    one, two = entry("1", NOW + DAY), entry("2", NOW + 2 * DAY)
    reads(one, two)
    server.answer = lambda request: request.send_error(500)
    reads.clock.move_to(NOW + 20 * DAY)
    OwnCalendar.objects.update(due_at=NOW)
    jobs.run()
    assert states() == ["spoke", "ahead", "ahead"]
    server.answer = shelf
    reads(one)
    assert states() == ["spoke", "spoke"]
    assert [one.at for one in Contact.objects.all()] == [NOW + DAY]


def test_unchanged_calendars_settle_what_is_over_too(reads: Reader, shelf: Shelf, alice: User) -> None:
    reads(entry("1", NOW + HOUR))
    reads.clock.move_to(NOW + 3 * HOUR)
    OwnCalendar.objects.update(due_at=NOW)
    jobs.run()
    assert shelf.asked[-1] == shelf.etag
    assert states() == ["asks"]


def test_no_more_than_five_people_are_asked_about_at_once(reads: Reader, alice: User) -> None:
    addresses = [f"p{n}@example.org" for n in range(7)]
    for n, address in enumerate(addresses):
        make_person(alice, f"Person {n}", email=address)
    reads(*(entry(f"{n}", NOW - (n + 2) * HOUR, address) for n, address in enumerate(addresses)))
    assert states().count("asks") == 5
    talk_answers.answer(CalendarTalk.objects.filter(state=State.ASKS).first(), State.NO)
    assert states().count("asks") == 5


def test_two_people_at_one_meeting_are_asked_about_each(reads: Reader, dana: Person) -> None:
    reads(entry("1", NOW - 2 * HOUR, BOB.upper(), DANA, "stranger@example.org"))
    assert states() == ["asks", "asks"]


def test_strangers_and_other_users_people_are_no_matter(reads: Reader, charlie: User, alice: User) -> None:
    make_person(charlie, "Dana", email=DANA)
    reads(entry("1", NOW - 2 * HOUR, DANA), entry("2", NOW - 2 * HOUR, "stranger@example.org"))
    assert not CalendarTalk.objects.exists()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            kept = repr(cursor.fetchall()).lower()
            assert "coffee" not in kept, table
            assert "stranger@" not in kept, table


# --- Before it ------------------------------------------------------------------------------------


def planned(reads: Reader, starts: dt.datetime = NOW + 2 * DAY, **more: str) -> Meeting:
    """Taken over from the calendar as a meeting."""
    reads(entry("1", starts, **more))
    meeting = talk_answers.plan(only(), kind="regular")
    assert meeting is not None
    return meeting


def test_what_is_ahead_is_offered_and_planned_in_one_press(reads: Reader, alice: User) -> None:
    reads(entry("1", NOW + 2 * DAY, minutes=45))
    assert [talk.person.name for talk in talks.offered(alice.pk)] == ["Dr Bob Brook"]
    meeting = talk_answers.plan(only(), kind="regular")
    assert meeting is not None
    assert (meeting.starts_at, meeting.minutes, meeting.zone) == (NOW + 2 * DAY, 45, alice.time_zone)
    assert meeting.items.exists()
    assert talks.offered(alice.pk) == []
    assert talk_answers.plan(only(), kind="regular") is None  # pressed twice
    assert Meeting.objects.count() == 1


def test_nothing_is_planned_by_itself(reads: Reader) -> None:
    reads(entry("1", NOW + 2 * DAY))
    assert not Meeting.objects.exists()


def test_of_an_event_that_comes_back_only_the_next_time_is_offered(reads: Reader, alice: User) -> None:
    reads(entry("1", NOW + DAY, more="RRULE:FREQ=WEEKLY"))
    assert CalendarTalk.objects.count() == 9
    assert [talk.starts_at for talk in talks.offered(alice.pk)] == [NOW + DAY]


def test_a_meeting_that_was_planned_here_is_neither_offered_nor_asked_about(
    reads: Reader, bob: Person, alice: User
) -> None:
    """It stands in the calendar under another UID: the user put it there, or it is the mentor's own invitation."""
    make_meeting(bob, starts_at=NOW + DAY)
    reads(entry("1", NOW + DAY + HOUR / 2))
    assert talks.offered(alice.pk) == []
    reads(entry("1", NOW + DAY + HOUR / 2), at=NOW + 2 * DAY)
    assert states() == ["known"]
    assert not Contact.objects.exists()


def test_a_meeting_that_moves_in_the_calendar_moves_here_and_so_do_its_reminders(reads: Reader, alice: User) -> None:
    meeting = planned(reads)
    reads(entry("1", NOW + 5 * DAY, minutes=30))
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.minutes, meeting.state) == (NOW + 5 * DAY, 30, "planned")
    assert Reminder.objects.get(kind="meeting_today").wall_date == dt.date(2026, 3, 9)
    assert asked(alice) == ["Moved as in your calendar: your meeting with Dr Bob Brook"]
    assert talk_answers.take_back(only())
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.minutes) == (NOW + 2 * DAY, 60)
    assert asked(alice) == []
    reads(entry("1", NOW + 6 * DAY))  # follows no more
    meeting.refresh_from_db()
    assert meeting.starts_at == NOW + 2 * DAY


def test_one_time_of_many_follows_wherever_the_rest_goes(reads: Reader) -> None:
    """All times of an event moved at once have other keys; the nearest one is the same."""
    reads(entry("1", NOW + DAY, more="RRULE:FREQ=WEEKLY;COUNT=3"))
    meeting = talk_answers.plan(CalendarTalk.objects.all()[1], kind="regular")
    assert meeting is not None
    reads(entry("1", NOW + 2 * DAY, more="RRULE:FREQ=WEEKLY;COUNT=3"))
    meeting.refresh_from_db()
    assert meeting.starts_at == NOW + 9 * DAY
    assert CalendarTalk.objects.count() == 3


def test_a_time_that_the_user_gave_it_here_stays(reads: Reader) -> None:
    meeting = planned(reads)
    change_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 10, 9, 0), zone="Europe/London")
    reads(entry("1", NOW + 5 * DAY))
    meeting.refresh_from_db()
    assert meeting.starts_at == dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC)


def test_one_that_is_cancelled_in_the_calendar_is_cancelled_here_and_can_be_put_back(
    reads: Reader, alice: User
) -> None:
    meeting = planned(reads)
    reads(entry("1", NOW + 2 * DAY, more="STATUS:CANCELLED"))
    meeting.refresh_from_db()
    assert meeting.state == "cancelled"
    assert asked(alice) == ["Cancelled as in your calendar: your meeting with Dr Bob Brook"]
    assert talk_answers.take_back(only())
    meeting.refresh_from_db()
    assert (meeting.state, asked(alice)) == ("planned", [])


def test_one_that_is_gone_from_the_calendar_is_asked_about(reads: Reader, alice: User) -> None:
    meeting = planned(reads)
    reads()
    meeting.refresh_from_db()
    assert meeting.state == "planned"
    assert asked(alice) == ["No longer in your calendar: Dr Bob Brook"]
    assert talk_answers.cancel(only())
    meeting.refresh_from_db()
    assert (meeting.state, asked(alice)) == ("cancelled", [])


def test_one_that_is_gone_and_kept_is_asked_about_once(reads: Reader, alice: User) -> None:
    meeting = planned(reads)
    reads()
    assert talk_answers.keep_meeting(only())
    reads()
    meeting.refresh_from_db()
    assert (meeting.state, asked(alice)) == ("planned", [])


def test_one_that_was_gone_and_is_back_asks_nothing(reads: Reader, alice: User) -> None:
    planned(reads)
    reads()
    reads(entry("1", NOW + 2 * DAY))
    assert asked(alice) == []
    assert only().meeting is not None


@pytest.mark.parametrize("more", ["", "STATUS:CANCELLED"])
def test_a_meeting_to_which_they_were_invited_is_never_changed_by_itself(reads: Reader, alice: User, more: str) -> None:
    """Or a mail would go to them because of the user's calendar."""
    meeting = planned(reads)
    Meeting.objects.filter(pk=meeting.pk).update(invites_mentor=BOB)
    reads(entry("1", NOW + 5 * DAY if not more else NOW + 2 * DAY, more=more))  # and asserts that no mail is queued
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.state) == (NOW + 2 * DAY, "planned")
    assert len(asked(alice)) == 1


def test_a_planned_one_that_is_over_is_asked_about_and_then_held(reads: Reader, alice: User, bob: Person) -> None:
    meeting = planned(reads)
    reads(entry("1", NOW + 2 * DAY), at=NOW + 3 * DAY)
    assert "Did you speak with Dr Bob Brook on Friday 6 March?" in asked(alice)
    talk_answers.answer(only(), State.SPOKE)
    meeting.refresh_from_db()
    assert (meeting.state, meeting.spoke_at) == ("held", NOW + 2 * DAY)
    assert Contact.objects.count() == 1
    assert talk_answers.take_back(only())
    meeting.refresh_from_db()
    assert (meeting.state, Contact.objects.count()) == ("planned", 0)


@pytest.mark.parametrize("act", [hold_meeting, cancel_meeting])
def test_one_that_was_held_or_cancelled_by_hand_is_not_asked_about(reads: Reader, act: Callable[..., bool]) -> None:
    act(meeting=planned(reads))
    reads(entry("1", NOW + 2 * DAY), at=NOW + 3 * DAY)
    assert states() == ["known"]


@pytest.mark.parametrize("said", [State.SPOKE, State.NO, State.NEVER])
def test_an_answer_is_undone_and_asks_as_before(reads: Reader, alice: User, said: State) -> None:
    reads(entry("1", NOW - 2 * HOUR))
    talk_answers.answer(only(), said)
    assert talk_answers.unanswer(only())
    assert not talk_answers.unanswer(only())
    assert (states(), Contact.objects.count(), len(asked(alice))) == (["asks"], 0, 1)


def test_planning_it_is_undone_and_it_is_offered_again(reads: Reader, alice: User) -> None:
    meeting = planned(reads)
    assert talk_answers.take_back(only())
    meeting.refresh_from_db()
    assert meeting.state == "cancelled"
    assert len(talks.offered(alice.pk)) == 1


# --- Switched on and off --------------------------------------------------------------------------


def test_a_calendar_connected_for_busy_times_only_notices_nobody(
    shelf: Shelf, alice: User, bob: Person, server: Inside
) -> None:
    services.connect(owner=alice, address=f"http://127.0.0.1:{server.port}/s3cr3t.ics")
    shelf.put(entry("1", NOW - 2 * HOUR))
    jobs.run()
    assert not CalendarTalk.objects.exists()
    assert services.notice_talks(owner=alice, wanted=True)
    jobs.run()
    assert shelf.asked == ["", ""]  # read whole at once, though nothing changed
    assert states() == ["asks"]


@pytest.mark.parametrize("stop", ["off", "disconnect"])
def test_switched_off_what_was_noted_stays_and_the_rest_is_forgotten(
    reads: Reader, alice: User, bob: Person, dana: Person, stop: str
) -> None:
    known_to(bob)
    reads(entry("1", NOW - 2 * HOUR), entry("2", NOW + DAY), entry("3", NOW - 2 * HOUR, DANA))
    if stop == "off":
        services.notice_talks(owner=alice, wanted=False)
        jobs.run()
    else:
        services.disconnect(owner=alice)
        assert not BusyTime.objects.exists()
    assert states() == ["spoke", "spoke"]
    assert Contact.objects.count() == 1
    assert [title for title in asked(alice) if title.startswith("Did you")] == []


def test_connected_again_nothing_is_noted_twice(reads: Reader, alice: User, bob: Person) -> None:
    known_to(bob)
    one = entry("1", NOW - 2 * HOUR)
    reads(one)
    again = services.connect(owner=alice, address=OwnCalendar.objects.get().address, with_talks=True)
    reads(one)
    assert again.pk == OwnCalendar.objects.get().pk
    assert Contact.objects.count() == 1


def test_5000_events_are_written_in_bulk(
    reads: Reader, alice: User, bob: Person, django_assert_max_num_queries
) -> None:
    events = [entry(f"{n}", NOW + DAY + n * dt.timedelta(minutes=10), minutes=10) for n in range(4_900)]
    with django_assert_max_num_queries(80):
        reads(*events)
    assert CalendarTalk.objects.count() == 2_000

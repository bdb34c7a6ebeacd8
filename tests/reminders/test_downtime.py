"""After downtime: few mails, none at night, and one line about missed reminders."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import User
from accounts.signals import profile_changed
from mail.models import OutgoingMail
from reminders.digest import MOST_LINES, missed_words
from reminders.models import Digest, Reminder
from reminders.services import plan, snooze
from reminders.sweep import gather
from reminders.tasks import sweep
from tests.reminders.kinds_for_tests import Matters
from tests.smtp_server import SmtpServer

State = Reminder.State
MONDAY = dt.datetime(2026, 6, 8, 12, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("matters"), pytest.mark.clock(MONDAY)]


def nine(day: int) -> dt.datetime:
    """09:00 in London on that day of June."""
    return dt.datetime(2026, 6, day, 8, 0, tzinfo=dt.UTC)


def planned(user: User, day: int, *numbers: int, kind: str = "nudge") -> None:
    for number in numbers:
        plan(owner=user, kind=kind, subject_id=number, on=dt.date(2026, 6, day))


def text_of(smtp: SmtpServer) -> str:
    """The only mail's text part."""
    (mail,) = smtp.mails
    return "\n".join(mail.text.splitlines())


def test_what_was_missed_is_one_line_beside_what_is_due_today(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    planned(alice, 9, *range(1, 13))
    planned(alice, 11, 99)
    clock.move_to(nine(11))
    sweep()
    sweep()
    assert smtp.subjects == ["Write to Bob 99"]
    text = text_of(smtp)
    assert "While we were away, 12 more came due. They are on Today.\nhttp://localhost:8000/today/" in text
    assert "Write to Bob 1\n" not in text
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.MAILED}
    assert Reminder.objects.filter(missed_at=nine(9)).count() == 12


def test_back_at_night_everybody_sleeps(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    planned(alice, 9, 1, 2)
    clock.move_to(dt.datetime(2026, 6, 10, 2, 0, tzinfo=dt.UTC))
    sweep()
    assert smtp.mails == []
    clock.move_to(nine(10))
    sweep()
    assert smtp.subjects == ["2 things came due while we were away"]
    assert "While we were away, 2 came due." in text_of(smtp)


def test_one_that_was_missed_alone_is_named(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    planned(alice, 9, 1)
    clock.move_to(nine(12) + dt.timedelta(hours=1))
    gather()
    clock.move_to(nine(15))  # a weekend later
    sweep()
    assert smtp.subjects == ["Write to Bob 1"]
    assert "While we were away, one came due: “Write to Bob 1”. It is on Today." in text_of(smtp)


def test_a_few_hours_late_is_still_this_morning(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    planned(alice, 9, 1)
    clock.move_to(nine(9) + dt.timedelta(hours=5))
    sweep()
    assert smtp.subjects == ["Write to Bob 1"]
    assert "away" not in text_of(smtp)


def test_messages_to_send_that_were_missed_come_as_one(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    for number in range(1, 21):
        plan(owner=alice, kind="now", subject_id=number, on=dt.date(2026, 6, 8), at=dt.time(15))
    clock.move_to(MONDAY + dt.timedelta(hours=5))
    sweep()
    assert smtp.mails == []
    clock.move_to(nine(9))
    sweep()
    sweep()
    assert smtp.subjects == ["20 things came due while we were away"]


def test_what_is_no_longer_true_is_not_counted(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, matters: Matters
) -> None:
    planned(alice, 9, 1, 2, 3)
    matters.true -= {2, 3}
    clock.move_to(nine(11) - dt.timedelta(hours=1))
    sweep()
    clock.move_to(nine(11))
    sweep()
    assert smtp.subjects == ["Write to Bob 1"]


def test_a_weekly_reader_does_not_wait_another_week(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    alice.weekly_mail = True
    alice.save(update_fields=["weekly_mail"])
    planned(alice, 9, 1)  # for Monday the 15th
    clock.move_to(nine(16) + dt.timedelta(hours=1))
    sweep()
    clock.move_to(nine(17))
    sweep()
    assert smtp.subjects == ["Write to Bob 1"]


def test_put_off_it_is_no_longer_missed(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    planned(alice, 9, 1)
    clock.move_to(nine(11))
    sweep()
    snooze(Reminder.objects.get(), on=dt.date(2026, 6, 15))
    assert Reminder.objects.get().missed_at is None
    clock.move_to(nine(15))
    sweep()
    assert "away" not in text_of(smtp)


def test_days_without_a_mail_server_become_one_mail(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    smtp.behave["CONNECT"] = "421 4.3.2 Closed"
    for day in (9, 10):
        planned(alice, day, day)
        clock.move_to(nine(day))
        sweep()
    smtp.behave.clear()
    clock.move_to(nine(10) + dt.timedelta(hours=1))
    OutgoingMail.objects.filter(state="queued").update(due_at=nine(10))
    sweep()
    assert smtp.subjects == ["2 things for today: Bob"]
    assert sorted(OutgoingMail.objects.values_list("state", flat=True)) == ["expired", "sent"]
    assert Digest.objects.count() == 1


def test_a_full_morning_shows_what_matters_most_and_counts_the_rest(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    planned(alice, 9, *range(1, 11), kind="gentle")
    planned(alice, 9, *range(11, 16))
    clock.move_to(nine(9))
    sweep()
    text = text_of(smtp)
    titles = [line for line in text.splitlines() if "Write to Bob" in line]
    assert titles[:5] == [f"{n}. Write to Bob {n + 10}" for n in range(1, 6)]
    assert len(titles) == MOST_LINES
    assert "And 5 more:\nhttp://localhost:8000/today/" in text
    assert smtp.mails[0].message["Subject"] == "15 things for today: Bob"


def test_switching_on_says_nothing_of_the_past(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    alice.remind_replies = False
    alice.save(update_fields=["remind_replies"])
    planned(alice, 9, 1)
    planned(alice, 12, 2)
    clock.move_to(nine(9) + dt.timedelta(hours=1))  # no sweep ran at nine
    alice.remind_replies = True
    alice.save(update_fields=["remind_replies"])
    profile_changed.send(sender=User, user=alice, changed={"remind_replies"})
    sweep()
    assert smtp.mails == []
    clock.move_to(nine(12))
    sweep()
    assert smtp.subjects == ["Write to Bob 2"]


def test_who_goes_away_before_it_is_written_is_left_in_peace(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    planned(alice, 9, 1)
    clock.move_to(nine(9))
    gather()
    alice.away_until = dt.date(2026, 6, 10)
    alice.save(update_fields=["away_until"])
    sweep()
    assert smtp.mails == []
    clock.move_to(nine(11))
    sweep()
    assert smtp.subjects == ["Write to Bob 1"]


def test_who_goes_away_before_it_could_be_sent_is_told_afterwards(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    planned(alice, 9, 1)
    smtp.behave["RCPT"] = "451 4.3.0 Later, please"
    clock.move_to(nine(9))
    sweep()
    smtp.behave.clear()
    alice.away_until = dt.date(2026, 6, 10)
    alice.save(update_fields=["away_until"])
    clock.move_to(nine(9) + dt.timedelta(minutes=5))
    sweep()
    assert smtp.mails == []
    clock.move_to(nine(11))
    sweep()
    assert smtp.subjects == ["Write to Bob 1"]


@pytest.mark.parametrize(
    ("hours", "lines"), [(1, 0), (9, 1), (24, 1), (24 * 7, 1), (24 * 21, 1), (24 * 21 + 5, 1), (24 * 21 + 20, 1)]
)
def test_however_long_nothing_ran_there_is_one_mail_and_one_line(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, hours: int, lines: int
) -> None:
    """Two of each kind were due on each day of three weeks; then sweeps run again every other hour."""
    down = nine(9) + dt.timedelta(minutes=-1)
    for day in range(22):
        on = dt.date(2026, 6, 9) + dt.timedelta(days=day)
        for n in (0, 100):
            plan(owner=alice, kind="nudge", subject_id=1 + day + n, on=on)
            plan(owner=alice, kind="gentle", subject_id=1 + day + n, on=on)
            plan(owner=alice, kind="now", subject_id=1 + day + n, on=on, at=dt.time(9))
    back = down + dt.timedelta(hours=hours)
    Reminder.objects.filter(due_at__gt=back + dt.timedelta(minutes=2)).delete()
    for looks in range(36):
        clock.move_to(back + dt.timedelta(hours=2 * looks))
        sweep()
    morning = [mail for mail in smtp.mails if "for today" in mail.message["Subject"] or "away" in mail.text]
    assert len(morning) == 1
    assert sum(mail.text.count("While we were away") for mail in smtp.mails) == lines
    local = [alice.local(at) for at in OutgoingMail.objects.filter(state="sent").values_list("sent_at", flat=True)]
    assert all(9 <= when.hour <= 15 for when in local)
    assert not Reminder.objects.planned().exists()


def test_an_evenings_mail_does_not_come_in_the_night(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    alice.reminder_time = dt.time(20)
    alice.save(update_fields=["reminder_time"])
    planned(alice, 9, 1)
    planned(alice, 10, 2)
    clock.move_to(dt.datetime(2026, 6, 10, 0, 0, tzinfo=dt.UTC))  # 01:00, five hours late
    sweep()
    assert smtp.mails == []
    clock.move_to(dt.datetime(2026, 6, 10, 19, 0, tzinfo=dt.UTC))
    sweep()
    assert smtp.subjects == ["Write to Bob 2"]
    assert "While we were away, one more came due: “Write to Bob 1”." in text_of(smtp)


def test_a_minute_past_midnight_takes_nothing_from_the_day_that_begins(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    alice.reminder_time = dt.time(23, 59)
    alice.save(update_fields=["reminder_time"])
    planned(alice, 9, 1)
    planned(alice, 10, 2)
    for day, hour, minute in ((9, 23, 1), (10, 22, 59)):  # slightly late, then on time
        clock.move_to(dt.datetime(2026, 6, day, hour, minute, tzinfo=dt.UTC))
        sweep()
    assert smtp.subjects == ["Write to Bob 1", "Write to Bob 2"]
    assert "away" not in smtp.mails[0].text


def test_missed_twice_it_keeps_the_first_hour(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    planned(alice, 9, 1)
    for day in (9, 11):
        clock.move_to(nine(day) + dt.timedelta(hours=9))
        sweep()
    assert Reminder.objects.get().missed_at == nine(9)
    clock.move_to(nine(12))
    sweep()
    assert "While we were away, one came due" in text_of(smtp)


def test_what_was_missed_before_it_was_switched_off_is_of_the_past_too(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    planned(alice, 9, 1)
    clock.move_to(nine(9) + dt.timedelta(hours=9))
    sweep()  # missed: it waits for tomorrow
    for switch in (False, True):
        alice.remind_replies = switch
        alice.save(update_fields=["remind_replies"])
        profile_changed.send(sender=User, user=alice, changed={"remind_replies"})
    clock.move_to(nine(10))
    sweep()
    assert smtp.mails == []


@pytest.mark.parametrize(
    ("titles", "others", "words"),
    [
        ([], True, ""),
        (["Write\nto Bob"], True, "While we were away, one more came due: “Write to Bob”. It is on Today."),
        (["a", "b"], False, "While we were away, 2 came due. They are on Today."),
    ],
)
def test_the_honest_line(titles: list[str], others: bool, words: str) -> None:
    assert missed_words(titles, with_others=others) == words

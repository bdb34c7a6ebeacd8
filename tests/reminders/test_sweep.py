"""From due reminders to mails in the outbox, and their content."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from mail import engine
from mail.models import Heartbeat, OutgoingMail
from reminders.models import Digest, Reminder
from reminders.services import cancel, plan, snooze
from reminders.sweep import gather
from reminders.tasks import sweep
from tests.factories import make_user
from tests.races import at_once
from tests.reminders.kinds_for_tests import Matters
from tests.servers import SmtpServer

State = Reminder.State
WEDNESDAY = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("matters"),
    pytest.mark.clock(WEDNESDAY),
]
THURSDAY_NINE = dt.datetime(2026, 6, 11, 8, 0, tzinfo=dt.UTC)
FRIDAY = dt.date(2026, 6, 12)


def tomorrow(user: User, subject_id: int = 1, kind: str = "nudge") -> Reminder:
    return plan(owner=user, kind=kind, subject_id=subject_id, on=dt.date(2026, 6, 11))


def states() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("state", flat=True))


def test_nothing_comes_early(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    tomorrow(alice)
    clock.move_to(THURSDAY_NINE - dt.timedelta(seconds=1))
    sweep()
    assert (states(), smtp.mails) == ([State.PLANNED], [])


def test_one_mail_a_morning_at_the_local_hour(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    for number in (1, 2, 3):
        tomorrow(alice, number)
    clock.move_to(THURSDAY_NINE)
    sweep()
    sweep()
    (mail,) = smtp.mails
    assert mail.recipients == ["alice@example.org"]
    assert mail.message["Subject"] == "3 things for today: Bob"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert states() == [State.MAILED] * 3
    digest = Digest.objects.get()
    assert (digest.local_date, digest.slot, digest.frozen_at) == (dt.date(2026, 6, 11), "", THURSDAY_NINE)
    assert Heartbeat.objects.get(name="sweep").at == THURSDAY_NINE


def test_a_single_reminder_is_its_own_subject(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    tomorrow(alice)
    clock.move_to(THURSDAY_NINE)
    sweep()
    message = smtp.mails[0].message
    assert message["Subject"] == "Write to Bob 1"
    text = smtp.mails[0].text
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "Hello Alice" in text
    assert "It is about 1 & more." in text
    assert "It is about 1 &amp; more." in html
    for part in (text, html):
        assert "http://localhost:8000/approaches/1/" in part
        assert "http://localhost:8000/r/" in part
        assert "They replied · Remind me later" in part


def test_each_user_gets_their_own_morning(clock: time_machine.Coordinates, smtp: SmtpServer, alice: User) -> None:
    sam = make_user("sam@example.org", name="Sam", time_zone="Pacific/Auckland", country="NZ")
    plan(owner=alice, kind="nudge", subject_id=1, on=FRIDAY)
    plan(owner=sam, kind="nudge", subject_id=1, on=FRIDAY)
    for hour in range(72):
        clock.move_to(WEDNESDAY + dt.timedelta(hours=hour))
        sweep()
    local = {
        mail.recipient: User.objects.get(email=mail.recipient).local(mail.sent_at).replace(tzinfo=None)  # type: ignore[arg-type]
        for mail in OutgoingMail.objects.all()
    }
    assert local == {"alice@example.org": dt.datetime(2026, 6, 12, 9), "sam@example.org": dt.datetime(2026, 6, 12, 9)}
    assert len(smtp.mails) == 2


def test_what_comes_after_the_morning_mail_joins_the_next(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    tomorrow(alice, 1)
    late = tomorrow(alice, 2)
    Reminder.objects.filter(pk=late.pk).update(due_at=THURSDAY_NINE + dt.timedelta(minutes=1))
    clock.move_to(THURSDAY_NINE)
    sweep()
    clock.move_to(THURSDAY_NINE + dt.timedelta(minutes=2))
    sweep()
    late.refresh_from_db()
    assert (late.state, late.wall_date, len(smtp.mails)) == (State.PLANNED, FRIDAY, 1)
    clock.move_to(THURSDAY_NINE + dt.timedelta(days=1))
    sweep()
    assert smtp.subjects == ["Write to Bob 1", "Write to Bob 2"]


def test_what_comes_before_it_is_written_joins_it(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    tomorrow(alice, 1)
    late = tomorrow(alice, 2)
    Reminder.objects.filter(pk=late.pk).update(due_at=THURSDAY_NINE + dt.timedelta(minutes=1))
    clock.move_to(THURSDAY_NINE)
    gather()
    clock.move_to(THURSDAY_NINE + dt.timedelta(minutes=2))
    sweep()
    (mail,) = smtp.mails
    assert mail.message["Subject"].startswith("2 things for today")


def test_a_same_day_reminder_has_a_mail_of_its_own(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    plan(owner=alice, kind="now", subject_id=1, on=dt.date(2026, 6, 10), at=dt.time(15, 20))
    clock.move_to(dt.datetime(2026, 6, 10, 14, 20, tzinfo=dt.UTC))
    sweep()
    assert len(smtp.mails) == 1
    assert Digest.objects.get().slot.endswith("-0")


def test_what_is_no_longer_true_is_not_mailed(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, matters: Matters
) -> None:
    tomorrow(alice, 1)
    tomorrow(alice, 2)
    matters.true.discard(1)
    clock.move_to(THURSDAY_NINE)
    sweep()
    assert states() == [State.EXPIRED, State.MAILED]
    assert smtp.mails[0].message["Subject"] == "Write to Bob 2"


def test_settled_between_gathering_and_writing_is_not_mailed(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    tomorrow(alice)
    clock.move_to(THURSDAY_NINE)
    gather()
    cancel(owner=alice, kind="nudge", subject_id=1)
    sweep()
    assert (states(), smtp.mails) == ([State.CANCELLED], [])
    assert OutgoingMail.objects.get().state == OutgoingMail.State.EXPIRED


def test_an_empty_morning_mail_does_not_use_up_the_morning(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, matters: Matters
) -> None:
    tomorrow(alice, 1)
    late = tomorrow(alice, 2)
    Reminder.objects.filter(pk=late.pk).update(due_at=THURSDAY_NINE + dt.timedelta(minutes=1))
    matters.true.discard(1)
    clock.move_to(THURSDAY_NINE)
    sweep()
    clock.move_to(THURSDAY_NINE + dt.timedelta(minutes=2))
    sweep()
    assert smtp.subjects == ["Write to Bob 2"]


def test_snoozed_after_the_mail_comes_again_once(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = tomorrow(alice)
    clock.move_to(THURSDAY_NINE)
    sweep()
    snooze(reminder, on=FRIDAY)
    sweep()
    assert len(smtp.mails) == 1
    clock.move_to(THURSDAY_NINE + dt.timedelta(days=1))
    sweep()
    sweep()
    assert len(smtp.mails) == 2


def test_a_snoozed_same_day_reminder_comes_again(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = plan(owner=alice, kind="now", subject_id=1, on=dt.date(2026, 6, 10), at=dt.time(13, 0))
    sweep()
    plan(owner=alice, kind="now", subject_id=1, on=dt.date(2026, 6, 10), at=dt.time(13, 5))
    clock.move_to(WEDNESDAY + dt.timedelta(minutes=10))
    sweep()
    assert (len(smtp.mails), Reminder.objects.get(pk=reminder.pk).state) == (2, State.MAILED)


def test_a_switch_that_is_off_lets_it_expire_for_good(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    tomorrow(alice)
    tomorrow(alice, kind="gentle")
    User.objects.update(remind_replies=False)
    clock.move_to(THURSDAY_NINE)
    sweep()
    User.objects.update(remind_replies=True)
    sweep()
    assert states() == [State.EXPIRED, State.MAILED]
    assert len(smtp.mails) == 1


def test_an_account_that_is_switched_off_gets_nothing(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    tomorrow(alice)
    User.objects.update(is_active=False)
    clock.move_to(THURSDAY_NINE)
    sweep()
    assert (states(), smtp.mails) == ([State.EXPIRED], [])


def test_time_away_moves_it_to_the_first_morning_back(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = tomorrow(alice)
    User.objects.update(away_until=dt.date(2026, 6, 14))
    clock.move_to(THURSDAY_NINE)
    sweep()
    reminder.refresh_from_db()
    assert (reminder.state, reminder.wall_date, smtp.mails) == (State.PLANNED, dt.date(2026, 6, 15), [])


@pytest.mark.parametrize(
    ("fields", "state", "day"),
    [
        ({"is_active": False}, State.EXPIRED, 11),
        ({"remind_replies": False}, State.EXPIRED, 11),
        ({"away_until": dt.date(2026, 6, 11)}, State.PLANNED, 12),  # the last day away is included
        ({"away_until": dt.date(2026, 6, 10)}, State.GATHERED, 11),
    ],
)
def test_no_mail_is_begun_for_who_wants_none(
    clock: time_machine.Coordinates, alice: User, fields: dict[str, object], state: str, day: int
) -> None:
    reminder = tomorrow(alice)
    User.objects.update(**fields)
    clock.move_to(THURSDAY_NINE)
    gather()
    reminder.refresh_from_db()
    assert (reminder.state, reminder.wall_date) == (state, dt.date(2026, 6, day))
    assert OutgoingMail.objects.exists() is (state == State.GATHERED)


@pytest.mark.parametrize("fields", [{"is_active": False}, {"remind_replies": False}])
def test_who_wants_none_by_the_time_it_is_written_gets_none(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, fields: dict[str, object]
) -> None:
    tomorrow(alice)
    clock.move_to(THURSDAY_NINE)
    gather()
    User.objects.update(**fields)
    sweep()
    assert (states(), smtp.mails) == ([State.EXPIRED], [])


def test_the_mail_goes_to_the_address_the_user_has_now(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    tomorrow(alice)
    clock.move_to(THURSDAY_NINE)
    gather()
    User.objects.update(email="alice@new.example.org")
    sweep()
    assert smtp.mails[0].recipients == ["alice@new.example.org"]


def test_a_mail_given_up_unwritten_strands_nobody(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = tomorrow(alice)
    clock.move_to(THURSDAY_NINE)
    gather()
    OutgoingMail.objects.update(state=OutgoingMail.State.FAILED)
    sweep()
    reminder.refresh_from_db()
    assert (reminder.state, reminder.wall_date) == (State.PLANNED, FRIDAY)
    clock.move_to(THURSDAY_NINE + dt.timedelta(days=1))
    sweep()
    assert len(smtp.mails) == 1


def test_a_kind_nobody_registered_waits_and_holds_nobody_up(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = tomorrow(alice, 1)
    Reminder.objects.filter(pk=unknown.pk).update(kind="from an app that is gone")
    tomorrow(alice, 2)
    clock.move_to(THURSDAY_NINE)
    sweep()
    assert states() == [State.PLANNED, State.MAILED]
    assert "nobody registered" in caplog.text


def test_one_users_trouble_is_not_anothers(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow(alice)
    tomorrow(charlie)
    from reminders import sweep as module

    real = module.gather_for

    def fails_for_alice(owner_ids: list[int]) -> None:
        if alice.pk in owner_ids:
            raise ValueError("broken row")
        real(owner_ids)

    monkeypatch.setattr(module, "gather_for", fails_for_alice)
    clock.move_to(THURSDAY_NINE)
    sweep()
    assert [mail.recipients for mail in smtp.mails] == [["charlie@example.org"]]


def test_a_subject_line_survives_hostile_titles(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, matters: Matters
) -> None:
    matters.titles[1] = "Write to Bob\r\nBcc: eve@example.org {{ user.password }} <b>" + "x" * 500
    tomorrow(alice)
    clock.move_to(THURSDAY_NINE)
    sweep()
    message = smtp.mails[0].message
    subject = message["Subject"].strip()
    assert subject.startswith("Write to Bob Bcc: eve@example.org {{ user.password }} <b>xxx")
    assert len(subject) == 140
    assert message["Bcc"] is None
    assert "&lt;b&gt;" in message.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_sweeps_at_once_make_one_mail(smtp: SmtpServer, alice: User) -> None:
    for number in range(1, 6):
        plan(owner=alice, kind="nudge", subject_id=number, on=dt.date(2026, 6, 11))
    Reminder.objects.update(due_at=timezone.now() - dt.timedelta(minutes=1))

    def sweeper() -> None:
        gather()
        engine.deliver()

    at_once(*[sweeper] * 3)
    sweeper()
    told = Reminder.objects.filter(state=State.MAILED).count()
    waiting = Reminder.objects.filter(state=State.PLANNED, due_at__gt=timezone.now()).count()
    assert len(smtp.mails) == 1
    assert told + waiting == 5

"""What is deleted by itself, on the clock: how old it gets, what stays, and that workers may stop in between."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import retention
from accounts.models import AddressChange, FailedSignIn, User
from accounts.retention import LOG_KEPT, rules
from mail.models import MailMonth, OutgoingMail, SendingDay
from portfolio.models import Person, Undoable
from portfolio.people import undo
from reminders.models import Digest, Reminder, Telling
from reminders.services import plan
from reminders.tasks import sweep
from tests import stored_data
from tests.access_world import make_world
from tests.factories import make_meeting, make_mentorship, make_session

if TYPE_CHECKING:
    from time_machine import Coordinates as Clock

NOW = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.clock(NOW)]
A_MOMENT = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)


def make_mail(owner: User | None, at: dt.datetime, **fields: object) -> OutgoingMail:
    fields = {"state": "sent", "purpose": "test_mail", "recipient": "alice@example.org", **fields}
    return OutgoingMail.objects.create(owner=owner, created_at=at, sent_at=at, due_at=at, **fields)


def make_reminder(owner: User, subject: int, at: dt.datetime, state: str, kind: str = "keep_in_touch") -> Reminder:
    made = plan(owner=owner, kind=kind, subject_id=subject, on=owner.today())
    Reminder.objects.filter(pk=made.pk).update(due_at=at, state=state)
    return made


def make_morning(owner: User, day: dt.date, *reminders: Reminder) -> Digest:
    digest = Digest.objects.create(owner=owner, local_date=day, frozen_at=NOW)
    for one in reminders:
        Telling.objects.create(owner=owner, reminder=one, digest=digest, title="Catch up")
    make_mail(owner, dt.datetime.combine(day, dt.time(8), dt.UTC), purpose="digest", subject_id=digest.pk)
    return digest


# --- Mail and reminders ---------------------------------------------------------------------------


def test_mail_is_listed_for_ninety_days_and_then_counted(alice: User, clock: Clock) -> None:
    mail = make_mail(alice, NOW)
    make_mail(alice, NOW, audience="mentor", recipient="bob@example.org")
    make_mail(alice, NOW, state="expired")
    clock.shift(LOG_KEPT)
    assert retention.apply()
    assert OutgoingMail.objects.filter(pk=mail.pk).exists()
    clock.shift(A_MOMENT)
    assert retention.apply()
    assert not OutgoingMail.objects.exists()
    month = MailMonth.objects.get()
    assert (month.owner, month.month, month.to_user, month.to_others) == (alice, dt.date(2026, 6, 1), 1, 1)
    client = Client()
    client.force_login(alice)
    page = client.get(reverse("reminders")).content.decode()
    assert "June 2026: 0 reminders in 1 email; 1 email to mentors" in page


def test_what_is_not_settled_stays_whatever_its_age(alice: User) -> None:
    open_states = [str(state) for state in OutgoingMail.OPEN]
    for state in open_states:
        hand = {"claim_token": "a" * 32, "lease_until": NOW} if state != "queued" else {}
        make_mail(alice, NOW - 2 * LOG_KEPT, state=state, content=b"x", **hand)
    retention.apply()
    assert sorted(OutgoingMail.objects.values_list("state", flat=True)) == sorted(open_states)


def test_an_invitation_stays_until_its_meeting_is_as_long_ago(alice: User, bob: Person, clock: Clock) -> None:
    """So that calling off a meeting of next year still tells whoever has it in the calendar."""
    meeting = make_meeting(bob, starts_at=NOW + dt.timedelta(days=300))
    make_mail(alice, NOW, audience="mentor", purpose="invitation_mentor", expires_at=meeting.ends_at)
    clock.move_to(meeting.ends_at + LOG_KEPT)
    retention.apply()
    assert OutgoingMail.objects.count() == 1
    clock.shift(A_MOMENT)
    retention.apply()
    assert OutgoingMail.objects.count() == 0


def test_nobodys_mail_goes_and_is_counted_for_nobody(clock: Clock) -> None:
    make_mail(None, NOW - LOG_KEPT - DAY)
    retention.apply()
    assert (OutgoingMail.objects.count(), MailMonth.objects.count()) == (0, 0)


def test_what_was_told_is_counted_and_goes_with_its_morning(alice: User, bob: Person, clock: Clock) -> None:
    mentorship = make_mentorship(bob)
    told = make_reminder(alice, mentorship.pk, NOW, Reminder.State.MAILED)
    other = make_reminder(alice, mentorship.pk, NOW, Reminder.State.MAILED, kind="agreement_review")
    make_morning(alice, dt.date(2026, 6, 10), told, other)
    late = make_morning(alice, dt.date(2026, 6, 11), told)
    clock.move_to(dt.datetime(2026, 9, 9, 12, tzinfo=dt.UTC))
    retention.apply()
    assert list(Digest.objects.all()) == [late]
    assert Telling.objects.count() == 1
    assert list(MailMonth.objects.values_list("month", "reminders")) == [(dt.date(2026, 6, 1), 2)]
    clock.shift(2 * DAY)
    retention.apply()
    assert list(MailMonth.objects.values_list("month", "reminders", "to_user")) == [(dt.date(2026, 6, 1), 3, 2)]


def test_a_morning_whose_mail_still_waits_stays(alice: User, bob: Person) -> None:
    old = NOW.date() - LOG_KEPT - DAY
    waiting = make_morning(alice, old)
    OutgoingMail.objects.update(state="queued")
    gathered = Digest.objects.create(owner=alice, local_date=old - DAY)
    one = make_reminder(alice, make_mentorship(bob).pk, NOW, Reminder.State.GATHERED)
    Reminder.objects.filter(pk=one.pk).update(digest=gathered)
    retention.apply()
    assert set(Digest.objects.all()) == {waiting, gathered}


@pytest.mark.parametrize("state", Reminder.State.values)
def test_settled_reminders_go_and_open_ones_and_what_was_let_go_stay(alice: User, bob: Person, state: str) -> None:
    reminder = make_reminder(alice, make_mentorship(bob).pk, NOW - LOG_KEPT, state)
    stays = state not in {Reminder.State.EXPIRED, Reminder.State.CANCELLED}
    retention.apply()
    assert Reminder.objects.filter(pk=reminder.pk).exists()
    Reminder.objects.update(due_at=NOW - LOG_KEPT - A_MOMENT)
    retention.apply()
    assert Reminder.objects.filter(pk=reminder.pk).exists() == stays


@pytest.mark.parametrize("state", [Reminder.State.MAILED, Reminder.State.LET_GO])
def test_reminders_of_what_is_gone_go(alice: User, bob: Person, state: str) -> None:
    mentorship = make_mentorship(bob)
    make_reminder(alice, mentorship.pk, NOW - LOG_KEPT - DAY, state)
    mentorship.delete()
    retention.apply()
    assert not Reminder.objects.exists()


def test_what_was_let_go_is_not_mailed_again_years_later(alice: User, bob: Person, clock: Clock) -> None:
    mentorship, on = make_mentorship(bob), alice.today()
    make_reminder(alice, mentorship.pk, NOW, Reminder.State.LET_GO)
    clock.shift(dt.timedelta(days=800))
    retention.apply()
    assert plan(owner=alice, kind="keep_in_touch", subject_id=mentorship.pk, on=on).state == Reminder.State.LET_GO


# --- Signing in, undo, and the rest ---------------------------------------------------------------


def test_sessions_that_ended_go_with_the_rows_that_list_them(alice: User, clock: Clock) -> None:
    make_session(alice)
    later = make_session(alice, expire_date=NOW + 20 * DAY)
    Session.objects.create(session_key="nobodys", session_data="", expire_date=NOW + 14 * DAY)
    clock.shift(15 * DAY)
    retention.apply()
    assert list(UserSession.objects.all()) == [later]
    assert [row.session_key for row in Session.objects.all()] == [later.session_key]


def test_the_list_forgets_a_session_that_was_signed_out(alice: User, clock: Clock) -> None:
    row = make_session(alice, last_seen_at=NOW)
    Session.objects.all().delete()
    clock.shift(dt.timedelta(days=30))
    retention.apply()
    assert UserSession.objects.get() == row
    clock.shift(A_MOMENT)
    retention.apply()
    assert not UserSession.objects.exists()


def test_the_cache_keeps_only_what_holds(clock: Clock) -> None:
    cache.set("short", 1, timeout=60)
    cache.set("long", 1, timeout=3_600)
    clock.shift(dt.timedelta(minutes=10))
    retention.apply()
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM django_cache")
        assert [key for (key,) in cursor.fetchall()] == [":1:long"]
    assert cache.get("long") == 1


def test_each_kind_goes_after_its_time(alice: User, clock: Clock) -> None:
    address = EmailAddress.objects.get(user=alice)
    makers = {
        AddressChange: (180, lambda: AddressChange.objects.create(owner=alice, before=[], after=[])),
        Undoable: (30, lambda: undo.keep(owner=alice, kind=Undoable.Kind.TAGGED, what={"people": []})),
        EmailConfirmation: (30, lambda: EmailConfirmation.objects.create(email_address=address, key="k")),
        FailedSignIn: (1, lambda: FailedSignIn.objects.create(key="k", last_at=timezone.now())),
        SendingDay: (7, lambda: SendingDay.objects.create(day=timezone.now().date())),
    }
    for model, (days, make) in makers.items():
        clock.move_to(NOW)
        make()
        clock.move_to(NOW + dt.timedelta(days=days) - A_MOMENT)
        retention.apply()
        assert model.objects.count() == 1, model
        clock.move_to(NOW + dt.timedelta(days=days) + dt.timedelta(hours=12))  # a day of sending ends at midnight
        retention.apply()
        assert model.objects.count() == 0, model


def test_fresh_rows_of_everything_stay(alice: User) -> None:
    make_world(alice, "aliceonly")
    Digest.objects.update(local_date=alice.today())
    before = stored_data.snapshot(alice)
    assert retention.apply()
    assert stored_data.changed(before, stored_data.snapshot(alice)) == []


# --- In steps -------------------------------------------------------------------------------------


def test_it_goes_in_batches_and_the_next_time_goes_on(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(7):
        make_mail(alice, NOW - LOG_KEPT - DAY)
    left = []
    while not retention.apply(seconds=0):
        left.append(OutgoingMail.objects.count())
    assert left == [5, 3, 1]
    assert OutgoingMail.objects.count() == 0
    assert MailMonth.objects.get().to_user == 7


def test_one_rule_that_fails_holds_up_no_other(
    alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_mail(alice, NOW - LOG_KEPT - DAY)

    def broken() -> int:
        raise RuntimeError("a table is locked")

    with rules.restored_after():
        rules.register("broken", broken, order=-1)
        retention.apply()
    assert "what is old of broken could not be deleted" in caplog.text
    assert not OutgoingMail.objects.exists()


def test_the_sweep_does_it_once_an_hour(alice: User, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_done_at", None)
    for minutes, left in ((0, 0), (59, 1), (1, 0)):
        clock.shift(dt.timedelta(minutes=minutes))
        make_mail(alice, NOW - LOG_KEPT - DAY)
        sweep()
        assert OutgoingMail.objects.count() == left, minutes

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from accounts.signals import profile_changed
from reminders.models import Digest, Reminder, Telling
from reminders.services import cancel, keep_told, let_go, pending, plan, snooze, unsnooze
from tests.reminders.kinds_for_tests import Matters

WEDNESDAY = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("matters"), pytest.mark.clock(WEDNESDAY)]
State = Reminder.State


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def nudge(user: User, day: str = "06-12", **fields: object) -> Reminder:
    return plan(owner=user, kind="nudge", subject_id=1, on=on(day), **fields)  # type: ignore[arg-type]


def fresh(reminder: Reminder) -> Reminder:
    return Reminder.objects.get(pk=reminder.pk)


def test_planning_keeps_wall_time_and_zone_beside_the_instant(alice: User) -> None:
    reminder = fresh(nudge(alice))
    assert (reminder.wall_date, reminder.wall_time, reminder.zone) == (on("06-12"), dt.time(9), "Europe/London")
    assert reminder.due_at == dt.datetime(2026, 6, 12, 8, 0, tzinfo=dt.UTC)


def test_planning_again_moves_the_same_reminder(alice: User) -> None:
    first = nudge(alice)
    second = nudge(alice, "06-18")
    assert first.pk == second.pk
    assert fresh(first).wall_date == on("06-18")
    assert fresh(first).snoozes == 0


def test_occurrences_are_separate(alice: User) -> None:
    assert nudge(alice).pk != nudge(alice, occurrence="2").pk


def test_planning_what_was_mailed_already_changes_nothing(alice: User) -> None:
    reminder = nudge(alice)
    Reminder.objects.update(state=State.MAILED)
    nudge(alice)
    assert fresh(reminder).state == State.MAILED


def test_planning_something_new_after_the_mail_makes_a_new_mail(alice: User) -> None:
    reminder = nudge(alice)
    Reminder.objects.update(state=State.MAILED, digest=Digest.objects.create(owner=alice, local_date=on("06-10")))
    nudge(alice, "06-25")
    again = fresh(reminder)
    assert (again.state, again.snoozes, again.digest, again.wall_date) == (State.PLANNED, 1, None, on("06-25"))


def test_planning_after_it_was_stopped_plans_it_again(alice: User) -> None:
    reminder = nudge(alice)
    cancel(owner=alice, kind="nudge", subject_id=1)
    assert fresh(reminder).state == State.CANCELLED
    nudge(alice)
    assert fresh(reminder).state == State.PLANNED


def test_an_unknown_kind_is_refused(alice: User) -> None:
    with pytest.raises(LookupError, match="nonsense"):
        plan(owner=alice, kind="nonsense", subject_id=1, on=on("06-12"))


def test_cancel_stops_only_the_owners(alice: User, charlie: User) -> None:
    hers, his = nudge(alice), nudge(charlie)
    cancel(owner=charlie, kind="nudge", subject_id=1)
    assert (fresh(hers).state, fresh(his).state) == (State.PLANNED, State.CANCELLED)


def test_snooze_after_the_mail_plans_a_new_one_once(alice: User) -> None:
    reminder = nudge(alice)
    Reminder.objects.update(state=State.MAILED)
    snooze(reminder, on=on("06-17"))
    snooze(reminder, on=on("06-17"))
    again = fresh(reminder)
    assert (again.state, again.snoozes, again.wall_date) == (State.PLANNED, 1, on("06-17"))


def test_snooze_leaves_what_was_stopped_alone(alice: User) -> None:
    reminder = nudge(alice)
    cancel(owner=alice, kind="nudge", subject_id=1)
    assert snooze(reminder, on=on("06-17")).state == State.CANCELLED


@pytest.mark.parametrize("state", [State.PLANNED, State.MAILED])
def test_a_snooze_can_be_taken_back(alice: User, state: str) -> None:
    reminder = nudge(alice)
    Reminder.objects.update(state=state)
    snooze(reminder, on=on("06-30"))
    assert unsnooze(reminder, snoozes=0, state=state, on=on("06-12")) is True
    again = fresh(reminder)
    assert (again.state, again.snoozes, again.wished_on) == (state, 0, on("06-12"))
    assert unsnooze(reminder, snoozes=0, state=state, on=on("06-12")) is False


def test_a_snooze_taken_back_after_its_mail_stands_on_today(alice: User) -> None:
    reminder = nudge(alice)
    Reminder.objects.update(state=State.MAILED)
    snooze(reminder, on=on("06-30"))
    assert pending(alice, timezone.now()) == []
    unsnooze(reminder, snoozes=0, state=State.MAILED, on=on("06-12"))
    assert [shown.pk for shown, _ in pending(alice, timezone.now())] == [reminder.pk]


def test_a_snooze_taken_back_has_its_own_hour_again(alice: User) -> None:
    reminder = plan(owner=alice, kind="now", subject_id=1, on=on("06-13"), at=dt.time(16, 15))
    snooze(reminder, on=on("06-30"))
    assert fresh(reminder).wall_time == dt.time(9)
    unsnooze(reminder, snoozes=0, state=State.PLANNED, on=on("06-13"))
    again = fresh(reminder)
    assert (again.put_off_to, again.wall_date, again.wall_time) == (None, on("06-13"), dt.time(16, 15))


def test_a_snooze_to_the_day_of_the_wish_after_the_mail_is_a_new_mail(alice: User) -> None:
    reminder = nudge(alice)
    Reminder.objects.update(state=State.MAILED)
    assert snooze(reminder, on=on("06-12")).state == State.PLANNED


def test_what_is_settled_leaves_the_mail_it_was_gathered_for(alice: User) -> None:
    digest = Digest.objects.create(owner=alice, local_date=on("06-10"))
    for stop, state in ((cancel, State.CANCELLED), (let_go, State.LET_GO)):
        reminder = nudge(alice, occurrence=state)
        Reminder.objects.filter(pk=reminder.pk).update(state=State.GATHERED, digest=digest)
        stop(owner=alice, kind="nudge", subject_id=1)
        assert (fresh(reminder).state, fresh(reminder).digest) == (state, None)


def test_planned_again_it_is_no_longer_missed(alice: User) -> None:
    reminder = nudge(alice)
    Reminder.objects.update(missed_at=timezone.now())
    assert nudge(alice, "06-25").missed_at is None
    assert fresh(reminder).missed_at is None


def test_what_has_its_own_hour_is_told_anew_on_the_day_it_was_told(alice: User) -> None:
    for kind, state in (("nudge", State.MAILED), ("now", State.PLANNED)):
        reminder = plan(owner=alice, kind=kind, subject_id=1, on=on("06-11"))
        digest = Digest.objects.create(owner=alice, local_date=on("06-11"), slot=kind)
        Telling.objects.create(owner=alice, reminder=reminder, digest=digest, title="Write to Bob")
        cancel(owner=alice, kind=kind, subject_id=1)
        assert plan(owner=alice, kind=kind, subject_id=1, on=on("06-11")).state == state


def test_an_earlier_day_of_what_was_told_and_put_off_stands_on_today(alice: User) -> None:
    reminder = nudge(alice, "06-11")
    digest = Digest.objects.create(owner=alice, local_date=on("06-11"))
    Telling.objects.create(owner=alice, reminder=reminder, digest=digest, title="Write to Bob")
    snooze(reminder, on=on("06-20"))
    keep_told(owner=alice, kind="nudge", subject_id=1, on=on("06-05"))
    again = fresh(reminder)
    assert (again.state, again.wished_on, again.put_off_to) == (State.MAILED, on("06-05"), None)
    assert again.due_at == timezone.now()


def test_a_snooze_that_was_mailed_meanwhile_cannot_be_taken_back(alice: User) -> None:
    reminder = nudge(alice)
    snooze(reminder, on=on("06-30"))
    Reminder.objects.update(state=State.MAILED)
    assert unsnooze(reminder, snoozes=0, state=State.PLANNED, on=on("06-12")) is False


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"time_zone": "America/New_York"}, "2026-06-12T13:00"),
        ({"reminder_time": dt.time(7, 30)}, "2026-06-12T06:30"),
        ({"working_days": "6"}, "2026-06-13T08:00"),
        ({"time_zone": "Asia/Kathmandu"}, "2026-06-12T03:15"),
        ({"time_zone": "Pacific/Kiritimati"}, "2026-06-11T19:00"),
        ({"country": "PH"}, "2026-06-15T08:00"),  # their Independence Day
        ({"country": "XX"}, "2026-06-12T08:00"),
        ({"weekly_mail": True}, "2026-06-15T08:00"),
        ({"away_until": dt.date(2026, 6, 21)}, "2026-06-22T08:00"),
    ],
)
def test_a_changed_profile_keeps_the_wall_time(alice: User, fields: dict[str, object], due: str) -> None:
    reminder = nudge(alice)
    for name, value in fields.items():
        setattr(alice, name, value)
    alice.save(update_fields=list(fields))
    profile_changed.send(sender=User, user=alice)
    assert fresh(reminder).due_at == dt.datetime.fromisoformat(due).replace(tzinfo=dt.UTC)


def test_what_is_due_already_is_left_to_the_sweep(alice: User, clock: time_machine.Coordinates) -> None:
    reminder = nudge(alice)
    clock.move_to(reminder.due_at + dt.timedelta(minutes=1))
    alice.time_zone = "America/New_York"
    profile_changed.send(sender=User, user=alice)
    assert fresh(reminder).due_at == reminder.due_at


def test_pending_shows_what_is_due_and_true_in_order_of_weight(alice: User, charlie: User, matters: Matters) -> None:
    gentle = plan(owner=alice, kind="gentle", subject_id=5, on=on("06-11"))
    mailed = nudge(alice, "06-11")
    Reminder.objects.filter(pk=mailed.pk).update(state=State.MAILED)
    plan(owner=alice, kind="nudge", subject_id=6, on=on("06-30"))  # not yet
    plan(owner=alice, kind="nudge", subject_id=2000, on=on("06-11"))  # not true
    plan(owner=alice, kind="nudge", subject_id=7, on=on("06-11"))
    cancel(owner=alice, kind="nudge", subject_id=7)
    nudge(charlie, "06-11")
    shown = pending(alice, timezone.now() + dt.timedelta(days=1))
    assert [(reminder.pk, item.title) for reminder, item in shown] == [
        (mailed.pk, "Write to Bob 1"),
        (gentle.pk, "Write to Bob 5"),
    ]


@pytest.mark.parametrize("count", [1, 6])
def test_pending_asks_once_and_once_for_all_kinds_of_a_loader(
    alice: User, matters: Matters, count: int, django_assert_num_queries: Callable[[int], object]
) -> None:
    for number in range(count):
        plan(owner=alice, kind="nudge", subject_id=number + 1, on=on("06-11"))
        plan(owner=alice, kind="gentle", subject_id=number + 1, on=on("06-11"))
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert len(pending(alice, timezone.now() + dt.timedelta(days=1))) == 2 * count
    assert matters.asked == ["gentle nudge"]

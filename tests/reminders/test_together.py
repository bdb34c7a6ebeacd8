"""Digests of many users rendered together: each has its owner's data, and is undone if it is not sent."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from mail import batch_render, engine
from mail.models import OutgoingMail
from portfolio.mentorships.scheduling import remind_of_place
from reminders.digest import prepare_digests
from reminders.models import Digest, Reminder, Telling
from reminders.services import cancel, plan
from reminders.sweep import gather
from tests.factories import make_place, make_user
from tests.reminders.kinds_for_tests import Matters
from tests.servers import SmtpServer

State = Reminder.State
THURSDAY = dt.date(2026, 6, 11)
WEDNESDAY_NOON = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clock(WEDNESDAY_NOON)]
THURSDAY_NINE = dt.datetime(2026, 6, 11, 8, 0, tzinfo=dt.UTC)


def people(count: int) -> list[User]:
    """A number of users with two reminders each; the subjects of the n-th user are 10n and 10n + 1."""
    users = [make_user(f"user{n}@example.org") for n in range(count)]
    for n, user in enumerate(users):
        for number in (10 * n, 10 * n + 1):
            plan(owner=user, kind="nudge", subject_id=number or 999, on=THURSDAY)
    return users


def morning(clock: time_machine.Coordinates) -> None:
    clock.move_to(THURSDAY_NINE)
    gather()


def test_everybody_gets_their_own(clock: time_machine.Coordinates, smtp: SmtpServer, matters: Matters) -> None:
    users = people(4)
    users[2].away_until = THURSDAY
    users[2].save(update_fields=["away_until"])
    Reminder.objects.filter(owner=users[2]).update(due_at=THURSDAY_NINE)
    matters.true -= {10, 30, 31}
    morning(clock)
    engine.deliver()
    told = {mail.recipients[0]: mail.text for mail in smtp.mails}
    assert set(told) == {"user0@example.org", "user1@example.org"}
    assert "Write to Bob 11" in told["user1@example.org"]
    assert "Bob 10" not in told["user1@example.org"]
    by_owner = [sorted(Reminder.objects.filter(owner=user).values_list("state", flat=True)) for user in users]
    assert by_owner == [["mailed"] * 2, ["expired", "mailed"], ["planned"] * 2, ["expired"] * 2]
    assert Telling.objects.count() == 3
    assert all(telling.owner_id == telling.reminder.owner_id for telling in Telling.objects.select_related("reminder"))
    assert set(Digest.objects.values_list("owner", flat=True)) == {users[0].pk, users[1].pk}


def test_many_take_hardly_more_queries_than_one(
    clock: time_machine.Coordinates, smtp: SmtpServer, matters: Matters
) -> None:
    """The loader of this test makes no queries."""
    people(12)
    morning(clock)
    mails = list(OutgoingMail.objects.all())
    counts = []
    for some in (mails[:1], mails[1:]):
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            assert len(prepare_digests(some)) == len(some)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_real_kinds_of_many_people_take_one_query_a_floor(
    clock: time_machine.Coordinates, smtp: SmtpServer, matters: Matters
) -> None:
    counts = []
    for count in (1, 9):
        for user in [make_user(f"user{count}-{n}@example.org") for n in range(count)]:
            remind_of_place(make_place(user, f"Register {user.email}", look_again_on=THURSDAY))
        clock.move_to(THURSDAY_NINE)
        gather()
        mails = list(OutgoingMail.objects.filter(state="queued"))
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            assert len(prepare_digests(mails)) == count
        OutgoingMail.objects.all().delete()
        counts.append(len(queries))
        clock.move_to(WEDNESDAY_NOON)
    assert counts[0] == counts[1] <= 7


def test_nobody_is_told_what_belongs_to_another_of_the_batch(
    clock: time_machine.Coordinates, smtp: SmtpServer, matters: Matters, alice: User, charlie: User
) -> None:
    place = make_place(alice, "Register of secrets", look_again_on=THURSDAY)
    for user in (alice, charlie):
        plan(owner=user, kind="look_again", subject_id=place.pk, on=THURSDAY)
        plan(owner=user, kind="nudge", subject_id=5, on=THURSDAY)
    morning(clock)
    engine.deliver()
    told = {mail.recipients[0]: mail.text for mail in smtp.mails}
    assert "Register of secrets" in told[alice.email]
    assert "secrets" not in told[charlie.email]
    assert Reminder.objects.get(owner=charlie, kind="look_again").state == State.EXPIRED


def test_each_has_the_date_where_they_are(clock: time_machine.Coordinates, smtp: SmtpServer, matters: Matters) -> None:
    """At this instant it is Wednesday in Hawaii, and Thursday in London and on Christmas Island."""
    everyone = {}
    for zone, on in (("Pacific/Honolulu", -1), ("Europe/London", 0), ("Pacific/Kiritimati", 0)):
        everyone[zone] = make_user(f"{zone.partition('/')[2].lower()}@example.org", time_zone=zone)
        place = make_place(everyone[zone], f"Register in {zone}", look_again_on=THURSDAY + dt.timedelta(days=on))
        later = make_place(everyone[zone], f"Later in {zone}", look_again_on=THURSDAY + dt.timedelta(days=on + 1))
        for subject in (place, later):
            plan(owner=everyone[zone], kind="look_again", subject_id=subject.pk, on=THURSDAY)
    Reminder.objects.update(due_at=THURSDAY_NINE)
    morning(clock)
    engine.deliver()
    told = {mail.recipients[0]: mail.text for mail in smtp.mails}
    assert len(told) == 3
    for zone, user in everyone.items():
        assert f"Register in {zone}" in told[user.email]
        assert "Later" not in told[user.email]


def test_what_did_not_travel_is_looked_at_anew(
    clock: time_machine.Coordinates, smtp: SmtpServer, matters: Matters
) -> None:
    people(3)
    morning(clock)
    engine.deliver(stop=lambda: bool(smtp.mails))
    assert len(smtp.mails) == 1
    assert sorted(Reminder.objects.values_list("state", flat=True)) == [State.GATHERED] * 4 + [State.MAILED] * 2
    assert Telling.objects.count() == 2
    assert Digest.objects.filter(frozen_at__isnull=False).count() == 1
    matters.true.clear()
    matters.true.add(21)
    engine.deliver()
    assert [mail.recipients for mail in smtp.mails[1:]] == [["user2@example.org"]]
    assert "Bob 20" not in smtp.mails[1].text
    assert Telling.objects.count() == 3


def test_what_was_settled_while_the_server_said_later_is_not_told(
    clock: time_machine.Coordinates, smtp: SmtpServer, matters: Matters
) -> None:
    """Refused on Thursday, partly settled, accepted a day later: one mail with the rest and Friday's reminders."""
    (user,) = people(1)
    morning(clock)
    smtp.behave["RCPT"] = "452 4.2.2 Mailbox full"
    engine.deliver()
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.GATHERED}
    assert not Telling.objects.exists()
    cancel(owner=user, kind="nudge", subject_id=1)
    plan(owner=user, kind="nudge", subject_id=77, on=THURSDAY + dt.timedelta(days=1))
    smtp.behave.clear()
    clock.move_to(THURSDAY_NINE + dt.timedelta(days=1))
    gather()
    engine.deliver()
    (mail,) = smtp.mails
    assert "Bob 1\n" not in mail.text
    assert "Bob 999" in mail.text
    assert "Bob 77" in mail.text
    states = dict(OutgoingMail.objects.order_by("pk").values_list("pk", "state"))
    assert list(states.values()) == ["expired", "sent"]


def test_what_was_settled_meanwhile_stays_settled(
    clock: time_machine.Coordinates, smtp: SmtpServer, matters: Matters
) -> None:
    """A reminder that its user settled between rendering and undoing the rendering is not sent again."""
    people(2)
    morning(clock)
    token = engine.claim()
    assert token is not None
    ids = list(OutgoingMail.objects.values_list("pk", flat=True))
    with transaction.atomic():
        assert len(batch_render.write_together(ids, token)) == 2
    Reminder.objects.filter(subject_id=10).update(state=State.CANCELLED, digest=None)
    with transaction.atomic():
        batch_render.unwrite(ids, token)
    assert Reminder.objects.get(subject_id=10).state == State.CANCELLED
    assert Reminder.objects.filter(state=State.GATHERED).count() == 3
    assert set(OutgoingMail.objects.values_list("state", "content")) == {("claimed", None)}

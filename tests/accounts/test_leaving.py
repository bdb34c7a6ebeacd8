from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import jobs, leaving
from accounts.leaving import WITHIN
from accounts.models import SecurityEvent, User
from mail import engine
from mail.models import OutgoingMail
from meetings.calendar.invitations import invite
from meetings.models import Meeting
from portfolio.contact_imports import services
from portfolio.models import Person
from reminders import kinds
from reminders import services as reminder_services
from reminders.delivery_log import history
from reminders.models import Digest, Reminder
from reminders.sweep import gather, gather_for
from reminders.tasks import sweep
from tests import dump, stored_data
from tests.access_world import make_bystander, make_world
from tests.factories import make_meeting, make_mentorship, make_share_link, make_user
from tests.outbox import outbox
from tests.portfolio.contact_imports import importing
from tests.reminders.kinds_for_tests import Matters

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-05 10:00Z")]
State = OutgoingMail.State
if TYPE_CHECKING:
    from time_machine import Coordinates as Clock


def ask(user: User) -> None:
    client = stored_data.browser_of(user)
    assert client.post(reverse("erase"), {"email": user.email}).status_code == 302
    user.refresh_from_db()


def link_in_mail(number: int = -1) -> str:
    found = re.search(r"http://\S+(/account/keep/\S+)", outbox()[number].body)
    assert found
    return found[1]


# --- Asking ---------------------------------------------------------------------------------------


def test_asking_signs_out_everywhere_and_shows_the_way_back(alice: User) -> None:
    laptop, phone = Client(), Client()
    for one in (laptop, phone):
        one.force_login(alice)
    shown = laptop.post(reverse("erase"), {"email": alice.email}, follow=True)
    assert "Your account will be gone on Monday 12 January 2026 at 10:00" in shown.content.decode()
    assert "Keep my account" in shown.content.decode()
    assert not Session.objects.exists()
    assert phone.get("/today/").url.startswith("/account/login/")
    assert [event.get_kind_display() for event in SecurityEvent.objects.filter(kind="leaving")] == [
        "Asked to delete the account"
    ]


def test_each_confirmed_address_gets_the_way_back(alice: User) -> None:
    for address, verified in (("second@example.org", True), ("typed@example.org", False)):
        EmailAddress.objects.create(user=alice, email=address, verified=verified)
    ask(alice)
    mails = outbox()
    assert {mail.to for mail in mails} == {"alice@example.org", "second@example.org"}
    assert {mail.subject for mail in mails} == {"Your account will be deleted on Monday 12 January 2026 at 10:00"}
    assert Client().get(link_in_mail(0)).status_code == 200
    assert OutgoingMail.objects.filter(owner=alice).count() == 2


def test_whoever_signs_in_meanwhile_sees_one_page_only(alice: User, charlie: User) -> None:
    world = make_world(alice, "aliceonly")
    ask(alice)
    client, other = stored_data.browser_of(alice), Client()
    for route in (
        "today",
        "settings",
        "export",
        "person",
        "meeting_notes",
        "people_bulk",
        "mfa_index",
        "account_email",
    ):
        for answer in (client.get(world.url(route)), client.post(world.url(route), world.fields(route))):
            assert answer.url == leaving.keep_path(alice), route
    page = client.get(leaving.keep_path(alice)).content.decode()
    assert "Keep my account" in page
    assert "aliceonly" not in page
    assert reverse("people") not in page
    assert client.post(reverse("account_logout")).status_code == 302
    other.force_login(charlie)
    assert other.get("/today/").status_code == 200


def test_pages_of_mentors_and_the_calendar_are_closed_and_open_again(alice: User) -> None:
    world = make_world(alice, "aliceonly")
    ways = ["mentor_page", "mentor_file", "calendar_feed", "reminder_link"]
    world.meeting.offers.all().delete()

    def opened() -> set[int]:
        return {Client().get(world.url(way)).status_code for way in ways}

    assert opened() == {200}
    ask(alice)
    assert opened() == {404}
    assert leaving.keep(user=alice)
    assert opened() == {200}


def test_what_waited_to_be_sent_is_dead_at_once(alice: User, charlie: User) -> None:
    world = make_world(alice, "aliceonly")
    waiting = OutgoingMail.objects.create(
        owner=alice, purpose="invitation", audience="mentor", recipient="bob@example.org"
    )
    notice = OutgoingMail.objects.create(owner=alice, purpose="account", recipient=alice.email, priority=0)
    others = OutgoingMail.objects.create(owner=charlie, purpose="digest", recipient=charlie.email)
    ask(alice)
    states = dict(OutgoingMail.objects.values_list("pk", "state"))
    assert (states[waiting.pk], states[world.mail.pk]) == (State.CANCELLED, State.CANCELLED)
    assert (states[notice.pk], states[others.pk]) == (State.QUEUED, State.QUEUED)  # news of one's safety still goes


def test_work_in_the_background_rests_meanwhile(alice: User) -> None:
    content = io.BytesIO(importing.LINKEDIN.encode() + b"Olive,Other,,,Else,Head,15 Jun 2024\r\n")
    batch = services.begin(user=alice, content=content, name="people.csv")
    ask(alice)
    assert jobs.run(seconds=5) == 0
    leaving.keep(user=alice)
    assert jobs.run(seconds=5) > 0
    batch.refresh_from_db()
    assert batch.state == "ready"


# --- Keeping --------------------------------------------------------------------------------------


def test_the_link_keeps_the_account_by_a_press_and_not_by_opening_it(alice: User, bob: Person, clock: Clock) -> None:
    ask(alice)
    link = link_in_mail()
    clock.shift(WITHIN - dt.timedelta(seconds=1))
    for _ in range(2):
        assert "Keep my account" in Client().get(link).content.decode()
    alice.refresh_from_db()
    assert alice.erase_at is not None
    assert "Your account stays" in Client().post(link).content.decode()
    assert "Your account stays" in Client().post(link).content.decode()  # pressed twice
    clock.shift(dt.timedelta(days=30))
    sweep()
    assert Person.objects.get() == bob
    assert [event.kind for event in SecurityEvent.objects.order_by("pk")][-1] == "kept"


def test_the_signed_in_user_keeps_it_and_goes_on(alice: User, bob: Person) -> None:
    ask(alice)
    client = Client()
    client.force_login(alice)
    kept = client.post(client.get("/today/").url, follow=True)
    assert kept.redirect_chain[-1][0] == "/today/"
    assert "Your account stays, with everything in it." in kept.content.decode()
    assert client.get(bob.get_absolute_url()).status_code == 200


def test_after_seven_days_nothing_keeps_it(alice: User, clock: Clock) -> None:
    ask(alice)
    link = link_in_mail()
    client = Client()
    client.force_login(alice)
    clock.shift(WITHIN)
    clock.shift(1)
    assert Client().post(link).status_code == 404
    assert leaving.keep(user=alice) is False
    page = client.post(client.get("/today/").url)
    assert "The seven days are over" in page.content.decode()
    assert User.objects.get(pk=alice.pk).erase_at is not None


def test_a_link_of_the_first_time_doesnt_keep_it_the_second_time(alice: User, clock: Clock) -> None:
    ask(alice)
    old = link_in_mail()
    leaving.keep(user=alice)
    clock.shift(60)
    ask(alice)
    assert Client().post(old).status_code == 404
    assert User.objects.get(pk=alice.pk).erase_at is not None


def test_a_link_of_another_account_keeps_only_that_one(alice: User, charlie: User) -> None:
    ask(alice)
    ask(charlie)
    Client().post(leaving.keep_path(charlie))
    alice.refresh_from_db()
    charlie.refresh_from_db()
    assert (alice.erase_at is None, charlie.erase_at is None) == (False, True)


# --- Reminders ------------------------------------------------------------------------------------


@pytest.fixture
def matters() -> Iterator[Matters]:
    here = Matters()
    with kinds.kinds.restored_after():
        here.register()
        yield here


@pytest.fixture
def nudges(matters: Matters, alice: User, clock: Clock) -> list[Reminder]:
    """One in a mail that waits, one for the day after tomorrow, one for next month."""
    plan = reminder_services.plan
    made = [
        plan(owner=alice, kind="nudge", subject_id=number, on=day)
        for number, day in enumerate([dt.date(2026, 1, 6), dt.date(2026, 1, 7), dt.date(2026, 2, 9)], start=1)
    ]
    clock.move_to(dt.datetime(2026, 1, 6, 9, 5, tzinfo=dt.UTC))
    gather()
    assert OutgoingMail.objects.get(purpose="digest").state == State.QUEUED
    return made


def reminded(sent_after: dt.datetime) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(purpose="digest", created_at__gt=sent_after).exclude(state=State.CANCELLED))


def test_nobody_is_reminded_meanwhile(alice: User, nudges: list[Reminder], clock: Clock) -> None:
    ask(alice)
    asked = timezone.now()
    for _ in range(6):
        clock.shift(dt.timedelta(days=1))
        sweep()
    assert reminded(asked) == []
    assert set(Reminder.objects.values_list("state", flat=True)) == {Reminder.State.PLANNED}


def test_kept_reminders_come_back_without_a_flood(alice: User, nudges: list[Reminder], clock: Clock) -> None:
    """What came due meanwhile is on Today and isn't mailed; what comes later comes when it was to come."""
    ask(alice)
    asked = timezone.now()
    clock.shift(dt.timedelta(days=3))
    sweep()
    leaving.keep(user=alice)
    for _ in range(4):
        clock.shift(dt.timedelta(hours=12))
        sweep()
    assert reminded(asked) == []
    on_today = [reminder.subject_id for reminder, _ in reminder_services.pending(alice, timezone.now())]
    assert sorted(on_today) == [1, 2]
    nudges[0].refresh_from_db()
    assert history(nudges[0])[-1].words == "It stands on Today until it is settled."
    clock.move_to(dt.datetime(2026, 2, 9, 9, 5, tzinfo=dt.UTC))
    gather()
    assert [mail.owner_id for mail in reminded(asked)] == [alice.pk]


def test_a_mail_gathered_just_before_is_not_written(alice: User, nudges: list[Reminder]) -> None:
    """As by a sweep at the same moment, whose mail nothing could cancel yet."""
    User.objects.filter(pk=alice.pk).update(erase_at=timezone.now() + WITHIN)
    token = engine.claim()
    assert token is not None
    assert engine.freeze(OutgoingMail.objects.get().pk, token) is None
    assert OutgoingMail.objects.get().state == State.EXPIRED
    nudges[0].refresh_from_db()
    assert nudges[0].state == Reminder.State.PLANNED


def test_the_sweep_leaves_them_out(alice: User, matters: Matters, clock: Clock) -> None:
    reminder = reminder_services.plan(owner=alice, kind="nudge", subject_id=1, on=dt.date(2026, 1, 6))
    ask(alice)
    clock.move_to(dt.datetime(2026, 1, 6, 9, 5, tzinfo=dt.UTC))
    assert gather() == 0
    gather_for([alice.pk])  # as by a sweep that had read who is due just before they asked
    reminder.refresh_from_db()
    assert (reminder.state, Digest.objects.count()) == (Reminder.State.PLANNED, 0)


def test_an_invitation_queued_just_before_is_not_written(alice: User, bob: Person) -> None:
    invite(meeting=make_meeting(bob), me=False, mentor="bob@example.org")
    User.objects.filter(pk=alice.pk).update(erase_at=timezone.now() + WITHIN)
    token = engine.claim()
    assert token is not None
    assert engine.freeze(OutgoingMail.objects.get().pk, token) is None


# --- Gone -----------------------------------------------------------------------------------------


def signed_in(user: User, agent: str) -> Client:
    client = Client(headers={"user-agent": agent})
    answer = client.post("/account/login/", {"login": user.email, "password": "correct horse battery"})
    assert answer.status_code == 302
    return client


@pytest.fixture
def canary() -> User:
    """Somebody with a row of everything, several addresses, devices, and mail to each address, also to a former one."""
    user = make_user("canary.main@example.org", name="Canaryname Ashe")
    EmailAddress.objects.create(user=user, email="canary.second@example.org", verified=True)
    EmailAddress.objects.create(user=user, email="canary.typed@example.org", verified=False)
    phone = signed_in(user, "canaryphone")
    world = make_world(user, "canaryword")
    change = world.address_change
    change.before, change.after = [["canary.former@example.org", True, True]], [["canary.main@example.org", True, True]]
    change.save()
    for name in ("main", "second", "typed", "former"):
        send_mail("News", f"For canary.{name}@example.org", None, [f"canary.{name}@example.org"])
    for address in ("canary.main@example.org", "canary.second@example.org"):
        visitor = Client(headers={"user-agent": "canaryvisitor"})
        visitor.post("/account/login/code/", {"email": address})
        visitor.post("/account/password/reset/", {"email": address})
        visitor.post("/account/login/", {"login": address, "password": "wrong canaryguess"})
    assert phone.get("/today/").status_code == 200
    return user


WORDS = [
    *(f"canary.{name}@example.org" for name in ("main", "second", "typed", "former")),
    *("canaryname", "canaryword", "canaryphone"),
]


def test_everything_is_in_the_dump_before(canary: User) -> None:
    """Otherwise the next test could pass because its words were never there."""
    there = dump.found(WORDS)
    assert set(there) == set(WORDS)
    assert {"accounts_user", "account_emailaddress", "mail_outgoingmail", "accounts_addresschange"} <= there[WORDS[0]]
    assert "django_session" in there["canary.second@example.org"] | there["canary.main@example.org"]


def test_after_seven_days_a_dump_holds_nothing_of_them(canary: User, clock: Clock) -> None:
    bystander = make_bystander()
    before = stored_data.snapshot(bystander)
    ask(canary)
    late = stored_data.browser_of(canary)
    signed_in(canary, "canarylate")  # as far as the second step
    clock.shift(WITHIN - dt.timedelta(seconds=1))
    leaving.erase_due()
    assert User.objects.filter(pk=canary.pk).exists()
    clock.shift(1)
    sweep()
    assert dump.found([*WORDS, "canary"]) == {}
    assert stored_data.snapshot(bystander) == before
    assert late.get("/today/").url.startswith("/account/login/")


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite  # PostgreSQL clears its files by itself, when it vacuums
def test_not_even_the_file_of_the_database_holds_them(canary: User, clock: Clock) -> None:
    file = Path(connection.settings_dict["NAME"])

    def raw() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file.read_bytes().lower()

    assert b"canary" in raw()
    ask(canary)
    clock.shift(WITHIN)
    sweep()
    assert b"canary" not in raw()


def test_a_large_account_goes_in_steps_and_the_next_sweep_goes_on(
    canary: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "BATCH", 2)
    ask(canary)
    clock.shift(WITHIN)
    monkeypatch.setattr(leaving.time, "monotonic", _Counter())
    rounds = 0
    while User.objects.filter(pk=canary.pk).exists():
        leaving.erase_due(seconds=5)
        rounds += 1
        assert rounds < 100
    assert rounds > 3
    assert dump.found(["canary"]) == {}


class _Counter:
    """A clock on which a second goes by with each look."""

    asked = 0

    def __call__(self) -> float:
        self.asked += 1
        return float(self.asked)


def test_one_that_cant_be_erased_now_holds_up_no_other(
    alice: User,
    charlie: User,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ask(alice)
    ask(charlie)
    clock.shift(WITHIN)
    forget = leaving._forget_visitors

    def broken(user: User, known: set[str]) -> None:
        if user == alice:
            raise RuntimeError("a table is locked")
        forget(user, known)

    monkeypatch.setattr(leaving, "_forget_visitors", broken)
    assert leaving.erase_due() == 1
    assert list(User.objects.all()) == [alice]
    assert f"account {alice.pk} could not be erased" in caplog.text
    monkeypatch.undo()
    assert leaving.erase_due() == 1


def test_people_with_shared_history_hold_nothing(alice: User, bob: Person, clock: Clock) -> None:
    make_mentorship(bob)
    make_meeting(bob, state=Meeting.State.HELD, held_at=timezone.now())
    make_share_link(bob)
    ask(alice)
    clock.shift(WITHIN)
    assert leaving.erase_due() == 1
    assert not Person.objects.exists()


def test_mail_of_others_to_the_same_address_stays(alice: User, charlie: User, clock: Clock) -> None:
    """Charlie knows Alice: what he keeps of that is his."""
    theirs = OutgoingMail.objects.create(owner=charlie, purpose="invitation", audience="mentor", recipient=alice.email)
    ask(alice)
    clock.shift(WITHIN)
    leaving.erase_due()
    assert OutgoingMail.objects.get() == theirs


def test_looking_for_accounts_to_erase_is_one_query(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        leaving.erase_due()

"""The security log: what is noted, who sees it, and that it can't be changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from accounts import leaving, security_log
from accounts.models import SecurityEvent, User
from accounts.security_log import KEPT, Kind
from portfolio.models import Person
from reminders.tasks import sweep
from tests.exports import text_of
from tests.factories import make_user
from tests.second_factors import confirmed_client, make_app, make_passkey, operator_client

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-05 10:00Z")]

PAGE = "/settings/security-log/"


def kinds(user: User) -> list[str]:
    """Oldest first."""
    return [event.kind for event in SecurityEvent.objects.filter(owner=user).order_by("pk")]


def test_a_sign_in_is_noted_with_where_and_what_with(alice: User) -> None:
    fields = {"login": alice.email, "password": "correct horse battery"}
    Client().post("/account/login/", fields, REMOTE_ADDR="192.0.2.77", HTTP_USER_AGENT="Firefox\n2\x00")
    [event] = SecurityEvent.objects.all()
    assert (event.kind, event.what, event.network, event.agent) == (
        Kind.SIGNED_IN,
        "with the password",
        "192.0.2.0",
        "Firefox2",
    )


def test_what_changes_a_way_in_or_takes_data_out_is_noted(alice: User, alice_client: Client, bob: Person) -> None:
    alice_client.post("/account/email/", {"action_add": "", "email": "new@example.org"})
    alice_client.post("/settings/export/")
    alice_client.post(f"/people/{bob.pk}/private-page/new/")
    alice_client.post("/meetings/calendar/open/")
    alice_client.post("/meetings/calendar/close/")
    new = "quite another long phrase"
    fields = {"oldpassword": "correct horse battery", "password1": new, "password2": new}
    alice_client.post("/account/password/change/", fields)
    assert kinds(alice) == [
        *(Kind.ADDRESSES, Kind.EXPORT_ASKED, Kind.SHARED, Kind.CALENDAR, Kind.CALENDAR, Kind.PASSWORD),
    ]


def test_what_an_operator_does_is_noted(alice: User) -> None:
    User.objects.update(is_staff=True)
    operator = operator_client(alice)
    operator.get("/operator/mail/")
    operator.post("/operator/mail/retry-all/")
    assert kinds(alice) == [Kind.OPERATOR]


def test_the_user_reads_their_own_and_nobody_elses(alice: User, alice_client: Client, charlie_client: Client) -> None:
    security_log.note(alice, Kind.ADDRESSES, "aliceonly@example.org")
    assert "Addresses changed: aliceonly@example.org" in alice_client.get(PAGE).content.decode()
    assert "aliceonly" not in charlie_client.get(PAGE).content.decode()


def test_reading_it_takes_the_same_queries_for_few_and_for_many(
    alice: User, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    SecurityEvent.objects.bulk_create(SecurityEvent(owner=alice, kind=Kind.SIGNED_IN) for _ in range(10_000))
    with django_assert_max_num_queries(5):
        page = alice_client.get(f"{PAGE}?page=7").content.decode()
    assert "7 of 200" in page


def test_nobody_changes_a_row(alice: User) -> None:
    security_log.note(alice, Kind.EXPORT)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        SecurityEvent.objects.update(what="x")
    if connection.vendor == "postgresql":  # SQLite can't tell a deletion that is allowed
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            SecurityEvent.objects.all().delete()
    assert SecurityEvent.objects.get().what == ""


def test_it_is_kept_for_180_days(alice: User, clock: Any) -> None:
    security_log.note(alice, Kind.EXPORT, "old")
    clock.shift(KEPT - dt.timedelta(seconds=1))
    security_log.note(alice, Kind.EXPORT, "new")
    sweep()
    assert SecurityEvent.objects.count() == 2
    clock.shift(2)
    sweep()
    assert list(SecurityEvent.objects.values_list("what", flat=True)) == ["new"]


def test_it_goes_with_the_account(alice: User, alice_client: Client, clock: Any) -> None:
    other = make_user("other@example.org")
    security_log.note(other, Kind.EXPORT)
    alice_client.post("/settings/erase/", {"email": alice.email})
    clock.shift(leaving.WITHIN)
    sweep()
    assert not User.objects.filter(pk=alice.pk).exists()
    assert [event.owner_id for event in SecurityEvent.objects.all()] == [other.pk]


def test_the_export_holds_it(alice: User, alice_client: Client) -> None:
    security_log.note(alice, Kind.ADDRESSES, "noted@example.org")
    assert "noted@example.org" in text_of(alice_client)


# --- What is refused, in the program's log --------------------------------------------------------


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == security_log.__name__]


def test_each_wrong_password_is_a_line_without_what_was_typed(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    fields = {"login": alice.email, "password": "wrong-and-secret"}
    for _ in range(6):
        Client().post("/account/login/", fields, REMOTE_ADDR="192.0.2.77")
    Client().post("/account/login/", {**fields, "login": "nobody@example.org"}, REMOTE_ADDR="198.51.100.7")
    account = f"account {alice.pk}"
    assert refusals(caplog) == [
        *[f"Password refused for {account}, from 192.0.2.0"] * 5,
        f"Password while it must wait refused for {account}, from 192.0.2.0",
        "Password refused for no account, from 198.51.100.0",
    ]
    assert "wrong-and-secret" not in caplog.text
    assert alice.email not in caplog.text


def test_wrong_codes_and_passkeys_are_lines_too(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    make_app(alice)
    make_passkey(alice)
    client = confirmed_client(alice, ago=600)
    client.post(reverse("mfa_reauthenticate"), {"code": "1"})
    client.get(reverse("mfa_reauthenticate_webauthn"))
    client.post(reverse("mfa_reauthenticate_webauthn"), {"credential": '{"id": "x"}'})
    plain = make_user("plain@example.org")  # whom a code by mail is enough for
    confirmed_client(plain, ago=600).post("/account/reauthenticate/code/", {"code": "1"})
    Client().post(reverse("mfa_login_webauthn"), {"credential": '{"id": "x"}'})
    stranger = Client()
    stranger.post("/account/login/code/", {"email": alice.email})
    stranger.post("/account/login/code/confirm/", {"code": "BBBB-BBBB"})
    who = f"account {alice.pk}"
    assert [line.partition(",")[0] for line in refusals(caplog)] == [
        f"Code refused for {who}",
        f"Passkey refused for {who}",
        f"Code by mail refused for account {plain.pk}",
        "Passkey refused for no account",
        "Code by mail refused for no account",
    ]

"""Signing up, signing in, and account recovery; sign-up includes the browser's time zone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import zones
from accounts.models import User, first_name
from mail.models import OutgoingMail
from tests.factories import make_user
from tests.outbox import outbox

pytestmark = pytest.mark.django_db


def sign_up(client: Client, **fields: Any) -> Any:
    data = {"name": "Dana Dell", "email": "dana@example.org", "password1": "a long enough phrase", **fields}
    return client.post("/account/signup/", data)


def test_sign_up_keeps_name_and_the_browsers_zone(client: Client) -> None:
    assert sign_up(client, time_zone="America/New_York").status_code == 302
    user = User.objects.get(email="dana@example.org")
    assert (user.name, user.time_zone, user.country) == ("Dana Dell", "America/New_York", "US")


@pytest.mark.parametrize("nonsense", ["", "Mars/Olympus", "../../etc/passwd", "x" * 5000, "Europe/London\0"])
def test_sign_up_with_a_nonsense_zone_falls_back_to_london(client: Client, nonsense: str) -> None:
    sign_up(client, time_zone=nonsense)
    zones = list(User.objects.filter(email="dana@example.org").values_list("time_zone", flat=True))
    assert zones in ([], ["Europe/London"])  # the form refuses a NUL byte and ignores any other invalid value


def test_the_address_is_confirmed_by_the_link_in_the_mail_and_a_get_changes_nothing(client: Client) -> None:
    sign_up(client)
    mail = OutgoingMail.objects.get()
    assert (mail.purpose, mail.recipient, mail.priority) == ("account", "dana@example.org", 0)
    found = re.search(r"http://[^/]+(/account/confirm-email/[^\s]+)", outbox()[0].body)
    assert found
    client.get(found[1])
    assert not EmailAddress.objects.get(email="dana@example.org").verified
    client.post(found[1])
    assert EmailAddress.objects.get(email="dana@example.org").verified


@pytest.mark.parametrize("spoil", ["", "x"])
def test_a_confirmation_pressed_twice_or_altered_is_told_kindly(client: Client, spoil: str) -> None:
    sign_up(client)
    found = re.search(r"http://[^/]+(/account/confirm-email/[^\s]+)/", outbox()[0].body)
    assert found
    client.post(f"{found[1]}/")
    for who in (client, Client()):
        again = who.post(f"{found[1]}{spoil}/")
        assert again.status_code == 200
        assert "This link has been used, or is too old" in again.content.decode()


def test_an_address_that_has_an_account_is_not_told_to_a_stranger(client: Client) -> None:
    make_user("dana@example.org")
    known = sign_up(client)
    unknown = sign_up(Client(), email="somebody@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert User.objects.filter(email="dana@example.org").count() == 1


def test_the_address_is_unique_whatever_its_case() -> None:
    make_user("dana@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="DANA@example.org")


def test_signing_in_needs_a_confirmed_address(client: Client) -> None:
    user = make_user("dana@example.org", confirmed=False)
    login = {"login": "Dana@Example.org", "password": "correct horse battery"}
    assert client.post("/account/login/", login).url == "/account/confirm-email/"
    EmailAddress.objects.filter(user=user).update(verified=True)
    assert client.post("/account/login/", login).url == "/today/"


def test_a_password_is_reset_by_the_link_in_the_mail(client: Client) -> None:
    user = make_user("dana@example.org")
    client.post("/account/password/reset/", {"email": "dana@example.org"})
    found = re.search(r"http://[^/]+(/account/password/reset/key/[^\s]+)", outbox()[0].body)
    assert found
    form = client.get(found[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "another long phrase", "password2": "another long phrase"})
    user.refresh_from_db()
    assert user.check_password("another long phrase")


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Prof. Gwen Abara", "Gwen"),
        ("Dr Ffion Marsh", "Ffion"),
        ("Margaret Osei", "Margaret"),
        ("Sir Dr. Ada King", "Ada"),
        ("Dr", "Dr"),
        ("", ""),
        ("  Inês  Cabral ", "Inês"),
        ("Hart, Julie", "Julie"),
        ("Dr Hart, Julie M.", "Julie"),
        ("Hart,", "Hart"),
        (", Julie", "Julie"),
        ("van der Berg, Prof. Anna", "Anna"),
        ("Gwen Abara, PhD", "Gwen"),
        ("Gwen Abara, Director", "Gwen"),
        ("Abara, Ph.D.", "Abara"),
        ("Marsh, Dr", "Marsh"),
        (",", ""),
    ],
)
def test_first_name_leaves_titles_out(name: str, first: str) -> None:
    assert first_name(name) == first


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Europe/Berlin", "DE"), ("Asia/Kathmandu", "NP"), ("UTC", "GB"), ("Europe/London", "GB"), ("nonsense", "GB")],
)
def test_the_zone_tells_the_country(zone: str, country: str) -> None:
    assert zones.country_of(zone) == country


def test_sign_up_does_the_same_work_whether_or_not_the_address_has_an_account(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("dana@example.org")
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def noted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noted)

    def work(email: str) -> tuple[list[str], list[str]]:
        hashed.clear()
        before = OutgoingMail.objects.count()
        sign_up(Client(), email=email)
        mails = OutgoingMail.objects.order_by("pk")[before:]
        return list(hashed), [mail.purpose for mail in mails if mail.recipient == email]

    assert work("dana@example.org") == work("somebody@example.org") == (["a long enough phrase"], ["account"])

"""Passwords as they are typed: taken exactly, hidden, changed only by who knows them. (How hard: see
``test_password_strength``.)
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from accounts.models import User
from accounts.password_strength import LEAST, judge
from tests.outbox import outbox
from tests.second_factors import code_of, make_app

pytestmark = pytest.mark.django_db
FIRST = "correct horse battery"
EXACT = "  Seven Herons At Dusk, ﬁne "


def change(client: Client, new: str, old: str = FIRST) -> Any:
    return client.post("/account/password/change/", {"oldpassword": old, "password1": new, "password2": new})


def gets_in(user: User, password: str) -> bool:
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    answer = Client().post("/account/login/", {"login": user.email, "password": password})
    return bool(answer.status_code == 302)


def test_a_password_is_taken_exactly_as_typed(alice: User, alice_client: Client) -> None:
    change(alice_client, EXACT)
    assert gets_in(alice, EXACT)
    for nearly in (EXACT.strip(), EXACT.lower(), EXACT.replace("ﬁ", "fi"), EXACT[:-1]):
        assert not gets_in(alice, nearly)


def test_a_long_password_counts_to_its_end(alice: User, alice_client: Client) -> None:
    long = "seven herons at dusk and one more for the road, " * 4
    assert len(long) > 128
    change(alice_client, long)
    assert gets_in(alice, long)
    assert not gets_in(alice, long[:-1] + "?")
    assert not gets_in(alice, long[:128])


def test_only_who_knows_the_password_changes_it(alice: User, alice_client: Client) -> None:
    change(alice_client, "another seven herons", old="not the password")
    assert not gets_in(alice, "another seven herons")
    change(alice_client, "another seven herons")
    assert gets_in(alice, "another seven herons")


@pytest.mark.parametrize("address", ["/account/login/", "/account/signup/", "/account/password/change/"])
def test_a_password_is_hidden_and_may_be_filled_in(alice: User, address: str) -> None:
    client = Client()
    if "change" in address:
        client.force_login(alice)
    fields = re.findall(r"<input[^>]*name=\"(?:old)?password\d?\"[^>]*>", client.get(address).content.decode())
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field


def test_leaked_passwords_of_the_estimators_list_are_refused() -> None:
    leaked = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= LEAST]
    assert len(leaked) > 50
    assert [word for word in leaked if judge(word).accepted] == []


def test_a_new_password_by_mail_does_not_go_round_the_second_factor(alice: User) -> None:
    secret = make_app(alice)
    client = Client()
    client.post("/account/password/reset/", {"email": alice.email})
    link = re.search(r"http://\S+(/account/password/reset/key/\S+)", outbox()[-1].body)
    assert link
    page = client.get(link[1], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": EXACT, "password2": EXACT})
    assert client.get("/today/").status_code == 302
    answer = client.post("/account/login/", {"login": alice.email, "password": EXACT})
    assert client.get("/today/").status_code == 302
    assert client.post(answer.url, {"code": code_of(secret)}).url == "/today/"


@pytest.mark.clock(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC))
def test_a_link_to_a_new_password_works_for_an_hour(alice: User, clock: time_machine.Coordinates) -> None:
    Client().post("/account/password/reset/", {"email": alice.email})
    mail = outbox()[-1].body
    assert "within an hour" in mail
    link = re.search(r"http://\S+(/account/password/reset/key/\S+)", mail)
    assert link
    clock.shift(dt.timedelta(minutes=59))
    assert "Choose a new password" in Client().get(link[1], follow=True).content.decode()
    clock.shift(dt.timedelta(minutes=2))
    assert "is too old" in Client().get(link[1], follow=True).content.decode()


def test_nobody_is_asked_a_secret_question_or_for_a_hint() -> None:
    known = {
        "login",
        "username",
        "password",
        "remember",
        "email",
        "name",
        "time_zone",
        "code",
        "credential",
        "passwordless",
    }
    known |= {"password1", "password2", "oldpassword"}
    forms = [*settings.ACCOUNT_FORMS.values(), *settings.SOCIALACCOUNT_FORMS.values(), *settings.MFA_FORMS.values()]
    assert {field for form in forms for field in import_string(form).base_fields} <= known


def test_there_is_no_account_that_nobody_made() -> None:
    assert not User.objects.exists()


def test_where_to_go_next_may_be_no_address_at_all(client: Client) -> None:
    page = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "no-such-key"})
    for address in (page, reverse("account_login"), reverse("account_reset_password")):
        for ask in (client.get, client.post):
            assert ask(address, {"next": "http://[::1"}).status_code == 200

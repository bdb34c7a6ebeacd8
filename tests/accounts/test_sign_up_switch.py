"""Who may sign up: everybody, with a link, by domain, or nobody."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.core import signing
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from accounts import sign_up
from accounts.models import SignUpLink, User
from tests import oidc
from tests.factories import make_user
from tests.races import at_once

pytestmark = pytest.mark.django_db
START = "Start your portfolio"


def register(client: Client, email: str = "dana@example.org") -> Any:
    return client.post(
        "/account/signup/", {"name": "Dana Dell", "email": email, "password1": "quite-some-otters-in-Ullapool"}
    )


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("sign_up_link", *words, stdout=out)
    return out.getvalue()


def made(*words: str) -> str:
    """The path of a new link."""
    found = re.search(r"http://[^/]+(/account/invited/\S+)", run("make", *words))
    assert found
    return found[1]


@pytest.fixture
def invited(settings: Settings) -> Settings:
    settings.SIGN_UP = "invited"
    settings.SITE_RUN_BY = "Example University Library"
    return settings


@pytest.fixture
def domain(settings: Settings) -> Settings:
    settings.SIGN_UP, settings.SIGN_UP_DOMAINS = "domain", ["example.ac.uk", "nhs.net"]
    return settings


# --- Closed ---------------------------------------------------------------------------------------


def test_closed_says_so_and_makes_no_account(settings: Settings, client: Client) -> None:
    settings.SIGN_UP = "closed"
    link = sign_up.make_link(uses=1, days=1)
    assert START not in client.get("/").content.decode()
    assert "New here?" not in client.get("/account/login/").content.decode()
    for answer in (client.get("/account/signup/"), register(client)):
        assert "Signing up is closed on this site." in answer.content.decode()
    assert client.post(f"/account/invited/{sign_up.token_for(link)}/").status_code == 410
    assert not User.objects.exists()
    with pytest.raises(CommandError, match="SIGN_UP is closed"):
        run("make")


def test_open_shows_the_button(client: Client) -> None:
    assert START in client.get("/").content.decode()
    assert register(client).status_code == 302


# --- By link --------------------------------------------------------------------------------------


def test_without_a_link_one_reads_whom_to_ask(invited: Settings, client: Client) -> None:
    assert START not in client.get("/").content.decode()
    for answer in (client.get("/account/signup/"), register(client)):
        assert "an invitation link from Example University Library" in answer.content.decode()
    assert not User.objects.exists()


def test_a_link_says_who_runs_the_site_and_lets_sign_up_once(invited: Settings, client: Client) -> None:
    path = made()
    assert "Example University Library runs this site" in client.get(path).content.decode()
    assert not client.session.keys()  # a GET changes nothing
    assert client.post(path).url == "/account/signup/"
    assert register(client).status_code == 302
    assert SignUpLink.objects.get().used == 1
    late = Client()
    assert late.get(path).status_code == 410
    assert late.post(path).status_code == 410
    assert "no longer good" in late.get(path).content.decode()


def test_a_mistake_in_the_form_costs_no_use(invited: Settings, client: Client) -> None:
    client.post(made())
    assert register(client, "no address").status_code == 200
    assert SignUpLink.objects.get().used == 0
    assert register(client).status_code == 302


def test_an_address_that_has_an_account_costs_no_use_and_is_not_told(invited: Settings, client: Client) -> None:
    make_user("dana@example.org")
    client.post(made())
    assert register(client).url == "/account/confirm-email/"
    assert SignUpLink.objects.get().used == 0


def test_the_last_use_is_for_one_of_two(invited: Settings) -> None:
    path, first, second = made(), Client(), Client()
    for each in (first, second):
        each.post(path)
        assert each.get("/account/signup/").status_code == 200
    register(first)
    assert "if it was used up, ask for another" in register(second, "other@example.org").content.decode()
    assert User.objects.count() == 1


def test_a_link_that_runs_out_while_the_form_is_sent_makes_no_account(
    invited: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both passed the check on the page before either was counted."""
    client.post(made())
    SignUpLink.objects.update(used=1)
    monkeypatch.setattr(sign_up, "is_open", lambda request: True)
    assert "ask for another" in register(client).content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_four_at_once_share_two_uses(invited: Settings) -> None:
    path, people = made("--uses", "2"), [Client() for _ in range(4)]
    for each in people:
        each.post(path)
    at_once(*[lambda n=n, each=each: register(each, f"p{n}@example.org") for n, each in enumerate(people)])
    assert (SignUpLink.objects.get().used, User.objects.count()) == (2, 2)


def test_the_database_counts_no_use_too_many() -> None:
    link = sign_up.make_link(uses=1, days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        SignUpLink.objects.filter(pk=link.pk).update(used=2)


@pytest.mark.clock("2026-03-02 10:00:00+00:00")
def test_a_link_ends_after_its_days(invited: Settings, client: Client, clock: time_machine.Coordinates) -> None:
    path = made("--days", "2")
    client.post(path)
    clock.shift(dt.timedelta(days=2))
    assert client.get(path).status_code == 410
    assert "You need an invitation" in register(client).content.decode()


def test_a_link_is_taken_back(invited: Settings, client: Client) -> None:
    path = made("--note", "for the new fellows", "--uses", "5")
    client.post(path)
    [link] = SignUpLink.objects.all()
    assert f"{link.pk}: for the new fellows: 5 of 5 left, until" in run("list")
    run("end", str(link.pk))
    assert client.get(path).status_code == 410
    assert "You need an invitation" in register(client).content.decode()
    assert run("list") == ""
    with pytest.raises(CommandError, match="no link"):
        run("end", str(link.pk))


@pytest.mark.parametrize("words", [["--uses", "0"], ["--uses", "99999"], ["--days", "0"], ["--days", "400"]])
def test_a_link_has_bounds(invited: Settings, words: list[str]) -> None:
    with pytest.raises(CommandError, match="--uses is 1 to"):
        run("make", *words)
    assert not SignUpLink.objects.exists()


@pytest.mark.parametrize("token", ["nonsense", "1", "1:2:3", "%00", "x" * 3000])
def test_an_altered_link_lets_nobody_in(invited: Settings, client: Client, token: str) -> None:
    path = f"/account/invited/{token}/"
    assert client.get(path).status_code == 410
    assert client.post(path).status_code == 410


def test_the_token_of_another_link_is_none(invited: Settings, client: Client) -> None:
    link = sign_up.make_link(uses=1, days=1)
    assert client.get(f"/account/invited/{signing.dumps(link.pk, salt='reminders.links')}/").status_code == 410


def test_a_signed_in_person_needs_no_invitation(invited: Settings, alice_client: Client) -> None:
    assert alice_client.post(made()).url == "/today/"
    assert SignUpLink.objects.get().used == 0


# --- By domain ------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["dana@example.ac.uk", "Dana@NHS.net"])
def test_an_address_at_the_domain_is_welcome(domain: Settings, client: Client, email: str) -> None:
    assert "at example.ac.uk or nhs.net" in client.get("/account/signup/").content.decode()
    assert register(client, email).url == "/account/confirm-email/"


@pytest.mark.parametrize("email", ["dana@example.org", "dana@sub.example.ac.uk", "dana@example.ac.uk.example.org"])
def test_an_address_elsewhere_is_told_which_ones(domain: Settings, client: Client, email: str) -> None:
    answer = register(client, email)
    assert "Please use an address at example.ac.uk or nhs.net." in answer.content.decode()
    assert f'value="{email}"' in answer.content.decode()  # nothing typed is lost
    assert not User.objects.exists()


def test_an_address_elsewhere_is_refused_whether_it_has_an_account_or_not(domain: Settings, client: Client) -> None:
    make_user("dana@example.org")
    known, unknown = (register(client, email).content.decode() for email in ("dana@example.org", "x@example.org"))
    assert "Please use an address at" in known
    assert "Please use an address at" in unknown


def test_a_link_lets_somebody_from_elsewhere_in(domain: Settings, client: Client) -> None:
    client.post(made())
    assert register(client).status_code == 302
    assert SignUpLink.objects.get().used == 1


# --- Providers obey it ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def there() -> Iterator[str]:
    people = [oidc.person("dana", email="dana@example.org", email_verified=True)]
    people.append(oidc.person("ada", email="ada@example.ac.uk", email_verified=True))
    with oidc.provider(*people) as url:
        yield url


def by_provider(client: Client, email: str) -> Any:
    return client.post("/account/with/sign-up/", {"name": "Dana Dell", "email": email})


def test_a_provider_makes_no_account_where_sign_up_is_closed(settings: Settings, there: str, client: Client) -> None:
    settings.SOCIALACCOUNT_PROVIDERS, settings.SIGN_UP = oidc.switched_on(there), "closed"
    answer = oidc.sign_in(client, "dana")
    assert "Signing up is closed on this site." in answer.content.decode()
    assert by_provider(client, "dana@example.org").url == "/account/login/"
    assert not User.objects.exists()


def test_a_provider_lets_in_who_has_an_account_where_sign_up_is_closed(
    settings: Settings, there: str, client: Client
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS, settings.SIGN_UP = oidc.switched_on(there), "closed"
    user = make_user("dana@example.org")
    SocialAccount.objects.create(user=user, provider="university", uid="dana")
    assert oidc.sign_in(client, "dana").url == "/today/"


def test_a_provider_makes_an_account_with_a_link(invited: Settings, there: str, client: Client) -> None:
    invited.SOCIALACCOUNT_PROVIDERS = oidc.switched_on(there)
    assert "You need an invitation" in oidc.sign_in(client, "dana").content.decode()
    client.post(made())
    assert oidc.sign_in(client, "dana").url == "/account/with/sign-up/"
    assert by_provider(client, "dana@example.org").url == "/today/"
    assert SignUpLink.objects.get().used == 1


def test_a_provider_makes_an_account_only_for_the_domain(domain: Settings, there: str, client: Client) -> None:
    domain.SOCIALACCOUNT_PROVIDERS = oidc.switched_on(there)
    oidc.sign_in(client, "dana")
    assert "Please use an address at" in by_provider(client, "dana@example.org").content.decode()
    oidc.sign_in(client, "ada")
    assert by_provider(client, "ada@example.ac.uk").url == "/today/"
    # An address at the domain that the provider does not vouch for is confirmed by mail.
    other = Client()
    oidc.sign_in(other, "dana")
    assert by_provider(other, "somebody@example.ac.uk").url == "/account/confirm-email/"


def test_an_invited_person_goes_to_the_only_way_in(invited: Settings, client: Client) -> None:
    invited.SIGN_IN_ONLY_WITH = "university"
    assert client.post(made()).url == "/account/login/"

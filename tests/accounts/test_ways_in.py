"""Signing in with a provider: a real one on this machine, and one that answers wrongly."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from mail.models import OutgoingMail
from tests import oidc
from tests.exports import tables_of
from tests.factories import make_user
from tests.oidc import Strange, person
from tests.outbox import outbox
from tests.second_factors import code_of, make_app

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
NOT_WORK = "That did not work"

PEOPLE = (
    person("dana", email="Dana@Example.org", email_verified=True, name="Dana Dell"),
    person("unsure", email="dana@example.org", email_verified=False, name="Dana Dell"),
    person("quoted", email="dana@example.org", email_verified="false"),
    person("silent", given_name="Sam", family_name="Silent"),
    person("alice", email="alice@example.org", email_verified=True),
    person("alice-unsure", email="alice@example.org"),
)


@pytest.fixture(scope="module")
def there() -> Iterator[str]:
    with oidc.provider(*PEOPLE) as url:
        yield url


@pytest.fixture
def university(there: str, settings: Settings) -> Settings:
    settings.SOCIALACCOUNT_PROVIDERS = oidc.switched_on(there)
    return settings


@pytest.fixture
def strange(settings: Settings) -> Iterator[Strange]:
    with oidc.strange_provider() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = oidc.switched_on(provider.url)
        yield provider


@pytest.fixture
def dana(db: None) -> User:
    return known("dana@example.org", name="Dana Dell")


def known(email: str, **fields: Any) -> User:
    user = make_user(email, **fields)
    return user


def signed_in(client: Client) -> bool:
    return bool(client.get("/today/").status_code == 200)


def link(user: User, provider: str = "university", uid: str = "dana") -> SocialAccount:
    return SocialAccount.objects.create(user=user, provider=provider, uid=uid)


def with_password(user: User) -> Client:
    client = Client()
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD}).url == "/today/"
    return client


def stale(client: Client) -> Client:
    """As if the sign-in had been some time ago."""
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    return client


def confirm_once_more(client: Client) -> Any:
    return client.post("/account/reauthenticate/", {"password": PASSWORD})


# --- New here -------------------------------------------------------------------------------------


def test_a_new_person_with_a_verified_address_is_in_without_a_mail(university: Settings, client: Client) -> None:
    assert oidc.sign_in(client, "dana").url == "/account/with/sign-up/"
    form = client.get("/account/with/sign-up/")
    assert form.context["form"].initial["name"] == "Dana Dell"
    assert not User.objects.exists()  # a press on a button makes no account
    data = {"name": "Dana D", "email": "dana@example.org", "time_zone": "America/New_York"}
    assert client.post("/account/with/sign-up/", data).url == "/today/"
    user = User.objects.get()
    assert (user.email, user.name, user.country, user.has_usable_password()) == (
        "dana@example.org",
        "Dana D",
        "US",
        False,
    )
    assert EmailAddress.objects.get().verified
    assert SocialAccount.objects.get().uid == "dana"
    assert signed_in(client)
    assert not OutgoingMail.objects.filter(subject__icontains="confirm").exists()


def test_nothing_but_a_name_and_an_address_is_kept_of_the_answers(university: Settings, client: Client) -> None:
    oidc.sign_in(client, "dana")
    client.post("/account/with/sign-up/", {"name": "Dana", "email": "dana@example.org"})
    assert SocialAccount.objects.get().extra_data == {"name": "Dana Dell", "email": "dana@example.org"}
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize(
    ("sub", "typed"),
    [
        ("unsure", "dana@example.org"),  # the provider doesn't say that it is verified
        ("quoted", "dana@example.org"),  # it says "false", in quotes
        ("silent", "dana@example.org"),  # it gives no address
        ("dana", "other@example.org"),  # another than the verified one was chosen
    ],
)
def test_an_address_nobody_vouches_for_is_confirmed_by_mail(
    university: Settings, client: Client, sub: str, typed: str
) -> None:
    assert oidc.sign_in(client, sub).url == "/account/with/sign-up/"
    answer = client.post("/account/with/sign-up/", {"name": "Dana Dell", "email": typed})
    assert answer.url == "/account/confirm-email/"
    assert not signed_in(client)
    [address] = EmailAddress.objects.all()
    assert (address.email, address.verified) == (typed, False)
    found = re.search(r"http://[^/]+(/account/confirm-email/[^\s]+)", outbox()[0].body)
    assert found
    client.post(found[1])
    assert EmailAddress.objects.get().verified
    assert oidc.sign_in(Client(), sub).url == "/today/"


def test_the_form_helps_with_the_name_when_there_is_no_address(university: Settings, client: Client) -> None:
    oidc.sign_in(client, "silent")
    form = client.get("/account/with/sign-up/").context["form"]
    assert (form.initial["name"], form.initial["email"]) == ("Sam Silent", "")


def test_sign_up_without_having_come_from_a_provider_leads_to_signing_in(client: Client) -> None:
    assert client.get("/account/with/sign-up/").url == "/account/login/"
    assert client.post("/account/with/sign-up/", {"name": "X", "email": "x@example.org"}).url == "/account/login/"


def test_two_tabs_make_one_account(university: Settings) -> None:
    first, second = Client(), Client()
    for tab in (first, second):
        oidc.sign_in(tab, "dana")
    first.post("/account/with/sign-up/", {"name": "Dana", "email": "dana@example.org"})
    answer = second.post("/account/with/sign-up/", {"name": "Dana", "email": "other@example.org"}, follow=True)
    assert "Your account is there already" in answer.content.decode()
    assert User.objects.count() == SocialAccount.objects.count() == 1


# --- Somebody's address ---------------------------------------------------------------------------


@pytest.mark.parametrize("sub", ["alice", "alice-unsure"])
def test_an_account_is_not_joined_by_its_address_unless_the_provider_is_trusted(
    university: Settings, client: Client, sub: str
) -> None:
    alice = known("alice@example.org")
    oidc.sign_in(client, sub)
    answer = client.post("/account/with/sign-up/", {"name": "Alice", "email": "alice@example.org"})
    # The same answer as for an address that nobody has; the owner is told by mail.
    assert answer.url == "/account/confirm-email/"
    assert not signed_in(client)
    assert not SocialAccount.objects.exists()
    assert [mail.recipient for mail in OutgoingMail.objects.all()] == [alice.email]
    assert "You already have an account" in outbox()[0].body
    assert User.objects.count() == 1


def test_a_trusted_provider_lets_into_the_account_with_its_verified_address(
    university: Settings, there: str, client: Client
) -> None:
    alice = known("alice@example.org")
    university.SOCIALACCOUNT_PROVIDERS = oidc.switched_on(there, trusted=True)
    assert oidc.sign_in(client, "alice").url == "/today/"
    assert SocialAccount.objects.get().user == alice
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_trusted_provider_without_its_word_for_the_address_does_not(
    university: Settings, there: str, client: Client
) -> None:
    known("alice@example.org")
    university.SOCIALACCOUNT_PROVIDERS = oidc.switched_on(there, trusted=True)
    assert oidc.sign_in(client, "alice-unsure").url == "/account/with/sign-up/"
    assert not SocialAccount.objects.exists()


def test_whoever_signed_up_with_anothers_address_is_locked_out_when_its_owner_comes(
    university: Settings, there: str, client: Client
) -> None:
    """An account nobody confirmed may be a trap: its password and its sessions end."""
    trap = make_user("alice@example.org", confirmed=False)
    liar = Client()
    liar.force_login(trap)
    university.SOCIALACCOUNT_PROVIDERS = oidc.switched_on(there, trusted=True)
    oidc.sign_in(client, "alice")
    trap.refresh_from_db()
    assert not trap.has_usable_password()
    assert not signed_in(liar)


# --- Coming back ----------------------------------------------------------------------------------


def test_a_linked_person_is_in_and_lands_where_they_wanted(university: Settings, client: Client, dana: User) -> None:
    link(dana)
    assert oidc.sign_in(client, "dana", next="/people/").url == "/people/"
    assert signed_in(client)


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(university: Settings, client: Client, dana: User, elsewhere: str) -> None:
    link(dana)
    assert oidc.sign_in(client, "dana", next=elsewhere).url == "/today/"


def test_the_request_there_is_ours_alone(university: Settings, client: Client, there: str) -> None:
    """PKCE and a state; a visitor chooses neither scope nor parameters."""
    address = "/account/with/university/login/?scope=admin&auth_params=redirect_uri%3Dhttps%3A//elsewhere.example"
    url = client.post(address, {"scope": "admin", "process": "redirect"}).context["there"]
    query = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{there}/oauth2/authorize?")
    assert query["redirect_uri"] == [f"http://testserver{oidc.CALLBACK}"]
    assert sorted(query["scope"][0].split()) == ["email", "openid", "profile"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 16


def test_a_get_only_asks(university: Settings, client: Client) -> None:
    page = client.get("/account/with/university/login/")
    assert "Sign in with Example University?" in page.content.decode()
    assert not client.session.keys()


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    university: Settings, client: Client, dana: User
) -> None:
    link(dana)
    there = oidc.go_there(client)
    elsewhere = oidc.come_back(Client(), there, "dana")
    assert elsewhere.status_code == 401
    assert NOT_WORK in elsewhere.content.decode()
    state = parse_qs(urlsplit(oidc.go_there(client)).query)["state"][0]
    for _ in range(2):
        answer = client.get(oidc.CALLBACK, {"state": state, "code": "no such code"})
        assert (answer.status_code, NOT_WORK in answer.content.decode()) == (401, True)
    assert not signed_in(client)


def test_turning_back_at_the_provider_is_no_error(university: Settings, client: Client) -> None:
    answer = oidc.come_back(client, oidc.go_there(client), action="deny")
    assert answer.url == "/account/with/cancelled/"
    assert "Nothing was changed here" in client.get(answer.url).content.decode()


@pytest.mark.clock("2026-01-05 10:00Z")
def test_one_network_asks_a_provider_thirty_times_a_minute(strange: Strange, clock: Any) -> None:
    """A start makes a request there, and a note in a session."""
    start = "/account/with/university/login/"
    asked = [Client().post(start, REMOTE_ADDR="192.0.2.1").status_code for _ in range(30)]
    assert set(asked) == {200}
    before, late = len(strange.asked), Client()
    answer = late.post(start, REMOTE_ADDR="192.0.2.1")
    assert (answer.status_code, len(strange.asked)) == (429, before)
    assert "That was a little fast" in answer.content.decode()
    assert not late.session.keys()
    assert late.get(start, REMOTE_ADDR="192.0.2.1").status_code == 200  # asking first costs nothing
    assert late.post(start, REMOTE_ADDR="198.51.100.7").status_code == 200
    clock.shift(61)
    assert late.post(start, REMOTE_ADDR="192.0.2.1").status_code == 200


# --- A provider that fails ------------------------------------------------------------------------


def without(name: str) -> Callable[[Strange], None]:
    return lambda strange: strange.answers["/.well-known/openid-configuration"].pop(name)


def answering(path: str, answer: Any, status: int = 200) -> Callable[[Strange], None]:
    def change(strange: Strange) -> None:
        strange.answers[path], strange.status[path] = answer, status

    return change


@pytest.mark.parametrize(
    "change",
    [
        answering("/.well-known/openid-configuration", "", 503),
        answering("/.well-known/openid-configuration", "<html>"),
        answering("/.well-known/openid-configuration", []),
        answering("/.well-known/openid-configuration", {"issuer": 1}),
        answering(
            "/.well-known/openid-configuration",
            dict.fromkeys(("issuer", "authorization_endpoint", "token_endpoint"), "http://elsewhere.example/"),
        ),
        without("authorization_endpoint"),
        without("token_endpoint"),
    ],
)
def test_a_provider_that_is_down_gets_a_calm_page(
    strange: Strange, client: Client, change: Callable[[Strange], None]
) -> None:
    change(strange)
    answer = client.post("/account/with/university/login/")
    assert answer.status_code == 401
    assert NOT_WORK in answer.content.decode()


def test_a_provider_that_cannot_be_reached_gets_the_same_page(client: Client) -> None:
    assert NOT_WORK in client.post("/account/with/university/login/").content.decode()


@pytest.mark.parametrize(
    "change",
    [
        answering("/token", "", 500),
        answering("/token", {"error": "invalid_grant"}, 400),
        answering("/token", "<html>"),
        answering("/token", []),
        answering("/token", {"access_token": None}),
        answering("/token", {"access_token": "a", "expires_in": "soon"}),
        answering("/token", {"access_token": "a", "id_token": "nonsense"}),
        answering("/token", {"access_token": "a", "id_token": 7}),
        answering("/userinfo", "", 500),
        answering("/userinfo", "<html>"),
        answering("/userinfo", ["u-1"]),
        answering("/userinfo", {"email": "dana@example.org"}),
        answering("/userinfo", {"sub": ""}),
        answering("/userinfo", {"sub": "x" * 192}),
        answering("/userinfo", {"sub": ["u-1"]}),
        answering("/userinfo", {"sub": "somebody-else", "email": "dana@example.org"}),
        lambda strange: answering("/token", {"access_token": "a", "id_token": strange.token(aud="others")})(strange),
        lambda strange: answering("/token", {"access_token": "a", "id_token": strange.token(iss="https://x")})(strange),
        lambda strange: answering("/token", {"access_token": "a", "id_token": strange.token(exp=1)})(strange),
        answering("/jwks", "", 500),
        answering("/jwks", {"keys": []}),
    ],
)
def test_an_answer_that_is_no_answer_gets_a_calm_page(
    strange: Strange, client: Client, change: Callable[[Strange], None]
) -> None:
    change(strange)
    answer = strange.come_back(client)
    assert answer.status_code == 401
    assert NOT_WORK in answer.content.decode()
    assert not User.objects.exists()
    assert client.get("/account/with/sign-up/").url == "/account/login/"


def signed(key: Any, algorithm: str) -> Callable[[Strange], None]:
    def change(strange: Strange) -> None:
        forged = jwt.encode(strange.claims, key, algorithm=algorithm, headers={"kid": "k"})
        strange.answers["/token"]["id_token"] = forged

    return change


PUBLIC = oidc.KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "change",
    [
        signed(rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
        signed(hashlib.sha256(PUBLIC).hexdigest(), "HS256"),  # a secret of the sender’s own choice
        signed(None, "none"),
    ],
    ids=["another key", "a shared secret", "none"],
)
def test_what_the_provider_did_not_sign_lets_nobody_in(
    strange: Strange, client: Client, change: Callable[[Strange], None]
) -> None:
    change(strange)
    assert strange.come_back(client).status_code == 401
    assert client.get("/account/with/sign-up/").url == "/account/login/"


@pytest.mark.parametrize(
    ("issuer", "by_host", "status"),
    [
        ("https://login.example.net", False, 401),
        ("{url}/another", False, 401),
        ("{url}/", False, 200),
        ("{url}/another", True, 200),
        ("https://login.example.net", True, 401),
    ],
)
def test_a_provider_that_calls_itself_another_is_left(
    strange: Strange, client: Client, settings: Any, issuer: str, by_host: bool, status: int
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["issuer_by_host"] = by_host
    there = issuer.format(url=strange.url)
    strange.answers["/.well-known/openid-configuration"]["issuer"] = there
    assert client.post("/account/with/university/login/").status_code == status


def test_no_redirect_of_a_provider_is_followed(strange: Strange, client: Client) -> None:
    strange.status["/.well-known/openid-configuration"] = 302
    strange.headers["Location"] = f"{strange.url}/elsewhere"
    strange.answers["/elsewhere"] = strange.answers["/.well-known/openid-configuration"]
    assert client.post("/account/with/university/login/").status_code == 401
    assert [path for path, _ in strange.asked] == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("claims", "initial"),
    [
        ({"email": "no address"}, ("", "")),
        ({"email": ["dana@example.org"]}, ("", "")),
        ({"email": "d" * 300 + "@example.org"}, ("", "")),
        ({"email": None, "name": {"given": "Dana"}}, ("", "")),
        ({"name": "Da\x00na \u202eDell" + "x" * 200}, ("Dana Dell" + "x" * 111, "")),
    ],
)
def test_claims_of_any_shape_only_fill_the_form_less(
    strange: Strange, client: Client, claims: dict[str, Any], initial: tuple[str, str]
) -> None:
    strange.answers["/userinfo"] = {"sub": "u-1", **claims}
    assert strange.come_back(client).url == "/account/with/sign-up/"
    form = client.get("/account/with/sign-up/").context["form"]
    assert (form.initial["name"], form.initial["email"]) == initial


def test_the_word_for_an_address_counts_only_in_the_same_answer(strange: Strange, client: Client) -> None:
    """An address from one answer and "verified" from the other would be nobody's word."""
    strange.answers["/token"]["id_token"] = strange.token(email="own@example.org", email_verified=True)
    strange.answers["/userinfo"] = {"sub": "u-1", "email": "alice@example.org"}
    strange.come_back(client)
    client.post("/account/with/sign-up/", {"name": "Dana", "email": "alice@example.org"})
    assert not EmailAddress.objects.get(email="alice@example.org").verified


def test_a_provider_without_a_second_address_is_enough(strange: Strange, client: Client) -> None:
    del strange.answers["/.well-known/openid-configuration"]["userinfo_endpoint"]
    strange.answers["/token"]["id_token"] = strange.token(email="dana@example.org", email_verified=True, name="Dana")
    assert strange.come_back(client).url == "/account/with/sign-up/"
    assert client.get("/account/with/sign-up/").context["form"].initial["email"] == "dana@example.org"
    assert [path for path, _ in strange.asked].count("/userinfo") == 0


def test_the_code_is_redeemed_with_the_verifier_of_the_challenge(strange: Strange, client: Client) -> None:
    strange.come_back(client)
    [fields] = [fields for path, fields in strange.asked if path == "/token"]
    assert fields["grant_type"] == ["authorization_code"]
    assert len(fields["code_verifier"][0]) >= 43


def test_a_second_factor_is_asked_for_after_a_provider_too(university: Settings, dana: User) -> None:
    link(dana)
    secret, client = make_app(dana), Client()
    asked = oidc.sign_in(client, "dana")
    assert asked.url == "/account/signing-in/authenticate/"
    assert not signed_in(client)
    assert client.post(asked.url, {"code": code_of(secret)}).status_code == 302
    assert signed_in(client)


# --- Linking and unlinking ------------------------------------------------------------------------


def test_linking_asks_for_the_password_first_and_then_lets_in(university: Settings, dana: User) -> None:
    client = stale(with_password(dana))
    asked = client.post("/account/with/university/login/", {"process": "connect"})
    assert asked.url.startswith("/account/reauthenticate/")
    confirm_once_more(client)
    answer = oidc.come_back(client, oidc.go_there(client, process="connect"), "silent")
    assert answer.url == "/account/with/"
    page = client.get(answer.url).content.decode()
    assert "Example University is linked" in page
    assert SocialAccount.objects.get().user == dana
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [dana.email]  # none is added in passing
    assert oidc.sign_in(Client(), "silent").url == "/today/"


def test_what_is_linked_with_somebody_else_stays_theirs(university: Settings, dana: User) -> None:
    link(known("alice@example.org"), uid="alice")
    client = with_password(dana)
    confirm_once_more(client)
    answer = oidc.come_back(client, oidc.go_there(client, process="connect"), "alice")
    page = client.get(answer.url).content.decode()
    assert "is linked with another account here, so nothing was changed" in page
    assert "alice" not in page
    assert SocialAccount.objects.get().user.email == "alice@example.org"


def test_unlinking_asks_for_the_password_and_then_no_longer_lets_in(university: Settings, dana: User) -> None:
    account = link(dana)
    client = stale(with_password(dana))
    assert client.post(f"/account/with/{account.pk}/unlink/").url.startswith("/account/reauthenticate/")
    assert SocialAccount.objects.exists()
    confirm_once_more(client)
    assert "no longer lets you in" in client.post(f"/account/with/{account.pk}/unlink/", follow=True).content.decode()
    assert not SocialAccount.objects.exists()
    assert oidc.sign_in(Client(), "dana").url == "/account/with/sign-up/"


def test_the_last_way_in_stays(university: Settings, client: Client, dana: User) -> None:
    account = link(dana)
    dana.set_unusable_password()
    dana.save()
    oidc.sign_in(client, "dana")
    page = client.get("/account/with/").content.decode()
    assert "is your only way in" in page
    assert "Unlink" not in page
    answer = client.post(f"/account/with/{account.pk}/unlink/", follow=True)
    assert "Set a password first, then unlink it." in answer.content.decode()
    assert SocialAccount.objects.exists()


def test_a_link_to_a_provider_that_was_switched_off_is_no_way_in(
    university: Settings, client: Client, dana: User
) -> None:
    link(dana)
    gone = link(dana, "gone", "dana-there")
    dana.set_unusable_password()
    dana.save()
    oidc.sign_in(client, "dana")
    page = client.get("/account/with/").content.decode()
    assert "dana-there" in page
    assert "Example University is your only way in" in page
    client.post(f"/account/with/{gone.pk}/unlink/")
    assert SocialAccount.objects.filter(provider="gone").count() == 0


def test_a_stranger_unlinks_nothing(university: Settings, dana: User) -> None:
    account = link(known("alice@example.org"), uid="alice")
    client = with_password(dana)
    confirm_once_more(client)
    assert client.post(f"/account/with/{account.pk}/unlink/").status_code == 404
    assert SocialAccount.objects.exists()


def test_linking_without_being_signed_in_leads_to_signing_in(university: Settings, client: Client) -> None:
    assert client.post("/account/with/university/login/", {"process": "connect"}).url == "/account/login/"


def test_the_export_says_what_is_linked(university: Settings, dana: User) -> None:
    link(dana)
    [row] = tables_of(with_password(dana))["socialaccount.socialaccount"]
    assert (row["provider"], row["uid"]) == ("university", "dana")


# --- Switched off, and the only one ---------------------------------------------------------------


def test_without_a_provider_there_is_no_button_and_no_page(settings: Settings, dana: User) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    account, client = link(dana), with_password(dana)
    assert "Sign in with" not in Client().get("/account/login/").content.decode()
    assert "Other ways in" not in client.get("/settings/").content.decode()
    for address in ("", "sign-up/", "cancelled/", "university/login/", "university/login/callback/"):
        assert client.get(f"/account/with/{address}").status_code == 404, address
    assert client.post("/account/with/university/login/").status_code == 404
    assert client.post(f"/account/with/{account.pk}/unlink/").status_code == 404


def test_a_provider_nobody_switched_on_is_not_there(client: Client) -> None:
    assert client.get("/account/with/openid_connect/login/").status_code == 404
    assert client.get("/account/with/google/login/").status_code == 404


def test_the_sign_in_page_offers_each_provider(university: Settings, client: Client) -> None:
    page = client.get("/account/login/?next=/people/").content.decode()
    assert "Sign in with Example University" in page
    assert page.count('name="next" value="/people/"') == 3  # of the password, the passkey and the provider


@pytest.fixture
def only(university: Settings, there: str) -> Settings:
    university.SOCIALACCOUNT_PROVIDERS = oidc.switched_on(there, trusted=True)
    university.SIGN_IN_ONLY_WITH = "university"
    return university


def test_the_only_way_in_leaves_no_other(only: Settings, client: Client, dana: User) -> None:
    page = client.get("/account/login/").content.decode()
    assert "Sign in with Example University" in page
    assert "Password" not in page
    answer = client.post("/account/login/", {"login": dana.email, "password": PASSWORD})
    assert answer.status_code == 404
    for address in ("signup/", "password/reset/", "password/reset/key/1-x/", "password/change/"):
        assert client.get(f"/account/{address}").status_code in {404, 302}, address
    assert "Sign in with Example University" in client.get("/").content.decode()
    assert oidc.sign_in(client, "dana").url == "/today/"
    assert client.get("/account/password/change/").status_code == 404


def test_whatever_page_forgets_the_only_way_in_the_adapter_does_not(
    only: Settings, client: Client, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.ways_in.OTHER_WAYS", set())
    monkeypatch.setattr("accounts.ways_in.is_another_way", lambda request: False)
    answer = client.post("/account/login/", {"login": dana.email, "password": PASSWORD})
    assert answer.url == "/account/login/"
    assert not signed_in(client)
    assert "it is the only way in here" in client.get("/account/login/").content.decode()


def test_the_only_way_in_cannot_be_unlinked(only: Settings, client: Client, dana: User) -> None:
    account = link(dana)
    oidc.sign_in(client, "dana")
    answer = client.post(f"/account/with/{account.pk}/unlink/", follow=True)
    assert "Everybody signs in here with Example University" in answer.content.decode()
    assert SocialAccount.objects.exists()


def test_linking_and_unlinking_are_told_by_mail_where_such_mails_are_on(university: Settings, dana: User) -> None:
    university.ACCOUNT_EMAIL_NOTIFICATIONS = True
    client = with_password(dana)
    confirm_once_more(client)
    oidc.come_back(client, oidc.go_there(client, process="connect"), "silent")
    client.post(f"/account/with/{SocialAccount.objects.get().pk}/unlink/")
    linked, unlinked = (mail.body for mail in outbox())
    assert "Example University was linked with your account, and lets you in from now on." in linked
    assert "Example University was unlinked from your account, and no longer lets you in." in unlinked


def test_confirming_the_address_elsewhere_does_not_go_round_the_only_way_in(only: Settings, client: Client) -> None:
    oidc.sign_in(client, "unsure")
    client.post("/account/with/sign-up/", {"name": "Dana Dell", "email": "dana@example.org"})
    found = re.search(r"http://[^/]+(/account/confirm-email/[^\s]+)", outbox()[0].body)
    assert found
    elsewhere = Client()
    elsewhere.post(found[1])
    assert EmailAddress.objects.get().verified
    assert not signed_in(elsewhere)
    assert oidc.sign_in(elsewhere, "unsure").url == "/today/"

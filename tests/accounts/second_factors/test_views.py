"""Adding, showing and removing each way in; who runs the site; the export; and what the mails say."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import time
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import leaving
from accounts.models import SecurityEvent, User
from accounts.recent_sign_in import SAME_DAY
from accounts.second_factors import words
from accounts.second_factors.ways_in import Factor, WaysIn, next_step, ways_in
from mail.models import SuppressedAddress
from mail.suppression import suppress
from tests import access_world, stored_data
from tests.exports import text_of
from tests.factories import make_user
from tests.outbox import outbox
from tests.second_factors import SoftKey, code_of, confirmed_client, make_app, make_codes, make_passkey, operator_client

pytestmark = pytest.mark.django_db

PAGE, ADD = "/account/signing-in/", "/account/signing-in/passkeys/add/"


@pytest.fixture
def dana() -> User:
    user = make_user("dana@example.org", name="Dana Dell")
    return user


@pytest.fixture
def client(dana: User) -> Client:
    """Dana's, who has just confirmed who she is, by a second factor if she has one."""
    return confirmed_client(dana)


def said(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def asked_of_the_browser(client: Client) -> dict[str, Any]:
    found = re.search(r'data-passkey-options="([^"]*)"', client.get(ADD).content.decode())
    assert found
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


def add_passkey(client: Client, key: SoftKey, name: str = "My laptop", **change: Any) -> Any:
    credential = {**key.create(asked_of_the_browser(client)), **change}
    return client.post(ADD, {"name": name, "credential": json.dumps(credential)})


# --- Passkeys -------------------------------------------------------------------------------------


def test_a_passkey_is_asked_for_that_can_sign_in_alone(client: Client) -> None:
    asked = asked_of_the_browser(client)["publicKey"]
    assert asked["rp"] == {"id": "localhost", "name": "Mentorfolio"}
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["user"]["name"] == "dana@example.org"


def test_a_passkey_is_added_with_recovery_codes_and_a_mail(dana: User, client: Client) -> None:
    assert add_passkey(client, SoftKey()).url == "/account/signing-in/recovery-codes/"
    ways = ways_in(dana)
    assert ([key.name for key in ways.passkeys], ways.codes_left) == (["My laptop"], 10)
    assert [mail.subject for mail in outbox()] == ["A passkey was added"]
    assert SecurityEvent.objects.filter(owner=dana, kind="factor_added", what="My laptop").count() == 1
    page = said(client.get(PAGE))
    assert "My laptop" in page
    assert "not used yet" in page


@pytest.mark.parametrize(
    "fault", [{"origin": "https://evil.example.com"}, {"rp_id": "evil.example"}, {"verifies": False}]
)
def test_a_passkey_for_another_site_or_without_a_pin_is_not_added(dana: User, client: Client, fault: Any) -> None:
    assert words.UNUSABLE_PASSKEY in said(add_passkey(client, SoftKey(**fault)))
    assert not Authenticator.objects.exists()


def test_a_refused_passkey_keeps_the_name_that_was_typed(client: Client) -> None:
    page = said(add_passkey(client, SoftKey(rp_id="evil.example"), name="Blue key"))
    assert 'value="Blue key"' in page


@pytest.mark.parametrize(
    "sent", ["", "x", "[]", "null", "0", '"x"', "{}", '{"id": "A", "rawId": "A", "type": 1, "response": []}']
)
def test_nonsense_for_a_new_passkey_is_refused_in_words(client: Client, sent: str) -> None:
    asked_of_the_browser(client)
    assert words.UNUSABLE_PASSKEY in said(client.post(ADD, {"name": "x", "credential": sent}))
    assert not Authenticator.objects.exists()


def test_each_part_of_a_new_passkey_spoilt_is_refused_in_words(client: Client) -> None:
    for part in ("id", "rawId", "response"):
        for value in (None, 1, "", "é", "A", "AAAA", [], {}, {"clientDataJSON": "AAAA", "attestationObject": "oA"}):
            assert words.UNUSABLE_PASSKEY in said(add_passkey(client, SoftKey(), **{part: value})), (part, value)
    for part in ("clientDataJSON", "attestationObject"):
        for value in (None, 1, "", "é", "A", "AAAA", "oA", [], {}):
            credential = SoftKey().create(asked_of_the_browser(client))
            credential["response"][part] = value
            answer = client.post(ADD, {"name": "x", "credential": json.dumps(credential)})
            assert words.UNUSABLE_PASSKEY in said(answer), (part, value)
    assert not Authenticator.objects.exists()


def test_only_what_was_checked_of_a_passkey_is_kept(client: Client) -> None:
    """PostgreSQL would refuse a NUL in it, and anybody could fill the row with anything."""
    add_passkey(client, SoftKey(), clientExtensionResults={"x": "a\0b"}, more=["x" * 1000])
    kept = Authenticator.objects.get(type="webauthn").data["credential"]
    assert set(kept) == {"id", "rawId", "type", "response", "clientExtensionResults"}
    assert kept["clientExtensionResults"] == {}


def test_a_name_is_short_and_can_be_changed(dana: User, client: Client) -> None:
    pk = make_passkey(dana, "Old").pk
    address = f"/account/signing-in/passkeys/{pk}/rename/"
    assert "There is a problem" in said(client.post(address, {"name": "x" * 61}))
    assert "There is a problem" in said(client.post(address, {"name": ""}))
    assert client.post(address, {"name": "Blue key"}).status_code == 302
    assert str(Authenticator.objects.get(pk=pk)) == "Blue key"


def test_a_passkey_is_removed_with_a_mail_and_the_last_takes_the_codes_along(dana: User, client: Client) -> None:
    make_codes(dana)
    for name in ("Laptop", "Phone"):
        pk = make_passkey(dana, name).pk
        address = f"/account/signing-in/passkeys/{pk}/remove/"
        page = said(client.get(address))
        assert ("It is your only second factor" in page) is (name == "Laptop")
        if name == "Laptop":
            make_passkey(dana, "Spare")
        client.post(address)
    assert [key.name for key in ways_in(dana).passkeys] == ["Spare"]
    assert {mail.subject for mail in outbox()} == {"A passkey was removed"}
    client.post(f"/account/signing-in/passkeys/{ways_in(dana).passkeys[0].pk}/remove/")
    assert not Authenticator.objects.exists()


def test_the_passkey_of_another_is_not_there(dana: User, charlie: User) -> None:
    pk = make_passkey(dana).pk
    lately, long_ago = confirmed_client(charlie), confirmed_client(charlie, ago=600)
    for what in ("rename", "remove"):
        address = f"/account/signing-in/passkeys/{pk}/{what}/"
        assert (lately.get(address).status_code, long_ago.get(address).status_code) == (404, 404)
        assert lately.post(address, {"name": "Mine"}).status_code == 404
        assert long_ago.post(address, {"name": "Mine"})["Location"].startswith("/account/reauthenticate/")
    assert str(Authenticator.objects.get()) == "Laptop"


def test_changes_ask_who_it_is_when_that_was_not_shown_lately(dana: User) -> None:
    passkey = make_passkey(dana)
    make_codes(dana)
    client = confirmed_client(dana, ago=301)
    for name, args in [
        ("mfa_add_webauthn", []),
        ("mfa_edit_webauthn", [passkey.pk]),
        ("mfa_remove_webauthn", [passkey.pk]),
        ("mfa_activate_totp", []),
        ("mfa_view_recovery_codes", []),
        ("mfa_download_recovery_codes", []),
        ("mfa_generate_recovery_codes", []),
        ("password_remove", []),
    ]:
        asked = [method(reverse(name, args=args)) for method in (client.get, client.post)]
        asked = [answer for answer in asked if answer.status_code != 405]
        assert asked
        there = "/account/signing-in/passkeys/reauthenticate/?next="
        assert all(answer["Location"].startswith(there) for answer in asked), name
    assert ways_in(dana).codes_left == 10


def test_one_confirms_by_passkey_and_goes_on(dana: User) -> None:
    key = SoftKey()
    make_passkey(dana, key=key)
    client = confirmed_client(dana, ago=301)
    address = f"/account/signing-in/passkeys/reauthenticate/?next={ADD}"
    page = client.get(address).content.decode()
    asked = json.loads(html.unescape(re.search(r'data-passkey-options="([^"]*)"', page)[1]))  # type: ignore[index]
    wrong = client.post(address, {"credential": "{}", "next": ADD})
    assert words.UNKNOWN_PASSKEY in said(wrong)
    page = wrong.content.decode()
    asked = json.loads(html.unescape(re.search(r'data-passkey-options="([^"]*)"', page)[1]))  # type: ignore[index]
    assert client.post(address, {"credential": json.dumps(key.get(asked)), "next": ADD}).url == ADD
    assert client.get(ADD).status_code == 200


PROOF = "/account/signing-in/reauthenticate/"
WRONG_WAYS = ["/account/reauthenticate/", "/account/reauthenticate/code/"]


def test_with_a_second_factor_neither_password_nor_mailed_code_proves_who_it_is(dana: User) -> None:
    secret = make_app(dana)
    client = confirmed_client(dana, ago=301)
    asked = client.post("/settings/export/")
    assert asked["Location"] == f"{PROOF}?next=%2Fsettings%2Fexport%2F"
    for page in WRONG_WAYS:
        for sent in ({"password": "correct horse battery"}, {"send": "1"}, {"code": "123456"}):
            assert client.post(page, sent)["Location"] == PROOF
        assert client.get(page)["Location"] == PROOF
    assert outbox() == []
    assert client.post("/settings/export/")["Location"].startswith(PROOF)
    page = said(client.get(asked["Location"]))
    assert ("Use your password" in page, "Get a code by e-mail" in page) == (False, False)
    assert "They can take the second step off" in page
    assert client.post(asked["Location"], {"code": code_of(secret)})["Location"] == "/settings/export/"


def test_a_password_typed_just_now_is_no_proof_once_there_is_a_second_factor(dana: User) -> None:
    """As in a session that was stolen before the factor was added elsewhere."""
    client = confirmed_client(dana, method="password")
    assert client.post("/settings/export/")["Location"] == "/settings/export/"
    make_app(dana)
    assert client.post("/settings/export/")["Location"].startswith(PROOF)
    assert client.post(ADD)["Location"].startswith(PROOF)


def test_a_recovery_code_proves_who_it_is_where_the_passkey_is_lost(dana: User) -> None:
    make_passkey(dana)
    client = confirmed_client(dana, ago=301)
    lost = "/account/signing-in/passkeys/reauthenticate/?next=%2Fsettings%2Fexport%2F"
    assert client.post("/settings/export/")["Location"] == lost
    assert PROOF not in said(client.get(lost))  # there are no codes to enter yet
    [code, *_] = make_codes(dana)
    page = said(client.get(lost))
    assert f'href="{PROOF}?next=%2Fsettings%2Fexport%2F"' in page
    assert client.post(f"{PROOF}?next=%2Fsettings%2Fexport%2F", {"code": code})["Location"] == "/settings/export/"


def test_once_a_lost_factor_is_taken_off_the_password_is_enough_again(dana: User) -> None:
    make_passkey(dana)
    client = confirmed_client(dana, ago=301)
    call_command("second_factor", "remove", "dana@example.org", stdout=StringIO())
    asked = client.post("/settings/export/")
    assert asked["Location"].startswith("/account/reauthenticate/?next=")
    assert client.post(asked["Location"], {"password": "correct horse battery"})["Location"] == "/settings/export/"


def test_with_a_second_factor_it_is_asked_for_before_a_new_password(dana: User) -> None:
    new = "quite another long phrase"
    sent = {"oldpassword": "correct horse battery", "password1": new, "password2": new}
    change = "/account/password/change/"
    secret = make_app(dana)
    client = confirmed_client(dana, ago=301)
    asked = client.post(change, sent)
    assert asked["Location"].startswith(PROOF)
    dana.refresh_from_db()
    assert not dana.check_password(new)
    client.post(asked["Location"], {"code": code_of(secret)})
    dana.refresh_from_db()
    assert dana.check_password(new)


def test_without_one_the_form_for_a_new_password_asks_alone(dana: User) -> None:
    new = "quite another long phrase"
    sent = {"oldpassword": "correct horse battery", "password1": new, "password2": new}
    confirmed_client(dana, method="password", ago=301).post("/account/password/change/", sent)
    dana.refresh_from_db()
    assert dana.check_password(new)


# --- Without a password ---------------------------------------------------------------------------


def test_a_password_can_be_removed_once_there_is_a_passkey(dana: User, client: Client) -> None:
    other = confirmed_client(dana)
    assert client.post("/account/signing-in/password/remove/").url == PAGE
    dana.refresh_from_db()
    assert dana.has_usable_password()
    assert "add a passkey first" in said(client.get(PAGE))
    make_passkey(dana)
    assert "Sign in without a password?" in said(client.get("/account/signing-in/password/remove/"))
    client.post("/account/signing-in/password/remove/")
    dana.refresh_from_db()
    assert not dana.has_usable_password()
    assert "You have none, and need none." in said(client.get(PAGE))
    assert [mail.subject for mail in outbox()] == ["Your password was removed"]
    assert other.get("/today/").status_code == 302  # the other device is signed out


def test_without_a_password_a_passkey_and_a_code_by_mail_still_open_the_account(dana: User) -> None:
    key = SoftKey()
    make_passkey(dana, key=key)
    codes = make_codes(dana)
    dana.set_unusable_password()
    dana.save()
    client = Client()
    login = {"login": "dana@example.org", "password": "correct horse battery"}
    assert client.post("/account/login/", login).status_code == 200
    client.post("/account/login/code/", {"email": "dana@example.org"})
    code = re.search(r"^([A-Z]{4}-[A-Z]{4})$", outbox()[-1].body, re.MULTILINE)
    assert code
    client.post("/account/login/code/confirm/", {"code": code[1]})
    assert client.post("/account/signing-in/authenticate/", {"code": codes[3]}).url == "/today/"


# --- The app and recovery codes -------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)  # allauth mails once it is committed
def test_an_app_is_set_up_with_the_key_in_the_picture_and_in_letters(dana: User, client: Client) -> None:
    page = client.get("/account/signing-in/app/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = re.search(r'id="key" class="key">([A-Z2-7]+)<', page)
    assert secret
    wrong = client.post("/account/signing-in/app/", {"code": "12"})
    assert words.WRONG_CODE_IN_APP in said(wrong)
    assert secret[1] in said(wrong)  # the picture that was scanned still holds
    done = client.post("/account/signing-in/app/", {"code": code_of(secret[1])})
    assert done.url == "/account/signing-in/recovery-codes/"
    assert ways_in(dana).two_steps
    assert [mail.subject for mail in outbox()] == ["An authenticator app was added"]


def test_an_app_is_removed_with_a_mail(dana: User, client: Client) -> None:
    make_app(dana)
    make_codes(dana)
    assert client.post("/account/signing-in/app/remove/").url == PAGE
    assert not Authenticator.objects.exists()
    assert [mail.subject for mail in outbox()] == ["Your authenticator app was removed"]


@pytest.mark.django_db(transaction=True)
def test_recovery_codes_are_shown_downloaded_and_replaced(dana: User, client: Client) -> None:
    make_app(dana)
    codes = make_codes(dana)
    page = said(client.get("/account/signing-in/recovery-codes/"))
    assert [code for code in codes if code not in page] == []
    file = client.get("/account/signing-in/recovery-codes/download/")
    assert "attachment" in file["Content-Disposition"]
    assert file.content.decode().split()[-10:] == codes
    assert "Recovery codes for dana@example.org" in file.content.decode()
    client.post("/account/signing-in/recovery-codes/new/")
    page = said(client.get("/account/signing-in/recovery-codes/"))
    assert [code for code in codes if code in page] == []
    assert [mail.subject for mail in outbox()] == ["You have new recovery codes"]


def test_looking_at_the_codes_changes_nothing(dana: User, client: Client) -> None:
    make_app(dana)
    make_codes(dana)
    with stored_data.writes() as written:
        client.get("/account/signing-in/recovery-codes/")
        client.get("/account/signing-in/recovery-codes/download/")
    assert written == []


def test_without_a_second_factor_there_are_no_codes_to_make(client: Client) -> None:
    answer = client.post("/account/signing-in/recovery-codes/new/")
    assert "Add a passkey or an authenticator app first" in said(answer)
    assert not Authenticator.objects.exists()
    assert client.get("/account/signing-in/recovery-codes/").status_code == 404


# --- The next step --------------------------------------------------------------------------------

KEY = Factor(1, "Laptop", None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ways", "title"),
    [
        (WaysIn(True, [], None, None, False), "Add a passkey"),
        (WaysIn(True, [KEY], None, None, False), "Make new recovery codes"),
        (WaysIn(True, [KEY], None, 3, False), "Make new recovery codes"),
        (WaysIn(True, [KEY], None, 4, False), ""),
        (WaysIn(True, [], KEY, 10, True), ""),
    ],
)
def test_the_page_has_one_next_step(ways: WaysIn, title: str) -> None:
    step = next_step(ways)
    assert (step.title if step else "") == title


def test_who_runs_the_site_is_told_what_its_pages_need() -> None:
    step = next_step(WaysIn(True, [], None, None, True))
    assert step
    assert "You help run this site" in step.words


# --- Who runs the site ----------------------------------------------------------------------------


@pytest.fixture
def olga() -> User:
    return make_user("olga@example.org", is_staff=True)


@pytest.mark.parametrize("route", sorted(access_world.STAFF))
def test_no_operators_page_opens_without_a_second_factor(olga: User, route: str) -> None:
    """Whatever comes to STAFF in tests/access_world.py is asked here."""
    suppress(address="stopped@example.org", reason=SuppressedAddress.Reason.ASKED)
    world: Any = SimpleNamespace(mail=SimpleNamespace(pk=1), sign_up_link=SimpleNamespace(pk=1))
    address = reverse(route, kwargs=access_world.STAFF[route](world))
    bare = confirmed_client(olga, method="password")
    asked = [answer for answer in (bare.get(address), bare.post(address)) if answer.status_code != 405]
    assert [answer["Location"] for answer in asked] == [PAGE]


def test_an_operator_without_a_second_factor_is_led_to_one(olga: User) -> None:
    client = confirmed_client(olga, method="password")
    assert client.get("/operator/mail/").url == PAGE
    page = said(client.get(PAGE))
    assert "The pages for running this site need a second factor." in page
    add_passkey(client, SoftKey())
    assert client.get("/operator/mail/").status_code == 200  # adding it was using it


def test_an_operator_who_has_not_used_theirs_is_asked_for_it_and_goes_on(olga: User) -> None:
    secret = make_app(olga)
    client = confirmed_client(olga, method="password")
    address = client.get("/operator/mail/").url
    assert address == "/account/signing-in/reauthenticate/?next=%2Foperator%2Fmail%2F"
    assert client.post(address, {"code": "12"}).status_code == 200
    assert client.post(address, {"code": code_of(secret)}).url == "/operator/mail/"
    assert client.get("/operator/mail/").status_code == 200


def test_an_operator_with_a_passkey_is_asked_for_that(olga: User) -> None:
    make_passkey(olga)
    client = confirmed_client(olga, method="password")
    assert client.get("/operator/mail/").url.startswith("/account/signing-in/passkeys/reauthenticate/?next=")


@pytest.mark.clock("2026-01-05 10:00Z")
def test_an_operator_is_asked_again_once_the_second_factor_was_used_twelve_hours_ago(olga: User, clock: Any) -> None:
    secret = make_app(olga)
    client = confirmed_client(olga)
    clock.shift(SAME_DAY - dt.timedelta(seconds=1))
    assert client.get("/operator/mail/").status_code == 200
    clock.shift(1)
    remember_more(client, "password")
    sent = {"address": "somebody@example.org", "reason": "complaint"}
    asked = client.post("/operator/mail/stopped/add/", sent)
    assert asked["Location"].startswith(PROOF)
    assert not SuppressedAddress.objects.exists()
    assert client.post(asked["Location"], {"code": code_of(secret)})["Location"] == "/operator/mail/"
    assert SuppressedAddress.objects.exists()  # what was sent went on
    assert SecurityEvent.objects.filter(owner=olga, kind="operator").count() == 1
    assert client.get("/operator/mail/").status_code == 200


def remember_more(client: Client, method: str) -> None:
    """One more proof just now, beside those of before."""
    session = client.session
    session["account_authentication_methods"] += [{"method": method, "at": time.time(), "reauthenticated": True}]
    session.save()


def test_an_operator_who_removes_theirs_is_led_to_one_again(olga: User) -> None:
    client = operator_client(olga)
    assert client.get("/operator/mail/").status_code == 200
    Authenticator.objects.all().delete()
    assert client.get("/operator/mail/").url == PAGE


def test_the_command_for_operators_says_that_a_second_factor_is_needed(dana: User) -> None:
    out = StringIO()
    call_command("operator", "dana@example.org", stdout=out)
    assert "once they have added a passkey" in out.getvalue()
    make_passkey(dana)
    out = StringIO()
    call_command("operator", "dana@example.org", stdout=out)
    assert "once they have added a passkey" not in out.getvalue()


def test_djangos_admin_is_off(olga: User) -> None:
    assert operator_client(olga).get("/admin/").status_code == 404


# --- Everything lost ------------------------------------------------------------------------------


def test_an_operator_takes_a_lost_second_factor_off_and_every_address_hears_of_it(dana: User) -> None:
    EmailAddress.objects.create(user=dana, email="dana@work.example", verified=True)
    EmailAddress.objects.create(user=dana, email="dana@wrong.example", verified=False)
    make_passkey(dana)
    make_app(dana)
    make_codes(dana)
    out = StringIO()
    call_command("second_factor", "remove", "Dana@Example.org", stdout=out)
    assert not Authenticator.objects.exists()
    assert out.getvalue().startswith("dana@example.org: 2 removed")
    assert {(mail.to, mail.subject) for mail in outbox()} == {
        (address, "Your passkeys and codes were removed") for address in ("dana@example.org", "dana@work.example")
    }
    assert "http://localhost:8000/account/signing-in/" in outbox()[0].body
    assert Client().post("/account/login/", {"login": dana.email, "password": "correct horse battery"}).url == "/today/"


@pytest.mark.parametrize("address", ["dana@example.org", "nobody@example.org"])
def test_with_nothing_to_take_off_nothing_is_mailed(dana: User, address: str) -> None:
    with pytest.raises(CommandError):
        call_command("second_factor", "remove", address)
    assert outbox() == []


# --- Export and erasure ---------------------------------------------------------------------------


def test_the_export_names_every_factor_and_no_secret(dana: User, client: Client) -> None:
    make_passkey(dana, "Blue key")
    secret, codes = make_app(dana), make_codes(dana)
    text = text_of(client)
    document = json.loads(text)
    kept = {row["type"]: row for row in document["tables"]["mfa.authenticator"]}
    assert (document["account"]["has_password"], kept["recovery_codes"]["codes_left"]) == (True, 10)
    assert kept["webauthn"]["name"] == "Blue key"
    assert kept["totp"]["created_at"]
    secrets = [secret, *codes, Authenticator.objects.get(type="webauthn").data["credential"]["id"]]
    assert [one for one in secrets if one in text] == []


def test_erasing_the_account_takes_the_factors_along(dana: User, client: Client) -> None:
    make_passkey(dana)
    make_codes(dana)
    client.post("/settings/erase/", {"email": dana.email})
    User.objects.filter(erase_at__isnull=False).update(erase_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    leaving.erase_due()
    assert not Authenticator.objects.exists()

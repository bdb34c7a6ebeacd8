"""Signing in by each way: a code by mail, a passkey, the app, a recovery code; and what is refused, in which words."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.test import Client

from accounts.models import User
from accounts.second_factors import words
from mentoring import settings as project
from tests.factories import make_user
from tests.outbox import outbox
from tests.second_factors import SoftKey, code_of, confirmed_client, make_app, make_codes, make_passkey

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SIGN_IN, SECOND_STEP, BY_PASSKEY = (
    "/account/login/",
    "/account/signing-in/authenticate/",
    "/account/signing-in/passkeys/sign-in/",
)


@pytest.fixture
def dana() -> User:
    user = make_user("dana@example.org", name="Dana Dell")
    return user


def by_password(client: Client) -> Any:
    return client.post(SIGN_IN, {"login": "dana@example.org", "password": PASSWORD})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def said(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def by_passkey(client: Client, key: SoftKey, **change: Any) -> Any:
    """Sign in with this key; ``change`` replaces parts of what the browser sends."""
    asked = client.get(BY_PASSKEY, headers={"accept": "application/json"}).json()["request_options"]
    return client.post(BY_PASSKEY, {"credential": json.dumps({**key.get(asked), **change})}, follow=True)


# --- The password ---------------------------------------------------------------------------------


def test_an_old_hash_becomes_argon2_at_the_next_sign_in(dana: User, client: Client, settings: Any) -> None:
    settings.PASSWORD_HASHERS = project.PASSWORD_HASHERS
    User.objects.filter(pk=dana.pk).update(password=make_password(PASSWORD, hasher=PBKDF2PasswordHasher.algorithm))
    assert by_password(client).url == "/today/"
    dana.refresh_from_db()
    assert dana.password.startswith("argon2$argon2id$")


# --- A code by mail -------------------------------------------------------------------------------


def code_in_the_mail() -> str:
    found = re.search(r"^([A-Z]{4}-[A-Z]{4})$", outbox()[-1].body, re.MULTILINE)
    assert found
    return found[1]


def ask_for_code(client: Client, email: str = "dana@example.org") -> Any:
    return client.post("/account/login/code/", {"email": email})


def enter(client: Client, code: str) -> Any:
    return client.post("/account/login/code/confirm/", {"code": code})


def test_a_code_by_mail_signs_in_once(dana: User, client: Client) -> None:
    assert ask_for_code(client).url == "/account/login/code/confirm/"
    code = code_in_the_mail()
    assert enter(client, code.lower().replace("-", " ")).url == "/today/"
    assert who(client) == str(dana.pk)
    other = Client()
    ask_for_code(other)
    assert "This isn’t the code we sent last" in said(enter(other, code))
    assert who(other) is None


def test_a_code_by_mail_works_only_where_it_was_asked_for(dana: User, client: Client) -> None:
    ask_for_code(client)
    other = Client()
    assert enter(other, code_in_the_mail()).status_code == 302
    assert who(other) is None


def test_the_third_wrong_code_by_mail_ends_it_and_the_right_one_comes_too_late(dana: User, client: Client) -> None:
    ask_for_code(client)
    code = code_in_the_mail()
    for _ in range(3):
        answer = enter(client, "BBBB-BBBB")
    assert answer.url == "/account/login/code/"
    assert "Too many tries" in said(client.get(answer.url))
    assert enter(client, code).url == "/account/login/code/"
    assert who(client) is None


def test_codes_by_mail_are_limited_for_an_address_wherever_they_are_asked_from(dana: User) -> None:
    for _ in range(3):
        assert ask_for_code(Client()).status_code == 302
    assert "Too many tries" in said(ask_for_code(Client()))
    assert len(outbox()) == 3


@pytest.mark.parametrize(("minutes", "leads_to"), [(9, "/today/"), (11, "/account/login/code/")])
def test_a_code_by_mail_is_over_after_ten_minutes(dana: User, client: Client, minutes: int, leads_to: str) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), tick=False) as clock:
        ask_for_code(client)
        clock.shift(dt.timedelta(minutes=minutes))
        assert enter(client, code_in_the_mail()).url == leads_to


def test_another_code_by_mail_replaces_the_first(dana: User, client: Client) -> None:
    ask_for_code(client)
    first = code_in_the_mail()
    client.post("/account/login/code/confirm/", {"action": "resend"})
    assert code_in_the_mail() != first
    enter(client, first)
    assert who(client) is None
    assert enter(client, code_in_the_mail()).url == "/today/"


def test_a_code_for_an_unknown_address_looks_the_same_and_its_mail_says_so(dana: User, client: Client) -> None:
    known, unknown = ask_for_code(client), ask_for_code(stranger := Client(), "nobody@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    pages = [said(one.get(known.url)).replace("nobody@", "dana@") for one in (client, stranger)]
    pages = [re.sub(r'csrf\w*" value="\w+"', "", page) for page in pages]
    assert pages[0] == pages[1]
    assert [(mail.to, mail.subject) for mail in outbox()] == [
        ("dana@example.org", "Your code to sign in"),
        ("nobody@example.org", "You have no account with us yet"),
    ]
    assert who(stranger) is None


def test_a_code_by_mail_alone_is_not_enough_with_a_second_factor(dana: User, client: Client) -> None:
    secret = make_app(dana)
    ask_for_code(client)
    assert enter(client, code_in_the_mail()).url == SECOND_STEP
    assert who(client) is None
    assert client.post(SECOND_STEP, {"code": code_of(secret)}).url == "/today/"


# --- The app --------------------------------------------------------------------------------------


def test_a_password_and_the_apps_code_sign_in(dana: User, client: Client) -> None:
    secret = make_app(dana)
    assert by_password(client).url == SECOND_STEP
    assert who(client) is None
    assert words.WRONG_CODE in said(
        client.post(SECOND_STEP, {"code": "000000" if code_of(secret) != "000000" else "1"})
    )
    assert client.post(SECOND_STEP, {"code": code_of(secret)}).url == "/today/"
    assert who(client) == str(dana.pk)


@pytest.mark.parametrize("later", [0, 29, 31, 59])
def test_a_code_of_the_app_works_once_as_long_as_it_is_valid(dana: User, client: Client, later: int) -> None:
    secret = make_app(dana)
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), tick=False) as clock:
        code = code_of(secret)
        by_password(client)
        assert client.post(SECOND_STEP, {"code": code}).status_code == 302
        clock.shift(later)
        thief = Client()
        by_password(thief)
        assert words.WRONG_CODE in said(thief.post(SECOND_STEP, {"code": code}))
        assert who(thief) is None


@pytest.mark.parametrize(("seconds", "works"), [(-31, True), (31, True), (-91, False), (91, False)])
def test_a_clock_may_be_half_a_minute_off(dana: User, client: Client, seconds: int, works: bool) -> None:
    secret = make_app(dana)
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, 0, 15, tzinfo=dt.UTC), tick=False) as clock:
        code = code_of(secret)
        clock.shift(seconds)
        by_password(client)
        client.post(SECOND_STEP, {"code": code})
        assert (who(client) is not None) is works


def test_the_sixth_wrong_code_waits_also_in_another_session(dana: User) -> None:
    secret = make_app(dana)
    for _ in range(5):
        by_password(client := Client())
        assert words.WRONG_CODE in said(client.post(SECOND_STEP, {"code": "12"}))
    by_password(client := Client())
    assert "Too many tries. Wait five minutes" in said(client.post(SECOND_STEP, {"code": code_of(secret)}))
    assert who(client) is None


@pytest.mark.parametrize("code", ["", "\0", "x" * 30_000, "١٢٣٤٥٦", "é", "-", "{{ code }}"])
def test_nonsense_for_a_code_is_refused_in_words(dana: User, client: Client, code: str) -> None:
    make_app(dana)
    make_codes(dana)
    by_password(client)
    answer = client.post(SECOND_STEP, {"code": code})
    assert answer.status_code == 200
    assert "There is a problem" in said(answer)
    assert who(client) is None


# --- Recovery codes -------------------------------------------------------------------------------


def test_a_recovery_code_signs_in_once_and_every_use_is_told(dana: User, client: Client) -> None:
    make_passkey(dana)
    codes = make_codes(dana)
    by_password(client)
    assert client.post(SECOND_STEP, {"code": codes[0]}).url == "/today/"
    assert "You used a recovery code and have nine recovery codes left." in said(client.get("/today/"))
    assert [mail.subject for mail in outbox()] == ["A recovery code was used"]
    assert "You have nine recovery codes left" in outbox()[0].body
    other = Client()
    by_password(other)
    assert words.WRONG_CODE in said(other.post(SECOND_STEP, {"code": codes[0]}))
    assert who(other) is None
    assert other.post(SECOND_STEP, {"code": codes[1]}).status_code == 302


def test_few_recovery_codes_are_told_with_the_way_to_new_ones(dana: User, client: Client) -> None:
    make_app(dana)
    codes = make_codes(dana)
    row = Authenticator.objects.get(type="recovery_codes")
    row.data["used_mask"] = 2**6 - 1
    row.save()
    by_password(client)
    client.post(SECOND_STEP, {"code": codes[6]})
    page = said(client.get("/today/"))
    assert "have three recovery codes left. Make new ones under Settings, Signing in." in page
    assert "Make new recovery codes" in said(client.get("/account/signing-in/"))


def test_the_second_step_says_what_to_do_when_everything_is_lost(dana: User, client: Client) -> None:
    make_passkey(dana)
    make_codes(dana)
    by_password(client)
    page = said(client.get(SECOND_STEP))
    assert "Lost your phone, your key and your codes?" in page
    assert "authenticator app" not in page
    assert '<label for="id_code">Recovery code' in page
    assert client.post("/account/logout/", {"next": SIGN_IN}).url == SIGN_IN
    assert client.get(SECOND_STEP).url == SIGN_IN


# --- Passkeys -------------------------------------------------------------------------------------


def test_a_passkey_signs_in_alone_and_goes_where_one_wanted_to(dana: User, client: Client) -> None:
    key = SoftKey()
    make_passkey(dana, key=key)
    asked = client.get(BY_PASSKEY, headers={"accept": "application/json"}).json()["request_options"]
    assert asked["publicKey"]["rpId"] == "localhost"
    answer = client.post(BY_PASSKEY, {"credential": json.dumps(key.get(asked)), "next": "/people/"})
    assert answer.url == "/people/"
    assert who(client) == str(dana.pk)
    row = Authenticator.objects.get()
    assert row.last_used_at is not None


@pytest.mark.parametrize("verifies", [True, False])
def test_a_passkey_with_its_pin_is_the_second_step_after_a_password(dana: User, client: Client, verifies: bool) -> None:
    key = SoftKey()
    make_passkey(dana, key=key)
    key.verifies = verifies
    by_password(client)
    options = re.search(r'data-passkey-options="([^"]*)"', client.get(SECOND_STEP).content.decode())
    assert options
    asked = json.loads(html.unescape(options[1]))
    answer = client.post(SECOND_STEP, {"credential": json.dumps(key.get(asked))})
    assert (who(client) is not None) is verifies
    assert (words.UNKNOWN_PASSKEY in said(answer)) is not verifies


@pytest.mark.parametrize(
    "fault",
    [
        {"origin": "https://evil.example.com"},
        {"rp_id": "evil.example.com"},
        {"origin": "http://localhost.evil.example.com"},
        {"verifies": False},
    ],
)
def test_a_passkey_of_another_site_or_without_a_pin_is_refused(dana: User, client: Client, fault: Any) -> None:
    key = SoftKey()
    make_passkey(dana, key=key)
    for name, value in fault.items():
        setattr(key, name, value)
    assert words.UNKNOWN_PASSKEY in said(by_passkey(client, key))
    assert who(client) is None


def test_a_passkey_nobody_knows_and_one_of_another_person_are_told_apart_by_nothing(
    dana: User, charlie: User, client: Client
) -> None:
    key, strange = SoftKey(), SoftKey(user_handle="MQ")
    make_passkey(dana, key=key)
    stolen = SoftKey(credential_id=key.credential_id, user_handle=key.user_handle)  # without Dana's private key
    of_dana = SoftKey(user_handle=key.user_handle)
    for wrong in (strange, stolen, of_dana):
        assert words.UNKNOWN_PASSKEY in said(by_passkey(client, wrong))
    assert who(client) is None


def test_passkeys_are_tried_ten_times_a_minute_from_one_network(dana: User, client: Client) -> None:
    make_passkey(dana)
    statuses = [client.post(BY_PASSKEY, {"credential": "{}"}).status_code for _ in range(11)]
    assert statuses == [302] * 10 + [429]


def test_an_answer_to_an_old_question_is_refused(dana: User, client: Client) -> None:
    key = SoftKey()
    make_passkey(dana, key=key)
    asked = client.get(BY_PASSKEY, headers={"accept": "application/json"}).json()["request_options"]
    sent = json.dumps(key.get(asked))
    client.post(BY_PASSKEY, {"credential": sent})
    thief = Client()
    thief.get(BY_PASSKEY, headers={"accept": "application/json"})
    assert words.UNKNOWN_PASSKEY in said(thief.post(BY_PASSKEY, {"credential": sent}, follow=True))
    assert who(thief) is None


NONSENSE: list[Any] = [
    "", "x", "[]", "0", "null", "{}", '"x"', "\0", "{" * 2000, '{"id": 1}', '{"response": []}',
    '{"response": {"userHandle": null}}',
    '{"id": "é", "rawId": "é", "type": "public-key", "response": {"userHandle": "é"}}',
]  # fmt: skip
PARTS: list[Any] = [None, 1, "", "é", "A", "AAAA", [], {}, {"userHandle": None}, {"userHandle": "//"}, True]


@pytest.mark.parametrize("sent", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_for_a_passkey_is_refused_in_words(dana: User, client: Client, sent: str) -> None:
    client.get(BY_PASSKEY, headers={"accept": "application/json"})
    assert words.UNKNOWN_PASSKEY in said(client.post(BY_PASSKEY, {"credential": sent}, follow=True)) or sent == "\0"
    by_password(client)
    assert client.post(SECOND_STEP, {"credential": sent}).status_code in {200, 302}


def test_each_part_of_a_passkeys_answer_spoilt_is_refused_in_words(dana: User, client: Client, settings: Any) -> None:
    settings.MFA_RATE_LIMITS = {"webauthn_login": ""}
    key = SoftKey()
    make_passkey(dana, key=key)
    for part in ("id", "rawId", "response"):
        for value in PARTS:
            answer = by_passkey(client, key, **{part: value})
            assert words.UNKNOWN_PASSKEY in said(answer), (part, value)
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for value in (None, 1, "", "é", "A", "AAAA", [], {}):
            asked = client.get(BY_PASSKEY, headers={"accept": "application/json"}).json()["request_options"]
            sent = key.get(asked)
            sent["response"][part] = value
            answer = client.post(BY_PASSKEY, {"credential": json.dumps(sent)}, follow=True)
            assert words.UNKNOWN_PASSKEY in said(answer), (part, value)
    assert who(client) is None


def test_a_closed_account_does_not_open_by_passkey(dana: User, client: Client) -> None:
    key = SoftKey()
    make_passkey(dana, key=key)
    User.objects.filter(pk=dana.pk).update(is_active=False)
    by_passkey(client, key)
    assert who(client) is None


def test_with_a_second_factor_one_can_still_add_an_address(dana: User) -> None:
    make_passkey(dana)
    confirmed_client(dana).post("/account/email/", {"action_add": "", "email": "dana.dell@example.org"})
    assert EmailAddress.objects.filter(user=dana).count() == 2

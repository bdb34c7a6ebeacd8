"""Mail that a provider brings by calling us: each in its own shape, and none from anybody else."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from accounts import jobs, row_security, stored_files
from accounts.models import StoredFile, User
from accounts.policies import Role
from mail import drops, mail_providers
from mail.incoming.limits import LARGEST_MAIL
from mail.models import DropAddress, IncomingMail, OutgoingMail
from mail.webhook_views import LARGEST_CALL
from outreach.models import Approach
from tests.accounts.test_row_security import in_a_request
from tests.factories import make_approach, make_message, make_person
from tests.outreach.incoming.mails import JULIE, ME, drop_of, forwarded, letter, reply
from tests.races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-06 10:00Z")]
NOW = dt.datetime(2026, 1, 6, 10, tzinfo=dt.UTC)
SECRET = "only-for-the-tests-of-mail-providers"
URL = "/incoming-mail/mime"
ALL = sorted(mail_providers.PROVIDERS)
State = IncomingMail.State


@dataclass
class Sent:
    """A request as a provider makes it, before anything of it is spoilt."""

    body: bytes
    type: str
    headers: dict[str, str] = field(default_factory=dict)

    def to(self, client: Client) -> int:
        return client.post(URL, self.body, content_type=self.type, headers=self.headers).status_code


def as_json(data: object) -> Sent:
    return Sent(json.dumps(data).encode(), "application/json")


def as_form(fields: dict[str, bytes | str]) -> Sent:
    return Sent(urlencode(fields).encode(), "application/x-www-form-urlencoded")


def as_parts(fields: dict[str, bytes | str], files: int = 0) -> Sent:
    lines = b""
    for name, value in fields.items():
        content = value.encode() if isinstance(value, str) else value
        lines += b'--xYz\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), content)
    for number in range(files):
        head = f'form-data; name="attachment-{number}"; filename="{number}.txt"'
        lines += b"--xYz\r\nContent-Disposition: %b\r\n\r\nx\r\n" % head.encode()
    return Sent(lines + b"--xYz--\r\n", "multipart/form-data; boundary=xYz")


def by_password(sent: Sent, secret: str = SECRET) -> Sent:
    sent.headers["Authorization"] = f"Basic {b64encode(f'mail:{secret}'.encode()).decode()}"
    return sent


def _sha(kind: str, secret: str, *texts: bytes) -> hmac.HMAC:
    return hmac.new(secret.encode(), b"".join(texts), kind)


# --- What each of them documents ------------------------------------------------------------------


def signed_by_mailersend(sent: Sent, secret: str = SECRET) -> Sent:
    sent.headers["Signature"] = _sha("sha256", secret, sent.body).hexdigest()
    return sent


def mailersend(mail: bytes, to: list[str], sender: str, secret: str = SECRET) -> Sent:
    data: dict[str, Any] = {
        "object": "message",
        "id": "61ba0f3a2b4d8c0001a7b8c9",
        "recipients": {"rcptTo": [{"email": one} for one in to]},
        "sender": {"email": sender},
        "raw": mail.decode(),
        "spf_check": {"code": "+", "value": None},
        "dkim_check": False,
    }
    event = {"type": "inbound.message", "inbound_id": "1", "url": "https://example.org", "data": data}
    return signed_by_mailersend(as_json(event), secret)


def mailgun(
    mail: bytes,
    to: list[str],
    sender: str,
    secret: str = SECRET,
    *,
    at: dt.datetime = NOW,
    token: str = "0a1b2c3d4e5f",
    encoded: Callable[[dict[str, bytes | str]], Sent] = as_parts,
    **more: bytes,
) -> Sent:
    moment = str(int(at.timestamp()))
    signature = _sha("sha256", secret, moment.encode(), token.encode()).hexdigest()
    fields: dict[str, bytes | str] = {"recipient": ",".join(to), "sender": sender, "from": sender, "body-mime": mail}
    return encoded({**fields, "timestamp": moment, "token": token, "signature": signature, **more})


def signed_by_mandrill(fields: dict[str, str], secret: str = SECRET) -> Sent:
    texts = "".join(name + fields[name] for name in sorted(fields))
    signature = _sha("sha1", secret, f"{settings.BASE_URL}{URL}{texts}".encode()).digest()
    sent = as_form(dict(fields))
    sent.headers["X-Mandrill-Signature"] = b64encode(signature).decode()
    return sent


def mandrill(mail: bytes, to: list[str], sender: str, secret: str = SECRET) -> Sent:
    events = [
        {"event": "inbound", "ts": 1767693600, "msg": {"email": one, "from_email": sender, "raw_msg": mail.decode()}}
        for one in to
    ]
    return signed_by_mandrill({"mandrill_events": json.dumps(events)}, secret)


def postmark(mail: bytes, to: list[str], sender: str, secret: str = SECRET) -> Sent:
    attached = [{"Name": f"{n}.txt", "Content": "eA==", "ContentType": "text/plain"} for n in range(1000)]
    event = {
        "OriginalRecipient": to[0],
        "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
        "Headers": [{"Name": "Return-Path", "Value": f"<{sender}>"}, {"Name": "Return-Path", "Value": "<x@y.example>"}],
        "RawEmail": mail.decode(),
        "Attachments": attached,
    }
    return by_password(as_json(event), secret)


def sendgrid(mail: bytes, to: list[str], sender: str, secret: str = SECRET, **more: str) -> Sent:
    fields: dict[str, bytes | str] = {
        "email": mail,
        "envelope": json.dumps({"to": to, "from": sender}),
        "SPF": "pass",
        "dkim": "{@example.org : pass, @elsewhere.example : fail}",
        "charsets": '{"to":"UTF-8"}',
        **more,
    }
    return by_password(as_parts(fields, files=3), secret)


def sparkpost(mail: bytes, to: list[str], sender: str, secret: str = SECRET) -> Sent:
    content = {"email_rfc822": b64encode(mail).decode(), "email_rfc822_is_base64": True}
    events: list[dict[str, Any]] = [
        {"msys": {"relay_message": {"protocol": "smtp", "rcpt_to": one, "msg_from": sender, "content": content}}}
        for one in to
    ]
    return by_password(as_json([{"msys": {}}, *events]), secret)


MADE: dict[str, Callable[..., Sent]] = {
    "mailersend": mailersend,
    "mailgun": mailgun,
    "mandrill": mandrill,
    "postmark": postmark,
    "sendgrid": sendgrid,
    "sparkpost": sparkpost,
}
# Anything that they signed.
SIGNED: dict[str, Callable[[bytes], Sent]] = {
    "mailersend": lambda body: signed_by_mailersend(Sent(body, "application/json")),
    "mailgun": lambda body: mailgun(b"", ["x@example.org"], ME, encoded=lambda fields: as_form(_without_mime(fields))),
    "mandrill": lambda body: signed_by_mandrill({"mandrill_events": body.decode(errors="replace")}),
    "postmark": lambda body: by_password(Sent(body, "application/json")),
    "sendgrid": lambda body: by_password(as_parts({"envelope": body, "email": "x"})),
    "sparkpost": lambda body: by_password(Sent(body, "application/json")),
}


def _without_mime(fields: dict[str, bytes | str]) -> dict[str, bytes | str]:
    return {name: value for name, value in fields.items() if name not in ("recipient", "body-mime")}


@pytest.fixture(params=ALL)
def provider(request: pytest.FixtureRequest) -> Iterator[str]:
    with override_settings(INCOMING_MAIL_PROVIDER=request.param, INCOMING_MAIL_SECRET=SECRET):
        yield request.param


@pytest.fixture
def to(alice: User) -> list[str]:
    return [drops.address(drop_of(alice))]


@pytest.fixture(autouse=True)
def nothing_goes_to_mentors() -> object:
    yield
    assert not OutgoingMail.objects.filter(audience=OutgoingMail.Audience.MENTOR).exists()


def kept() -> list[IncomingMail]:
    return list(IncomingMail.objects.order_by("pk"))


# --- Kept -----------------------------------------------------------------------------------------


def test_a_mail_is_kept_as_it_came(client: Client, alice: User, provider: str, to: list[str]) -> None:
    content = letter(text="Grüße\u2028aus Łódź ").as_bytes()
    if provider in ("mailgun", "sendgrid", "sparkpost"):  # the others send it as text, so it can't have other bytes
        content += "caf\u00e9\r\n".encode("latin-1")
    assert MADE[provider](content, to, JULIE).to(client) == 200
    [mail] = kept()
    assert (mail.owner, mail.state, mail.recipients) == (alice, State.RECEIVED, to)
    assert mail.envelope_sender == ("" if provider == "mandrill" else JULIE)  # which doesn't say
    assert mail.file is not None
    assert stored_files.opened(mail.file).read() == content


@pytest.mark.parametrize("encoded", [as_form, as_parts])
@override_settings(INCOMING_MAIL_PROVIDER="mailgun", INCOMING_MAIL_SECRET=SECRET)
def test_mailgun_sends_a_form_either_way(client: Client, to: list[str], encoded: Any) -> None:
    content = letter().as_bytes() + b"--xY? \xe9+%41&=\r\n"
    assert mailgun(content, to, JULIE, encoded=encoded).to(client) == 200
    [mail] = kept()
    assert mail.file is not None
    assert stored_files.opened(mail.file).read() == content


def test_the_same_mail_twice_is_kept_once(client: Client, provider: str, to: list[str]) -> None:
    for _ in range(2):
        assert MADE[provider](letter().as_bytes(), to, ME).to(client) == 200
    assert len(kept()) == 1
    assert StoredFile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@override_settings(INCOMING_MAIL_PROVIDER="postmark", INCOMING_MAIL_SECRET=SECRET)
def test_two_calls_with_the_same_mail_at_once(to: list[str]) -> None:
    sent = postmark(letter().as_bytes() + b"x" * 2_000_000, to, ME)
    assert at_once(*[lambda: sent.to(Client())] * 4) == [200] * 4
    assert len(kept()) == 1
    assert StoredFile.objects.count() == 1


def test_one_call_for_two_users(client: Client, alice: User, charlie: User, provider: str, to: list[str]) -> None:
    both = [*to, drops.address(drop_of(charlie))]
    assert MADE[provider](letter().as_bytes(), both, ME).to(client) == 200
    expected = {alice} if provider == "postmark" else {alice, charlie}  # Postmark calls for each
    assert {mail.owner for mail in kept()} == expected


def test_a_mail_for_nobody_is_taken_and_not_kept(client: Client, alice: User, provider: str, to: list[str]) -> None:
    drops.renew(alice)
    for address in (to[0], "no\0body@in.example.org", "nobody@in.example.org", "x@elsewhere.example", "", "@"):
        assert MADE[provider](letter().as_bytes(), [address], ME).to(client) == 200
    assert kept() == []


def test_they_try_whether_we_are_there(client: Client, provider: str) -> None:
    assert client.head(URL).status_code == 200
    assert client.get(URL).status_code == 405


# --- Refused --------------------------------------------------------------------------------------


def test_a_call_of_anybody_else_is_refused(client: Client, provider: str, to: list[str]) -> None:
    content = letter().as_bytes()
    assert MADE[provider](content, to, ME, "another-than-that-of-the-tests").to(client) == 403
    unsigned = MADE[provider](content, to, ME)
    unsigned.headers = {}
    unsigned.body = unsigned.body.replace(b"signature", b"signatura")  # Mailgun's stands in the form
    assert unsigned.to(client) == 403
    for name, made in MADE.items():
        if name != provider and not (name in PASSWORD and provider in PASSWORD):
            assert made(content, to, ME).to(client) == 403
    assert kept() == []


PASSWORD = ("postmark", "sendgrid", "sparkpost")


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Bearer x", "Basic bWFpbDo=", "Basic bWFpbDrDqQ=="])
def test_an_odd_password_is_refused(client: Client, provider: str, to: list[str], header: str) -> None:
    sent = MADE[provider](letter().as_bytes(), to, ME)
    if provider in PASSWORD:
        sent.headers["Authorization"] = header
        assert sent.to(client) == 403


def test_a_call_that_was_changed_is_refused(client: Client, to: list[str]) -> None:
    """Where what was signed is the call itself."""
    for provider in ("mailersend", "mandrill"):
        sent = MADE[provider](letter().as_bytes(), to, ME)
        sent.body = sent.body.replace(b"Julie", b"Jules")
        with override_settings(INCOMING_MAIL_PROVIDER=provider, INCOMING_MAIL_SECRET=SECRET):
            assert sent.to(client) == 403
    assert kept() == []


@override_settings(INCOMING_MAIL_PROVIDER="mailgun", INCOMING_MAIL_SECRET=SECRET)
def test_mailguns_signature_is_good_for_one_mail_and_not_for_long(client: Client, to: list[str]) -> None:
    first, other = letter().as_bytes(), letter(subject="Forged").as_bytes()
    assert mailgun(first, to, ME).to(client) == 200
    assert mailgun(first, to, ME).to(client) == 200  # tried again, since our answer was lost
    assert mailgun(other, to, ME).to(client) == 403  # replayed, with another mail
    assert mailgun(other, to, ME, at=NOW - dt.timedelta(hours=10), token="x").to(client) == 403
    assert mailgun(other, to, ME, at=NOW + dt.timedelta(hours=10), token="x").to(client) == 403
    assert mailgun(other, to, ME, at=NOW - dt.timedelta(hours=8), token="x").to(client) == 200
    assert len(kept()) == 2


@override_settings(INCOMING_MAIL_PROVIDER="mailgun", INCOMING_MAIL_SECRET=SECRET)
@pytest.mark.parametrize("odd", [{"token": "é"}, {"timestamp": b"x"}, {"signature": "é".encode()}, {"timestamp": b""}])
def test_mailgun_with_odd_fields_is_refused(client: Client, to: list[str], odd: dict[str, Any]) -> None:
    assert mailgun(letter().as_bytes(), to, ME, **odd).to(client) == 403


def test_without_a_provider_or_a_domain_there_is_no_such_page(client: Client, provider: str, to: list[str]) -> None:
    sent = MADE[provider](letter().as_bytes(), to, ME)
    with override_settings(INCOMING_MAIL_PROVIDER=""):
        assert (sent.to(client), client.head(URL).status_code) == (404, 404)
    with override_settings(INCOMING_MAIL_DOMAIN=""):
        assert sent.to(client) == 404
    assert kept() == []


# --- Hostile, large, and when we can't ------------------------------------------------------------

HOSTILE = [
    b"",
    b"x",
    b"null",
    b"[]",
    b"[[]]",
    b"7",
    b"{",
    b"\0\xff\xfe",
    b'{"data": null}',
    b'[{"msys": 7}]',
    b'[{"msg": []}]',
    b'{"to": 7, "from": []}',
    b'{"Headers": 7, "OriginalRecipient": {}, "RawEmail": []}',
    b'{"data": {"sender": {"email": 1}, "recipients": {"rcptTo": [1]}}}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"1" * 5000,
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_call_of_any_shape_ends_well(
    client: Client, provider: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert SIGNED[provider](body).to(client) in (200, 400, 503)
    assert Sent(body, "application/json").to(client) == 403
    assert Sent(body, "multipart/form-data; boundary=x").to(client) == 403
    assert not any(record.exc_info for record in caplog.records)
    assert kept() == []


@pytest.mark.parametrize("provider", ["mailersend", "mandrill", "postmark"])
def test_letters_that_are_none_are_no_error(client: Client, alice: User, provider: str, to: list[str]) -> None:
    content = b"From: x@example.org\r\n\r\nhere"
    with override_settings(INCOMING_MAIL_PROVIDER=provider, INCOMING_MAIL_SECRET=SECRET):
        sent = MADE[provider](content, to, "a\0b@example.org")
        if provider == "postmark":
            sent.body = sent.body.replace(b"here", b"\\ud800 \\u0000")
        assert sent.to(client) == 200
    jobs.run()
    assert [mail.state for mail in kept()] == [State.ASKS]


def test_a_provider_that_leaves_out_the_mail_is_told_to_try_again(
    client: Client, to: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    for provider, made in MADE.items():
        with override_settings(INCOMING_MAIL_PROVIDER=provider, INCOMING_MAIL_SECRET=SECRET):
            caplog.clear()
            assert made(b"", to, ME).to(client) == 503
            assert "sends no raw mail" in caplog.text


def test_what_is_too_large_is_refused_in_a_line(
    client: Client, provider: str, to: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    never = mail_providers.PROVIDERS[provider].never
    assert MADE[provider](b"From: x\r\n\r\n" + b"x" * LARGEST_MAIL, to, ME).to(client) == never
    assert kept() == []
    ours = [record for record in caplog.records if record.name == "mail.webhook_views"]
    assert [record.getMessage() for record in ours] == ["a mail was refused: it is larger than 25 MB"]
    assert not any(record.exc_info for record in caplog.records)


@override_settings(INCOMING_MAIL_PROVIDER="sendgrid", INCOMING_MAIL_SECRET=SECRET)
def test_a_call_that_is_larger_than_any_mail_is_not_read(client: Client) -> None:
    huge = b"x" * (LARGEST_CALL + 1)
    assert by_password(Sent(huge, "multipart/form-data; boundary=x")).to(client) == 413
    assert Sent(huge, "multipart/form-data; boundary=x").to(client) == 403


def test_a_mail_of_24_megabytes_is_kept(client: Client, provider: str, to: list[str]) -> None:
    line = b"QUJD" * 19 + b"\r\n"
    content = letter().as_bytes() + line * (24 * 1024 * 1024 // len(line))
    assert MADE[provider](content, to, ME).to(client) == 200
    assert len(kept()) == 1


def test_a_mail_of_too_many_parts_is_set_aside(client: Client, provider: str, to: list[str]) -> None:
    head = b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    part = b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="x"\r\n\r\nx\r\n'
    assert MADE[provider](head + part * 1001 + b"--b--\r\n", to, ME).to(client) == 200
    jobs.run()
    [mail] = kept()
    assert (mail.state, mail.file is None) == (State.ASIDE, False)


@pytest.mark.django_db(transaction=True)
@override_settings(INCOMING_MAIL_PROVIDER="postmark", INCOMING_MAIL_SECRET=SECRET)
def test_while_the_database_fails_the_provider_keeps_the_mail(
    client: Client, to: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    sent = postmark(letter().as_bytes(), to, ME)
    for table in ("mail_incomingmail", "mail_dropaddress"):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} RENAME TO gone")
        caplog.clear()
        assert sent.to(client) == 503
        assert "could not be kept" in caplog.text
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE gone RENAME TO {table}")
    assert (kept(), StoredFile.objects.count()) == ([], 0)
    assert sent.to(client) == 200
    assert len(kept()) == 1


def test_no_secret_is_logged(client: Client, provider: str, to: list[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    MADE[provider](letter().as_bytes(), to, ME, "another-than-that-of-the-tests").to(client)
    assert "does not come from" in caplog.text
    for word in (SECRET, "another-than", to[0], JULIE):
        assert word not in caplog.text


# --- What a provider found out of the sender --------------------------------------------------------

EVE = "eve@e.example"
SPF, DKIM = "spf=pass smtp.mailfrom=example.org", "dkim=pass header.d=example.org"
FAILED = f"{SPF}; {DKIM}".replace("pass", "fail")
HER_SPF, HER_SPF_FAILS = "spf=pass smtp.mailfrom=e.example", "spf=fail smtp.mailfrom=e.example"


@override_settings(INCOMING_MAIL_SERVERS=[])
@pytest.mark.parametrize(
    ("provider", "sender", "more", "checks", "state"),
    [
        ("sendgrid", ME, {}, f"{SPF}; {DKIM}; dkim=fail header.d=elsewhere.example", "applied"),
        ("sendgrid", ME, {"dkim": "none"}, f"{SPF}; dkim=none", "applied"),
        ("sendgrid", EVE, {"SPF": "fail", "dkim": "{@example.org : pass}"}, f"{HER_SPF_FAILS}; {DKIM}", "applied"),
        ("sendgrid", EVE, {"dkim": "{@e.example : pass}"}, f"{HER_SPF}; dkim=pass header.d=e.example", "asks"),
        ("sendgrid", ME, {"SPF": "fail", "dkim": "{@example.org : fail}"}, FAILED, "asks"),
        ("sendgrid", "x", {"SPF": "x; dmarc=pass", "dkim": "{@a.b;dmarc=pass : pass}"}, "spf=none; dkim=pass", "asks"),
        ("mailersend", ME, {}, SPF, "applied"),
        ("mailersend", EVE, {}, HER_SPF, "asks"),
        ("postmark", ME, {}, "", "applied"),  # it says nothing that can be trusted, so all is as without
    ],
)  # fmt: skip
def test_what_a_provider_found_out_decides(
    client: Client, alice: User, to: list[str], provider: str, sender: str, more: Any, checks: str, state: str
) -> None:
    draft = make_message(make_approach(make_person(alice, "Julie Hart", email=JULIE)))
    with override_settings(INCOMING_MAIL_PROVIDER=provider, INCOMING_MAIL_SECRET=SECRET):
        tagged = [drops.address(drop_of(alice), draft.pk)]
        assert MADE[provider](letter().as_bytes(), tagged, ME).to(client) == 200
        jobs.run()
        assert MADE[provider](forwarded(reply(), to=to[0]).as_bytes(), to, sender, **more).to(client) == 200
    jobs.run()
    copy, mail = kept()
    assert (copy.state, mail.checks, mail.state) == (State.APPLIED, checks, state)


# --- The whole way ----------------------------------------------------------------------------------


def test_from_a_call_to_they_replied(client: Client, alice_client: Client, alice: User, provider: str) -> None:
    draft = make_message(make_approach(make_person(alice, "Julie Hart", email=JULIE)))
    tagged = drops.address(drop_of(alice), draft.pk)
    assert MADE[provider](letter().as_bytes(), [tagged], ME).to(client) == 200
    plain, more = drops.address(drop_of(alice)), {"token": "2"} if provider == "mailgun" else {}  # each has its own
    assert MADE[provider](reply().as_bytes(), [plain], JULIE, **more).to(client) == 200
    jobs.run()
    assert [mail.state for mail in kept()] == [State.APPLIED, State.APPLIED]
    approach = Approach.objects.get()
    assert approach.replied_at is not None
    assert "Julie replied" in alice_client.get(reverse("today")).content.decode()
    assert not StoredFile.objects.exists()


@pytest.mark.postgresql
def test_a_call_sees_whose_address_it_is_and_nothing_else(alice: User, provider: str, to: list[str]) -> None:
    def seen() -> tuple[int, int, bool, int]:
        with row_security.as_role(Role.LINK):
            mails = IncomingMail.objects.count()
        return DropAddress.objects.count(), IncomingMail.objects.count(), drops.find(to[0]) is not None, mails

    assert MADE[provider](letter().as_bytes(), to, ME).to(Client()) == 200
    assert in_a_request(None, seen) == (0, 0, True, 0)
    assert IncomingMail.objects.count() == 1

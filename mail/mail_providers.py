"""What providers that take mail in for us send along with it, and how a call of theirs is told from anybody else's.

Only those are here whose call holds the whole mail as it came. django-anymail checks who calls; the mail is taken from
the call as it stands, since the reader goes by its very bytes, and the same mail is known by them.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import warnings
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from anymail.exceptions import AnymailNotSupportedWarning, AnymailWebhookValidationFailure
from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.mailersend import MailerSendInboundWebhookView
from anymail.webhooks.mailgun import MailgunInboundWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView
from anymail.webhooks.sendgrid import SendGridInboundWebhookView
from anymail.webhooks.sparkpost import SparkPostInboundWebhookView
from django.core.cache import cache
from django.http import HttpRequest, QueryDict
from django.utils.http import parse_header_parameters

# They are in use, and what their views check is simple; a warning at each call helps nobody.
warnings.filterwarnings("ignore", category=AnymailNotSupportedWarning)

USER = "mail"  # in https://mail:<secret>@…, where a provider signs nothing
MOST_FIELDS = 1000
SIGNED_AT_MOST = 9 * 60 * 60  # seconds ago: Mailgun goes on trying for eight hours

# What reading a call of another shape ends with.
NOT_THEIRS = (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError)


class Refused(Exception):
    """It is not from the provider."""


class TooLarge(Exception):
    """It is larger than any call with a mail that fits."""


class Unreadable(Exception):
    """It is from the provider, but nothing that can be read."""


class WithoutMail(Exception):
    """It is from the provider, but the mail as it came is not in it: an option there has to be switched on."""


@dataclass(frozen=True)
class Mail:
    recipients: list[str]
    sender: str
    content: bytes
    checks: str = ""  # as in Authentication-Results


class Call(HttpRequest):
    """A request as the checks read it. Its body may be larger than others, and is only received when it is asked for.

    :raises TooLarge: when it is
    """

    def __init__(self, request: HttpRequest, largest: int) -> None:
        self._request, self._largest = request, largest
        self.META, self.method, self.content_type = request.META, request.method, request.content_type

    @cached_property
    def body(self) -> bytes:
        body = self._request.read(self._largest + 1)
        if len(body) > self._largest:
            raise TooLarge
        return body

    @cached_property
    def fields(self) -> dict[str, bytes]:
        """Of a form."""
        kind, options = parse_header_parameters(self.META.get("CONTENT_TYPE", ""))
        if kind == "application/x-www-form-urlencoded":
            text = self.body.decode("latin-1")  # so that each byte stays what it is
            pairs = parse_qsl(text, keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS)
            return {name: value.encode("latin-1") for name, value in pairs}
        if kind == "multipart/form-data" and options.get("boundary"):
            return dict(_parts(self.body, options["boundary"].encode("latin-1", "replace")))
        return {}

    def text(self, name: str) -> str:
        return self.fields[name].decode(errors="replace")

    def _form(self) -> QueryDict:
        values = QueryDict(mutable=True)
        values.update({name: self.text(name) for name in self.fields})
        return values

    POST: Any = cached_property(_form)

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    """The fields of a form, each as it was sent; files are left out (RFC 7578)."""
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_FIELDS)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = re.search(rb'[;\s]name="([^"\r\n]*)"', head)
        if name and b"filename" not in head:
            yield name[1].decode(errors="replace"), value


@dataclass(frozen=True)
class Provider:
    """``view`` gives the view of django-anymail that knows its calls, for a secret and our address; ``mails`` reads a
    call, and raises ``KeyError`` or the like at any other. After the status ``never`` it doesn't try again.
    ``is_fresh`` is asked where its signature could be used again.
    """

    title: str
    view: Callable[[str, str], AnymailCoreWebhookView]
    mails: Callable[[Call], Iterator[Mail]]
    never: int = 413
    is_fresh: Callable[[Call], bool] = lambda call: True

    def check(self, call: Call, *, secret: str, address: str) -> None:
        """:raises Refused: if it is not from the provider"""
        try:
            self.view(secret, address).run_validators(call)
            fresh = self.is_fresh(call)
        except (AnymailWebhookValidationFailure, *NOT_THEIRS) as error:
            raise Refused from error
        if not fresh:
            raise Refused

    def read(self, call: Call) -> list[Mail]:
        """:raises Unreadable, WithoutMail:"""
        try:
            return list(self.mails(call))
        except NOT_THEIRS as error:
            raise Unreadable(type(error).__name__) from error


def by_password(view: type[AnymailCoreWebhookView]) -> Callable[[str, str], AnymailCoreWebhookView]:
    return lambda secret, address: view(webhook_secret=f"{USER}:{secret}")


def _mail(recipients: list[Any], sender: object, content: str | bytes | None, checks: str = "") -> Mail:
    if not content:
        raise WithoutMail
    if isinstance(content, str):
        content = content.encode(errors="replace")
    return Mail([one for one in recipients if isinstance(one, str)], _address(sender), content, checks)


def _address(value: object) -> str:
    return value.strip().strip("<>").replace("\0", "") if isinstance(value, str) else ""


def _result(method: str, result: str | None, about: object) -> str:
    """A result as in Authentication-Results, whatever stands in it."""
    said = (result or "").strip().lower()
    said = said if said.isascii() and said.isalpha() else "none"
    domain = re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", _address(about).rpartition("@")[2].lower())
    of = "smtp.mailfrom" if method == "spf" else "header.d"
    return f"{method}={said} {of}={domain[0]}" if domain else f"{method}={said}"


# --- Each of them ---------------------------------------------------------------------------------


def _of_mailersend(call: Call) -> Iterator[Mail]:
    data = call.json["data"]
    sender = data["sender"]["email"]
    spf = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}  # RFC 7208 §4.6.2
    checks = _result("spf", spf.get(data["spf_check"]["code"]), sender) if data.get("spf_check") else ""
    yield _mail([one["email"] for one in data["recipients"]["rcptTo"]], sender, data.get("raw"), checks)


def _of_mailgun(call: Call) -> Iterator[Mail]:
    yield _mail(call.text("recipient").split(","), call.text("sender"), call.fields.get("body-mime"))


def _is_fresh_of_mailgun(call: Call) -> bool:
    """Its signature covers neither the mail nor its age: each is good for one mail, and not for long."""
    if abs(time.time() - int(call.text("timestamp"))) > SIGNED_AT_MOST:
        return False
    key = f"mailgun:{hashlib.sha256(call.fields['token']).hexdigest()}"
    digest = hashlib.sha256(call.fields.get("body-mime", b"")).hexdigest()
    return cache.add(key, digest, 2 * SIGNED_AT_MOST) or cache.get(key) == digest


def _of_mandrill(call: Call) -> Iterator[Mail]:
    for event in json.loads(call.fields["mandrill_events"]):
        yield _mail([event["msg"]["email"]], "", event["msg"].get("raw_msg"))


def _of_postmark(call: Call) -> Iterator[Mail]:
    event = call.json
    # The first header is Postmark's own.
    first = event["Headers"][0] if event.get("Headers") else {"Name": ""}
    sender = first["Value"] if first["Name"].lower() == "return-path" else ""
    yield _mail([event["OriginalRecipient"]], sender, event.get("RawEmail"))


def _of_sendgrid(call: Call) -> Iterator[Mail]:
    envelope = json.loads(call.fields["envelope"])
    found = [_result("spf", call.text("SPF"), envelope["from"])] if "SPF" in call.fields else []
    if "dkim" in call.fields:  # {@example.org : pass, @mail.example.org : fail}
        for told in call.text("dkim").strip("{} ").split(","):
            signer, _, result = told.rpartition(":")
            found.append(_result("dkim", result, signer))
    yield _mail(list(envelope["to"]), envelope["from"], call.fields.get("email"), "; ".join(found))


def _of_sparkpost(call: Call) -> Iterator[Mail]:
    for each in call.json:
        if each["msys"]:  # it is empty in a first call, to try us
            event = each["msys"]["relay_message"]
            raw = event["content"].get("email_rfc822")
            content = b64decode(raw) if raw and event["content"].get("email_rfc822_is_base64") else raw
            yield _mail([event["rcpt_to"]], event.get("msg_from"), content)


PROVIDERS: dict[str, Provider] = {
    "mailersend": Provider(
        "MailerSend", lambda secret, address: MailerSendInboundWebhookView(inbound_secret=secret), _of_mailersend
    ),
    "mailgun": Provider(
        "Mailgun",
        lambda secret, address: MailgunInboundWebhookView(webhook_signing_key=secret),
        _of_mailgun,
        never=406,
        is_fresh=_is_fresh_of_mailgun,
    ),
    "mandrill": Provider(
        "Mandrill",
        lambda secret, address: MandrillCombinedWebhookView(webhook_key=secret, webhook_url=address),
        _of_mandrill,
    ),
    "postmark": Provider("Postmark", by_password(PostmarkInboundWebhookView), _of_postmark, never=403),
    "sendgrid": Provider("SendGrid", by_password(SendGridInboundWebhookView), _of_sendgrid),
    "sparkpost": Provider("SparkPost", by_password(SparkPostInboundWebhookView), _of_sparkpost),
}

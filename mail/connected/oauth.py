"""Permission to use a mailbox at Google or Microsoft: asked for, kept, renewed, given back (RFC 6749, 7636, 7009).

The person allows it on the provider's page; what comes back is a code, for which we get two tokens: one that is shown
with each request and lasts an hour, and one that renews it. Both are kept encrypted, and stand in no log, error or
export. See decision 38.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import outbound
from mail.connected.provider import SignInAgain, Slow, Trouble

log = logging.getLogger(__name__)

IN_SESSION = "mailbox_permission"
LONGEST_CONSENT = 60 * 60  # seconds between going to the provider's page and coming back
EARLY = dt.timedelta(minutes=2)  # before it ends, a token is renewed
LONGEST_TOKEN = 8_000  # letters
MOST_BYTES = 64 * 1024  # of an answer with tokens
SECONDS = 10
LONGEST_WAIT = 24 * 60 * 60
# What says that only the person can mend it: withdrawn, expired, another password, a new rule of their organisation.
ASK_AGAIN = {"invalid_grant", "interaction_required", "consent_required", "login_required"}


class TurnedBack(Exception):
    """The person did not allow it, or not all of it; the text says so."""


@dataclass(frozen=True)
class Provider:
    """``scopes`` are what we ask for, and ``extra`` what else its page is told."""

    key: str  # as in ConnectedMailbox.Provider
    name: str
    scopes: tuple[str, ...]
    extra: Mapping[str, str]
    permissions_url: str  # where people take a permission away themselves
    client_id: str
    secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    revoke_url: str  # empty: there is none
    api_url: str


_KNOWN: dict[str, dict[str, Any]] = {
    "google": {
        "name": "Gmail",
        # gmail.metadata would show headers only, and can't be searched by date; it is as restricted as this one.
        "scopes": (
            "https://www.googleapis.com/auth/gmail.readonly",
            "https://www.googleapis.com/auth/gmail.send",
        ),
        # Without "consent", who allowed it once before would bring no token that renews.
        "extra": {"access_type": "offline", "prompt": "consent"},
        "permissions_url": "https://myaccount.google.com/connections",
    },
    "microsoft": {
        "name": "Microsoft 365",
        # User.Read only for the address; offline_access is the token that renews.
        "scopes": ("Mail.Read", "Mail.Send", "User.Read", "offline_access"),
        "extra": {"response_mode": "query", "prompt": "select_account"},
        "permissions_url": "https://myapps.microsoft.com",
    },
}


@dataclass(frozen=True)
class Tokens:
    """``refresh`` renews ``access``, which ends at ``ends_at`` (UTC)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    ends_at: dt.datetime


def providers() -> list[Provider]:
    """Those that are switched on here."""
    ours: dict[str, dict[str, Any]] = settings.MAILBOX_PROVIDERS
    return [Provider(key=key, **_KNOWN[key], **one) for key, one in ours.items()]


def provider(key: str) -> Provider | None:
    """The provider of this key, if it is switched on."""
    return next((one for one in providers() if one.key == key), None)


# --- On the way there and back --------------------------------------------------------------------


def begin(asked: Provider, session: MutableMapping[str, Any], *, back: str) -> str:
    """The address of the provider's page; ``back`` is ours, where it sends the person back to."""
    challenge = generate_code_challenge()
    state = secrets.token_urlsafe(32)
    session[IN_SESSION] = {
        "provider": asked.key,
        "state": state,
        "verifier": challenge.pop("code_verifier"),
        "at": time.time(),
    }
    client = OAuth2Client(None, asked.client_id, asked.secret, "POST", asked.token_url, back)
    client.state = state
    there: str = client.get_redirect_url(asked.authorize_url, asked.scopes, {**asked.extra, **challenge})
    return there


def finish(asked: Provider, session: MutableMapping[str, Any], query: Mapping[str, str], *, back: str) -> Tokens:
    """The tokens for what the provider's page sent back. Raises :class:`TurnedBack` or :class:`Trouble`.

    What the session remembers of it counts once.
    """
    begun = session.pop(IN_SESSION, {})
    fresh = time.time() - begun.get("at", 0) < LONGEST_CONSENT
    same = constant_time_compare(query.get("state", ""), begun.get("state", ""))
    if not (begun and fresh and same and begun["provider"] == asked.key):
        raise TurnedBack("That took too long, or began in another window. Please try again.")
    if query.get("error") == "access_denied":
        raise TurnedBack(
            f"Nothing is connected: you didn’t allow it at {asked.name}. That’s fine, and you can try again."
        )
    if not query.get("code"):
        log.warning("Connecting a mailbox at %s failed: %s", asked.name, _code(query.get("error")))
        raise Trouble(f"{asked.name} didn’t let us in. Please try again later.")
    answer = _tokens(
        asked,
        {
            "grant_type": "authorization_code",
            "code": query["code"],
            "redirect_uri": back,
            "code_verifier": begun["verifier"],
        },
    )
    tokens = _read(asked, answer)
    if not tokens.refresh:
        raise Trouble(f"{asked.name} let us in for an hour only. Please try again.")
    if missing := _missing(asked, answer):
        revoke(asked, tokens.refresh)
        log.info("A mailbox at %s was not connected, without %s", asked.name, ", ".join(sorted(missing)))
        raise TurnedBack(f"Nothing is connected: {asked.name} needs both ticks, for reading and for sending.")
    return tokens


def _missing(asked: Provider, answer: Mapping[str, Any]) -> set[str]:
    """Which scopes the person left out; Google lets them choose. Microsoft names them with or without an address."""
    if "scope" not in answer:  # it is what was asked for (RFC 6749, 5.1)
        return set()
    given = {one.rpartition("/")[2].lower() for one in str(answer["scope"]).split()}
    wanted = {one.rpartition("/")[2].lower() for one in asked.scopes} - {"offline_access"}
    return wanted - given


# --- Tokens ---------------------------------------------------------------------------------------


def renewed(asked: Provider, refresh: str) -> Tokens:
    """New tokens; the one that renews may be another one from now on. Raises :class:`Trouble`."""
    answer = _tokens(asked, {"grant_type": "refresh_token", "refresh_token": refresh})
    tokens = _read(asked, answer)
    return tokens if tokens.refresh else Tokens(tokens.access, refresh, tokens.ends_at)


def revoke(asked: Provider, refresh: str) -> bool:
    """Give the permission back; whether the provider has taken it. Microsoft has no way to."""
    if not (asked.revoke_url and refresh):
        return False
    try:
        return _post(asked.revoke_url, {"token": refresh}).status == 200
    except (outbound.Refused, outbound.Unreachable):
        return False


def _tokens(asked: Provider, fields: dict[str, str]) -> dict[str, Any]:
    """The answer of the provider's token address, where it gave tokens."""
    try:
        answer = _post(asked.token_url, {**fields, "client_id": asked.client_id, "client_secret": asked.secret})
    except (outbound.Refused, outbound.Unreachable) as error:
        raise Trouble(f"{asked.name} can’t be reached: {error}") from None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if answer.status == 200 and isinstance(found, dict):
        return found
    code = _code(found.get("error") if isinstance(found, dict) else None)
    if answer.status == 429 or answer.status >= 500 or code == "temporarily_unavailable":
        raise Slow(f"{asked.name} is busy.", wait_of(answer))
    if code in ASK_AGAIN:
        raise SignInAgain(f"{asked.name} no longer lets us in. Connect your mailbox again.")
    log.warning("%s gave no tokens: %s %s", asked.name, answer.status, code)
    raise Trouble(f"{asked.name} didn’t let us in. If this goes on, tell whoever runs this site.")


def _post(url: str, fields: dict[str, str]) -> outbound.Answer:
    host = outbound.Host(url)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    body = urlencode(fields).encode()
    return host.request("POST", url, body=body, headers=headers, most_bytes=MOST_BYTES, seconds=SECONDS, last=True)


def _read(asked: Provider, answer: Mapping[str, Any]) -> Tokens:
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or ""
    try:
        seconds = min(max(int(answer.get("expires_in") or 0), 0), LONGEST_WAIT)
    except (TypeError, ValueError, OverflowError):
        seconds = 0
    if not (_is_token(access) and (refresh == "" or _is_token(refresh))):
        raise Trouble(f"{asked.name} gave an answer we don’t understand.")
    return Tokens(str(access), str(refresh), timezone.now() + dt.timedelta(seconds=seconds))


def _is_token(value: object) -> bool:
    """Whether it can stand in a header of a request: visible letters of ASCII (RFC 6749, appendix A)."""
    return isinstance(value, str) and re.fullmatch(rf"[\x21-\x7e]{{1,{LONGEST_TOKEN}}}", value) is not None


def _code(value: object) -> str:
    """An error's code for the log, and nothing else that somebody may have put there."""
    return value if isinstance(value, str) and re.fullmatch(r"[a-z_]{1,40}", value) else "no code"


def wait_of(answer: outbound.Answer) -> int | None:
    """The seconds of ``Retry-After``, where it names some."""
    said = answer.headers.get("retry-after", "").strip()
    return min(int(said), LONGEST_WAIT) if re.fullmatch(r"\d{1,9}", said) else None


class Permission:
    """What lets us into one mailbox: a token that is shown, renewed when it ends. ``keep`` is told of new ones."""

    def __init__(self, asked: Provider, tokens: Tokens, *, keep: Callable[[Tokens], None] | None = None) -> None:
        self.provider = asked
        self._tokens = tokens
        self._keep = keep

    def token(self) -> str:
        if not self._tokens.access or self._tokens.ends_at <= timezone.now() + EARLY:
            self.renew()
        return self._tokens.access

    def renew(self) -> None:
        tokens = renewed(self.provider, self._tokens.refresh)
        if self._keep is not None:
            self._keep(tokens)
        self._tokens = tokens

"""Requests to a provider's web API with a user's permission: what Gmail and Microsoft Graph have in common.

Whatever comes back is taken from a stranger: it may be no JSON, of the wrong kind, too large, or cut off.
"""

from __future__ import annotations

import email.policy
import json
import re
import time
from collections.abc import Iterable, Mapping
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import Any

from accounts import outbound
from mail import smtp
from mail.connected.oauth import Permission, wait_of
from mail.connected.provider import SignInAgain, Slow, Trouble

SECONDS = 15  # for one request
LOOK_SECONDS = 20  # after which a look ends with what it has
MOST_BYTES = 25 * 1024 * 1024  # of an answer: Exchange allows a mail headers of 256 KB
LONGEST = 2_000  # letters of an id or a token of theirs
# What of a mail's headers is looked at.
HEADERS = (
    *("From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Content-Type", "Auto-Submitted", "X-Failed-Recipients"),
)
_SLOW = {429, 503}
# Reasons in a 403 that only mean: not so fast.
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_NAME = re.compile(r"[!-9;-~]{1,100}")  # of a header (RFC 5322, 3.6.8)


class No(Trouble):
    """It answered no: ``status`` is that of HTTP (400, 404, 410 …)."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


class WebApi:
    """One session. A token that doesn't hold is renewed once; what still doesn't is the user's to mend."""

    def __init__(self, permission: Permission, *, headers: Mapping[str, str] | None = None) -> None:
        self.name = permission.provider.name
        self.url = permission.provider.api_url
        self._permission = permission
        self._headers = headers or {}
        self._host: outbound.Host | None = None
        self._end = time.monotonic() + LOOK_SECONDS

    def begin(self) -> None:
        self._end = time.monotonic() + LOOK_SECONDS

    @property
    def enough(self) -> bool:
        """Whether what began has lasted long enough."""
        return time.monotonic() >= self._end

    def close(self) -> None:
        if self._host is not None:
            self._host.close()

    def sign_in(self) -> None:
        """Raises :class:`Trouble` if there is no permission any more."""
        self._permission.token()

    # --- Reading ----------------------------------------------------------------------------------

    def get(self, url: str, *, most_bytes: int = MOST_BYTES) -> bytes | None:
        """The body of the answer; None if it is larger. Raises :class:`Trouble`."""
        for again in (True, False):
            try:
                answer = self._ask("GET", url, most_bytes=most_bytes)
            except outbound.TooLarge:
                return None
            except (outbound.Refused, outbound.Unreachable) as error:
                raise Trouble(f"{self.name} can’t be reached. {error}") from None
            if answer.status == 401 and again:
                self._permission.renew()
                continue
            break
        if answer.status == 200:
            return answer.body
        raise self._trouble(answer)

    def json(self, url: str) -> dict[str, Any]:
        body = self.get(url)
        try:
            found = json.loads(body or b"")
        except (ValueError, RecursionError):
            raise self.nonsense() from None
        if not isinstance(found, dict):
            raise self.nonsense()
        return found

    def _ask(self, method: str, url: str, **how: Any) -> outbound.Answer:
        if self._host is None:
            self._host = outbound.Host(self.url)
        headers = {"Authorization": f"Bearer {self._permission.token()}", "Accept": "*/*", **self._headers}
        headers |= how.pop("headers", {})
        return self._host.request(method, url, headers=headers, seconds=SECONDS, **how)

    def _trouble(self, answer: outbound.Answer) -> Trouble:
        if answer.status in _SLOW or (answer.status == 403 and _reasons(answer) & _TOO_FAST):
            return Slow(f"{self.name} asks us to wait.", wait_of(answer))
        if answer.status == 401:
            return SignInAgain(f"{self.name} no longer lets us in. Connect your mailbox again.")
        if answer.status == 403:
            return SignInAgain(
                f"{self.name} doesn’t let us into your mailbox any more. Connect it again; if that doesn’t help, your "
                "organisation may not permit it."
            )
        if answer.status >= 500:
            return Slow(f"{self.name} has trouble of its own.", wait_of(answer))
        return No(f"{self.name} gave an answer we don’t understand ({answer.status}).", answer.status)

    def nonsense(self) -> Trouble:
        return Trouble(f"{self.name} gave an answer we don’t understand.")

    # --- Taking an answer apart -------------------------------------------------------------------

    def text(self, found: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
        """A text in it; "" if it isn't there and need not be. Raises :class:`Trouble` for anything else."""
        value = found.get(name)
        if value is None and not needed:
            return ""
        if not (isinstance(value, str) and value and len(value) <= LONGEST and value.isprintable()):
            raise self.nonsense()
        return value

    def rows(self, found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        """A list of objects in it; none if it isn't there."""
        value = found.get(name)
        if value is None:
            return []
        if not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
            raise self.nonsense()
        return value

    # --- Sending ----------------------------------------------------------------------------------

    def post(self, url: str, body: bytes, *, content_type: str) -> outbound.Answer:
        """Hand over a letter. Raises a :class:`mail.smtp.Trouble`: ``Unclear`` as soon as it may have gone.

        Only a clear no is one: behind an error of the server (5xx), or of a machine on the way to it, the letter may
        have gone all the same.
        """
        try:
            answer = self._ask("POST", url, body=body, headers={"Content-Type": content_type}, last=True)
            if answer.status == 401:
                self._permission.renew()
                answer = self._ask("POST", url, body=body, headers={"Content-Type": content_type}, last=True)
        except outbound.NoAnswer as error:
            raise smtp.Unclear(f"{self.name} had the letter, and then gave no answer. {error}") from None
        except (outbound.Refused, outbound.Unreachable) as error:
            raise smtp.Dropped(f"{self.name} can’t be reached. {error}") from None
        except Slow as error:
            raise smtp.NotNow(str(error)) from None
        except Trouble as error:
            raise smtp.Unreachable(str(error)) from None
        if 200 <= answer.status < 300:
            return answer
        if answer.status in {408, 425, 429} or (answer.status == 403 and _reasons(answer) & _TOO_FAST):
            raise smtp.NotNow(f"{self.name} asks us to wait ({answer.status}).")
        if answer.status == 401:
            raise smtp.Unreachable(f"{self.name} no longer lets us in. Connect your mailbox again.")
        if 400 <= answer.status < 500:
            raise smtp.Refused(f"{self.name} doesn’t take this letter ({answer.status}).")
        raise smtp.Unclear(f"{self.name} had the letter, and then an error of its own ({answer.status}).")


def _reasons(answer: outbound.Answer) -> set[str]:
    """The words for machines in an error of Google's."""
    try:
        error = json.loads(answer.body)["error"]
        return {str(one.get("reason")) for one in [*error.get("errors", []), *error.get("details", [])]}
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return set()


def header_block(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The headers as they would stand in a mail (RFC 6532), each on one line; what can't be one is left out."""
    lines = [f"{name}: {' '.join(value.split())}\r\n" for name, value in pairs if _NAME.fullmatch(name)]
    return ("".join(lines) + "\r\n").encode("utf-8", "replace").replace(b"\0", b"")


def check_recipient(content: bytes, recipient: str) -> None:
    """These providers send to whom the headers name: only this person, or :class:`mail.smtp.Refused` is raised."""
    head = BytesHeaderParser(policy=email.policy.compat32).parsebytes(content)
    named = getaddresses([str(value) for name in ("To", "Cc", "Bcc") for value in head.get_all(name, [])])
    wanted = smtp.envelope(recipient).lower()
    if not named or any(smtp.envelope(address).lower() != wanted for _, address in named):
        raise smtp.Refused("Its headers name somebody else than the person it is for, so it wasn’t sent.")

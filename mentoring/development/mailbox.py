"""Shows the mails saved by the development mail server (:mod:`mentoring.development.dev_smtp`) in the browser.

Routed only with DEBUG.

Needs no sign-in, because a new user has to confirm an address before signing in; :mod:`mentoring.development.door` says
who may read.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from mentoring.development.door import behind_the_door

NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")
MOST_SHOWN = 200
OURS = {"x-envelope-from", "x-envelope-to", "x-kept-at"}
# For the mail's HTML: allows inline styles, but no scripts or external images, and only this site may frame it.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@dataclass(frozen=True)
class Kept:
    """One saved mail."""

    name: str
    message: EmailMessage

    @property
    def to(self) -> str:
        return str(self.message["X-Envelope-To"] or self.message["To"] or "")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "") or "(no subject)"

    @property
    def at(self) -> dt.datetime:
        """When the mail was received (UTC)."""
        return dt.datetime.strptime(self.name.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=dt.UTC)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The mail's own headers."""
        return [(key, str(value)) for key, value in self.message.items() if key.lower() not in OURS]

    def part(self, kind: str) -> str:
        """The ``plain`` or ``html`` part as text; empty when there is none."""
        body = self.message.get_body((kind,))
        if body is None:
            return ""
        content = body.get_content()
        return content if isinstance(content, str) else ""


def folder() -> Path:
    return Path(settings.VAR_DIR) / "mail"


def kept_mails() -> list[Kept]:
    """The newest mails first, at most ``MOST_SHOWN``."""
    names = sorted((file.stem for file in folder().glob("*.eml") if NAME.fullmatch(file.stem)), reverse=True)
    return [read(name) for name in names[:MOST_SHOWN]]


def read(name: str) -> Kept:
    """Raises Http404 for an invalid name (so no other path can be reached) or a deleted mail."""
    if not NAME.fullmatch(name):
        raise Http404("No such mail.")
    try:
        content = (folder() / f"{name}.eml").read_bytes()
    except OSError:
        raise Http404("No such mail.") from None
    return Kept(name, email.message_from_bytes(content, policy=email.policy.default))


@login_not_required
@behind_the_door
@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/mailbox.html", {"mails": kept_mails(), "most": MOST_SHOWN})


@login_not_required
@behind_the_door
@never_cache
@require_safe
def mailbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    mail = read(name)
    context = {"mail": mail, "text": mail.part("plain"), "has_html": bool(mail.part("html"))}
    return render(request, "pages/mailbox_mail.html", context)


@login_not_required
@behind_the_door
@never_cache
@require_safe
@xframe_options_sameorigin
@csp(MAIL_POLICY)  # type: ignore[arg-type]  # its types don't allow views with arguments
def mailbox_html(request: HttpRequest, name: str) -> HttpResponse:
    """The unchanged HTML part for the sandboxed frame; its links open in a new tab."""
    html = read(name).part("html")
    if not html:
        raise Http404("This mail has no HTML part.")
    beside = '<base target="_blank">'
    with_base, found = re.subn(r"(?i)<head[^>]*>", lambda head: head[0] + beside, html, count=1)
    return HttpResponse(with_base if found else beside + html)

"""The page that a mail provider calls with mail for drop addresses, where no mail server of ours takes it in.

200 only when the mail is in the database, or for nobody here; 503 when it can't be kept, so that the provider tries
again. Whoever can't show that they are the provider gets nothing read.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mail import arrivals, drops
from mail.incoming.limits import LARGEST_MAIL, MEGABYTE
from mail.mail_providers import PROVIDERS, Call, Provider, Refused, TooLarge, Unreadable, WithoutMail

log = logging.getLogger(__name__)

LARGEST_CALL = 64 * MEGABYTE  # Postmark's holds the attachments twice


# Exempt from the CSRF check: a provider has no cookie, and shows who it is by its signature or secret.
@csrf_exempt
@login_not_required
@require_http_methods(["POST", "HEAD"])
def incoming_mail_webhook(request: HttpRequest) -> HttpResponse:
    """Keep the mail of this call. HEAD is how providers try whether we are there."""
    provider = PROVIDERS.get(settings.INCOMING_MAIL_PROVIDER)
    if provider is None or not drops.is_offered():
        raise Http404
    return _answer(request, provider) if request.method == "POST" else HttpResponse()


def _answer(request: HttpRequest, provider: Provider) -> HttpResponse:
    call, address = Call(request, LARGEST_CALL), settings.BASE_URL + reverse("incoming_mail_webhook")
    try:
        provider.check(call, secret=settings.INCOMING_MAIL_SECRET, address=address)
        for mail in provider.read(call):
            if len(mail.content) > LARGEST_MAIL:
                raise TooLarge
            arrivals.receive(recipients=mail.recipients, sender=mail.sender, content=mail.content, checks=mail.checks)
    except (Refused, UnreadablePostError):
        return _no(403, f"a call for incoming mail was refused: it does not come from {provider.title}")
    except TooLarge:
        return _no(provider.never, "a mail was refused: it is larger than 25 MB")
    except Unreadable as error:
        return _no(400, f"a call of {provider.title} could not be read: {error}")
    except WithoutMail:
        return _no(503, f"{provider.title} sends no raw mail, so it can’t be kept: see docs/incoming-mail.md")
    except (DatabaseError, InterfaceError) as error:
        return _no(503, f"a mail could not be kept: {type(error).__name__}")
    return HttpResponse()


def _no(status: int, why: str) -> HttpResponse:
    log.warning("%s", why)
    return HttpResponse(status=status)

"""The page behind “Stop all mail from here” in a mail to a mentor: for anybody who has the mail, without an account."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.http import private_response
from mail import stop_links, suppression
from mail.models import SuppressedAddress


# Exempt from the CSRF check as explained at ``reminder_link``; the mail program's POST (RFC 8058) has no cookie either.
@csrf_exempt
@login_not_required
@private_response
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would be stopped; a POST stops it. Again and again it comes to the same."""
    try:
        address = stop_links.read(token)
    except stop_links.BadLink:
        return render(request, "mentoring/stop/gone.html", {"abuse": settings.ABUSE_CONTACT}, status=404)
    undo, lifted = "", False
    if request.method == "POST":
        pressed = _undo(request)
        if pressed:
            lifted = _lift(pressed, address)
        else:
            row, new = suppression.suppress(address=address, reason=SuppressedAddress.Reason.ASKED)
            undo = stop_links.undo_token(row) if new else ""
    context = {
        "address": address,
        "stopped": suppression.find(address) is not None,
        "undo": undo,
        "lifted": lifted,
        "abuse": settings.ABUSE_CONTACT,
    }
    return render(request, "mentoring/stop/stop.html", context)


def _undo(request: HttpRequest) -> str:
    """What the button to take it back sends; nothing else sends it, whatever a mail program posts."""
    try:
        return request.POST.get("undo", "")
    except (MultiPartParserError, BadRequest, SuspiciousOperation):
        return ""


def _lift(undo: str, address: str) -> bool:
    row = stop_links.to_undo(undo, address)
    if row is not None:
        suppression.lift(suppressed=row)
    return row is not None

"""The mail that says that an export can be fetched. It holds no more than a link, which asks to sign in."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.models import Export
from mail.models import OutgoingMail
from mail.services import queue

PURPOSE = "export_ready"


def tell(sender: object, export: Export, **news: object) -> None:
    queue(
        purpose=PURPOSE,
        subject_id=export.pk,
        owner=export.owner,
        recipient=export.owner.email,
        audience=OutgoingMail.Audience.USER,
        expires_at=export.kept_until,
    )


def prepare(mail: OutgoingMail) -> EmailMessage | None:
    """Render it, unless the file is gone already; to the address one signs in with by now."""
    export = Export.objects.filter(pk__in=[mail.subject_id], ready_at__isnull=False).select_related("owner").first()
    if export is None or not export.owner.is_active or export.owner.email != mail.recipient:
        return None
    until = export.owner.local(export.kept_until) if export.kept_until else None
    context = {"user": export.owner, "until": until, "base_url": settings.BASE_URL}
    message = EmailMultiAlternatives(
        subject="Your download is ready",
        body=render_to_string("email/export_ready.txt", context),
        to=[mail.recipient],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("email/export_ready.html", context), "text/html")
    return message

"""The mail for "send me a test": shows that mail arrives, and says when reminders come."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from mail.models import OutgoingMail
from mail.services import queue

PURPOSE = "test_mail"
AN_HOUR = dt.timedelta(hours=1)
MOST_AN_HOUR = 3


def send_test(user: User) -> bool:
    """Queue a test mail. False if this user has reached the limit for the last hour."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # lock, so that concurrent requests are counted
        now = timezone.now()
        lately = OutgoingMail.objects.filter(owner=user, purpose=PURPOSE, created_at__gt=now - AN_HOUR)
        if lately.count() >= MOST_AN_HOUR:
            return False
        queue(
            purpose=PURPOSE,
            subject_id=None,
            owner=user,
            recipient=user.email,
            audience=OutgoingMail.Audience.USER,
            expires_at=now + AN_HOUR,
        )
    return True


def prepare_test(mail: OutgoingMail) -> EmailMessage | None:
    """Render the test mail; None if the account was erased or deactivated meanwhile."""
    user = mail.owner
    if user is None or not user.is_here:
        return None
    context = {"user": user, "zone": user.time_zone.replace("_", " "), "base_url": settings.BASE_URL}
    message = EmailMultiAlternatives(
        subject="A test: your reminders arrive",
        body=render_to_string("email/test.txt", context),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("email/test.html", context), "text/html")
    return message

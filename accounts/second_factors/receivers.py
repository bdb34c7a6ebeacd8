"""What follows when a second factor is added or used."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_used
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.http import notify_warning
from accounts.models import User
from accounts.second_factors.ways_in import FEW_CODES
from accounts.words import counted


@receiver(pre_save, sender=Authenticator)
def codes_count_as_seen(instance: Authenticator, **_: Any) -> None:
    """We show them as often as asked, so allauth need not write down, on a GET, that it did."""
    if instance.type == Authenticator.Type.RECOVERY_CODES:
        instance.data.setdefault("viewed_at", instance.created_at.timestamp())


@receiver(authenticator_added)
def adding_counts_as_using(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """A passkey or app that was added just now was in hand; asking for it again at once would add nothing."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(authenticator_used)
def tell_of_a_recovery_code(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        return
    authenticator.refresh_from_db()  # allauth has marked the code as used in another copy of the row
    left = len(authenticator.wrap().get_unused_codes())
    words = counted(left, "recovery code", "recovery codes")
    advice = " Make new ones under Settings, Signing in." if left <= FEW_CODES else ""
    notify_warning(request, f"You used a recovery code and have {words} left.{advice}")
    get_adapter(request).send_notification_mail("mfa/email/recovery_code_used", user, {"left": words})

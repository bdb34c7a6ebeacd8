"""allauth's hooks for second factors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.second_factors import words


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": words.WRONG_CODE,
        "cannot_generate_recovery_codes": "Add a passkey or an authenticator app first: the codes stand in for those.",
    }

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """ "Passkey", then "Passkey 2"."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """From BASE_URL and not from the request, so that a passkey works under each allowed host below it."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "", "name": "Mentorfolio"}

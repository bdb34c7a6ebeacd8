"""How a user can sign in: for the page that shows it, for what asks for a second factor, and for the export."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.urls import reverse

from accounts.models import User
from accounts.words import counted

FEW_CODES = 3
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True)
class Factor:
    """A passkey, or the app; ``name`` is the user's own for a passkey. Times are UTC."""

    pk: int
    name: str
    added_at: dt.datetime
    used_at: dt.datetime | None


@dataclass(frozen=True)
class WaysIn:
    """``codes_left`` is None if there are no recovery codes at all."""

    password: bool
    passkeys: list[Factor]
    app: Factor | None
    codes_left: int | None
    runs_the_site: bool

    @property
    def two_steps(self) -> bool:
        """Whether a password or a code by mail alone doesn't let anybody in."""
        return bool(self.passkeys or self.app)

    @property
    def few_codes(self) -> bool:
        return self.codes_left is not None and self.codes_left <= FEW_CODES


@dataclass(frozen=True)
class NextStep:
    title: str
    words: str
    button: str
    url: str


def ways_in(user: User) -> WaysIn:
    passkeys, app, codes_left = [], None, None
    for row in Authenticator.objects.filter(user=user).order_by("created_at", "pk"):
        if row.type == Authenticator.Type.RECOVERY_CODES:
            codes_left = len(row.wrap().get_unused_codes())
            continue
        factor = Factor(row.pk, str(row), row.created_at, row.last_used_at)
        if row.type == Authenticator.Type.TOTP:
            app = factor
        else:
            passkeys.append(factor)
    return WaysIn(user.has_usable_password(), passkeys, app, codes_left, user.is_staff or user.is_superuser)


def next_step(ways: WaysIn) -> NextStep | None:
    """The one thing that would make signing in safer now; None if all is well."""
    if not ways.two_steps:
        words = "It signs you in with your face, finger or screen lock. No one can guess it or trick it out of you."
        if ways.runs_the_site:
            words = "You help run this site. Its pages open only with a passkey or an authenticator app."
        return NextStep("Add a passkey", words, "Add a passkey", reverse("mfa_add_webauthn"))
    if ways.codes_left is None or ways.few_codes:
        left = "You have no recovery codes" if not ways.codes_left else f"You have {_codes(ways.codes_left)} left"
        words = f"{left}. They let you in when you lose your phone or your key."
        return NextStep("Make new recovery codes", words, "Make new codes", reverse("mfa_generate_recovery_codes"))
    return None


def _codes(count: int) -> str:
    return counted(count, "recovery code", "recovery codes")


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())

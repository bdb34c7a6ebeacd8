"""What lets somebody in and came to an account after a change of addresses: for the page that undoes the change.

Whoever took an account over leaves ways back for themselves: a passkey, an app, codes, a provider, a password.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from accounts import security_log, ways_in
from accounts.models import SecurityEvent, User
from accounts.second_factors.ways_in import has_second_factor

PASSWORD = "password"  # noqa: S105 - a key


@dataclass(frozen=True)
class Added:
    """``key`` tells it from the others in a form: "factor-12"."""

    key: str
    words: str
    at: dt.datetime


def added_since(user: User, at: dt.datetime) -> list[Added]:
    """What was added after this instant (UTC), the oldest first."""
    return sorted(_added_since(user, at), key=lambda one: one.at)


def _added_since(user: User, at: dt.datetime) -> Iterator[Added]:
    for factor in Authenticator.objects.filter(user=user, created_at__gt=at):
        yield Added(f"factor-{factor.pk}", _words(factor), factor.created_at)
    for link in SocialAccount.objects.filter(user=user, date_joined__gt=at):
        known_as = link.extra_data.get("email") or link.uid
        yield Added(
            f"link-{link.pk}", f"Signing in with {ways_in.name_of(link.provider)} as {known_as}", link.date_joined
        )
    if user.has_usable_password():
        news = SecurityEvent.objects.filter(owner=user, kind=SecurityEvent.Kind.PASSWORD, at__gt=at)
        if latest := news.order_by("-at").first():
            yield Added(PASSWORD, "The password", latest.at)


def _words(factor: Authenticator) -> str:
    if factor.type == Authenticator.Type.WEBAUTHN:
        return f"The passkey “{factor}”"
    return "The authenticator app" if factor.type == Authenticator.Type.TOTP else "The recovery codes"


def remove(user: User, things: list[Added]) -> None:
    """Take these away. Recovery codes that stand in for nothing any more go along."""
    ids: dict[str, list[str]] = {"factor": [], "link": []}
    for thing in things:
        kind, _, pk = thing.key.partition("-")
        if kind == PASSWORD:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        else:
            ids[kind].append(pk)
        security_log.note(user, security_log.Kind.FACTOR_REMOVED, thing.words)
    Authenticator.objects.filter(user=user, pk__in=ids["factor"]).delete()
    SocialAccount.objects.filter(user=user, pk__in=ids["link"]).delete()
    if not has_second_factor(user):
        Authenticator.objects.filter(user=user).delete()

"""The export of a user's data: each app registers here how its rows are exported.

Erasing needs no registration: every owned row is deleted with its owner (``on_delete=CASCADE``).
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.models import EmailAddress

from accounts import sessions, ways_in
from accounts.models import AddressChange, SecurityEvent, StoredFile, User
from accounts.registry import Registry
from accounts.second_factors import ways_in as second_factors

Export = Callable[[User], dict[str, object]]

# Keyed by app name. ``export(user)`` returns plain values (text, numbers, lists, dates) under readable names.
exports: Registry[Export] = Registry("exports of what is kept for a user")


def export_all(user: User) -> dict[str, object]:
    """Everything stored for this user, by app."""
    return {entry.key: entry.value(user) for entry in sorted(exports.entries(), key=lambda entry: entry.key)}


def export(user: User) -> dict[str, object]:
    """Who the user is, and how they like to be reminded."""
    return {
        "e-mail": user.email,
        "name": user.name,
        "organisation": user.organisation,
        "time zone": user.time_zone,
        "country": user.country,
        "reminders at": user.reminder_time,
        "working days": user.working_days,
        "one mail a week": user.weekly_mail,
        "on the weekday": user.weekly_on,
        "away until": user.away_until,
        "reminders of replies": user.remind_replies,
        "reminders of meetings": user.remind_meetings,
        "gentle reminders": user.remind_gentle,
        "joined": user.date_joined,
        "to be deleted at": user.erase_at,
        "addresses": [
            {"address": row.email, "confirmed": row.verified, "main": row.primary}
            for row in EmailAddress.objects.filter(user=user).order_by("pk")
        ],
        "changes of addresses": [
            {"at": row.at, "before": row.before, "after": row.after, "undone at": row.undone_at}
            for row in AddressChange.objects.filter(owner=user)
        ],
        "security log": [
            {"at": row.at, "what": row.get_kind_display(), "more": row.what, "from": row.where, "with": row.device}
            for row in SecurityEvent.objects.filter(owner=user)
        ],
        "files": [
            {"name": row.name, "bytes": row.size, "at": row.created_at} for row in StoredFile.objects.filter(owner=user)
        ],
        "signing in": second_factors.export(user),
        "signed in on": sessions.export(user),
        "other ways in": ways_in.export(user),
    }

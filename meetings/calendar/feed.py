"""The user's calendar feed: meetings and, optionally, follow-ups and their actions. At most four queries.

The URL is signed and contains a version, like that of a private page; a new version invalidates the old URL.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.ownership import OWNER_IS_HERE
from accounts.row_security import by_link
from meetings.calendar import ics
from meetings.calendar.invitations import uid_of
from meetings.models import Action, CalendarFeed, Meeting
from outreach.models import FollowUp

SALT = "meetings.calendar.feed"
MOST = 5_000  # of each kind; the newest ones
Entries = list[ics.CalendarEntry | ics.WholeDay]


def token_for(feed: CalendarFeed) -> str:
    return signing.Signer(salt=SALT).sign(f"{feed.pk}.{feed.version}").replace(":", ".")


def find(token: str) -> CalendarFeed | None:
    """The feed of this token, with its owner; None for any invalid token. One query at most."""
    value, _, signature = token.rpartition(".")
    try:
        pk, version = signing.Signer(salt=SALT).unsign(f"{value}:{signature}").split(".")
        wanted = {"pk": int(pk), "version": int(version)}
    except (signing.BadSignature, ValueError):
        return None
    return by_link(CalendarFeed.objects.select_related("owner").filter(OWNER_IS_HERE, **wanted))


def address(feed: CalendarFeed) -> str:
    return f"{settings.BASE_URL}{reverse('calendar_feed', args=[token_for(feed)])}"


@transaction.atomic
def open_feed(*, owner: User) -> CalendarFeed:
    """Create the feed, or give it a new URL: the old one stops working."""
    User.objects.select_for_update().get(pk=owner.pk)
    feed, new = CalendarFeed.objects.get_or_create(owner=owner)
    if not new:
        feed.version += 1
        feed.save(update_fields=["version"])
    return feed


def entries(feed: CalendarFeed) -> Entries:
    """The feed's current entries."""
    user = feed.owner
    found: Entries = [_meeting(row) for row in _meetings(user)]
    if feed.with_follow_ups:
        found += _follow_ups(user)
    if feed.with_actions:
        found += _actions(user)
    return found


def etag(found: Entries) -> str:
    """An ETag that changes with any entry of the feed."""
    return f'"{hashlib.sha256(repr(found).encode()).hexdigest()[:40]}"'


def _meetings(user: User) -> Iterator[Meeting]:
    rows = Meeting.objects.for_user(user).exclude(state=Meeting.State.CANCELLED).select_related("person")
    return rows.order_by("-starts_at", "-pk")[:MOST].iterator(chunk_size=2_000)


def _meeting(row: Meeting) -> ics.CalendarEntry:
    """An entry in UTC, which needs no time zone rules; calendars convert it to the user's zone."""
    return ics.CalendarEntry(
        uid=uid_of(row),
        summary=f"{row.get_kind_display()} with {row.person.name}",
        starts=row.starts_at,
        minutes=row.minutes,
        changed=row.changed_at,
        sequence=row.sequence,
        place=row.place,
        words=row.purpose,
        url=f"{settings.BASE_URL}{row.get_absolute_url()}",
    )


def _follow_ups(user: User) -> Entries:
    waiting = FollowUp.objects.for_user(user).filter(state=FollowUp.State.PLANNED).order_by("-due_on", "-pk")
    rows = waiting.values_list("pk", "created_at", "due_on", "approach", "approach__person__name")[:MOST]
    return [
        _day(f"follow-up-{pk}", at, f"Write to {name} once more", on, reverse("approach", args=[approach]))
        for pk, at, on, approach, name in rows
    ]


def _actions(user: User) -> Entries:
    mine = Action.objects.for_user(user).filter(whose=Action.Whose.MINE, done_at__isnull=True, due_on__isnull=False)
    rows = mine.order_by("-due_on", "-pk").values_list("pk", "created_at", "due_on", "words", "meeting")[:MOST]
    return [
        _day(f"action-{pk}", at, words, on, reverse("meeting", args=[meeting]))
        for pk, at, on, words, meeting in rows
        if on
    ]


def _day(what: str, at: dt.datetime, summary: str, on: dt.date, path: str) -> ics.WholeDay:
    uid = hashlib.sha256(f"{what}:{at.isoformat()}".encode()).hexdigest()[:32]
    return ics.WholeDay(f"{uid}@mentorfolio", summary, on, at, f"{settings.BASE_URL}{path}")

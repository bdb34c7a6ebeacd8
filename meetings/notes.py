"""Saving notes from several windows and devices at once: what was written elsewhere is never written over."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from meetings.locking import lock_meeting
from meetings.models import Meeting

FIELDS = ("private_notes", "shared_notes")
LONGEST = 50_000  # characters


class TooLong(ValueError):
    """What was written here and elsewhere doesn't fit into one note."""


@dataclass(frozen=True)
class Saved:
    """``both``: something else had been written elsewhere, and both are kept now."""

    at: dt.datetime
    both: bool


def tidy(text: str) -> str:
    """As it is stored: one kind of line break, nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def fingerprint(text: str) -> str:
    """What a page remembers of the words it began with."""
    return hashlib.sha256(tidy(text).encode()).hexdigest()[:20]


def merged(mine: str, there: str, base: str, mark: str) -> str:
    """Mine, what stands ``there`` now, and the fingerprint of what I began with: nothing anybody wrote is lost.

    Where both have changed, mine comes first, then what stood there below the line ``mark``. Without a ``base``
    nothing is known of where I began, so both count as changed.
    """
    mine, there = tidy(mine), tidy(there)
    if fingerprint(mine) == base:
        return there
    if fingerprint(there) == base or there in mine:
        return mine
    if mine in there:
        return there
    return f"{mine}\n\n{mark}\n\n{there}"


@transaction.atomic
def save_notes(*, meeting: Meeting, words: dict[str, str], bases: dict[str, str]) -> Saved:
    """Save the notes in ``words`` (by field), each begun from the words with that fingerprint in ``bases``.

    ``meeting`` holds afterwards what is stored now. Raises :class:`TooLong`, and saves nothing, where both together
    would be longer than a note may be.
    """
    now = timezone.now()
    row = lock_meeting(meeting)
    mark = f"*Also written, kept at {meeting.owner.local(now):%H:%M}:*"
    both = False
    for field, mine in words.items():
        kept = merged(mine, getattr(row, field), bases.get(field, ""), mark)
        if len(kept) > LONGEST:
            raise TooLong("This was changed in another window, too, and both together are too long to keep as one.")
        both = both or kept not in {tidy(mine), tidy(getattr(row, field))}
        setattr(row, field, kept)
    row.save(update_fields=list(words))
    for field in FIELDS:
        setattr(meeting, field, getattr(row, field))
    return Saved(now, both)

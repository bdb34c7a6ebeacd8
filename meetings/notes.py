"""Saves notes from several tabs and devices at once without overwriting what was written elsewhere."""

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
    """The texts from both places together exceed the length of a note."""


@dataclass(frozen=True)
class Saved:
    """``both``: another tab or device had changed the note, and both texts were kept."""

    at: dt.datetime
    both: bool


def tidy(text: str) -> str:
    """The text as stored: uniform line breaks, stripped."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def fingerprint(text: str) -> str:
    """A hash of the text that a page loaded."""
    return hashlib.sha256(tidy(text).encode()).hexdigest()[:20]


def merged(mine: str, there: str, base: str, mark: str) -> str:
    """Merge ``mine`` with the stored text ``there``; ``base`` is the fingerprint of the text that was edited.

    If both have changed, the result is ``mine``, the line ``mark``, then ``there``. Without a ``base``, both count as
    changed.
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
    """Save the notes in ``words`` (by field); ``bases`` has the fingerprints of the texts that were edited.

    Updates ``meeting`` to what is stored now. Raises :class:`TooLong`, and saves nothing, if a merged note would be
    too long.
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

"""Conflicting edits from two tabs or devices: the overwritten text is kept with the draft.

An entry of ``Message.conflicts`` is a dictionary with the text and the version of the draft it belonged to. A tab sends
the version it last saw with each save. If that very version has become an entry meanwhile, the tab's new text continues
it, and the entry is removed. So there is one entry per tab, not one per save.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from outreach.drafts import merge_fields
from outreach.form_version import same_words
from outreach.models import Channel, Message

Words = dict[str, Any]
MOST = 5


def words_of(message: Message) -> Words:
    """All text of a draft."""
    return {
        "channel": str(message.channel),
        "subject": message.subject,
        "body": message.body,
        "fields": {name: str(value) for name, value in message.field_values.items() if value},
    }


def same(one: Words, other: Words, *, only: Collection[str]) -> bool:
    """Whether two entries have the same text; compares only the typed fields in ``only`` (names of form fields)."""
    own = all(same_words(one[key]) == same_words(other[key]) for key in ("channel", "subject", "body"))
    names = [name.removeprefix("field_") for name in only]
    return own and all(same_words(one["fields"].get(n, "")) == same_words(other["fields"].get(n, "")) for n in names)


def with_another(entries: list[Words], *, words: Words, version: str, instead_of: str) -> list[Words]:
    """The entries plus a new one with this text, minus the version ``instead_of``, which it replaces."""
    others = [entry for entry in entries if entry["version"] not in {instead_of, version}]
    return [*others, {**words, "version": version}][-MOST:]


def restore(message: Message, version: str) -> bool:
    """Swap that entry's text with the draft's, without saving; False if there is no such entry."""
    entry = next((entry for entry in message.conflicts if entry["version"] == version), None)
    if entry is None:
        return False
    message.conflicts = with_another(
        message.conflicts, words=words_of(message), version=message.updated_at.isoformat(), instead_of=version
    )
    message.channel, message.subject, message.body = entry["channel"], entry["subject"], entry["body"]
    message.field_values = {**message.field_values, **entry["fields"]}
    return True


def discard(message: Message, version: str) -> bool:
    """Remove that entry, without saving. False if there is no such entry."""
    left = [entry for entry in message.conflicts if entry["version"] != version]
    gone = len(left) < len(message.conflicts)
    message.conflicts = left
    return gone


def keep_after_sending(message: Message, *, words: Words, instead_of: str) -> None:
    """Save text that another tab typed after the message was marked as sent; the sent text is unchanged."""
    known = [words_of(message), *message.conflicts]
    typed = [f"field_{name}" for name in words["fields"]]
    if not any(same(words, one, only=typed) for one in known):
        now = timezone.now().isoformat()
        message.conflicts = with_another(message.conflicts, words=words, version=now, instead_of=instead_of)
        message.save(update_fields=["conflicts"])


@dataclass(frozen=True)
class ConflictEntry:
    """An entry for display."""

    version: str
    at: dt.datetime
    channel: str
    subject: str
    body: str
    typed: list[tuple[str, str]]


def entries_for_page(message: Message) -> list[ConflictEntry]:
    """The entries of this draft, latest first."""
    return [
        ConflictEntry(
            version=entry["version"],
            at=dt.datetime.fromisoformat(entry["version"]),
            channel=Channel(entry["channel"]).label,
            subject=entry["subject"],
            body=entry["body"],
            typed=[
                (merge_fields.FIELDS[n].label, value)
                for n, value in entry["fields"].items()
                if n in merge_fields.FIELDS
            ],
        )
        for entry in reversed(message.conflicts)
    ]

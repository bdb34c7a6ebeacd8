"""Two tabs, two devices: what one saved and another wrote over is kept beside the draft, in full.

An entry of ``Message.conflicts`` is a plain dictionary: the words, and the version of the draft they were.
A tab that goes on writing brings the version it last saw. If just that was put beside meanwhile, its words live on in
what the tab saves now, and the entry goes: so there is one entry a tab, not one for each time one turned to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from outreach.drafts import merge_fields
from outreach.models import Channel, Message

Words = dict[str, Any]
MOST = 5


def words_of(message: Message) -> Words:
    """All that is written on a draft."""
    return {
        "channel": str(message.channel),
        "subject": message.subject,
        "body": message.body,
        "fields": {name: str(value) for name, value in message.field_values.items() if value},
    }


def same(one: Words, other: Words, *, only: Collection[str]) -> bool:
    """Whether two hold the same words; of the typed fields only those asked for (``only``: their form names)."""
    own = all(_plain(one[key]) == _plain(other[key]) for key in ("channel", "subject", "body"))
    names = [name.removeprefix("field_") for name in only]
    return own and all(_plain(one["fields"].get(n, "")) == _plain(other["fields"].get(n, "")) for n in names)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def with_another(entries: list[Words], *, words: Words, version: str, instead_of: str) -> list[Words]:
    """The entries with these words among them, and without those that ``instead_of`` says live on."""
    others = [entry for entry in entries if entry["version"] not in {instead_of, version}]
    return [*others, {**words, "version": version}][-MOST:]


def restore(message: Message, version: str) -> bool:
    """Put the words of that entry into the draft (not saved) and its own beside; False if there is no such entry."""
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
    """Take that entry away (not saved): it isn't wanted any more. False if there is no such entry."""
    left = [entry for entry in message.conflicts if entry["version"] != version]
    gone = len(left) < len(message.conflicts)
    message.conflicts = left
    return gone


def keep_after_sending(message: Message, *, words: Words, instead_of: str) -> None:
    """What another tab typed after the message had gone: kept beside it and saved; what was sent stays as it went."""
    known = [words_of(message), *message.conflicts]
    typed = [f"field_{name}" for name in words["fields"]]
    if not any(same(words, one, only=typed) for one in known):
        now = timezone.now().isoformat()
        message.conflicts = with_another(message.conflicts, words=words, version=now, instead_of=instead_of)
        message.save(update_fields=["conflicts"])


@dataclass(frozen=True)
class ConflictEntry:
    """An entry as a page shows it."""

    version: str
    at: dt.datetime
    channel: str
    subject: str
    body: str
    typed: list[tuple[str, str]]


def entries_for_page(message: Message) -> list[ConflictEntry]:
    """What is kept beside this draft, the latest first."""
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

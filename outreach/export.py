"""What this app adds to the export for people to read; all of its fields are in it."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.export.parts import File, Part
from accounts.export.reading import Refused
from accounts.models import User
from outreach import spreadsheets
from outreach.models import Message

_WORDS = {"channel", "subject", "body", "fields", "version"}  # see drafts.conflicts


def _files(user: User) -> Iterator[File]:
    approaches = spreadsheets.APPROACHES.lines(spreadsheets.approaches(user), user)
    yield File("spreadsheets/approaches.csv", approaches, "Whom you approached, and how it stands.")
    messages = spreadsheets.MESSAGES.lines(spreadsheets.messages(user), user)
    yield File("spreadsheets/messages.csv", messages, "What you wrote and what came back.")


def _check(user: User) -> None:
    """The pages of a message rely on what it holds as JSON. Raises :class:`Refused`."""
    for message in Message.objects.for_user(user).iterator(chunk_size=500):
        texts = [*message.field_values.values(), *message.put_away]
        for entry in message.conflicts:
            if not isinstance(entry, dict) or not entry.keys() >= _WORDS or not isinstance(entry["fields"], dict):
                raise Refused("What is kept beside a draft isn’t as it should be.")
            texts += [*entry["fields"].values(), *(entry[name] for name in _WORDS - {"fields"})]
        if not all(isinstance(text, str) for text in texts):
            raise Refused("What was typed in a message isn’t text.")


PART = Part(files=_files, restored=_check)

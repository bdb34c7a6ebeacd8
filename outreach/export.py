"""What this app adds to the export for people to read; all of its fields are in it."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.export.parts import File, Part
from accounts.models import User
from outreach import spreadsheets


def _files(user: User) -> Iterator[File]:
    approaches = spreadsheets.APPROACHES.lines(spreadsheets.approaches(user), user)
    yield File("spreadsheets/approaches.csv", approaches, "Whom you approached, and how it stands.")
    messages = spreadsheets.MESSAGES.lines(spreadsheets.messages(user), user)
    yield File("spreadsheets/messages.csv", messages, "What you wrote and what came back.")


PART = Part(files=_files)

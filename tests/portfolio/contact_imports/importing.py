"""Reads and brings in files as a worker does."""

from __future__ import annotations

import io
from typing import Any

from accounts import jobs
from accounts.models import User
from portfolio.contact_imports import services
from portfolio.models import ContactImport, ImportRow, Person

LINKEDIN = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\r\n"


def work() -> int:
    """Do what waits, as workers would."""
    return jobs.run(seconds=600)


def read(user: User, text: str | bytes, **more: Any) -> ContactImport:
    content = text if isinstance(text, bytes) else text.encode()
    batch = services.begin(user=user, content=io.BytesIO(content), name="people.csv", **more)
    work()
    batch.refresh_from_db()
    return batch


def bring_in(batch: ContactImport) -> ContactImport:
    services.bring_in(batch)
    work()
    batch.refresh_from_db()
    return batch


def undo(batch: ContactImport) -> ContactImport:
    services.undo(batch)
    work()
    batch.refresh_from_db()
    return batch


def row(batch: ContactImport, number: int) -> ImportRow:
    return batch.rows.get(number=number)


def outcomes(batch: ContactImport) -> list[str]:
    return list(batch.rows.order_by("number").values_list("outcome", flat=True))


def as_stored(user: User) -> list[tuple[Any, ...]]:
    """Everything of the user's people that an import can touch."""
    return [
        (
            person.pk,
            person.name,
            person.headline,
            person.organisation,
            person.notes,
            person.search_text,
            [row.address for row in person.emails.all()],
            [row.number for row in person.phones.all()],
            [row.url for row in person.links.all()],
            sorted(row.name for row in person.tags.all()),
        )
        for person in Person.objects.for_user(user).order_by("pk")
    ]

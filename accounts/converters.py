"""Ids in addresses: what no row can have is a 404 before any query is made."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter, get_converters

MAX_ID = 2**63 - 1


class IdConverter(IntConverter):
    """A primary key, 1 to 2**63-1 (PostgreSQL's bigint): a greater number would be an error there, not a miss."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MAX_ID:
            raise ValueError("beyond any id")
        return number


def id_in(text: str) -> int | None:
    """An id given in a query string or a form, or None for anything no row can have."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if 0 < number <= MAX_ID else None


def register_ids() -> None:
    """Make ``<id:pk>`` known. Every floor's urls may call it; the first one registers."""
    if "id" not in get_converters():
        register_converter(IdConverter, "id")

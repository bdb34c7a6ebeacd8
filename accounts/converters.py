"""URL converters for ids: an id that no row can have gives a 404 without a query."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter, get_converters

MAX_ID = 2**63 - 1


class IdConverter(IntConverter):
    """A primary key, 1 to 2**63-1 (PostgreSQL's bigint): a greater id would be a database error, not a 404."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MAX_ID:
            raise ValueError("beyond any id")
        return number


def id_in(text: str) -> int | None:
    """An id from a query string or a form; None for a value that no row can have."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if 0 < number <= MAX_ID else None


def register_ids() -> None:
    """Register ``<id:pk>`` as a path converter. Every app's urls may call this; only the first call registers it."""
    if "id" not in get_converters():
        register_converter(IdConverter, "id")

"""Looks for words in everything that the database holds: every row of every table, whatever it belongs to."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection


def dump() -> Iterator[tuple[str, str]]:
    """(table, one row as text in lower case); bytes, packed sessions and the cache's values in plain."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in sorted(tables):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield table, " ".join(_plain(value) for value in row).lower()
    for session in Session.objects.all():
        yield "django_session", str(session.get_decoded()).lower()


def found(words: Iterable[str]) -> dict[str, set[str]]:
    """The tables in which each of these words is; only the words that are somewhere."""
    rows = list(dump())
    everywhere = {word: {table for table, row in rows if word.lower() in row} for word in words}
    return {word: tables for word, tables in everywhere.items() if tables}


def _plain(value: Any) -> str:
    if isinstance(value, memoryview | bytes):
        return bytes(value).decode("utf-8", "replace")
    text = str(value)
    with contextlib.suppress(binascii.Error, ValueError):
        text += base64.b64decode(text, validate=True).decode("latin-1")
    return text

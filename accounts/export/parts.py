"""What each app says of the export of its tables.

Every field of every table with an owner is exported; an app says what is left out and why, and what there is besides.
Erasing needs no such thing: every owned row is deleted with its owner (``on_delete=CASCADE``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet

from accounts.models import User
from accounts.registry import Registry


class Added(NamedTuple):
    """A value that stands beside the fields of a row. It is only for reading, and is not restored."""

    name: str
    schema: dict[str, Any]
    value: Callable[[Any], object]


class File(NamedTuple):
    """A file of the zip besides the JSON; ``content`` comes in pieces. ``about`` says in a line what it is."""

    path: str
    content: Iterable[str | bytes]
    about: str = ""


@dataclass(frozen=True)
class Part:
    """Keys of the mappings are labels, "portfolio.Person" or "portfolio.Person.search_text"; those of an abstract model
    hold for each model built on it.

    ``left_out`` says why a table or field is in no export, ``stays`` why it is exported and not restored. ``rows``
    finds the user's rows of tables without an owner. ``points_at`` tells for a number that is the id of a row which
    table that row is in. ``restored`` is called at the end of restoring, in the same transaction.
    """

    left_out: Mapping[str, str] = field(default_factory=dict)
    stays: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Callable[[User], QuerySet[Any]]] = field(default_factory=dict)
    added: Mapping[str, tuple[Added, ...]] = field(default_factory=dict)
    points_at: Mapping[str, Callable[[Any], type[Model] | None]] = field(default_factory=dict)
    files: Callable[[User], Iterable[File]] | None = None
    restored: Callable[[User], None] | None = None


# Keyed by app name.
parts: Registry[Part] = Registry("exports of what is kept for a user")

"""Finds foreign keys to a table in all apps, including many-to-many tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.db import models

Pointing = tuple[type[models.Model], "models.ForeignKey[Any, Any]"]
_T = TypeVar("_T")


def pointing_at(kind: type[models.Model]) -> list[Pointing]:
    """Every table with a foreign key to this one, and that key; includes hidden relations (``related_name="+"``)."""
    return [
        (relation.related_model, relation.field)
        for relation in kind._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel) and isinstance(relation.related_model, type)
    ]


def batches(rows: Iterable[_T], size: int = 500) -> Iterator[list[_T]]:
    """Split a list into batches, because databases limit the parameters of a statement."""
    wanted = list(rows)
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]

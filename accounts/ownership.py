"""Ownership: every row of a user has an ``owner``, and querysets filter by it.

Somebody else's row therefore gives a 404, not a 403, which would reveal that the row exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.shortcuts import get_object_or_404

from accounts.policies import Access

if TYPE_CHECKING:
    from accounts.models import User

    _M = TypeVar("_M", bound="Owned", covariant=True)
    _T = TypeVar("_T", bound="Owned")
else:
    _M = _T = TypeVar("_T")


# For what a signed link opens: closed while the account is switched off, or about to be erased.
OWNER_IS_HERE = models.Q(owner__is_active=True, owner__erase_at__isnull=True)


class OwnedQuerySet(models.QuerySet[_M]):
    def for_user(self, user: User) -> Self:
        """Only this user's rows."""
        return self.filter(owner=user)


class Owned(models.Model):
    """Abstract model for a row that belongs to one user and is deleted with them."""

    row_access: ClassVar[Access] = {}  # what roles that serve several users may do with the rows of all
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


def owner_in_another_index() -> models.ForeignKey[Any, Any]:
    """``owner`` without a separate index, for an often-written table with another index that starts with ``owner``."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)


def get_owned(kind: type[_T] | models.QuerySet[_T], user: User, **lookup: Any) -> _T:
    """The one row of ``user`` that matches, else 404 (:class:`django.http.Http404`)."""
    rows: Any = kind._default_manager.all() if isinstance(kind, type) else kind
    found: _T = get_object_or_404(rows.filter(owner=user), **lookup)
    return found


def children_first(tables: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """These tables, each before those it points to: in this order, nothing holds what is to be deleted."""
    waiting, ordered = list(tables), list[type[models.Model]]()
    while waiting:
        targets = {target for table in waiting for target in _points_at(table) - {table}}
        free = [table for table in waiting if table not in targets] or waiting[:1]
        ordered += free
        waiting = [table for table in waiting if table not in free]
    return ordered


def _points_at(table: type[models.Model]) -> set[object]:
    return {field.related_model for field in table._meta.concrete_fields if isinstance(field, models.ForeignKey)}

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from portfolio.models.people import Person


class WalkStop(Owned):
    """A source visited on the current walk, which started with the earliest stop. A new walk has no stops."""

    source = models.CharField(max_length=10, choices=Person.Source.choices)
    at = models.DateTimeField(default=timezone.now, help_text="UTC")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "source"], name="walk_stop_once"),
            models.CheckConstraint(
                condition=Q(source__in=["circle", "body", "friend", "academic", "linkedin", "other"]),
                name="walk_stop_source_known",
            ),
        ]

    def __str__(self) -> str:
        return self.get_source_display()

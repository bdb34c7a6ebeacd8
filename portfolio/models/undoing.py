from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet


class Undoable(Owned):
    """What a press changed, on many rows or one, kept for some days so that it can be taken back whole.

    Deleted rows are really gone from their tables; ``rows`` (JSON) is all that is left of them.
    """

    class Kind(models.TextChoices):
        DELETED = "deleted", "Deleted"
        DELETED_ROW = "row", "Deleted row"
        TAGGED = "tagged", "Tagged"
        UNTAGGED = "untagged", "Tag removed"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    rows = models.TextField(help_text="JSON")
    at = models.DateTimeField(default=timezone.now, help_text="UTC")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["owner", "at"], name="undoable_of_owner")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.at:%d %B %Y}"

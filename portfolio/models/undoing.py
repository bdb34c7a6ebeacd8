from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import FORGET, Role
from accounts.private_notes import PrivateTextField


class Undoable(Owned):
    """The rows that one action changed, kept for some days for the undo.

    Deleted rows are removed from their tables; ``rows`` (JSON) is the only copy.
    """

    class Kind(models.TextChoices):
        DELETED = "deleted", "Deleted"
        DELETED_ROW = "row", "Deleted row"
        TAGGED = "tagged", "Tagged"
        UNTAGGED = "untagged", "Tag removed"

    row_access = {Role.WORKER: FORGET}
    kind = models.CharField(max_length=10, choices=Kind.choices)
    rows = PrivateTextField(help_text="JSON")
    at = models.DateTimeField(default=timezone.now, help_text="UTC")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["owner", "at"], name="undoable_of_owner")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.at:%d %B %Y}"

from __future__ import annotations

from django.utils import timezone

from accounts import retention
from portfolio.models import Undoable
from portfolio.people.undo import KEPT


def old_undo() -> int:
    """Delete what can no longer be taken back."""
    return retention.delete_some(Undoable.objects.filter(at__lt=timezone.now() - KEPT))

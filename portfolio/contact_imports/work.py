"""What a worker does of an import: one step of whatever it has come to."""

from __future__ import annotations

from portfolio.contact_imports import applying, dry_run, forgetting, undoing
from portfolio.models import ContactImport

READ, APPLY, UNDO, FORGET = "read", "apply", "undo", "forget"
_STEPS = {READ: dry_run.step, APPLY: applying.step, UNDO: undoing.step, FORGET: forgetting.step}


def step(batch: ContactImport) -> None:
    _STEPS[batch.work](batch)

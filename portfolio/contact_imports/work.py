"""What a worker does of an import: one step of whatever it has come to."""

from __future__ import annotations

from django.utils import timezone

from portfolio.contact_imports import applying, dry_run, forgetting, undoing
from portfolio.models import ContactImport

State = ContactImport.State

READ, APPLY, UNDO, FORGET = "read", "apply", "undo", "forget"
_STEPS = {READ: dry_run.step, APPLY: applying.step, UNDO: undoing.step, FORGET: forgetting.step}


def step(batch: ContactImport) -> None:
    _STEPS[batch.work](batch)


def given_up(batch: ContactImport) -> None:
    """What could not be read can be dropped; what stopped on the way can be gone on with, or taken back."""
    if batch.state == State.READING:
        batch.state = State.FAILED
        batch.start(FORGET, due_at=timezone.now() + dry_run.KEPT_UNUSED)
    elif batch.state in (State.IMPORTING, State.UNDOING):
        applying.halt(batch)

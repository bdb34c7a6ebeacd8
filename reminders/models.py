from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet, owner_in_another_index
from accounts.policies import READ, WRITE, Role
from accounts.private_notes import PrivateCharField


class Digest(Owned):
    """A mail with the reminders of one local morning or, with a ``slot``, a mail with one same-day reminder."""

    row_access = {Role.WORKER: WRITE}
    owner = owner_in_another_index()
    local_date = models.DateField(help_text="where the user was")
    slot = models.CharField(
        max_length=40, blank=True, help_text="empty for the morning's; else what was mailed the same day"
    )
    created_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "local_date", "slot"], name="digest_once_a_local_morning")
        ]

    def __str__(self) -> str:
        return f"digest of {self.local_date}"


class ReminderQuerySet(OwnedQuerySet["Reminder"]):
    def planned(self) -> ReminderQuerySet:
        return self.filter(state=Reminder.State.PLANNED)


class Reminder(Owned):
    """A reminder for the user. The app that owns the subject registers the ``kind``.

    Wall time and zone are stored besides the UTC instant, so that 09:00 stays 09:00 if the user's zone changes.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "planned"
        GATHERED = "gathered", "in the next mail"
        MAILED = "mailed", "mailed"
        EXPIRED = "expired", "no longer needed"
        CANCELLED = "cancelled", "cancelled"
        LET_GO = "let_go", "let go"

    row_access = {Role.WORKER: WRITE, Role.LINK: READ}
    owner = owner_in_another_index()
    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    occurrence = models.CharField(max_length=40, default="1", help_text="which of several for the same subject")
    wished_on = models.DateField(help_text="the local date asked for, before working days move it")
    wished_at = models.TimeField(null=True, blank=True, help_text="local wall time; empty: the user's reminder hour")
    put_off_to = models.DateField(
        null=True, blank=True, help_text="the local date the user put it off to; empty: as wished"
    )
    wall_date = models.DateField()
    wall_time = models.TimeField()
    zone = models.CharField(max_length=64)
    due_at = models.DateTimeField(help_text="UTC")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    digest = models.ForeignKey(Digest, null=True, blank=True, on_delete=models.SET_NULL, related_name="reminders")
    missed_at = models.DateTimeField(
        null=True, blank=True, help_text="UTC; when it came due while nothing was running, so that it could not be told"
    )
    snoozes = models.PositiveSmallIntegerField(default=0)
    link_version = models.PositiveSmallIntegerField(default=1, help_text="raise it to revoke the links mailed so far")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "subject_id", "occurrence"], name="reminder_once_per_occurrence"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="planned"), name="reminder_planned"),
            models.Index(fields=["digest"], condition=Q(state="gathered"), name="reminder_gathered"),
            models.Index(fields=["owner", "state", "due_at"], name="reminder_of_owner"),
            models.Index(fields=["kind", "subject_id"], name="reminder_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}/{self.occurrence} on {self.wall_date}"

    @property
    def asked_for(self) -> dt.date:
        """The local date on which to remind, before it moves to a working day: the user's snooze takes precedence."""
        return self.put_off_to or self.wished_on


class Telling(Owned):
    """A reminder in one mail, with its title at that time. These rows are the user's log of reminders."""

    row_access = {Role.WORKER: WRITE}
    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="tellings")
    # No separate index: telling_once_in_a_mail starts with this column.
    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, related_name="tellings", db_index=False)
    title = PrivateCharField(max_length=200)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest", "reminder"], name="telling_once_in_a_mail"),
        ]

    def __str__(self) -> str:
        return str(self.title)

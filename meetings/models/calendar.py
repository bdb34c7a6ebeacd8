"""Calendar invitations by mail, and the user's calendar feed."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import Job
from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, WRITE, Role
from accounts.private_notes import SecretTextField
from meetings.models.meeting import Meeting


class Invitation(Owned):
    """One mail that adds, changes or removes a meeting in a calendar. Its bytes are in the outbox."""

    class Whom(models.TextChoices):
        ME = "me", "You"
        MENTOR = "mentor", "They"

    class Method(models.TextChoices):
        REQUEST = "REQUEST", "Invitation"
        CANCEL = "CANCEL", "Cancellation"

    row_access = {Role.WORKER: READ}
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    whom = models.CharField(max_length=6, choices=Whom.choices)
    address = models.EmailField(max_length=254)
    method = models.CharField(max_length=7, choices=Method.choices)
    sequence = models.PositiveIntegerField(help_text="the meeting's when this was asked for; an older one is not sent")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "whom", "address", "method", "sequence"], name="invitation_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.sequence} to {self.address}"


class OwnCalendar(Job):
    """The user's own calendar, which workers read from its secret address. Without a row none is connected.

    ``work`` is always "read"; ``due_at`` says when the next time is.
    """

    address = SecretTextField(max_length=2_000, help_text="whoever has it can read the calendar")
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="UTC, when it could last be read")
    whole_at = models.DateTimeField(null=True, blank=True, help_text="UTC, when all of it was last fetched")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="UTC")
    failures = models.PositiveSmallIntegerField(default=0, help_text="since it could last be read")
    skipped = models.PositiveIntegerField(default=0, help_text="events that make no sense to us")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "own calendar"
        constraints = [models.UniqueConstraint(fields=["owner"], name="own_calendar_one_a_user")]
        indexes = [models.Index(fields=["due_at"], name="own_calendar_due")]

    def __str__(self) -> str:
        return "Your own calendar"

    def get_absolute_url(self) -> str:
        return reverse("own_calendar")

    @property
    def may_be_read_now(self) -> bool:
        return self.read_at is None or self.read_at < timezone.now() - dt.timedelta(minutes=1)


class BusyTime(Owned):
    """When the user's own calendar says that they are busy. Nothing else of the event is kept."""

    row_access = {Role.WORKER: WRITE}
    calendar = models.ForeignKey(OwnCalendar, on_delete=models.CASCADE, related_name="busy_times")
    starts_at = models.DateTimeField(help_text="UTC")
    ends_at = models.DateTimeField(help_text="UTC")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="busy_time_ends_after_its_start")
        ]
        indexes = [models.Index(fields=["owner", "starts_at"], name="busy_time_of_owner")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%H:%M} UTC"


class CalendarFeed(Owned):
    """The URL from which calendars fetch the user's meetings. Without a row there is no feed."""

    row_access = {Role.LINK: READ}
    version = models.PositiveIntegerField(default=1, help_text="a new one makes every earlier address worthless")
    with_follow_ups = models.BooleanField("follow-ups, too", default=False)
    with_actions = models.BooleanField("what I said I’d do, too", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner"], name="calendar_feed_one_a_user")]

    def __str__(self) -> str:
        return f"Calendar feed {self.version}"

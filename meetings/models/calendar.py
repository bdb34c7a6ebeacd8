"""Calendar invitations by mail, and the user's calendar feed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
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

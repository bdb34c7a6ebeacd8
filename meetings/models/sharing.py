"""The mentor's side: a private link, times to choose from, and what they sent from their page."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateTextField
from meetings.models.meeting import Meeting
from portfolio.models import Person

LIVES = dt.timedelta(days=180)


def half_a_year_on() -> dt.datetime:
    return timezone.now() + LIVES


class ShareLink(Owned):
    """The private page of one person. Its URL contains the signed id and version: see ``signed_links``."""

    row_access = {Role.WORKER: READ, Role.LINK: READ}
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="share_links")
    version = models.PositiveIntegerField(default=1, help_text="a new one makes every earlier address worthless")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=half_a_year_on)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "private page"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(revoked_at__isnull=True), name="share_link_one_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"Private page of {self.person}"

    def get_absolute_url(self) -> str:
        return reverse("share", args=[self.person_id])

    @property
    def works(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class MentorWord(Owned):
    """What somebody sent from their private page: a message, an answer, a point for the agenda, or a request."""

    class Kind(models.TextChoices):
        MESSAGE = "message", "Message"
        POINT = "point", "A point for the agenda"
        ANSWER = "answer", "About the time"
        REMOVAL = "removal", "Asks to be removed"

    row_access = {Role.WORKER: READ}
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="words")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    words = PrivateTextField(max_length=2_000)
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="mentor_word_says_something")]
        indexes = [models.Index(fields=["owner", "seen_at"], name="mentor_word_of_owner")]

    def __str__(self) -> str:
        return str(self.words)


class OfferedTime(Owned):
    """One of several times for a meeting, for the mentor to choose from."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="offers")
    starts_at = models.DateTimeField(help_text="UTC")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "starts_at"], name="offered_time_once")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC"

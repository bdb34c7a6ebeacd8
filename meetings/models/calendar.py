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
from accounts.private_notes import PrivateJSONField, SecretTextField
from meetings.models.meeting import Meeting
from portfolio.models import Contact, Person


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
    """The user's own calendar, which workers read. Without a row none is connected.

    It is at a secret address, or, with a ``username``, on a CalDAV server with several ``calendars``.

    ``work`` is always "read"; ``due_at`` says when the next time is.
    """

    address = SecretTextField(max_length=2_000, help_text="whoever has it can read the calendar")
    username = SecretTextField(max_length=300, blank=True, default="")
    password = SecretTextField(max_length=300, blank=True, default="", help_text="an app password, as far as we know")
    calendars = PrivateJSONField(
        default=list, blank=True, help_text="on the CalDAV server: the address and name of each, and whether it is read"
    )
    with_talks = models.BooleanField(
        "notice meetings with people I know", default=False, help_text="not only when I am busy"
    )
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


class CalendarTalk(Owned):
    """A meeting with one of the user's people that stands in their own calendar. None of the event's words is kept.

    The latest row of a person that the user has settled (``settled_at``) decides about the next ones: after ``SPOKE``
    they are noted without asking, after ``NEVER`` they are not.
    """

    class State(models.TextChoices):
        AHEAD = "ahead", "In the calendar"
        ASKS = "asks", "Did you speak?"
        SPOKE = "spoke", "You spoke"
        NO = "no", "You didn’t speak"
        NEVER = "never", "You didn’t want to be asked"
        KNOWN = "known", "Nothing to note"  # noted here anyway, or not to be asked about

    class News(models.TextChoices):
        """What happened without the user, and is told, or asked, on Today."""

        SPOKE = "spoke", "Noted that you spoke"
        MOVED = "moved", "Moved the meeting with it"
        CALLED_OFF = "called_off", "Cancelled the meeting with it"
        GONE = "gone", "No longer in the calendar"
        ELSEWHERE = "elsewhere", "At another time in the calendar"

    row_access = {Role.WORKER: READ}
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="calendar_talks")
    key = models.CharField(max_length=64, help_text="a digest of the event’s UID, and of which time of many it is")
    series = models.CharField(max_length=64, help_text="a digest of the event’s UID")
    starts_at = models.DateTimeField(help_text="UTC")
    ends_at = models.DateTimeField(help_text="UTC")
    state = models.CharField(max_length=5, choices=State.choices, default=State.AHEAD)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="UTC, when it was noted, or answered")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    meeting = models.ForeignKey(
        Meeting,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="calendar_talks",
        help_text="that was planned from it, and follows it",
    )
    news = models.CharField(max_length=10, choices=News.choices, blank=True)
    news_at = models.DateTimeField(null=True, blank=True, help_text="UTC")
    started_before = models.DateTimeField(null=True, blank=True, help_text="UTC, of the meeting that moved")
    minutes_before = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of the meeting that moved")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "meeting in your calendar"
        verbose_name_plural = "meetings in your calendar"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "key", "person"], name="calendar_talk_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="calendar_talk_ends_after_its_start"),
        ]
        indexes = [models.Index(fields=["owner", "state", "ends_at"], name="calendar_talk_of_owner")]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.person}"

    @property
    def minutes(self) -> int:
        return round((self.ends_at - self.starts_at).total_seconds() / 60)


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

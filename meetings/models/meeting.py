from __future__ import annotations

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts import zones
from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import LOCK, READ, Role
from accounts.private_notes import PrivateTextField
from outreach.models import Approach
from portfolio.models import Mentorship, Person


class MeetingQuerySet(OwnedQuerySet["Meeting"]):
    def planned(self) -> MeetingQuerySet:
        return self.filter(state=Meeting.State.PLANNED)


class Series(Owned):
    """Meetings planned together, some weeks apart. Each can be changed on its own."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="series")
    weeks = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(26)])
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "series"
        verbose_name_plural = "series"
        constraints = [models.CheckConstraint(condition=Q(weeks__gte=1, weeks__lte=26), name="series_1_to_26_weeks")]

    def __str__(self) -> str:
        return f"Every {self.weeks} weeks with {self.person}"


class Meeting(Owned):
    """A conversation with a person, planned or held."""

    class Kind(models.TextChoices):
        INITIAL = "initial", "Initial conversation"
        FOLLOW_UP = "follow_up", "Follow-up conversation"
        FIRST = "first", "First meeting as mentor and mentee"
        REGULAR = "regular", "Regular meeting"
        REVIEW = "review", "Review"
        CLOSING = "closing", "Closing"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    class Answer(models.TextChoices):
        YES = "yes", "They said yes"
        NO = "no", "They can’t then"

    row_access = {Role.WORKER: LOCK}
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="meetings")
    approach = models.ForeignKey(Approach, null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings")
    mentorship = models.ForeignKey(
        Mentorship, null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings"
    )
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.REGULAR)
    starts_at = models.DateTimeField(help_text="UTC")
    zone = models.CharField(max_length=64, help_text="IANA name of the zone the time was agreed in")
    minutes = models.PositiveSmallIntegerField(default=60, validators=[MinValueValidator(5), MaxValueValidator(1440)])
    place = models.CharField("place or link", max_length=500, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    held_at = models.DateTimeField(null=True, blank=True, help_text="when it was recorded as held, UTC")
    private_notes = PrivateTextField("notes only you can see", max_length=50_000, blank=True)
    shared_notes = PrivateTextField("notes to share with them", max_length=50_000, blank=True)
    shows_agreed = models.BooleanField(
        "they may see what was agreed", default=False, help_text="outcomes and actions, on their private page"
    )
    sequence = models.PositiveIntegerField(default=0, help_text="of its calendar entry (RFC 5545)")
    changed_at = models.DateTimeField(default=timezone.now, help_text="the calendar entry, UTC")
    invites_me = models.BooleanField("in my calendar", default=False)
    invites_mentor = models.EmailField("their address that is invited", max_length=254, blank=True)
    organizer = models.EmailField(
        "whose invitations these are",
        max_length=254,
        blank=True,
        help_text="the user’s address when they were first invited; calendars take changes from no other",
    )
    answer = models.CharField("what they said to the time", max_length=3, choices=Answer.choices, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=1440), name="meeting_minutes_5_to_a_day"),
            models.CheckConstraint(
                condition=Q(state="held", held_at__isnull=False) | ~Q(state="held") & Q(held_at__isnull=True),
                name="meeting_held_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "state", "starts_at"], name="meeting_of_owner"),
            models.Index(fields=["person", "starts_at"], name="meeting_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} with {self.person}"

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.pk])

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.minutes)

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def spoke_at(self) -> dt.datetime:
        """When they spoke (UTC): the start, or when it was recorded as held, if that is earlier."""
        return min(self.starts_at, self.held_at) if self.held_at else self.starts_at

    @property
    def starts_there(self) -> dt.datetime:
        """The agreed wall time, in the meeting's zone."""
        return self.starts_at.astimezone(zones.zone(self.zone))


class Impression(Owned):
    """How a first conversation felt, for the user only; see ``wrap_up.next_step.leads_to`` for what follows."""

    class Felt(models.TextChoices):
        YES = "yes", "Yes"
        UNSURE = "unsure", "Not sure"
        NO = "no", "No"

    row_access = {Role.WORKER: READ}
    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="impression")
    again = models.CharField("Would I like to talk again?", max_length=6, choices=Felt.choices, blank=True)
    at_ease = models.CharField("Was I at ease?", max_length=6, choices=Felt.choices, blank=True)
    interested = models.CharField("Did they seem interested?", max_length=6, choices=Felt.choices, blank=True)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"How it felt: {self.meeting}"

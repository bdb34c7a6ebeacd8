from __future__ import annotations

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts import zones
from accounts.ownership import Owned, OwnedQuerySet
from outreach.models import Approach
from portfolio.models import Mentorship, Need, Person


class MeetingQuerySet(OwnedQuerySet["Meeting"]):
    def planned(self) -> MeetingQuerySet:
        return self.filter(state=Meeting.State.PLANNED)


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

    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="meetings")
    approach = models.ForeignKey(Approach, null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings")
    mentorship = models.ForeignKey(
        Mentorship, null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.REGULAR)
    starts_at = models.DateTimeField(help_text="UTC")
    zone = models.CharField(max_length=64, help_text="IANA name of the zone the time was agreed in")
    minutes = models.PositiveSmallIntegerField(default=60, validators=[MinValueValidator(5), MaxValueValidator(1440)])
    place = models.CharField("place or link", max_length=500, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    held_at = models.DateTimeField(null=True, blank=True, help_text="when it was recorded as held, UTC")
    private_notes = models.TextField("notes only you can see", max_length=50_000, blank=True)
    shared_notes = models.TextField("notes to share with them", max_length=50_000, blank=True)
    shows_agreed = models.BooleanField(
        "they may see what was agreed", default=False, help_text="outcomes and actions, on their private page"
    )
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
        """When they spoke, UTC: the start, or the earlier moment at which it was recorded as held."""
        return min(self.starts_at, self.held_at) if self.held_at else self.starts_at

    @property
    def starts_there(self) -> dt.datetime:
        """The wall time that was agreed, in the meeting's own zone."""
        return self.starts_at.astimezone(zones.zone(self.zone))


class AgendaItem(Owned):
    """A point to talk about. An unfinished one carries over by person; the original stays."""

    class RaisedBy(models.TextChoices):
        ME = "me", "You"
        MENTOR = "mentor", "They"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Talked about"
        CARRIED = "carried", "Carried over"
        PARKED = "parked", "Parked"
        DROPPED = "dropped", "Dropped"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(default=0)
    words = models.CharField(max_length=300)
    raised_by = models.CharField(max_length=10, choices=RaisedBy.choices, default=RaisedBy.ME)
    minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(480)]
    )
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.SET_NULL, related_name="agenda_items")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    outcome = models.TextField(max_length=2_000, blank=True)
    private = models.BooleanField("for my eyes only", default=False, help_text="never on the mentor's private page")
    carried_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="carried_to"
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="agenda_item_has_words"),
            models.CheckConstraint(
                condition=Q(carried_from__isnull=True) | ~Q(carried_from=F("pk")),
                name="agenda_item_not_from_itself",
            ),
        ]
        indexes = [models.Index(fields=["meeting", "position"], name="agenda_item_of_meeting")]

    def __str__(self) -> str:
        return self.words

    def get_absolute_url(self) -> str:
        return f"{reverse('meeting', args=[self.meeting_id])}#item-{self.pk}"


class Action(Owned):
    """Something somebody said they would do. Mine is dated and reminded; theirs is kindly offered, never overdue."""

    class Whose(models.TextChoices):
        MINE = "mine", "Mine"
        THEIRS = "theirs", "Kindly offered"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="actions")
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="actions")
    words = models.CharField(max_length=300)
    whose = models.CharField(max_length=10, choices=Whose.choices, default=Whose.MINE)
    due_on = models.DateField(null=True, blank=True, help_text="local date")
    done_at = models.DateTimeField(null=True, blank=True, help_text="UTC")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["done_at", "due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="action_has_words"),
            models.CheckConstraint(
                condition=Q(whose="mine") | Q(due_on__isnull=True), name="action_offered_is_never_due"
            ),
        ]
        indexes = [models.Index(fields=["owner", "done_at", "due_on"], name="action_of_owner")]

    def __str__(self) -> str:
        return self.words

    def get_absolute_url(self) -> str:
        return f"{reverse('meeting', args=[self.meeting_id])}#action-{self.pk}"


class Impression(Owned):
    """How a first conversation felt, for the user alone: what it leads to is ``after.leads_to``."""

    class Felt(models.TextChoices):
        YES = "yes", "Yes"
        UNSURE = "unsure", "Not sure"
        NO = "no", "No"

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="impression")
    again = models.CharField("Would I like to talk again?", max_length=6, choices=Felt.choices, blank=True)
    at_ease = models.CharField("Was I at ease?", max_length=6, choices=Felt.choices, blank=True)
    interested = models.CharField("Did they seem interested?", max_length=6, choices=Felt.choices, blank=True)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"How it felt: {self.meeting}"


class SavedAgenda(Owned):
    """An agenda the user keeps as a suggestion of their own: one point a line, see ``agendas.parse``."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Meeting.Kind.choices, default=Meeting.Kind.REGULAR)
    points = models.TextField(max_length=10_000)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(points=""), name="saved_agenda_says_something"),
        ]
        indexes = [models.Index(fields=["owner", "name"], name="saved_agenda_of_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agenda_edit", args=[self.pk])

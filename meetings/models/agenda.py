from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateCharField, PrivateTextField
from meetings.models.meeting import Meeting
from portfolio.models import Need, Person


class AgendaItem(Owned):
    """A point to talk about. An open one is carried over to the next meeting with the person; the original stays."""

    class RaisedBy(models.TextChoices):
        ME = "me", "You"
        MENTOR = "mentor", "They"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Talked about"
        CARRIED = "carried", "Carried over"
        PARKED = "parked", "Parked"
        DROPPED = "dropped", "Dropped"

    row_access = {Role.WORKER: READ}
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(default=0)
    words = PrivateCharField(max_length=300)
    raised_by = models.CharField(max_length=10, choices=RaisedBy.choices, default=RaisedBy.ME)
    minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(480)]
    )
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.SET_NULL, related_name="agenda_items")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    outcome = PrivateTextField(max_length=2_000, blank=True)
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
        return str(self.words)

    def get_absolute_url(self) -> str:
        return f"{reverse('meeting', args=[self.meeting_id])}#item-{self.pk}"


class Action(Owned):
    """Something somebody said they would do. Only the user's own have dates and reminders."""

    class Whose(models.TextChoices):
        MINE = "mine", "Mine"
        THEIRS = "theirs", "Kindly offered"

    row_access = {Role.WORKER: READ}
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="actions")
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="actions")
    words = PrivateCharField(max_length=300)
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
        return str(self.words)

    def get_absolute_url(self) -> str:
        return f"{reverse('meeting', args=[self.meeting_id])}#action-{self.pk}"


class SavedAgenda(Owned):
    """An agenda that the user saved as a suggestion: one point per line, see ``agenda.suggestions.parse``."""

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

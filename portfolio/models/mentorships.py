from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateCharField, PrivateTextField
from portfolio.models.needs import Competency, Need
from portfolio.models.people import Person


class MentorshipQuerySet(OwnedQuerySet["Mentorship"]):
    def running(self) -> MentorshipQuerySet:
        """Active or paused mentorships, which make up the current portfolio."""
        return self.exclude(status=Mentorship.Status.ENDED)


class Mentorship(Owned):
    """The relationship with a mentor, formal or informal."""

    class Form(models.TextChoices):
        INFORMAL = "informal", "Informal"
        FORMAL = "formal", "Formal programme"

    class Origin(models.TextChoices):
        ASKED = "asked", "I asked"
        GREW = "grew", "It grew"
        OFFERED = "offered", "They offered"
        PROGRAMME = "programme", "A formal programme"
        ALREADY = "already", "Already there"

    class Breadth(models.TextChoices):
        NARROW_SHORT = "narrow_short", "Narrow and short"
        NARROW_LONG = "narrow_long", "Narrow and long"
        BROAD_SHORT = "broad_short", "Broad and short"
        BROAD_LONG = "broad_long", "Broad and long"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        ENDED = "ended", "Ended"

    class Phase(models.TextChoices):
        RAPPORT = "rapport", "Building rapport"
        DIRECTION = "direction", "Setting direction"
        PROGRESS = "progress", "Making progress"
        WINDING_DOWN = "winding_down", "Winding down"
        MOVING_ON = "moving_on", "Moving on"

    class EndedAs(models.TextChoices):
        COMPLETE = "complete", "Complete"
        DRIFTED = "drifted", "Drifted apart"
        MOVED_ON = "moved_on", "Moved on"

    class Closeness(models.IntegerChoices):
        DISTANT = 1, "We are getting to know each other"
        NEAR = 2, "We know each other well"
        CLOSE = 3, "We are close"

    row_access = {Role.WORKER: READ}
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="mentorships")
    form = models.CharField(max_length=10, choices=Form.choices, default=Form.INFORMAL)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.ASKED)
    breadth = models.CharField(max_length=12, choices=Breadth.choices, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.RAPPORT, blank=True)
    ended_as = models.CharField(max_length=10, choices=EndedAs.choices, blank=True)
    started_on = models.DateField(help_text="local date")
    ended_on = models.DateField(null=True, blank=True, help_text="local date")
    friends_since = models.DateField(null=True, blank=True)
    closeness = models.PositiveSmallIntegerField(
        choices=Closeness.choices,
        default=Closeness.DISTANT,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
    )
    shown_under = models.CharField(
        "where it stands in the constellation",
        max_length=4,
        choices=Competency.choices,
        blank=True,
        help_text="the user's choice where two competencies are supported equally",
    )
    rhythm_weeks = models.PositiveSmallIntegerField(
        "how often, in weeks",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(104)],
    )
    giving_back = PrivateTextField("what I give back", max_length=2_000, blank=True)
    agreement = PrivateTextField("working agreement", max_length=5_000, blank=True)
    confidentiality = PrivateCharField("a line on confidentiality", max_length=500, blank=True)
    agreement_review_on = models.DateField("look at the agreement again on", null=True, blank=True)
    direction_private = PrivateTextField("direction, for me alone", max_length=2_000, blank=True)
    direction_shared = PrivateTextField("direction, shared with the mentor", max_length=2_000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MentorshipQuerySet.as_manager()

    class Meta:
        ordering = ["started_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=~Q(status="ended"), name="mentorship_one_running_per_person"
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) & ~Q(ended_as="")
                | ~Q(status="ended") & Q(ended_on__isnull=True, ended_as=""),
                name="mentorship_ended_as_something",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="mentorship_ends_after_its_start",
            ),
            models.CheckConstraint(condition=Q(closeness__gte=1, closeness__lte=3), name="mentorship_closeness_1_to_3"),
            models.CheckConstraint(
                condition=Q(shown_under__in=["", "why", "how", "whom"]), name="mentorship_shown_under_known"
            ),
        ]
        indexes = [models.Index(fields=["owner", "status"], name="mentorship_of_owner")]

    def __str__(self) -> str:
        return f"Mentoring with {self.person}"

    def get_absolute_url(self) -> str:
        return reverse("mentorship", args=[self.pk])

    @property
    def in_programme(self) -> bool:
        """Whether its formal programme is still running."""
        return self.form == self.Form.FORMAL and self.status != self.Status.ENDED


class MentorshipEvent(Owned):
    """A dated event in the history of a mentorship."""

    class What(models.TextChoices):
        OPENED = "opened", "Opened"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Resumed"
        TURNED_INFORMAL = "turned_informal", "Turned informal"
        ENDED = "ended", "Ended"
        BECAME_FRIENDS = "became_friends", "Became friends"

    mentorship = models.ForeignKey(Mentorship, on_delete=models.CASCADE, related_name="events")
    what = models.CharField(max_length=16, choices=What.choices)
    on = models.DateField(help_text="local date")
    note = PrivateCharField(max_length=300, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} on {self.on}"


class Support(Owned):
    """What a mentorship supports: a need, or (unplanned) only a competency."""

    class Strength(models.IntegerChoices):
        SOME = 1, "A little"
        GOOD = 2, "Well"
        STRONG = 3, "Strongly"

    mentorship = models.ForeignKey(Mentorship, on_delete=models.CASCADE, related_name="supports")
    competency = models.CharField(max_length=4, choices=Competency.choices)
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.SET_NULL, related_name="supports")
    strength = models.PositiveSmallIntegerField(
        choices=Strength.choices,
        default=Strength.GOOD,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
    )
    since = models.DateField(help_text="local date")
    until = models.DateField(null=True, blank=True, help_text="local date")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentorship", "need"],
                condition=Q(need__isnull=False, until__isnull=True),
                name="support_once_per_need",
            ),
            models.CheckConstraint(condition=Q(competency__in=["why", "how", "whom"]), name="support_competency_known"),
            models.CheckConstraint(condition=Q(strength__gte=1, strength__lte=3), name="support_strength_1_to_3"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="support_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_competency_display()} through {self.mentorship_id}"

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateCharField, PrivateTextField
from portfolio.models.people import Person


class Competency(models.TextChoices):
    """The three kinds of knowing that a mentor may support (DeFillippi and Arthur; de Janasz and Sullivan 2004)."""

    WHY = "why", "Knowing why"
    HOW = "how", "Knowing how"
    WHOM = "whom", "Knowing whom"


class Brief(Owned):
    """Dated answers to "what am I looking for?". Older briefs stay readable."""

    class Context(models.TextChoices):
        DEVELOPMENT = "development", "Professional and career development"
        SECTOR = "sector", "Knowing a sector"
        POLITICS = "politics", "The political environment"
        SKILLS = "skills", "Developing a skill"
        CONFIDENCE = "confidence", "Confidence and self-esteem"
        CHANGE = "change", "Managing change"

    why_now = PrivateTextField(max_length=5_000, blank=True)
    contexts = models.JSONField(default=list, blank=True)
    looking_for = PrivateTextField(max_length=5_000, blank=True)
    good_mentee = PrivateTextField(max_length=5_000, blank=True)
    direction = PrivateTextField("long-term direction", max_length=2_000, blank=True)
    needs: models.ManyToManyField[Need, BriefNeed] = models.ManyToManyField(
        "Need", through="BriefNeed", related_name="briefs"
    )
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["owner", "-started_at"], name="brief_of_owner")]

    def __str__(self) -> str:
        return f"Brief of {self.started_at:%d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("brief", args=[self.pk])

    @property
    def context_labels(self) -> list[str]:
        return [label for value, label in self.Context.choices if value in self.contexts]


class NeedQuerySet(OwnedQuerySet["Need"]):
    def open(self) -> NeedQuerySet:
        return self.filter(closed_on__isnull=True)


class Need(Owned):
    """Something that the user wants support with. It is kept even if its brief is deleted."""

    class Weight(models.IntegerChoices):
        SOME = 1, "Would be good"
        MUCH = 2, "Matters"
        MOST = 3, "Matters most"

    class Horizon(models.TextChoices):
        MONTHS = "months", "In the next months"
        YEAR = "year", "Within a year or two"
        LONG = "long", "In the long run"

    class ClosedAs(models.TextChoices):
        MET = "met", "Met"
        DROPPED = "dropped", "Dropped"

    row_access = {Role.WORKER: READ}
    competency = models.CharField(max_length=4, choices=Competency.choices)
    words = models.CharField("in your words", max_length=200)
    sector = models.CharField(max_length=120, blank=True)
    weight = models.PositiveSmallIntegerField(
        choices=Weight.choices, default=Weight.MUCH, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    horizon = models.CharField(max_length=10, choices=Horizon.choices, default=Horizon.YEAR)
    opened_on = models.DateField(help_text="local date")
    closed_on = models.DateField(null=True, blank=True, help_text="local date")
    closed_as = models.CharField(max_length=10, choices=ClosedAs.choices, blank=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(competency__in=["why", "how", "whom"]), name="need_competency_known"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=3), name="need_weight_1_to_3"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, closed_as="")
                | Q(closed_on__isnull=False, closed_as__in=["met", "dropped"]),
                name="need_closed_as_something",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="need_has_words"),
        ]
        indexes = [models.Index(fields=["owner", "closed_on"], name="need_of_owner")]

    def __str__(self) -> str:
        return self.words

    def get_absolute_url(self) -> str:
        return reverse("need", args=[self.pk])


class BriefNeed(Owned):
    brief = models.ForeignKey(Brief, on_delete=models.CASCADE, related_name="+")
    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brief", "need"], name="brief_need_once")]

    def __str__(self) -> str:
        return f"{self.brief_id} {self.need_id}"


class CouldHelp(Owned):
    """The user's idea that a person could help with a need."""

    class State(models.TextChoices):
        THOUGHT_OF = "thought_of", "Thought of"
        DISMISSED = "dismissed", "Dismissed"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="could_help")
    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="could_help")
    why = PrivateCharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.THOUGHT_OF)
    suggested = models.BooleanField(
        default=False, help_text="dismissed straight from a suggestion: the user never thought of them"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "thought what they could help with"
        verbose_name_plural = "thoughts what they could help with"
        constraints = [models.UniqueConstraint(fields=["person", "need"], name="could_help_once")]

    def __str__(self) -> str:
        return f"{self.person} could help with {self.need}"

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateCharField
from portfolio.models import Need, Person


class IntroductionQuerySet(OwnedQuerySet["Introduction"]):
    def open(self) -> IntroductionQuerySet:
        """Not closed: considered, asked or agreed."""
        return self.filter(state__in=Introduction.OPEN)


class Introduction(Owned):
    """The user asks one person to introduce them to another. It has its own states, separate from approaches."""

    class State(models.TextChoices):
        CONSIDERED = "considered", "Considered"
        ASKED = "asked", "Asked"
        AGREED = "agreed", "Agreed"
        MADE = "made", "Made"
        DECLINED = "declined", "Declined"
        NO_ANSWER = "no_answer", "No answer"

    OPEN = (State.CONSIDERED, State.ASKED, State.AGREED)

    row_access = {Role.WORKER: READ}
    target = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="introductions_to")
    introducer = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="introductions_by")
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.SET_NULL, related_name="introductions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CONSIDERED)
    why = PrivateCharField("why you want to meet", max_length=300, blank=True)
    considered_on = models.DateField(help_text="local date")
    asked_on = models.DateField(null=True, blank=True, help_text="local date")
    agreed_on = models.DateField(null=True, blank=True, help_text="local date")
    closed_on = models.DateField(null=True, blank=True, help_text="local date it was made, declined or given up")
    created_at = models.DateTimeField(default=timezone.now)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(target=F("introducer")), name="introduction_by_another"),
            models.CheckConstraint(
                condition=Q(state__in=["considered", "asked", "agreed"], closed_on__isnull=True)
                | Q(state__in=["made", "declined", "no_answer"], closed_on__isnull=False),
                name="introduction_closed_has_its_day",
            ),
            models.UniqueConstraint(
                fields=["target", "introducer"],
                condition=Q(state__in=["considered", "asked", "agreed"]),
                name="introduction_one_open_per_pair",
            ),
        ]
        indexes = [models.Index(fields=["owner", "state"], name="introduction_of_owner")]

    def __str__(self) -> str:
        return f"Introduction to {self.target} by {self.introducer}"

    @property
    def person(self) -> Person:
        """The recipient of its messages: the introducer."""
        return self.introducer

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def get_absolute_url(self) -> str:
        return reverse("introduction", args=[self.pk])

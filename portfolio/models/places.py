from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateTextField


class PlaceToLook(Owned):
    """Where mentors may be found: a register, a body, a training programme, a network."""

    class Kind(models.TextChoices):
        REGISTER = "register", "Mentoring register"
        BODY = "body", "Professional body"
        PROGRAMME = "programme", "Accredited training programme"
        NETWORK = "network", "Network to join"
        LINKEDIN = "linkedin", "Organisation on LinkedIn"

    class State(models.TextChoices):
        TO_LOOK = "to_look", "To look at"
        LOOKED = "looked", "Looked"
        JOINED = "joined", "Joined"
        LEFT = "left", "Left"

    row_access = {Role.WORKER: READ}
    name = models.CharField(max_length=200)
    kind = models.CharField("what it is", max_length=10, choices=Kind.choices, default=Kind.REGISTER)
    state = models.CharField(max_length=10, choices=State.choices, default=State.TO_LOOK)
    link = models.URLField(max_length=500, blank=True)
    notes = PrivateTextField(max_length=5_000, blank=True)
    look_again_on = models.DateField(null=True, blank=True, help_text="local date")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "place to look"
        verbose_name_plural = "places to look"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="place_has_a_name"),
            models.CheckConstraint(
                condition=Q(kind__in=["register", "body", "programme", "network", "linkedin"]), name="place_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["to_look", "looked", "joined", "left"]), name="place_state_known"
            ),
        ]
        indexes = [models.Index(fields=["owner", "name"], name="place_of_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("place", args=[self.pk])

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from portfolio.models.mentorships import Mentorship


class FormalTerms(Owned):
    """The terms of a formal programme. They are kept after the mentorship has turned informal."""

    row_access = {Role.WORKER: READ}
    mentorship = models.OneToOneField(Mentorship, on_delete=models.CASCADE, related_name="formal_terms")
    programme = models.CharField(max_length=200, blank=True)
    organisation = models.CharField("run by", max_length=200, blank=True)
    co_ordinator = models.CharField("co-ordinator", max_length=200, blank=True)
    months = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    hours_a_month = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(200)],
        help_text="committed hours",
    )
    i_am_trained = models.BooleanField(default=False)
    they_are_trained = models.BooleanField(default=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "formal terms"
        constraints = [
            models.CheckConstraint(
                condition=Q(months__isnull=True) | Q(months__gte=1, months__lte=120), name="formal_months_1_to_120"
            ),
            models.CheckConstraint(
                condition=Q(hours_a_month__isnull=True) | Q(hours_a_month__gte=0, hours_a_month__lte=200),
                name="formal_hours_0_to_200",
            ),
        ]

    def __str__(self) -> str:
        return self.programme or "Formal terms"


class EvaluationDate(Owned):
    """A date on which the programme evaluates the mentorship."""

    row_access = {Role.WORKER: READ}
    terms = models.ForeignKey(FormalTerms, on_delete=models.CASCADE, related_name="evaluations")
    on = models.DateField(help_text="local date")
    words = models.CharField("what is asked", max_length=200, blank=True)
    done_on = models.DateField(null=True, blank=True, help_text="local date")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        constraints = [models.UniqueConstraint(fields=["terms", "on"], name="evaluation_once_a_day")]

    def __str__(self) -> str:
        return f"Evaluation on {self.on}"

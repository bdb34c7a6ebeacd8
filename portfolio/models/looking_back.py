from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateCharField, PrivateTextField
from portfolio.models.mentorships import Mentorship
from portfolio.models.needs import Need
from portfolio.models.people import Person
from portfolio.models.places import PlaceToLook

ONE_TO_FIVE = [MinValueValidator(1), MaxValueValidator(5)]


def _one_to_five(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 1, f"{field}__lte": 5})


class WhatCameOfIt(Owned):
    """A dated sentence about an outcome, expected or not."""

    mentorship = models.ForeignKey(Mentorship, on_delete=models.CASCADE, related_name="outcomes")
    on = models.DateField(help_text="local date")
    words = PrivateCharField("what came of it", max_length=500)
    expected = models.BooleanField("this is what we hoped for", default=False)
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "what came of it"
        verbose_name_plural = "what came of it"
        ordering = ["-on", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="what_came_has_words")]
        indexes = [models.Index(fields=["mentorship", "-on"], name="what_came_of_mentorship")]

    def __str__(self) -> str:
        return str(self.words)


class Review(Owned):
    """The user's review of one mentorship, or of the whole portfolio.

    Scales run from 1 (not at all) to 5 (very).
    """

    mentorship = models.ForeignKey(Mentorship, null=True, blank=True, on_delete=models.CASCADE, related_name="reviews")
    on = models.DateField(help_text="local date")
    satisfaction = models.PositiveSmallIntegerField(null=True, blank=True, validators=ONE_TO_FIVE)
    career = models.PositiveSmallIntegerField(null=True, blank=True, validators=ONE_TO_FIVE)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, validators=ONE_TO_FIVE)
    network = models.PositiveSmallIntegerField(null=True, blank=True, validators=ONE_TO_FIVE)
    understanding = models.PositiveSmallIntegerField(
        "understanding of the organisation", null=True, blank=True, validators=ONE_TO_FIVE
    )
    words = PrivateTextField(max_length=5_000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            *(
                models.CheckConstraint(condition=_one_to_five(scale), name=f"review_{scale}_1_to_5")
                for scale in ("satisfaction", "career", "confidence", "network", "understanding")
            ),
            models.CheckConstraint(
                condition=Q(mentorship__isnull=False) | Q(satisfaction__isnull=True),
                name="review_satisfaction_with_a_mentorship",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-on"], name="review_of_owner")]

    def __str__(self) -> str:
        return f"Review of {self.on:%d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("review", args=[self.pk])


class ReviewNote(Owned):
    """One aspect of rapport or clarity in a review: easier, the same or harder than last time, and a sentence."""

    class Aspect(models.TextChoices):
        VALUES = "values", "Shared values and purpose"
        ATTENTION = "attention", "Attention and interest"
        CONFIDENCE = "confidence", "What we say stays between us"
        TRUST = "trust", "Respect and trust"
        FREEDOM = "freedom", "Freedom to say what I think"
        AGENDA = "agenda", "No hidden agenda"
        CLARITY = "clarity", "Clarity about where we are heading"

    class Change(models.TextChoices):
        EASIER = "easier", "Easier than last time"
        SAME = "same", "The same"
        HARDER = "harder", "Harder than last time"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="notes")
    aspect = models.CharField(max_length=10, choices=Aspect.choices)
    change = models.CharField(max_length=6, choices=Change.choices, blank=True)
    words = PrivateCharField(max_length=300, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "aspect"], name="review_note_once"),
            models.CheckConstraint(condition=~Q(change="", words=""), name="review_note_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_aspect_display()}: {self.get_change_display().lower()}"


class Reflection(Owned):
    """A dated answer to one of the guide's eight questions, or to the user's own."""

    class Question(models.TextChoices):
        """Based on "Accessing informal mentoring" (NIHR 2023), in the guide's order and our words."""

        WHO_NOW = "who_now", "Who among the people I know could support one of my needs?"
        BEYOND = "beyond", "How might I find mentors beyond the people I know?"
        FORMALITY = "formality", "When I was mentored before, what did it change that it was formal, or that it wasn’t?"
        HOW_BEGIN = "how_begin", "If I tried informal mentoring now, how would I go about it?"
        NETWORKS = "networks", "Which of my close and wider networks can I draw on?"
        NEW_NETWORKS = "new_networks", "Which new networks could I join?"
        COMFORT = "comfort", "How comfortable am I asking a stranger for a first conversation?"
        ONWARDS = "onwards", "How would I get from a first conversation to asking for mentoring?"
        OWN = "own", "A question of my own"

    question = models.CharField(max_length=12, choices=Question.choices)
    own_question = PrivateCharField("your question", max_length=300, blank=True)
    answer = PrivateTextField(max_length=10_000, blank=True)
    comfort = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=ONE_TO_FIVE, help_text="1 not at all comfortable, 5 quite at ease"
    )
    on = models.DateField(help_text="local date")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(question="own") & ~Q(own_question="") | ~Q(question="own") & Q(own_question=""),
                name="reflection_own_question",
            ),
            models.CheckConstraint(
                condition=Q(comfort__isnull=True) | Q(question="comfort", comfort__gte=1, comfort__lte=5),
                name="reflection_comfort_1_to_5",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-on"], name="reflection_of_owner")]

    def __str__(self) -> str:
        return self.own_question or self.get_question_display()

    def get_absolute_url(self) -> str:
        return reverse("reflection", args=[self.pk])


class ReflectionRhythm(Owned):
    """How often the user wants to be reminded to reflect. Without a row: never."""

    class Months(models.IntegerChoices):
        THREE = 3, "Every three months"
        SIX = 6, "Every six months"
        TWELVE = 12, "Once a year"

    row_access = {Role.WORKER: READ}
    months = models.PositiveSmallIntegerField(choices=Months.choices)
    next_on = models.DateField(help_text="local date")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "rhythm of reflecting"
        verbose_name_plural = "rhythms of reflecting"
        constraints = [
            models.UniqueConstraint(fields=["owner"], name="reflection_rhythm_once"),
            models.CheckConstraint(condition=Q(months__in=(3, 6, 12)), name="reflection_rhythm_of_three"),
        ]

    def __str__(self) -> str:
        return f"{self.get_months_display()}, next on {self.next_on:%-d %B %Y}"


class ReflectionLink(Owned):
    """A person, need or place that a reflection led to."""

    reflection = models.ForeignKey(Reflection, on_delete=models.CASCADE, related_name="links")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="reflection_links")
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.CASCADE, related_name="reflection_links")
    place = models.ForeignKey(
        PlaceToLook, null=True, blank=True, on_delete=models.CASCADE, related_name="reflection_links"
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "mention in a reflection"
        verbose_name_plural = "mentions in reflections"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, need__isnull=True, place__isnull=True)
                | Q(person__isnull=True, need__isnull=False, place__isnull=True)
                | Q(person__isnull=True, need__isnull=True, place__isnull=False),
                name="reflection_link_to_one_thing",
            ),
            models.UniqueConstraint(fields=["reflection", "person"], name="reflection_person_once"),
            models.UniqueConstraint(fields=["reflection", "need"], name="reflection_need_once"),
            models.UniqueConstraint(fields=["reflection", "place"], name="reflection_place_once"),
        ]

    def __str__(self) -> str:
        return str(self.person or self.need or self.place)

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateCharField, PrivateTextField
from portfolio.models import Need, Person


class ApproachQuerySet(OwnedQuerySet["Approach"]):
    def open(self) -> ApproachQuerySet:
        """Neither ended nor resting."""
        return self.filter(outcome="", rest_until__isnull=True)


class Approach(Owned):
    """The user's attempt to win a person as a mentor."""

    class Stage(models.TextChoices):
        SHORTLISTED = "shortlisted", "Shortlisted"
        PREPARING = "preparing", "Preparing"
        APPROACHED = "approached", "Approached"
        INITIAL = "initial", "Initial conversation"
        FOLLOW_UP = "follow_up", "Follow-up conversation"
        REQUESTED = "requested", "Mentoring requested"

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        NOT_NOW = "not_now", "Not now"
        NO_ANSWER = "no_answer", "No answer"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ENOUGH = "enough", "A good conversation was enough"

    row_access = {Role.WORKER: READ}
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="approaches")
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.SHORTLISTED)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    why_them = PrivateTextField("why them", max_length=2_000, blank=True)
    needs = models.ManyToManyField(Need, through="ApproachNeed", related_name="approaches")
    # Research before writing, private to the user; each answer fills a merge field: see ``approaches.research``.
    their_role = PrivateCharField("their role", max_length=300, blank=True)
    their_work = PrivateTextField("their work", max_length=2_000, blank=True)
    in_common = PrivateTextField("what you have in common", max_length=2_000, blank=True)
    who_knows_them = PrivateTextField("who knows them", max_length=2_000, blank=True)
    why_now = PrivateTextField("why now", max_length=2_000, blank=True)
    # The plan: the number of follow-ups to a question, and the working days before each.
    nudges = models.PositiveSmallIntegerField(default=1)
    first_after = models.PositiveSmallIntegerField(default=10, help_text="working days")
    second_after = models.PositiveSmallIntegerField(default=10, help_text="working days")
    third_after = models.PositiveSmallIntegerField(default=10, help_text="working days")
    replied_at = models.DateTimeField(null=True, blank=True, help_text="UTC")
    rest_until = models.DateField(null=True, blank=True, help_text="local date")
    opened_at = models.DateTimeField(default=timezone.now)
    stage_since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ApproachQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "approaches"
        ordering = ["-stage_since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(outcome="", rest_until__isnull=True),
                name="approach_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True) | ~Q(outcome="") & Q(ended_at__isnull=False),
                name="approach_outcome_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["shortlisted", "preparing", "approached", "initial", "follow_up", "requested"]),
                name="approach_stage_known",
            ),
            models.CheckConstraint(condition=Q(nudges__gte=0, nudges__lte=3), name="approach_at_most_three_nudges"),
            models.CheckConstraint(
                condition=Q(first_after__range=(1, 60), second_after__range=(1, 60), third_after__range=(1, 60)),
                name="approach_nudges_in_time",
            ),
        ]
        indexes = [models.Index(fields=["owner", "outcome", "stage"], name="approach_of_owner")]

    def __str__(self) -> str:
        return f"Approach to {self.person}"

    def get_absolute_url(self) -> str:
        return reverse("approach", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Neither ended nor resting."""
        return not self.outcome and self.rest_until is None

    @property
    def waits(self) -> list[int]:
        """The plan: after how many working days each follow-up is due."""
        return [self.first_after, self.second_after, self.third_after][: self.nudges]

    @property
    def plan_key(self) -> str:
        """The plan as text for the page's form, to detect changes made in another tab."""
        return "-".join(map(str, (self.nudges, self.first_after, self.second_after, self.third_after)))


class ApproachNeed(Owned):
    approach = models.ForeignKey(Approach, on_delete=models.CASCADE, related_name="+")
    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approach", "need"], name="approach_need_once")]

    def __str__(self) -> str:
        return f"{self.approach_id} {self.need_id}"


class ApproachEvent(Owned):
    """A change of an approach, with its time and the previous values, so that the latest can be undone."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Shortlisted"
        SENT = "sent", "Sent"
        REPLIED = "replied", "They replied"
        BOUNCED = "bounced", "Could not be delivered"
        PLANNED = "planned", "Conversation planned"
        CALLED_OFF = "called_off", "Conversation called off"
        HELD = "held", "Conversation held"
        MOVED = "moved", "Moved"
        ENDED = "ended", "Ended"
        RESTED = "rested", "Left to rest"
        WOKEN = "woken", "Taken up again"

    row_access = {Role.WORKER: READ}
    approach = models.ForeignKey(Approach, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now, help_text="UTC")
    what = models.CharField(max_length=300, help_text="a short sentence for the user's eyes")
    message = models.ForeignKey(
        "outreach.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    stage = models.CharField(max_length=12, choices=Approach.Stage.choices, help_text="the stage from then on")
    stage_before = models.CharField(max_length=12, choices=Approach.Stage.choices, blank=True)
    outcome_before = models.CharField(max_length=10, choices=Approach.Outcome.choices, blank=True)
    replied_before = models.DateTimeField(null=True, blank=True)
    rest_before = models.DateField(null=True, blank=True)
    since_before = models.DateTimeField(null=True, blank=True, help_text="UTC; empty for the opening")
    ended_before = models.DateTimeField(null=True, blank=True, help_text="UTC")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.what


class FollowUp(Owned):
    """A planned follow-up: reminds the user to write again. Any answer or contact stops it."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        DONE = "done", "Written"
        STOPPED = "stopped", "Not needed any more"

    row_access = {Role.WORKER: READ}
    approach = models.ForeignKey(Approach, on_delete=models.CASCADE, related_name="follow_ups")
    number = models.PositiveSmallIntegerField(default=1, help_text="within the approach")
    turn = models.PositiveSmallIntegerField(default=1, help_text="to one question: the first, second or third")
    after = models.PositiveSmallIntegerField(default=10, help_text="working days after what it follows")
    due_on = models.DateField(help_text="local date")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    stopped_because = models.CharField(max_length=100, blank=True)
    planned_by = models.ForeignKey(ApproachEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closed_by = models.ForeignKey(
        ApproachEvent,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the sign of life that stopped it, or the follow-up that was sent",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["approach", "number"], name="follow_up_number_once"),
            models.CheckConstraint(condition=Q(turn__gte=1, turn__lte=3), name="follow_up_at_most_three"),
        ]

    def __str__(self) -> str:
        return f"Follow-up {self.number} on {self.due_on}"

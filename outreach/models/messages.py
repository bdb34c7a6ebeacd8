from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateCharField, PrivateJSONField, PrivateTextField
from outreach.models.approaches import Approach
from outreach.models.introductions import Introduction
from portfolio.models import Mentorship, Person


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    LINKEDIN_NOTE = "li_note", "LinkedIn connection note"
    LINKEDIN_MESSAGE = "li_message", "LinkedIn message"
    INMAIL = "inmail", "LinkedIn InMail"
    PHONE = "phone", "Phone"
    IN_PERSON = "in_person", "In person"
    OTHER = "other", "Other, online"


class Purpose(models.TextChoices):
    FIRST_APPROACH = "first_approach", "First approach"
    INTRODUCTION = "introduction", "Introduction request"
    FOLLOW_UP = "follow_up", "Gentle follow-up"
    THANK_YOU = "thank_you", "Thank-you after a conversation"
    FOLLOW_UP_CONVERSATION = "conversation", "Follow-up conversation"
    MENTORING_REQUEST = "request", "Mentoring request"
    GRACEFUL_DECLINE = "decline", "Answer to a no"
    CLOSING_THANKS = "closing", "Closing thanks"


class MessageTemplate(Owned):
    """Subject and body with merge fields, for one purpose. Starters live in code; this is the user's own copy."""

    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    name = models.CharField(max_length=100)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(max_length=20_000)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["purpose", "position", "pk"]
        indexes = [models.Index(fields=["owner", "purpose"], name="template_of_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("template", args=[self.pk])


class Message(Owned):
    """A message to or from a person. A draft keeps its merge fields; a sent message has frozen text."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        RECEIVED = "received", "Received"

    row_access = {Role.WORKER: READ}
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="messages")
    approach = models.ForeignKey(Approach, null=True, blank=True, on_delete=models.CASCADE, related_name="messages")
    introduction = models.ForeignKey(
        Introduction, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    mentorship = models.ForeignKey(Mentorship, null=True, blank=True, on_delete=models.CASCADE, related_name="messages")
    purpose = models.CharField(max_length=16, choices=Purpose.choices, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    in_reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies")
    subject = PrivateCharField(max_length=300, blank=True)
    body = PrivateTextField(max_length=20_000, blank=True)
    field_values = PrivateJSONField(
        default=dict, blank=True, help_text="what was typed for the merge fields of this person"
    )
    put_away = models.JSONField(default=list, blank=True, help_text="the coach's advice the user has put away, by key")
    conflicts = PrivateJSONField(
        db_column="beside",  # its name in releases before 2026-12, kept so that no table is rewritten
        default=list,
        blank=True,
        help_text="what other tabs saved, see outreach.drafts.conflicts",
    )
    sent_subject = PrivateCharField(max_length=600, blank=True)
    sent_body = PrivateTextField(blank=True)
    sent_to = models.EmailField(max_length=254, blank=True)
    at = models.DateTimeField(null=True, blank=True, help_text="sent, handed over or received, UTC")
    message_id = models.CharField(
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text="of the mail as it went, by which its answers name it; without brackets",
    )
    recorded_by = models.ForeignKey(
        "mail.IncomingMail",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the mail from which this was noted by itself",
    )
    send_at = models.DateTimeField(null=True, blank=True, help_text="when to be reminded to send it, UTC")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approach__isnull=False, introduction__isnull=True, mentorship__isnull=True)
                | Q(approach__isnull=True, introduction__isnull=False, mentorship__isnull=True)
                | Q(approach__isnull=True, introduction__isnull=True, mentorship__isnull=False),
                name="message_belongs_to_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", at__isnull=True) | ~Q(state="draft") & Q(at__isnull=False),
                name="message_draft_has_no_time",
            ),
        ]
        indexes = [
            models.Index(fields=["approach", "created_at"], name="message_of_approach"),
            models.Index(fields=["owner", "state"], name="message_of_owner"),
            models.Index(fields=["owner", "message_id"], condition=~Q(message_id=""), name="message_by_id"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display() or 'Message'} ({self.get_state_display().lower()})"

    def get_absolute_url(self) -> str:
        return reverse("message", args=[self.pk])

    @property
    def stands(self) -> str:
        """Its state in words, depending on the channel: rung, spoken or sent."""
        spoken = {Channel.PHONE: "You rang", Channel.IN_PERSON: "You spoke"} if self.state == self.State.SENT else {}
        return spoken.get(Channel(self.channel), str(self.get_state_display()))

    def back_to_draft(self) -> None:
        """Turn a sent message back into the draft it was, without the frozen text."""
        self.state, self.at = self.State.DRAFT, None
        self.sent_subject = self.sent_body = self.sent_to = self.message_id = ""
        self.recorded_by = None
        self.save(update_fields=["state", "at", "sent_subject", "sent_body", "sent_to", "message_id", "recorded_by"])

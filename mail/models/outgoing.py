from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.ownership import Owned, OwnedQuerySet, owner_in_another_index
from accounts.policies import WRITE, Access, Role


class OutgoingMail(models.Model):
    """One outgoing mail. These rows are the queue; see ``mail.engine`` for the states.

    Every time is a UTC instant. ``owner`` is empty for mail to an address without an account, such as a
    confirmation.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting"
        CLAIMED = "claimed", "taken up by a worker"
        FROZEN = "frozen", "written"
        SENDING = "sending", "being handed over"
        SENT = "sent", "accepted by the mail server"
        FAILED = "failed", "could not be sent"
        UNCERTAIN = "uncertain", "may have been sent"
        EXPIRED = "expired", "no longer true, so not sent"
        CANCELLED = "cancelled", "cancelled"
        ASIDE = "aside", "set aside by whoever runs this site"
        STOPPED = "stopped", "stopped before it was sent"

    class Audience(models.TextChoices):
        USER = "user", "the user"
        MENTOR = "mentor", "a mentor"
        OWN = "own", "a mentor, from the user’s own mailbox"  # never from this site: mail.connected.sending

    class Priority(models.IntegerChoices):
        SIGN_IN = 0, "signing in"
        USUAL = 10, "usual"

    OPEN = (State.QUEUED, State.CLAIMED, State.FROZEN, State.SENDING)

    row_access: ClassVar[Access] = {Role.WORKER: WRITE, Role.OPERATOR: WRITE}
    # No separate index: mail_by_owner starts with the owner, and every step of a mail has to update each index.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    purpose = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True, blank=True, help_text="what `prepare` of the purpose needs")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.USER)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.USUAL)
    recipient = models.EmailField(max_length=254)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField(default=timezone.now, help_text="not before; after a refusal, when to try again")
    expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    subject = models.CharField(max_length=998, blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    content = models.BinaryField(null=True, blank=True, help_text="the frozen bytes; purged some days after sending")
    may_be_there = models.BooleanField(
        default=False,
        help_text="a try ended without an answer: somebody may have these bytes, so they stay",
    )
    created_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "subject_id"],
                condition=Q(subject_id__isnull=False),
                name="mail_once_per_subject",
            ),
            models.UniqueConstraint(fields=["message_id"], condition=~Q(message_id=""), name="mail_message_id_unique"),
            models.CheckConstraint(
                condition=~Q(state__in=["frozen", "sending"]) | Q(content__isnull=False),
                name="mail_frozen_has_content",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "frozen", "sending"])
                | Q(claim_token__isnull=False, lease_until__isnull=False),
                name="mail_in_hand_has_a_lease",
            ),
        ]
        indexes = [
            # Only unsent mail, so that claiming stays fast however much was sent.
            models.Index(fields=["priority", "due_at"], condition=Q(state="queued"), name="mail_queued"),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["claimed", "frozen", "sending"]),
                name="mail_in_hand",
            ),
            models.Index(
                fields=["-created_at"], condition=Q(state__in=["failed", "uncertain"]), name="mail_in_trouble"
            ),
            models.Index(fields=["owner", "-created_at"], name="mail_by_owner"),
            models.Index(
                fields=["due_at"],
                condition=Q(content__isnull=False) & ~Q(state__in=["queued", "claimed", "frozen", "sending"]),
                name="mail_to_purge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.recipient} ({self.state})"


class SuppressedAddress(models.Model):
    """A mailbox to which nothing goes on behalf of users. It belongs to the site, so it outlives every account.

    Mail that its owner asks for, such as to sign in, still goes.
    """

    class Reason(models.TextChoices):
        ASKED = "asked", "stopped by the recipient"
        BOUNCED = "bounced", "does not exist"
        COMPLAINT = "complaint", "complained"
        OPERATOR = "operator", "stopped by whoever runs this site"

    key = models.CharField(max_length=320, unique=True, help_text="the same for all spellings: accounts.mailboxes")
    address = models.EmailField(max_length=254, help_text="as it was written to")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True, help_text="for whoever runs this site")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.address}: {self.get_reason_display()}"


class SendingDay(models.Model):
    """How many people were written to for the first time on one UTC day, by one sender or by the whole site.

    ``sender`` is a digest of the user's own address, so that an account that is erased and made anew the same day
    doesn't begin at nought. Rows are deleted after a week.
    """

    sender = models.CharField(max_length=64, blank=True, help_text="empty for the whole site")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "day"], name="sending_day_once")]

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"


class MailMonth(Owned):
    """How much a user was mailed in one month (UTC), counted when the mails themselves are deleted."""

    row_access = {Role.WORKER: WRITE}
    owner = owner_in_another_index()
    month = models.DateField(help_text="its first day")
    to_user = models.PositiveIntegerField(default=0, db_default=0, help_text="mails to the user")
    to_others = models.PositiveIntegerField(default=0, db_default=0, help_text="mails to mentors")
    reminders = models.PositiveIntegerField(default=0, db_default=0, help_text="told in the mails to the user")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("-month",)
        constraints = [models.UniqueConstraint(fields=["owner", "month"], name="mail_month_once")]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}"


class Heartbeat(models.Model):
    """The last heartbeat of beat or a worker."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S} UTC"

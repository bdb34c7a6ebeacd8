from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import Job
from accounts.models import StoredFile
from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Access, Role
from accounts.private_notes import PrivateCharField, PrivateTextField
from mail.models.connected import ConnectedMailbox


class DropAddress(Owned):
    """An address of ours that only its user knows: what arrives there is a copy of their own mail. See ``mail.drops``.

    It takes mail until it is ended; a renewed one is a new row.
    """

    # Whose it is, is asked before anything is known of the mail; by a webhook without anybody signed in.
    row_access: ClassVar[Access] = {Role.WORKER: READ, Role.LINK: READ}
    local = models.CharField(max_length=40, unique=True, help_text="before the @, in small letters")
    in_bcc = models.BooleanField("put it into Bcc when I open a letter in my mail program", default=True)
    since = models.DateTimeField(default=timezone.now, help_text="UTC")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="UTC; no mail is taken since")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "drop addresses"
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(ended_at__isnull=True), name="drop_address_one_open")
        ]

    def __str__(self) -> str:
        return f"the drop address of {self.since:%-d %B %Y}"


class IncomingMail(Job):
    """A mail that came to a user's drop address, or was found in their connected mailbox. It is a row before anything
    is read of it; see ``mail.arrivals``.

    ``kind`` and all below it is what was understood. The bytes in ``file`` are deleted as soon as nobody needs them.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "Waiting to be read"
        APPLIED = "applied", "Noted"
        ASKS = "asks", "Asks where it belongs"
        NOTHING = "nothing", "Nothing to note"
        TWICE = "twice", "Here already"
        WRONG = "wrong", "Taken back"
        ASIDE = "aside", "Could not be read"

    drop = models.ForeignKey(DropAddress, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    mailbox = models.ForeignKey(ConnectedMailbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    folder = models.CharField(max_length=10, blank=True, help_text="where in the mailbox: inbox or sent")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the bytes, so that the same ones count once")
    envelope_sender = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=list, help_text="to which of our addresses it came, tags and all")
    checks = models.CharField(
        max_length=500,
        blank=True,
        help_text="what a mail provider found out, as in Authentication-Results",
    )
    received_at = models.DateTimeField(default=timezone.now, help_text="UTC")

    kind = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=500, blank=True, help_text="a sentence for the user")
    sender = models.CharField(max_length=320, blank=True, help_text="whose words these are")
    sender_name = models.CharField(max_length=200, blank=True)
    message_id = models.CharField(max_length=255, blank=True, help_text="without brackets, in small letters")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="UTC; what the mail says")
    subject = PrivateCharField(max_length=300, blank=True)
    words = PrivateTextField(blank=True, help_text="what was written, without what was quoted")
    noted = models.JSONField(default=dict, blank=True, help_text="what was recorded, so that it can be taken back")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "mail that came in"
        verbose_name_plural = "mails that came in"
        ordering = ["-received_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "digest"], name="incoming_mail_bytes_once")]
        indexes = [
            models.Index(fields=["owner", "state"], name="incoming_mail_of_owner"),
            models.Index(fields=["owner", "message_id"], name="incoming_mail_by_id"),
            models.Index(fields=["due_at"], condition=~Q(work=""), name="incoming_mail_to_read"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.kind or 'a mail'}"

    def get_absolute_url(self) -> str:
        return f"{reverse('incoming_mail')}#mail-{self.pk}"

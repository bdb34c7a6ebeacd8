from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import Job
from accounts.ownership import OwnedQuerySet
from accounts.private_notes import SecretTextField


class ConnectedMailbox(Job):
    """The user's own mailbox, which workers read, and from which letters go in the user's name.

    ``work`` is "read" (which also sends what waits), or empty while only its user can mend it; ``due_at`` says when the
    next time is. See ``mail.connected``.
    """

    class Provider(models.TextChoices):
        IMAP = "imap", "IMAP and SMTP"
        GOOGLE = "google", "Gmail"
        MICROSOFT = "microsoft", "Microsoft 365"

    class Security(models.TextChoices):
        TLS = "tls", "TLS"
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", "none"  # only on hosts of OUTBOUND_ALLOWED

    provider = models.CharField(max_length=10, choices=Provider.choices, default=Provider.IMAP)
    address = models.EmailField(max_length=254, help_text="letters go out from it")
    host = models.CharField(max_length=253, help_text="who keeps it: those at one host wait together if it is down")

    username = models.CharField(max_length=254, blank=True)
    password = SecretTextField(max_length=1_000, blank=True)
    imap_host = models.CharField(max_length=253, blank=True)
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=10, choices=Security.choices, default=Security.TLS)
    smtp_host = models.CharField(max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(default=465)
    smtp_security = models.CharField(max_length=10, choices=Security.choices, default=Security.TLS)

    refresh_token = SecretTextField(max_length=10_000, blank=True)
    access_token = SecretTextField(max_length=10_000, blank=True)
    token_ends_at = models.DateTimeField(null=True, blank=True, help_text="UTC")

    bookmark = models.JSONField(default=dict, blank=True, help_text="up to where it was read; the provider's own")
    read_at = models.DateTimeField(null=True, blank=True, help_text="UTC, when it could last be read")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="UTC")
    failures = models.PositiveSmallIntegerField(default=0, help_text="since it could last be read")
    cannot_send = models.CharField(max_length=500, blank=True, help_text="why no letter can go from it, for the user")
    tested_at = models.DateTimeField(null=True, blank=True, help_text="UTC, when both ways were last tried")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "connected mailbox"
        verbose_name_plural = "connected mailboxes"
        constraints = [models.UniqueConstraint(fields=["owner"], name="connected_mailbox_one_a_user")]
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(work=""), name="connected_mailbox_due"),
            models.Index(fields=["host", "due_at"], name="connected_mailbox_of_host"),
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="connected_mailbox_held"),
        ]

    def __str__(self) -> str:
        return "Your mailbox"

    def get_absolute_url(self) -> str:
        return reverse("connected_mailbox")

    @property
    def needs_its_user(self) -> bool:
        """Its password or permission no longer holds."""
        return not self.work

    @property
    def may_be_read_now(self) -> bool:
        return self.read_at is None or self.read_at < timezone.now() - dt.timedelta(minutes=1)

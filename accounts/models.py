from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import zones
from accounts.devices import device, network
from accounts.jobs import Job
from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import FORGET, READ, WRITE, Access, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person looking for mentors. The e-mail address is the login."""

    email = models.EmailField("e-mail address", max_length=254)
    name = models.CharField("your name", max_length=120, blank=True)
    organisation = models.CharField(
        "where you work", max_length=200, blank=True, help_text="to tell who stands outside it"
    )
    time_zone = models.CharField(max_length=64, default=zones.DEFAULT_ZONE, help_text="IANA name")
    country = models.CharField(max_length=2, default="GB", help_text="ISO 3166 code, for bank holidays")
    reminder_time = models.TimeField(default=dt.time(9, 0), help_text="local wall time")
    working_days = models.CharField(
        max_length=7,
        default="12345",
        validators=[RegexValidator(r"^1?2?3?4?5?6?7?$")],
        help_text="ISO weekdays, Monday is 1",
    )
    weekly_mail = models.BooleanField(default=False, help_text="one mail a week instead of one a morning")
    weekly_on = models.PositiveSmallIntegerField(default=1, help_text="ISO weekday of the week's mail, Monday is 1")
    away_until = models.DateField(null=True, blank=True, help_text="the last local day away")
    remind_replies = models.BooleanField(default=True)
    remind_meetings = models.BooleanField(default=True)
    mail_before_talks = models.BooleanField(
        default=False, help_text="what to know of a meeting, in the mail of its morning"
    )
    remind_gentle = models.BooleanField(default=True)
    off_link_version = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="raise it to revoke the links in mails that turn reminders off"
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    erase_at = models.DateTimeField(
        null=True, blank=True, help_text="UTC; when the account is erased, if its user asked for it"
    )
    session_version = models.PositiveIntegerField(default=0, db_default=0, help_text="raise it to end all sessions")

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_case"),
            models.CheckConstraint(condition=~models.Q(working_days=""), name="user_has_a_working_day"),
            models.CheckConstraint(condition=models.Q(weekly_on__range=(1, 7)), name="user_weekly_on_a_weekday"),
        ]
        indexes = [
            models.Index(fields=["erase_at"], condition=models.Q(erase_at__isnull=False), name="user_to_erase"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_session_auth_hash(self) -> str:
        """What a session must know to go on: it changes with the password and with ``session_version``."""
        return self._versioned(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under the former SECRET_KEYs."""
        return (self._versioned(former) for former in super().get_session_auth_fallback_hash())

    def _versioned(self, session_hash: str) -> str:
        # The first version is Django's own hash, so that sessions from before this column existed go on.
        return f"{session_hash}:{self.session_version}" if self.session_version else session_hash

    @property
    def is_here(self) -> bool:
        """Whether the account is in use: neither switched off nor about to be erased."""
        return self.is_active and self.erase_at is None

    @property
    def zone(self) -> ZoneInfo:
        return zones.zone(self.time_zone)

    @property
    def first_name(self) -> str:
        """The first word of the name that is not a title."""
        return first_name(self.name)

    @property
    def weekly_day_name(self) -> str:
        return calendar.day_name[self.weekly_on - 1]

    def local(self, instant: dt.datetime) -> dt.datetime:
        """A UTC instant as local time in this user's time zone."""
        return instant.astimezone(self.zone)

    def today(self) -> dt.date:
        """The local date where the user is."""
        return self.local(timezone.now()).date()


class FailedSignIn(models.Model):
    """Wrong passwords of one kind: of an address from a network or device, of an address, or of a network.

    The key is a keyed hash, so that the table tells nobody's address or network: see ``accounts.sign_in_limits``.
    """

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    blocked_until = models.DateTimeField(null=True, blank=True)


class AddressChange(models.Model):
    """A change of the addresses a user signs in with, which a link in the notice undoes: see ``accounts.addresses``.

    ``before`` and ``after`` list the addresses, each as [address, confirmed, main].
    """

    row_access: ClassVar[Access] = {Role.LINK: READ, Role.WORKER: FORGET}
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    before = models.JSONField()
    after = models.JSONField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-pk")


class SecurityEvent(models.Model):
    """A row of the security log, never changed: see ``accounts.security_log``.

    No constraint ties it to the user, because a cascade would have to delete rows that nobody may delete one by one.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", "Signed in"
        WRONG_PASSWORDS = "wrong_passwords", "Several wrong passwords"
        PASSWORD = "password", "New password"
        ADDRESSES = "addresses", "Addresses changed"
        ADDRESSES_BACK = "addresses_back", "Addresses put back"
        FACTOR_ADDED = "factor_added", "Another way to prove it’s you added"
        FACTOR_REMOVED = "factor_removed", "A way to prove it’s you removed"
        EXPORT_ASKED = "export_asked", "A download of everything asked for"
        EXPORT = "export", "Everything downloaded"
        RESTORED = "restored", "An export brought in"
        SHARED = "shared", "A private page for a mentor"
        CALENDAR = "calendar", "The private calendar address"
        OPERATOR = "operator", "Done as an operator"
        LEAVING = "leaving", "Asked to delete the account"
        KEPT = "kept", "The account kept after all"

    row_access: ClassVar[Access] = {Role.WORKER: WRITE}
    owner = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    what = models.CharField(max_length=200, blank=True)
    network = models.CharField(max_length=50, blank=True, help_text="roughly where from")
    agent = models.CharField(max_length=200, blank=True, help_text="what the browser calls itself")

    class Meta:
        ordering = ("-at", "-pk")

    @property
    def device(self) -> str:
        """In words: "Firefox on Windows"; empty if nothing was done in a browser."""
        return device(self.agent) if self.agent else ""

    @property
    def where(self) -> str:
        """The rough network in words: "82.13.4.x"."""
        return network(self.network) if self.network else ""


class SignUpLink(models.Model):
    """A link that lets people sign up where not everybody may. See :mod:`accounts.sign_up`."""

    note = models.CharField(max_length=200, blank=True, help_text="for whom; only whoever runs the site sees it")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    uses = models.PositiveSmallIntegerField(help_text="how many accounts it may make")
    used = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(used__lte=models.F("uses")), name="sign_up_link_not_overused"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.note}" if self.note else f"{self.pk}"


TITLES = {"dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "lord", "lady", "rev"}


# Qualifications that may follow a name and a comma: "Gwen Abara, PhD".
LETTERS = {"phd", "dphil", "md", "mba", "ma", "msc", "mph", "ba", "bsc", "rn", "obe", "mbe", "cbe", "jr", "sr", "frcp"}
PARTICLES = {"van", "von", "de", "der", "den", "di", "da", "la", "le", "ter", "al", "el"}


def first_name(name: str) -> str:
    """The first word of a name that is not a title: "Prof. Gwen Abara" is Gwen, and so is "Abara, Gwen".

    Empty for an empty name.
    """
    family, _, given = name.partition(",")
    surname, words = _untitled(family), _untitled(given)
    turned = len(surname) == 1 or (surname and surname[0] in PARTICLES)
    if surname and not (turned and words and words[0].replace(".", "").rstrip(",").lower() not in LETTERS | TITLES):
        words = surname
    return words[0].rstrip(",") if words else ""


def _untitled(name: str) -> list[str]:
    words = name.split()
    while len(words) > 1 and words[0].rstrip(".").lower() in TITLES:
        words.pop(0)
    return words


class StoredFile(Owned):
    """A file of a user, in the database: what they upload until it is read, an export until it has been fetched.

    In the database, because web and workers share it, and because it is then erased, backed up and kept apart with
    everything else of its owner. See ``accounts.stored_files``.
    """

    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    created_at = models.DateTimeField(default=timezone.now, help_text="UTC")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class StoredPart(Owned):
    """A part of a file, encrypted. All parts but the last are equally long."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField(help_text="from 0")
    data = models.BinaryField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="stored_part_once")]

    def __str__(self) -> str:
        return f"part {self.number} of {self.file_id}"


class Export(Job):
    """Everything of a user as one zip, made in the background and kept for some days: see ``accounts.export``."""

    KEPT: ClassVar[dt.timedelta] = dt.timedelta(days=3)

    asked_at = models.DateTimeField(default=timezone.now, help_text="UTC")
    ready_at = models.DateTimeField(null=True, blank=True, help_text="UTC")
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    directory = models.JSONField(default=list, blank=True, help_text="what the zip holds so far")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=~models.Q(work=""), name="export_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"Export of {self.asked_at:%d %B %Y}"

    @property
    def kept_until(self) -> dt.datetime | None:
        return self.ready_at + self.KEPT if self.ready_at else None


class Restore(Job):
    """The zip of an export, from which an account is filled that has nothing in it yet: see ``accounts.export``."""

    KEPT: ClassVar[dt.timedelta] = dt.timedelta(days=1)  # a file that could not be brought in

    asked_at = models.DateTimeField(default=timezone.now, help_text="UTC")
    ready_at = models.DateTimeField(null=True, blank=True, help_text="UTC")
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=~models.Q(work=""), name="restore_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"Restored on {self.asked_at:%d %B %Y}"

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from accounts.models import first_name
from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateCharField, PrivateTextField, searchable
from portfolio.text.normalise import apart, fold, sort_key

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField


def search_words(text: str) -> list[str]:
    """The search terms: the first ten words, folded."""
    return fold(text).split()[:10]


class PersonQuerySet(OwnedQuerySet["Person"]):
    def matching(self, words: str) -> PersonQuerySet:
        """People with every word in name, role, organisation, tags, addresses or notes, ignoring case and accents.

        Encrypted notes are not searched.
        """
        return self.with_words(search_words(words))

    def with_words(self, words: list[str]) -> PersonQuerySet:
        """The same, for the result of :func:`search_words`."""
        found = self
        for word in words:
            found = found.filter(search_text__contains=word)
        return found

    def called(self, name: str) -> PersonQuerySet:
        """People with exactly this name, ignoring case and accents."""
        return self.filter(search_text__startswith=f"{fold(name)}\n")

    def named(self, word: str) -> PersonQuerySet:
        """People with this word in their name, ignoring case and accents."""
        folded = fold(word)
        first_line = f"^[^\n]*{re.escape(folded)}"
        return self.filter(search_text__contains=folded, search_text__regex=first_line)

    def working_at(self, words: str) -> PersonQuerySet:
        """People with these words in the name of their organisation, ignoring case and accents."""
        folded = fold(words)
        third_line = f"^[^\n]*\n[^\n]*\n[^\n]*{re.escape(folded)}"
        return self.filter(search_text__contains=folded, search_text__regex=third_line)


class Person(Owned):
    """Someone in the user's network. They need no account and never see this data."""

    class Source(models.TextChoices):
        CIRCLE = "circle", "Immediate professional circle"
        BODY = "body", "Professional body"
        FRIEND = "friend", "Friend of a friend"
        ACADEMIC = "academic", "Academic institution"
        LINKEDIN = "linkedin", "LinkedIn"
        OTHER = "other", "Somewhere else"

    row_access = {Role.WORKER: READ}
    name = models.CharField(max_length=200)
    headline = models.CharField("role or headline", max_length=300, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    sector = models.CharField(max_length=120, blank=True)
    source = models.CharField("how you know them", max_length=10, choices=Source.choices, default=Source.CIRCLE)
    source_detail = models.CharField("a word more", max_length=300, blank=True)
    place = models.ForeignKey(
        "portfolio.PlaceToLook", null=True, blank=True, on_delete=models.SET_NULL, related_name="people"
    )
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name, if known")
    notes = PrivateTextField(max_length=20_000, blank=True)
    tags: models.ManyToManyField[Tag, PersonTag] = models.ManyToManyField(
        "Tag", through="PersonTag", related_name="people"
    )
    search_text = models.TextField(editable=False, default="", help_text="what a search looks through, folded")
    name_key = models.BinaryField(max_length=200, editable=False, default=b"", help_text="what the name sorts by")
    organisation_key = models.BinaryField(max_length=200, editable=False, default=b"", help_text="the same for it")
    sector_words = models.TextField(editable=False, default="", help_text="its words, folded, a blank around each")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PersonQuerySet.as_manager()

    FOLDED = ("search_text", "name_key", "organisation_key", "sector_words")

    class Meta:
        ordering = ["name_key", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="person_has_a_name"),
            models.CheckConstraint(
                condition=Q(source__in=["circle", "body", "friend", "academic", "linkedin", "other"]),
                name="person_source_known",
            ),
        ]
        indexes = [models.Index(fields=["owner", "name_key", "id"], name="person_of_owner_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("person", args=[self.pk])

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        self.fold()
        if update_fields is not None:
            update_fields = {*update_fields, *self.FOLDED, "updated_at"}
        super().save(update_fields=update_fields, **kwargs)

    def fold(self, *, tags: Iterable[str] | None = None, emails: Iterable[str] | None = None) -> None:
        """Fill the columns for searching and sorting. ``save`` calls it; bulk writes must call it themselves, with the
        tags and addresses that are still to be written.

        Each part is a line: the name is the first line, the organisation the third, and the last the notes, which
        stays empty where notes are encrypted.
        """
        if tags is None:
            tags = [tag.name for tag in self.tags.all()] if self.pk else []
        if emails is None:
            emails = [email.address for email in self.emails.all()] if self.pk else []
        parts = (self.name, self.headline, self.organisation, *tags, *emails, searchable(self.notes))
        self.search_text = "\n".join(fold(part) for part in parts)
        self.name_key, self.organisation_key = sort_key(self.name), sort_key(self.organisation)
        self.sector_words = apart(self.sector)

    @property
    def first_name(self) -> str:
        return first_name(self.name)

    @property
    def email(self) -> str:
        """The first e-mail address; empty if none is known."""
        return next((e.address for e in self.emails.all()), "")

    @property
    def role(self) -> str:
        """Headline and organisation in one line, as far as known."""
        return ", ".join(part for part in (self.headline, self.organisation) if part)


class PersonEmail(Owned):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="emails")
    address = models.EmailField(max_length=254)
    position = models.PositiveSmallIntegerField(default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "e-mail address"
        verbose_name_plural = "e-mail addresses"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("person", Lower("address"), name="person_email_once"),
        ]
        indexes = [models.Index("owner", Lower("address"), name="person_email_of_owner")]

    def __str__(self) -> str:
        return self.address


class PersonPhone(Owned):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "telephone number"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "number"], name="person_phone_once")]

    def __str__(self) -> str:
        return self.number


_PROFILE = re.compile(r"https?://(?:[a-z0-9-]+\.)*linkedin\.com/(?:in|pub)/([^/?#]+)", re.IGNORECASE)


def profile_in(url: str) -> str:
    """The name of the profile on LinkedIn that an address leads to, however it is written; empty for any other."""
    found = _PROFILE.match(url)
    return fold(unquote(found[1]))[:120] if found else ""


class ProfileField(_CharField):
    """Filled from ``url`` by whatever writes the row, in bulk, too."""

    def deconstruct(self) -> Any:
        """In migrations, it is what it is for the database."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = profile_in(model_instance.url)  # type: ignore[attr-defined]  # of a PersonLink
        setattr(model_instance, self.attname, value)
        return value


class PersonLink(Owned):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="links")
    url = models.URLField(max_length=500)
    profile = ProfileField(max_length=120, editable=False, default="", help_text="its name on LinkedIn")
    position = models.PositiveSmallIntegerField(default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "link"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "url"], name="person_link_once")]
        indexes = [
            models.Index(fields=["owner", "profile"], condition=~Q(profile=""), name="person_link_by_profile"),
        ]

    def __str__(self) -> str:
        return self.url


class Tag(Owned):
    name = models.CharField(max_length=50)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("owner", Lower("name"), name="tag_once")]

    def __str__(self) -> str:
        return self.name


class PersonTag(Owned):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "tag"
        constraints = [models.UniqueConstraint(fields=["person", "tag"], name="person_tag_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.tag_id}"


class Knows(Owned):
    """One person knows another, so they could make an introduction."""

    knower = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="knows")
    known = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="known_by")
    note = PrivateCharField(max_length=300, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "path for an introduction"
        verbose_name_plural = "paths for an introduction"
        constraints = [
            models.UniqueConstraint(fields=["knower", "known"], name="knows_once"),
            models.CheckConstraint(condition=~Q(knower=F("known")), name="knows_another"),
        ]

    def __str__(self) -> str:
        return f"{self.knower} knows {self.known}"


class Contact(Owned):
    """A contact with a person. Keep-in-touch reminders are counted from the last one."""

    class Kind(models.TextChoices):
        MESSAGE = "message", "A message"
        CALL = "call", "A call"
        MEETING = "meeting", "A meeting"
        OTHER = "other", "Something else"

    row_access = {Role.WORKER: READ}
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    at = models.DateTimeField(default=timezone.now, help_text="UTC")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    note = PrivateCharField(max_length=500, blank=True)
    minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="how long it took, where known",
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["person", "-at"], name="contact_of_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} with {self.person} on {self.at:%d %B %Y}"

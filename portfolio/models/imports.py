from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import Job
from accounts.models import StoredFile
from accounts.ownership import Owned, OwnedQuerySet
from accounts.policies import READ, Role
from accounts.private_notes import PrivateJSONField
from portfolio.models.people import Person


class ContactImport(Job):
    """A file of contacts, from looking at it to having it in one's people, and back.

    Workers read it (``work`` is "read"); nothing is changed yet, and the user chooses. Then they bring it in ("apply"),
    take it back ("undo"), and forget its rows ("forget") when it can't be taken back any more.
    """

    class State(models.TextChoices):
        MAPPING = "mapping", "waits to hear what its columns are"
        READING = "reading", "being read"
        READY = "ready", "read; nothing is changed yet"
        IMPORTING = "importing", "being brought in"
        STOPPED = "stopped", "stopped on the way"
        DONE = "done", "brought in"
        UNDOING = "undoing", "being taken back"
        UNDONE = "undone", "taken back"
        FAILED = "failed", "could not be read"
        FORGOTTEN = "forgotten", "looked at and not brought in"

    class Rule(models.TextChoices):
        SKIP = "skip", "Leave them as they are"
        MERGE = "merge", "Add what is missing"
        OVERWRITE = "overwrite", "Let the file win"

    name = models.CharField(max_length=200, help_text="of the file")
    kind = models.CharField(max_length=10, blank=True, help_text="what it is, as portfolio.contact_files tells")
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    columns = models.JSONField(default=dict, blank=True, help_text="of a table nobody knows: column to field")
    with_private = models.BooleanField(default=False, help_text="birthdays and postal addresses go into the notes")
    source = models.CharField(max_length=10, choices=Person.Source.choices, blank=True, help_text="of new people")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    rule = models.CharField("people you have already", max_length=10, choices=Rule.choices, default=Rule.MERGE)
    tells_posts = models.BooleanField(
        "Tell me once on Today who has a new post", default=True, help_text="a kind reason to write"
    )
    counts = models.JSONField(default=dict, blank=True, help_text="rows by outcome, then by result")
    entries = models.PositiveIntegerField(default=0, help_text="entries of the file that were read")
    at_row = models.PositiveIntegerField(default=0, help_text="number of the last row that was worked through")
    created_at = models.DateTimeField(default=timezone.now, help_text="UTC")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="UTC, when it was brought in")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "import of contacts"
        verbose_name_plural = "imports of contacts"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="contact_import_of_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("contact_import", args=[self.pk])


class ImportRow(Owned):
    """One entry of the file: what it says, whom it means, what is to be done with it, and what was done."""

    class Outcome(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        MAYBE = "maybe", "Perhaps here already"
        SAME = "same", "Here already"
        UNREADABLE = "unreadable", "Not readable"

    class Choice(models.TextChoices):
        SKIP = "skip", "Leave out"
        ADD = "add", "Add as somebody new"
        MERGE = "merge", "Same person: add what is missing"
        OVERWRITE = "overwrite", "Same person: let the file win"

    class Result(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        SAME = "same", "Nothing to change"
        UNDONE = "undone", "Taken back"
        KEPT = "kept", "Kept, because it was changed since"

    batch = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="in the order of the file, from 1")
    line = models.PositiveIntegerField()
    contact = PrivateJSONField(default=dict, blank=True)
    problems = PrivateJSONField(default=list, blank=True, help_text="what could not be read, in words")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    how = models.CharField(max_length=20, blank=True, help_text="how it was recognised")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    same_as = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changes = PrivateJSONField(default=list, blank=True, help_text="see contact_imports.changes")
    merges = models.BooleanField(default=False, help_text="adding what is missing would change something")
    choice = models.CharField(max_length=10, choices=Choice.choices, blank=True, help_text="empty: as the rule says")
    result = models.CharField(max_length=10, choices=Result.choices, blank=True)
    before = PrivateJSONField(default=dict, blank=True, help_text="what taking it back needs")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "row of an import"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "outcome", "choice"], name="import_row_by_outcome")]

    def __str__(self) -> str:
        return f"row {self.number} of import {self.batch_id}"


class ImportKey(Owned):
    """By what a row is recognised (address, profile, name with organisation), so that a later row of the same file is
    found to mean the same person without holding the file in memory."""

    batch = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=300)
    row = models.ForeignKey(ImportRow, on_delete=models.CASCADE, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "key of an imported row"
        constraints = [models.UniqueConstraint(fields=["batch", "key"], name="import_key_once")]

    def __str__(self) -> str:
        return f"key of row {self.row_id}"


class ImportedContact(Owned):
    """What the latest file said about a person, so that the next one can tell what is new and what the user changed."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="imported")
    batch = models.ForeignKey(ContactImport, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    contact = PrivateJSONField(default=dict)
    at = models.DateTimeField(default=timezone.now, help_text="UTC")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "imported contact"

    def __str__(self) -> str:
        return f"what a file said about {self.person_id}"


class NewPost(Owned):
    """A person whose post is another one than in the file before: a kind reason to write."""

    row_access = {Role.WORKER: READ}
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="new_posts")
    batch = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="new_posts")
    post = PrivateJSONField(default=dict, help_text="title and organisation: before and now")
    at = models.DateTimeField(default=timezone.now, help_text="UTC")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="UTC, when the user wrote or let it go")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "new post"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "person"], name="new_post_once")]
        indexes = [
            models.Index(fields=["owner", "at"], condition=Q(settled_at__isnull=True), name="new_post_open"),
        ]

    def __str__(self) -> str:
        return f"a new post of {self.person_id}"

    @property
    def now(self) -> str:
        """What they do, and where."""
        return self._words("headline", "organisation")

    @property
    def before(self) -> str:
        return self._words("headline_before", "organisation_before")

    def _words(self, *names: str) -> str:
        return ", ".join(words for name in names if (words := self.post.get(name)))

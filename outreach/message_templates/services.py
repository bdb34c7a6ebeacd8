"""Changes to a user's own templates: save, reorder, archive and restore."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from accounts.ownership import OwnedQuerySet
from outreach.drafts import merge_fields
from outreach.drafts.readiness import LIMITS, SUBJECT_LIMITS, Ready
from outreach.drafts.services import stored_values
from outreach.drafts.starters import Starter, starter
from outreach.models import Channel, MessageTemplate
from portfolio.models import Person


def _lock_template(owner_id: int) -> OwnedQuerySet[MessageTemplate]:
    """Lock this user's templates until the transaction ends, to serialise concurrent requests."""
    owner = User.objects.select_for_update().get(pk=owner_id)
    return MessageTemplate.objects.for_user(owner)


@transaction.atomic
def keep(*, template: MessageTemplate) -> MessageTemplate:
    """Save it. A new template, or one with a changed purpose, is put at the end of its list."""
    own = _lock_template(template.owner_id)
    before = own.filter(pk=template.pk).values_list("purpose", flat=True).first() if template.pk else None
    if before != template.purpose:
        last = own.filter(purpose=template.purpose).aggregate(last=Max("position"))["last"]
        template.position = 0 if last is None else min(last + 1, 32_767)
    template.save()
    return template


@transaction.atomic
def move(*, template: MessageTemplate, by: int) -> None:
    """Move it up (``by`` -1) or down (1) among the templates for its purpose; does nothing at the end of the list."""
    rows = list(
        _lock_template(template.owner_id)
        .filter(purpose=template.purpose, archived_at__isnull=True)
        .only("pk", "position", "purpose")
    )
    place = next((n for n, other in enumerate(rows) if other.pk == template.pk), None)
    if place is None or not 0 <= place + by < len(rows):
        return
    rows[place], rows[place + by] = rows[place + by], rows[place]
    moved = []
    for position, other in enumerate(rows):
        if other.position != position:
            other.position = position
            moved.append(other)
    MessageTemplate.objects.bulk_update(moved, ["position"], batch_size=200)


def put_away(*, template: MessageTemplate) -> None:
    """Archive it. Drafts made from it do not change."""
    template.archived_at = template.archived_at or timezone.now()
    template.save(update_fields=["archived_at"])


def bring_back(*, template: MessageTemplate) -> None:
    """Restore it at its former place."""
    template.archived_at = None
    template.save(update_fields=["archived_at"])


def source(user: User, key: str) -> MessageTemplate | Starter | None:
    """The template to copy: a starter by key, or one of the user's own by id."""
    if key.isascii() and key.isdecimal() and len(key) < 19:
        return MessageTemplate.objects.for_user(user).filter(pk=int(key)).first()
    return starter(key)


def tried_on(owner: User, person: Person | None, *, channel: str, subject: str, body: str) -> Ready:
    """The template merged for this person; the fields to type on each draft stay marked."""
    values = stored_values(owner, person)
    known = Channel(channel) if channel in Channel.values else Channel.EMAIL
    raw_subject = subject if known in SUBJECT_LIMITS else ""
    merged = merge_fields.merge(raw_subject, values), merge_fields.merge(body, values)
    return Ready(
        subject=merged[0].text,
        body=merged[1].text,
        subject_parts=merge_fields.parts(raw_subject, values),
        body_parts=merge_fields.parts(body, values),
        recipient="",
        obstacles=(),
        channel=known,
        limit=LIMITS.get(known),
    )


def still_open(owner: User, person: Person | None, *, subject: str, body: str) -> list[str]:
    """Sentences about unknown fields, and about fields with no stored value for this person or the user."""
    merged = merge_fields.merge(f"{subject}\n{body}", stored_values(owner, person))
    found = merge_fields.unknown_words(merged.unknown[:5])
    for field in (merge_fields.FIELDS[name] for name in merged.missing):
        if field.kept == "person" and person:
            found.append(f"“{field.label}” is empty for {person.first_name}. A draft to them will ask for it.")
        elif field.kept in {"settings", "brief"}:
            found.append(f"“{field.label}” is still empty. {field.hint}")
    return found

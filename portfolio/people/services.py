"""Replaces a person's addresses, links and tags. Unchanged rows keep their id; concurrent requests are safe.

Save the person afterwards, or call :func:`fold_again` for many: the search column includes tags and addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.bulk import update_rows
from portfolio.models import CouldHelp, Need, Person, PersonEmail, PersonLink, PersonPhone, PersonTag, Tag
from portfolio.models.people import PersonQuerySet
from portfolio.text.normalise import fold

A_BATCH = 200  # rows per statement: below every database's limit of parameters


def replace_emails(person: Person, addresses: Sequence[str]) -> None:
    """Set exactly these e-mail addresses, in this order; compared without case."""
    kept = {email.address.casefold(): email for email in person.emails.all()}
    wanted = {address.casefold(): address for address in addresses}
    PersonEmail.objects.filter(pk__in=[row.pk for key, row in kept.items() if key not in wanted]).delete()
    for position, (key, address) in enumerate(wanted.items()):
        if key in kept:
            PersonEmail.objects.filter(pk=kept[key].pk).update(address=address, position=position)
    new = [
        PersonEmail(owner_id=person.owner_id, person=person, address=address, position=position)
        for position, (key, address) in enumerate(wanted.items())
        if key not in kept
    ]
    PersonEmail.objects.bulk_create(new, ignore_conflicts=True)


def replace_phones(person: Person, numbers: Sequence[str]) -> None:
    """Set exactly these telephone numbers, in this order."""
    kept = {phone.number: phone for phone in person.phones.all()}
    PersonPhone.objects.filter(pk__in=[row.pk for number, row in kept.items() if number not in numbers]).delete()
    for position, number in enumerate(numbers):
        if number in kept:
            PersonPhone.objects.filter(pk=kept[number].pk).update(position=position)
    new = [
        PersonPhone(owner_id=person.owner_id, person=person, number=number, position=position)
        for position, number in enumerate(numbers)
        if number not in kept
    ]
    PersonPhone.objects.bulk_create(new, ignore_conflicts=True)


def replace_links(person: Person, urls: Sequence[str]) -> None:
    """Set exactly these links, in this order."""
    kept = {link.url: link for link in person.links.all()}
    PersonLink.objects.filter(pk__in=[row.pk for url, row in kept.items() if url not in urls]).delete()
    for position, url in enumerate(urls):
        if url in kept:
            PersonLink.objects.filter(pk=kept[url].pk).update(position=position)
    new = [
        PersonLink(owner_id=person.owner_id, person=person, url=url, position=position)
        for position, url in enumerate(urls)
        if url not in kept
    ]
    PersonLink.objects.bulk_create(new, ignore_conflicts=True)


def replace_tags(person: Person, names: Sequence[str]) -> None:
    """Set exactly these tags; creates new ones, and deletes those that nobody has any more."""
    wanted = {name.casefold(): name for name in names}
    before = {tag.name.casefold() for tag in person.tags.all()}
    if before == wanted.keys():
        return
    there = {tag.name.casefold() for tag in Tag.objects.filter(owner_id=person.owner_id)}
    Tag.objects.bulk_create(
        [Tag(owner_id=person.owner_id, name=name) for key, name in wanted.items() if key not in there],
        ignore_conflicts=True,
    )
    tags = [tag for tag in Tag.objects.filter(owner_id=person.owner_id) if tag.name.casefold() in wanted]
    PersonTag.objects.filter(person=person).exclude(tag__in=tags).delete()
    PersonTag.objects.bulk_create(
        [PersonTag(owner_id=person.owner_id, person=person, tag=tag) for tag in tags], ignore_conflicts=True
    )
    Tag.objects.filter(owner_id=person.owner_id, people__isnull=True).delete()


def note_candidate(*, person: Person, need: Need, why: str) -> CouldHelp:
    """Record that this person could help with a need; restores a dismissed idea."""
    idea, _ = CouldHelp.objects.update_or_create(
        owner_id=person.owner_id,
        person=person,
        need=need,
        defaults={"why": why, "state": CouldHelp.State.THOUGHT_OF, "suggested": False},
    )
    return idea


def likely_twins(person: Person) -> PersonQuerySet:
    """People who may be the same person: same name, same address, or same last word of the name."""
    mine = Person.objects.filter(owner_id=person.owner_id).exclude(pk=person.pk)
    addresses = [email.address.lower() for email in person.emails.all()]
    same_address = (
        PersonEmail.objects.filter(owner_id=person.owner_id)
        .annotate(low=Lower("address"))
        .filter(low__in=addresses)
        .values("person")
    )
    surname = fold(person.name).split()[-1:]
    return mine.filter(Q(pk__in=same_address) | Q(pk__in=mine.named(" ".join(surname)).values("pk")))


def fold_again(ids: Iterable[int], **_: object) -> None:
    """Update the search columns of these people after a bulk change of tags, addresses or notes."""
    wanted = list(ids)
    for start in range(0, len(wanted), A_BATCH):
        batch = Person.objects.filter(pk__in=wanted[start : start + A_BATCH])
        people = list(batch.order_by().prefetch_related("tags", "emails"))
        for person in people:
            person.fold()
        update_rows(people, Person.FOLDED)


def dismiss(*, person: Person, need: Need) -> CouldHelp:
    """Dismiss this person for a need. An idea keeps its reason; for a suggestion, a dismissed row is added."""
    idea, created = CouldHelp.objects.get_or_create(
        owner_id=person.owner_id,
        person=person,
        need=need,
        defaults={"state": CouldHelp.State.DISMISSED, "suggested": True},
    )
    if not created:
        idea.state = CouldHelp.State.DISMISSED
        idea.save(update_fields=["state"])
    return idea


def undismiss(idea: CouldHelp) -> None:
    """Undo a dismissal: restores an idea, and allows a suggestion again."""
    if idea.suggested:
        idea.delete()
    else:
        idea.state = CouldHelp.State.THOUGHT_OF
        idea.save(update_fields=["state"])

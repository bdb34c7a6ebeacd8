"""A person's addresses, links and tags, set as a whole. Rows that stay keep their id; two posts at once do no harm.

Save the person afterwards, or :func:`fold_again` many: what a search looks through holds tags and addresses, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.db.models.functions import Lower

from portfolio.models import CouldHelp, Need, Person, PersonEmail, PersonLink, PersonTag, Tag
from portfolio.models.people import PersonQuerySet
from portfolio.text.normalise import fold

A_BATCH = 200  # rows in one statement: below every database's limit of parameters


def replace_emails(person: Person, addresses: Sequence[str]) -> None:
    """Exactly these addresses, in this order; compared without case."""
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


def replace_links(person: Person, urls: Sequence[str]) -> None:
    """Exactly these addresses of pages, in this order."""
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
    """Exactly these tags; new ones are made, and one nobody carries any more goes."""
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
    """Keep the thought that this person could help with that need; thought again, it counts again."""
    idea, _ = CouldHelp.objects.update_or_create(
        owner_id=person.owner_id,
        person=person,
        need=need,
        defaults={"why": why, "state": CouldHelp.State.THOUGHT_OF, "suggested": False},
    )
    return idea


def likely_twins(person: Person) -> PersonQuerySet:
    """Others who may be the same one: of the same name or address, or with the last word of the name."""
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


def fold_again(ids: Iterable[int]) -> None:
    """Write down anew what these people are found by, after their tags or addresses changed in bulk."""
    wanted = list(ids)
    for start in range(0, len(wanted), A_BATCH):
        batch = Person.objects.filter(pk__in=wanted[start : start + A_BATCH])
        people = list(batch.order_by().prefetch_related("tags", "emails"))
        for person in people:
            person.fold()
        Person.objects.bulk_update(people, Person.FOLDED)


def dismiss(*, person: Person, need: Need) -> CouldHelp:
    """Not this person for that need. A thought keeps its why; a mere suggestion is remembered as dismissed."""
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
    """Take a dismissal back: a thought is a thought again, a suggestion may be suggested again."""
    if idea.suggested:
        idea.delete()
    else:
        idea.state = CouldHelp.State.THOUGHT_OF
        idea.save(update_fields=["state"])

"""A person's addresses, links and tags, set as a whole. Rows that stay keep their id; two posts at once do no harm."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.models import CouldHelp, Need, Person, PersonEmail, PersonLink, PersonTag, Tag


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
    """Exactly these tags; new ones are made, and one nobody carries any more goes. Save the person afterwards."""
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


def think_of(*, person: Person, need: Need, why: str) -> CouldHelp:
    """Keep the thought that this person could help with that need; thought again, it counts again."""
    idea, _ = CouldHelp.objects.update_or_create(
        owner_id=person.owner_id,
        person=person,
        need=need,
        defaults={"why": why, "state": CouldHelp.State.THOUGHT_OF, "suggested": False},
    )
    return idea


def not_them(*, person: Person, need: Need) -> CouldHelp:
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


def after_all(idea: CouldHelp) -> None:
    """Take a dismissal back: a thought is a thought again, a suggestion may be suggested again."""
    if idea.suggested:
        idea.delete()
    else:
        idea.state = CouldHelp.State.THOUGHT_OF
        idea.save(update_fields=["state"])

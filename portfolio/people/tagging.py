"""Adds a tag to many people or removes it; each change can be undone."""

from __future__ import annotations

from collections.abc import Collection

from django.db import IntegrityError, transaction

from accounts.models import User
from portfolio.errors import PortfolioError
from portfolio.models import Person, PersonTag, Tag, Undoable
from portfolio.people import undo
from portfolio.people.references import batches
from portfolio.people.services import fold_again


class TagThere(PortfolioError):
    """Another tag has this name."""


def find_tag(owner: User, name: str) -> Tag | None:
    """The user's tag with this name, ignoring case."""
    wanted = name.casefold()
    return next((tag for tag in Tag.objects.for_user(owner) if tag.name.casefold() == wanted), None)


@transaction.atomic
def tag_people(*, owner: User, ids: Collection[int], name: str) -> tuple[int, Undoable | None]:
    """Add the tag to these people. Returns how many did not have it before, and the undo record."""
    User.objects.select_for_update().get(pk=owner.pk)
    tag = find_tag(owner, name) or Tag.objects.create(owner=owner, name=name)
    new: list[int] = []
    for some in batches(ids):
        people = Person.objects.for_user(owner).filter(pk__in=some)
        bare = list(people.exclude(tags=tag).order_by().values_list("pk", flat=True))
        PersonTag.objects.bulk_create([PersonTag(owner=owner, person_id=pk, tag=tag) for pk in bare])
        new += bare
    return len(new), _changed(owner, Undoable.Kind.TAGGED, tag, new)


@transaction.atomic
def untag_people(*, owner: User, ids: Collection[int], name: str) -> tuple[int, Undoable | None]:
    """Remove the tag from these people. Returns how many had it, and the undo record."""
    User.objects.select_for_update().get(pk=owner.pk)
    tag = find_tag(owner, name)
    gone: list[int] = []
    for some in batches(ids if tag else ()):
        worn = PersonTag.objects.filter(owner=owner, person__in=some, tag=tag)
        gone += worn.values_list("person", flat=True)
        worn.delete()
    return len(gone), _changed(owner, Undoable.Kind.UNTAGGED, tag, gone) if tag else None


def _changed(owner: User, kind: Undoable.Kind, tag: Tag, people: list[int]) -> Undoable | None:
    what = {"tag": tag.pk, "name": tag.name, "people": people}
    Tag.objects.filter(pk=tag.pk, people__isnull=True).delete()
    fold_again(people)
    return undo.keep(owner=owner, kind=kind, what=what) if people else None


@transaction.atomic
def rename_tag(*, tag: Tag, name: str) -> None:
    """Rename the tag. Raises :class:`TagThere` if another tag has this name."""
    twin = find_tag(tag.owner, name)
    if twin is not None and twin.pk != tag.pk:
        raise TagThere(f"There is a tag “{twin.name}” already. Nothing was changed.")
    tag.name = name
    try:
        with transaction.atomic():
            tag.save(update_fields=["name"])
    except IntegrityError as error:
        raise TagThere(f"There is a tag “{name}” already. Nothing was changed.") from error
    fold_again(PersonTag.objects.filter(tag=tag).values_list("person", flat=True))

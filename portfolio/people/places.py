"""Places to look: texts for each kind, and changes of state.

Only :func:`stand` writes ``state`` and ``look_again_on``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Case, Count, IntegerField, Value, When

from accounts.models import User
from portfolio.mentorships.scheduling import remind_of_place
from portfolio.models import Person, PlaceToLook
from portfolio.text.normalise import fold

Kind, State = PlaceToLook.Kind, PlaceToLook.State

WHAT_IT_IS = {
    Kind.REGISTER: "A list of people who have said they would mentor. You read it, choose, and write to one of them.",
    Kind.BODY: "The society of your profession. Many keep a mentoring register, or a committee that knows who would.",
    Kind.PROGRAMME: "People training to be accredited mentors or coaches need practice hours with somebody real. "
    "They look for you as much as you look for them, and it often costs nothing.",
    Kind.NETWORK: "A group you could join: early-career, methods, regional. You meet people there long before you ask "
    "them for anything.",
    Kind.LINKEDIN: "Some organisations announce their mentoring registers on LinkedIn. Follow them, and you hear of "
    "the next one.",
}
SOURCE_OF = {
    Kind.REGISTER: Person.Source.BODY,
    Kind.BODY: Person.Source.BODY,
    Kind.PROGRAMME: Person.Source.ACADEMIC,
    Kind.NETWORK: Person.Source.OTHER,
    Kind.LINKEDIN: Person.Source.LINKEDIN,
}
SAYING = {
    State.TO_LOOK: "It is among the places to look at.",
    State.LOOKED: "Noted: you had a look.",
    State.JOINED: "Noted: you joined.",
    State.LEFT: "Left. It stays here, in case.",
}


class Starter(NamedTuple):
    key: str
    name: str
    kind: str


STARTERS = (
    Starter("body-register", "The mentoring register of my professional body", Kind.REGISTER),
    Starter("employer-register", "A register of mentors where I work, or at a partner organisation", Kind.REGISTER),
    Starter("body", "My professional body’s early-career group", Kind.BODY),
    Starter(
        "programme", "A university course for mentors and coaches, where people need practice hours", Kind.PROGRAMME
    ),
    Starter("network", "A methods or research network in my field", Kind.NETWORK),
    Starter("regional", "A regional leadership network", Kind.NETWORK),
    Starter("linkedin", "Organisations announcing mentoring schemes on LinkedIn", Kind.LINKEDIN),
)


class Standing(NamedTuple):
    """The state of a place; ``look_again_on`` is a local date."""

    state: str
    look_again_on: dt.date | None


def stand(*, place: PlaceToLook, state: str, look_again_on: dt.date | None) -> Standing:
    """Set state and date of a place; returns the previous values for the undo."""
    before = Standing(place.state, place.look_again_on)
    place.state, place.look_again_on = state, look_again_on
    place.save(update_fields=["state", "look_again_on"])
    remind_of_place(place)
    return before


def mark(*, place: PlaceToLook, state: str) -> Standing:
    """Record that the user looked, joined or left, and remove the date to look again."""
    again = place.look_again_on if state == State.TO_LOOK else None
    return stand(place=place, state=state, look_again_on=again)


def look_again(*, place: PlaceToLook, on: dt.date | None) -> Standing:
    """Set the local date to look again; None removes it."""
    return stand(place=place, state=place.state, look_again_on=on)


def listed(user: User, *, kind: str = "", state: str = "") -> tuple[list[PlaceToLook], bool]:
    """The user's places with ``found`` (number of people) and ``standing`` (0: due), and whether there are any.

    Due ones first, then those to look at, then by name. One query; a user has dozens at most.
    """
    today = user.today()
    standing = Case(
        When(look_again_on__lte=today, then=Value(0)),
        When(state=State.TO_LOOK, then=Value(1)),
        When(state=State.LEFT, then=Value(3)),
        default=Value(2),
        output_field=IntegerField(),
    )
    rows = PlaceToLook.objects.for_user(user).annotate(found=Count("people"), standing=standing)
    every: list[PlaceToLook] = list(rows.defer("notes").order_by("standing", "name", "pk"))
    chosen = [place for place in every if kind in ("", place.kind) and state in ("", place.state)]
    return chosen, bool(every)


def is_due(place: PlaceToLook, today: dt.date) -> bool:
    return place.look_again_on is not None and place.look_again_on <= today


def starters_left(user: User) -> list[Starter]:
    """Suggested places that the user hasn't added yet."""
    there = {fold(name) for name in PlaceToLook.objects.for_user(user).values_list("name", flat=True)}
    return [starter for starter in STARTERS if fold(starter.name) not in there]


@transaction.atomic
def keep_starters(*, user: User, keys: Iterable[str]) -> list[PlaceToLook]:
    """Add the chosen suggestions as places to look at, except existing ones."""
    wanted = set(keys)
    # Lock the user, so that a concurrent second request finds the first one's places.
    User.objects.select_for_update().get(pk=user.pk)
    left = [starter for starter in starters_left(user) if starter.key in wanted]
    return [PlaceToLook.objects.create(owner=user, name=starter.name, kind=starter.kind) for starter in left]


@transaction.atomic
def forget(*, place: PlaceToLook) -> int:
    """Delete a place; returns how many people were found there. They stay, with its name if they lack a detail."""
    found = Person.objects.filter(owner_id=place.owner_id, place=place)
    found.filter(source_detail="").update(source_detail=f"Found at {place.name}")
    count = found.count()
    place.delete()
    return count

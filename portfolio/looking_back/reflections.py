"""Reflections: save an answer with what it led to, and compare answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from accounts.private_notes import first_alike
from portfolio.looking_back.questions import COMFORT_WORDS, EIGHT, GUIDES, Guide
from portfolio.looking_back.rhythm import reflected
from portfolio.looking_back.trends import Trend, trend
from portfolio.models import CouldHelp, Knows, Mentorship, Need, Person, PlaceToLook, Reflection, ReflectionLink
from portfolio.text.normalise import fold

ONE_PRESS = dt.timedelta(minutes=1)
SIDE_BY_SIDE = 12
PATHS_SHOWN = 5


@dataclass(frozen=True)
class LedTo:
    """What an answer led to: existing rows, and names for new ones.

    A name that exists already (ignoring case and accents) is linked, not duplicated.
    """

    people: Sequence[Person] = ()
    needs: Sequence[Need] = ()
    places: Sequence[PlaceToLook] = ()
    people_names: Sequence[str] = ()
    need_words: str = ""
    need_competency: str = ""
    place_names: Sequence[str] = ()
    place_kind: str = PlaceToLook.Kind.NETWORK


@transaction.atomic
def keep_reflection(*, reflection: Reflection, led_to: LedTo) -> Reflection:
    """Save the answer and set its links. Concurrent identical requests save it once."""
    # Lock the user, so that a concurrent second request finds what the first one created.
    owner = User.objects.select_for_update().get(pk=reflection.owner_id)
    row = reflection if reflection.pk else _pressed_before(reflection) or reflection
    if row is reflection:
        row.save()
        reflected(owner, row.on)
    people = [*led_to.people, *_people_called(owner, led_to.people_names)]
    needs = [*led_to.needs, *_need_of(owner, led_to)]
    places = [*led_to.places, *_places_called(owner, led_to.place_names, led_to.place_kind)]
    _link(row, people, needs, places)
    return row


def _pressed_before(new: Reflection) -> Reflection | None:
    same = {name: getattr(new, name) for name in ("owner_id", "question", "own_question", "answer", "comfort", "on")}
    lately = Reflection.objects.filter(created_at__gte=timezone.now() - ONE_PRESS)
    return cast("Reflection | None", first_alike(lately, **same))


def _people_called(owner: User, names: Iterable[str]) -> list[Person]:
    """Existing people with these names; creates those that are missing."""
    found: list[Person] = []
    for name in names:
        there = list(Person.objects.for_user(owner).called(name))
        source = {"source": Person.Source.OTHER, "source_detail": "Thought of while reflecting"}
        found += there or [Person.objects.create(owner=owner, name=name, **source)]
    return found


def _need_of(owner: User, led_to: LedTo) -> list[Need]:
    if not led_to.need_words:
        return []
    wanted = fold(led_to.need_words)
    there = [need for need in Need.objects.for_user(owner).open() if fold(need.words) == wanted]
    new = {"competency": led_to.need_competency, "words": led_to.need_words, "opened_on": owner.today()}
    return there[:1] or [Need.objects.create(owner=owner, **new)]


def _places_called(owner: User, names: Iterable[str], kind: str) -> list[PlaceToLook]:
    there = {fold(place.name): place for place in PlaceToLook.objects.for_user(owner).order_by("-pk")}
    found = []
    for name in names:
        if fold(name) not in there:
            there[fold(name)] = PlaceToLook.objects.create(owner=owner, name=name, kind=kind)
        found.append(there[fold(name)])
    return found


def _link(row: Reflection, people: list[Person], needs: list[Need], places: list[PlaceToLook]) -> None:
    """Set the links to exactly these rows; unchanged links keep their id."""
    wanted = {("person_id", thing.pk) for thing in people}
    wanted |= {("need_id", thing.pk) for thing in needs}
    wanted |= {("place_id", thing.pk) for thing in places}
    for link in row.links.all():
        target = next((name, pk) for name in ("person_id", "need_id", "place_id") if (pk := getattr(link, name)))
        if target in wanted:
            wanted.discard(target)
        else:
            link.delete()
    ReflectionLink.objects.bulk_create(
        [ReflectionLink(owner_id=row.owner_id, reflection=row, **{name: pk}) for name, pk in sorted(wanted)],
        ignore_conflicts=True,
    )


# --- Queries --------------------------------------------------------------------------------------


@dataclass
class Asked:
    """A question with its answers; ``pk`` and ``on`` (local date) are those of the latest answer."""

    question: str
    title: str
    guide: Guide
    pk: int | None = None
    on: dt.date | None = None
    count: int = 0
    course: list[tuple[dt.date, int | None]] = field(default_factory=list)

    @property
    def trend(self) -> Trend | None:
        return trend(self.course, COMFORT_WORDS)


def asked(user: User) -> tuple[list[Asked], list[Asked]]:
    """The eight questions in the guide's order, then the user's own, latest first. One query, without answer texts."""
    eight = {value: Asked(value, Reflection.Question(value).label, GUIDES[value]) for value in EIGHT}
    own: dict[str, Asked] = {}
    rows = Reflection.objects.for_user(user).values_list("pk", "question", "own_question", "comfort", "on")
    for pk, question, words, comfort, on in rows:
        if question == Reflection.Question.OWN:
            here = own.setdefault(fold(words), Asked(question, words, GUIDES[question]))
        else:
            here = eight[question]
        if here.pk is None:
            here.pk, here.on = pk, on
        here.count += 1
        if question == Reflection.Question.COMFORT:
            here.course.insert(0, (on, comfort))
    return list(eight.values()), list(own.values())


def side_by_side(reflection: Reflection) -> list[Reflection]:
    """This answer and the latest eleven others to the same question, newest first."""
    rows = Reflection.objects.filter(owner_id=reflection.owner_id, question=reflection.question)
    rows = rows.exclude(pk=reflection.pk)
    if reflection.question == Reflection.Question.OWN:
        wanted = fold(reflection.own_question)
        same = [pk for pk, words in rows.values_list("pk", "own_question") if fold(words) == wanted]
        rows = rows.filter(pk__in=same[: SIDE_BY_SIDE - 1])
    answers = [reflection, *rows[: SIDE_BY_SIDE - 1]]
    return sorted(answers, key=lambda answer: (answer.on, answer.pk), reverse=True)


def comfort_over_time(user: User) -> Trend | None:
    rows = Reflection.objects.for_user(user).filter(question=Reflection.Question.COMFORT).order_by("on", "pk")
    return trend(list(rows.values_list("on", "comfort")), COMFORT_WORDS)


def paths_to_somebody(user: User) -> list[Knows]:
    """Possible introductions: who knows whom, first those who could help with an open need; no current mentors."""
    thoughts = CouldHelp.objects.filter(state=CouldHelp.State.THOUGHT_OF, need__closed_on__isnull=True)
    mentor = Mentorship.objects.filter(person=OuterRef("known")).running()
    paths = Knows.objects.for_user(user).filter(~Exists(mentor)).select_related("knower", "known")
    wanted = paths.annotate(wanted=Exists(thoughts.filter(person=OuterRef("known"))))
    return list(wanted.order_by("-wanted", "pk")[:PATHS_SHOWN])

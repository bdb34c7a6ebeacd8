"""The data of one person's page in few queries, which leaves queries for the panels of other apps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Exists, F, IntegerField, OuterRef, QuerySet, Value, When
from django.db.models.functions import Cast
from django.http import Http404
from django.urls import reverse

from accounts.compiled_queries import compiled
from accounts.http import reverse_or_empty
from accounts.models import User, first_name
from accounts.private_notes import NO_NOTE
from portfolio.models import (
    Contact,
    CouldHelp,
    Knows,
    Mentorship,
    Need,
    Person,
    PersonEmail,
    PersonLink,
    PersonPhone,
    PersonTag,
    Reflection,
    ReflectionLink,
)
from portfolio.panels import NextStep
from portfolio.people.introduction_paths import chains_to
from portfolio.text.normalise import fold

CONTACTS_SHOWN = 8
WAYS_SHOWN = 6


class Hanging(NamedTuple):
    """One row that belongs to a person, such as an address, a tag or an idea.

    ``order`` sorts within its kind, mentors first among ``known_by``; ``target`` is the id of the other person, the
    need of an idea, or the tag. The kind ``behind`` is people (``target``) who know the people in ``known_by``, whose
    id is in ``pk``.
    """

    kind: str
    order: int
    pk: int
    target: int
    text: str
    note: str
    competency: str
    closed_as: str

    @property
    def closed_words(self) -> str:
        return Need.ClosedAs(self.closed_as).label if self.closed_as else ""


class Link(NamedTuple):
    """Somebody in a chain of introductions to a person."""

    id: int
    name: str

    @property
    def first_name(self) -> str:
        return first_name(self.name)


@dataclass(frozen=True)
class Way:
    """A chain of introductions: whom to ask, and to whom they lead (the person, or somebody who knows them)."""

    ask: Link
    leads_to: Link
    on_to: Link | None
    through_mentor: bool


@dataclass(frozen=True)
class PersonPage:
    """``mentorship`` is the running one, else the last that ended; ``contacts`` are the latest, newest first.

    ``knows`` and ``known_by`` are their relations; ``ways`` are chains of introductions through at most two others;
    ``ideas`` are the needs they could help with, heaviest first.
    """

    person: Person
    emails: list[str]
    phones: list[str]
    links: list[str]
    tags: list[Hanging]
    knows: list[Hanging]
    known_by: list[Hanging]
    ways: list[Way]
    ideas: list[Hanging]
    contacts: list[Contact]
    more_contacts: bool
    mentorship: Mentorship | None
    reflections: list[Reflection]


def person_for_page(user: User, pk: int) -> PersonPage:
    """Four queries. Http404 for a person who is not this user's."""
    found = _person(user.pk, pk)
    if not found:
        raise Http404("No such person among this user’s.")
    person = found[0]
    things = _hanging(person)
    contacts = _contacts(person.pk)
    return PersonPage(
        person=person,
        emails=[thing.text for thing in things["email"]],
        phones=[thing.text for thing in things["phone"]],
        links=[thing.text for thing in things["link"]],
        tags=sorted(things["tag"], key=lambda tag: tag.text.casefold()),
        knows=things["knows"],
        known_by=things["known_by"],
        ways=_ways(person, things["known_by"], things["behind"]),
        ideas=things["idea"],
        contacts=contacts[:CONTACTS_SHOWN],
        more_contacts=len(contacts) > CONTACTS_SHOWN,
        mentorship=_mentorship(person),
        reflections=[_reflection(thing) for thing in things["reflection"]],
    )


@compiled
def _person(owner: int, pk: int) -> QuerySet[Person]:
    return Person.objects.filter(owner=owner, pk=pk).select_related("place").defer(*Person.FOLDED)


@compiled
def _contacts(person: int) -> QuerySet[Contact]:
    return Contact.objects.filter(person=person)[: CONTACTS_SHOWN + 1]


def _reflection(thing: Hanging) -> Reflection:
    """A reflection with only the fields that its line on the page needs."""
    return Reflection(
        pk=thing.target, question=thing.closed_as, own_question=thing.note, on=dt.date.fromisoformat(thing.text)
    )


def _hanging(person: Person) -> dict[str, list[Hanging]]:
    """Addresses, links, tags, relations, ideas and reflections by kind, in order."""
    kinds = ("email", "phone", "link", "tag", "knows", "known_by", "behind", "idea", "reflection")
    found: dict[str, list[Hanging]] = {name: [] for name in kinds}
    for row in sorted(_things(person.pk)):
        found[row[0]].append(Hanging(*row))
    return found


@compiled
def _things(person: int) -> QuerySet[Any, Any]:
    """All rows that belong to a person, in one query instead of six."""

    def kind(name: str) -> Value:
        return Value(name, CharField())

    none, nowhere = Value("", CharField()), Value(0, IntegerField())
    thought_of = CouldHelp.objects.filter(person=person, state=CouldHelp.State.THOUGHT_OF)
    mentor = Mentorship.objects.filter(person=OuterRef("knower")).running()
    mentor_first = Case(When(Exists(mentor), then=0), default=1)
    rows = [
        PersonEmail.objects.filter(person=person).values_list(
            kind("email"), "position", "pk", nowhere, "address", NO_NOTE, none, none
        ),
        PersonPhone.objects.filter(person=person).values_list(
            kind("phone"), "position", "pk", nowhere, "number", NO_NOTE, none, none
        ),
        PersonLink.objects.filter(person=person).values_list(
            kind("link"), "position", "pk", nowhere, "url", NO_NOTE, none, none
        ),
        PersonTag.objects.filter(person=person).values_list(
            kind("tag"), nowhere, "pk", "tag", "tag__name", NO_NOTE, none, none
        ),
        Knows.objects.filter(knower=person).values_list(
            kind("knows"), nowhere, "pk", "known", "known__name", "note", none, none
        ),
        Knows.objects.filter(known=person).values_list(
            kind("known_by"), mentor_first, "pk", "knower", "knower__name", "note", none, none
        ),
        Knows.objects.filter(known__in=Knows.objects.filter(known=person).values("knower"))
        .exclude(knower=person)
        .values_list(kind("behind"), mentor_first, "known", "knower", "knower__name", NO_NOTE, none, none),
        thought_of.values_list(
            kind("idea"),
            3 - F("need__weight"),
            "pk",
            "need",
            "need__words",
            "why",
            "need__competency",
            "need__closed_as",
        ),
        ReflectionLink.objects.filter(person=person).values_list(
            kind("reflection"),
            0 - F("reflection"),
            "pk",
            "reflection",
            Cast("reflection__on", CharField()),
            "reflection__own_question",
            none,
            "reflection__question",
        ),
    ]
    first, *others = [part.order_by() for part in rows]
    return first.union(*others, all=True)


def _ways(person: Person, known_by: list[Hanging], behind: list[Hanging]) -> list[Way]:
    """Chains of introductions to this person, the shortest and those through mentors first."""
    links = {row.target: Link(row.target, row.text) for row in [*known_by, *behind]}
    links[person.pk] = Link(person.pk, person.name)
    edges: dict[int, list[int]] = {}
    for row in known_by:
        edges.setdefault(person.pk, []).append(row.target)
    for row in behind:
        edges.setdefault(row.pk, []).append(row.target)
    mentors = {row.target for row in [*known_by, *behind] if row.order == 0}
    names = {pk: fold(link.name) for pk, link in links.items()}
    chains = chains_to(person.pk, edges, mentors=mentors, names=names)[:WAYS_SHOWN]
    return [
        Way(
            links[chain[0]],
            links[chain[1] if len(chain) > 1 else person.pk],
            links[person.pk] if len(chain) > 1 else None,
            chain[0] in mentors,
        )
        for chain in chains
    ]


def _mentorship(person: Person) -> Mentorship | None:
    for row in _latest_mentorship(person.pk):
        row.person = person
        return row
    return None


@compiled
def _latest_mentorship(person: int) -> QuerySet[Mentorship]:
    running_first = Case(When(status=Mentorship.Status.ENDED, then=1), default=0)
    return Mentorship.objects.filter(person=person).order_by(running_first, "-started_on", "-pk")[:1]


def default_step(page: PersonPage) -> NextStep | None:
    """This app's own next step, used if no app above has one."""
    person = page.person
    if page.mentorship and page.mentorship.status != Mentorship.Status.ENDED:
        return NextStep(
            f"{person.first_name} is your mentor. Everything between you is on one page.",
            page.mentorship.get_absolute_url(),
            button="Open the mentorship",
        )
    idea = next((idea for idea in page.ideas if not idea.closed_as), None)
    shortlist = reverse_or_empty("approach_open")
    if idea and shortlist:
        return NextStep(
            f"You thought of {person.first_name} for “{idea.text}”. Put them on the shortlist; "
            "nothing is sent to anybody.",
            shortlist,
            "post",
            "Shortlist",
            fields={"person": person.pk, "need": idea.target},
        )
    if not idea:
        return NextStep(
            f"What could {person.first_name} help you with? A need and a word why are enough.",
            reverse("person_could_help", args=[person.pk]),
            button="Choose a need",
        )
    return None

"""The reminders of the portfolio app: their texts, and the actions offered in the mail."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import (
    CharField,
    Count,
    DateField,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from accounts.compiled_queries import compiled
from accounts.models import User, first_name
from accounts.words import ago
from portfolio.contact_imports.new_posts import NEW_POSTS, open_posts, settle
from portfolio.looking_back.rhythm import not_this_time
from portfolio.mentorships import formal
from portfolio.mentorships.rhythm import due_on, every
from portfolio.mentorships.scheduling import (
    AGREEMENT,
    EVALUATION,
    KEEP_IN_TOUCH,
    LOOK_AGAIN,
    REFLECT,
    remind_of_agreement,
    remind_of_place,
)
from portfolio.models import Contact, ContactImport, EvaluationDate, Mentorship, NewPost, PlaceToLook, ReflectionRhythm
from portfolio.panels import something_planned
from portfolio.people.contacts import record_contact
from reminders.kinds import SOME_DAY, Act, Item, Kind, Told, Users, Wanted, register, today, told

Status = Mentorship.Status
TEXT = CharField()
KINDS = (KEEP_IN_TOUCH, EVALUATION, AGREEMENT, LOOK_AGAIN, REFLECT, NEW_POSTS)


class Due(NamedTuple):
    """The subject of a reminder as plain values.

    ``name`` is the person's or the place's, ``target`` is the id in its URL, ``on`` is its local date (for a rhythm,
    the start). ``last_at`` (UTC) and ``weeks`` belong to a rhythm, ``words`` and ``programme`` to an evaluation; for
    the rhythm of reflections, ``weeks`` is in months; for new posts, it counts them, and ``name`` is the first one's.
    """

    kind: str
    pk: int
    owner: int
    target: int
    name: str
    words: str
    programme: str
    on: dt.date
    last_at: dt.datetime | None
    weeks: int


def load(users: Users, wanted: Wanted) -> Told:
    """All kinds of this app in one query."""
    return _told(users, wanted, by=today(users), now=timezone.now())


def ahead(users: Users, wanted: Wanted) -> Told:
    """Like ``load``, but as if every due date had come and nothing else were planned."""
    return _told(users, wanted, by=SOME_DAY.date(), now=SOME_DAY)


def _told(users: Users, wanted: Wanted, *, by: dt.date, now: dt.datetime) -> Told:
    ids = ([*wanted.get(kind, ())] for kind in KINDS)
    rows = _due([*users], by, now, *ids)
    return told((row.kind, row.owner, row.pk, item) for row in map(Due._make, rows) if (item := _item(row, users, by)))


@compiled
def _due(
    owners: list[int],
    today: dt.date,
    now: dt.datetime,
    rhythm_ids: list[int],
    evaluation_ids: list[int],
    agreement_ids: list[int],
    place_ids: list[int],
    reflect_ids: list[int],
    import_ids: list[int],
) -> QuerySet[Any, Any]:
    nothing, zero, never = Value("", TEXT), Value(0, IntegerField()), Cast(Value(None), DateTimeField())
    mentorships = Mentorship.objects.filter(owner__in=owners).running()
    latest = Contact.objects.filter(person=OuterRef("person")).order_by("-at").values("at")[:1]
    rhythms = mentorships.filter(pk__in=rhythm_ids, status=Status.ACTIVE, rhythm_weeks__isnull=False).annotate(
        planned=something_planned(now), last_at=Subquery(latest)
    )
    evaluations = EvaluationDate.objects.filter(
        owner__in=owners, pk__in=evaluation_ids, done_on__isnull=True, terms__mentorship__form=Mentorship.Form.FORMAL
    )
    agreements = mentorships.filter(pk__in=agreement_ids, agreement_review_on__lte=today)
    places = PlaceToLook.objects.filter(owner__in=owners, pk__in=place_ids, look_again_on__lte=today)
    reflecting = ReflectionRhythm.objects.filter(owner__in=owners, pk__in=reflect_ids, next_on__lte=today)
    posts = NewPost.objects.filter(owner__in=owners, batch__in=import_ids, settled_at__isnull=True)
    of_file = posts.filter(batch=OuterRef("batch")).order_by("person__name_key", "pk")
    first = posts.annotate(first=Subquery(of_file.values("pk")[:1])).filter(pk=F("first"))
    how_many = of_file.order_by().values("batch").annotate(number=Count("pk")).values("number")
    parts = [
        rhythms.filter(planned=False).values_list(
            Value(KEEP_IN_TOUCH, TEXT),
            "pk",
            "owner",
            F("pk"),
            "person__name",
            nothing,
            nothing,
            "started_on",
            "last_at",
            "rhythm_weeks",
        ),
        evaluations.exclude(terms__mentorship__status=Status.ENDED).values_list(
            Value(EVALUATION, TEXT),
            "pk",
            "owner",
            "terms__mentorship",
            "terms__mentorship__person__name",
            "words",
            "terms__programme",
            "on",
            never,
            zero,
        ),
        agreements.values_list(
            Value(AGREEMENT, TEXT),
            "pk",
            "owner",
            F("pk"),
            "person__name",
            nothing,
            nothing,
            "agreement_review_on",
            never,
            zero,
        ),
        places.exclude(state=PlaceToLook.State.LEFT).values_list(
            Value(LOOK_AGAIN, TEXT), "pk", "owner", F("pk"), "name", nothing, nothing, "look_again_on", never, zero
        ),
        reflecting.values_list(
            Value(REFLECT, TEXT), "pk", "owner", F("pk"), nothing, nothing, nothing, "next_on", never, "months"
        ),
        first.values_list(
            Value(NEW_POSTS, TEXT),
            "batch",
            "owner",
            F("batch"),
            "person__name",
            nothing,
            nothing,
            Value(today, DateField()),
            never,
            Subquery(how_many),
        ),
    ]
    one, *others = [part.order_by() for part in parts]
    return one.union(*others, all=True)


def _item(row: Due, users: Users, by: dt.date) -> Item | None:
    if row.kind == KEEP_IN_TOUCH:
        last_on = users[row.owner].local(row.last_at).date() if row.last_at else None
        due = due_on(weeks=row.weeks, last_on=last_on, started_on=row.on, active=True)
        return _keep_in_touch(row, last_on, today(users)) if due is not None and due <= by else None
    if row.kind == EVALUATION:
        return _evaluation(row, today(users))
    if row.kind == AGREEMENT:
        return _agreement(row)
    if row.kind == REFLECT:
        return _reflect(row)
    if row.kind == NEW_POSTS:
        return _new_posts(row)
    return _place(row)


def _keep_in_touch(row: Due, last_on: dt.date | None, today: dt.date) -> Item:
    spoke = f"You last spoke {ago((today - last_on).days)}" if last_on else "You haven’t noted a conversation yet"
    return Item(
        title=f"Time for a word with {first_name(row.name)}?",
        words=f"{spoke}, and you mean to speak {every(row.weeks)}. A line to find a date is enough.",
        path=reverse("mentorship", args=[row.target]),
        person=row.name,
        button="Open the mentorship",
    )


def _evaluation(row: Due, today: dt.date) -> Item:
    when = {0: "today", 1: "tomorrow"}.get((row.on - today).days, f"on {row.on:%-d %B}")
    asked = f" What is asked: {row.words.rstrip('.')}." if row.words else ""
    return Item(
        title=f"Evaluation of {row.programme or f'your mentoring with {row.name}'} {when}",
        words=f"The programme wants to know how it goes with {first_name(row.name)}.{asked}",
        path=reverse("formal_terms", args=[row.target]),
        person=row.name,
        button="Open the terms",
    )


def _agreement(row: Due) -> Item:
    return Item(
        title=f"Look at your agreement with {first_name(row.name)} again",
        words="You set a day for it when you wrote it, and it has come. Does it still say how you want to work "
        "together?",
        path=reverse("agreement", args=[row.target]),
        person=row.name,
        button="Read the agreement",
    )


def _reflect(row: Due) -> Item:
    return Item(
        title="Take a quarter of an hour to reflect",
        words=f"You wanted to be asked {ReflectionRhythm.Months(row.weeks).label.lower()}. One question is enough, "
        "or a look back at where you stand.",
        path=reverse("reflect"),
        button="See the questions",
    )


def _new_posts(row: Due) -> Item:
    more = row.weeks - 1
    others = f" and {more} {'other' if more == 1 else 'others'}" if more else ""
    return Item(
        title=f"{row.name}{others} {'have' if more else 'has'} a new post",
        words="The file you read last says so. A line to wish them well asks for nothing, and is remembered.",
        path=reverse("new_posts"),
        person="" if more else row.name,
        button="See who, and where",
    )


def _place(row: Due) -> Item:
    return Item(
        title=f"Look at {row.name} again",
        words="You meant to come back about now: perhaps somebody new is listed there.",
        path=reverse("place", args=[row.target]),
        button="See your notes",
    )


def _we_spoke(user: User, pk: int) -> str:
    mentorship = Mentorship.objects.for_user(user).select_related("person").filter(pk=pk).first()
    if mentorship is None:
        return "This mentorship is no longer there. Nothing was changed."
    record_contact(person=mentorship.person, at=timezone.now())
    return f"Noted: you spoke with {mentorship.person.name}."


def _evaluated(user: User, pk: int) -> str:
    evaluation = EvaluationDate.objects.for_user(user).filter(pk=pk).first()
    if evaluation is None:
        return "This date is no longer there. Nothing was changed."
    formal.mark_done(evaluation=evaluation, on=user.today())
    return "Noted: the evaluation is done."


def _looked_at_agreement(user: User, pk: int) -> str:
    mentorship = Mentorship.objects.for_user(user).filter(pk=pk).first()
    if mentorship is None:
        return "This mentorship is no longer there. Nothing was changed."
    mentorship.agreement_review_on = None
    mentorship.save(update_fields=["agreement_review_on"])
    remind_of_agreement(mentorship)
    return "Good. Set another date on the agreement whenever you like."


def _looked_at_place(user: User, pk: int) -> str:
    place = PlaceToLook.objects.for_user(user).filter(pk=pk).first()
    if place is None:
        return "This place is no longer there. Nothing was changed."
    place.look_again_on = None
    if place.state == PlaceToLook.State.TO_LOOK:
        place.state = PlaceToLook.State.LOOKED
    place.save(update_fields=["look_again_on", "state"])
    remind_of_place(place)
    return f"Noted: you looked at {place.name}."


def _seen(user: User, pk: int) -> str:
    settled = settle(open_posts(user).filter(batch=pk))
    return "Noted." if settled else "They were noted already. Nothing was changed."


def _not_this_time(user: User, pk: int) -> str:
    rhythm = ReflectionRhythm.objects.for_user(user).select_related("owner").filter(pk=pk).first()
    if rhythm is None:
        return "You are not asked to reflect any more. Nothing was changed."
    not_this_time(rhythm)
    return f"Fine. You are asked again on {rhythm.next_on:%-d %B %Y}."


def register_kinds() -> None:
    """Evaluations have the switch of meetings, because other people rely on the date; the other kinds are gentle."""
    spoke = Act("spoke", "We spoke", _we_spoke)
    done = Act("done", "Done", _evaluated)
    looked = Act("looked", "We looked at it", _looked_at_agreement)
    looked_there = Act("looked", "I looked", _looked_at_place)
    seen = Act("seen", "I have seen it", _seen)
    skip = Act("skip", "Not this time", _not_this_time)
    register(Kind(KEEP_IN_TOUCH, subject=Mentorship, switch="gentle", load=load, ahead=ahead, acts=(spoke,), order=60))
    register(
        Kind(EVALUATION, subject=EvaluationDate, switch="meetings", load=load, acts=(done,), order=30, may_wait=False)
    )
    register(Kind(AGREEMENT, subject=Mentorship, switch="gentle", load=load, ahead=ahead, acts=(looked,), order=65))
    register(
        Kind(LOOK_AGAIN, subject=PlaceToLook, switch="gentle", load=load, ahead=ahead, acts=(looked_there,), order=70)
    )
    register(Kind(NEW_POSTS, subject=ContactImport, switch="gentle", load=load, acts=(seen,), order=72))
    register(Kind(REFLECT, subject=ReflectionRhythm, switch="gentle", load=load, ahead=ahead, acts=(skip,), order=75))

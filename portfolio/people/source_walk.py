"""The walk through sources: prompts that help to think of names, page by page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from django.utils import timezone

from accounts.models import User
from portfolio.models import CouldHelp, Person, WalkStop

Source = Person.Source


class Prompt(NamedTuple):
    """``words`` is the prompt; ``detail`` is the default for how the user knows the person."""

    words: str
    detail: str


class Stop(NamedTuple):
    source: str
    question: str
    advice: str
    prompts: tuple[Prompt, ...]


STOPS = (
    Stop(
        Source.CIRCLE,
        "Whom have you worked with?",
        "Mentors are mostly found close by, among people who have seen you work and wished you well. Think of those "
        "who moved on as much as of those down the corridor.",
        (
            Prompt("Former managers you would work for again", "Former manager"),
            Prompt("Who left for another organisation", "Left for another organisation"),
            Prompt("Colleagues in another department or team", "Colleague in another department"),
            Prompt("Who supervised or taught you on the job", "Supervised me"),
            Prompt("Who sat on a panel or committee with you", "On a committee with me"),
            Prompt("Co-applicants and co-authors", "Wrote or applied with me"),
            Prompt("Who stood up for you in a difficult month", "Stood up for me"),
            Prompt("Who is two steps ahead in a job like yours", "Two steps ahead in a job like mine"),
        ),
    ),
    Stop(
        Source.BODY,
        "Whom do you know through your profession?",
        "Professional bodies keep lists of members who are glad to mentor, and their committees know who has time. "
        "Anybody you have met at a meeting already shares your ground.",
        (
            Prompt("Whose talk you still remember", "Gave a talk I remember"),
            Prompt("Who chaired a session or a working group", "Chaired a session I was in"),
            Prompt("Committee members who answer their e-mail", "On the committee"),
            Prompt("Who mentored or assessed you in a scheme", "Met in a scheme"),
            Prompt("Members of a special interest group", "Same special interest group"),
            Prompt("Public or patient members who asked the best question", "Public panel"),
            Prompt("Who runs the early-career group", "Runs the early-career group"),
        ),
    ),
    Stop(
        Source.FRIEND,
        "Whom do your friends know?",
        "You need not know somebody yourself: it is enough that somebody you trust does. Go through your friends one "
        "by one, and ask yourself whom each of them could introduce.",
        (
            Prompt("Whom your closest colleague always quotes", "A colleague quotes them"),
            Prompt("A friend’s manager, past or present", "A friend’s manager"),
            Prompt("Partners and relatives of friends who work in your field", "Through a friend’s family"),
            Prompt("Who was recommended to you, and you never wrote", "Recommended to me"),
            Prompt("Neighbours, parents at school, people from a team or choir", "Through friends outside work"),
            Prompt("Whom a mentor of yours was mentored by", "My mentor’s mentor"),
        ),
    ),
    Stop(
        Source.ACADEMIC,
        "Whom do you know from studying and teaching?",
        "Former teachers like to hear what became of their students. Universities also train mentors and coaches, who "
        "must practise with somebody before they are accredited, and may be looking for you.",
        (
            Prompt("Former professors and lecturers", "Taught me"),
            Prompt("People who examined you", "Examined me"),
            Prompt("Supervisors, first and second", "Supervised my thesis"),
            Prompt("Who studied beside you and went further", "Studied with me"),
            Prompt("Who led a summer school or a course you took", "Led a course I took"),
            Prompt("Editors and reviewers who were kind and clear", "Edited or reviewed my work"),
            Prompt("Somebody training as a mentor or coach", "Training as a mentor; needs practice hours"),
        ),
    ),
    Stop(
        Source.LINKEDIN,
        "Whom do you follow from afar?",
        "Look through your connections once, slowly, with your needs beside you. Organisations announce their "
        "mentoring registers there too, and those make good places to look.",
        (
            Prompt("Who wrote something you saved", "Wrote something I saved"),
            Prompt("Whose path looks like the one you want", "Has the path I’d like"),
            Prompt("Who commented on your work", "Commented on my work"),
            Prompt("Connections you have never spoken with", "Connected, never spoken"),
            Prompt("Who changed sector the way you might", "Changed sector"),
            Prompt("Speakers of webinars you attended", "Spoke at a webinar"),
        ),
    ),
    Stop(
        Source.OTHER,
        "Who is left?",
        "Some of the best conversations begin on a train, in a choir or at a school gate. Last, go through your "
        "address book and your sent mail, where people wait whom no list would name.",
        (
            Prompt("Who sat next to you at a conference dinner or on a train", "Sat next to me"),
            Prompt("Trustees, governors, councillors you have met", "Trustee, governor or councillor"),
            Prompt("Clubs, choirs, faith, sport, volunteering", "From outside work"),
            Prompt("Who once gave you advice you still use", "Gave me advice I still use"),
            Prompt("People you helped, who would gladly return it", "I helped them once"),
            Prompt("Who comes up when you read your sent mail", "Wrote to me once"),
        ),
    ),
)
BY_SOURCE = {stop.source: stop for stop in STOPS}


def number_of(stop: Stop) -> int:
    """The number of the source, from 1."""
    return STOPS.index(stop) + 1


def before(stop: Stop) -> Stop | None:
    return STOPS[number_of(stop) - 2] if number_of(stop) > 1 else None


def after(stop: Stop | None, visited: set[str]) -> Stop | None:
    """The next unvisited source: first those after this one, then skipped ones. None if all were visited."""
    here = number_of(stop) if stop else 0
    return next((one for one in (*STOPS[here:], *STOPS[:here]) if one != stop and one.source not in visited), None)


def prompt_of(stop: Stop, wish: str) -> Prompt | None:
    """The prompt with this index, from 0; None if there is none."""
    number = int(wish) if wish.isascii() and wish.isdigit() and len(wish) < 3 else len(stop.prompts)
    return stop.prompts[number] if number < len(stop.prompts) else None


def visit(*, user: User, source: str) -> None:
    """Mark the source as visited on this walk."""
    WalkStop.objects.get_or_create(owner=user, source=source)


def start_again(*, user: User) -> None:
    """Start a new walk with no visited sources. The people from the last walk stay."""
    WalkStop.objects.filter(owner=user).delete()


@dataclass(frozen=True)
class Harvest:
    """The results of the walk since it began (UTC)."""

    since: dt.datetime
    people: int
    thoughts: int


def harvest(user: User) -> Harvest:
    first = WalkStop.objects.for_user(user).first()
    since = first.at if first else timezone.now()
    return Harvest(
        since,
        Person.objects.for_user(user).filter(created_at__gte=since).count(),
        CouldHelp.objects.for_user(user).filter(created_at__gte=since, state=CouldHelp.State.THOUGHT_OF).count(),
    )

"""A very full account: two thousand people with all kinds of names, and many rows of everything else.

From a shell: ``fill_full(user)``. Takes seconds, and always creates the same account.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import User
from portfolio.models import (
    Contact,
    CouldHelp,
    Knows,
    Mentorship,
    Need,
    Person,
    PersonEmail,
    PersonTag,
    PlaceToLook,
    Reflection,
    ReflectionLink,
    ReviewNote,
    Tag,
    WhatCameOfIt,
)
from tests import factories as make
from tests.portfolios import fill

PEOPLE, MENTORS, NEEDS, PLACES, REFLECTIONS = 2_000, 25, 30, 60, 40
UNBROKEN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG = "Regional Centre for the Evaluation of Complex Interventions in Health and Social Care Delivery and Partnership"
NAMES = [
    "Wilhelmina Konstantina Featherstonehaugh-Montgomery-Llewellyn of the Upper Calder Valley",
    "ليلى بنت عبد الرحمن بن محمد الحسيني القرطبية",
    "👩🏽‍🔬👨‍👩‍👧‍👦🏳️‍🌈 Sunny Day 🙂🙂🙂",
    "佐藤 美咲",
    UNBROKEN,
    "Z̷̛̖a̴l̶g̸o̷ Åsa Østergård",
    "רוחמה בת־שבע כהן",
    "Bo Li",
    "Professor Emerita Dame Margaret Osei",
    "O'Neill-Śmiałek, Ĺubomíra",
]
SOURCES = ["circle", "body", "friend", "academic", "linkedin", "other"]


def fill_full(user: User) -> None:
    fill(user, MENTORS, NEEDS)
    user_needs = list(Need.objects.for_user(user))
    need_with_long_words(user, user_needs)
    places = PlaceToLook.objects.bulk_create(place(user, number) for number in range(PLACES))
    people = many_people(user, places)
    thoughts_and_paths(user, people, user_needs)
    mentorships_in_full(user, user_needs)
    look_back(user, people, user_needs, places)


def need_with_long_words(user: User, needs: list[Need]) -> None:
    long = make.make_need(user, f"be introduced to {LONG} and to {UNBROKEN}"[:200], weight=3, sector=LONG[:120])
    needs.insert(0, long)
    for step in range(3):
        answers = dict.fromkeys(("why_now", "looking_for", "good_mentee", "direction"), f"{UNBROKEN} {LONG} " * 4)
        make.make_brief(user, *needs, contexts=["sector", "skills"], finished_at=day(step), **answers)


def day(number: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=1 + number * 3)


def place(user: User, number: int) -> PlaceToLook:
    kinds, states = PlaceToLook.Kind.values, PlaceToLook.State.values
    return PlaceToLook(
        owner=user,
        name=f"{(UNBROKEN, LONG, 'سجل الموجهين في لندن', 'Fabian network')[number % 4]} {number}",
        kind=kinds[number % len(kinds)],
        state=states[number % len(states)],
        link=f"https://www.example.org/{UNBROKEN}/{number}" if number % 2 else "",
        notes=f"{LONG}. " * (number % 3),
        look_again_on=timezone.localdate() + dt.timedelta(days=number) if number % 5 == 0 else None,
    )


def many_people(user: User, places: list[PlaceToLook]) -> list[Person]:
    tags = Tag.objects.bulk_create(
        Tag(owner=user, name=f"{(UNBROKEN[:40], 'ward', '🏳️‍🌈')[n % 3]} {n}") for n in range(60)
    )
    rows = []
    for number in range(PEOPLE):
        row = Person(
            owner=user,
            name=f"{NAMES[number % len(NAMES)]} {number}"[:200],
            headline=("Trial methodologist", f"Head of {LONG}", UNBROKEN, "")[number % 4],
            organisation=(LONG, "Trust 0", UNBROKEN, "مستشفى وادي كالدر", "")[number % 5],
            sector=("social care", LONG, "")[number % 3][:120],
            source=SOURCES[number % len(SOURCES)],
            source_detail=("", f"Met at {LONG}", "Former boss")[number % 3],
            place=places[number % len(places)] if number % 7 == 0 else None,
            notes=f"# Notes\n\n{LONG}\n\n- {UNBROKEN}\n- `{UNBROKEN}`\n\n| a | b |\n|---|---|\n" * (number % 3),
        )
        row.fold()
        rows.append(row)
    people = Person.objects.bulk_create(rows)
    PersonTag.objects.bulk_create(
        PersonTag(owner=user, person=person, tag=tags[(number + n) % len(tags)])
        for number, person in enumerate(people)
        for n in range(number % 6)
    )
    PersonEmail.objects.bulk_create(
        PersonEmail(owner=user, person=person, address=f"{'very.long.' * (number % 5)}name{number}@example.org")
        for number, person in enumerate(people)
    )
    Contact.objects.bulk_create(
        Contact(owner=user, person=person, at=day(number % 300), note=LONG if number % 2 else "", kind="call")
        for number, person in enumerate(people[:900])
    )
    Contact.objects.bulk_create(Contact(owner=user, person=people[0], at=day(n), note=LONG) for n in range(30))
    return people


def thoughts_and_paths(user: User, people: list[Person], needs: list[Need]) -> None:
    CouldHelp.objects.bulk_create(
        CouldHelp(owner=user, person=person, need=needs[number % 3], why=LONG if number % 2 else "")
        for number, person in enumerate(people[:90])
    )
    CouldHelp.objects.bulk_create(CouldHelp(owner=user, person=people[0], need=need) for need in needs[1:])
    Knows.objects.bulk_create(
        Knows(owner=user, knower=people[number + 1], known=people[0], note=LONG if number % 2 else "")
        for number in range(25)
    )
    Knows.objects.bulk_create(Knows(owner=user, knower=people[0], known=people[number + 40]) for number in range(25))
    for number, state in enumerate(("considered", "asked", "agreed", "made", "declined", "no_answer") * 2):
        closed = timezone.localdate() if state in ("made", "declined", "no_answer") else None
        make.make_introduction(people[0], people[number + 1], state=state, closed_on=closed, why=LONG, need=needs[0])
    make.make_approach(people[0], *needs[:5], why_them=LONG)


def mentorships_in_full(user: User, needs: list[Need]) -> None:
    for number, row in enumerate(Mentorship.objects.for_user(user)):
        row.giving_back = row.direction_private = row.confidentiality = f"{LONG} {UNBROKEN}"
        row.agreement, row.direction_shared = f"{LONG}\n\n{UNBROKEN} " * 6, f"{LONG} {UNBROKEN}"
        row.agreement_review_on = timezone.localdate() + dt.timedelta(days=number)
        row.save()
        if number < 3:
            terms = make.make_terms(row, programme=LONG, organisation=UNBROKEN, co_ordinator=NAMES[0], months=12)
            for n in range(6):
                make.make_evaluation(terms, timezone.localdate() + dt.timedelta(days=30 * n), words=LONG)
        WhatCameOfIt.objects.bulk_create(
            WhatCameOfIt(
                owner=user,
                mentorship=row,
                on=day(n).date(),
                words=f"{LONG} {UNBROKEN}",
                need=needs[n % len(needs)],
                expected=n % 2 == 0,
            )
            for n in range(15 if number == 0 else 1)
        )


def look_back(user: User, people: list[Person], needs: list[Need], places: list[PlaceToLook]) -> None:
    questions = Reflection.Question.values
    for number in range(REFLECTIONS):
        question = questions[number % len(questions)]
        row = make.make_reflection(
            user,
            question=question,
            own_question=f"{UNBROKEN}? {LONG}?" if question == "own" else "",
            comfort=1 + number % 5 if question == "comfort" else None,
            answer=f"{LONG}\n\n{UNBROKEN} " * (1 + number % 4),
            on=day(number).date(),
        )
        ReflectionLink.objects.bulk_create(
            [
                *(ReflectionLink(owner=user, reflection=row, person=person) for person in people[:6]),
                *(ReflectionLink(owner=user, reflection=row, need=need) for need in needs[:4]),
                *(ReflectionLink(owner=user, reflection=row, place=place) for place in places[:4]),
            ]
        )
    mentorship = Mentorship.objects.for_user(user).order_by("pk")[0]
    for number in range(30):
        review = make.make_review(
            user,
            on=day(number * 5).date(),
            mentorship=mentorship if number % 2 else None,
            satisfaction=1 + number % 5 if number % 2 else None,
            words=f"{LONG} {UNBROKEN}",
            **{scale: 1 + (number + n) % 5 for n, scale in enumerate(("career", "confidence", "network"))},
        )
        ReviewNote.objects.create(owner=user, review=review, aspect="trust", change="easier", words=LONG)

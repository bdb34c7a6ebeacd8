"""Creates portfolios of any size for tests and for viewing: 0, 1, 7, 25 mentors.

From a shell: ``fill(user, mentors=7)``. The same number always creates the same portfolio.
"""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from outreach.models import Approach
from portfolio.models import Mentorship, MentorshipEvent, Need
from tests import factories as make

What = MentorshipEvent.What
COMPETENCIES = ("why", "how", "whom")
NEEDS = [
    ("keep my values when I lead", "why", 2),
    ("win a funded fellowship", "how", 2),
    ("be known to social-care commissioners", "whom", 3),
    ("lead a team", "how", 1),
    ("be heard by funding panels", "whom", 2),
    ("choose between research and practice", "why", 3),
    ("write for people who decide", "how", 2),
    ("return after a break with confidence", "why", 1),
]
NAMES = [
    "Margaret Osei",
    "Tomasz Wren",
    "Rukhsana Dale",
    "Prof. Ines Calder",
    "Noor Halliday",
    "ليلى الحسيني",
    "Wilhelmina Featherstonehaugh-Montgomery",
    "Åsa Lindqvist",
    "Bo Li",
    "🙂 Sunny Day",
    "佐藤 美咲",
    "Callum Reith",
    "Efua Mensah",
    "Gareth Pugh",
    "Hana Novak",
    "Ivo Brandt",
    "Jun Park",
    "Kit Marlow",
    "Lena Fischer",
    "Mo Farrell",
    "Nadia Rahman",
    "Owen Price",
    "Petra Vogel",
    "Quentin Ashby",
    "Rosa Delgado",
]
BREADTHS = ["broad_long", "narrow_short", "", "narrow_long", "broad_short"]


def fill(user: User, mentors: int, needs: int | None = None) -> list[Mentorship]:
    """Create this many mentors of all kinds, a sixth as many past ones, and a few approaches."""
    wanted = make_needs(user, needs if needs is not None else min(3 + mentors, len(NEEDS)))
    made = [mentor(user, number, wanted) for number in range(mentors)]
    for number in range(mentors // 6):
        person = make.make_person(user, f"Earlier Mentor {number + 1}")
        start = day(number, 500)
        make.make_mentorship(
            person, status="ended", ended_as="complete", started_on=start, ended_on=start + dt.timedelta(days=500)
        )
    for number in range(min(mentors, 3)):
        stage = (Approach.Stage.APPROACHED, Approach.Stage.INITIAL, Approach.Stage.SHORTLISTED)[number]
        person = make.make_person(user, ("Gwen Abara", "Henrik Solberg", "Priya Nand")[number])
        make.make_approach(person, *wanted[number + 1 : number + 2], stage=stage)
    if wanted:
        make.make_could_help(make.make_person(user, "Delphine Okafor"), wanted[2 % len(wanted)])
    return made


def make_needs(user: User, count: int) -> list[Need]:
    rows = []
    for number in range(count):
        words, competency, weight = NEEDS[number % len(NEEDS)]
        again = f" ({number // len(NEEDS) + 1})" if number >= len(NEEDS) else ""
        rows.append(make.make_need(user, words + again, competency=competency, weight=weight))
    return rows


def day(number: int, spread: int = 120) -> dt.date:
    """A date that grows with the number, over about eight years."""
    return dt.date(2018, 3, 5) + dt.timedelta(days=(number * spread) % 3000)


def mentor(user: User, number: int, needs: list[Need]) -> Mentorship:
    """A mentor of each kind in turn: formal, paused, a friend, with a second competency, turned informal."""
    again = f" {number // len(NAMES) + 1}" if number >= len(NAMES) else ""
    person = make.make_person(user, NAMES[number % len(NAMES)] + again, organisation=f"Trust {number % 3}")
    formal, paused, friend = number % 5 == 1, number % 7 == 4, number % 4 == 0
    start = day(number)
    row = make.make_mentorship(
        person,
        form="formal" if formal else "informal",
        status="paused" if paused else "active",
        closeness=1 + number * 7 // 3 % 3,
        breadth=BREADTHS[number % len(BREADTHS)],
        started_on=start,
        friends_since=start + dt.timedelta(days=300) if friend else None,
    )
    if number % 5 == 2:
        event(row, What.TURNED_INFORMAL, 200)
    if number % 3 == 1:
        event(row, What.PAUSED, 100)
        event(row, What.RESUMED, 190)
    if paused:
        event(row, What.PAUSED, 260)
    competency = COMPETENCIES[number % 3]
    own = [need for need in needs if need.competency == competency]
    # The second need of each kind has no mentor, so that there is a gap.
    if own:
        served = own[:1] + own[2:]
        make.make_support(row, served[(number // 9) % len(served)], strength=1 + number % 3)
    else:
        make.make_support(row, competency=competency, strength=2)
    if number % 4 == 3:
        make.make_support(row, competency=COMPETENCIES[(number + 1) % 3], strength=1)
    return row


def event(mentorship: Mentorship, what: str, days: int) -> None:
    on = mentorship.started_on + dt.timedelta(days=days)
    MentorshipEvent.objects.create(owner=mentorship.owner, mentorship=mentorship, what=what, on=on)

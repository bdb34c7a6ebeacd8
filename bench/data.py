"""The data set: fifty users with a thousand people each and one with five thousand; the same in every run.

The rows are consistent, as in real use (mentors have contacts and meetings, for example), because what a page costs
depends on what it shows.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from mail.models import Heartbeat
from meetings.models import Action, Meeting
from outreach.models import Approach, ApproachEvent, ApproachNeed, FollowUp, Message, Purpose
from portfolio.models import (
    Brief,
    Competency,
    Contact,
    CouldHelp,
    Knows,
    Mentorship,
    Need,
    Person,
    PersonEmail,
    PersonLink,
    PersonTag,
    Support,
    Tag,
)
from reminders.models import Reminder

USERS, PEOPLE, MANY_PEOPLE = 50, 1_000, 5_000

FIRST = [
    "Adaeze",
    "Bronwen",
    "Callum",
    "Dafydd",
    "Edith",
    "Farah",
    "Gwen",
    "Henrik",
    "Imani",
    "Łukasz",
    "Niamh",
    "Óscar",
]
LAST = [
    "Abara",
    "Birch",
    "Calder",
    "Dale",
    "Evans",
    "Farrow",
    "Grant",
    "Hollis",
    "Kaur",
    "Lund",
    "Osei",
    "Pryce",
    "Reith",
]
ROLES = ["Director of Research", "Senior Lecturer", "Trial Manager", "Head of Commissioning", "Statistician", "Fellow"]
PLACES = ["Calder Valley Hospitals", "University of Northfields", "Dale Trust", "Office for Care", "Wren Institute"]
SECTORS = ["health", "social care", "education", "local government", ""]
TAGS = ["methods", "funding", "policy", "writing", "leadership", "teaching", "alumni", "conference", "panel", "abroad"]
NOTES = "Met at the spring meeting. Knows the funders well, and likes to be asked one clear question at a time. "
NEEDS = [
    (Competency.WHOM, "be known to social-care commissioners", "social care", 3),
    (Competency.HOW, "lead a team through a long trial", "health", 3),
    (Competency.WHY, "decide whether to stay in research", "", 2),
    (Competency.WHOM, "get onto a funding panel", "health", 2),
    (Competency.HOW, "write for a general audience", "education", 1),
    (Competency.WHY, "find a direction after the fellowship", "", 2),
]


@dataclass(frozen=True)
class DataSet:
    """``one`` has 1,000 people, a busy day and the ``mentor``; ``many`` has 5,000 people and the ``gap``."""

    one: User
    many: User
    mentor: Person
    gap: Need


def fill() -> DataSet:
    """Fill an empty database. Takes half a minute."""
    Heartbeat.objects.create(name="sweep", at=timezone.now() + dt.timedelta(hours=1))
    users = [_user(number) for number in range(USERS)]
    houses = [_House(user, random.Random(user.email)) for user in users]
    for house in houses:
        house.fill(MANY_PEOPLE if house.user == users[1] else PEOPLE)
    return DataSet(users[0], users[1], houses[0].people[0], houses[1].needs[0])


def _user(number: int) -> User:
    # No password: the bench creates sessions instead of signing in.
    return User.objects.create_user(f"user{number}@example.org", name=f"Ada Number {number}", organisation=PLACES[0])


def _fold(person: Person) -> None:
    """Fill the columns for searching and sorting, as ``save`` would; ``bulk_create`` does not call ``save``."""
    if hasattr(person, "fold"):
        person.fold()
    else:  # code from before the sort columns existed
        person.search_text = person.folded()


class _House:
    """The rows of one user, created in bulk."""

    def __init__(self, user: User, chance: random.Random) -> None:
        self.user, self.chance = user, chance
        self.now = timezone.now()
        self.people: list[Person] = []
        self.needs: list[Need] = []

    def fill(self, people: int) -> None:
        self._people(people)
        self._needs()
        self._mentorships()
        self._approaches()
        self._meetings()
        self._reminders()

    def _ago(self, days: int) -> dt.datetime:
        return self.now - dt.timedelta(days=days)

    def _people(self, many: int) -> None:
        owner, chance = self.user, self.chance
        tags = Tag.objects.bulk_create(Tag(owner=owner, name=name) for name in TAGS)
        tagged = []
        for number in range(many):
            person = Person(
                owner=owner,
                name=f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}",
                headline=chance.choice(ROLES),
                organisation=chance.choice(PLACES),
                sector=chance.choice(SECTORS),
                source=chance.choice(Person.Source.values),
                source_detail="met in 2019",
                notes=NOTES * chance.randrange(4),
            )
            tagged.append(chance.sample(tags, chance.randrange(3)))
            _fold(person)
            person.search_text += "".join(f"\n{tag.name}" for tag in tagged[-1])
            self.people.append(person)
        people = Person.objects.bulk_create(self.people, batch_size=1000)
        PersonTag.objects.bulk_create(
            PersonTag(owner=owner, person=person, tag=tag)
            for person, of in zip(people, tagged, strict=True)
            for tag in of
        )
        PersonEmail.objects.bulk_create(
            PersonEmail(owner=owner, person=person, address=f"p{number}@example.org")
            for number, person in enumerate(people)
            if number % 2 == 0
        )
        PersonLink.objects.bulk_create(
            PersonLink(owner=owner, person=person, url=f"https://example.org/{person.pk}") for person in people[::5]
        )
        Contact.objects.bulk_create(
            Contact(owner=owner, person=person, at=self._ago(chance.randrange(1, 2000)), note="About the new trial")
            for person in people[::4]
        )
        # Each of the first twenty knows some of the others, mentors included, so that there are paths to people.
        Knows.objects.bulk_create(
            Knows(owner=owner, knower=knower, known=known, note="worked together")
            for knower in people[:20]
            for known in chance.sample(people[20:], 10)
        )

    def _needs(self) -> None:
        owner, today = self.user, self.user.today()
        Brief.objects.create(
            owner=owner, why_now="A new post.", direction="Lead a group by 2030.", finished_at=self.now
        )
        self.needs = Need.objects.bulk_create(
            Need(owner=owner, competency=competency, words=words, sector=sector, weight=weight, opened_on=today)
            for competency, words, sector, weight in NEEDS
        )
        CouldHelp.objects.bulk_create(
            CouldHelp(owner=owner, person=person, need=need, why="has done it")
            for need in self.needs
            for person in self.chance.sample(self.people, 12)
        )

    def _mentorships(self) -> None:
        owner, today = self.user, self.user.today()
        rows = [
            Mentorship(owner=owner, person=person, started_on=today - dt.timedelta(days=400 * (n + 1)))
            for n, person in enumerate(self.people[:9])
        ]
        for row in rows[6:]:
            row.status, row.ended_as = Mentorship.Status.ENDED, Mentorship.EndedAs.COMPLETE
            row.ended_on = today - dt.timedelta(days=100)
        Mentorship.objects.bulk_create(rows)
        # The first need, the heaviest, is the gap.
        Support.objects.bulk_create(
            Support(owner=owner, mentorship=row, need=need, competency=need.competency, since=row.started_on)
            for n, row in enumerate(rows[:6])
            for need in [self.needs[1 + n % (len(self.needs) - 1)]]
        )
        Contact.objects.bulk_create(
            Contact(owner=owner, person=row.person, at=self._ago(40 * n), kind="meeting", note="An hour, as planned")
            for row in rows
            for n in range(1, 11)
        )

    def _approaches(self) -> None:
        owner = self.user
        stages = [*Approach.Stage.values, *Approach.Stage.values]
        rows = [
            Approach(owner=owner, person=person, stage=stage, why_them="has sat on such a panel")
            for person, stage in zip(self.people[20:], stages, strict=False)
        ]
        ended = zip(self.people[40:], [o for o in Approach.Outcome.values if o != "accepted"] * 6, strict=False)
        rows += [
            Approach(owner=owner, person=person, stage="approached", outcome=outcome, ended_at=self._ago(90))
            for person, outcome in ended
        ]
        # The mentor on the measured page also has a past approach.
        rows.append(
            Approach(owner=owner, person=self.people[0], stage="requested", outcome="accepted", ended_at=self._ago(390))
        )
        self.approaches = Approach.objects.bulk_create(rows)
        ApproachNeed.objects.bulk_create(
            ApproachNeed(owner=owner, approach=row, need=self.chance.choice(self.needs)) for row in rows
        )
        written = [row for row in rows if row.stage not in {"shortlisted", "preparing"}]
        messages = [
            Message(
                owner=owner,
                person=row.person,
                approach=row,
                purpose=Purpose.FIRST_APPROACH,
                state=Message.State.SENT,
                at=self._ago(20),
                sent_subject="Fifteen minutes?",
                sent_body="Dear colleague, " + NOTES,
            )
            for row in written
        ]
        messages += [
            Message(owner=owner, person=row.person, approach=row, purpose=Purpose.FIRST_APPROACH, body=NOTES)
            for row in rows
            if row.stage == "preparing"
        ]
        Message.objects.bulk_create(messages)
        ApproachEvent.objects.bulk_create(
            ApproachEvent(owner=owner, approach=row, kind=kind, at=self._ago(days), what=what, stage=row.stage)
            for row in written
            for kind, days, what in (("opened", 30, "Shortlisted"), ("sent", 20, "Sent by e-mail"))
        )
        self.follow_ups = FollowUp.objects.bulk_create(
            FollowUp(owner=owner, approach=row, due_on=owner.today()) for row in written if row.is_open
        )

    def _meetings(self) -> None:
        owner = self.user
        mentors = self.people[:6]
        held = [
            Meeting(
                owner=owner,
                person=mentors[n % len(mentors)],
                starts_at=self._ago(20 + 15 * n),
                zone=owner.time_zone,
                state=Meeting.State.HELD,
                held_at=self._ago(20 + 15 * n),
                purpose="Where the trial stands",
            )
            for n in range(30)
        ]
        coming = [
            Meeting(owner=owner, person=person, starts_at=self.now + dt.timedelta(days=1 + n), zone=owner.time_zone)
            for n, person in enumerate(mentors[:4])
        ]
        self.held = Meeting.objects.bulk_create(held)
        self.coming = Meeting.objects.bulk_create(coming)
        self.actions = Action.objects.bulk_create(
            Action(owner=owner, meeting=meeting, person=meeting.person, words="Read the report", due_on=owner.today())
            for meeting in held[:5]
        )

    def _reminders(self) -> None:
        owner = self.user
        due = [("follow_up_due", row.pk) for row in self.follow_ups]
        due += [("action_due", row.pk) for row in self.actions]
        later = [("meeting_today", row.pk) for row in self.coming]
        settled = [("action_due", 10_000_000 + number) for number in range(100)]
        told, ahead, gone = Reminder.State.MAILED, Reminder.State.PLANNED, Reminder.State.EXPIRED
        Reminder.objects.bulk_create(
            Reminder(
                owner=owner,
                kind=kind,
                subject_id=subject,
                wished_on=at.date(),
                wall_date=at.date(),
                wall_time=dt.time(9),
                zone=owner.time_zone,
                due_at=at,
                state=state,
            )
            for rows, at, state in (
                (due, self._ago(1), told),
                (later, self.now + dt.timedelta(days=2), ahead),
                (settled, self._ago(100), gone),
            )
            for kind, subject in rows
        )

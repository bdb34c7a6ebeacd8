"""Margaret, Tomasz and Rukhsana: who supports Ffion today."""

from __future__ import annotations

import datetime as dt

from meetings.actions import add_action
from meetings.models import Action, AgendaItem, Meeting
from meetings.services import hold_meeting, plan_meeting
from mentoring.demo.account import Demo
from portfolio.models import Competency, Contact, Mentorship, MentorshipEvent, Support
from portfolio.services import open_mentorship, record_contact


def tell(demo: Demo) -> None:
    margaret(demo)
    tomasz(demo)
    rukhsana(demo)


def mentor(
    demo: Demo,
    key: str,
    *,
    origin: Mentorship.Origin,
    on: dt.date,
    needs: list[str],
    form: Mentorship.Form = Mentorship.Form.INFORMAL,
    **fields: object,
) -> Mentorship:
    mentorship = open_mentorship(
        person=demo.people[key], origin=origin, on=on, form=form, needs=[demo.needs[name] for name in needs]
    )
    for name, value in fields.items():
        setattr(mentorship, name, value)
    mentorship.save(update_fields=list(fields))
    return mentorship


def margaret(demo: Demo) -> None:
    demo.mentors["margaret"] = mentor(
        demo,
        "margaret",
        origin=Mentorship.Origin.GREW,
        on=dt.date(2016, 10, 3),
        needs=["values"],
        closeness=Mentorship.Closeness.CLOSE,
        breadth=Mentorship.Breadth.BROAD_LONG,
        phase=Mentorship.Phase.PROGRESS,
        friends_since=dt.date(2022, 6, 18),
        rhythm_weeks=12,
        giving_back="I read her grant drafts and send her the papers she has no time to find.",
    )
    MentorshipEvent.objects.create(
        owner=demo.user,
        mentorship=demo.mentors["margaret"],
        what=MentorshipEvent.What.BECAME_FRIENDS,
        on=dt.date(2022, 6, 18),
    )
    Support.objects.filter(mentorship=demo.mentors["margaret"]).update(strength=Support.Strength.STRONG)
    record_contact(person=demo.people["margaret"], at=demo.ago(24, 18), kind=Contact.Kind.CALL, note="Sunday call")


def tomasz(demo: Demo) -> None:
    mentorship = mentor(
        demo,
        "tomasz",
        origin=Mentorship.Origin.PROGRAMME,
        form=Mentorship.Form.FORMAL,
        on=demo.day(160),
        needs=["fellowship"],
        closeness=Mentorship.Closeness.DISTANT,
        breadth=Mentorship.Breadth.NARROW_SHORT,
        phase=Mentorship.Phase.PROGRESS,
        rhythm_weeks=4,
        direction_private="Hand in a fellowship application I would be proud of, with or without the money.",
        direction_shared="Hand in a strong fellowship application next autumn.",
    )
    last = meet(demo, mentorship, days_ago=28, kind=Meeting.Kind.REGULAR, purpose="The research question")
    for words, state, outcome in (
        (
            "The research question in two sentences",
            AgendaItem.State.DONE,
            "Clear now: one population, one decision.",
        ),
        ("Whom to name as host institution", AgendaItem.State.OPEN, ""),
    ):
        AgendaItem.objects.create(
            owner=demo.user,
            meeting=last,
            position=last.items.count(),
            words=words,
            state=state,
            outcome=outcome,
            minutes=25,
            need=demo.needs["fellowship"],
        )
    hold_meeting(meeting=last, at=last.starts_at)
    add_action(
        meeting=last,
        action=Action(words="Send Tomasz the one-page outline", whose=Action.Whose.MINE, due_on=demo.day(-1)),
    )
    add_action(meeting=last, action=Action(words="Share a funded application", whose=Action.Whose.THEIRS))
    meet(demo, mentorship, days_ago=-1, kind=Meeting.Kind.REGULAR, purpose="Choose the host institution", hour=11)


def rukhsana(demo: Demo) -> None:
    mentorship = mentor(
        demo,
        "rukhsana",
        origin=Mentorship.Origin.ASKED,
        on=demo.day(300),
        needs=["team"],
        closeness=Mentorship.Closeness.NEAR,
        breadth=Mentorship.Breadth.BROAD_SHORT,
        phase=Mentorship.Phase.PROGRESS,
        rhythm_weeks=6,
        direction_private="Lead without turning into somebody else.",
    )
    demo.mentors["rukhsana"] = mentorship
    Support.objects.create(
        owner=demo.user,
        mentorship=mentorship,
        competency=Competency.WHY,
        strength=Support.Strength.SOME,
        since=demo.day(200),
    )
    meeting = meet(demo, mentorship, days_ago=39, kind=Meeting.Kind.REGULAR, purpose="A difficult conversation")
    AgendaItem.objects.create(
        owner=demo.user,
        meeting=meeting,
        position=meeting.items.count(),
        words="How to tell somebody that they are not ready",
        state=AgendaItem.State.DONE,
        outcome="Say it early, say it in private, offer the next step.",
        minutes=40,
        need=demo.needs["team"],
    )
    hold_meeting(meeting=meeting, at=meeting.starts_at)


def meet(demo: Demo, mentorship: Mentorship, *, days_ago: int, kind: str, purpose: str, hour: int = 14) -> Meeting:
    return plan_meeting(
        owner=demo.user,
        person=mentorship.person,
        kind=kind,
        starts_local=dt.datetime.combine(demo.day(days_ago), dt.time(hour)),
        zone=demo.user.time_zone,
        minutes=60,
        place="Online",
        purpose=purpose,
        mentorship=mentorship,
        suggested=False,
    )

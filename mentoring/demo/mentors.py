"""Margaret, Tomasz and Rukhsana: Ffion's current mentors."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from meetings.actions import add_action
from meetings.models import Action, AgendaItem, Meeting, MentorWord, ShareLink
from meetings.services import hold_meeting, plan_meeting
from meetings.sharing import mentor_actions, share_links
from mentoring.demo.account import Demo
from portfolio.mentorships import formal, scheduling
from portfolio.mentorships.agreements import CONFIDENTIALITY, starter
from portfolio.mentorships.services import open_mentorship
from portfolio.models import (
    Competency,
    Contact,
    EvaluationDate,
    FormalTerms,
    Mentorship,
    MentorshipEvent,
    Support,
    WhatCameOfIt,
)
from portfolio.people.contacts import record_contact


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
    scheduling.remind_of_mentorship(mentorship)
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
        direction_private="Do work I can stand for, and still have evenings.",
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
        giving_back="I check the statistics of his protocols before they go out.",
    )
    demo.mentors["tomasz"] = mentorship
    programme(demo, mentorship)
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
    Meeting.objects.filter(pk=last.pk).update(shows_agreed=True)
    meet(demo, mentorship, days_ago=-1, kind=Meeting.Kind.REGULAR, purpose="Choose the host institution", hour=11)
    his_page(demo)


def his_page(demo: Demo) -> None:
    """Tomasz's private page: he accepted the time, and left a point and a message, which Ffion has read."""
    person = demo.people["tomasz"]
    link = share_links.issue_link(person=person)
    ahead = mentor_actions.next_meeting(link)
    if ahead is not None:
        mentor_actions.answer_time(link=link, yes=True, seen=int(ahead.starts_at.timestamp()))
        mentor_actions.add_point(link=link, words="Which referees to suggest")
    mentor_actions.leave_message(
        link=link, words="Bring the outline as it is. Rough is fine; we can sharpen it together."
    )
    share_links.note_seen(person=person)
    at = demo.ago(2, 17)
    ShareLink.objects.filter(pk=link.pk).update(created_at=demo.ago(5, 9))
    for n, word in enumerate(MentorWord.objects.filter(link=link).order_by("pk")):
        MentorWord.objects.filter(pk=word.pk).update(at=at + n * dt.timedelta(minutes=2), seen_at=demo.ago(1, 8))


def programme(demo: Demo, mentorship: Mentorship) -> None:
    """A formal programme of an hour a month for a year: four hours so far, a past and a future evaluation."""
    terms = FormalTerms.objects.get(mentorship=mentorship)
    terms.programme, terms.organisation = "Northfields Programme", "Northfields Institute"
    terms.co_ordinator = "Zofia Lem"
    terms.months, terms.hours_a_month = 12, Decimal(1)
    terms.i_am_trained = terms.they_are_trained = True
    formal.set_down(mentorship=mentorship, terms=terms)
    for days_ago, kind, note in (
        (155, Contact.Kind.MEETING, "First meeting of the programme"),
        (124, Contact.Kind.MEETING, "Which fund, and why"),
        (91, Contact.Kind.CALL, "The outline"),
        (60, Contact.Kind.CALL, "Two funded applications, side by side"),
    ):
        record_contact(person=mentorship.person, at=demo.ago(days_ago), kind=kind, note=note, minutes=60)
    for days_ago, words in ((70, "A page on how it began"), (-20, "Half-way: what has changed, what is missing")):
        evaluation = EvaluationDate.objects.create(owner=demo.user, terms=terms, on=demo.day(days_ago), words=words)
        if days_ago > 0:
            formal.mark_done(evaluation=evaluation, on=demo.day(days_ago))
        else:
            scheduling.remind_of_evaluation(evaluation)


def came_of_it(demo: Demo, key: str, days_ago: int, words: str, *, expected: bool, need: str = "") -> None:
    WhatCameOfIt.objects.create(
        owner=demo.user,
        mentorship=demo.mentors[key],
        on=demo.day(days_ago),
        words=words,
        expected=expected,
        need=demo.needs[need] if need else None,
    )


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
        agreement=starter(mentee="Ffion", mentor="Rukhsana", weeks=6),
        confidentiality=CONFIDENTIALITY,
        agreement_review_on=demo.day(-45),
    )
    demo.mentors["rukhsana"] = mentorship
    came_of_it(demo, "rukhsana", 95, "I told a colleague early that he was not ready", expected=True, need="team")
    came_of_it(demo, "rukhsana", 30, "Asked to chair the trial methods seminar", expected=False)
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

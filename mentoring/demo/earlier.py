"""Colm: a former mentor, for the timeline."""

from __future__ import annotations

import datetime as dt

from mentoring.demo.account import Demo
from portfolio.mentorships.services import end_mentorship, open_mentorship
from portfolio.models import Competency, FormalTerms, Mentorship, MentorshipEvent, Support

What = MentorshipEvent.What


def tell(demo: Demo) -> None:
    """The mentorship started in a programme, turned informal, was paused, and ended well."""
    mentorship = open_mentorship(
        person=demo.people["colm"],
        origin=Mentorship.Origin.PROGRAMME,
        on=dt.date(2018, 9, 10),
        competency=Competency.HOW,
    )
    mentorship.breadth = Mentorship.Breadth.NARROW_LONG
    mentorship.closeness = Mentorship.Closeness.NEAR
    mentorship.save(update_fields=["breadth", "closeness"])
    FormalTerms.objects.create(
        owner=demo.user,
        mentorship=mentorship,
        programme="First Years in Research",
        organisation="Calder Valley Hospitals",
        months=12,
        hours_a_month=1,
        i_am_trained=True,
        they_are_trained=True,
    )
    for what, on in (
        (What.TURNED_INFORMAL, dt.date(2019, 9, 9)),
        (What.PAUSED, dt.date(2020, 3, 16)),
        (What.RESUMED, dt.date(2020, 10, 5)),
    ):
        MentorshipEvent.objects.create(owner=demo.user, mentorship=mentorship, what=what, on=on)
    Support.objects.filter(mentorship=mentorship).update(strength=Support.Strength.STRONG)
    end_mentorship(mentorship=mentorship, ended_as=Mentorship.EndedAs.COMPLETE, on=dt.date(2022, 4, 29))

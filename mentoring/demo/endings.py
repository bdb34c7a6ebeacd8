"""Approaches to Dev (waiting), Siobhán (ended after one good conversation) and Rhys (resting)."""

from __future__ import annotations

import datetime as dt

from mentoring.demo.account import Demo
from mentoring.demo.approaches import opened, write
from outreach.approaches import research
from outreach.approaches import services as approaches
from outreach.models import Approach, Purpose

ABOUT_ME = "I am a trial methodologist at Calder Valley Hospitals."


def tell(demo: Demo) -> None:
    dev(demo)
    siobhan(demo)
    rhys(demo)


def dev(demo: Demo) -> None:
    """Dev was researched first and written to last week; the next step is to wait."""
    approach, _ = approaches.open_approach(
        person=demo.people["dev"], needs=[demo.needs["panels"]], why_them="you have sat on both sides of a panel"
    )
    answers = {
        "their_role": "Health informatician",
        "their_work": "Your plea for smaller data sets made me cut my last proposal by half.",
        "in_common": "We sing in the same choir.",
        "who_knows_them": "",
        "why_now": "The next call opens in spring.",
    }
    research.keep(approach=approach, answers=answers)
    approach.refresh_from_db()
    values = {"topic": "how panels weigh methods", "about_me": ABOUT_ME}
    write(demo, approach, Purpose.FIRST_APPROACH, "first-email", values, demo.ago(5, 10))
    opened(demo, approach, days_ago=6, sent_at=demo.ago(5, 10))


def siobhan(demo: Demo) -> None:
    """The conversation with Siobhán took forty minutes instead of fifteen, and was enough."""
    approach, _ = approaches.open_approach(person=demo.people["siobhan"], needs=[demo.needs["fellowship"]])
    values = {
        "topic": "fellowships for methodologists",
        "about_me": ABOUT_ME,
        "what_i_noticed": "Your note on choosing a host changed how I read the call.",
        "why_them": "you have just won the one I am thinking of",
    }
    write(demo, approach, Purpose.FIRST_APPROACH, "first-email", values, demo.ago(160, 9))
    approaches.record_reply(
        approach=approach, at=demo.ago(158, 11), words="With pleasure. Would Thursday at two suit you?"
    )
    approach.refresh_from_db()
    approaches.record_conversation(person=approach.person, at=demo.ago(154), kind="initial", approach=approach)
    thanks = {"when_we_spoke": "on Thursday", "what_helped": "Your list of hosts saves me a month."}
    write(demo, approach, Purpose.THANK_YOU, "thank-you-email", thanks, demo.ago(153, 9))
    approaches.end_approach(approach=approach, outcome=Approach.Outcome.ENOUGH)
    opened(demo, approach, days_ago=161, sent_at=demo.ago(154))
    Approach.objects.filter(pk=approach.pk).update(ended_at=demo.ago(150))
    approach.events.filter(kind="ended").update(at=demo.ago(150))


def rhys(demo: Demo) -> None:
    """Rhys said "not now"; the approach rests until spring."""
    approach, _ = approaches.open_approach(person=demo.people["rhys"], needs=[demo.needs["team"]])
    values = {
        "topic": "leading a team across two sites",
        "about_me": ABOUT_ME,
        "what_i_noticed": "Your committee reads a protocol in a week, and people like working for you.",
        "why_them": "you lead people who don’t report to you",
    }
    write(demo, approach, Purpose.FIRST_APPROACH, "first-email", values, demo.ago(70, 9))
    approaches.record_reply(
        approach=approach,
        at=demo.ago(66, 15),
        words="Not before the spring, I’m afraid: we are being inspected.",
        outcome=Approach.Outcome.NOT_NOW,
    )
    approaches.rest(approach=approach, until=demo.today + dt.timedelta(days=110))
    opened(demo, approach, days_ago=72, sent_at=demo.ago(70, 9))
    approach.events.filter(kind="rested").update(at=demo.ago(65))

"""Approaches to Gwen and Henrik, and a need without a mentor."""

from __future__ import annotations

import datetime as dt

from mentoring.demo.account import Demo
from outreach.approaches import services as approaches
from outreach.drafts import services as drafts
from outreach.drafts.starters import starter
from outreach.follow_ups import send_later
from outreach.follow_ups import services as follow_ups
from outreach.introductions.services import open_introduction
from outreach.models import Approach, ApproachEvent, FollowUp, Message, Purpose
from portfolio.models import CouldHelp, Knows
from reminders.models import Reminder

FIRST_REMINDER = dt.timedelta(seconds=60)


def tell(demo: Demo) -> None:
    gwen(demo)
    henrik(demo)
    gap(demo)


def write(demo: Demo, approach: Approach, purpose: Purpose, key: str, values: dict[str, str], at: dt.datetime) -> None:
    message = drafts.start_draft(purpose=purpose, template=starter(key), approach=approach)
    message.field_values = {**message.field_values, **values}
    message.save(update_fields=["field_values"])
    drafts.record_sent(message=message, at=at)


def opened(demo: Demo, approach: Approach, *, days_ago: int, sent_at: dt.datetime) -> None:
    """Backdate the opening events, which the service functions record as of now."""
    begun = [ApproachEvent.Kind.OPENED, ApproachEvent.Kind.MOVED]
    approach.events.filter(kind__in=begun).update(at=demo.ago(days_ago))
    Approach.objects.filter(pk=approach.pk).update(opened_at=demo.ago(days_ago), stage_since=sent_at)


def gwen(demo: Demo) -> None:
    """Gwen has not answered a message of three weeks ago: the follow-up is due this morning."""
    approach, _ = approaches.open_approach(
        person=demo.people["gwen"], needs=[demo.needs["panels"]], why_them="you sit on the panels I will write for"
    )
    values = {
        "topic": "how funding panels read",
        "about_me": "I am a trial methodologist at Calder Valley Hospitals, three years after my doctorate.",
        "what_i_noticed": "Your talk on what reviewers skip has changed how I write my first page.",
        "why_them": "you have chaired a panel and examined my thesis",
    }
    write(demo, approach, Purpose.FIRST_APPROACH, "first-email", values, demo.ago(21, 10))
    opened(demo, approach, days_ago=23, sent_at=demo.ago(21, 10))
    follow_up = FollowUp.objects.get(approach=approach)
    FollowUp.objects.filter(pk=follow_up.pk).update(due_on=min(follow_up.due_on, demo.today))
    follow_ups.remind(follow_up)  # as if it had been planned then: a message recorded so late gets no reminder
    Reminder.objects.filter(owner=demo.user, kind="follow_up_due", subject_id=follow_up.pk).update(
        state=Reminder.State.MAILED, wished_on=demo.today, wall_date=demo.today, due_at=demo.now
    )


def henrik(demo: Demo) -> None:
    """Henrik said no, but recommended Priya."""
    approach, _ = approaches.open_approach(person=demo.people["henrik"], needs=[demo.needs["known"]])
    values = {
        "topic": "research in social care",
        "about_me": "I am a trial methodologist at Calder Valley Hospitals.",
        "what_i_noticed": "Your comment on our protocol made it a better trial.",
        "why_them": "you have moved from hospitals to social care yourself",
    }
    write(demo, approach, Purpose.FIRST_APPROACH, "first-email", values, demo.ago(44, 9))
    approaches.record_reply(
        approach=approach,
        at=demo.ago(41, 16),
        words="Dear Ffion, thank you for your kind note. I can’t take this on this year. "
        "Have you met Priya Nand at Wexcombe Council? She thinks about these things every day.",
        outcome=Approach.Outcome.DECLINED,
    )
    write(
        demo,
        approach,
        Purpose.GRACEFUL_DECLINE,
        "decline-email",
        {"topic": "commissioning"},
        demo.ago(40, 9),
    )
    opened(demo, approach, days_ago=45, sent_at=demo.ago(44, 9))
    Knows.objects.create(
        owner=demo.user, knower=demo.people["henrik"], known=demo.people["priya"], note="Recommended her"
    )


def gap(demo: Demo) -> None:
    """The heaviest need has no mentor yet; three people could help, and Margaret knows one of them."""
    for key, why in (
        ("callum", "Commissions social care, and is outside my own organisation"),
        ("priya", "Henrik says she thinks about this every day"),
        ("delphine", "Brings commissioners and researchers together"),
    ):
        CouldHelp.objects.create(owner=demo.user, person=demo.people[key], need=demo.needs["known"], why=why)
    Knows.objects.create(
        owner=demo.user,
        knower=demo.people["margaret"],
        known=demo.people["callum"],
        note="They sat on a committee together",
    )
    introduction, _ = open_introduction(
        target=demo.people["callum"],
        introducer=demo.people["margaret"],
        need=demo.needs["known"],
        why="Commissions social care, and decides what evidence counts",
    )
    message: Message = drafts.start_draft(
        purpose=Purpose.INTRODUCTION, template=starter("introduction-email"), introduction=introduction
    )
    message.field_values = {
        **message.field_values,
        "topic": "how social-care commissioners choose what to fund",
        "about_me": "Ffion is a trial methodologist who wants to build a social-care research group.",
    }
    message.save(update_fields=["field_values"])
    send_later.remind_to_send(message=message, at=demo.now + FIRST_REMINDER)

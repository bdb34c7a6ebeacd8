"""The outreach part of the user's data export, as plain values."""

from __future__ import annotations

from accounts.models import User
from outreach.approaches import research
from outreach.models import Approach, Introduction, Message, MessageTemplate


def export(user: User) -> dict[str, object]:
    approaches = (
        Approach.objects.for_user(user).select_related("person").prefetch_related("events", "needs", "follow_ups")
    )
    return {
        "approaches": [
            {
                "person": approach.person.name,
                "stage": approach.get_stage_display(),
                "outcome": approach.get_outcome_display(),
                "why them": approach.why_them,
                "looked up": {label.lower(): getattr(approach, name) for name, label in research.LABELS.items()},
                "plan of follow-ups, in working days": approach.waits,
                "needs": [need.words for need in approach.needs.all()],
                "replied at": approach.replied_at,
                "resting until": approach.rest_until,
                "history": [{"at": event.at, "what": event.what} for event in approach.events.all()],
                "follow-ups": [
                    {"due on": f.due_on, "state": f.get_state_display(), "because": f.stopped_because}
                    for f in approach.follow_ups.all()
                ],
            }
            for approach in approaches
        ],
        "introductions": [
            {
                "to": introduction.target.name,
                "by": introduction.introducer.name,
                "state": introduction.get_state_display(),
                "why": introduction.why,
                "need": introduction.need.words if introduction.need else "",
                "considered on": introduction.considered_on,
                "asked on": introduction.asked_on,
                "agreed on": introduction.agreed_on,
                "closed on": introduction.closed_on,
            }
            for introduction in Introduction.objects.for_user(user).select_related("target", "introducer", "need")
        ],
        "messages": [
            {
                "person": message.person.name,
                "purpose": message.get_purpose_display(),
                "channel": message.get_channel_display(),
                "state": message.get_state_display(),
                "at": message.at,
                "to": message.sent_to,
                "to be sent at": message.send_at,
                "typed": message.field_values,
                "kept beside": message.conflicts,
                "subject": message.sent_subject or message.subject,
                "body": message.sent_body or message.body,
            }
            for message in Message.objects.for_user(user).select_related("person")
        ],
        "templates": [
            {
                "name": t.name,
                "purpose": t.get_purpose_display(),
                "channel": t.get_channel_display(),
                "subject": t.subject,
                "body": t.body,
                "put away at": t.archived_at,
            }
            for t in MessageTemplate.objects.for_user(user)
        ],
    }

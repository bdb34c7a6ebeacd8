"""A preview of the follow-up that is due: the template's text, merged, before a draft exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.private_notes import if_readable
from outreach.approaches import research
from outreach.drafts import merge_fields
from outreach.drafts.starters import Starter, starters_for
from outreach.models import Approach, Message, MessageTemplate, Purpose


@dataclass(frozen=True)
class ReadyFollowUp:
    """``template`` is the form value that starts a draft from it; the parts mark the fields still to be filled in."""

    template: str
    subject: str
    body: list[merge_fields.Part]


def ready_follow_up(approach: Approach, sent: Sequence[Message]) -> ReadyFollowUp | None:
    """From the user's template or a starter, preferring one for the last used channel. One query.

    ``sent`` are the sent messages of the approach, oldest first, at least one. Saves nothing, because a GET must not
    change data.
    """
    if not sent:
        return None
    last = sent[-1]
    own = MessageTemplate.objects.for_user(approach.owner).filter(purpose=Purpose.FOLLOW_UP, archived_at__isnull=True)
    choice: list[MessageTemplate | Starter] = [*own, *starters_for(Purpose.FOLLOW_UP)]
    template = next((one for one in choice if one.channel == last.channel), choice[0])
    key = template.key if isinstance(template, Starter) else str(template.pk)
    subject = f"Re: {last.sent_subject.removeprefix('Re: ')}" if last.sent_subject else ""
    return ReadyFollowUp(key, subject, merge_fields.parts(template.body, _values(approach, sent)))


def _values(approach: Approach, sent: Sequence[Message]) -> dict[str, str]:
    """The values known without a query: both people, the research, and fields typed before."""
    person, owner = approach.person, approach.owner
    values = research.feeds(approach)
    for message in sent:
        values.update({name: str(value) for name, value in message.field_values.items() if value})
    return {
        **values,
        "their_first_name": person.first_name,
        "their_name": person.name,
        "their_role": person.headline or if_readable(approach.their_role),
        "their_organisation": person.organisation,
        "my_name": owner.name,
        "my_first_name": owner.first_name,
        "need": next((need.words for need in approach.needs.all()), ""),
    }

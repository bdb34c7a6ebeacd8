"""Research before writing: five short questions, private to the user. Each answer fills a merge field of the draft."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from accounts.private_notes import if_readable
from outreach.approaches.events import lock_approach
from outreach.form_version import seen
from outreach.models import Approach, Message

# The answer fields of an approach, and the merge field each one fills.
FILLS = {
    "their_role": "their_role",
    "their_work": "what_i_noticed",
    "in_common": "what_we_share",
    "who_knows_them": "who_knows_us",
    "why_now": "why_now",
}
# The answer fields that hold text.
LABELS = {
    "their_role": "Their role",
    "their_work": "Their work",
    "in_common": "What you have in common",
    "who_knows_them": "Who knows them",
    "why_now": "Why now",
}


def answered(approach: Approach) -> int:
    """How many of the five questions have an answer."""
    return sum(bool(getattr(approach, name)) for name in FILLS)


def feeds(approach: Approach) -> dict[str, str]:
    """The values of merge fields by name, from the research and the reasons for this person."""
    given = {fills: getattr(approach, name) for name, fills in FILLS.items()} | {"why_them": approach.why_them}
    return {name: value for name, value in given.items() if if_readable(value)}


def version(approach: Approach) -> str:
    """A hash of the answers for the page's form, to detect changes made in another tab."""
    return seen(getattr(approach, name) for name in FILLS)


@transaction.atomic
def keep(*, approach: Approach, answers: Mapping[str, str]) -> None:
    """Save the answers, and copy them to drafts of this approach unless the draft has its own value."""
    approach = lock_approach(approach)
    before = feeds(approach)
    for name in FILLS:
        setattr(approach, name, answers[name])
    approach.save(update_fields=[*FILLS])
    feed_drafts(approach, before)


def feed_drafts(approach: Approach, before: Mapping[str, str]) -> None:
    """Update fields of drafts that still have their value from ``before``, an earlier result of :func:`feeds`."""
    given = feeds(approach)
    for draft in approach.messages.filter(state=Message.State.DRAFT).select_for_update():
        fresh = {
            name: value
            for name, value in given.items()
            if draft.field_values.get(name, "") in {"", before.get(name, "")} and draft.field_values.get(name) != value
        }
        if fresh:
            draft.field_values = {**draft.field_values, **fresh}
            draft.updated_at = timezone.now()  # so that a tab with the old draft can't overwrite this unnoticed
            draft.save(update_fields=["field_values", "updated_at"])

"""What to know before a talk: who, where it stands, last time, what is open on both sides, and what to talk about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from accounts import row_security
from accounts.models import User
from accounts.private_notes import NoteUnreadable
from accounts.words import how_long, listed
from meetings import selectors
from meetings.agenda.suggestions import suggested
from meetings.models import Action, AgendaItem, Meeting
from portfolio.mentorships.rhythm import every
from portfolio.models import Contact, Mentorship

MOST_ACTIONS = 2  # on each side
MOST_POINTS = 4


@dataclass(frozen=True)
class Short:
    """The first of several, and how many are left out."""

    words: list[str]
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.words)

    def __str__(self) -> str:
        return listed([*self.words, *([f"{self.more} more"] if self.more else [])])


@dataclass(frozen=True)
class Before:
    """``came_of_it`` may be private; ``points`` are suggestions of ours while nothing is on the agenda."""

    who: str
    stands: str
    last: str
    came_of_it: str
    mine: Short
    theirs: Short
    points: Short
    suggested: bool


def before(meeting: Meeting) -> Before:
    """At most five queries. ``meeting`` has its owner, person, approach and mentorship."""
    person = meeting.person
    earlier = [action for action in selectors.actions_beside(meeting) if action.done_at is None]
    on_it = list(meeting.items.filter(state=AgendaItem.State.OPEN))
    points = [str(item.words) for item in on_it] or [one.words for one in suggested(meeting.kind, meeting.minutes)]
    last, came_of_it = _last_time(meeting)
    return Before(
        who=", ".join(filter(None, [person.headline, person.organisation])) or person.get_source_display(),
        stands=_stands(meeting),
        last=last,
        came_of_it=came_of_it,
        mine=_short([action.words for action in earlier if action.whose == Action.Whose.MINE], MOST_ACTIONS),
        theirs=_short([action.words for action in earlier if action.whose == Action.Whose.THEIRS], MOST_ACTIONS),
        points=_short(points, MOST_POINTS),
        suggested=not on_it,
    )


def _short(words: Sequence[object], most: int) -> Short:
    return Short([str(one) for one in words[:most]], max(0, len(words) - most))


def _stands(meeting: Meeting) -> str:
    user, mentorship, approach = meeting.owner, meeting.mentorship, meeting.approach
    if mentorship is not None and mentorship.status == Mentorship.Status.PAUSED:
        return "Your mentor; paused for now"
    if mentorship is not None and mentorship.status == Mentorship.Status.ACTIVE:
        rhythm = f", {every(mentorship.rhythm_weeks)}" if mentorship.rhythm_weeks else ""
        phase = f". {mentorship.get_phase_display()}" if mentorship.phase else ""
        return f"Your mentor since {mentorship.started_on:%B %Y}{rhythm}{phase}"
    if approach is not None and approach.is_open:
        return f"{approach.get_stage_display()}, for {how_long(_days(user, approach.stage_since))}"
    return "You know each other; nothing is asked yet"


def _days(user: User, since: dt.datetime) -> int:
    return max(0, (user.today() - user.local(since).date()).days)


def _last_time(meeting: Meeting) -> tuple[str, str]:
    """When you last spoke, and what came of it in the user's own words; else when you were last in touch."""
    held = Meeting.objects.for_user(meeting.owner).filter(person=meeting.person_id, state=Meeting.State.HELD)
    last = held.exclude(pk=meeting.pk).order_by("-starts_at", "-pk").first()
    if last is not None:
        outcomes = [item.outcome for item in last.items.filter(state=AgendaItem.State.DONE) if item.outcome]
        words = outcomes or [last.private_notes or last.shared_notes]
        return f"You spoke on {_date(meeting.owner, last.spoke_at)}", " · ".join(_beginning(one) for one in words[:3])
    contact = Contact.objects.for_user(meeting.owner).filter(person=meeting.person_id).order_by("-at", "-pk").first()
    if contact is not None:
        return f"You were in touch on {_date(meeting.owner, contact.at)}", _beginning(contact.note)
    return "This is the first time", ""


def _beginning(words: str) -> str:
    return " ".join(str(words)[:300].split())


def _date(user: User, at: dt.datetime) -> str:
    on = user.local(at).date()
    return f"{on:%-d %B}" if on.year == user.today().year else f"{on:%-d %B %Y}"


def in_mail(user: User, pks: Collection[int]) -> dict[int, str]:
    """The same for that morning's mail, by meeting, if its user wishes; without what they wrote of last time."""
    if not user.mail_before_talks:
        return {}
    with row_security.of_user(user.pk):
        meetings = Meeting.objects.for_user(user).filter(pk__in=pks).select_related("person", "approach", "mentorship")
        found = {}
        for meeting in meetings:
            meeting.owner = user
            with suppress(NoteUnreadable):  # the meeting is told anyway
                found[meeting.pk] = _written(before(meeting), meeting.person.first_name)
        return found


def _written(what: Before, first_name: str) -> str:
    lines = [f"{what.who}.", f"{what.stands}. {what.last}."]
    if what.mine:
        lines.append(f"You said you’d do: {what.mine}.")
    if what.theirs:
        lines.append(f"{first_name} offered: {what.theirs}.")
    if what.points:
        lines.append(f"{'You could talk' if what.suggested else 'To talk'} about: {what.points}.")
    return "\n".join(lines)

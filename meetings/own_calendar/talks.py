"""Meetings with people one knows, from the user's own calendar: noted as "we spoke" once they are over, offered before.

Each is a row, and what the calendar says of it now is compared with that (:func:`keep`). What it comes to is decided
when it is over (:func:`settle`), by the same functions as a press of the user's, and can be taken back
(:mod:`.talk_answers`). Nothing here writes to anybody but the user.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import User
from accounts.ownership import OwnedQuerySet
from meetings import scheduling
from meetings.diary import LONGEST
from meetings.models import CalendarTalk, Meeting
from meetings.own_calendar.reading import Talk
from meetings.services import cancel_meeting, change_meeting, hold_meeting
from portfolio.models import Contact, PersonEmail
from portfolio.people.contacts import record_contact

DAY = dt.timedelta(days=1)
LOOK_BACK = 7 * DAY  # before it could last be read; when it is connected, that is the week before
LONGEST_BACK = 60 * DAY
AHEAD = 60 * DAY  # what is further off is offered later
SAME = 3 * DAY  # how far a time of many may be moved with all the others and still be known again
MOST_ASKED = 5  # questions at a time
ASKED_WITHIN = 30 * DAY  # who can say of a talk before that?
NOTE = "From your calendar"

State, News = CalendarTalk.State, CalendarTalk.News
Rows = OwnedQuerySet[CalendarTalk]


def talks_of(owner_id: int) -> Rows:
    """In the order they were or will be held, with person, owner, and the meeting that was planned from them."""
    return CalendarTalk.objects.filter(owner_id=owner_id).select_related("person", "owner", "meeting")


# --- What the calendar says now -------------------------------------------------------------------


def keep(owner: User, found: Iterable[Talk], since: dt.datetime) -> None:
    """Let the rows say what was ``found``, which is all that ends after ``since`` (UTC). Under the diary's lock.

    What was moved takes a meeting planned from it along; what is gone is forgotten, unless there is such a meeting.
    """
    found = list(found)
    said = _by_person(owner, found)
    off = {talk.key for talk in found if talk.off}
    rows = talks_of(owner.pk).filter(Q(ends_at__gt=since) | Q(key__in=[key for key, _ in said]))
    there = {(row.key, row.person_id): row for row in rows}
    fresh = {place: talk for place, talk in said.items() if place not in there}
    vanished = [row for place, row in there.items() if place not in said and row.ends_at > since]
    for place, row in there.items():
        if place in said:
            _follow(row, said[place])
    for row in vanished:
        now_at = None if row.key in off else _moved_with_all(row, fresh)
        if now_at is None:
            _gone(row, cancelled=row.key in off)
        else:
            row.key = now_at[0]
            row.save(update_fields=["key"])
            _follow(row, fresh.pop(now_at))
    until = timezone.now() + AHEAD
    CalendarTalk.objects.bulk_create(
        CalendarTalk(
            owner=owner,
            person_id=person,
            key=key,
            series=talk.series,
            starts_at=talk.starts,
            ends_at=talk.ends,
        )
        for (key, person), talk in fresh.items()
        if talk.starts < until
    )


def _by_person(owner: User, found: Collection[Talk]) -> dict[tuple[str, int], Talk]:
    """Each by its key and the id of a person of the user's who is there."""
    addresses = {address for talk in found for address in talk.addresses}
    people = defaultdict(list)
    rows = PersonEmail.objects.for_user(owner).annotate(small=Lower("address")).filter(small__in=addresses)
    for person, address in rows.values_list("person", "small"):
        people[address].append(person)
    return {
        (talk.key, person): talk for talk in found for address in talk.addresses for person in people.get(address, ())
    }


def _moved_with_all(row: CalendarTalk, fresh: dict[tuple[str, int], Talk]) -> tuple[str, int] | None:
    """Where it is now, if all times of an event that comes back were moved at once and so have other keys."""
    near = [
        (abs(talk.starts - row.starts_at), place)
        for place, talk in fresh.items()
        if talk.series == row.series and place[1] == row.person_id and abs(talk.starts - row.starts_at) <= SAME
    ]
    return min(near)[1] if near else None


def _follow(row: CalendarTalk, talk: Talk) -> None:
    if row.news == News.GONE:  # it is there again
        no_news(row)
    if (row.starts_at, row.ends_at) == (talk.starts, talk.ends):
        return
    before = row.starts_at
    row.starts_at, row.ends_at = talk.starts, talk.ends
    row.save(update_fields=["starts_at", "ends_at"])
    meeting = row.meeting
    # A time that the user gave it here stays.
    if row.state == State.AHEAD and meeting and meeting.state == Meeting.State.PLANNED and meeting.starts_at == before:
        _move(row, meeting)


def _move(row: CalendarTalk, meeting: Meeting) -> None:
    if _tells_them(meeting):
        _tell(row, News.ELSEWHERE)
        return
    row.started_before, row.minutes_before = meeting.starts_at, meeting.minutes
    row.save(update_fields=["started_before", "minutes_before"])
    there = row.starts_at.astimezone(meeting.starts_there.tzinfo).replace(tzinfo=None)
    change_meeting(meeting=meeting, starts_local=there, zone=meeting.zone, minutes=row.minutes)
    _tell(row, News.MOVED)


def _tells_them(meeting: Meeting) -> bool:
    """Whether a change would reach the person by mail. Only the user may cause that."""
    return bool(meeting.invites_mentor) or meeting.invitations.filter(whom="mentor").exists()


def _gone(row: CalendarTalk, *, cancelled: bool) -> None:
    if row.state not in (State.AHEAD, State.ASKS):
        return
    meeting = row.meeting
    if meeting is None or meeting.state != Meeting.State.PLANNED:
        forget(talks_of(row.owner_id).filter(pk=row.pk))
    elif cancelled and not _tells_them(meeting) and meeting.starts_at > timezone.now():
        cancel_meeting(meeting=meeting)
        settled(row, State.KNOWN)
        _tell(row, News.CALLED_OFF)
    elif row.news != News.GONE and row.ends_at > timezone.now():
        _tell(row, News.GONE)


def _tell(row: CalendarTalk, news: CalendarTalk.News) -> None:
    row.news, row.news_at = news, timezone.now()
    row.save(update_fields=["news", "news_at"])
    scheduling.remind_of_talk(row)


def no_news(row: CalendarTalk) -> None:
    row.news, row.news_at = "", None
    row.save(update_fields=["news", "news_at"])
    scheduling.remind_of_talk(row)


# --- What it comes to -----------------------------------------------------------------------------


def settle(owner: User) -> None:
    """Note, or ask about, what is over. Under the diary's lock."""
    now = timezone.now()
    for row in talks_of(owner.pk).filter(state=State.ASKS, ends_at__gt=now):  # it was moved
        settled(row, State.AHEAD)
    over = list(talks_of(owner.pk).filter(state=State.AHEAD, ends_at__lte=now).order_by("-ends_at", "-pk"))
    asking = set(talks_of(owner.pk).filter(state=State.ASKS).values_list("person", flat=True)) if over else set()
    for row in over:
        last = last_answer(row)
        if row.news in (News.GONE, News.ELSEWHERE) or last == State.NEVER or _is_known(row):
            settled(row, State.KNOWN)
        elif last == State.SPOKE:
            note(row, by_itself=True)
        elif row.ends_at < now - ASKED_WITHIN:
            settled(row, State.KNOWN)
        elif row.person_id not in asking and len(asking) < MOST_ASKED:
            asking.add(row.person_id)
            settled(row, State.ASKS)


def last_answer(row: CalendarTalk) -> str:
    """How the user settled the latest talk with this person that they have settled; empty before the first."""
    answers = talks_of(row.owner_id).filter(person=row.person_id, state__in=(State.SPOKE, State.NO, State.NEVER))
    return answers.order_by("-settled_at", "-pk").values_list("state", flat=True).first() or ""


def _is_known(row: CalendarTalk) -> bool:
    """Whether it is a meeting of this place, or was noted by hand."""
    if row.meeting is not None:
        return row.meeting.state != Meeting.State.PLANNED or row.meeting.starts_at != row.starts_at
    return bool(meetings_then([row])) or _contacts_that_day(row)


def meetings_then(rows: Collection[CalendarTalk]) -> set[int]:
    """The ids of those rows at whose time there is a meeting with the same person here, however it was planned."""
    if not rows:
        return set()
    first, last = min(row.starts_at for row in rows), max(row.ends_at for row in rows)
    meetings = Meeting.objects.filter(owner__in={row.owner_id for row in rows})
    meetings = meetings.exclude(state=Meeting.State.CANCELLED)
    near = list(meetings.filter(starts_at__gt=first - LONGEST, starts_at__lt=last))
    return {
        row.pk
        for row in rows
        for one in near
        if one.person_id == row.person_id and one.starts_at < row.ends_at and row.starts_at < one.ends_at
    }


def offered(owner_id: int) -> list[CalendarTalk]:
    """What is ahead and has no meeting here: the next one of each event. Two queries."""
    ahead = talks_of(owner_id).filter(state=State.AHEAD, starts_at__gt=timezone.now())
    first: dict[tuple[str, int], CalendarTalk] = {}
    for talk in ahead:
        first.setdefault((talk.series, talk.person_id), talk)
    known = meetings_then(first.values())
    return [row for row in first.values() if row.meeting_id is None and row.pk not in known]


def _contacts_that_day(row: CalendarTalk) -> bool:
    """Whether the user noted by hand, or from another entry, that they spoke on that day of theirs."""
    day = row.owner.local(row.starts_at).date()
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=row.owner.zone)
    spoke = Contact.objects.filter(person=row.person_id).exclude(kind=Contact.Kind.MESSAGE)
    return spoke.filter(at__gte=midnight, at__lt=midnight + DAY).exists()


def note(row: CalendarTalk, *, by_itself: bool) -> None:
    """They spoke: as if the user had noted it, so it stops what waits for a sign of life."""
    if row.meeting is not None and row.meeting.state == Meeting.State.PLANNED:
        hold_meeting(meeting=row.meeting, at=row.ends_at)
    else:
        row.contact = record_contact(
            person=row.person, at=row.starts_at, kind=Contact.Kind.MEETING, note=NOTE, minutes=row.minutes
        )
        row.save(update_fields=["contact"])
    settled(row, State.SPOKE)
    if by_itself:
        _tell(row, News.SPOKE)


def settled(row: CalendarTalk, state: CalendarTalk.State) -> None:
    """Set its state, and what is told of it on Today. Only an answer of the user's, or what follows one, has a time."""
    answered = state in (State.SPOKE, State.NO, State.NEVER)
    row.state, row.settled_at = state, timezone.now() if answered else None
    row.news, row.news_at = "", None
    row.save(update_fields=["state", "settled_at", "news", "news_at"])
    scheduling.remind_of_talk(row)


def forget(rows: Rows) -> None:
    for row in rows:
        scheduling.forget_talk(row)
    rows.delete()


def forget_unsettled(owner: User) -> None:
    """What is still ahead or asks. What was noted stays, with where it came from."""
    forget(talks_of(owner.pk).filter(Q(state__in=(State.AHEAD, State.ASKS)) | ~Q(news="")).exclude(state=State.SPOKE))

"""Changes that a mentor can make from their private page.

They affect only the next meeting planned with them, and each leaves a :class:`MentorWord` for the user.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.private_notes import first_alike
from meetings import diary, scheduling
from meetings.diary import on_offer
from meetings.locking import lock_meeting
from meetings.models import AgendaItem, Meeting, MentorWord, OfferedTime, ShareLink
from meetings.services import move_meeting

MOST_UNSEEN = 30  # unread messages from one person
MOST_POINTS = 12  # the mentor's open points on one agenda
WordKind = MentorWord.Kind


class NotNow(Exception):
    """Nothing was saved; the message tells the mentor why."""


def next_meeting(link: ShareLink) -> Meeting | None:
    """The meeting on the page: the next one planned with them that isn't over. One query.

    A meeting whose time has passed still counts while one of its offered times lies ahead.
    """
    now = timezone.now()
    offered = Exists(OfferedTime.objects.filter(meeting=OuterRef("pk"), starts_at__gt=now))
    rows = Meeting.objects.planned().filter(owner_id=link.owner_id, person_id=link.person_id).annotate(offered=offered)
    coming = rows.filter(Q(starts_at__gt=now - dt.timedelta(days=1)) | Q(offered=True))
    for one in coming.select_related("person", "owner"):
        if one.offered or one.ends_at > now:  # type: ignore[attr-defined]  # annotated above
            return one
    return None


@transaction.atomic
def leave_message(*, link: ShareLink, words: str) -> None:
    _leave(link, WordKind.MESSAGE, words)


@transaction.atomic
def ask_removal(*, link: ShareLink, words: str) -> None:
    _leave(link, WordKind.REMOVAL, words or "Please remove what you keep about me.")


@transaction.atomic
def add_point(*, link: ShareLink, words: str) -> None:
    """Add the mentor's point to the end of the next agenda, unless an open one has the same words."""
    meeting = _meeting(link)
    theirs = meeting.items.filter(raised_by=AgendaItem.RaisedBy.MENTOR, state=AgendaItem.State.OPEN)
    if first_alike(meeting.items.all(), words=words, state=AgendaItem.State.OPEN, private=False):
        return
    if theirs.count() >= MOST_POINTS:
        raise NotNow("The agenda is full already. Leave a message instead, and it will be looked at.")
    last = meeting.items.order_by("position").last()
    AgendaItem.objects.create(
        owner_id=meeting.owner_id,
        meeting=meeting,
        words=words,
        raised_by=AgendaItem.RaisedBy.MENTOR,
        position=last.position + 1 if last else 0,
    )
    _leave(link, WordKind.POINT, words)


@transaction.atomic
def answer_time(*, link: ShareLink, yes: bool, seen: int) -> None:
    """Answer yes or no to the next meeting's time; ``seen`` is the time the page showed, in seconds since 1970."""
    meeting = _meeting(link)
    if int(meeting.starts_at.timestamp()) != seen:
        raise NotNow("The time has changed since you opened this page. Please look at it again.")
    if yes and on_offer(meeting).exists():
        raise NotNow("Several times are on offer now. Please look at the page again, and choose one.")
    answer = Meeting.Answer.YES if yes else Meeting.Answer.NO
    if meeting.answer == answer:
        return
    if yes and meeting.answer == Meeting.Answer.NO and _taken(meeting, meeting.starts_at):
        raise NotNow("That time has been taken since. You can leave a message, and another will be found.")
    meeting.answer = answer
    meeting.save(update_fields=["answer"])
    _leave(link, WordKind.ANSWER, f"{'Yes to' if yes else 'Not possible:'} {_when(meeting, meeting.starts_at)}.")


@transaction.atomic
def pick_time(*, link: ShareLink, offer: int) -> None:
    """Choose one of the offered times by id: moves the meeting and deletes the other offers."""
    meeting = _meeting(link)
    chosen = on_offer(meeting).filter(pk=offer).first()
    if chosen is None:
        raise NotNow("This time is not on offer any more. Please look at the page again.")
    if _taken(meeting, chosen.starts_at):
        raise NotNow("That time has just been taken. Please choose another, or leave a message.")
    there = chosen.starts_at.astimezone(meeting.starts_there.tzinfo)
    move_meeting(meeting=meeting, starts_local=there.replace(tzinfo=None), zone=meeting.zone)
    meeting.offers.all().delete()
    Meeting.objects.filter(pk=meeting.pk).update(answer=Meeting.Answer.YES)
    busy = diary.busy_times(meeting.owner_id, [diary.Span.lasting(chosen.starts_at, meeting.minutes)])
    clash = " Your calendar is busy then." if busy else ""
    _leave(link, WordKind.ANSWER, f"Chose {_when(meeting, chosen.starts_at)}.{clash}")


def _meeting(link: ShareLink) -> Meeting:
    """The next meeting, locked until the transaction ends, to serialise changes by the user and the mentor."""
    meeting = next_meeting(link)
    if meeting is not None:
        meeting = lock_meeting(meeting)
    if meeting is None or meeting.state != Meeting.State.PLANNED:
        raise NotNow("There is no meeting planned at the moment. You can leave a message instead.")
    return meeting


def _taken(meeting: Meeting, at: dt.datetime) -> bool:
    """Whether somebody else has got this time. The diary is locked, so it stays so."""
    return bool(diary.taken(meeting.owner_id, [diary.Span.lasting(at, meeting.minutes)], besides=meeting.pk))


def _when(meeting: Meeting, at: dt.datetime) -> str:
    local = meeting.owner.local(at)
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"


def _leave(link: ShareLink, kind: MentorWord.Kind, words: str) -> None:
    """Save it and remind the user. Skips an unread duplicate; a repeated answer replaces it."""
    ShareLink.objects.select_for_update().get(pk=link.pk)
    unseen = MentorWord.objects.filter(link=link, seen_at__isnull=True)
    twin = first_alike(unseen, kind=kind, words=words)
    if twin and kind == WordKind.ANSWER:
        twin.delete()
    elif twin:
        return
    # The limit is twice as high for answers and requests for removal.
    if unseen.count() >= (MOST_UNSEEN if kind in {WordKind.MESSAGE, WordKind.POINT} else 2 * MOST_UNSEEN):
        raise NotNow("Much is waiting to be read here already. Please try again in a few days, or write an e-mail.")
    MentorWord.objects.create(owner_id=link.owner_id, link=link, kind=kind, words=words)
    scheduling.remind_of_words(link)

"""The user's changes to a private page: issue, renew or revoke it, read what was sent from it, offer times."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from meetings import scheduling
from meetings.locking import lock_meeting
from meetings.models import Meeting, MentorWord, OfferedTime, ShareLink
from meetings.models.sharing import half_a_year_on
from portfolio.models import Person


@transaction.atomic
def issue_link(*, person: Person) -> ShareLink:
    """Issue a new URL for this person's page; every earlier one stops working."""
    Person.objects.select_for_update().get(pk=person.pk)
    link = ShareLink.objects.filter(person=person, revoked_at__isnull=True).first()
    if link is None:
        return ShareLink.objects.create(owner_id=person.owner_id, person=person)
    link.version += 1
    link.created_at, link.expires_at = timezone.now(), half_a_year_on()
    link.save(update_fields=["version", "created_at", "expires_at"])
    return link


def renew_link(*, link: ShareLink) -> None:
    """Extend the same URL for another half year from today."""
    link.expires_at = half_a_year_on()
    link.save(update_fields=["expires_at"])


def revoke_link(*, link: ShareLink) -> None:
    """Make the link invalid. What the mentor left on the page stays."""
    ShareLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


@transaction.atomic
def note_seen(*, person: Person) -> int:
    """Mark everything this person sent as read; returns how many."""
    unseen = MentorWord.objects.filter(link__person=person, seen_at__isnull=True)
    seen = unseen.update(seen_at=timezone.now())
    for link in ShareLink.objects.filter(person=person).select_related("owner"):
        scheduling.forget_words(link)
    return seen


@transaction.atomic
def note_answer(*, meeting: Meeting, answer: str) -> bool:
    """Record their answer to the time: "yes", "no" or empty for none yet. False if it is no longer planned."""
    meeting = lock_meeting(meeting)
    if meeting.state != Meeting.State.PLANNED:
        return False
    meeting.answer = answer
    meeting.save(update_fields=["answer"])
    return True


@transaction.atomic
def offer_times(*, meeting: Meeting, starts: list[dt.datetime]) -> int:
    """Offer these UTC instants to choose from, replacing earlier offers; returns how many there are now."""
    meeting = lock_meeting(meeting)
    meeting.offers.all().delete()
    wanted = sorted(set(starts)) if meeting.state == Meeting.State.PLANNED else []
    OfferedTime.objects.bulk_create(
        OfferedTime(owner_id=meeting.owner_id, meeting=meeting, starts_at=one) for one in wanted
    )
    if wanted:
        meeting.answer = ""
        meeting.save(update_fields=["answer"])
    return len(wanted)

"""Invitations that Google, Outlook and Apple accept: REQUEST to add or change, CANCEL to remove (RFC 5546).

A meeting keeps its UID for life; SEQUENCE increases when its time, length or place changes. A mail is rendered at the
last moment from the current data; if a later change made it outdated, it is not sent.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.zones import known_zone, zone
from mail.models import OutgoingMail
from mail.services import queue
from meetings.calendar import ics
from meetings.models import Invitation, Meeting, ShareLink
from meetings.signed_links import link_to

PURPOSE_ME, PURPOSE_MENTOR = "invitation", "mentor_invitation"
_PURPOSES = {Invitation.Whom.ME: PURPOSE_ME, Invitation.Whom.MENTOR: PURPOSE_MENTOR}
_LIFE = uuid.UUID("6f0f2f1e-58a8-4f0e-9c38-8a1f4a1d7a55")
Whom, Method = Invitation.Whom, Invitation.Method
MailState = OutgoingMail.State
# Sent or possibly sent: the recipient may have the meeting in the calendar.
GONE = (MailState.FROZEN, MailState.SENDING, MailState.SENT, MailState.UNCERTAIN)


def uid_of(meeting: Meeting) -> str:
    """The meeting's UID, made from values that never change."""
    return f"{uuid.uuid5(_LIFE, f'{meeting.pk}:{meeting.created_at.isoformat()}')}@mentorfolio"


# --- Requesting -----------------------------------------------------------------------------------


@transaction.atomic
def invite(*, meeting: Meeting, me: bool, mentor: str) -> list[Invitation]:
    """Invite the user and the address ``mentor``; if that is empty, the mentor is not invited, or no longer.

    An already invited recipient gets no second invitation; one who is now left out gets a cancellation.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("owner", "person").get(pk=meeting.pk)
    before = dict(_invited(meeting))
    meeting.invites_me, meeting.invites_mentor = me, mentor
    meeting.save(update_fields=["invites_me", "invites_mentor"])
    after = dict(_invited(meeting))
    left_out = [one for one in before.items() if one not in after.items()]
    if left_out:
        _up(meeting)
        asked = [_ask(meeting, whom, address, Method.CANCEL) for whom, address in left_out]
        return [*asked, *(_ask(meeting, whom, address, Method.REQUEST) for whom, address in after.items())]
    fresh = [one for one in after.items() if one not in before.items()]
    if any(_taken_out(meeting, whom, address) for whom, address in fresh):
        # Calendars ignore an invitation that is not newer than the last cancellation.
        _up(meeting)
        fresh = list(after.items())
    return [_ask(meeting, whom, address, Method.REQUEST) for whom, address in fresh]


def changed(meeting: Meeting) -> None:
    """Tell everyone invited that time, length or place changed, or that it is on again. Call in a transaction."""
    _up(meeting)
    for whom, address in _invited(meeting):
        _ask(meeting, whom, address, Method.REQUEST)


def called_off(meeting: Meeting) -> None:
    """Remove a cancelled meeting from every calendar it is in. Call in a transaction."""
    _up(meeting)
    for whom, address in _invited(meeting):
        _ask(meeting, whom, address, Method.CANCEL)


def _taken_out(meeting: Meeting, whom: Invitation.Whom, address: str) -> bool:
    """Whether the last invitation mail to this recipient was a cancellation."""
    same = {"whom": whom, "address": address, "sequence": meeting.sequence}
    return meeting.invitations.filter(method=Method.CANCEL, **same).exists()


def _up(meeting: Meeting) -> None:
    meeting.sequence += 1
    meeting.changed_at = timezone.now()
    meeting.save(update_fields=["sequence", "changed_at"])


def _invited(meeting: Meeting) -> list[tuple[Invitation.Whom, str]]:
    mine = [(Whom.ME, meeting.owner.email)] if meeting.invites_me else []
    return [*mine, (Whom.MENTOR, meeting.invites_mentor)] if meeting.invites_mentor else mine


def _ask(meeting: Meeting, whom: Invitation.Whom, address: str, method: Invitation.Method) -> Invitation:
    invitation, new = Invitation.objects.get_or_create(
        owner_id=meeting.owner_id,
        meeting=meeting,
        whom=whom,
        address=address,
        method=method,
        sequence=meeting.sequence,
    )
    if new:
        queue(
            purpose=_PURPOSES[whom],
            subject_id=invitation.pk,
            owner=meeting.owner,
            recipient=address,
            audience=OutgoingMail.Audience.MENTOR if whom == Whom.MENTOR else OutgoingMail.Audience.USER,
            expires_at=meeting.ends_at if meeting.ends_at > timezone.now() else timezone.now(),
        )
    return invitation


# --- Sending --------------------------------------------------------------------------------------


def prepare(mail: OutgoingMail) -> EmailMessage | None:
    """Render one if it is still wanted. Locks the meeting, so that it can't change meanwhile."""
    asked = _of(mail).values_list("meeting", flat=True).first()
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("owner", "person")
    meeting = rows.filter(pk__in=[asked]).first()
    if meeting is None or not meeting.owner.is_active:
        return None
    invitation = _of(mail).get()
    return write(invitation, meeting) if _still_true(invitation, meeting) else None


def still_wanted(mail: OutgoingMail) -> bool:
    """Whether frozen bytes that could not be sent are still up to date."""
    invitation = _of(mail).select_related("meeting__owner").first()
    return invitation is not None and _still_true(invitation, invitation.meeting)


def _of(mail: OutgoingMail) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk__in=[mail.subject_id])


def _still_true(invitation: Invitation, meeting: Meeting) -> bool:
    if invitation.sequence != meeting.sequence:
        return False
    stands = meeting.state != Meeting.State.CANCELLED and (invitation.whom, invitation.address) in _invited(meeting)
    return stands if invitation.method == Method.REQUEST else not stands and _has_it(invitation)


def _has_it(invitation: Invitation) -> bool:
    """Whether they got an invitation before; otherwise there is nothing to cancel."""
    same = {"whom": invitation.whom, "address": invitation.address, "method": Method.REQUEST}
    earlier = Invitation.objects.filter(meeting_id=invitation.meeting_id, **same).exclude(pk=invitation.pk).values("pk")
    purpose = _PURPOSES[Whom(invitation.whom)]
    return OutgoingMail.objects.filter(purpose=purpose, subject_id__in=earlier, state__in=GONE).exists()


def write(invitation: Invitation, meeting: Meeting) -> EmailMessage:
    """The mail: text, the calendar as an alternative part, and as an attachment for programs that ignore that."""
    to_mentor = invitation.whom == Whom.MENTOR
    content = ics.calendar([_entry(invitation, meeting)], method=invitation.method).decode()  # type: ignore[arg-type]
    context = {
        "meeting": meeting,
        "owner": meeting.owner,
        "when": _when(meeting, meeting.person.time_zone if to_mentor else meeting.owner.time_zone),
        "cancelled": invitation.method == Method.CANCEL,
        "again": _has_it(invitation),
        "to_mentor": to_mentor,
        "page": _page(meeting) if to_mentor else f"{settings.BASE_URL}{meeting.get_absolute_url()}",
    }
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message = EmailMultiAlternatives(
        subject=_subject(context),
        body=render_to_string("email/invitation.txt", context),
        from_email=formataddr((f"{_name(meeting)} by Mentorfolio", sender)) if to_mentor else None,
        to=[invitation.address],
        reply_to=[meeting.owner.email] if to_mentor else None,
        headers={} if to_mentor else {"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(content, f"text/calendar; method={invitation.method}")
    message.attach("invite.ics", content.encode(), "application/ics")
    return message


def _subject(context: dict[str, object]) -> str:
    meeting = context["meeting"]
    assert isinstance(meeting, Meeting)
    with_whom = _name(meeting) if context["to_mentor"] else meeting.person.name
    begins = "Cancelled: " if context["cancelled"] else "Changed: " if context["again"] else ""
    return " ".join(f"{begins}{meeting.get_kind_display()} with {with_whom}, {context['when']}".split())


def _name(meeting: Meeting) -> str:
    return " ".join((meeting.owner.name or meeting.owner.email).split())


def _when(meeting: Meeting, name: str) -> str:
    there = meeting.starts_at.astimezone(zone(name if known_zone(name) else meeting.zone))
    return f"{there:%A} {there.day} {there:%B %Y}, {there:%H:%M} ({there.tzinfo})"


def _page(meeting: Meeting) -> str:
    link = ShareLink.objects.filter(person_id=meeting.person_id, revoked_at__isnull=True).first()
    return link_to(link) if link is not None and link.works else ""


def _entry(invitation: Invitation, meeting: Meeting) -> ics.CalendarEntry:
    """The user's copy is from the app and asks for no reply; the mentor's is from the user, who gets the reply."""
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    me = ics.Somebody(meeting.owner.email, _name(meeting), "ACCEPTED", sent_by=ours)
    cancelled = invitation.method == Method.CANCEL
    if invitation.whom == Whom.ME:
        product = ics.Somebody(ours, "Mentorfolio")
        return replace(entry_of(meeting, cancelled=cancelled), organizer=product, attendees=(me,))
    status = _ANSWERS.get(meeting.answer, "NEEDS-ACTION")
    mentor = ics.Somebody(invitation.address, meeting.person.name, status)
    entry = entry_of(meeting, for_mentor=True, cancelled=cancelled)
    return replace(entry, organizer=me, attendees=(me, mentor))


_ANSWERS: dict[str, ics.Status] = {Meeting.Answer.YES: "ACCEPTED", Meeting.Answer.NO: "DECLINED"}


def entry_of(
    meeting: Meeting, *, for_mentor: bool = False, cancelled: bool = False, url: str | None = None
) -> ics.CalendarEntry:
    """A meeting as a calendar entry. The mentor's copy has no URL of the user's pages.

    ``url`` overrides the page's URL, which takes a query for the mentor's copy.
    """
    whom = _name(meeting) if for_mentor else meeting.person.name
    if url is None:
        url = _page(meeting) if for_mentor else f"{settings.BASE_URL}{meeting.get_absolute_url()}"
    return ics.CalendarEntry(
        uid=uid_of(meeting),
        summary=f"{meeting.get_kind_display()} with {whom}",
        starts=meeting.starts_at,
        minutes=meeting.minutes,
        changed=meeting.changed_at,
        zone=zone(meeting.zone),
        sequence=meeting.sequence,
        place=meeting.place,
        words=meeting.purpose,
        url=url,
        cancelled=cancelled,
    )

"""Invitations that Google, Outlook and Apple accept: REQUEST to add or change, CANCEL to remove (RFC 5546).

A meeting keeps its UID for life, and the ORGANIZER that it had first: calendars take a change from no other address.
SEQUENCE increases when its time, length or place changes. A mail is rendered at the last moment from the current data;
if a later change made it outdated, it is not sent. Whoever may still have the meeting in a calendar is told of a
change, also at an address that is not invited any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.addresses import confirmed, stored
from accounts.mailboxes import mailbox_key
from accounts.models import User
from accounts.names import mailable
from accounts.zones import known_zone, zone
from mail.models import OutgoingMail
from mail.sending_limits import three_a_day, when_for
from mail.services import queue
from mail.stop_links import stop_link
from mail.to_others import queue_to_other
from mail.user_text import without_foreign_links
from meetings.calendar import ics
from meetings.locking import lock_meeting
from meetings.models import Invitation, Meeting, ShareLink
from meetings.signed_links import link_to
from portfolio.people.references import batches

PURPOSE_ME, PURPOSE_MENTOR = "invitation", "mentor_invitation"
_PURPOSES = {Invitation.Whom.ME: PURPOSE_ME, Invitation.Whom.MENTOR: PURPOSE_MENTOR}
_LIFE = uuid.UUID("6f0f2f1e-58a8-4f0e-9c38-8a1f4a1d7a55")
Whom, Method = Invitation.Whom, Invitation.Method
Recipient = tuple[Invitation.Whom, str]
MailState = OutgoingMail.State
# Sent or possibly sent: the recipient may have the meeting in the calendar.
SENT = (MailState.SENDING, MailState.SENT, MailState.UNCERTAIN)
GONE = (MailState.FROZEN, MailState.SENDING, MailState.SENT, MailState.UNCERTAIN)


def uid_of(meeting: Meeting) -> str:
    """The meeting's UID, made from values that never change."""
    return f"{uuid.uuid5(_LIFE, f'{meeting.pk}:{meeting.created_at.isoformat()}')}@mentorfolio"


# --- Requesting -----------------------------------------------------------------------------------


@transaction.atomic
def invite(*, meeting: Meeting, me: bool, mentor: str) -> list[Invitation]:
    """Invite the user and the address ``mentor``; if that is empty, the mentor is not invited, or no longer.

    An already invited recipient gets no second invitation; one who is now left out gets a cancellation. Raises
    :class:`mail.to_others.NotSent`, and changes nothing, if the mentor can't be written to today or at all.
    """
    meeting = lock_meeting(meeting)
    before = dict(_invited(meeting))
    meeting.invites_me, meeting.invites_mentor = me, mentor
    meeting.save(update_fields=["invites_me", "invites_mentor"])
    after = dict(_invited(meeting))
    left_out = [one for one in before.items() if one not in after.items()]
    left_out += [one for one in _left_over(meeting) if one not in left_out and not _taken_out(meeting, *one)]
    if left_out:
        _up(meeting)
        asked = [_ask(meeting, whom, address, Method.CANCEL) for whom, address in left_out]
        return [*asked, *_request(meeting, before, after)]
    fresh = [one for one in after.items() if one not in before.items()]
    if any(_taken_out(meeting, whom, address) for whom, address in fresh):
        # Calendars ignore an invitation that is not newer than the last cancellation.
        _up(meeting)
        fresh = list(after.items())
    return _request(meeting, before, dict(fresh))


def _request(
    meeting: Meeting, before: dict[Invitation.Whom, str], wanted: dict[Invitation.Whom, str]
) -> list[Invitation]:
    return [
        _ask(meeting, whom, address, Method.REQUEST, asked=before.get(whom) != address)
        for whom, address in wanted.items()
    ]


def changed(meeting: Meeting) -> None:
    """Tell everyone invited that time, length or place changed, or that it is on again. Call in a transaction."""
    _up(meeting)
    for whom, address in _left_over(meeting):
        _ask(meeting, whom, address, Method.CANCEL)
    for whom, address in _wanted(meeting):
        _ask(meeting, whom, address, Method.REQUEST)


def called_off(meeting: Meeting) -> None:
    """Remove a cancelled meeting from every calendar it is in. Call in a transaction."""
    _up(meeting)
    for whom, address in dict.fromkeys([*_invited(meeting), *_holders(meeting)]):
        _ask(meeting, whom, address, Method.CANCEL)


def _holders(meeting: Meeting) -> list[Recipient]:
    """Who may have it in a calendar: the last that went to them was an invitation. Two queries."""
    asked = {one.pk: one for one in meeting.invitations.order_by("pk")}
    mails = OutgoingMail.objects.filter(purpose__in=_PURPOSES.values(), subject_id__in=asked, state__in=GONE)
    states = dict(mails.values_list("subject_id", "state"))
    last: dict[Recipient, str] = {}
    for pk, one in asked.items():
        # A cancellation that is written and not yet on its way can still be overtaken.
        if states.get(pk) in (GONE if one.method == Method.REQUEST else SENT):
            last[Whom(one.whom), one.address] = one.method
    return [recipient for recipient, method in last.items() if method == Method.REQUEST]


def _wanted(meeting: Meeting) -> list[Recipient]:
    """Who is invited, and each address of the user’s own, confirmed still, that has it from before."""
    invited = _invited(meeting)
    if not meeting.invites_me:
        return invited
    before = [one for one in _holders(meeting) if one[0] == Whom.ME and one not in invited]
    own = set(confirmed(stored(meeting.owner))) if before else set()
    return [*invited, *(one for one in before if one[1] in own)]


def _left_over(meeting: Meeting) -> list[Recipient]:
    """Who may have it in a calendar, and is not to have it any more."""
    wanted = _wanted(meeting)
    return [one for one in _holders(meeting) if one not in wanted]


def _taken_out(meeting: Meeting, whom: Invitation.Whom, address: str) -> bool:
    """Whether the last invitation mail to this recipient was a cancellation."""
    same = {"whom": whom, "address": address, "sequence": meeting.sequence}
    return meeting.invitations.filter(method=Method.CANCEL, **same).exists()


def _up(meeting: Meeting) -> None:
    meeting.sequence += 1
    meeting.changed_at = timezone.now()
    meeting.save(update_fields=["sequence", "changed_at"])


def _invited(meeting: Meeting) -> list[Recipient]:
    mine: list[Recipient] = [(Whom.ME, meeting.owner.email)] if meeting.invites_me else []
    return [*mine, (Whom.MENTOR, meeting.invites_mentor)] if meeting.invites_mentor else mine


def _ask(
    meeting: Meeting, whom: Invitation.Whom, address: str, method: Invitation.Method, *, asked: bool = False
) -> Invitation:
    """``asked`` is whether the user invites them now; all else follows from what was asked before."""
    invitation, new = Invitation.objects.get_or_create(
        owner_id=meeting.owner_id,
        meeting=meeting,
        whom=whom,
        address=address,
        method=method,
        sequence=meeting.sequence,
    )
    if not new:
        return invitation
    if whom == Whom.MENTOR and not meeting.organizer:
        meeting.organizer = meeting.owner.email
        meeting.save(update_fields=["organizer"])
    purpose, owner = _PURPOSES[whom], meeting.owner
    common: dict[str, Any] = {"purpose": purpose, "subject_id": invitation.pk, "owner": owner, "recipient": address}
    expires_at = max(meeting.ends_at, timezone.now())
    if whom == Whom.MENTOR:
        queue_to_other(**common, expires_at=expires_at, asked=asked)
    else:
        queue(**common, expires_at=expires_at, audience=OutgoingMail.Audience.USER)
    return invitation


def forget_invited(
    sender: Any, user: User, gone: Mapping[type[Model], Collection[int]], addresses: Collection[str], **news: Any
) -> None:
    """Somebody is being erased: delete invitations to them, also to meetings with others, and all mails of these."""
    mine = Invitation.objects.for_user(user)
    elsewhere = [pk for pk, address in mine.values_list("pk", "address") if mailbox_key(address) in addresses]
    mails = OutgoingMail.objects.filter(owner=user, purpose__in=_PURPOSES.values())
    for some in batches([*gone.get(Invitation, ()), *elsewhere]):
        mails.filter(subject_id__in=some).delete()
        mine.filter(pk__in=some).delete()
    for meeting in Meeting.objects.for_user(user).exclude(invites_mentor=""):
        if mailbox_key(meeting.invites_mentor) in addresses:
            Meeting.objects.filter(pk=meeting.pk).update(invites_mentor="")


def waiting(invitations: list[Invitation]) -> int:
    """How many of these to the mentor wait for another day. One query."""
    asked = [invitation.pk for invitation in invitations if invitation.whom == Whom.MENTOR]
    mails = OutgoingMail.objects.filter(purpose=PURPOSE_MENTOR, subject_id__in=asked, state=MailState.QUEUED)
    return mails.filter(due_at__gt=timezone.now()).count()


def how_it_stands(meeting: Meeting) -> str:
    """What the user should know of the latest mail to the mentor: that it was not sent, or waits. One query."""
    asked = meeting.invitations.filter(whom=Whom.MENTOR).values("pk")
    mail = OutgoingMail.objects.filter(purpose=PURPOSE_MENTOR, subject_id__in=asked).order_by("-pk").first()
    if mail is None:
        return ""
    if mail.state == MailState.STOPPED:
        return f"The latest email about this meeting wasn’t sent. {mail.last_error}"
    if mail.state == MailState.FAILED:
        return f"The latest email about this meeting didn’t get through to {mail.recipient}: {mail.last_error}"
    if mail.state == MailState.QUEUED and not mail.attempts and mail.due_at > timezone.now():
        waits = when_for(meeting.owner, mail.due_at)
        return f"{mail.recipient} gets {three_a_day()} from you at most, so the latest goes on {waits}."
    return ""


# --- Sending --------------------------------------------------------------------------------------


def prepare(mail: OutgoingMail) -> EmailMessage | None:
    """Render one if it is still wanted. Locks the meeting, so that it can't change meanwhile."""
    asked = _of(mail).values_list("meeting", flat=True).first()
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("owner", "person")
    meeting = rows.filter(pk__in=[asked]).first()
    if meeting is None or not meeting.owner.is_here:
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
    stands = meeting.state != Meeting.State.CANCELLED and (invitation.whom, invitation.address) in _wanted(meeting)
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
        "sender": _sender(meeting) or meeting.owner.email,
        "greeted": mailable(meeting.person.first_name),
        "place": without_foreign_links(meeting.place) if to_mentor else meeting.place,
        "purpose": without_foreign_links(meeting.purpose) if to_mentor else meeting.purpose,
        "stop": stop_link(invitation.address),
        "about": f"{settings.BASE_URL}{reverse('notes_about_me')}",
        "abuse": settings.ABUSE_CONTACT,
        "base_url": settings.BASE_URL,
        "when": _when(meeting, meeting.person.time_zone if to_mentor else meeting.owner.time_zone),
        "cancelled": invitation.method == Method.CANCEL,
        "again": _has_it(invitation),
        "to_mentor": to_mentor,
        "page": _page(meeting) if to_mentor else f"{settings.BASE_URL}{meeting.get_absolute_url()}",
    }
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    name = _sender(meeting)
    message = EmailMultiAlternatives(
        subject=_subject(context),
        body=render_to_string("email/invitation.txt", context),
        from_email=formataddr((f"{name} by Mentorfolio" if name else "Mentorfolio", ours)) if to_mentor else None,
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
    begins = "Cancelled: " if context["cancelled"] else "Changed: " if context["again"] else ""
    return " ".join(f"{begins}{_title(meeting, for_mentor=bool(context['to_mentor']))}, {context['when']}".split())


def _title(meeting: Meeting, *, for_mentor: bool) -> str:
    with_whom = _sender(meeting) if for_mentor else meeting.person.name
    return f"{meeting.get_kind_display()} with {with_whom}" if with_whom else meeting.get_kind_display()


def _sender(meeting: Meeting) -> str:
    """The user's name for others to see; empty if it is none to be seen by them, such as one with a link in it."""
    return mailable(meeting.owner.name)


def _name(meeting: Meeting) -> str:
    """The user's name in their own calendar."""
    return " ".join((meeting.owner.name or meeting.owner.email).split())


def _when(meeting: Meeting, name: str) -> str:
    there = meeting.starts_at.astimezone(zone(name if known_zone(name) else meeting.zone))
    return f"{there:%A} {there.day} {there:%B %Y}, {there:%H:%M} ({there.tzinfo})"


def _page(meeting: Meeting) -> str:
    link = ShareLink.objects.filter(person_id=meeting.person_id, revoked_at__isnull=True).first()
    return link_to(link) if link is not None and link.works else ""


def _entry(invitation: Invitation, meeting: Meeting) -> ics.CalendarEntry:
    """The user's copy is from the app and asks for no reply; the mentor's is from the user, who gets the reply, by the
    address that the calendar knows as the organizer's."""
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    cancelled = invitation.method == Method.CANCEL
    if invitation.whom == Whom.ME:
        me = ics.Somebody(invitation.address, _name(meeting), "ACCEPTED")
        product = ics.Somebody(ours, "Mentorfolio")
        return replace(entry_of(meeting, cancelled=cancelled), organizer=product, attendees=(me,))
    status = _ANSWERS.get(meeting.answer, "NEEDS-ACTION")
    me = ics.Somebody(meeting.organizer or meeting.owner.email, _sender(meeting), "ACCEPTED", sent_by=ours)
    mentor = ics.Somebody(invitation.address, mailable(meeting.person.name), status)
    entry = entry_of(meeting, for_mentor=True, cancelled=cancelled)
    return replace(entry, organizer=me, attendees=(me, mentor))


_ANSWERS: dict[str, ics.Status] = {Meeting.Answer.YES: "ACCEPTED", Meeting.Answer.NO: "DECLINED"}


def entry_of(
    meeting: Meeting, *, for_mentor: bool = False, cancelled: bool = False, url: str | None = None
) -> ics.CalendarEntry:
    """A meeting as a calendar entry. The mentor's copy has no URL of the user's pages, and no link of the user's own.

    ``url`` overrides the page's URL, which takes a query for the mentor's copy.
    """
    if url is None:
        url = _page(meeting) if for_mentor else f"{settings.BASE_URL}{meeting.get_absolute_url()}"
    return ics.CalendarEntry(
        uid=uid_of(meeting),
        summary=_title(meeting, for_mentor=for_mentor),
        starts=meeting.starts_at,
        minutes=meeting.minutes,
        changed=meeting.changed_at,
        zone=zone(meeting.zone),
        sequence=meeting.sequence,
        place=without_foreign_links(meeting.place) if for_mentor else meeting.place,
        words=without_foreign_links(meeting.purpose) if for_mentor else meeting.purpose,
        url=url,
        cancelled=cancelled,
    )

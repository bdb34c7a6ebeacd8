"""Drafts: from a template to a sent message, whose text is frozen."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from accounts.private_notes import first_alike, if_readable
from mail import drops
from mail.models import DropAddress
from outreach import coach
from outreach.approaches import research
from outreach.approaches import services as approaches
from outreach.approaches.events import lock_approach
from outreach.drafts import merge_fields
from outreach.drafts.readiness import PREMIUM, SUBJECT_LIMITS, Ready, judge
from outreach.drafts.starters import Starter
from outreach.errors import OutreachError
from outreach.follow_ups import send_later
from outreach.introductions import services as introductions
from outreach.models import Approach, ApproachEvent, Channel, Introduction, Message, MessageTemplate, Purpose
from portfolio.models import Brief, Mentorship, Person


def start_draft(
    *,
    purpose: Purpose,
    template: MessageTemplate | Starter | None,
    approach: Approach | None = None,
    mentorship: Mentorship | None = None,
    introduction: Introduction | None = None,
) -> Message:
    """A new draft from a template, in an approach, a mentorship or an introduction (then to the introducer).

    Moves a shortlisted approach to "preparing". A repeated request returns the same draft. A follow-up takes over the
    subject of the message it follows.
    """
    home: Approach | Mentorship | Introduction | None = approach or mentorship or introduction
    if home is None:
        raise ValueError("A draft belongs to an approach, a mentorship or an introduction.")
    with transaction.atomic():
        now: Approach | Mentorship | Introduction
        now = type(home)._default_manager.select_for_update(of=("self",)).get(pk=home.pk)
        earlier = home.messages.filter(state=Message.State.SENT).last()
        subject, body = (template.subject, template.body) if template else ("", "")
        if purpose == Purpose.FOLLOW_UP and earlier is not None and earlier.subject:
            subject = f"Re: {_as_it_went(earlier).removeprefix('Re: ')}"[:300]
        drafts = home.messages.filter(state=Message.State.DRAFT).reverse()
        twin = first_alike(drafts, purpose=purpose, subject=subject, body=body)
        if isinstance(twin, Message):
            return twin
        message = Message.objects.create(
            owner_id=home.owner_id,
            person=home.person,
            approach=approach,
            mentorship=mentorship,
            introduction=introduction,
            purpose=purpose,
            channel=template.channel if template else Channel.EMAIL,
            subject=subject,
            body=body,
            field_values=_known_for(introduction) if introduction else typed_so_far(approach),
            in_reply_to=earlier,
        )
        # Reload it: the page that the request comes from may be old.
        if approach is not None and isinstance(now, Approach) and now.is_open and now.stage == now.Stage.SHORTLISTED:
            approaches.move_stage(approach=approach, stage=Approach.Stage.PREPARING)
    return message


def _as_it_went(earlier: Message) -> str:
    """Its subject verbatim, to keep the thread; with merge fields if a value contained braces."""
    went = earlier.sent_subject
    return str(went if went and not merge_fields.names_in(went) else earlier.subject)


def typed_so_far(approach: Approach | None) -> dict[str, str]:
    """The values already typed for this person's fields, so that the user need not type them again."""
    if approach is None:
        return {}
    values: dict[str, str] = research.feeds(approach)
    for earlier in approach.messages.order_by("created_at", "pk").values_list("field_values", flat=True):
        values.update({name: value for name, value in earlier.items() if value})
    return values


def _known_for(introduction: Introduction) -> dict[str, str]:
    """Whom the user would like to meet, and the sentence about themselves from their last message to anybody."""
    values = {"who_to_meet": introduction.target.name}
    written = Message.objects.filter(owner_id=introduction.owner_id).exclude(field_values={}).order_by("-pk")
    for earlier in written.values_list("field_values", flat=True)[:20]:
        if earlier.get("about_me"):
            return {**values, "about_me": earlier["about_me"]}
    return values


def values_for(message: Message) -> dict[str, str]:
    """The known values of all merge fields for this message."""
    need = message.approach.needs.first() if message.approach else None
    if message.introduction:
        need = message.introduction.need
    typed = {name: str(value) for name, value in message.field_values.items() if name in merge_fields.FIELDS}
    return {
        **{name: value for name, value in typed.items() if merge_fields.FIELDS[name].typed},
        **stored_values(
            message.owner,
            message.person,
            need.words if need else "",
            role=if_readable(message.approach.their_role) if message.approach else "",
        ),
    }


def stored_values(owner: User, person: Person | None, need: str = "", role: str = "") -> dict[str, str]:
    """Values of merge fields from stored data of the user and the person, if there is one.

    ``role`` is from the research, and used if the person has no headline.
    """
    direction = Brief.objects.for_user(owner).exclude(direction="").values_list("direction", flat=True).first()
    return {
        "their_first_name": person.first_name if person else "",
        "their_name": person.name if person else "",
        "their_role": (person.headline if person else "") or role,
        "their_organisation": person.organisation if person else "",
        "my_name": owner.name,
        "my_first_name": owner.first_name,
        "my_direction": if_readable(direction or "").strip().rstrip("."),
        "need": need,
    }


def ready(message: Message) -> Ready:
    """The draft as it would be sent, with everything that blocks sending."""
    return judge(message, values_for(message), bcc=_copy_to(message))


def _copy_to(message: Message) -> str:
    """The private address that goes with this letter; empty if the user has none, or doesn't want it in Bcc."""
    if message.channel != Channel.EMAIL or not drops.is_offered():
        return ""
    if not hasattr(message, "copy_local"):
        message = with_copy_address(Message.objects.filter(pk=message.pk)).get()
    local = message.copy_local  # type: ignore[attr-defined]  # annotated
    return drops.address_at(local, message.pk) if local else ""


def with_copy_address(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Messages that know where a copy of them is to go, so that their page needs no query for it."""
    mine = DropAddress.objects.filter(owner=OuterRef("owner"), ended_at__isnull=True, in_bcc=True)
    return rows.annotate(copy_local=Subquery(mine.values("local")[:1]))


def advice_on(message: Message, final: Ready) -> list[coach.Advice]:
    """The coach's advice on the draft as it would be sent, except advice that the user dismissed."""
    person = message.person
    channel = Channel(message.channel)
    draft = coach.Draft(
        purpose=message.purpose,
        channel=channel,
        subject=final.subject,
        body=final.body,
        their_name=person.name,
        about_them=(person.headline, person.organisation, str(message.field_values.get("what_i_noticed", ""))),
        limit=final.limit,
        subject_limit=SUBJECT_LIMITS.get(channel),
    )
    return [advice for advice in coach.advise(draft) if advice.hard or advice.key not in message.put_away]


def put_away(*, message: Message, key: str) -> None:
    """Dismiss this advice on this draft; an empty ``key`` restores all. Mandatory advice can't be dismissed."""
    if not key:
        message.put_away = []
    elif key in {*coach.KEYS, PREMIUM} - coach.HARD and key not in message.put_away:
        message.put_away = [*message.put_away, key]
    message.save(update_fields=["put_away"])


def lock_message(message: Message) -> Message:
    """The message's current row, locked until the transaction ends."""
    return (
        Message.objects.select_for_update(of=("self",))
        .select_related("person", "owner", "introduction")
        .get(pk=message.pk)
    )


class Went(NamedTuple):
    """A letter as it really went, from a copy of it."""

    subject: str
    body: str
    to: str


@transaction.atomic
def record_sent(
    *, message: Message, at: dt.datetime | None = None, seen: str = "", went: Went | None = None
) -> ApproachEvent | None:
    """Mark as sent at ``at`` (UTC, default now): freezes the merged text, or what ``went``, and plans the follow-up.

    ``seen`` is when the draft on the user's page was last saved. Raises :class:`OutreachError` if something still
    blocks sending (but not if it went all the same), if it is already sent, or if it was changed in another tab, since
    the user may have sent the old text.
    """
    if message.approach is not None:
        lock_approach(message.approach)  # lock it first, in the same order as undo
    if message.introduction is not None:
        introductions.lock_introduction(message.introduction)
    message = lock_message(message)
    if message.state != Message.State.DRAFT:
        raise OutreachError("This message is already marked as sent. Nothing was changed.")
    if seen and seen != message.updated_at.isoformat():
        raise OutreachError(
            "This draft was changed elsewhere meanwhile, so nothing is noted yet. If these are the words that went, "
            "press once more; if not, take the others first."
        )
    if went is None:
        final = ready(message)
        if not final.complete:
            raise OutreachError("This can’t be marked as sent yet: " + " ".join(one.words for one in final.obstacles))
        went = Went(final.subject, final.body, final.recipient)
    message.state, message.at = Message.State.SENT, at or timezone.now()
    message.sent_subject, message.sent_body, message.sent_to = went.subject, went.body, went.to
    message.save(update_fields=["state", "at", "sent_subject", "sent_body", "sent_to"])
    send_later.stop(message)
    if message.introduction is not None:
        introductions.note_sent(introduction=message.introduction, message=message)
    if message.approach is None:
        return None
    return approaches.note_sent(approach=message.approach, message=message)


@transaction.atomic
def unsend(*, message: Message) -> None:
    """Undo :func:`record_sent` for a message of a mentorship or an introduction, which becomes "considered" again.

    For a message of an approach, undo its event instead.
    """
    if message.introduction is not None:
        introductions.lock_introduction(message.introduction)
    message = lock_message(message)
    if message.state != Message.State.SENT or message.approach_id:
        raise OutreachError("This can’t be undone here. Nothing was changed.")
    if message.introduction is not None:
        introductions.note_unsent(introduction=message.introduction, message=message)
    message.back_to_draft()
    send_later.take_back(message)


@transaction.atomic
def throw_away(*, message: Message) -> None:
    """Delete a draft and its reminder; raises :class:`OutreachError` if it was sent meanwhile."""
    message = lock_message(message)
    if message.state != Message.State.DRAFT:
        raise OutreachError("This message is marked as sent, so it stays. Nothing was changed.")
    send_later.stop(message)
    message.delete()

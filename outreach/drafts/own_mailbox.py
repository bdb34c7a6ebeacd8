"""Letters that go out from the user's own mailbox: handed over by a press, and noted as sent when they went.

draft → being sent → sent; or a draft again, with what went wrong
                   → nobody knows: the user looks, and says
"""

from __future__ import annotations

from collections.abc import Collection
from email.headerregistry import Address
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts import retention, row_security
from accounts.models import User
from accounts.ownership import OwnedQuerySet
from mail import suppression
from mail.connected import sending
from mail.models import ConnectedMailbox, OutgoingMail
from outreach.approaches.events import lock_approach
from outreach.drafts.services import Went, lock_message, ready, record_sent
from outreach.errors import OutreachError
from outreach.follow_ups import send_later
from outreach.models import Channel, Message
from reminders import services as reminders
from reminders.kinds import Item

PURPOSE = "own_letter"
KIND = "letter_not_sent"
MOST_REFERENCES = 20
State, MailState = Message.State, OutgoingMail.State
_FREE = {"claim_token": None, "lease_until": None, "content": None}
ENDED_WITHOUT = (MailState.FAILED, MailState.EXPIRED, MailState.STOPPED, MailState.CANCELLED, MailState.ASIDE)


def with_how_to_send(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Messages that know from which address they could go now, and what became of the last try."""
    mailboxes = ConnectedMailbox.objects.filter(owner=OuterRef("owner"), tested_at__isnull=False, cannot_send="")
    tries = OutgoingMail.objects.filter(purpose=PURPOSE, subject_id=OuterRef("pk"), owner=OuterRef("owner"))
    return rows.annotate(
        sends_from=Subquery(mailboxes.exclude(work="").values("address")[:1]),
        last_try=Subquery(tries.values("state")[:1]),
        last_try_said=Subquery(tries.values("last_error")[:1]),
    )


def _asked(message: Message) -> Any:
    """The message with these, in one query if it has them not."""
    if not hasattr(message, "sends_from"):
        return with_how_to_send(Message.objects.filter(pk=message.pk, owner=message.owner_id)).get()
    return message


def sends_from(message: Message) -> str:
    """The address from which this letter could go now; empty if it can't."""
    return (_asked(message).sends_from or "") if message.channel == Channel.EMAIL else ""


@transaction.atomic
def hand_over(*, message: Message, seen: str) -> None:
    """Freeze the draft as it is, and have it sent. ``seen`` is when the draft on the user's page was last saved.

    Raises :class:`OutreachError`, with nothing changed, if it can't go.
    """
    if message.approach is not None:
        lock_approach(message.approach)
    message = lock_message(message)
    if message.state != State.DRAFT:
        raise OutreachError("This message is on its way, or marked as sent, already. Nothing was changed.")
    if seen != message.updated_at.isoformat():
        raise OutreachError("This draft was changed elsewhere meanwhile, so nothing was sent. Read it once more.")
    if not sends_from(message):
        raise OutreachError("Your mailbox can’t send just now. See what it says under Settings; your draft is kept.")
    final = ready(message)
    if not final.complete or not final.recipient:
        raise OutreachError("This can’t be sent yet: " + " ".join(one.words for one in final.obstacles))
    if (stopped := suppression.find(final.recipient)) is not None:
        raise OutreachError(suppression.why(stopped))
    message.state, message.at = State.SENDING, timezone.now()
    message.sent_subject, message.sent_body, message.sent_to = final.subject, final.body, final.recipient
    message.save(update_fields=["state", "at", "sent_subject", "sent_body", "sent_to"])
    send_later.stop(message)
    reminders.cancel(owner=message.owner, kind=KIND, subject_id=message.pk)
    sending.queue(purpose=PURPOSE, subject_id=message.pk, owner=message.owner, recipient=final.recipient)


def write(mail: OutgoingMail) -> EmailMessage | None:
    """The letter as it was handed over; None if it no longer is. For ``mail.purposes``."""
    rows = Message.objects.select_related("owner", "in_reply_to").select_for_update(of=("self",))
    message = rows.filter(pk=mail.subject_id or 0, owner=mail.owner_id, state=State.SENDING).first()
    mailbox = ConnectedMailbox.objects.filter(owner=mail.owner_id).first()
    if message is None or mailbox is None:
        return None
    sender = str(Address(message.owner.name, addr_spec=mailbox.address))
    letter = EmailMessage(
        subject=message.sent_subject,
        body=message.sent_body.replace("\r\n", "\n") + "\n",
        from_email=sender,
        to=[mail.recipient],
    )
    if thread := _thread(message):
        letter.extra_headers = {"In-Reply-To": thread[-1], "References": " ".join(thread)}
    return letter


def still_wanted(mail: OutgoingMail) -> bool:
    return Message.objects.filter(pk=mail.subject_id or 0, owner=mail.owner_id, state=State.SENDING).exists()


def _thread(message: Message) -> list[str]:
    """The Message-IDs of what this letter continues, the oldest first: of letters, and of the answers to them."""
    if message.in_reply_to_id is None:
        return []
    home = message.approach or message.mentorship or message.introduction
    assert home is not None
    earlier = home.messages.filter(at__lt=message.at).select_related("recorded_by").order_by("at", "pk")
    ids = [one.message_id or (one.recorded_by.message_id if one.recorded_by else "") for one in earlier]
    return [f"<{one}>" for one in ids if one][-MOST_REFERENCES:]


# --- What became of it ----------------------------------------------------------------------------


def settle(user: User) -> None:
    """Note what became of every letter of the user's that was handed over. In a transaction of theirs."""
    for message in Message.objects.for_user(user).filter(state=State.SENDING).select_related("owner", "approach"):
        mail = mail_of(message)
        if mail is None or mail.state in ENDED_WITHOUT:
            _is_a_draft_again(message)
        elif mail.state == MailState.SENT:
            _went(message, mail)
        elif mail.state == MailState.UNCERTAIN:
            _remind(message)


def settle_the_rest() -> int:
    """Letters that were being handed over while their mailbox was disconnected; the number. Runs once a day."""
    connected = ConnectedMailbox.objects.filter(owner=OuterRef("owner"))
    left = Message.objects.filter(~Exists(connected), state=State.SENDING).values_list("owner", flat=True).distinct()
    owners = list(left[: retention.BATCH])
    for owner in owners:
        with row_security.of_user(owner):
            settle(User.objects.get(pk=owner))
    return 0  # nothing is deleted


def mail_of(message: Message) -> OutgoingMail | None:
    return OutgoingMail.objects.filter(purpose=PURPOSE, subject_id=message.pk, owner=message.owner_id).first()


def is_uncertain(message: Message) -> bool:
    mail = mail_of(message)
    return mail is not None and mail.state == MailState.UNCERTAIN


def trouble_of(message: Message) -> str:
    """Why the last try to send this draft failed; empty if there was none."""
    if message.state != State.DRAFT or message.channel != Channel.EMAIL:
        return ""
    asked = _asked(message)
    if asked.last_try not in ENDED_WITHOUT or asked.last_try == MailState.CANCELLED:
        return ""
    if asked.last_try == MailState.EXPIRED:
        return "Your mailbox couldn’t be reached for four hours, so we stopped trying."
    return asked.last_try_said or "It could not be sent."


def _remind(message: Message) -> None:
    reminders.plan(owner=message.owner, kind=KIND, subject_id=message.pk, on=message.owner.today())


def _is_a_draft_again(message: Message, *, remind: bool = True) -> None:
    message.back_to_draft()
    send_later.take_back(message)
    if remind:
        _remind(message)


def _went(message: Message, mail: OutgoingMail) -> None:
    went = Went(message.sent_subject, message.sent_body, message.sent_to)
    message.back_to_draft()
    record_sent(message=message, at=mail.sent_at, went=went)
    Message.objects.filter(pk=message.pk).update(message_id=mail.message_id.strip("<>").lower()[:255])
    OutgoingMail.objects.filter(pk=mail.pk).update(content=None, subject="")  # they are in the thread
    reminders.cancel(owner=message.owner, kind=KIND, subject_id=message.pk)


def still_not_sent(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[Message]:
    """Letters that didn't go, or of which nobody knows whether they did."""
    mails = OutgoingMail.objects.filter(purpose=PURPOSE, subject_id=OuterRef("pk"), owner=OuterRef("owner"))
    failed = mails.filter(state__in=[state for state in ENDED_WITHOUT if state != MailState.CANCELLED])
    unknown = mails.filter(state=MailState.UNCERTAIN)
    rows = Message.objects.filter(owner__in=owners, pk__in=ids)
    return rows.filter(Q(Exists(failed), state=State.DRAFT) | Q(Exists(unknown), state=State.SENDING))


def line(name: str, message_id: int, state: str) -> Item:
    path = reverse("message", args=[message_id])
    if state == State.SENDING:
        return Item(
            title=f"Did your letter to {name} go?",
            words="Your mailbox gave no answer, and we never send a letter twice. Look into your sent mail.",
            path=path,
            person=name,
            button="Say whether it went",
        )
    return Item(
        title=f"Your letter to {name} didn’t go",
        words="It is a draft again, with your words. Its page says why.",
        path=path,
        person=name,
        button="Open the draft",
    )


@transaction.atomic
def take_back(message: Message) -> None:
    """Stop it before it goes. Raises :class:`OutreachError` if that is too late."""
    message = lock_message(message)
    mail = mail_of(message)
    waits = OutgoingMail.objects.filter(pk=mail.pk, state__in=(MailState.QUEUED, MailState.CLAIMED)) if mail else None
    if message.state != State.SENDING or waits is None or not waits.update(state=MailState.CANCELLED, **_FREE):
        raise OutreachError("It is too late to stop it: it is on its way, or has gone.")
    _is_a_draft_again(message, remind=False)


@transaction.atomic
def decide(message: Message, *, it_went: bool) -> None:
    """What the user found in their mailbox of a letter of which nobody knows. Raises :class:`OutreachError`."""
    if message.approach is not None:
        lock_approach(message.approach)
    message = lock_message(message)
    mail = mail_of(message)
    if message.state != State.SENDING or mail is None or mail.state != MailState.UNCERTAIN:
        raise OutreachError("That is settled already. Nothing was changed.")
    if it_went:
        mail.state, mail.sent_at = MailState.SENT, mail.sent_at or message.at
        mail.save(update_fields=["state", "sent_at"])
        _went(message, mail)
    else:
        mail.state, mail.content = MailState.CANCELLED, None
        mail.save(update_fields=["state", "content"])
        reminders.cancel(owner=message.owner, kind=KIND, subject_id=message.pk)
        _is_a_draft_again(message, remind=False)


def _uncertain(user: User) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(owner=user, purpose=PURPOSE, state=MailState.UNCERTAIN)


def uncertain_ids(user: User) -> frozenset[str]:
    """Their Message-IDs, bare and in small letters."""
    return frozenset(one.strip("<>").lower() for one in _uncertain(user).values_list("message_id", flat=True) if one)


@transaction.atomic
def found_in_sent(user: User, message_id: str) -> bool:
    """A letter of which nobody knew stands among what was sent: it went. ``message_id`` is bare, in small letters."""
    mail = _uncertain(user).filter(message_id__iexact=f"<{message_id}>").first()
    message = Message.objects.for_user(user).filter(pk=mail.subject_id or 0).first() if mail else None
    if message is None:
        return False
    decide(message, it_went=True)
    return True

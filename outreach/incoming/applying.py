"""What a mail that came in means for approaches, introductions and mentorships.

Noted by itself is only what leaves no doubt: mail from an address of the user's own, to the address of one letter, or
that names a letter of theirs by its Message-ID. Anything else asks (:mod:`.answers`).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db.models.functions import Lower
from django.utils import timezone

from mail import arrivals, drops
from mail.connected.provider import Folder
from mail.connected.wanted import thread
from mail.incoming.reading import Kind, Understood
from mail.models import IncomingMail
from outreach.approaches import services as approaches
from outreach.approaches.events import change, lock_approach
from outreach.drafts import own_mailbox
from outreach.drafts import services as drafts
from outreach.drafts.services import Went
from outreach.errors import OutreachError
from outreach.follow_ups import services as follow_ups
from outreach.incoming import asking
from outreach.models import Approach, ApproachEvent, Channel, FollowUp, Message
from portfolio.models import Contact, Person, PersonEmail
from portfolio.people.contacts import record_contact

State = IncomingMail.State
REPLIES = (Kind.REPLY, Kind.FORWARDED_REPLY, Kind.CALENDAR_REPLY)
SILENT = (Kind.RECEIPT, Kind.DELAY)
LONGEST = 20_000  # letters kept of what somebody wrote, as in a message
MANY = 180  # days; a return further off is rather a day without its year


def apply(mail: IncomingMail, understood: Understood) -> None:
    """Note what it means, or ask. The caller saves the mail, in the transaction that locks it."""
    if mail.folder == Folder.SENT:
        _apply_sent(mail, understood)
    elif mail.mailbox_id is not None and not _belongs_to_a_thread(understood):
        mail.state = State.NOTHING
    else:
        _apply_arrived(mail, understood)


def _apply_arrived(mail: IncomingMail, understood: Understood) -> None:
    letter = _letter(mail, understood)
    kind = understood.kind
    if kind == Kind.SUSPICIOUS or not _is_allowed(mail, understood):
        _ask(mail)
    elif kind in SILENT:
        mail.state = State.NOTHING
    elif kind == Kind.CALENDAR_REPLY and any(
        answers.note(mail, understood) for answers in arrivals.calendar_answers.values()
    ):
        mail.state = State.APPLIED
    elif letter is None:
        # A list, or an automatic answer to something else, is nothing to ask about.
        mail.state = State.NOTHING if kind in (Kind.AUTOMATIC, Kind.BOUNCE) else State.ASKS
        if mail.state == State.ASKS:
            _ask(mail)
    else:
        try:
            done = _note(mail, understood, letter)
        except OutreachError as error:
            mail.why, done = str(error)[:500], False
        mail.state = State.APPLIED if done else State.ASKS
        if not done:
            _ask(mail)


# --- From a connected mailbox ---------------------------------------------------------------------


def _belongs_to_a_thread(understood: Understood) -> bool:
    """Of what was fetched from the inbox, also reports of others' mails: these aren't asked about."""
    own = understood.kind in (Kind.SENT_COPY, Kind.FORWARDED_REPLY)  # the user's mail to themselves
    return not own and (understood.letter_id is not None or understood.person_id is not None)


def _apply_sent(mail: IncomingMail, understood: Understood) -> None:
    """It stands among what the user sent, so it went; the only question is whether it is one of the drafts."""
    if mail.message_id and own_mailbox.found_in_sent(mail.owner, mail.message_id):
        mail.state = State.APPLIED
        return
    letter, at = _letter_of_tag(mail, understood), _moment(understood)
    to = [box.address for box in (*understood.to, *understood.cc)]
    likely = [] if letter else _drafts_to(mail, to)
    letter = letter or next((one for one in likely if _same_words(one, mail.words)), None)
    if letter is not None and note_sent(mail, letter, at=at, to=to):
        mail.state = State.APPLIED
    elif likely or letter is not None:
        mail.noted = {"perhaps": list(dict.fromkeys(one.person_id for one in likely))}
        _ask(mail)
    else:
        mail.state = State.NOTHING


def _letter_of_tag(mail: IncomingMail, understood: Understood) -> Message | None:
    tag = next((tag for address, _ in understood.drops if (tag := drops.tag_in(address)) is not None), None)
    rows = Message.objects.for_user(mail.owner).select_related("person", "owner", "approach", "introduction")
    return rows.filter(pk=tag or 0, state__in=(Message.State.DRAFT, Message.State.SENT)).first()


def _drafts_to(mail: IncomingMail, to: list[str]) -> list[Message]:
    """Drafts to one of these addresses, with this subject."""
    rows = Message.objects.for_user(mail.owner).filter(state=Message.State.DRAFT, channel=Channel.EMAIL)
    people = PersonEmail.objects.for_user(mail.owner).annotate(low=Lower("address")).filter(low__in=to)
    rows = rows.filter(person__in=people.values("person")).select_related("person", "owner", "approach", "introduction")
    return [
        one for one in rows.order_by("-updated_at")[:20] if thread(drafts.ready(one).subject) == thread(mail.subject)
    ]


def _same_words(letter: Message, words: str) -> bool:
    """Whether it says what the draft says, however it is broken into lines."""
    return bool(words.strip()) and drafts.ready(letter).body.split() == words.split()


def _is_allowed(mail: IncomingMail, understood: Understood) -> bool:
    """Whether it may have something noted by itself. A drop address alone is not enough: it may have got about."""
    if any(drops.tag_in(recipient) is not None for recipient in mail.recipients):
        return True
    if understood.doubted:
        return False
    own = understood.kind in (Kind.SENT_COPY, Kind.FORWARDED_REPLY)  # only what is from the user is understood as that
    return own or understood.letter_id is not None or understood.kind == Kind.CALENDAR_REPLY


def _ask(mail: IncomingMail) -> None:
    mail.state = State.ASKS
    asking.remind(mail)


def _letter(mail: IncomingMail, understood: Understood) -> Message | None:
    """The letter that it is about: the one of its tagged address, or that it names by Message-ID."""
    tags = [tag for recipient in mail.recipients if (tag := drops.tag_in(recipient)) is not None]
    wanted = tags[0] if tags else understood.letter_id
    if wanted is None:
        return None
    letters = Message.objects.for_user(mail.owner).select_related("person", "owner", "approach", "introduction")
    return letters.filter(pk=wanted).exclude(state=Message.State.RECEIVED).first()


def _note(mail: IncomingMail, understood: Understood, letter: Message) -> bool:
    """Whether it was noted; False if it has to be asked about."""
    at = _moment(understood)
    match understood.kind:
        case Kind.SENT_COPY:
            return note_sent(mail, letter, at=at, to=[box.address for box in (*understood.to, *understood.cc)])
        case Kind.REPLY | Kind.FORWARDED_REPLY | Kind.CALENDAR_REPLY:
            note_reply(mail, letter, at=at)
        case Kind.AUTOMATIC:
            _wait_longer(mail, letter, understood.return_date)
        case Kind.BOUNCE:
            _note_bounce(mail, letter, at=at)
        case _:
            return False
    return True


def _moment(understood: Understood) -> dt.datetime:
    """When it was written (UTC), as far as that can be: not in the future, and not before there was mail."""
    now = timezone.now()
    said = understood.written
    return said if said is not None and now - dt.timedelta(days=3650) < said < now else now


# --- Sent -----------------------------------------------------------------------------------------


def note_sent(mail: IncomingMail, letter: Message, *, at: dt.datetime, to: list[str]) -> bool:
    """The letter went, with these words. One that is marked as sent already only learns its Message-ID."""
    addresses = {email.address.lower() for email in letter.person.emails.all()}
    recipient = next((address for address in to if address in addresses), "")
    if to and not recipient:
        mail.why = f"It is a copy of your letter to {letter.person.name}, but went to somebody else."
        return False
    if letter.state == Message.State.SENT:
        if letter.message_id and letter.message_id != mail.message_id:
            mail.why = f"It came with the address of a letter to {letter.person.name} that had gone already."
            return False
        letter.message_id = mail.message_id
        letter.save(update_fields=["message_id"])
        mail.noted = {"letter": letter.pk, "only_id": True}
        return True
    went = Went(subject=mail.subject, body=mail.words[:LONGEST], to=recipient or letter.person.email)
    event = drafts.record_sent(message=letter, at=at, went=went)
    Message.objects.filter(pk=letter.pk).update(message_id=mail.message_id, recorded_by=mail)
    mail.noted = {"letter": letter.pk, "event": event.pk if event else None}
    return True


# --- Answered -------------------------------------------------------------------------------------


def note_reply(mail: IncomingMail, letter: Message, *, at: dt.datetime) -> None:
    if letter.approach is not None:
        note_reply_of(mail, letter.approach, at=at)
    else:
        mail.noted = _received(mail, letter, at)


def note_reply_of(mail: IncomingMail, approach: Approach, *, at: dt.datetime) -> None:
    words = mail.words[:LONGEST]
    event = approaches.record_reply(approach=approach, at=at, words=words, recorded_by=mail)
    mail.noted = {"event": event.pk}


def _received(mail: IncomingMail, letter: Message, at: dt.datetime) -> dict[str, Any]:
    """An answer to a letter of an introduction or a mentorship: it is kept beside it, and you were in touch."""
    answer = Message.objects.create(
        owner=mail.owner,
        person=letter.person,
        introduction=letter.introduction,
        mentorship_id=letter.mentorship_id,
        channel=letter.channel,
        state=Message.State.RECEIVED,
        body=mail.words[:LONGEST],
        in_reply_to=letter,
        at=at,
        recorded_by=mail,
    )
    contact = record_contact(person=letter.person, at=at, kind=Contact.Kind.MESSAGE, note="They replied")
    return {"message": answer.pk, "contact": contact.pk}


def note_contact(mail: IncomingMail, person: Person, *, at: dt.datetime) -> None:
    """You were in touch, and that is all there is to note."""
    contact = record_contact(
        person=person, at=at, kind=Contact.Kind.MESSAGE, note=_one_line(mail.words or mail.subject)
    )
    mail.noted = {"contact": contact.pk}


def _one_line(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()[:300]


# --- Away, and not delivered ----------------------------------------------------------------------


def _wait_longer(mail: IncomingMail, letter: Message, back: dt.date | None) -> None:
    """Nobody writes once more before they are back. An automatic answer is no sign of life, so the follow-up stays."""
    waiting = _waiting(letter)
    today = mail.owner.today()
    if waiting is not None and back is not None and waiting.due_on < back <= today + dt.timedelta(days=MANY):
        mail.noted = {"follow_up": waiting.pk, "due_before": waiting.due_on.isoformat()}
        follow_ups.put_off(waiting, until=back)
        mail.noted["due_on"] = waiting.due_on.isoformat()


def _waiting(letter: Message) -> FollowUp | None:
    if letter.approach is None:
        return None
    lock_approach(letter.approach)
    planned = letter.approach.follow_ups.filter(state=FollowUp.State.PLANNED)
    return planned.select_related("owner").first()


def _note_bounce(mail: IncomingMail, letter: Message, *, at: dt.datetime) -> None:
    if letter.approach is None:
        return
    approach: Approach = lock_approach(letter.approach)
    event = change(approach, ApproachEvent.Kind.BOUNCED, f"Could not be delivered: {mail.why}", at=at)
    follow_ups.stop(approach=approach, because="It could not be delivered", event=event)
    mail.noted = {"event": event.pk}

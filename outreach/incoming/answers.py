"""What the user says of a mail that asks where it belongs."""

from __future__ import annotations

import re

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from mail.arrivals import forget_bytes
from mail.models import IncomingMail
from outreach.errors import OutreachError
from outreach.incoming import applying, asking
from outreach.incoming.known import person_at
from outreach.models import Approach, Channel, Message
from portfolio.models import Mentorship, Person
from portfolio.people.services import fold_again, replace_emails

State = IncomingMail.State
THEY_WROTE, I_WROTE, IN_TOUCH = "reply", "sent", "touch"
MOST_LETTERS = 200  # the latest, among which a thread is looked for by its subject
_PREFIX = re.compile(r"^\s*((re|aw|wg|fw|fwd|tr|rv|sv|ateb)\s*(\[\d+\])?\s*:\s*)+", re.IGNORECASE)


@transaction.atomic
def answer(mail: IncomingMail, *, person: Person, what: str) -> None:
    """It is of this person, and is ``what``. Raises :class:`OutreachError` if it was answered already."""
    mail = _lock(mail)
    at = min(mail.sent_at or mail.received_at, timezone.now())
    approach = Approach.objects.open().filter(person=person).select_related("person", "owner").first()
    draft = _draft_to(person) if what == I_WROTE else None
    if draft is not None:
        applying.note_sent(mail, draft, at=at, to=[])
    elif what == THEY_WROTE and approach is not None:
        applying.note_reply_of(mail, approach, at=at)
    else:
        applying.note_contact(mail, person, at=at)
    _close(mail, State.APPLIED)


@transaction.atomic
def throw_away(mail: IncomingMail) -> None:
    """It means nothing; its words go."""
    mail = _lock(mail)
    mail.words = mail.subject = ""
    _close(mail, State.NOTHING)


def _lock(mail: IncomingMail) -> IncomingMail:
    rows = IncomingMail.objects.select_for_update(of=("self",)).select_related("drop", "owner", "file")
    locked: IncomingMail = rows.get(pk=mail.pk)
    if locked.state != State.ASKS:
        raise OutreachError("That was answered already, perhaps in another window. Nothing was changed.")
    return locked


def _close(mail: IncomingMail, state: str) -> None:
    mail.state = state
    forget_bytes(mail)
    mail.save()
    asking.settle(mail.drop)


def _draft_to(person: Person) -> Message | None:
    drafts = Message.objects.filter(person=person, state=Message.State.DRAFT, channel=Channel.EMAIL)
    return drafts.select_related("person", "owner", "approach", "introduction").order_by("-updated_at").first()


# --- Who it could be of ---------------------------------------------------------------------------


def suggestions(mail: IncomingMail) -> list[Person]:
    """Whose address the sender's is, and to whom a letter of this subject went. They only suggest."""
    user = mail.owner
    found = [pk for pk in [person_at(user, mail.sender)] if pk]
    if subject := _thread(mail.subject):
        letters = Message.objects.for_user(user).filter(state=Message.State.SENT).order_by("-at")
        for person_id, sent in letters.values_list("person_id", "sent_subject")[:MOST_LETTERS]:
            if isinstance(sent, str) and _thread(sent) == subject and person_id not in found:
                found.append(person_id)
    people = Person.objects.for_user(user).in_bulk(found[:5])
    return [people[pk] for pk in found[:5] if pk in people]


def _thread(subject: str) -> str:
    return " ".join(_PREFIX.sub("", str(subject)).split()).lower()


def those_on_the_way(user: User) -> list[Person]:
    """Everybody a mail is likely to be of: approached, introducing, or a mentor; by name."""
    approached = Approach.objects.for_user(user).values("person")
    mentors = Mentorship.objects.for_user(user).values("person")
    written = Message.objects.for_user(user).values("person")
    among = Q(pk__in=approached) | Q(pk__in=mentors) | Q(pk__in=written)
    return list(Person.objects.for_user(user).filter(among).order_by("name_key", "pk")[:300])


# --- Another address of somebody ------------------------------------------------------------------


def new_address_of(mail: IncomingMail) -> Person | None:
    """Whose address the sender's may be, too: they answered a letter from one that nobody has."""
    if mail.state != State.APPLIED or not mail.sender or mail.kind not in {kind.value for kind in applying.REPLIES}:
        return None
    answer = Message.objects.filter(recorded_by=mail, state=Message.State.RECEIVED).select_related("person").first()
    if answer is None or person_at(mail.owner, mail.sender) is not None:
        return None
    taken = answer.person.emails.filter(address__iexact=mail.sender).exists()
    return None if taken else answer.person


@transaction.atomic
def keep_address(mail: IncomingMail) -> Person | None:
    """Add it to that person's addresses; None if there is nothing to add any more."""
    person = new_address_of(mail)
    if person is not None:
        replace_emails(person, [*(email.address for email in person.emails.all()), mail.sender])
        fold_again([person.pk])
    return person

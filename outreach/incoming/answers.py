"""What the user says of a mail that asks where it belongs."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import User
from mail.arrivals import forget_bytes
from mail.connected.wanted import thread
from mail.models import IncomingMail
from outreach.errors import OutreachError
from outreach.incoming import applying, asking
from outreach.models import Approach, Channel, Message
from portfolio.models import Mentorship, Person, PersonEmail
from portfolio.people.services import fold_again, replace_emails

State = IncomingMail.State
THEY_WROTE, I_WROTE, IN_TOUCH = "reply", "sent", "touch"
MOST_LETTERS = 200  # the latest, among which a thread is looked for by its subject


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
    rows = IncomingMail.objects.select_for_update(of=("self",)).select_related("owner", "file")
    locked: IncomingMail = rows.get(pk=mail.pk)
    if locked.state != State.ASKS:
        raise OutreachError("That was answered already, perhaps in another window. Nothing was changed.")
    return locked


def _close(mail: IncomingMail, state: str) -> None:
    mail.state = state
    forget_bytes(mail)
    mail.save()
    asking.settle(mail)


def _draft_to(person: Person) -> Message | None:
    drafts = Message.objects.filter(person=person, state=Message.State.DRAFT, channel=Channel.EMAIL)
    return drafts.select_related("person", "owner", "approach", "introduction").order_by("-updated_at").first()


# --- Who it could be of ---------------------------------------------------------------------------


def suggestions(user: User, mails: Sequence[IncomingMail]) -> dict[int, list[Person]]:
    """By the mail's id: whose address the sender's is, and to whom a letter of this subject went. They only suggest.

    Three queries, however many mails.
    """
    letters: list[tuple[str, int]] = []
    if any(thread(mail.subject) for mail in mails):
        sent = Message.objects.for_user(user).filter(state=Message.State.SENT).order_by("-at")
        rows = sent.values_list("sent_subject", "person_id")[:MOST_LETTERS]
        letters = [(thread(subject), person_id) for subject, person_id in rows if isinstance(subject, str)]
    senders = _whose(user, mails)
    found: dict[int, list[int]] = {}
    for mail in mails:
        words, owners = thread(mail.subject), senders.get(mail.sender.lower(), set())
        sender = list(owners) if len(owners) == 1 else []
        same = [person_id for subject, person_id in letters if words and subject == words]
        found[mail.pk] = list(dict.fromkeys([*mail.noted.get("perhaps", []), *sender, *same]))[:5]
    people = Person.objects.for_user(user).in_bulk({pk for some in found.values() for pk in some})
    return {pk: [people[one] for one in some if one in people] for pk, some in found.items()}


def _whose(user: User, mails: Sequence[IncomingMail]) -> dict[str, set[int]]:
    """The people who have the senders' addresses, by address in small letters."""
    senders = {mail.sender.lower() for mail in mails if mail.sender}
    rows = PersonEmail.objects.for_user(user).annotate(low=Lower("address")).filter(low__in=senders)
    found: dict[str, set[int]] = {}
    for address, person_id in rows.values_list("low", "person_id"):
        found.setdefault(address, set()).add(person_id)
    return found


def those_on_the_way(user: User) -> list[Person]:
    """Everybody a mail is likely to be of: approached, introducing, or a mentor; by name."""
    approached = Approach.objects.for_user(user).values("person")
    mentors = Mentorship.objects.for_user(user).values("person")
    written = Message.objects.for_user(user).values("person")
    among = Q(pk__in=approached) | Q(pk__in=mentors) | Q(pk__in=written)
    return list(Person.objects.for_user(user).filter(among).order_by("name_key", "pk")[:300])


# --- Another address of somebody ------------------------------------------------------------------


def new_addresses(user: User, mails: Sequence[IncomingMail]) -> dict[int, Person]:
    """By the mail's id: whose address the sender's may be, too. They answered a letter from one that nobody has."""
    kinds = {kind.value for kind in applying.REPLIES}
    replies = [mail for mail in mails if mail.state == State.APPLIED and mail.sender and mail.kind in kinds]
    taken = _whose(user, replies) if replies else {}
    new = [mail.pk for mail in replies if mail.sender.lower() not in taken]
    answers = Message.objects.for_user(user).filter(recorded_by__in=new, state=Message.State.RECEIVED)
    return {one.recorded_by_id: one.person for one in answers.select_related("person") if one.recorded_by_id}


@transaction.atomic
def keep_address(mail: IncomingMail) -> Person | None:
    """Add it to that person's addresses; None if there is nothing to add any more."""
    person = new_addresses(mail.owner, [mail]).get(mail.pk)
    if person is not None:
        replace_emails(person, [*(email.address for email in person.emails.all()), mail.sender])
        fold_again([person.pk])
    return person

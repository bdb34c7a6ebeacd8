"""What a mail that came in is, and what it means for a letter. Nothing is written, and only the mail is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import islice

from mail.incoming import forwards, reports
from mail.incoming.authentication import Authentication, authentication
from mail.incoming.automatic import automatic_because, because_of_subject, is_from_a_list
from mail.incoming.calendars import answer_in
from mail.incoming.known import Envelope, Known
from mail.incoming.limits import MOST_MESSAGES_INSIDE, Stopwatch
from mail.incoming.lines import Line, lines_of
from mail.incoming.message import Mailbox, Part, ids, mailboxes, moment, parse
from mail.incoming.new_words import new_words
from mail.incoming.phrases import FORWARD_SUBJECT
from mail.incoming.return_dates import return_date

_MOST_NAMED = 200  # attachments, of which only the names are kept; addressees; mails that are referred to
_DEEPEST = 5  # mails attached to mails
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")


class Kind(StrEnum):
    SUSPICIOUS = "suspicious"
    RECEIPT = "receipt"
    BOUNCE = "bounce"
    DELAY = "delay"
    CALENDAR_REPLY = "calendar_reply"
    AUTOMATIC = "automatic"
    SENT_COPY = "sent_copy"
    FORWARDED_REPLY = "forwarded_reply"
    REPLY = "reply"
    UNRELATED = "unrelated"


STOPPING = {Kind.REPLY, Kind.FORWARDED_REPLY, Kind.BOUNCE, Kind.CALENDAR_REPLY}
_WITH_WORDS = {Kind.REPLY, Kind.FORWARDED_REPLY, Kind.SENT_COPY, Kind.AUTOMATIC}


@dataclass(frozen=True)
class Understood:
    """
    What is understood of one mail. ``sender`` is whose words these are: of a forward the inner sender. ``date`` is in
    UTC, and the sender's own claim. ``why`` is a sentence for the user.
    """

    kind: Kind
    why: str
    sender: str | None = None
    sender_name: str = ""
    person_id: int | None = None  # whose address the sender's is
    for_message_id: str | None = None  # with its brackets
    letter_id: int | None = None
    return_date: dt.date | None = None
    new_text: str | None = None

    written: dt.datetime | None = None  # UTC; of a forward the inner mail's, where that is attached and has a date

    # The mail itself, of a forward the outer one.
    subject: str = ""
    date: dt.datetime | None = None
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()  # without brackets, as are the references
    references: tuple[str, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    drops: tuple[tuple[str, str], ...] = ()  # drop addresses, tags and all, and where each stood: "bcc", "envelope", …
    authentication: Authentication = field(default_factory=Authentication)
    doubted: bool = False  # it says that it is from the user, and nobody of those who are trusted to look confirms it
    attachments: tuple[str, ...] = ()
    calendar: str | None = None  # the answer to an invitation, as iCalendar

    @property
    def stops_follow_up(self) -> bool:
        return self.kind in STOPPING

    @property
    def moves_follow_up_to(self) -> dt.date | None:
        return self.return_date

    def as_json(self) -> dict[str, str | bool | None]:
        day = self.return_date.isoformat() if self.return_date else None
        return {
            "kind": self.kind.value,
            "from": self.sender,
            "for_message_id": self.for_message_id,
            "return_date": day,
            "new_text": self.new_text,
            "stops_follow_up": self.stops_follow_up,
            "moves_follow_up_to": day,
        }


def read(data: bytes, known: Known, envelope: Envelope | None = None) -> Understood:
    """
    What the mail in ``data`` is.

    :raises SetAside: if it is too large, or takes too long; any other bytes are read as far as that goes
    """
    watch = Stopwatch()
    return _Mail(parse(data, watch), known, envelope or Envelope(), watch).understood()


class _Mail:
    """One mail, with what is found out about it only when it is asked for."""

    def __init__(self, part: Part, known: Known, envelope: Envelope, watch: Stopwatch, depth: int = 0) -> None:
        self.part, self.known, self.envelope, self.watch, self.depth = part, known, envelope, watch, depth

    def understood(self) -> Understood:
        found = next(understood for rule in _RULES if (understood := rule(self)))
        self.watch.check()
        part = self.part
        date = self.date.astimezone(dt.UTC) if self.date else None
        return replace(
            found,
            written=found.written or date,
            subject=" ".join(part.first("subject").split())[:1000],
            date=date,
            message_id=self.message_id,
            in_reply_to=tuple(part.ids("in-reply-to")[:_MOST_NAMED]),
            references=tuple(part.ids("references")[-_MOST_NAMED:]),
            to=tuple(part.mailboxes("to")[:_MOST_NAMED]),
            cc=tuple(part.mailboxes("cc")[:_MOST_NAMED]),
            drops=tuple(self.drops),
            authentication=self.authentication,
            doubted=self.is_doubted,
            attachments=tuple(islice((one.filename for one in part.walk_here() if one.filename), _MOST_NAMED)),
        )

    def is_a(self, kind: Kind, why: str, **more: object) -> Understood:
        """The verdict, with what a mail of this kind has."""
        result = Understood(kind, why, sender=self.sender.address or None, sender_name=self.sender.name)
        if kind not in {Kind.SUSPICIOUS, Kind.UNRELATED}:
            result = replace(result, **self.letter)  # type: ignore[arg-type]
        if kind in _WITH_WORDS:
            result = replace(result, new_text=self.words)
        if kind == Kind.AUTOMATIC:
            written = self.date.date() if self.date else None
            result = replace(result, return_date=return_date(self.words, written))
        result = replace(result, **more)  # type: ignore[arg-type]
        return replace(result, person_id=self.known.people.get(result.sender or ""))

    @cached_property
    def senders(self) -> list[Mailbox]:
        """Of From, and only without one of Sender or Return-Path."""
        for name in ("from", "sender", "return-path"):
            found = self.part.mailboxes(name)
            if found:
                return found
        return []

    @property
    def sender(self) -> Mailbox:
        return self.senders[0] if self.senders else Mailbox("", "")

    @property
    def is_from_user(self) -> bool:
        return self.sender.address in self.known.users

    @property
    def is_from_person(self) -> bool:
        return self.sender.address in self.known.people

    @cached_property
    def has_no_sender(self) -> bool:
        """The null sender of RFC 5321 §4.5.5, or a mail system's own name."""
        if self.envelope.sender is not None and not self.envelope.sender.strip("<> "):
            return True
        if any(not value.strip().strip("<> ") for value in self.part.all("return-path")):
            return True
        return self.is_from_machine

    @property
    def is_from_machine(self) -> bool:
        return any(one.address.partition("@")[0] in reports.MACHINES for one in self.senders)

    @cached_property
    def authentication(self) -> Authentication:
        return authentication(self.part, self.known.servers, self.envelope.checks)

    @property
    def is_doubted(self) -> bool:
        found = self.authentication
        return self.is_from_user and found.asked and not found.proves(self.sender.address)

    @cached_property
    def date(self) -> dt.datetime | None:
        received = (moment(value.rpartition(";")[2]) for value in self.part.all("received"))
        return self.part.date or next(filter(None, received), None)

    @cached_property
    def message_id(self) -> str | None:
        found = self.part.ids("message-id")
        return f"<{found[0]}>" if found else None

    @cached_property
    def lines(self) -> list[Line]:
        return lines_of(self.part)

    @cached_property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @cached_property
    def words(self) -> str:
        return new_words(self.lines)

    @cached_property
    def answered(self) -> str | None:
        """The known letter that the mail's own headers name; the nearest, if they name several."""
        return self._known_letter(self.part.ids("in-reply-to")) or self._known_letter(
            reversed(self.part.ids("references"))
        )

    @cached_property
    def letter(self) -> dict[str, object]:
        """The known letter that the mail names, or what it reports about."""
        found = self.answered or self._known_letter(one for value in reports.ids_named(self.part) for one in ids(value))
        return self.letter_named(found)

    def letter_named(self, found: str | None) -> dict[str, object]:
        return {"for_message_id": f"<{found}>", "letter_id": self.known.letters[found.lower()]} if found else {}

    def _known_letter(self, found: Iterable[str]) -> str | None:
        return next((one for one in found if one.lower() in self.known.letters), None)

    @cached_property
    def recipients(self) -> list[str]:
        return [mailbox.address for mailbox in self.part.mailboxes("to", "cc")]

    @cached_property
    def drops(self) -> list[tuple[str, str]]:
        """The drop addresses that the mail names, and where."""
        places = [(one.address, name) for name in ("to", "cc", "bcc", *_DELIVERED) for one in self.part.mailboxes(name)]
        places += [(one, "received") for value in self.part.all("received") for one in reports.recipients_in(value)]
        places += [(one.strip("<> ").lower(), "envelope") for one in self.envelope.recipients]
        return list(dict.fromkeys((address, place) for address, place in places if self.known.is_drop(address)))


# --- The rules, in their order: the first that fits --------------------------------------------------


def _suspicious(mail: _Mail) -> Understood | None:
    claimed = [one for one in mail.senders if one.address in mail.known.users or one.address in mail.known.people]
    if claimed and mail.authentication.failed:
        why = "It claims to be from an address you know, but the mail server that took it in says it isn’t (DMARC)."
        return mail.is_a(Kind.SUSPICIOUS, why, sender=claimed[0].address, sender_name=claimed[0].name)
    return None


def _receipt(mail: _Mail) -> Understood | None:
    if reports.is_receipt(mail.part):
        return mail.is_a(Kind.RECEIPT, "A mail program says whether your letter was opened. That is no answer yet.")
    return None


def _bounce_or_delay(mail: _Mail) -> Understood | None:
    known = mail.known
    if reports.has_status(mail.part):
        actions = reports.actions(mail.part, known.people)
        if "failed" in actions:
            return mail.is_a(Kind.BOUNCE, "A mail system says that your letter could not be delivered.")
        if "delayed" in actions:
            return mail.is_a(Kind.DELAY, "A mail system says that your letter is still on its way; it goes on trying.")
        return None
    if not mail.has_no_sender or mail.is_from_person or mail.is_from_user:
        return None
    if not reports.says_for_good(mail.text):
        return None
    if mail.letter or reports.quotes_headers(mail.text, known.letters, known.users, known.people):
        named = mail._known_letter(one for value in reports.ids_in_text(mail.text) for one in ids(value))
        why = "A mail system quotes your letter and says that it could not be delivered."
        return mail.is_a(Kind.BOUNCE, why, **(mail.letter or mail.letter_named(named)))
    return None


def _calendar_reply(mail: _Mail) -> Understood | None:
    answer = answer_in(mail.part)
    if answer is not None:
        why = "It answers an invitation: a calendar accepted or declined it."
        return mail.is_a(Kind.CALENDAR_REPLY, why, calendar=answer)
    return None


def _from_a_list(mail: _Mail) -> Understood | None:
    if is_from_a_list(mail.part):
        return mail.is_a(Kind.UNRELATED, "It came by a mailing list, to many people at once.")
    return None


def _automatic(mail: _Mail) -> Understood | None:
    because = automatic_because(mail.part, mail.known.users)
    return mail.is_a(Kind.AUTOMATIC, f"A program answered, and not a person: {because}.") if because else None


def _from_the_user(mail: _Mail) -> Understood | None:
    if not mail.is_from_user:
        return None
    others = [one for one in mail.recipients if not mail.known.is_drop(one) and one not in mail.known.users]
    to_drop = any(place in {"to", "cc"} for _, place in mail.drops)
    to_person = any(one in mail.known.people for one in others)
    subject = mail.part.first("subject")
    if not to_person and (to_drop or not others or FORWARD_SUBJECT.match(subject)):
        found = _carried(mail)
        if found:
            return found
        if (to_drop and not others) or _forwards_something(mail):
            return mail.is_a(Kind.UNRELATED, "You sent it here, but no message from a person you know is in it.")
    return mail.is_a(Kind.SENT_COPY, "You sent it, and it came here as a copy.", **_own(mail))


def _own(mail: _Mail) -> dict[str, object]:
    own = mail.message_id
    letter = mail.known.letters.get(own.strip("<>").lower()) if own else None
    return {"for_message_id": own, "letter_id": letter}


def _forwards_something(mail: _Mail) -> bool:
    return any(True for _ in forwards.attached(mail.part)) or any(True for _ in forwards.inline(mail.lines))


def _carried(mail: _Mail) -> Understood | None:
    """What the user forwarded, judged as if it had come by itself: an automatic answer stays one."""
    if mail.depth < _DEEPEST:
        for part in forwards.attached(mail.part):
            inner = _Mail(part, mail.known, Envelope(), mail.watch, mail.depth + 1).understood()
            if inner.kind == Kind.REPLY:
                inner = replace(
                    inner, kind=Kind.FORWARDED_REPLY, why="You forwarded it; it is attached to your message."
                )
            if inner.kind not in {Kind.UNRELATED, Kind.SENT_COPY}:
                named = {} if inner.for_message_id or inner.kind == Kind.SUSPICIOUS else mail.letter
                return replace(inner, written=inner.date, **named)  # type: ignore[arg-type]
    for message in islice(forwards.inline(mail.lines), MOST_MESSAGES_INSIDE):
        sender = _sender_inline(mail.known, message.sender)
        if not sender or sender.address not in mail.known.people:
            continue
        more = {"sender": sender.address, "sender_name": sender.name, "new_text": new_words(message.lines)}
        because = because_of_subject(message.subject)
        if because:
            written = mail.date.date() if mail.date else None
            back = return_date(more["new_text"], written)
            why = f"You forwarded what a program answered, and not a person: {because}."
            return mail.is_a(Kind.AUTOMATIC, why, **more, return_date=back)
        return mail.is_a(Kind.FORWARDED_REPLY, "You forwarded it; it stands in your message.", **more)
    return None


def _sender_inline(known: Known, written: str) -> Mailbox | None:
    found = mailboxes(written.replace("[mailto:", "<").replace("]", ">"))
    if found:
        return found[0]
    address = known.named(written)
    return Mailbox(written.strip(), address) if address else None


def _reply(mail: _Mail) -> Understood | None:
    if mail.is_from_user or mail.is_from_machine or reports.is_report(mail.part):
        return None
    if mail.answered:
        known = "" if mail.is_from_person else ", from an address you haven’t noted for anybody"
        return mail.is_a(Kind.REPLY, f"It answers your letter{known}.")
    if mail.is_from_person:
        return mail.is_a(Kind.REPLY, "It is from the address of a person you wrote to.")
    return None


def _unrelated(mail: _Mail) -> Understood:
    return mail.is_a(Kind.UNRELATED, "Nothing in it names a letter of yours, and it is from nobody you have noted.")


_RULES: tuple[Callable[[_Mail], Understood | None], ...] = (
    _suspicious,
    _receipt,
    _bounce_or_delay,
    _calendar_reply,
    _from_a_list,
    _automatic,
    _from_the_user,
    _reply,
    _unrelated,
)

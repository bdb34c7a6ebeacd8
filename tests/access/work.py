"""What is done for the thief without a page: by workers at once or at night, and for what comes in by mail."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage as Mail
from zipfile import ZipFile

import time_machine
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts import jobs, leaving, stored_files
from accounts.export import making, restoring
from accounts.models import Restore, StoredPart, User
from mail import arrivals, drops, engine, purposes, retention
from mail.models import IncomingMail, OutgoingMail
from meetings.calendar.invitations import uid_of
from meetings.models import Meeting
from outreach.errors import OutreachError
from outreach.incoming import undoing
from portfolio.contact_imports import services as imports
from portfolio.models import ContactImport
from reminders.sweep import gather
from tests import stored_data
from tests.access.outcome import Outcome
from tests.access_world import World
from tests.outreach.incoming.mails import calendar_answer, letter, reply

NOBODYS = 79_999  # an id that no row has


@dataclass(frozen=True)
class Accounts:
    """``victim`` is None while there is nobody else yet."""

    thief: World
    newcomer: User
    bystander: User
    victim: World | None = None

    def theirs(self) -> stored_data.Snapshot:
        return stored_data.snapshot(self.victim.owner) if self.victim else {}

    def in_words(self) -> str:
        """All rows of the three, and the mail of nobody. Encrypted bytes are never the same twice."""
        users = (self.thief.owner, self.newcomer, self.bystander)
        rows = [{**stored_data.snapshot(user), StoredPart._meta.label: []} for user in users]
        return f"{rows}\n{[*OutgoingMail.objects.filter(owner=None).order_by('pk').values_list()]}"

    def faults(self, text: str) -> Iterator[str]:
        yield from (f"mixes rows: {one}" for one in stored_data.crossings())
        if self.victim and self.victim.word in text.lower():
            yield f"shows {self.victim.word}"


# --- The work of a night --------------------------------------------------------------------------


@dataclass(frozen=True)
class Night:
    """What the worker does for everybody, so many days from now: due reminders are gathered, mails are written."""

    days: int

    def __str__(self) -> str:
        return f"the work of a night, {self.days} days from now,"

    def run(self, accounts: Accounts) -> Outcome:
        """What comes of it for these accounts."""
        word, later = accounts.thief.word, timezone.now() + dt.timedelta(days=self.days)
        with stored_data.taken_back(), time_machine.travel(later, tick=False):
            gather()
            mine, theirs = "", ""
            for mail, message in written(later):
                told = f"{message.subject}\n{message.body}\n{getattr(message, 'alternatives', '')}\n"
                to_me = mail.owner_id == accounts.thief.owner.pk
                mine, theirs = (mine + told, theirs) if to_me else (mine, theirs + told)
            text = f"{mine}\n{accounts.in_words()}"
            faults = [*accounts.faults(text)]
        faults += [f"shows {word} to others"] if word in theirs.lower() else []
        return Outcome(200, text, (), faults)


def written(now: dt.datetime) -> Iterator[tuple[OutgoingMail, EmailMessage]]:
    """Every mail that is due, as the engine writes it: those of one purpose together where that is possible."""
    due = list(engine.due(now).select_related("owner").order_by("purpose", "pk"))
    for name, some in itertools.groupby(due, key=lambda mail: mail.purpose):
        mails, purpose = list(some), purposes.find(name)
        if purpose and purpose.together:
            messages = purpose.together.prepare(mails)
        else:
            messages = {mail.pk: message for mail in mails if purpose and (message := purpose.prepare(mail))}
        yield from ((mail, messages[mail.pk]) for mail in mails if mail.pk in messages)


NIGHTS = [Night(days) for days in (0, 1, 31, 400, 1500)]


# --- The work for one user ------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """What a worker does for the thief or the newcomer alone; ``do`` says what they then see of it."""

    name: str
    do: Callable[[Accounts], str]

    def __str__(self) -> str:
        return f"the work of {self.name}"

    def run(self, accounts: Accounts) -> Outcome:
        before = accounts.theirs()
        with stored_data.taken_back():
            text = f"{self.do(accounts)}\n{accounts.in_words()}"
            changed = stored_data.changed(before, accounts.theirs())
            faults = [*accounts.faults(text), *(f"changes the other's {label}" for label in changed)]
        return Outcome(200, text, (), faults)


# --- Exports --------------------------------------------------------------------------------------


def _zip_of(user: User) -> bytes:
    made, _ = making.ask_for(user)
    jobs.run()
    made.refresh_from_db()
    return stored_files.opened(made.file).read() if made.ready_at and made.file else b""


def export(accounts: Accounts) -> str:
    if not (content := _zip_of(accounts.thief.owner)):
        return "it is not ready"
    with ZipFile(io.BytesIO(content)) as zipped:
        return "\n".join(f"{name}\n{zipped.read(name).decode()}" for name in zipped.namelist())


def restoring_it(accounts: Accounts) -> str:
    """Into the empty account."""
    content = _zip_of(accounts.thief.owner)
    asked = restoring.ask_for(accounts.newcomer, name="mentorfolio.zip", content=io.BytesIO(content))
    jobs.run()
    return Restore.objects.get(pk=asked.pk).trouble


# --- Imports --------------------------------------------------------------------------------------

# The victim knows them all: by address, by profile, and by name and organisation; and has a tag of this name.
ONLY_THEY_KNOW = "Name,E-mail,Organisation,Tags,Web site\n" + "\n".join(
    [
        "Ann Addressed,dana@example.org,,,",
        "Lena Linked,,,,https://www.linkedin.com/in/some-plain-words",
        "Some plain words,,Some plain words,Some plain words,",
    ]
)


def _brought_in(user: User) -> ContactImport:
    batch = imports.begin(user=user, content=io.BytesIO(ONLY_THEY_KNOW.encode()), name="contacts.csv")
    jobs.run()
    imports.bring_in(batch)
    jobs.run()
    return batch


def bringing_in(accounts: Accounts) -> str:
    return str(_brought_in(accounts.thief.owner))


def first_file(accounts: Accounts) -> str:
    """What the empty account is shown of it."""
    batch = _brought_in(accounts.newcomer)
    client = stored_data.browser_of(accounts.newcomer)
    return client.get(reverse("contact_import", args=[batch.pk])).content.decode()


def taking_back_an_import(accounts: Accounts) -> str:
    imports.undo(accounts.thief.brought_in)
    jobs.run()
    return ""


# --- Mail that comes in ---------------------------------------------------------------------------

# The victim got these bytes, and a mail of this Message-ID; and wrote the letter of that one.
SEEN, SENT = "seen@mail.example.org", "sent@mail.example.org"
MENTOR = "mentor@example.org"  # of theirs
SAME_BYTES = b"From: dana@example.org\r\nSubject: To both\r\n\r\nThe same words to both.\r\n"


def coming_in(mail: Callable[[Accounts], Mail | bytes], *, tag: bool = False) -> Callable[[Accounts], str]:
    """To the thief's address, or with ``tag`` to the one for a letter that is the victim's."""

    def arrive(accounts: Accounts) -> str:
        content = mail(accounts)
        about = accounts.victim.letter.pk if accounts.victim else NOBODYS
        to = drops.address(accounts.thief.drop, about if tag else None)
        kept = arrivals.receive(
            recipients=[to], sender="", content=content if isinstance(content, bytes) else content.as_bytes()
        )
        jobs.run()
        rows = IncomingMail.objects.filter(pk__in=[one.pk for one in kept])
        return str([*rows.values_list("owner", "kind", "state", "why", "noted")])

    return arrive


def _from_me(accounts: Accounts, to: str, subject: str, text: str) -> Mail:
    return letter(accounts.thief.owner.email, to, subject, text)


def _from_spare(accounts: Accounts) -> Mail:
    return reply(sender=accounts.thief.spare.email)


def _by_name(accounts: Accounts) -> Mail:
    """Forwarded as Outlook does, without addresses. The victim knows a namesake."""
    text = f"-----Original Message-----\nFrom: {accounts.thief.spare.name}\nSubject: Hello\n\nGladly.\n"
    return _from_me(accounts, drops.address(accounts.thief.drop), "FW: Hello", text)


def _to_their_drop(accounts: Accounts) -> Mail:
    return _from_me(accounts, drops.address_at("aliceonly-drop"), "Hello", "Dear Dana")


def _accepted(accounts: Accounts) -> Mail:
    meeting = Meeting.objects.get(pk=accounts.victim.meeting.pk) if accounts.victim else None
    uid = uid_of(meeting) if meeting else f"{uuid.UUID(int=0)}@mentorfolio"
    return calendar_answer(uid, "ACCEPTED", sender=MENTOR, attendee=MENTOR)


def perhaps(accounts: Accounts) -> str:
    """A mail asks, and may be of somebody of theirs: an id that is kept as a bare number."""
    person = accounts.victim.spare.pk if accounts.victim else NOBODYS
    IncomingMail.objects.filter(pk=accounts.thief.asking_mail.pk).update(noted={"perhaps": [person]})
    client = stored_data.browser_of(accounts.thief.owner)
    page = client.get(reverse("incoming_mail")).content.decode()
    IncomingMail.objects.filter(pk=accounts.thief.asking_mail.pk).update(noted={})
    return page


# --- A mail that was noted and is taken back ------------------------------------------------------


def taking_back(**row: Callable[[World], int]) -> Callable[[Accounts], str]:
    """As if what it had noted were a row of the victim's: an id that is kept as a bare number."""
    ((name, pk_of),) = row.items()

    def take_back(accounts: Accounts) -> str:
        pk = pk_of(accounts.victim) if accounts.victim else NOBODYS
        mail, said = accounts.thief.noted_mail, ""
        mine = IncomingMail.objects.filter(pk=mail.pk)
        mine.update(noted={name: pk, "answer": "", "before": "yes", **_days(accounts)})
        try:
            undoing.take_back(mail)
        except OutreachError as error:
            said = str(error)
        mine.update(noted={})  # where it can't be taken back, it says still what was noted
        return said

    return take_back


def _days(accounts: Accounts) -> dict[str, str]:
    due = accounts.victim.follow_up.due_on if accounts.victim else timezone.now().date()
    return {"due_on": due.isoformat(), "due_before": "2026-01-05"}


def _received(world: World) -> int:
    return int(IncomingMail.objects.get(pk=world.noted_mail.pk).noted["message"])


# --- What is old, and who leaves ------------------------------------------------------------------

LEFT = "left@example.org"  # an address that the victim had, and to which mail of nobody went
COUNTED = dt.datetime(2024, 6, 5, 9, 0, tzinfo=dt.UTC)  # a month in which the victim was mailed


def forgetting_mail(accounts: Accounts) -> str:
    OutgoingMail.objects.filter(pk=accounts.thief.mail.pk).update(created_at=COUNTED, state=OutgoingMail.State.SENT)
    return str(retention.old_mail())


def leaving_for_good(accounts: Accounts) -> str:
    User.objects.filter(pk=accounts.thief.owner.pk).update(erase_at=timezone.now())
    return str(leaving.erase_due())


WORK = [
    Work("an export", export),
    Work("bringing an export in", restoring_it),
    Work("bringing a file in", bringing_in),
    Work("a first file", first_file),
    Work("taking an import back", taking_back_an_import),
    Work("a mail of the same bytes", coming_in(lambda accounts: SAME_BYTES)),
    Work("a mail seen elsewhere", coming_in(lambda accounts: reply(message_id=f"<{SEEN}>"))),
    Work("a mail about a letter of theirs", coming_in(_from_spare, tag=True)),
    Work("a mail that names a letter of theirs", coming_in(lambda accounts: reply(to_id=f"<{SENT}>"))),
    Work("a mail of somebody they know", coming_in(lambda accounts: letter("dana@example.org"))),
    Work("a mail forwarded of a namesake", coming_in(_by_name)),
    Work("a mail to their address", coming_in(_to_their_drop)),
    Work("a mail that accepts their invitation", coming_in(_accepted)),
    Work("asking whose a mail is", perhaps),
    Work("taking an event back", taking_back(event=lambda theirs: theirs.approach.events.latest("pk").pk)),
    Work("taking a letter back", taking_back(letter=lambda theirs: theirs.letter.pk)),
    Work("taking an answer back", taking_back(message=_received)),
    Work("taking a contact back", taking_back(contact=lambda theirs: theirs.contact.pk)),
    Work("taking days back", taking_back(follow_up=lambda theirs: theirs.follow_up.pk)),
    Work("taking a yes back", taking_back(meeting=lambda theirs: theirs.meeting.pk)),
    Work("forgetting old mail", forgetting_mail),
    Work("leaving for good", leaving_for_good),
]

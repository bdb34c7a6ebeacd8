from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from accounts.commands import AllUsersCommand
from mail import operations
from mail.heartbeats import statuses
from mail.incoming.known import Envelope, Known
from mail.incoming.limits import LARGEST_MAIL, SetAside
from mail.incoming.message import ids, mailboxes
from mail.incoming.reading import read
from mail.models import OutgoingMail

SHOWN = 20
STATUS, RETRY, SET_ASIDE, READ = "status", "retry", "set-aside", "read"
TWICE = "--even-if-twice"

# What `read` takes as known where nothing else is said: an invented letter from an invented user to an invented person.
EXAMPLE = {
    "user": ["Dr Ffion Marsh <ffion.marsh@nhs.example.org>"],
    "person": ["Julie Hart <julie.hart@example.org>"],
    "letter": ["<mf.1234@mail.example.org>"],
    "drop": ["ffion-k7p2m9q4@drop.example.org"],
    "server": ["mx.nhs.example.org", "mx.drop.example.org"],
}


class Command(AllUsersCommand):
    help = (
        "How the outbox is doing: `mail status`; about one mail: `mail retry 12`, `mail set-aside 12`; and what is "
        "understood of a mail that came in: `mail read FILE`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="what", required=True)
        verbs.add_parser(STATUS, help="what waits, is late, failed, or may have arrived")
        retry = verbs.add_parser(RETRY, help="put mails in the queue again")
        set_aside = verbs.add_parser(SET_ASIDE, help="leave mails as they are, for good")
        for verb in (retry, set_aside):
            verb.add_argument("numbers", nargs="*", type=int, metavar="number", help="of mails, as `status` shows them")
        retry.add_argument("--failed", action="store_true", help="everything that failed")
        retry.add_argument("--late", action="store_true", help="everything that waits to be tried again")
        retry.add_argument(TWICE, action="store_true", help="also what may have arrived already")
        self._add_reading(verbs.add_parser(READ, help="print as JSON what is understood of one mail; writes nothing"))

    def _add_reading(self, reading: CommandParser) -> None:
        reading.add_argument("file", metavar="FILE", help="a mail as it came, an .eml file")
        told = reading.add_argument_group(
            "what is known", "Each may be given several times. One that isn’t given is that of an invented example."
        )
        for name, about in {
            "user": "an address of the user whose mail this is",
            "person": "somebody they know, as “Name <address>” or only an address",
            "letter": "the Message-ID of a letter of theirs",
            "drop": "a drop address of theirs",
            "server": "a mail server whose Authentication-Results are trusted",
        }.items():
            told.add_argument(f"--{name}", action="append", help=f"{about}; else {' and '.join(EXAMPLE[name])}")
        told.add_argument("--envelope-from", metavar="ADDRESS", help="as the mail server was told; “<>” is nobody")
        told.add_argument("--envelope-to", metavar="ADDRESS", action="append", default=[])

    def execute(self, *args: Any, **options: Any) -> str | None:
        if options.get("what") == READ:  # it asks no database, so it matters to nobody which rows that would show
            return BaseCommand.execute(self, *args, **options)
        return super().execute(*args, **options)

    def handle(self, *, what: str, **options: Any) -> None:
        if what == STATUS:
            self._status()
        elif what == READ:
            self._read(**options)
        else:
            self._decide_all(what, **options)

    def _read(self, *, file: str, envelope_from: str | None, envelope_to: list[str], **options: Any) -> None:
        known = _known(**{name: options[name] or EXAMPLE[name] for name in EXAMPLE})
        try:
            with open(file, "rb") as opened:
                data = opened.read(LARGEST_MAIL + 1)
            understood = read(data, known, Envelope(envelope_from, tuple(envelope_to)))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}.") from error
        except ValueError as error:  # a NUL in the name
            raise CommandError(f"{file!r}: {error}.") from error
        except SetAside as refused:
            raise CommandError(f"{file}: {refused.reason}") from refused
        self.stdout.write(json.dumps(understood.as_json(), ensure_ascii=False, indent=1))

    def _decide_all(
        self,
        what: str,
        *,
        numbers: list[int],
        failed: bool = False,
        late: bool = False,
        even_if_twice: bool = False,
        **options: Any,
    ) -> None:
        if failed or late:
            count = (operations.retry_failed() if failed else 0) + (operations.retry_late() if late else 0)
            self.stdout.write(f"{count} in the queue again")
        elif not numbers:
            raise CommandError("Which mail? Name its number, as `mail status` shows it.")
        left = [number for number in numbers if not self._decide(what, number, even_if_twice)]
        if left:
            raise CommandError(f"Left as they are: {', '.join(map(str, left))}.")

    def _decide(self, what: str, number: int, even_if_twice: bool) -> bool:
        """Apply the decision to one mail and print the result."""
        mail = OutgoingMail.objects.filter(pk=number).first()
        done = False
        if mail is None:
            said = "there is no such mail"
        elif what == RETRY and operations.may_come_twice(mail) and not even_if_twice:
            said = f"{mail.get_audience_display()} may have it already; if it may come twice, add {TWICE}"
        else:
            done = operations.retry(mail=mail) if what == RETRY else operations.set_aside(mail=mail)
            said = "done" if done else _why_not(mail)
        self.stdout.write(f"{number}: {said}")
        return done

    def _status(self) -> None:
        now = timezone.now()
        lines = {
            "waiting": operations.waiting().count(),
            "late (over 5 minutes)": operations.late(now).count(),
            "failed": operations.failed().count(),
            "uncertain": operations.uncertain().count(),
            "sent in the last day": OutgoingMail.objects.filter(
                state=OutgoingMail.State.SENT, sent_at__gt=now - dt.timedelta(days=1)
            ).count(),
        }
        for name, count in lines.items():
            self.stdout.write(f"{name:<24}{count:>8}")
        self._list("Late", operations.late(now), lines["late (over 5 minutes)"])
        self._list("Failed", operations.failed(), lines["failed"])
        self._list("Uncertain", operations.uncertain(), lines["uncertain"])
        found = statuses()
        if not found:
            self.stdout.write("\nNo sign of life yet: are worker and beat running?")
        for pulse in found:
            late = "  LATE" if pulse.late else ""
            self.stdout.write(f"last {pulse.name:<19}{pulse.at:%Y-%m-%d %H:%M:%S} UTC{late}")

    def _list(self, title: str, mails: QuerySet[OutgoingMail], count: int) -> None:
        rows = list(mails[:SHOWN])
        if rows:
            self.stdout.write(f"\n{title}:")
        for mail in rows:
            said = f"  {mail.last_error}" if mail.last_error else ""
            tries = "1 try" if mail.attempts == 1 else f"{mail.attempts} tries"
            self.stdout.write(
                f"{mail.pk:>8}  {mail.purpose:<10} to {mail.audience:<7} since {mail.created_at:%Y-%m-%d %H:%M}, "
                f"{tries}{said}"
            )
        if count > len(rows):
            self.stdout.write(f"          and {count - len(rows)} more")


def _why_not(mail: OutgoingMail) -> str:
    if mail.state in operations.DECIDABLE:
        return "its words have been dropped by now, so it can’t go again"
    return f"nothing to do, or too late: {mail.get_state_display()}"


def _known(*, user: list[str], person: list[str], letter: list[str], drop: list[str], server: list[str]) -> Known:
    people = [mailbox for one in person for mailbox in mailboxes(one)]
    letters = [found.lower() for one in letter for found in ids(one)]
    return Known(
        users={mailbox.address for one in user for mailbox in mailboxes(one)},
        people={mailbox.address: number for number, mailbox in enumerate(people, 1)},
        names={mailbox.name.lower(): mailbox.address for mailbox in people if mailbox.name},
        letters={one: number for number, one in enumerate(letters, 1)},
        drops={mailbox.address for one in drop for mailbox in mailboxes(one)},
        servers={one.lower() for one in server},
    )

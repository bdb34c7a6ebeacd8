"""Helpers: the mails a user's mailbox, and those they write to, would send to a drop address."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from accounts import jobs
from accounts.models import User
from mail import arrivals, drops
from mail.models import DropAddress, IncomingMail
from outreach.models import Message

ME, JULIE = "alice@example.org", "julie@example.org"


def drop_of(user: User) -> DropAddress:
    return drops.current(user) or drops.renew(user)


def letter(
    sender: str = ME,
    to: str = JULIE,
    subject: str = "15 minutes of your time",
    text: str = "Dear Julie,\n\nmay I ask you for fifteen minutes?\n\nAlice",
    *,
    message_id: str = "<sent.1@mail.example.org>",
    at: dt.datetime = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC),
    **headers: str,
) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"], mail["Date"] = message_id, format_datetime(at)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def reply(
    text: str = "Gladly. How about Tuesday?", *, to_id: str = "<sent.1@mail.example.org>", **more: str
) -> EmailMessage:
    options: dict[str, str] = {"sender": f"Julie Hart <{JULIE}>", "to": ME, "message_id": "<reply.1@mail.example.org>"}
    at = dt.datetime(2026, 1, 6, 8, 0, tzinfo=dt.UTC)
    quoted = f"{text}\n\nOn Mon, 5 Jan 2026 at 09:30, Alice Ashe <{ME}> wrote:\n> may I ask you for fifteen minutes?\n"
    return letter(subject="Re: 15 minutes of your time", text=quoted, at=at, In_Reply_To=to_id, **{**options, **more})


def forwarded(inner: EmailMessage, *, to: str) -> EmailMessage:
    at = dt.datetime(2026, 1, 6, 9, 45, tzinfo=dt.UTC)
    subject = "Fwd: Re: 15 minutes of your time"
    mail = letter(ME, to, subject, "See below.", message_id="<fwd.1@mail.example.org>", at=at)
    mail.add_attachment(inner)
    return mail


# What the mail server in front writes on top of a mail that comes from where it says.
PROVED = b"Authentication-Results: mx.in.example.org; dkim=pass header.d=example.org; spf=pass\r\n"


def arrive(
    user: User,
    mail: EmailMessage | bytes,
    *,
    tag: Message | None = None,
    sender: str = ME,
    results: bytes = PROVED,
) -> IncomingMail:
    """Through the mail server in front, the receiver's door, and a worker."""
    content = results + (mail if isinstance(mail, bytes) else mail.as_bytes())
    address = drops.address(drop_of(user), tag.pk if tag else None)
    [kept] = arrivals.receive(recipients=[address], sender=sender, content=content)
    jobs.run()
    kept.refresh_from_db()
    return kept


def calendar_answer(uid: str, says: str, *, sender: str = JULIE, attendee: str = JULIE) -> EmailMessage:
    """What a calendar program sends when an invitation is accepted or declined there."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, ME, f"{says.title()}: Conversation"
    mail["Message-ID"] = f"<{says}@mail.example.org>"
    lines = ["BEGIN:VCALENDAR", "METHOD:REPLY", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", f"UID:{uid}"]
    lines += ["DTSTAMP:20260106T090000Z", f"ATTENDEE;PARTSTAT={says};CN=Julie:mailto:{attendee}"]
    calendar = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])
    mail.set_content(calendar, subtype="calendar", params={"method": "REPLY"})
    return mail

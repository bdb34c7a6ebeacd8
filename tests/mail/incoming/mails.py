"""Mails to try, written as mail programs write them, and what is known when they come: Alice wrote to Bob."""

from __future__ import annotations

import datetime as dt

from mail.incoming.known import Envelope, Known
from mail.incoming.reading import Understood, read

ALICE = "alice.moss@trust.example.org"
BOB = "bob.lee@council.example.org"
CHARLIE = "charlie@elsewhere.example.org"
DROP = "alice-x1y2z3@in.example.org"
LETTER = "<mf.77@mail.example.org>"
OURS, ALSO_OURS = "mx.trust.example.org", "mx.in.example.org"
DATE = "Tue, 10 Nov 2026 09:12:00 +0000"
TODAY = dt.date(2026, 11, 10)

KNOWN = Known(
    users={ALICE, "alice@home.example.org"},
    people={BOB: 5, "bob@private.example.org": 5},
    names={"bob lee": BOB},
    letters={"mf.77@mail.example.org": 8, "mf.78@mail.example.org": 9},
    drops={DROP},
    servers={OURS, ALSO_OURS},
)
ANSWER = f"In-Reply-To: {LETTER}"


def mail(*headers: str, body: str = "Yes.", sender: str = BOB, to: str = ALICE, subject: str = "Re: Hello") -> bytes:
    """A mail from Bob to Alice; ``headers`` are added, and take the place of what they name."""
    named = {header.partition(":")[0].lower() for header in headers}
    usual = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {DATE}", "Message-ID: <one@example.org>"]
    usual.append("Content-Type: text/plain; charset=utf-8")
    kept = [header for header in usual if header.partition(":")[0].lower() not in named]
    return "\n".join([*kept, *headers, "", body]).encode()


def multipart(*parts: str, kind: str = "mixed", more: str = "", headers: tuple[str, ...] = (), **named: str) -> bytes:
    """``parts`` with their own headers, between boundaries."""
    body = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    return mail(f"Content-Type: multipart/{kind}; boundary=b{more}", *headers, body=body, **named)


def report(*blocks: str, returned: str = "", headers: tuple[str, ...] = (), **named: str) -> bytes:
    """A delivery status notification with these blocks of fields."""
    parts = ["Content-Type: text/plain\n\nIt is a pity."]
    parts.append("Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n" + "\n\n".join(blocks))
    if returned:
        parts.append(f"Content-Type: text/rfc822-headers\n\n{returned}")
    named = {"sender": "MAILER-DAEMON@mx.example.org", "subject": "Undelivered"} | named
    return multipart(*parts, kind="report", more="; report-type=delivery-status", headers=headers, **named)


def understood(data: bytes, envelope: Envelope | None = None) -> Understood:
    return read(data, KNOWN, envelope)


def kind(data: bytes, envelope: Envelope | None = None) -> str:
    return understood(data, envelope).kind.value


def words(body: str, *headers: str) -> str | None:
    """What Bob wrote now, by this body of an answer."""
    return understood(mail(ANSWER, *headers, body=body)).new_text


def words_of_html(body: str) -> str | None:
    return words(body, "Content-Type: text/html; charset=utf-8")

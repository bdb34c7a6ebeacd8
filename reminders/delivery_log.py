"""The user's log of reminders and mails, as text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import User
from accounts.words import in_figures
from mail.models import MailMonth, OutgoingMail
from reminders import kinds
from reminders.models import Reminder, Telling
from reminders.sample_mail import PURPOSE as TEST
from reminders.services import still_true
from reminders.sweep import PURPOSE

SHOWN = 50
State = Reminder.State
Sending = OutgoingMail.State


@dataclass(frozen=True)
class LogStep:
    """An event at an instant (UTC; None means now), and details about it."""

    at: dt.datetime | None
    words: str
    detail: str = ""


@dataclass(frozen=True)
class Upcoming:
    reminder: Reminder
    title: str


@dataclass(frozen=True)
class Sent:
    """One mail and its reminders."""

    mail: OutgoingMail
    subject: str
    tellings: list[Telling] = field(default_factory=list)

    @property
    def steps(self) -> list[LogStep]:
        return mail_steps(self.mail)

    @property
    def went(self) -> bool:
        return self.mail.state == Sending.SENT

    @property
    def amiss(self) -> bool:
        return self.mail.state in (Sending.FAILED, Sending.UNCERTAIN)

    @property
    def standing(self) -> str:
        """The state of the mail, as text."""
        if self.mail.purpose == TEST and self.mail.state == Sending.EXPIRED:
            return "not sent within the hour"
        if self.mail.attempts and self.mail.state in OutgoingMail.OPEN:
            return f"tried {_times(self.mail.attempts)}, and waiting"
        return self.mail.get_state_display()


def upcoming(user: User) -> list[Upcoming]:
    """Planned reminders with their titles, the next first, at most one more than the page shows."""
    ahead = Reminder.objects.for_user(user).filter(state__in=(State.PLANNED, State.GATHERED))
    rows = list(ahead.order_by("due_at", "pk")[: SHOWN + 1])
    titles = {reminder.pk: item.title for reminder, item in still_true(user, rows, ahead=True)}
    return [Upcoming(row, titles.get(row.pk) or name_of(row)) for row in rows]


def mails(user: User) -> list[Sent]:
    """The latest reminder mails to this user, newest first, at most one more than the page shows."""
    rows = list(
        OutgoingMail.objects.filter(owner=user, purpose__in=(PURPOSE, TEST)).order_by("-created_at", "-pk")[: SHOWN + 1]
    )
    digests = [row.subject_id for row in rows if row.purpose == PURPOSE]
    inside: dict[int, list[Telling]] = {}
    for telling in Telling.objects.for_user(user).filter(digest__in=digests).order_by("pk"):
        inside.setdefault(telling.digest_id, []).append(telling)
    return [Sent(row, row.subject or _unwritten(row), inside.get(row.subject_id or 0, [])) for row in rows]


def earlier(user: User) -> list[str]:
    """What is known of months whose mails are deleted: "June 2026: 12 reminders in 9 emails; 3 emails to mentors"."""
    return [_month(row) for row in MailMonth.objects.for_user(user)]


def _month(row: MailMonth) -> str:
    told = in_figures(row.reminders, "reminder", "reminders")
    parts = [f"{told} in {in_figures(row.to_user, 'email', 'emails')}"]
    if row.to_others:
        parts.append(f"{in_figures(row.to_others, 'email', 'emails')} to mentors")
    return f"{row.month:%B %Y}: {'; '.join(parts)}"


def _unwritten(mail: OutgoingMail) -> str:
    return "A test" if mail.purpose == TEST else "A morning’s reminders"


def history(reminder: Reminder) -> list[LogStep]:
    """The history of a reminder in order, with the steps of each mail together."""
    sent = list(_mails_of(reminder))
    parts = [(mail.created_at, mail_steps(mail)) for mail in sent]
    if reminder.missed_at:
        missed = "Came due, but nothing was running here. It joins the next mail."
        parts.append((reminder.missed_at, [LogStep(reminder.missed_at, missed)]))
    parts.sort(key=lambda part: part[0])
    return [
        LogStep(reminder.created_at, "Planned."),
        *(step for _, steps in parts for step in steps),
        _now(reminder, mailed=bool(sent) and sent[-1].state == Sending.SENT),
    ]


def name_of(reminder: Reminder) -> str:
    kind = kinds.find(reminder.kind)
    return kind.label if kind else "A reminder"


def _mails_of(reminder: Reminder) -> Iterable[OutgoingMail]:
    digests = Telling.objects.filter(reminder=reminder).values_list("digest_id", flat=True)
    return OutgoingMail.objects.filter(owner=reminder.owner, purpose=PURPOSE, subject_id__in=list(digests)).order_by(
        "created_at", "pk"
    )


def _now(reminder: Reminder, *, mailed: bool) -> LogStep:
    put_off = f"You put it off to {reminder.put_off_to:%-d %B %Y}." if reminder.put_off_to else ""
    words = {
        State.PLANNED: f"Planned for {reminder.wall_date:%A} {reminder.wall_date:%-d %B %Y}, "
        f"{reminder.wall_time:%H:%M} ({reminder.zone.replace('_', ' ')}).",
        State.GATHERED: "In the next mail.",
        State.MAILED: f"{'Mailed. ' if mailed else ''}It stands on Today until it is settled.",
        State.EXPIRED: "No longer true, or switched off, so not mailed.",
        State.CANCELLED: "Settled. No more mail about it.",
        State.LET_GO: "You let it go. No more mail about it.",
    }
    return LogStep(None, words[State(reminder.state)], put_off)


def mail_steps(mail: OutgoingMail) -> list[LogStep]:
    """The history of one mail."""
    steps = [LogStep(mail.created_at, "Put into the outbox.")]
    if mail.frozen_at:
        steps.append(LogStep(mail.frozen_at, "Written."))
    if mail.state == Sending.SENT:
        steps.append(LogStep(mail.sent_at, "Accepted by the mail server.", f"Message-ID {mail.message_id}"))
    else:
        steps.append(_where_it_is(mail))
    return steps


def _where_it_is(mail: OutgoingMail) -> LogStep:
    said = _said(mail.last_error)
    kept = "" if mail.purpose == TEST else " What was in it stands on Today."
    if mail.state == Sending.FAILED:
        return LogStep(None, f"It could not be sent.{kept}", said)
    if mail.state == Sending.UNCERTAIN:
        return LogStep(None, "It may have arrived: the connection broke at the last moment.", said)
    if mail.state == Sending.EXPIRED and mail.purpose == TEST:
        return LogStep(None, "It could not go within the hour, so it was dropped.", said)
    if mail.state == Sending.EXPIRED:
        return LogStep(None, "Nothing in it was true any more, so it was not sent.")
    if mail.state == Sending.ASIDE:
        return LogStep(None, f"It was set aside by whoever runs this site.{kept}", said)
    if mail.state == Sending.CANCELLED:
        return LogStep(None, "It was taken back, and is not sent.", said)
    if mail.attempts and mail.state == Sending.QUEUED:
        return LogStep(mail.due_at, f"Tried {_times(mail.attempts)}; the next try.", said)
    return LogStep(None, "On its way.", said)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _said(trouble: str) -> str:
    """Quote an error from the mail server, which begins with a three-digit code; leave our own texts unchanged."""
    return f"The mail server said: {trouble}" if re.match(r"\d{3}\b", trouble) else trouble

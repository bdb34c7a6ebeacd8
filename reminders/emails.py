"""The mail of a morning: written at the last moment, from what is still true then."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from mail.models import OutgoingMail
from reminders import kinds
from reminders.links import link_to
from reminders.models import Digest, Reminder
from reminders.services import still_true

State = Reminder.State
SUBJECT_LENGTH = 140


@dataclass(frozen=True)
class Line:
    """One thing in the mail, with its absolute addresses."""

    title: str
    words: str
    url: str
    link: str
    link_words: str
    person: str = ""
    button: str = "Open it"


def prepare_digest(mail: OutgoingMail) -> EmailMessage | None:
    """Write the digest ``mail.subject_id`` and mark what is in it as mailed; None when nothing in it is true any more.

    Runs in the transaction that freezes the mail. An empty digest goes, so that something else may come that morning.
    """
    digest = _digests(mail).select_for_update(of=("self",)).first()
    if digest is None:
        return None
    gathered = list(Reminder.objects.select_for_update().filter(digest=digest, state=State.GATHERED).order_by("pk"))
    pairs = _worth_telling(digest.owner, gathered)
    told = [reminder.pk for reminder, _ in pairs]
    untold = [reminder.pk for reminder in gathered if reminder.pk not in set(told)]
    Reminder.objects.filter(pk__in=untold).update(state=State.EXPIRED)
    if not pairs:
        digest.delete()
        return None
    Reminder.objects.filter(pk__in=told).update(state=State.MAILED)
    digest.frozen_at = timezone.now()
    digest.save(update_fields=["frozen_at"])
    return write_digest(digest.owner, pairs)


def still_wanted(mail: OutgoingMail) -> bool:
    """Whether anything in a digest that was written already, and could not be sent, is still true."""
    digest = _digests(mail).first()
    if digest is None:
        return False
    return bool(_worth_telling(digest.owner, list(digest.reminders.filter(state=State.MAILED))))


def _digests(mail: OutgoingMail) -> QuerySet[Digest]:
    """The one this mail is to carry, if it is still there."""
    return Digest.objects.select_related("owner").filter(pk__in=[mail.subject_id])


def _worth_telling(user: User, reminders: list[Reminder]) -> list[tuple[Reminder, kinds.Item]]:
    wanted = [reminder for reminder in reminders if (kind := kinds.find(reminder.kind)) and kind.wanted_by(user)]
    return still_true(user, wanted) if user.is_active else []


def write_digest(user: User, pairs: list[tuple[Reminder, kinds.Item]]) -> EmailMessage:
    """The message itself, in a text and an HTML part."""
    lines = [_line(reminder, item) for reminder, item in pairs]
    context = {"user": user, "lines": lines, "base_url": settings.BASE_URL, "subject": subject_of(lines)}
    message = EmailMultiAlternatives(
        subject=subject_of(lines),
        body=render_to_string("email/digest.txt", context),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no out-of-office, please
    )
    message.attach_alternative(render_to_string("email/digest.html", context), "text/html")
    return message


def subject_of(lines: list[Line]) -> str:
    """What the mail is about: the one title; or how many things, and whom they are about."""
    people = list(dict.fromkeys(line.person for line in lines if line.person))
    if len(lines) == 1:
        text = lines[0].title
    elif people:
        text = f"{len(lines)} things for today: {', '.join(people)}"
    else:
        text = f"{len(lines)} things for today: {lines[0].title} …"
    text = " ".join(text.split())
    return text if len(text) <= SUBJECT_LENGTH else text[: SUBJECT_LENGTH - 1].rstrip(" ,") + "…"


def _line(reminder: Reminder, item: kinds.Item) -> Line:
    labels = [act.label for act in kinds.get(reminder.kind).acts]
    return Line(
        title=item.title,
        words=item.words,
        url=f"{settings.BASE_URL}{item.path}",
        link=link_to(reminder),
        link_words=" · ".join([*labels, "Remind me later"]),
        button=item.button,
        person=item.person,
    )

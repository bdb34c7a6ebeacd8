"""The mail of a morning: written at the last moment, from what is still true then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from mail.models import OutgoingMail
from reminders import kinds
from reminders.links import link_to, switch_off_link
from reminders.models import Digest, Reminder, Telling
from reminders.planner import is_away
from reminders.services import Pairs, plan_again, still_true_of_each

State = Reminder.State
SUBJECT_LENGTH = 140
TITLE_LENGTH = Telling._meta.get_field("title").max_length or 0
# What one reads over coffee; the rest stands on Today.
MOST_LINES = 10
MOST_WORDS = 1_000
# Control characters but the line's end; and the marks that turn the direction of whatever follows.
_UNFIT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class DigestLine:
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
    return prepare_digests([mail]).get(mail.pk)


def prepare_digests(mails: Sequence[OutgoingMail]) -> dict[int, EmailMessage]:
    """The same for several at once, by the mail's id: few queries for all of them, and one a floor."""
    # In the order of owners, as the sweep takes them, so that nobody waits for each other.
    rows = _digests(mails).select_for_update(of=("self",)).order_by("owner_id", "pk")
    digests = {digest.pk: digest for digest in rows}
    reminders = Reminder.objects.select_for_update().filter(digest__in=digests, state=State.GATHERED).order_by("pk")
    gathered: dict[int | None, list[Reminder]] = {}
    for reminder in reminders:
        gathered.setdefault(reminder.digest_id, []).append(reminder)
    pairs = dict(zip(digests, _to_tell([(digests[pk].owner, gathered.get(pk, [])) for pk in digests]), strict=True))
    told = {reminder.pk for some in pairs.values() for reminder, _ in some}
    put_off = {reminder.pk for some in gathered.values() for reminder in some if reminder.state != State.GATHERED}
    untold = {reminder.pk for some in gathered.values() for reminder in some} - told - put_off
    Reminder.objects.filter(pk__in=untold).update(state=State.EXPIRED)
    Reminder.objects.filter(pk__in=told).update(state=State.MAILED)
    Digest.objects.filter(pk__in=[pk for pk, some in pairs.items() if not some]).delete()
    Digest.objects.filter(pk__in=[pk for pk, some in pairs.items() if some]).update(frozen_at=timezone.now())
    Telling.objects.bulk_create(
        Telling(owner_id=reminder.owner_id, reminder=reminder, digest_id=pk, title=_title(item))
        for pk, some in pairs.items()
        for reminder, item in some
    )
    by_digest = {mail.subject_id: mail.pk for mail in mails}
    return {by_digest[pk]: write_digest(digests[pk].owner, some) for pk, some in pairs.items() if some}


def unwrite_digests(mails: Sequence[OutgoingMail]) -> None:
    """They did not travel: what is in them is on its way again, and is looked at anew."""
    digests = [digest.pk for digest in _digests(mails).select_for_update(of=("self",)).order_by("owner_id", "pk")]
    Reminder.objects.filter(digest__in=digests, state=State.MAILED).update(state=State.GATHERED)
    Telling.objects.filter(digest__in=digests).delete()
    Digest.objects.filter(pk__in=digests).update(frozen_at=None)


def _to_tell(gathered: Sequence[tuple[User, list[Reminder]]]) -> list[Pairs]:
    """What to say to each; who went away meanwhile is told after that."""
    here = []
    for user, reminders in gathered:
        away = is_away(user, user.today())
        if away:
            for reminder in reminders:
                plan_again(reminder, user)
        here.append((user, [] if away or not user.is_active else _wanted(user, reminders)))
    return still_true_of_each(here)


def _wanted(user: User, reminders: list[Reminder]) -> list[Reminder]:
    return [reminder for reminder in reminders if (kind := kinds.find(reminder.kind)) and kind.wanted_by(user)]


def _title(item: kinds.Item) -> str:
    return " ".join(item.title.split())[:TITLE_LENGTH]


def still_wanted(mail: OutgoingMail) -> bool:
    """Whether anything in a digest that was written already, and could not be sent, is still true.

    Runs where ``prepare_digest`` does. Who went away meanwhile is told after that.
    """
    digest = _digests([mail]).first()
    if digest is None:
        return False
    (pairs,) = _to_tell([(digest.owner, list(digest.reminders.filter(state=State.MAILED)))])
    return bool(pairs)


def _digests(mails: Sequence[OutgoingMail]) -> QuerySet[Digest]:
    """Those these mails are to carry, as far as they are still there."""
    return Digest.objects.select_related("owner").filter(pk__in=[mail.subject_id for mail in mails])


def _tidy(words: str, most: int) -> str:
    """Somebody else's words without what a mail can't carry or what would turn the lines around it, and not endless."""
    words = _UNFIT.sub(" ", _TURNS.sub("", words)).strip()
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _one_line(words: str) -> str:
    return _tidy(" ".join(words.split()), TITLE_LENGTH)


def write_digest(user: User, pairs: Pairs) -> EmailMessage:
    """The message itself, in a text and an HTML part. What was missed is one line, never a flood."""
    fresh = [_line(reminder, item) for reminder, item in pairs if reminder.missed_at is None]
    missed = [_one_line(item.title) for reminder, item in pairs if reminder.missed_at is not None]
    lines, more = fresh[:MOST_LINES], len(fresh[MOST_LINES:])
    switches = sorted({kinds.get(reminder.kind).switch for reminder, _ in pairs})
    off = switch_off_link(user, switches)
    context = {
        "user": user,
        "lines": lines,
        "count": len(fresh),
        "when": _when(user),
        "more": more,
        "missed": missed_words(missed, with_others=bool(lines)),
        "today_url": f"{settings.BASE_URL}/today/",
        "off": off,
        "base_url": settings.BASE_URL,
        "subject": subject_of(fresh, missed, _when(user)),
    }
    message = EmailMultiAlternatives(
        subject=str(context["subject"]),
        body=render_to_string("email/digest.txt", context),
        to=[user.email],
        headers={
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office, please
            # RFC 8058: the mail program's own button posts, and nobody need sign in.
            "List-Unsubscribe": f"<{off}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(render_to_string("email/digest.html", context), "text/html")
    return message


def _when(user: User) -> str:
    return "this week" if user.weekly_mail else "today"


def missed_words(titles: list[str], *, with_others: bool) -> str:
    """The one honest line about what came due while nothing was running; empty when that is nothing."""
    if not titles:
        return ""
    more = " more" if with_others else ""
    if len(titles) == 1:
        return f"While we were away, one{more} came due: “{' '.join(titles[0].split())}”. It is on Today."
    return f"While we were away, {len(titles)}{more} came due. They are on Today."


def subject_of(lines: list[DigestLine], missed: list[str] | None = None, when: str = "today") -> str:
    """What the mail is about: the one title; or how many things, and whom they are about."""
    people = list(dict.fromkeys(line.person for line in lines if line.person))
    missed = missed or []
    if not lines:
        text = missed[0] if len(missed) == 1 else f"{len(missed)} things came due while we were away"
    elif len(lines) == 1:
        text = lines[0].title
    elif people:
        text = f"{len(lines)} things for {when}: {', '.join(people)}"
    else:
        text = f"{len(lines)} things for {when}: {lines[0].title} …"
    text = " ".join(text.split())
    return text if len(text) <= SUBJECT_LENGTH else text[: SUBJECT_LENGTH - 1].rstrip(" ,") + "…"


def _line(reminder: Reminder, item: kinds.Item) -> DigestLine:
    kind = kinds.get(reminder.kind)
    labels = [act.label for act in kind.acts] or ["Done"]
    later = ["Remind me later"] if kind.put_off else []
    return DigestLine(
        title=_one_line(item.title) or kind.label,
        words=_tidy(item.words, MOST_WORDS),
        url=f"{settings.BASE_URL}{item.path}",
        link=link_to(reminder),
        link_words=" · ".join([*labels, *later]),
        button=item.button,
        person=_one_line(item.person),
    )

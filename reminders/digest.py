"""The digest: the mail of one morning, rendered just before it is sent from the reminders that are still valid."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
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
# The most reminders in one mail; the Today page shows the rest.
MOST_LINES = 10
MOST_WORDS = 1_000
# Control characters except line breaks, and characters that change the writing direction.
_UNFIT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class DigestLine:
    """One reminder in the mail, with absolute URLs."""

    title: str
    words: str
    url: str
    link: str
    link_words: str
    person: str = ""
    button: str = "Open it"


def prepare_digest(mail: OutgoingMail) -> EmailMessage | None:
    """Render the digest ``mail.subject_id`` and mark its reminders as mailed; None if none of them is still valid.

    Runs in the transaction that freezes the mail. Deletes an empty digest, so that a new one can be created that day.
    """
    return prepare_digests([mail]).get(mail.pk)


def prepare_digests(mails: Sequence[OutgoingMail]) -> dict[int, EmailMessage]:
    """The same for several mails, by mail id: a few queries for all of them, and one for each app."""
    # Lock in the order of owners, like the sweep, to avoid deadlocks.
    rows = _digests(mails).select_for_update(of=("self",)).order_by("owner_id", "pk")
    digests = {digest.pk: digest for digest in rows}
    gathered = _lock_gathered(digests)
    pairs = dict(zip(digests, _to_tell([(digests[pk].owner, gathered[pk]) for pk in digests]), strict=True))
    _settle_reminders([reminder for reminders in gathered.values() for reminder in reminders], pairs)
    Digest.objects.filter(pk__in=[pk for pk, some in pairs.items() if not some]).delete()
    _freeze({pk: some for pk, some in pairs.items() if some})
    by_digest = {mail.subject_id: mail.pk for mail in mails}
    return {by_digest[pk]: write_digest(digests[pk].owner, some) for pk, some in pairs.items() if some}


def _lock_gathered(digests: Collection[int]) -> dict[int, list[Reminder]]:
    """The gathered reminders of each of these digests, locked until the transaction ends."""
    gathered: dict[int, list[Reminder]] = {pk: [] for pk in digests}
    locked = Reminder.objects.select_for_update().filter(digest__in=digests, state=State.GATHERED).order_by("pk")
    for reminder in locked:
        assert reminder.digest_id is not None
        gathered[reminder.digest_id].append(reminder)
    return gathered


def _settle_reminders(gathered: list[Reminder], pairs: Mapping[int, Pairs]) -> None:
    """Mark reminders in a mail as mailed and others as expired, except those rescheduled because the owner is away."""
    told = {reminder.pk for some in pairs.values() for reminder, _ in some}
    untold = {reminder.pk for reminder in gathered if reminder.state == State.GATHERED} - told
    Reminder.objects.filter(pk__in=untold).update(state=State.EXPIRED)
    Reminder.objects.filter(pk__in=told).update(state=State.MAILED)


def _freeze(pairs: Mapping[int, Pairs]) -> None:
    """Store for each digest when it was rendered and which reminders are in it."""
    Digest.objects.filter(pk__in=pairs).update(frozen_at=timezone.now())
    Telling.objects.bulk_create(
        Telling(owner_id=reminder.owner_id, reminder=reminder, digest_id=pk, title=_title(item))
        for pk, some in pairs.items()
        for reminder, item in some
    )


def unwrite_digests(mails: Sequence[OutgoingMail]) -> None:
    """Undo the rendering of unsent digests: their reminders become gathered, and are checked again later."""
    digests = [digest.pk for digest in _digests(mails).select_for_update(of=("self",)).order_by("owner_id", "pk")]
    Reminder.objects.filter(digest__in=digests, state=State.MAILED).update(state=State.GATHERED)
    Telling.objects.filter(digest__in=digests).delete()
    Digest.objects.filter(pk__in=digests).update(frozen_at=None)


def _to_tell(gathered: Sequence[tuple[User, list[Reminder]]]) -> list[Pairs]:
    """For each user, the valid reminders with their texts; reschedules those of users who are now away, or leaving."""
    here = []
    for user, reminders in gathered:
        away = is_away(user, user.today()) or user.erase_at is not None
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
    """Whether any reminder in a rendered digest that could not be sent is still valid.

    Runs in the same transaction as ``prepare_digest``. Reschedules the reminders of users who are now away.
    """
    digest = _digests([mail]).first()
    if digest is None:
        return False
    (pairs,) = _to_tell([(digest.owner, list(digest.reminders.filter(state=State.MAILED)))])
    return bool(pairs)


def _digests(mails: Sequence[OutgoingMail]) -> QuerySet[Digest]:
    """The digests of these mails that still exist."""
    return Digest.objects.select_related("owner").filter(pk__in=[mail.subject_id for mail in mails])


def _tidy(words: str, most: int) -> str:
    """User text for a mail: without control and direction characters, and truncated."""
    words = _UNFIT.sub(" ", _TURNS.sub("", words)).strip()
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _one_line(words: str) -> str:
    return _tidy(" ".join(words.split()), TITLE_LENGTH)


def write_digest(user: User, pairs: Pairs) -> EmailMessage:
    """The message with a text and an HTML part. Missed reminders are summarised in one line."""
    more_words = _more_words(user, pairs)
    fresh = [_line(reminder, item, more_words) for reminder, item in pairs if reminder.missed_at is None]
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
            "Auto-Submitted": "auto-generated",  # RFC 3834: prevents out-of-office replies
            # RFC 8058: the mail program's unsubscribe button sends a POST without signing in.
            "List-Unsubscribe": f"<{off}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(render_to_string("email/digest.html", context), "text/html")
    return message


def _when(user: User) -> str:
    return "this week" if user.weekly_mail else "today"


def missed_words(titles: list[str], *, with_others: bool) -> str:
    """The line about reminders that came due while the workers were down; empty if there are none."""
    if not titles:
        return ""
    more = " more" if with_others else ""
    if len(titles) == 1:
        return f"While we were away, one{more} came due: “{' '.join(titles[0].split())}”. It is on Today."
    return f"While we were away, {len(titles)}{more} came due. They are on Today."


def subject_of(lines: list[DigestLine], missed: list[str] | None = None, when: str = "today") -> str:
    """The subject line: the only reminder's title, or the number of reminders and the people they are about."""
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


def _more_words(user: User, pairs: Pairs) -> dict[tuple[str, int], str]:
    """What the kinds have to add in a mail, by kind and subject."""
    subjects: dict[str, list[int]] = {}
    for reminder, _ in pairs:
        subjects.setdefault(reminder.kind, []).append(reminder.subject_id)
    return {
        (name, pk): words for name, pks in subjects.items() for pk, words in kinds.get(name).in_mail(user, pks).items()
    }


def _line(reminder: Reminder, item: kinds.Item, more_words: Mapping[tuple[str, int], str]) -> DigestLine:
    kind = kinds.get(reminder.kind)
    labels = [act.label for act in kind.acts] or ["Done"]
    later = ["Remind me later"] if kind.put_off else []
    return DigestLine(
        title=_one_line(item.title) or kind.label,
        words="\n\n".join(
            _tidy(words, MOST_WORDS)
            for words in (item.words, more_words.get((reminder.kind, reminder.subject_id)))
            if words
        ),
        url=f"{settings.BASE_URL}{item.path}",
        link=link_to(reminder),
        link_words=" · ".join([*labels, *later]),
        button=item.button,
        person=_one_line(item.person),
    )

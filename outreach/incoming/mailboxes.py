"""Which mails of a user's connected mailbox belong to a letter of theirs, and what to say when it can't be read."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.ownership import OwnedQuerySet
from accounts.private_notes import if_readable
from mail import drops
from mail.connected.wanted import Wanted, thread
from mail.models import ConnectedMailbox, DropAddress
from outreach.drafts import own_mailbox
from outreach.drafts import services as drafts
from outreach.models import Approach, Channel, Message
from portfolio.models import PersonEmail
from reminders import services as reminders
from reminders.kinds import Item
from reminders.localtime import instant

KIND = "mailbox_unread"
ANSWERS = dt.timedelta(days=400)  # how long after a letter its answer is looked for
MOST_LETTERS, MOST_DRAFTS = 5_000, 100
DAY = dt.timedelta(days=1)
State = Message.State


def wanted(user: User) -> Wanted:
    """A few queries; the words of letters are only asked for their subjects."""
    now = timezone.now()
    mine = Message.objects.for_user(user).filter(channel=Channel.EMAIL)
    sent = mine.filter(state=State.SENT, at__gte=now - ANSWERS).order_by("-at")
    ids = sent.exclude(message_id="").values_list("message_id", flat=True)[:MOST_LETTERS]
    open_approaches = Approach.objects.open().filter(owner=user)
    unanswered = sent.filter(approach__in=open_approaches).values_list("person_id", "sent_subject")[:MOST_LETTERS]
    waiting = mine.filter(state=State.DRAFT).select_related("person", "owner", "approach", "introduction")
    letters = [(one.person_id, drafts.ready(one).subject) for one in _with_what_they_need(waiting)]
    addresses = _addresses(user, {person for person, _ in [*unanswered, *letters]})
    return Wanted(
        letters=frozenset(one.lower() for one in ids),
        threads=_by_address(addresses, [(person, if_readable(subject)) for person, subject in unanswered]),
        drafts=_by_address(addresses, letters),
        uncertain=own_mailbox.uncertain_ids(user),
        drops=frozenset(
            drops.address(drop).lower() for drop in DropAddress.objects.for_user(user) if drops.is_offered()
        ),
    )


def _with_what_they_need(waiting: OwnedQuerySet[Message]) -> list[Message]:
    rows = waiting.prefetch_related("person__emails").order_by("-updated_at")
    return list(drafts.with_copy_address(rows)[:MOST_DRAFTS])


def _addresses(user: User, people: Collection[int]) -> dict[int, list[str]]:
    found = defaultdict(list)
    rows = PersonEmail.objects.for_user(user).filter(person__in=people).values_list("person_id", "address")
    for person, address in rows:
        found[person].append(address.lower())
    return found


def _by_address(addresses: dict[int, list[str]], letters: Collection[tuple[int, str]]) -> dict[str, set[str]]:
    found = defaultdict(set)
    for person, subject in letters:
        for address in addresses.get(person, ()):
            found[address].add(thread(subject))
    return dict(found)


# --- When it can't be read ------------------------------------------------------------------------


def unread(mailbox: ConnectedMailbox) -> None:
    """Say once that it can't be read: at once if only its user can mend that, else after a whole day of it."""
    if mailbox.failing_since is None:
        return
    user = mailbox.owner
    if mailbox.needs_its_user:
        reminders.plan(owner=user, kind=KIND, subject_id=mailbox.pk, on=user.today())
        return
    a_day_on = mailbox.failing_since + DAY
    morning = user.local(a_day_on).date()
    if instant(morning, user.reminder_time, user.zone) < a_day_on:
        morning += DAY
    reminders.plan(owner=user, kind=KIND, subject_id=mailbox.pk, on=morning)


def read_again(mailbox: ConnectedMailbox) -> None:
    reminders.cancel(owner=mailbox.owner, kind=KIND, subject_id=mailbox.pk)


def still_unread(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[ConnectedMailbox]:
    return ConnectedMailbox.objects.filter(owner__in=owners, pk__in=ids, failing_since__isnull=False)


def line() -> Item:
    return Item(
        title="Your mailbox can’t be read",
        words="So answers don’t note themselves, and no letter goes from it. Its page says what to do.",
        path=reverse("connected_mailbox"),
        button="Have a look",
    )

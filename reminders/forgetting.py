"""Forgets what reminded of somebody who is erased: reminders, the log of them, and mails with their name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from django.db.models import Model

from accounts.models import User
from mail.models import OutgoingMail
from mail.services import empty
from reminders import kinds
from reminders.models import Reminder, Telling
from reminders.sweep import PURPOSE

BATCH = 500


def forget_reminders(*, owner: User, gone: Mapping[type[Model], Collection[int]], names: re.Pattern[str]) -> None:
    """Delete the owner's reminders of rows that are about to be ``gone`` (ids by model), with what was told of them.

    ``names`` finds the person in the titles of others. A mail that holds such a reminder loses its text, and isn't sent
    if it wasn't yet; what else was in it stands on Today.
    """
    reminders: set[int] = set()
    for kind in kinds.kinds.values():
        if kind.about and (subjects := gone.get(kind.about)):
            rows = Reminder.objects.for_user(owner).filter(kind=kind.name).values_list("pk", "subject_id")
            reminders |= {pk for pk, subject in rows if subject in subjects}
    tellings = Telling.objects.for_user(owner).values_list("pk", "reminder_id", "digest_id", "title")
    told = [
        (pk, digest)
        for pk, reminder, digest, title in tellings.iterator(chunk_size=2_000)
        if reminder in reminders or names.search(str(title))
    ]
    digests = {digest for _, digest in told}
    for some in _batches(digests):
        empty(OutgoingMail.objects.filter(owner=owner, purpose=PURPOSE, subject_id__in=some))
    for some in _batches({pk for pk, _ in told}):
        Telling.objects.filter(pk__in=some).delete()
    for some in _batches(reminders):
        Reminder.objects.filter(pk__in=some).delete()


def _batches(ids: Collection[int]) -> list[list[int]]:
    wanted = sorted(ids)
    return [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]

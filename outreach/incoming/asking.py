"""Mails that ask where they belong: on Today, and in the day's mail, until they are answered."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.urls import reverse

from accounts.ownership import OwnedQuerySet
from accounts.words import in_figures
from mail.models import ConnectedMailbox, DropAddress, IncomingMail
from reminders import services as reminders
from reminders.kinds import Item

KIND, IN_MAILBOX = "incoming_mail", "mailbox_mail"  # by whether it came to the drop address


def remind(mail: IncomingMail) -> None:
    for kind, subject_id in _places(mail):
        reminders.plan(owner=mail.owner, kind=kind, subject_id=subject_id, on=mail.owner.today())


def settle(mail: IncomingMail) -> None:
    """After an answer: nothing is left to remind of, once nothing from there asks."""
    same = IncomingMail.objects.filter(owner=mail.owner_id, drop=mail.drop_id, mailbox=mail.mailbox_id)
    if not same.filter(state=IncomingMail.State.ASKS).exists():
        for kind, subject_id in _places(mail):
            reminders.cancel(owner=mail.owner, kind=kind, subject_id=subject_id)


def _places(mail: IncomingMail) -> list[tuple[str, int]]:
    """Where it came from, as the subject of a reminder; none for a mailbox that is disconnected meanwhile."""
    places = ((KIND, mail.drop_id), (IN_MAILBOX, mail.mailbox_id))
    return [(kind, subject_id) for kind, subject_id in places if subject_id is not None]


def still_asking(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[DropAddress]:
    """Drop addresses with mails that ask, counted as ``questions``."""
    return DropAddress.objects.filter(owner__in=owners, pk__in=ids).annotate(questions=_asking("drop")).filter(_ASKS)


def still_asking_in_mailbox(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[ConnectedMailbox]:
    """The same for connected mailboxes."""
    mailboxes = ConnectedMailbox.objects.filter(owner__in=owners, pk__in=ids)
    return mailboxes.annotate(questions=_asking("mailbox")).filter(_ASKS)


_ASKS = Q(questions__gt=0)


def _asking(place: str) -> Subquery:
    asking = IncomingMail.objects.filter(**{place: OuterRef("pk")}, state=IncomingMail.State.ASKS).order_by()
    return Subquery(asking.values(place).annotate(number=Count("pk")).values("number"), output_field=IntegerField())


def line(count: int) -> Item:
    return Item(
        title=f"{in_figures(count, 'mail asks', 'mails ask')} where {'it belongs' if count == 1 else 'they belong'}",
        words="We don’t guess: you say whose it is.",
        path=reverse("incoming_mail"),
        button="Have a look",
    )

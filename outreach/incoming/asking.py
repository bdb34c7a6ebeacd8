"""Mails that ask where they belong: on Today, and in the day's mail, until they are answered."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.urls import reverse

from accounts.models import User
from accounts.ownership import OwnedQuerySet
from accounts.words import in_figures
from mail.models import DropAddress, IncomingMail
from reminders import services as reminders
from reminders.kinds import Item

KIND = "incoming_mail"


def open_questions(user: User) -> OwnedQuerySet[IncomingMail]:
    return IncomingMail.objects.for_user(user).filter(state=IncomingMail.State.ASKS)


def remind(mail: IncomingMail) -> None:
    reminders.plan(owner=mail.owner, kind=KIND, subject_id=mail.drop_id, on=mail.owner.today())


def settle(drop: DropAddress) -> None:
    """After an answer: nothing is left to remind of, once nothing asks."""
    if not IncomingMail.objects.filter(drop=drop, state=IncomingMail.State.ASKS).exists():
        reminders.cancel(owner=drop.owner, kind=KIND, subject_id=drop.pk)


def still_asking(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[DropAddress]:
    """Drop addresses with mails that ask, counted as ``questions``."""
    asking = IncomingMail.objects.filter(drop=OuterRef("pk"), state=IncomingMail.State.ASKS).order_by()
    count = asking.values("drop").annotate(number=Count("pk")).values("number")
    drops = DropAddress.objects.filter(owner__in=owners, pk__in=ids)
    return drops.annotate(questions=Subquery(count, output_field=IntegerField())).filter(questions__gt=0)


def line(count: int) -> Item:
    return Item(
        title=f"{in_figures(count, 'mail asks', 'mails ask')} where {'it belongs' if count == 1 else 'they belong'}",
        words="It came to your private address, and we don’t guess.",
        path=reverse("incoming_mail"),
        button="Have a look",
    )

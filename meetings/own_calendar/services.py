"""Connect the user's own calendar, read it now, and forget it."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from accounts import jobs, outbound
from accounts.models import User
from meetings.locking import lock_diary
from meetings.models import OwnCalendar
from meetings.own_calendar import talks

READ = "read"


def usable_address(typed: str) -> str:
    """The address as it is fetched; calendars also write webcal:// for it. Raises :class:`accounts.outbound.Refused`.

    Only its form: the host is looked up when it is connected to.
    """
    address = re.sub(r"^webcals?://", "https://", typed.strip(), flags=re.IGNORECASE)
    outbound.usable_url(address)
    return address


@transaction.atomic
def connect(
    *, owner: User, address: str, username: str = "", password: str = "", with_talks: bool = False
) -> OwnCalendar:
    """Read this calendar from now on, in place of one that was connected before.

    With a name and password, the address is that of a CalDAV server.
    """
    disconnect(owner=owner)
    calendar = OwnCalendar(owner=owner, address=address, username=username, password=password, with_talks=with_talks)
    calendar.start(READ)
    calendar.save()
    return calendar


@transaction.atomic
def disconnect(*, owner: User) -> None:
    """Forget its address and all that was read from it. A worker that reads it now finds nothing to keep it in.

    What was noted from it stays, as what the user noted themselves.
    """
    _lock(owner)
    OwnCalendar.objects.for_user(owner).delete()
    talks.forget_unsettled(owner)


@transaction.atomic
def notice_talks(*, owner: User, wanted: bool) -> bool:
    """Also notice meetings with people the user knows, or only when they are busy. False without a calendar."""
    calendar = _lock(owner)
    if calendar is None:
        return False
    if calendar.with_talks != wanted:
        calendar.with_talks = wanted
        calendar.whole_at = None  # so that it is read whole
        calendar.start(READ)
        calendar.save()
    if not wanted:
        talks.forget_unsettled(owner)
    return True


@transaction.atomic
def choose_calendars(*, owner: User, wanted: Collection[str]) -> bool:
    """Read only those of the account's calendars with these addresses. False if there is no account."""
    calendar = _lock(owner)
    if calendar is None or not calendar.calendars:
        return False
    calendar.calendars = [{**one, "read": one["url"] in wanted} for one in calendar.calendars]
    calendar.whole_at = None  # so that it is read whole
    calendar.start(READ)
    calendar.save()
    return True


def _lock(owner: User) -> OwnCalendar | None:
    """The calendar first, as a worker does, and then the diary."""
    calendar = OwnCalendar.objects.for_user(owner).select_for_update(of=("self",)).first()
    lock_diary(owner.pk)
    return calendar


@transaction.atomic
def read_now(*, calendar: OwnCalendar) -> bool:
    """Have it read without waiting for its time. False if it was read less than a minute ago."""
    if not calendar.may_be_read_now:
        return False
    OwnCalendar.objects.filter(pk=calendar.pk, lease_until__isnull=True).update(due_at=timezone.now())
    jobs.wake_up()
    return True

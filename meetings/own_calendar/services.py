"""Connect the user's own calendar, read it now, and forget it."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from accounts import jobs, outbound
from accounts.models import User
from meetings.models import OwnCalendar

READ = "read"


def usable_address(typed: str) -> str:
    """The address as it is fetched; calendars also write webcal:// for it. Raises :class:`accounts.outbound.Refused`.

    Only its form: the host is looked up when it is connected to.
    """
    address = re.sub(r"^webcals?://", "https://", typed.strip(), flags=re.IGNORECASE)
    outbound.usable_url(address)
    return address


@transaction.atomic
def connect(*, owner: User, address: str) -> OwnCalendar:
    """Read this calendar from now on, in place of one that was connected before."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    disconnect(owner=owner)
    calendar = OwnCalendar(owner=owner, address=address)
    calendar.start(READ)
    calendar.save()
    return calendar


def disconnect(*, owner: User) -> None:
    """Forget its address and all that was read from it. A worker that reads it now finds nothing to keep it in."""
    OwnCalendar.objects.for_user(owner).delete()


@transaction.atomic
def read_now(*, calendar: OwnCalendar) -> bool:
    """Have it read without waiting for its time. False if it was read less than a minute ago."""
    if not calendar.may_be_read_now:
        return False
    OwnCalendar.objects.filter(pk=calendar.pk, lease_until__isnull=True).update(due_at=timezone.now())
    jobs.wake_up()
    return True

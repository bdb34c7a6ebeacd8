"""Dates and times in words, in the user's time zone; the year is omitted if it is the current one."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def day(value: dt.date) -> str:
    """ "3 March", or "3 March 2027". A UTC datetime is converted to the user's time zone."""
    on = timezone.localdate(value) if isinstance(value, dt.datetime) else value
    return f"{on.day} {on:%B}" if on.year == timezone.localdate().year else f"{on.day} {on:%B} {on.year}"


@register.filter
def moment(value: dt.datetime) -> str:
    """ "Tuesday 3 March at 14:00"; without the weekday in another year."""
    local = timezone.localtime(value)
    weekday = f"{local:%A} " if local.year == timezone.localdate().year else ""
    return f"{weekday}{day(value)} at {local:%H:%M}"

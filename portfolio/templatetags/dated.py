"""A date with its machine-readable form."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def dated(value: dt.date) -> SafeString:
    """``<time datetime="2026-03-03">3 March 2026</time>``; a UTC datetime is converted to the user's time zone."""
    day = timezone.localtime(value) if isinstance(value, dt.datetime) else value
    return mark_safe(f'<time datetime="{day:%Y-%m-%d}">{day.day} {day:%B} {day.year}</time>')  # noqa: S308 - a date

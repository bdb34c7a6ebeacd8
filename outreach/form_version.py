"""Versions in forms, to detect that another tab changed the data since the page was loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django import forms


def seen(parts: Iterable[str]) -> str:
    """A hash of these values for a form's version field."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def same_words(text: str) -> str:
    """Text normalised for comparison, because browsers change line breaks."""
    return text.replace("\r\n", "\n").strip()


def version_field() -> forms.CharField:
    """A hidden field for :func:`seen`; ``autocomplete=off`` stops browsers from restoring an old value."""
    hidden = forms.HiddenInput(attrs={"autocomplete": "off"})
    return forms.CharField(required=False, max_length=40, label="Version", widget=hidden)

"""What stood on the page that asks, so that of two tabs none writes over the other unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django import forms


def seen(parts: Iterable[str]) -> str:
    """These words as a page carries them."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def same_words(text: str) -> str:
    """Words as they are compared: browsers end lines their own way."""
    return text.replace("\r\n", "\n").strip()


def version_field() -> forms.CharField:
    """A hidden field that carries :func:`seen`; no browser fills it from an earlier visit."""
    hidden = forms.HiddenInput(attrs={"autocomplete": "off"})
    return forms.CharField(required=False, max_length=40, label="Version", widget=hidden)

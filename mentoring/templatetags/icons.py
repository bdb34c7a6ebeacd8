"""Icons, rendered once per process, because parsing them is most of the cost of a short page."""

from __future__ import annotations

from functools import lru_cache

from django import template
from heroicons.templatetags import heroicons

register = template.Library()

# Replaces the package's tag of the same name with a cached one.
register.simple_tag(lru_cache(maxsize=256)(heroicons.heroicon_outline), name="heroicon_outline")

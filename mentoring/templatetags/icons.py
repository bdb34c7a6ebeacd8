"""Icons, rendered once a process: parsing and building them is most of the cost of a short page."""

from __future__ import annotations

from functools import lru_cache

from django import template
from heroicons.templatetags import heroicons

register = template.Library()

# In the place of the package's own tag, and of the same name: the drawings are its, we only keep them.
register.simple_tag(lru_cache(maxsize=256)(heroicons.heroicon_outline), name="heroicon_outline")

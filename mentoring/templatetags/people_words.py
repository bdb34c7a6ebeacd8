"""Template filters and tags for texts about people."""

from __future__ import annotations

from django import template

from mentoring.constellation import initials

register = template.Library()
register.filter("initials", initials)

"""People as a template writes them."""

from __future__ import annotations

from django import template

from mentoring.constellation import initials

register = template.Library()
register.filter("initials", initials)

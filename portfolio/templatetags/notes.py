"""``{{ person.notes|markdown }}``: private notes as safe HTML; ``{{ name|first_name }}``: the first name."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from accounts.models import first_name
from portfolio.text.markdown import to_html

register = template.Library()
register.filter("first_name", first_name)


@register.filter
def markdown(text: str) -> SafeString:
    return to_html(text)

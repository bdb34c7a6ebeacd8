"""Fields used on several pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.converters import MAX_ID
from accounts.model_forms import ModelMultipleChoiceField
from portfolio.models import Competency

WHAT_IT_MEANS = {
    Competency.WHY: "What drives you: values, identity, choices, the way your career should go.",
    Competency.HOW: "What you can do: the skills and the know-how your work asks of you.",
    Competency.WHOM: "Who knows you: people, reputation and being seen, often beyond your own organisation.",
}


def competency_choices() -> list[tuple[str, SafeString]]:
    """The three kinds of knowing, each with an explanation."""
    return [
        (
            c.value,
            format_html(
                '<span class="choice-words"><strong>{}</strong> <span class="muted">{}</span></span>', c.label, words
            ),
        )
        for c, words in WHAT_IT_MEANS.items()
    ]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class LinesField(forms.CharField):
    """Several values in one text area, one per line (or split at ``separator``), each cleaned by ``clean_one``."""

    def __init__(
        self, *, clean_one: Callable[[str], str], most: int, separator: str = "\n", wrong: str, **kwargs: Any
    ) -> None:
        self.clean_one, self.most, self.separator, self.wrong = clean_one, most, separator, wrong
        super().__init__(required=False, max_length=10_000, **kwargs)

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        kept: dict[str, str] = {}
        for part in text.replace("\r", "").split(self.separator):
            if not part.strip():
                continue
            try:
                one = self.clean_one(part.strip())
            except ValidationError as error:
                raise ValidationError(f"{self.wrong}: {part.strip()[:100]}") from error
            kept.setdefault(one.casefold(), one)
        if len(kept) > self.most:
            raise ValidationError(f"Keep it to {self.most}. There are {len(kept)} here.")
        return list(kept.values())


class SeveralOf(ModelMultipleChoiceField[Model]):
    """Checkboxes for rows of a queryset. A number that can't be an id is an invalid choice, not a database error."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        for one in value or ():
            if not (str(one).isascii() and str(one).isdigit() and int(str(one)[:20]) <= MAX_ID):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": str(one)[:20]}
                )
        return super().clean(value)


def not_in_the_future(day: dt.date, today: dt.date) -> dt.date:
    if day > today:
        raise ValidationError("That day is still to come. Choose today or an earlier day.")
    return likely(day)


def likely(day: dt.date) -> dt.date:
    """Whether the date is within a lifetime."""
    if day.year < 1900:
        raise ValidationError("That is a long time ago. Is the year right?")
    if day.year > 2200:
        raise ValidationError("That is a long way off. Is the year right?")
    return day

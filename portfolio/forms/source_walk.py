"""Rows of names. All rows use the same field names, so that a script can add rows by copying one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from portfolio.models import Need
from portfolio.people.bulk_add import NewPerson
from portfolio.people.paste_parser import guessed

COLUMNS = ("name", "email", "detail", "need", "why")
EMPTY_ROWS = 3


class ThoughtForm(forms.Form):
    """What somebody could help with, out of the open ``needs`` (fetched once for all rows)."""

    need = forms.ChoiceField(label="Could help with", required=False)
    why = forms.CharField(label="Why them", max_length=300, required=False)

    def __init__(self, needs: Sequence[Need], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_id = {str(need.pk): need for need in needs}
        field = self.fields["need"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Not said yet"), *((key, need.words) for key, need in self.by_id.items())]
        field.error_messages["invalid_choice"] = "This need is not among your open ones."

    def clean_need(self) -> Need | None:
        return self.by_id.get(self.cleaned_data["need"])


class RowForm(ThoughtForm):
    name = forms.CharField(label="Name", max_length=200, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    detail = forms.CharField(label="How you know them", max_length=300, required=False)
    field_order = COLUMNS

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or cleaned.get("name"):
            return cleaned
        if cleaned.get("email"):
            cleaned["name"] = guessed(cleaned["email"])[:200]
        else:
            self.add_error("name", ValidationError("Who is it? A name is enough."))
        return cleaned


class Rows:
    """The rows of one page: those filled in, then some empty ones."""

    def __init__(self, needs: Sequence[Need], data: QueryDict | None = None) -> None:
        typed = zip_longest(*(data.getlist(column) for column in COLUMNS), fillvalue="") if data is not None else ()
        filled = [dict(zip(COLUMNS, row, strict=True)) for row in typed if any(value.strip() for value in row)]
        self.typed = [RowForm(needs, row, auto_id=f"row{i}_%s") for i, row in enumerate(filled)]
        first = len(filled)
        self.empty = [RowForm(needs, auto_id=f"row{first + i}_%s") for i in range(EMPTY_ROWS)]

    def __iter__(self) -> Any:
        return iter([*self.typed, *self.empty])

    def is_valid(self) -> bool:
        return all(row.is_valid() for row in self.typed)

    @property
    def wrong(self) -> list[forms.BoundField]:
        return [field for row in self.typed for field in row if field.errors]

    def names(self, detail: str) -> list[NewPerson]:
        """The people in the rows. ``detail`` is the default for rows without one."""
        rows = [row.cleaned_data for row in self.typed]
        return [
            NewPerson(
                row["name"], row["email"], row["detail"] or detail, row["need"], row["why"] if row["need"] else ""
            )
            for row in rows
        ]

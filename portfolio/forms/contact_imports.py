from __future__ import annotations

from typing import Any

from django import forms

from accounts.model_forms import ModelForm
from portfolio.contact_files.mapping import FIELDS, Preview
from portfolio.models import ContactImport, Person

LONGEST_PASTE = 1_000_000


class ContactFileForm(forms.Form):
    """A file, or a pasted list, and what may be kept of it."""

    file = forms.FileField(
        label="A file",
        required=False,
        help_text="From LinkedIn, Google, Outlook or a phone: a CSV, a vCard, LinkedIn’s zip, or any other table.",
        widget=forms.FileInput(attrs={"data-drops-here": ""}),
        max_length=None,
        allow_empty_file=True,
    )
    text = forms.CharField(
        label="A list",
        required=False,
        max_length=LONGEST_PASTE,
        help_text="One person a line, with an address or organisation if you have it.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    with_private = forms.BooleanField(
        label="Keep birthdays and postal addresses, too",
        required=False,
        help_text="They go into the notes. Photos are never kept.",
    )


class ImportChoicesForm(ModelForm[ContactImport]):
    """What holds for the whole file."""

    class Meta:
        model = ContactImport
        fields = ("rule", "source", "tells_posts")
        labels = {"source": "How you know those who are new"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)
        source.choices = Person.Source.choices


LABELS = {
    "name": "Name",
    "prefix": "Title, such as Dr",
    "given": "Given name",
    "middle": "Middle name",
    "family": "Family name",
    "organisation": "Organisation",
    "title": "What they do",
    "email": "E-mail address",
    "phone": "Telephone",
    "url": "Link",
    "notes": "Notes",
    "tags": "Tags",
}


class ColumnsForm(forms.Form):
    """What is in each column of a table."""

    has_header = forms.BooleanField(label="The first row names the columns", required=False)

    def __init__(self, preview: Preview, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preview = preview
        self.fields["has_header"].initial = bool(preview.header)
        choices = [("", "Leave out"), *((name, LABELS[name]) for name in FIELDS)]
        for at, guess in enumerate(preview.columns):
            self.fields[f"column{at}"] = forms.ChoiceField(
                label=self._called(at), choices=choices, required=False, initial=guess
            )

    def _called(self, at: int) -> str:
        name = self.preview.header[at] if at < len(self.preview.header) else ""
        return name or f"Column {at + 1}"

    def columns(self) -> list[dict[str, Any]]:
        """Each column with its field and the first cells in it, for the page."""
        return [
            {"field": self[f"column{at}"], "cells": [row[at] for row in self.preview.first_rows if at < len(row)]}
            for at in range(len(self.preview.columns))
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = [name for at in range(len(self.preview.columns)) if (name := cleaned.get(f"column{at}"))]
        if not {"name", "given", "family", "organisation", "email"} & set(chosen):
            raise forms.ValidationError("Say which column holds the names or the e-mail addresses.")
        return cleaned

    @property
    def chosen(self) -> dict[str, str]:
        names = {str(at): self.cleaned_data[f"column{at}"] for at in range(len(self.preview.columns))}
        return {at: name for at, name in names.items() if name}

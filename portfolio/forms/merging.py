from __future__ import annotations

from typing import Any

from django import forms

from portfolio.models import Person
from portfolio.people.merging import FACTS, facts_of

LABELS = {
    "name": "Name",
    "headline": "What they do",
    "organisation": "Organisation",
    "sector": "Sector",
    "source": "How you know them",
    "time_zone": "Time zone",
}


class MergeForm(forms.Form):
    """A choice for each fact in which two records differ. A fact that only one of them has is always kept."""

    needs_all = True

    def __init__(self, kept: Person, other: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept, self.other = kept, other
        mine, theirs = facts_of(kept), facts_of(other)
        for fact in FACTS:
            if mine[fact] and theirs[fact] and mine[fact] != theirs[fact]:
                self.fields[fact] = forms.ChoiceField(
                    label=LABELS[fact],
                    choices=[("kept", mine[fact]), ("other", theirs[fact])],
                    widget=forms.RadioSelect,
                    initial="kept",
                    required=False,
                )

"""Forms of the mentor's private page. No field can refer to anything but the page's own meeting."""

from __future__ import annotations

from typing import Any, Literal

from django import forms

from accounts.converters import MAX_ID

ACTS = Literal["point", "yes", "no", "pick", "message", "removal"]
NEEDS = {
    "point": ("point", "Write what you’d like to talk about."),
    "message": ("message", "Write a word or two first."),
    "pick": ("offer", "Choose one of the times."),
    "yes": ("seen", "Please look at the time again."),
    "no": ("seen", "Please look at the time again."),
}


class MentorForm(forms.Form):
    act = forms.ChoiceField(choices=[(act, act) for act in ("point", "yes", "no", "pick", "message", "removal")])
    point = forms.CharField(required=False, max_length=300)
    message = forms.CharField(required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}))
    offer = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    seen = forms.IntegerField(required=False, min_value=0, max_value=MAX_ID)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        field, words = NEEDS.get(data.get("act", ""), ("", ""))
        if field and data.get(field) in (None, "") and field not in self.errors:
            self.add_error(field, words)
        return data

    @property
    def first_error(self) -> str:
        return next((str(error) for errors in self.errors.values() for error in errors), "")

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounts.models import User

FURTHEST = dt.timedelta(days=731)


class SnoozeForm(forms.Form):
    """Until when to snooze a reminder. ``day`` in the cleaned data is the local date."""

    until = forms.ChoiceField(choices=[("tomorrow", "Tomorrow"), ("week", "Next week"), ("date", "On a day I choose")])
    on = forms.DateField(label="Day", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = user.today()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        until = values.get("until")
        if until == "date" and "on" in values:
            values["day"] = self._chosen(values["on"])
        elif until in {"tomorrow", "week"}:
            values["day"] = self.today + dt.timedelta(days=1 if until == "tomorrow" else 7)
        return values

    def _chosen(self, day: dt.date | None) -> dt.date:
        if day is None:
            raise forms.ValidationError("Choose a day to be reminded on.")
        if not self.today < day <= self.today + FURTHEST:
            raise forms.ValidationError("Choose a day after today, within the next two years.")
        return day

    @property
    def day_is_wrong(self) -> bool:
        """Whether the user entered a date and it is invalid."""
        return "until" not in self.errors

    def first_error(self) -> str:
        """The first error as a sentence."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")

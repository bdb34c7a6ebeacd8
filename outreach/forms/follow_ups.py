"""The plan of follow-ups."""

from __future__ import annotations

from typing import Any

from django import forms

from outreach.models import Approach


class PlanForm(forms.Form):
    """How many follow-ups, and after how many days; ``seen`` is the plan that the user's page showed."""

    HOW_MANY = ((1, "One"), (2, "Two"), (3, "Three"), (0, "None"))
    nudges = forms.TypedChoiceField(label="How many follow-ups?", choices=HOW_MANY, coerce=int)
    first_after = forms.IntegerField(label="The first after (working days)", min_value=1, max_value=60)
    second_after = forms.IntegerField(label="The second after", min_value=1, max_value=60)
    third_after = forms.IntegerField(label="The third after", min_value=1, max_value=60)
    answered = forms.BooleanField(label="They answered elsewhere: no reminder is needed", required=False)
    seen = forms.CharField(
        required=False, max_length=40, label="Seen", widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )

    needs_all = True  # so that the checkbox is not labelled as optional

    def __init__(self, approach: Approach, *args: Any, **kwargs: Any) -> None:
        plan = {name: getattr(approach, name) for name in ("nudges", "first_after", "second_after", "third_after")}
        kwargs.setdefault("initial", {**plan, "seen": approach.plan_key})
        super().__init__(*args, **kwargs)
        for name in ("first_after", "second_after", "third_after"):
            self.fields[name].widget.attrs["class"] = "short"

    @property
    def waits(self) -> list[int]:
        return [self.cleaned_data[name] for name in ("first_after", "second_after", "third_after")]

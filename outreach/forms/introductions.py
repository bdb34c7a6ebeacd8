"""Forms of introductions. Choices are limited to the user's own rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import User
from outreach.models import Approach, Introduction, Purpose
from portfolio.models import Mentorship, Need, Person


class ChooseForm(forms.Form):
    """The purpose of a new message, and the approach, mentorship or introduction it belongs to.

    Limits the purposes: a mentor is not asked for mentoring, and an introducer is only asked to introduce, and thanked.
    """

    FOR_A_MENTOR = (Purpose.THANK_YOU, Purpose.FOLLOW_UP_CONVERSATION, Purpose.INTRODUCTION, Purpose.CLOSING_THANKS)

    FOR_AN_INTRODUCTION = (
        Purpose.INTRODUCTION,
        Purpose.FOLLOW_UP,
        Purpose.THANK_YOU,
        Purpose.GRACEFUL_DECLINE,
    )

    purpose = forms.ChoiceField(choices=Purpose.choices)
    approach = forms.ModelChoiceField(Approach.objects.none(), required=False)
    mentorship = forms.ModelChoiceField(Mentorship.objects.none(), required=False)
    introduction = forms.ModelChoiceField(Introduction.objects.none(), required=False)
    template = forms.CharField(required=False, max_length=40)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["approach"].queryset = Approach.objects.for_user(user).select_related("person")  # type: ignore[attr-defined]
        self.fields["mentorship"].queryset = Mentorship.objects.for_user(user).select_related("person")  # type: ignore[attr-defined]

        self.fields["introduction"].queryset = (  # type: ignore[attr-defined]
            Introduction.objects.for_user(user).select_related("target", "introducer")
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if sum(bool(cleaned.get(home)) for home in ("approach", "mentorship", "introduction")) != 1:
            raise forms.ValidationError("A message belongs to one approach, one mentorship or one introduction.")
        if cleaned.get("mentorship") and cleaned.get("purpose") not in self.FOR_A_MENTOR:
            raise forms.ValidationError("That is no message for a mentorship.")
        if cleaned.get("introduction") and cleaned.get("purpose") not in self.FOR_AN_INTRODUCTION:
            raise forms.ValidationError("That is no message for an introduction.")
        return cleaned

    def other_purposes(self) -> list[Purpose]:
        """The other purposes that are possible here."""
        wish = self.cleaned_data
        fitting: Iterable[Purpose] = Purpose
        if wish["mentorship"]:
            fitting = self.FOR_A_MENTOR
        elif wish["introduction"]:
            fitting = self.FOR_AN_INTRODUCTION
        return [purpose for purpose in fitting if purpose.value != wish["purpose"]]


class IntroductionForm(forms.Form):
    """Who should introduce the user to whom."""

    target = forms.ModelChoiceField(Person.objects.none(), label="Whom would you like to meet?", empty_label="Choose")
    introducer = forms.ModelChoiceField(
        Person.objects.none(), label="Who could introduce you?", empty_label="Choose", help_text="Somebody they know."
    )
    need = forms.ModelChoiceField(
        Need.objects.none(), label="For which need?", required=False, empty_label="No particular need"
    )
    why = forms.CharField(
        label="Why would you like to meet?", max_length=300, required=False, help_text="Only you can see this."
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.for_user(user).defer("notes", "search_text")
        self.fields["target"].queryset = people  # type: ignore[attr-defined]
        self.fields["introducer"].queryset = people  # type: ignore[attr-defined]
        self.fields["need"].queryset = Need.objects.for_user(user)  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """The new state of an introduction, and its date; today if left empty."""

    to = forms.ChoiceField(choices=Introduction.State.choices)
    on = forms.DateField(required=False)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_on(self) -> dt.date:
        today = self.user.today()
        on: dt.date = self.cleaned_data["on"] or today
        if on > today or on.year < 1950:
            raise forms.ValidationError("Choose today or an earlier day.")
        return on

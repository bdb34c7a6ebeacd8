from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import DateInput, likely, not_in_the_future
from portfolio.forms.mentorships import refuse
from portfolio.mentorships import history
from portfolio.mentorships.history import day as in_words
from portfolio.models import EvaluationDate, FormalTerms, Mentorship, MentorshipEvent


class TermsForm(ModelForm[FormalTerms]):
    """The terms of the formal programme."""

    class Meta:
        model = FormalTerms
        fields = [
            "programme",
            "organisation",
            "co_ordinator",
            "months",
            "hours_a_month",
            "i_am_trained",
            "they_are_trained",
        ]
        labels = {
            "programme": "Programme",
            "organisation": "Run by",
            "co_ordinator": "Who co-ordinates it",
            "months": "How many months it lasts",
            "hours_a_month": "Hours a month you both commit to",
            "i_am_trained": "I have had training for it",
        }
        help_texts = {
            "co_ordinator": "Whom to turn to when something doesn’t work out.",
            "months": "Often six or twelve.",
            "hours_a_month": "Often one. Half hours are fine: 1.5.",
        }
        widgets = {
            "months": forms.NumberInput(attrs={"class": "short"}),
            "hours_a_month": forms.NumberInput(attrs={"class": "short", "step": "0.5"}),
        }

    def __init__(self, mentorship: Mentorship, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.hours_a_month is not None:
            self.initial["hours_a_month"] = f"{float(self.instance.hours_a_month):g}"
        self.fields["they_are_trained"].label = f"{mentorship.person.first_name} has had training for it"


class EvaluationForm(ModelForm[EvaluationDate]):
    """A date on which the programme evaluates the mentorship."""

    class Meta:
        model = EvaluationDate
        fields = ["on", "words"]
        labels = {"on": "Day", "words": "What is asked"}
        help_texts = {"on": "We remind you that morning, or on the last working morning before."}
        widgets = {"on": DateInput()}

    def __init__(self, terms: FormalTerms, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = terms

    def clean_on(self) -> dt.date:
        day = likely(self.cleaned_data["on"])
        began, ended = self.terms.mentorship.started_on, self.terms.mentorship.ended_on
        if day < began:
            raise ValidationError(f"It began on {in_words(began)}. Choose that day or a later one.")
        if ended and day > ended:
            raise ValidationError(f"It ended on {in_words(ended)}. Choose that day or an earlier one.")
        if self.terms.evaluations.filter(on=day).exists():
            raise ValidationError("There is an evaluation on that day already.")
        return day

    def save(self, commit: bool = True) -> EvaluationDate:
        """Save it once: a concurrent second request finds the first one's date."""
        evaluation, _ = EvaluationDate.objects.get_or_create(
            terms=self.terms,
            on=self.cleaned_data["on"],
            defaults={"owner_id": self.terms.owner_id, "words": self.cleaned_data["words"]},
        )
        return evaluation


class TurnInformalForm(forms.Form):
    on = forms.DateField(label="Since when?", required=False, widget=DateInput(), help_text="Left empty: today.")

    def __init__(self, user: User, mentorship: Mentorship, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.mentorship = user, mentorship

    def clean_on(self) -> dt.date:
        today = self.user.today()
        day = not_in_the_future(self.cleaned_data["on"] or today, today)
        if self.cleaned_data["on"]:
            refuse(history.room_in(self.mentorship, MentorshipEvent.What.TURNED_INFORMAL, today=today), day)
        return day

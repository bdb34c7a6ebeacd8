from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import DateInput, likely
from portfolio.mentorships.agreements import CONFIDENTIALITY, REVIEW_MONTHS, starter
from portfolio.mentorships.history import day as in_words
from portfolio.mentorships.programme import add_months
from portfolio.mentorships.scheduling import remind_of_agreement
from portfolio.models import Mentorship


class AgreementForm(ModelForm[Mentorship]):
    """The working agreement. An empty one is prefilled with a starter, which is stored only on saving."""

    class Meta:
        model = Mentorship
        fields = ["agreement", "confidentiality", "agreement_review_on"]
        labels = {
            "agreement": "How you work together",
            "confidentiality": "A line on confidentiality",
            "agreement_review_on": "Look at it again on",
        }
        help_texts = {
            "agreement": "How often, how long, who prepares, what is off the table, how to end it.",
            "agreement_review_on": "We remind you then. Left empty: never.",
        }
        widgets = {
            "agreement": forms.Textarea(attrs={"rows": 14}),
            "confidentiality": forms.Textarea(attrs={"rows": 2}),
            "agreement_review_on": DateInput(),
        }

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: Mentorship = self.instance
        self.starts = not (row.agreement or row.confidentiality or row.agreement_review_on)
        if self.starts and not self.is_bound:
            self.initial.update(
                {
                    "agreement": starter(mentee=user.first_name, mentor=row.person.first_name, weeks=row.rhythm_weeks),
                    "confidentiality": CONFIDENTIALITY,
                    "agreement_review_on": add_months(user.today(), REVIEW_MONTHS),
                }
            )

    def clean_confidentiality(self) -> str:
        return " ".join(self.cleaned_data["confidentiality"].split())

    def clean_agreement_review_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["agreement_review_on"]
        began = self.instance.started_on
        if day and day < began:
            raise ValidationError(f"It began on {in_words(began)}. Choose that day or a later one.")
        return likely(day) if day else None

    def save(self, commit: bool = True) -> Mentorship:
        row: Mentorship = self.instance
        row.save(update_fields=self.Meta.fields)
        if "agreement_review_on" in self.changed_data:
            remind_of_agreement(row)
        return row

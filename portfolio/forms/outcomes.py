from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import DateInput, not_in_the_future
from portfolio.mentorships.history import day as in_words
from portfolio.models import Mentorship, Need, WhatCameOfIt


class OutcomeForm(ModelForm[WhatCameOfIt]):
    """A dated sentence about an outcome; the date may be after the end of the mentorship, but not before its start."""

    class Meta:
        model = WhatCameOfIt
        fields = ["words", "on", "expected", "need"]
        labels = {
            "words": "What came of it, in a sentence",
            "on": "When?",
            "expected": "We had hoped for this",
            "need": "Which need it met",
        }
        help_texts = {"on": "Roughly is fine."}
        widgets = {"on": DateInput()}

    def __init__(
        self,
        user: User,
        mentorship: Mentorship,
        *args: Any,
        offered: Sequence[tuple[int, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        """``offered`` are the needs to choose from, if already fetched; else all of the user's."""
        super().__init__(*args, **kwargs)
        self.user, self.mentorship = user, mentorship
        self.initial.setdefault("on", user.today())
        need = self.fields["need"]
        assert isinstance(need, forms.ModelChoiceField)
        need.queryset = Need.objects.for_user(user)
        need.empty_label = "None in particular"
        if offered is not None:
            need.choices = [("", "None in particular"), *offered]

    def clean_words(self) -> str:
        return " ".join(self.cleaned_data["words"].split())

    def clean_on(self) -> dt.date:
        day = not_in_the_future(self.cleaned_data["on"], self.user.today())
        began = self.mentorship.started_on
        if day < began:
            raise ValidationError(f"It began on {in_words(began)}. Choose that day or a later one.")
        return day

    def save(self, commit: bool = True) -> WhatCameOfIt:
        outcome: WhatCameOfIt = self.instance
        if outcome.pk:
            outcome.save(update_fields=self.Meta.fields)
        else:
            outcome.owner_id, outcome.mentorship = self.mentorship.owner_id, self.mentorship
            outcome.save()
        return outcome

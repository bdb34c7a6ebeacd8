"""Every UI component on one page, for developers. Only available with DEBUG."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.http import ask_first
from mentoring.front_page.example import example_constellation, example_timeline
from portfolio.overview.constellation import NeedArc, Star, draw

COMPETENCIES = [("why", "Knowing why"), ("how", "Knowing how"), ("whom", "Knowing whom")]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Their name", max_length=200)
    email = forms.EmailField(label="E-mail address", required=False, help_text="Where you would write to them.")
    source = forms.ChoiceField(label="How you know them", choices=[("circle", "Work"), ("friend", "Through a friend")])
    weeks = forms.IntegerField(
        label="How often, in weeks", min_value=1, widget=forms.NumberInput(attrs={"class": "short"})
    )
    on = forms.DateField(label="Started on", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    competency = forms.ChoiceField(
        label="What they help you with", choices=COMPETENCIES, widget=forms.RadioSelect, help_text="The strongest one."
    )
    contexts = forms.MultipleChoiceField(
        label="Also", choices=COMPETENCIES, widget=forms.CheckboxSelectMultiple, required=False
    )
    notes = forms.CharField(label="Notes", widget=forms.Textarea, required=False, help_text="Only you can see these.")
    photo = forms.FileField(label="A file", required=False)
    remind = forms.BooleanField(label="Remind me when we have not spoken for a while", required=False)

    def clean(self) -> None:
        if not self.cleaned_data.get("email") and not self.cleaned_data.get("notes"):
            raise forms.ValidationError("Give an e-mail address or a note, so that you can find them again.")


class ListForm(forms.Form):
    words = forms.CharField(label="What to talk about", max_length=200)


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    wrong = SampleForm({"email": "not an address", "weeks": "0"}, auto_id="wrong_%s")
    lone = draw([NeedArc(1, "find a direction", "why", 2, 0, 0)], [Star(1, "Bob Brook", "BB", "how")], [])
    return render(
        request,
        "pages/components.html",
        {
            "form": SampleForm(),
            "wrong": wrong,
            "formset": forms.formset_factory(ListForm, extra=2)(),
            "picture": example_constellation(),
            "lone": lone,
            "years": example_timeline(),
            "today": dt.date(2026, 11, 23),
        },
    )


@login_not_required
def confirm(request: HttpRequest) -> HttpResponse:
    """The confirmation page, without an action."""
    words = "Their notes, letters and meetings go with them. You can take this back for thirty days."
    return ask_first(request, title="Remove Bob Brook?", words=words, button="Remove Bob", back="/", danger=True)

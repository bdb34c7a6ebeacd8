from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from portfolio import services
from portfolio.forms.fields import DateInput, SeveralOf, not_in_the_future
from portfolio.models import Competency, Mentorship, Need, Person, Support

ORIGINS = [choice for choice in Mentorship.Origin.choices if choice[0] != Mentorship.Origin.ASKED]


class NewMentorshipForm(forms.Form):
    """Mentoring that is there already, however it came about."""

    origin = forms.ChoiceField(
        label="How did it come about?", choices=ORIGINS, widget=forms.RadioSelect, initial=Mentorship.Origin.ALREADY
    )
    form = forms.ChoiceField(
        label="Informal or formal?",
        choices=Mentorship.Form.choices,
        widget=forms.RadioSelect,
        initial=Mentorship.Form.INFORMAL,
    )
    started_on = forms.DateField(label="Since when?", widget=DateInput(), help_text="Roughly is fine.")
    needs = SeveralOf(
        label="Which of your needs do they support?",
        queryset=Need.objects.none(),
        required=False,
    )
    competency = forms.ChoiceField(
        label="Do they also support you in a way you never planned?",
        choices=[("", "No, or I can't say yet"), *Competency.choices],
        required=False,
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        needs = self.fields["needs"]
        assert isinstance(needs, forms.ModelMultipleChoiceField)
        needs.queryset = Need.objects.for_user(user).open()
        self.fields["started_on"].initial = user.today()
        if not needs.queryset.exists():
            del self.fields["needs"]

    def clean_started_on(self) -> dt.date:
        return not_in_the_future(self.cleaned_data["started_on"], self.user.today())

    def open(self, person: Person) -> Mentorship:
        """Raises :class:`portfolio.errors.AlreadyMentor`."""
        data = self.cleaned_data
        return services.open_mentorship(
            person=person,
            origin=data["origin"],
            form=data["form"],
            on=data["started_on"],
            needs=data.get("needs", ()),
            competency=data["competency"] or None,
        )


class MentorshipForm(forms.ModelForm):
    class Meta:
        model = Mentorship
        fields = [
            "direction_private",
            "rhythm_weeks",
            "closeness",
            "phase",
            "giving_back",
            "agreement",
            "confidentiality",
            "agreement_review_on",
            "form",
            "origin",
            "breadth",
            "started_on",
        ]
        labels = {
            "direction_private": "Direction, for you alone",
            "rhythm_weeks": "How often you mean to meet, in weeks",
            "closeness": "How close you feel",
            "phase": "Where you are together",
            "giving_back": "What you give back",
            "agreement": "What you agreed on",
            "confidentiality": "A line on confidentiality",
            "agreement_review_on": "Look at it again on",
            "form": "Informal or formal",
            "origin": "How it came about",
            "breadth": "How broad, how long",
            "started_on": "Since",
        }
        help_texts = {
            "direction_private": "Where this should lead in the long run. You choose later whether they see it.",
            "rhythm_weeks": "Six weeks or so suits many pairs.",
            "giving_back": "News from your field, an introduction, your honest view: it is yours to offer.",
            "agreement": "A paragraph in plain words: how often, how long, who prepares what.",
            "confidentiality": "Such as: what we say stays between us.",
            "started_on": "Roughly is fine.",
        }
        widgets = {
            "started_on": DateInput(),
            "agreement_review_on": DateInput(),
            "direction_private": forms.Textarea(attrs={"rows": 3}),
            "giving_back": forms.Textarea(attrs={"rows": 3}),
            "agreement": forms.Textarea(attrs={"rows": 5}),
            "rhythm_weeks": forms.NumberInput(attrs={"class": "short"}),
        }

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_started_on(self) -> dt.date:
        day = not_in_the_future(self.cleaned_data["started_on"], self.user.today())
        ended: dt.date | None = self.instance.ended_on
        if ended and day > ended:
            raise ValidationError(f"It ended on {ended:%-d %B %Y}: choose that day or an earlier one.")
        return day


class EndForm(forms.Form):
    ended_as = forms.ChoiceField(
        label="How did it end?",
        choices=[
            (Mentorship.EndedAs.COMPLETE, "It has done what it was for"),
            (Mentorship.EndedAs.DRIFTED, "We drifted apart"),
            (Mentorship.EndedAs.MOVED_ON, "One of us moved on"),
        ],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(label="When?", widget=DateInput(), help_text="Roughly is fine.")

    def __init__(self, user: User, mentorship: Mentorship, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.mentorship = user, mentorship
        self.fields["on"].initial = user.today()

    def clean_on(self) -> dt.date:
        day = not_in_the_future(self.cleaned_data["on"], self.user.today())
        if day < self.mentorship.started_on:
            began = self.mentorship.started_on
            raise ValidationError(f"It began on {began:%-d %B %Y}: choose that day or a later one.")
        return day


class SupportForm(forms.Form):
    """What a mentor helps with: a need, or a kind of knowing nobody planned."""

    need = forms.ModelChoiceField(
        label="Which need?", queryset=Need.objects.none(), required=False, empty_label="None of these: it just happens"
    )
    competency = forms.ChoiceField(
        label="If none of these: which kind of knowing?",
        choices=[("", "Choose one"), *Competency.choices],
        required=False,
    )
    strength = forms.TypedChoiceField(
        label="How strongly?",
        choices=Support.Strength.choices,
        coerce=int,
        initial=Support.Strength.GOOD,
        widget=forms.RadioSelect,
    )

    def __init__(self, user: User, mentorship: Mentorship, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.mentorship = user, mentorship
        needs = self.fields["need"]
        assert isinstance(needs, forms.ModelChoiceField)
        taken = mentorship.supports.filter(until__isnull=True, need__isnull=False).values("need")
        needs.queryset = Need.objects.for_user(user).open().exclude(pk__in=taken)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("need") and not data.get("competency") and "need" not in self.errors:
            self.add_error("need", "Choose a need, or say below which kind of knowing it is.")
        return data

    def save(self) -> Support:
        need: Need | None = self.cleaned_data["need"]
        return services.add_support(
            mentorship=self.mentorship,
            need=need,
            competency=need.competency if need else self.cleaned_data["competency"],
            strength=self.cleaned_data["strength"],
            since=max(self.user.today(), self.mentorship.started_on),
        )

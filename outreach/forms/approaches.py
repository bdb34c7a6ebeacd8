"""Forms of approaches. Choices are limited to the user's own rows."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.model_forms import ModelForm
from accounts.models import User
from outreach.form_version import same_words, seen, version_field
from outreach.models import Approach, Channel
from portfolio.forms.fields import SeveralOf
from portfolio.models import Competency, Mentorship, Need, Person


class ShortlistForm(forms.Form):
    """Whom to shortlist, and for which need."""

    person = forms.ModelChoiceField(Person.objects.none(), label="Who?", empty_label="Choose somebody")
    need = forms.ModelChoiceField(
        Need.objects.none(), label="For which need?", required=False, empty_label="No particular need"
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.for_user(user)  # type: ignore[attr-defined]
        self.fields["need"].queryset = Need.objects.for_user(user).open()  # type: ignore[attr-defined]


class ApproachForm(ModelForm[Approach]):
    """Why this person, and for which needs. ``version`` identifies the data on the user's page."""

    version = version_field()
    needs = SeveralOf(Need.objects.none(), label="Which needs could they help with?", required=False)

    class Meta:
        model = Approach
        fields = ["why_them", "needs"]
        labels = {"why_them": "Why them?"}
        help_texts = {"why_them": "What makes you write to this person, and not to another? It feeds your draft."}
        widgets = {"why_them": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = self.instance.why_them, {need.pk: need.words for need in self.instance.needs.all()}
        chosen = sorted(self.stored[1])
        self.initial["version"] = self.current = seen([self.stored[0], *map(str, chosen)])
        self.fields["needs"].queryset = (  # type: ignore[attr-defined]
            Need.objects.for_user(user).open() | Need.objects.for_user(user).filter(pk__in=chosen)
        )

    def overwrites(self) -> bool:
        """Whether another tab changed it since this page was loaded, to a different text or needs."""
        known, needs = self.cleaned_data["version"], {need.pk for need in self.cleaned_data["needs"]}
        words = same_words(self.cleaned_data["why_them"]) == same_words(self.stored[0])
        return bool(known) and known != self.current and not (words and needs == set(self.stored[1]))


class StageForm(forms.Form):
    """The new stage, and the stage that the user's page showed (``seen``)."""

    stage = forms.ChoiceField(label="Where does it stand?", choices=Approach.Stage.choices)
    seen = forms.ChoiceField(choices=Approach.Stage.choices, required=False)


class ReplyForm(forms.Form):
    """Their answer, and any text the user wants to keep."""

    ANSWERS = (
        ("", "They’re open to talking, or something in between"),
        (Approach.Outcome.NOT_NOW, "Not now"),
        (Approach.Outcome.DECLINED, "No, kindly"),
    )
    answer = forms.ChoiceField(label="What did they say?", choices=ANSWERS, required=False, widget=forms.RadioSelect)
    channel = forms.ChoiceField(label="How?", choices=Channel.choices, initial=Channel.EMAIL)
    when = forms.DateField(
        label="When?", widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d")
    )
    words = forms.CharField(
        label="Their words",
        help_text="Paste them if you like. Only you can see this.",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["when"].initial = user.today()

    def clean_when(self) -> Any:
        when = self.cleaned_data["when"]
        if when > self.user.today():
            raise forms.ValidationError("That day is still to come. Choose today or an earlier day.")
        if when.year < 1950:
            raise forms.ValidationError("That is rather long ago. Check the year.")
        return when


class RestForm(forms.Form):
    MONTHS = ((3, "three months"), (6, "half a year"), (12, "a year"))
    months = forms.TypedChoiceField(label="For how long?", choices=MONTHS, coerce=int, initial=6)


class BecomeMentoringForm(forms.Form):
    """How the mentorship starts."""

    origin = forms.ChoiceField(
        label="How did it come about?",
        choices=[
            (Mentorship.Origin.ASKED, "I asked, and they said yes"),
            (Mentorship.Origin.GREW, "It simply grew: this has become mentoring"),
            (Mentorship.Origin.OFFERED, "They offered"),
        ],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(
        label="Since when?", widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d")
    )
    needs = SeveralOf(Need.objects.none(), label="Which of your needs do they support?", required=False)
    competency = forms.ChoiceField(
        label="And beyond your needs?",
        help_text="If they support you in something you didn’t plan for, it counts just as much.",
        choices=[("", "Nothing further for now"), *Competency.choices],
        required=False,
    )
    rhythm_weeks = forms.IntegerField(
        label="How often do you want to meet, in weeks?",
        help_text="Six weeks or so suits many pairs.",
        min_value=1,
        max_value=104,
        required=False,
        initial=6,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["needs"].queryset = Need.objects.for_user(user).open()  # type: ignore[attr-defined]

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > self.user.today():
            raise forms.ValidationError("That day is still to come. Choose today or an earlier day.")
        if on.year < 1950:
            raise forms.ValidationError("That is rather long ago. Check the year.")
        return on

"""Forms of outreach. Every choice of a row is limited to the user's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import User
from outreach.models import Approach, Channel, Introduction, Purpose
from outreach.seen import same_words, seen, version_field
from portfolio.forms.fields import SeveralOf
from portfolio.models import Competency, Mentorship, Need, Person


class ShortlistForm(forms.Form):
    """Whom, and for which need: both the user's own."""

    person = forms.ModelChoiceField(Person.objects.none(), label="Who?", empty_label="Choose somebody")
    need = forms.ModelChoiceField(
        Need.objects.none(), label="For which need?", required=False, empty_label="No particular need"
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.for_user(user)  # type: ignore[attr-defined]
        self.fields["need"].queryset = Need.objects.for_user(user).open()  # type: ignore[attr-defined]


class ApproachForm(forms.ModelForm):
    """Why them, and for which needs. ``version`` is what stood on the page that asks."""

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
        """Whether it was changed elsewhere since this page was made, to other words or needs than these."""
        known, needs = self.cleaned_data["version"], {need.pk for need in self.cleaned_data["needs"]}
        words = same_words(self.cleaned_data["why_them"]) == same_words(self.stored[0])
        return bool(known) and known != self.current and not (words and needs == set(self.stored[1]))


class StageForm(forms.Form):
    """Where it goes, and where it stood (``seen``) on the page that asks."""

    stage = forms.ChoiceField(label="Where does it stand?", choices=Approach.Stage.choices)
    seen = forms.ChoiceField(choices=Approach.Stage.choices, required=False)


class ReplyForm(forms.Form):
    """What they said, as far as the user wants to keep it."""

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
    """How the mentorship begins."""

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


class ChooseForm(forms.Form):
    """What a new message is for, and in which approach, mentorship or introduction.

    A mentor is not asked for mentoring, and who introduces somebody is only asked for that, and thanked.
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
        """What else one could write here."""
        wish = self.cleaned_data
        fitting: Iterable[Purpose] = Purpose
        if wish["mentorship"]:
            fitting = self.FOR_A_MENTOR
        elif wish["introduction"]:
            fitting = self.FOR_AN_INTRODUCTION
        return [purpose for purpose in fitting if purpose.value != wish["purpose"]]


class IntroductionForm(forms.Form):
    """Who should introduce the user to whom: two of their own people."""

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
    """Where an introduction stands now, and since when. Left empty, since today."""

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

from __future__ import annotations

from typing import Any

from django import forms

from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import competency_choices
from portfolio.models import Competency, CouldHelp, Need, Person
from portfolio.people.services import note_candidate


class NeedForm(ModelForm[Need]):
    competency = forms.ChoiceField(
        label="What kind of knowing is it?", choices=competency_choices, widget=forms.RadioSelect
    )

    class Meta:
        model = Need
        fields = ["competency", "words", "sector", "weight", "horizon"]
        labels = {
            "words": "In your words",
            "sector": "Sector",
            "weight": "How much does it matter?",
            "horizon": "By when?",
        }
        help_texts = {
            "words": "Small and concrete, such as: be known to the people who fund trials.",
            "sector": "If the person should know a field, such as: social care.",
        }

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not self.instance.pk:
            self.instance.owner = user
            self.instance.opened_on = user.today()

    def clean_words(self) -> str:
        return " ".join(self.cleaned_data["words"].split())


class NeedInOneSentenceForm(NeedForm):
    """A need by its words and one of three buttons; the rest keeps its defaults and can be changed on its page."""

    competency = forms.ChoiceField(
        choices=Competency.choices,
        widget=forms.HiddenInput,
        error_messages={"required": "Press one of the three: knowing why, knowing how or knowing whom."},
    )

    class Meta(NeedForm.Meta):
        fields = ["competency", "words"]


class CouldHelpForm(forms.Form):
    """Records that a person could help with a need, from the page of either."""

    person = forms.ModelChoiceField(label="Who?", queryset=Person.objects.none(), empty_label="Choose someone")
    need = forms.ModelChoiceField(label="With what?", queryset=Need.objects.none(), empty_label="Choose a need")
    why = forms.CharField(
        label="Why them", max_length=300, required=False, help_text="A few words for later. Only you can see them."
    )

    def __init__(self, user: User, *args: Any, person: Person | None = None, need: Need | None = None, **kw: Any):
        super().__init__(*args, **kw)
        self.for_person, self.for_need = person, need
        people, needs = self.fields["person"], self.fields["need"]
        assert isinstance(people, forms.ModelChoiceField)
        assert isinstance(needs, forms.ModelChoiceField)
        people.queryset = Person.objects.for_user(user).defer("notes", *Person.FOLDED)
        needs.queryset = Need.objects.for_user(user).open()
        if person:
            del self.fields["person"]
        if need:
            del self.fields["need"]

    def nothing_to_choose(self) -> bool:
        """Whether there is no person, or no open need, to choose."""
        field = self.fields.get("person") or self.fields["need"]
        assert isinstance(field, forms.ModelChoiceField)
        return field.queryset is None or not field.queryset.exists()

    def save(self) -> CouldHelp:
        return note_candidate(
            person=self.for_person or self.cleaned_data["person"],
            need=self.for_need or self.cleaned_data["need"],
            why=self.cleaned_data["why"],
        )

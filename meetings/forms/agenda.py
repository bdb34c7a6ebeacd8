"""Forms of an agenda."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.model_forms import ModelForm
from accounts.models import User
from meetings.agenda import suggestions
from meetings.models import AgendaItem, SavedAgenda
from portfolio.models import Need


class ItemForm(ModelForm[AgendaItem]):
    class Meta:
        model = AgendaItem
        fields = ["words", "minutes", "raised_by", "need", "private"]
        labels = {
            "words": "What to talk about",
            "minutes": "Minutes",
            "raised_by": "Who brings it up",
            "need": "Which need it serves",
            "private": "Keep this point to myself",
        }
        help_texts = {"private": "It then never shows on the private page you may share with them."}
        widgets: dict[str, forms.Widget] = {
            "minutes": forms.NumberInput(attrs={"class": "short", "min": 1, "max": 480})
        }

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        need = self.fields["need"]
        assert isinstance(need, forms.ModelChoiceField)
        own = Need.objects.for_user(user)
        need.queryset = own.open() | own.filter(pk=self.instance.need_id) if self.instance.need_id else own.open()
        need.empty_label = "None in particular"


class ItemEditForm(ItemForm):
    class Meta(ItemForm.Meta):
        fields = ["words", "minutes", "raised_by", "need", "outcome", "private"]
        labels = {
            **ItemForm.Meta.labels,
            "outcome": "What came of it",
        }
        widgets = {**ItemForm.Meta.widgets, "outcome": forms.Textarea(attrs={"rows": 4})}


class PlaceForm(forms.Form):
    """Where a point was dragged to."""

    position = forms.IntegerField(min_value=0, max_value=100_000)


class KeepAgendaForm(ModelForm[SavedAgenda]):
    class Meta:
        model = SavedAgenda
        fields = ["name"]
        labels = {"name": "What to call it"}


class SavedAgendaForm(ModelForm[SavedAgenda]):
    """The user's own agenda, one point per line."""

    class Meta:
        model = SavedAgenda
        fields = ["name", "kind", "points"]
        labels = {"name": "What to call it", "kind": "For what kind of conversation", "points": "The points"}
        help_texts = {"points": "One a line. Put the minutes in front if you like: “10 min: What has happened”."}
        widgets = {"points": forms.Textarea(attrs={"rows": 8})}

    def clean_points(self) -> str:
        try:
            points = suggestions.parse(self.cleaned_data["points"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if not points:
            raise forms.ValidationError("Write at least one point.")
        return suggestions.as_text(points)


class OutcomeForm(ModelForm[AgendaItem]):
    class Meta:
        model = AgendaItem
        fields = ["outcome"]

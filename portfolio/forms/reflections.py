from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import DateInput, LinesField, SeveralOf, not_in_the_future
from portfolio.looking_back.questions import COMFORT_WORDS, GUIDES
from portfolio.looking_back.reflections import LedTo, keep_reflection
from portfolio.models import Competency, Need, Person, PlaceToLook, Reflection

Question = Reflection.Question
TO_TICK = 100  # above this number of rows, the form asks for names instead of showing checkboxes


def _name(text: str) -> str:
    return str(forms.CharField(max_length=200).clean(" ".join(text.split())))


def _names(label: str, hint: str) -> LinesField:
    return LinesField(
        label=label,
        help_text=hint,
        clean_one=_name,
        most=20,
        wrong="A name has at most 200 characters",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReflectionForm(ModelForm[Reflection]):
    """An answer to one of the eight questions or to the user's own, and what it led to."""

    comfort = forms.TypedChoiceField(
        label="Where are you today?",
        choices=COMFORT_WORDS.items,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    people = SeveralOf(label="People you have", queryset=Person.objects.none(), required=False)
    people_names = _names("Names", "One a line. Somebody you have already is linked; a new name joins your people.")
    needs = SeveralOf(label="Needs you have", queryset=Need.objects.none(), required=False)
    need_words = forms.CharField(
        label="A new need", max_length=200, required=False, help_text="Small and concrete, in your words."
    )
    need_competency = forms.ChoiceField(
        label="What kind of knowing is it?", choices=[("", "Choose one"), *Competency.choices], required=False
    )
    places = SeveralOf(label="Places you have", queryset=PlaceToLook.objects.none(), required=False)
    place_names = _names("New places to look", "One a line. One you have already is linked, not doubled.")
    place_kind = forms.ChoiceField(label="What they are", choices=PlaceToLook.Kind.choices, required=False)

    class Meta:
        model = Reflection
        fields = ["own_question", "comfort", "answer", "on"]
        labels = {"own_question": "Your question", "answer": "Your answer", "on": "When"}
        help_texts = {"on": ""}
        widgets = {"on": DateInput(), "answer": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, user: User, question: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.question = user, question
        if not self.instance.pk:
            self.instance.owner, self.instance.question = user, question
            self.initial.setdefault("on", user.today())
        if question != Question.OWN:
            del self.fields["own_question"]
        if question != Question.COMFORT:
            del self.fields["comfort"]
        if question == Question.NEW_NETWORKS:
            self.fields["place_names"].label = "Networks you could join"
            self.fields["place_names"].help_text = "One a line. They join your places to look."
            del self.fields["place_kind"]
        else:
            kind = PlaceToLook.Kind.NETWORK if question == Question.NETWORKS else PlaceToLook.Kind.REGISTER
            self.fields["place_kind"].initial = kind
        linked = self._linked()
        self._offer("people", Person.objects.for_user(user).defer("notes", "search_text"), linked["people"])
        self._offer("needs", Need.objects.for_user(user), linked["needs"], Q(closed_on__isnull=True))
        self._offer("places", PlaceToLook.objects.for_user(user).defer("notes"), linked["places"])

    def _offer(self, name: str, mine: models.QuerySet[Any], linked: set[int], still: Q | None = None) -> None:
        """The rows to choose from: those already linked and, unless there are too many, the others."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = mine
        rows = list(mine.filter(still | Q(pk__in=linked) if still else Q())[: TO_TICK + 1])
        if len(rows) > TO_TICK:
            rows = list(mine.filter(pk__in=linked))
        field.choices = [(row.pk, label_of(row)) for row in rows]
        self.initial[name] = sorted(linked)
        if not rows:
            del self.fields[name]

    def _linked(self) -> dict[str, set[int]]:
        """The ids of the rows that the answer is linked to."""
        links = self.instance.links.all() if self.instance.pk else ()
        return {
            "people": {link.person_id for link in links if link.person_id},
            "needs": {link.need_id for link in links if link.need_id},
            "places": {link.place_id for link in links if link.place_id},
        }

    def clean_on(self) -> dt.date:
        return not_in_the_future(self.cleaned_data["on"], self.user.today())

    def clean_own_question(self) -> str:
        words = " ".join(self.cleaned_data["own_question"].split())
        if not words:
            raise ValidationError("Write the question down first.")
        return words

    def clean_need_words(self) -> str:
        return " ".join(self.cleaned_data["need_words"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("need_words") and not data.get("need_competency") and "need_competency" not in self.errors:
            self.add_error("need_competency", "Say which kind of knowing the new need is.")
        said = ("answer", "comfort", "people", "people_names", "needs", "need_words", "places", "place_names")
        if not self.errors and not any(data.get(name) for name in said):
            self.add_error("answer", "A word or two is enough, but leave something to come back to.")
        return data

    def keep(self) -> Reflection:
        data = self.cleaned_data
        led_to = LedTo(
            people=list(data.get("people", ())),
            needs=list(data.get("needs", ())),
            places=list(data.get("places", ())),
            people_names=data["people_names"],
            need_words=data["need_words"],
            need_competency=data["need_competency"],
            place_names=data["place_names"],
            place_kind=data.get("place_kind") or PlaceToLook.Kind.NETWORK,
        )
        return keep_reflection(reflection=self.instance, led_to=led_to)

    # The fields that are always visible, and those under "Where did it lead?".

    def first_fields(self) -> list[forms.BoundField]:
        asked = ("own_question", "comfort", "answer", GUIDES[self.question].leads_to, "on")
        return [self[name] for name in asked if name in self.fields]

    def further_fields(self) -> list[forms.BoundField]:
        first = {field.name for field in self.first_fields()}
        return [field for field in self if field.name not in first]

    def further_is_open(self) -> bool:
        """Whether the collapsed part must be open, because it has a link or an error."""
        names = {field.name for field in self.further_fields()}
        return bool(names & self.errors.keys()) or any(self.initial.get(n) for n in ("people", "needs", "places"))


def label_of(row: Person | Need | PlaceToLook) -> str:
    """The label of a row; people with the same name are distinguished by organisation."""
    organisation = row.organisation if isinstance(row, Person) else ""
    return f"{row} ({organisation})" if organisation else str(row)

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError

from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import DateInput, not_in_the_future
from portfolio.looking_back.reviews import Said, keep_review, last_time
from portfolio.looking_back.scales import ASKS, HINTS, OF_ONESELF, SCALES, WORDS
from portfolio.models import Mentorship, Review, ReviewNote

Aspect = ReviewNote.Aspect


class AspectFields(NamedTuple):
    """One aspect of rapport or clarity on the page; ``change`` is None if there is no earlier review."""

    label: str
    hint: str
    change: forms.BoundField | None
    words: forms.BoundField


def _scale(name: str) -> forms.TypedChoiceField:
    choices = [("", "Leave this out"), *WORDS[name].items()]
    return forms.TypedChoiceField(label=ASKS[name], choices=choices, coerce=int, empty_value=None, required=False)


class ReviewForm(ModelForm[Review]):
    """A review of one mentorship, or (without one) of the whole portfolio. All fields are optional."""

    needs_all = True  # the page says once that everything is optional, instead of every label
    satisfaction = _scale("satisfaction")
    career = _scale("career")
    confidence = _scale("confidence")
    network = _scale("network")
    understanding = _scale("understanding")

    class Meta:
        model = Review
        fields = ["on", *SCALES, "words"]
        labels = {"on": "When", "words": "In your own words"}
        help_texts = {"on": "", "words": "What has changed, what surprised you, what you would like more of."}
        widgets = {"on": DateInput(), "words": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, user: User, mentorship: Mentorship | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.mentorship = user, mentorship
        if not self.instance.pk:
            self.instance.owner, self.instance.mentorship = user, mentorship
            self.initial.setdefault("on", user.today())
        notes = {note.aspect: note for note in self.instance.notes.all()} if self.instance.pk else {}
        # Keep stored comparisons, even if the review they refer to was deleted.
        compared = any(note.change for note in notes.values())
        self.is_first = mentorship is None or not (compared or self._earlier(self.initial["on"]))
        if mentorship is None:
            del self.fields["satisfaction"]
        else:
            self._add_aspects(notes)

    def _earlier(self, on: dt.date) -> Review | None:
        assert self.mentorship
        return last_time(self.mentorship, before=on, unless=self.instance.pk)

    def _add_aspects(self, notes: Mapping[str, ReviewNote]) -> None:
        for aspect in Aspect:
            note = notes.get(aspect)
            change = forms.ChoiceField(
                label="Compared with last time",
                choices=[("", "Nothing to say"), *ReviewNote.Change.choices],
                required=False,
                initial=note.change if note else "",
            )
            if not self.is_first:
                self.fields[f"{aspect}_change"] = change
            self.fields[f"{aspect}_words"] = forms.CharField(
                label="A sentence", max_length=300, required=False, initial=note.words if note else ""
            )

    def scales(self) -> list[forms.BoundField]:
        return [self[name] for name in OF_ONESELF]

    def aspects(self) -> list[AspectFields]:
        """The aspects in order, rapport first; empty without a mentorship."""
        if self.mentorship is None:
            return []
        return [
            AspectFields(
                aspect.label,
                HINTS[aspect],
                None if self.is_first else self[f"{aspect}_change"],
                self[f"{aspect}_words"],
            )
            for aspect in Aspect
        ]

    def clean_on(self) -> dt.date:
        day = not_in_the_future(self.cleaned_data["on"], self.user.today())
        if self.mentorship and day < self.mentorship.started_on:
            began = self.mentorship.started_on
            raise ValidationError(f"It began on {began:%-d %B %Y}: choose that day or a later one.")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        notes = self._notes(data)
        compared = any(change for change, _ in notes.values())
        if compared and data.get("on") and "on" in self.changed_data and self._earlier(data["on"]) is None:
            self.add_error("on", "That is before your first look back, so there is no last time to compare it with.")
        said = [*(data.get(name) for name in (*SCALES, "words")), *(any(note) for note in notes.values())]
        if not self.errors and not any(said):
            raise ValidationError("Nothing is said yet. One choice or one sentence is enough.")
        return data

    def _notes(self, data: dict[str, Any]) -> Said:
        if self.mentorship is None:
            return {}
        return {
            str(aspect.value): (data.get(f"{aspect}_change", ""), data.get(f"{aspect}_words", "").strip())
            for aspect in Aspect
        }

    def keep(self) -> Review:
        return keep_review(review=self.instance, notes=self._notes(self.cleaned_data))

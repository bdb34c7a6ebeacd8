"""The wrap-up form: one page that takes a minute, with no required field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import User
from meetings.forms.meetings import EARLIEST, YEARS_AHEAD
from meetings.forms.widgets import DayInput
from meetings.models import AgendaItem, Impression, Meeting
from meetings.wrap_up.services import Point, WrapUp
from portfolio.people.mentions import Mention, parse
from portfolio.text.normalise import fold

LONGEST_NAME, LONGEST_WORD, MOST_NAMES = 200, 300, 30  # characters, characters, names
ROWS = 3  # for the user's own actions
SHOWN = 30  # points; the rest can be marked on the meeting's page
FELT = {
    "again": "Would I like to talk again?",
    "at_ease": "Was I at ease?",
    "interested": "Did they seem interested?",
}
STATES = [("done", "Talked about"), ("open", "Next time"), ("parked", "Park it"), ("dropped", "Drop it")]


def lines(text: str) -> list[str]:
    return [words for line in text.splitlines() if (words := " ".join(line.split()))]


class WrapUpForm(forms.Form):
    """``items`` are the open points. Their fields are ``state-<id>`` and ``outcome-<id>``."""

    offered = forms.CharField(
        required=False,
        max_length=3_000,
        label="What they kindly offered",
        help_text="One a line. It is listed, never chased.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    mentioned = forms.CharField(
        required=False,
        max_length=5_000,
        label="Did they mention anyone?",
        help_text="One name a line, with a word about them if you like: “Priya Nand, trials”. They join your people.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    came_of_it = forms.CharField(
        required=False,
        max_length=500,
        label="What came of it, in a sentence",
        help_text="Something that happened thanks to your talks, planned or not.",
    )
    shows_agreed = forms.BooleanField(required=False, label="They may see what we agreed, on their private page")

    def __init__(self, user: User, meeting: Meeting, items: Sequence[AgendaItem], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.meeting, self.items = user, meeting, list(items[:SHOWN])
        for item in self.items:
            self.fields[f"state-{item.pk}"] = forms.ChoiceField(
                choices=STATES, initial="done", label="What about it?", required=False
            )
            self.fields[f"outcome-{item.pk}"] = forms.CharField(
                required=False, max_length=2_000, label="What came of it", initial=item.outcome
            )
        for n in range(ROWS):
            self.fields[f"mine-{n}"] = forms.CharField(required=False, max_length=300, label="What you will do")
            self.fields[f"due-{n}"] = forms.DateField(required=False, label="By when", widget=DayInput())
        if meeting.mentorship_id is None:
            del self.fields["came_of_it"]
        if self.asks_how_it_felt:
            felt = getattr(meeting, "impression", None)
            for name in FELT:
                self.fields[name] = forms.ChoiceField(
                    choices=Impression.Felt.choices,
                    label=FELT[name],
                    required=False,
                    widget=forms.RadioSelect,
                    initial=getattr(felt, name, ""),
                )
        self.fields["shows_agreed"].initial = meeting.shows_agreed

    @property
    def asks_how_it_felt(self) -> bool:
        return self.meeting.kind in {Meeting.Kind.INITIAL, Meeting.Kind.FOLLOW_UP}

    @property
    def points(self) -> list[tuple[AgendaItem, forms.BoundField, forms.BoundField]]:
        """Each point with its two fields."""
        return [(item, self[f"state-{item.pk}"], self[f"outcome-{item.pk}"]) for item in self.items]

    @property
    def mine(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"mine-{n}"], self[f"due-{n}"]) for n in range(ROWS)]

    @property
    def felt(self) -> list[forms.BoundField]:
        return [self[name] for name in FELT] if self.asks_how_it_felt else []

    def clean_offered(self) -> str:
        words: str = self.cleaned_data["offered"]
        if any(len(line) > 300 for line in lines(words)):
            raise forms.ValidationError("One of these lines is longer than 300 characters. Make two of it.")
        return words

    def clean_mentioned(self) -> list[Mention]:
        found = parse(self.cleaned_data["mentioned"])
        if any(fold(one.name) == fold(self.meeting.person.name) for one in found):
            raise forms.ValidationError(f"{self.meeting.person.name} is whom you spoke with. Leave them out.")
        if any(len(one.name) > LONGEST_NAME or len(one.word) > LONGEST_WORD for one in found):
            raise forms.ValidationError("One of these lines is too long. Put a comma behind the name.")
        if len(found) > MOST_NAMES:
            raise forms.ValidationError(f"Keep it to {MOST_NAMES} here. There are {len(found)}.")
        return found

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        latest = self.user.today() + dt.timedelta(days=365 * YEARS_AHEAD)
        for n in range(ROWS):
            due = data.get(f"due-{n}")
            if due and not EARLIEST <= due <= latest:
                self.add_error(f"due-{n}", f"Choose a day up to {YEARS_AHEAD} years from now, or none.")
            elif due and not data.get(f"mine-{n}") and f"mine-{n}" not in self.errors:
                self.add_error(f"mine-{n}", "Say what you will do by then, or leave the day empty.")
        return data

    @property
    def wish(self) -> WrapUp:
        data = self.cleaned_data
        return WrapUp(
            points=[
                Point(item, AgendaItem.State(data[f"state-{item.pk}"] or "done"), data[f"outcome-{item.pk}"])
                for item in self.items
                # A point added after this page was loaded is missing from the data, and stays open.
                if f"state-{item.pk}" in self.data or f"outcome-{item.pk}" in self.data
            ],
            mine=[(data[f"mine-{n}"], data[f"due-{n}"]) for n in range(ROWS) if data[f"mine-{n}"]],
            offered=lines(data["offered"]),
            mentioned=data["mentioned"],
            came_of_it=data.get("came_of_it", ""),
            shows_agreed=data["shows_agreed"],
            felt={name: data[name] for name in FELT if name in data},
        )

from __future__ import annotations

import datetime as dt
import itertools
from functools import cache
from typing import Any

import holidays
from django import forms

from accounts import zones
from accounts.model_forms import ModelForm
from accounts.models import User
from accounts.names import name_fault

WEEKDAYS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
]


@cache
def country_choices() -> tuple[tuple[str, str], ...]:
    """Countries whose bank holidays we know, by their English names."""
    found = {
        code: " ".join(_words(name))
        for name, code, *_ in holidays.registry.COUNTRIES.values()
        if code in holidays.list_supported_countries()
    }
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))


def _words(name: str) -> list[str]:
    """A class name in words: UnitedKingdom is United Kingdom."""
    starts = [i for i, letter in enumerate(name) if letter.isupper()] + [len(name)]
    return [name[a:b] for a, b in itertools.pairwise(starts)]


class ProfileForm(ModelForm[User]):
    """Who the user is, and when and about what they like to be reminded."""

    time_zone = forms.ChoiceField(
        label="Your time zone",
        help_text="Reminders come at your local time. Change it when you travel for longer.",
        choices=zones.zone_choices,
    )
    country = forms.ChoiceField(
        label="Country", help_text="So that no reminder comes on a bank holiday.", choices=country_choices
    )
    working_days = forms.MultipleChoiceField(
        label="Your working days",
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day, so that reminders have a day to come on."},
    )

    weekly_mail = forms.TypedChoiceField(
        label="How often?",
        choices=[("", "In the morning of each working day"), ("1", "Once a week")],
        coerce=bool,
        empty_value=False,  # type: ignore[arg-type]  # the stubs only allow str
        required=False,
        widget=forms.RadioSelect,
    )
    weekly_on = forms.TypedChoiceField(
        label="If once a week: on which day?",
        help_text="If that is a bank holiday, or you are away, on the next day you work.",
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        empty_value=1,  # type: ignore[arg-type]
        widget=forms.Select(attrs={"class": "short"}),
    )

    class Meta:
        model = User
        fields = [
            "name",
            "organisation",
            "time_zone",
            "country",
            "reminder_time",
            "working_days",
            "weekly_mail",
            "weekly_on",
            "away_until",
            "remind_replies",
            "remind_meetings",
            "mail_before_talks",
            "remind_gentle",
        ]
        labels = {
            "reminder_time": "At what time?",
            "away_until": "Away until",
            "remind_replies": "Replies and follow-ups",
            "remind_meetings": "Meetings, and the evaluations of a formal programme",
            "mail_before_talks": "On the day of a meeting, with what to know before you talk",
            "remind_gentle": "Everything gentle: actions, keeping in touch, looking again, reflecting",
        }
        help_texts = {
            "name": "As you sign your letters.",
            "organisation": "So that we can tell you who stands outside it. Only you can see this.",
            "reminder_time": "Your local time.",
            "mail_before_talks": "When you last spoke, what is open, what to talk about. Your notes stay out of it.",
            "away_until": "The last day you are away. No reminders until then.",
        }
        widgets = {
            "reminder_time": forms.TimeInput(attrs={"type": "time", "class": "short"}, format="%H:%M"),
            "away_until": forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["working_days"] = list(self.instance.working_days)
        self.initial["weekly_mail"] = "1" if self.instance.weekly_mail else ""
        self.fields["name"].required = True
        mine = self.instance.time_zone
        if mine not in zones.zone_names() and zones.zone(mine).key == mine:  # a former name, such as US/Eastern
            self.fields["time_zone"].choices = [*zones.zone_choices(), (mine, mine.replace("_", " "))]  # type: ignore[attr-defined]
        known = country_choices()
        if self.instance.country not in dict(known):  # the country has a time zone, but no known bank holidays
            self.fields["country"].choices = [*known, (self.instance.country, self.instance.country)]  # type: ignore[attr-defined]

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The fields grouped for the page: heading, description, fields."""
        return [
            ("You", "", [self["name"], self["organisation"], self["time_zone"], self["country"]]),
            (
                "When we may remind you",
                "One mail, and only if there is something. What can’t wait until then comes at its own time.",
                [
                    self["reminder_time"],
                    self["working_days"],
                    self["weekly_mail"],
                    self["weekly_on"],
                    self["away_until"],
                ],
            ),
            (
                "What we may remind you of",
                "What you switch off is never mailed. It still stands on its own page.",
                [
                    self["remind_replies"],
                    self["remind_meetings"],
                    self["mail_before_talks"],
                    self["remind_gentle"],
                ],
            ),
        ]

    def clean_name(self) -> str:
        """A name from before there were rules may stay; then mail to others does without it."""
        name: str = self.cleaned_data["name"]
        if name != self.initial["name"] and (fault := name_fault(name)):
            raise forms.ValidationError(fault)
        return name

    def clean_working_days(self) -> str:
        return "".join(sorted(self.cleaned_data["working_days"]))

    def clean_weekly_on(self) -> int:
        """Keep the stored value if the field is missing, as in a page opened before the field existed."""
        return int(self.cleaned_data["weekly_on"] if "weekly_on" in self.data else self.instance.weekly_on)

    def clean_away_until(self) -> dt.date | None:
        away: dt.date | None = self.cleaned_data["away_until"]
        if away is not None and away > self.instance.today() + dt.timedelta(days=730):
            raise forms.ValidationError("That is more than two years ahead. Check the year.")
        return away

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or self.cleaned_data
        days = values.get("working_days")
        if values.get("weekly_mail") and days and str(values.get("weekly_on")) not in days:
            self.add_error("weekly_on", "Choose one of your working days.")
        return values

    def save(self, commit: bool = True) -> User:
        user: User = self.instance
        user.save(update_fields=self.Meta.fields)
        return user


class EraseForm(forms.Form):
    """Asks the user to type their own e-mail address, so that nobody deletes an account by accident."""

    email = forms.CharField(
        label="Type your e-mail address to confirm",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"].strip()
        if typed.lower() != self.user.email.lower():
            raise forms.ValidationError("That isn’t the address of this account. Nothing was deleted.")
        return typed

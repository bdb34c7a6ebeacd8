from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from accounts.model_forms import ModelForm
from accounts.models import User
from accounts.words import number
from accounts.zones import zone, zone_choices
from meetings import diary
from meetings.clashes import Clash, find_clash
from meetings.forms.widgets import DayInput, TimeOfDayInput
from meetings.models import Action, Meeting, SavedAgenda
from meetings.notes import fingerprint
from meetings.services import start
from portfolio.models import Person

EARLIEST = dt.date(1970, 1, 1)
YEARS_AHEAD = 5
EVERY = (1, 2, 3, 4, 6, 8, 12)  # weeks


class MeetingForm(ModelForm[Meeting]):
    """Time, place and purpose of a meeting. Times are wall times in the chosen zone."""

    day = forms.DateField(label="Day", widget=DayInput())
    time = forms.TimeField(label="Starts at", widget=TimeOfDayInput())
    zone = forms.ChoiceField(label="Time zone", help_text="The zone the time was agreed in.")
    despite = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    field_order = ["person", "kind", "purpose", "day", "time", "zone", "minutes", "place"]
    besides_that = "Choose another time, or save it anyway."
    clash: Clash | None = None

    class Meta:
        model = Meeting
        fields = ["kind", "purpose", "minutes", "place"]
        labels = {
            "kind": "What kind of conversation",
            "purpose": "What is it for?",
            "minutes": "How long, in minutes",
            "place": "Place or link",
        }
        help_texts = {"purpose": "One sentence to head the agenda. You can leave it for later."}
        widgets = {"minutes": forms.NumberInput(attrs={"class": "short", "min": 5, "max": 1440})}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        own = (user.time_zone, f"{user.time_zone.replace('_', ' ')} (yours)")
        # Here already, since what would be taken is reckoned from it.
        self.fields["minutes"].validators += Meeting._meta.get_field("minutes").validators
        field = self.fields["zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [own, *(choice for choice in zone_choices() if choice[0] != user.time_zone)]
        if self.instance.pk:
            there = self.instance.starts_there
            self.initial.update(day=there.date(), time=there.time(), zone=self.instance.zone)
        else:
            self.initial.setdefault("zone", user.time_zone)

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if not EARLIEST <= day <= self.user.today() + dt.timedelta(days=365 * YEARS_AHEAD):
            raise forms.ValidationError(f"Choose a day up to {YEARS_AHEAD} years from now.")
        return day

    def clean(self) -> dict[str, Any] | None:
        """A time that is taken is said once, with whom; sent again as it is, it is meant."""
        data = super().clean() or {}
        spans = [] if self.errors else self._spans()
        if self.instance.pk and spans == [diary.span(self.instance)]:
            return data
        clash = find_clash(self.user, spans, besides=self.instance, person=data.get("person"))
        if clash is not None and clash.key != data["despite"]:
            self.clash = clash
            self.data = {**{name: self.data[name] for name in self.data}, "despite": clash.key}
            self.add_error("time", f"{clash.words} {self.besides_that}")
        return data

    def _spans(self) -> list[diary.Span]:
        minutes, zone = self.cleaned_data["minutes"], self.cleaned_data["zone"]
        return [diary.Span.lasting(start(one, zone), minutes) for one in self._starts_local()]

    def _starts_local(self) -> list[dt.datetime]:
        return [self.starts_local]

    @property
    def starts_local(self) -> dt.datetime:
        """The naive wall time that was entered; the form must be valid."""
        return dt.datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"])

    def skipped_hour(self, meeting: Meeting) -> bool:
        """Whether the time doesn't exist that day because the clocks change, so that the meeting moves forward."""
        there = meeting.starts_at.astimezone(zone(self.cleaned_data["zone"]))
        return there.replace(tzinfo=None) != self.starts_local


class HeldForm(ModelForm[Meeting]):
    """What can still be corrected after a meeting was held."""

    class Meta:
        model = Meeting
        fields = ["minutes"]
        labels = {"minutes": "How long did you speak, in minutes?"}
        widgets = {"minutes": forms.NumberInput(attrs={"class": "short", "min": 5, "max": 1440})}


class WhomForm(forms.Form):
    """With whom a new meeting is: its first question."""

    person = forms.ModelChoiceField(Person.objects.none(), label="With whom", empty_label="Choose somebody")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Person.objects.for_user(user)


class NewMeetingForm(MeetingForm):
    besides_that = "Choose another time, or plan it anyway."
    person = forms.ModelChoiceField(Person.objects.none(), label="With whom", empty_label="Choose somebody")
    suggested = forms.BooleanField(
        label="Start with a suggested agenda",
        help_text="A few points that fit the kind and the time. Change or drop any of them.",
        required=False,
        initial=True,
    )
    saved = forms.ModelChoiceField(
        SavedAgenda.objects.none(), label="Or with one of your own", empty_label="None of them", required=False
    )

    weeks = forms.TypedChoiceField(
        label="Does it come back?",
        choices=[("", "Just this once"), *((n, "Every week" if n == 1 else f"Every {number(n)} weeks") for n in EVERY)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    count = forms.IntegerField(
        label="How many of them",
        help_text="Each can move by itself later. Only the first begins with an agenda; the others wait for a press.",
        min_value=2,
        max_value=12,
        initial=4,
        required=False,
        widget=forms.NumberInput(attrs={"class": "short", "min": 2, "max": 12}),
    )

    def __init__(self, user: User, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        own = self.fields["saved"]
        assert isinstance(own, forms.ModelChoiceField)
        own.queryset = SavedAgenda.objects.for_user(user)
        if not own.queryset.exists():
            del self.fields["saved"]
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Person.objects.for_user(user)
        if person is not None:
            field.queryset = field.queryset.filter(pk=person.pk)
            field.widget = forms.HiddenInput()
            self.initial["person"] = person.pk

    def _starts_local(self) -> list[dt.datetime]:
        weeks, count = self.cleaned_data["weeks"], self.cleaned_data["count"]
        if not weeks:
            return [self.starts_local]
        return [self.starts_local + dt.timedelta(weeks=weeks * n) for n in range(count or 2)]


class NotesForm(ModelForm[Meeting]):
    """Each note, with the fingerprint of the text the page loaded (``notes.fingerprint``)."""

    private_base = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    shared_base = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields = ["private_notes", "shared_notes"]
        labels = {"private_notes": "For you alone", "shared_notes": "To share with them"}
        help_texts = {"shared_notes": "It shows on their private page, once you make one. Nothing is sent."}
        widgets = {
            "private_notes": forms.Textarea(attrs={"rows": 7}),
            "shared_notes": forms.Textarea(attrs={"rows": 7}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["private_base"] = fingerprint(self.instance.private_notes)
        self.initial["shared_base"] = fingerprint(self.instance.shared_notes)

    @property
    def words(self) -> dict[str, str]:
        """The notes that were sent, by field: autosave sends only what changed."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.data}

    @property
    def bases(self) -> dict[str, str]:
        data = self.cleaned_data
        return {"private_notes": data["private_base"], "shared_notes": data["shared_base"]}


class ActionForm(ModelForm[Action]):
    class Meta:
        model = Action
        fields = ["words", "whose", "due_on"]
        labels = {"words": "What", "whose": "Whose is it?", "due_on": "By when"}
        help_texts = {"due_on": "Only for what you do yourself. We remind you that morning."}
        widgets = {"due_on": DayInput(), "whose": forms.RadioSelect}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        whose = self.fields["whose"]
        assert isinstance(whose, forms.ChoiceField)
        whose.choices = [("mine", "I do it"), ("theirs", "They kindly offered")]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        due = data.get("due_on")
        if due and data.get("whose") == Action.Whose.THEIRS:
            self.add_error("due_on", "What they offered has no date here: it is a kindness, and never chased.")
        elif due and not EARLIEST <= due <= timezone.localdate() + dt.timedelta(days=365 * YEARS_AHEAD):
            self.add_error("due_on", f"Choose a day up to {YEARS_AHEAD} years from now, or none.")
        return data

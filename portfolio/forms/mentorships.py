from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import DateInput, SeveralOf, not_in_the_future
from portfolio.mentorships import history, scheduling
from portfolio.mentorships import services as mentorships
from portfolio.mentorships.choices import BREADTHS, CLOSENESSES, ORIGINS, PHASES, helped
from portfolio.mentorships.rhythm import SOURCE, USUAL_WEEKS
from portfolio.models import Competency, Mentorship, MentorshipEvent, Need, Person, Support
from portfolio.overview.coverage import strongest

What = MentorshipEvent.What
RHYTHM_HELP = f"Six weeks or so suits many pairs: {SOURCE} Left empty: now and then."
NOT_ASKED = [choice for choice in Mentorship.Origin.choices if choice[0] != Mentorship.Origin.ASKED]


class NewMentorshipForm(forms.Form):
    """A new mentorship, whatever its origin."""

    origin = forms.ChoiceField(
        label="How did it come about?", choices=NOT_ASKED, widget=forms.RadioSelect, initial=Mentorship.Origin.ALREADY
    )
    form = forms.ChoiceField(
        label="Informal or formal?",
        choices=Mentorship.Form.choices,
        widget=forms.RadioSelect,
        initial=Mentorship.Form.INFORMAL,
    )
    started_on = forms.DateField(label="Since when?", widget=DateInput(), help_text="Roughly is fine.")
    rhythm_weeks = forms.IntegerField(
        label="How often do you mean to speak, in weeks?",
        min_value=1,
        max_value=104,
        required=False,
        initial=USUAL_WEEKS,
        widget=forms.NumberInput(attrs={"class": "short"}),
        help_text=RHYTHM_HELP,
    )
    needs = SeveralOf(
        label="Which of your needs do they support?",
        queryset=Need.objects.none(),
        required=False,
    )
    competency = forms.ChoiceField(
        label="Do they also support you in a way you never planned?",
        choices=[("", "No, or I can’t say yet"), *Competency.choices],
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
        return mentorships.open_mentorship(
            person=person,
            origin=data["origin"],
            form=data["form"],
            on=data["started_on"],
            needs=data.get("needs", ()),
            competency=data["competency"] or None,
            rhythm_weeks=data["rhythm_weeks"],
        )


class MentorshipForm(ModelForm[Mentorship]):
    """State, directions and origin of a mentorship. Each choice has an explanation."""

    class Meta:
        model = Mentorship
        fields = [
            "direction_private",
            "rhythm_weeks",
            "phase",
            "closeness",
            "breadth",
            "shown_under",
            "origin",
            "started_on",
        ]
        labels = {
            "direction_private": "Direction, for you alone",
            "rhythm_weeks": "How often you mean to speak, in weeks",
            "closeness": "How close you feel",
            "phase": "Where you are together",
            "origin": "How it came about",
            "breadth": "How broad, how long",
            "started_on": "Since",
        }
        help_texts = {
            "direction_private": "Where this should lead in the long run. You choose later whether they see it.",
            "rhythm_weeks": RHYTHM_HELP,
            "started_on": "Roughly is fine.",
        }
        widgets = {
            "started_on": DateInput(),
            "direction_private": forms.Textarea(attrs={"rows": 3}),
            "rhythm_weeks": forms.NumberInput(attrs={"class": "short", "placeholder": str(USUAL_WEEKS)}),
            **dict.fromkeys(("phase", "closeness", "breadth", "shown_under", "origin"), forms.RadioSelect),
        }

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name, choices in (
            ("phase", [("", "I can’t say"), *helped(PHASES)]),
            ("breadth", [("", "I can’t say"), *helped(BREADTHS)]),
            ("closeness", helped(CLOSENESSES)),
            ("origin", helped(ORIGINS)),
        ):
            _choices_of(self, name, choices)
        self._ask_where_they_stand()

    def _ask_where_they_stand(self) -> None:
        """Ask for the main kind of knowing only if two are supported equally strongly."""
        supports = self.instance.supports.filter(until__isnull=True).values_list("competency", "strength")
        tied = strongest(supports)
        if len(tied) < 2:
            del self.fields["shown_under"]
            return
        name = self.instance.person.first_name
        self.fields["shown_under"].label = f"Where should {name} stand in the constellation?"
        self.fields["shown_under"].help_text = f"{name} supports these equally strongly."
        labels = [(one, Competency(one).label) for one in tied]
        _choices_of(self, "shown_under", [("", "Wherever there is room"), *labels])

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields grouped for the page: heading and fields."""
        parts = (
            ("Where it leads", ("direction_private", "rhythm_weeks")),
            ("Between you", ("phase", "closeness", "breadth", "shown_under")),
            ("How it began", ("origin", "started_on")),
        )
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in parts]

    def clean_started_on(self) -> dt.date:
        day = not_in_the_future(self.cleaned_data["started_on"], self.user.today())
        if day != self.initial["started_on"]:
            refuse(history.room_in(self.instance, What.OPENED, today=self.user.today()), day)
        return day

    @transaction.atomic
    def save(self, commit: bool = True) -> Mentorship:
        row: Mentorship = self.instance
        began, row.started_on = row.started_on, self.initial["started_on"]
        row.save(update_fields=[name for name in self.fields if name != "started_on"])
        if began != row.started_on:
            history.move_beginning(mentorship=row, on=began)
        if "rhythm_weeks" in self.changed_data:
            scheduling.remind_to_keep_in_touch(row)
        return row


def _choices_of(form: forms.BaseForm, name: str, choices: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def refuse(room: history.Room, day: dt.date) -> None:
    """Turn a date that doesn't fit the history into a form error with the reason."""
    why = room.refusal(day)
    if why:
        raise ValidationError(why)


class RhythmForm(forms.Form):
    """Only the rhythm; empty for none."""

    weeks = forms.IntegerField(min_value=1, max_value=104, required=False)


class GivingBackForm(ModelForm[Mentorship]):
    class Meta:
        model = Mentorship
        fields = ["giving_back"]
        labels = {"giving_back": "What you give back"}
        help_texts = {
            "giving_back": (
                "News from your field, an introduction, a second pair of eyes on a draft, word of what their advice "
                "led to. It need not match what you get."
            )
        }
        widgets = {"giving_back": forms.Textarea(attrs={"rows": 3})}


class EventForm(ModelForm[MentorshipEvent]):
    """Corrects the date and note of an event."""

    class Meta:
        model = MentorshipEvent
        fields = ["on", "note"]
        labels = {"on": "When was it?", "note": "A word about it"}
        help_texts = {"on": "Roughly is fine.", "note": "Why it was so, for when you look back. Only you can see it."}
        widgets = {"on": DateInput()}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_on(self) -> dt.date:
        day = not_in_the_future(self.cleaned_data["on"], self.user.today())
        event = self.instance
        if day != self.initial["on"]:
            refuse(history.room_in(event.mentorship, event.what, today=self.user.today(), pk=event.pk), day)
        return day

    def save(self, commit: bool = True) -> MentorshipEvent:
        event: MentorshipEvent = self.instance
        event.on = self.initial["on"]
        history.correct_event(event=event, on=self.cleaned_data["on"], note=self.cleaned_data["note"])
        return event


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
        refuse(history.room_in(self.mentorship, What.ENDED, today=self.user.today()), day)
        return day


class SupportForm(forms.Form):
    """What a mentor helps with: a need, or a kind of knowing without a need."""

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
        return mentorships.add_support(
            mentorship=self.mentorship,
            need=need,
            competency=need.competency if need else self.cleaned_data["competency"],
            strength=self.cleaned_data["strength"],
            since=max(self.user.today(), self.mentorship.started_on),
        )

"""Forms of messages: a draft, when it was sent, and when to be reminded to send it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils import timezone

from accounts.model_forms import ModelForm
from accounts.models import User
from outreach.drafts import conflicts, merge_fields
from outreach.form_version import version_field
from outreach.models import Message
from portfolio.forms.fields import DateInput
from reminders.localtime import instant

NUL_WORDS = (
    "There is an invisible character in it that can’t be kept (NUL). Your words are below: write it again there."
)
EARLIEST = dt.timedelta(days=14)
Time = forms.TimeInput(attrs={"type": "time", "class": "short"}, format="%H:%M")


def say_plainly(form: forms.BaseForm) -> None:
    """Set helpful error messages for texts that are too long or contain a NUL."""
    for field in form.fields.values():
        if not isinstance(field, forms.CharField):
            continue
        field.validators = [v for v in field.validators if not isinstance(v, ProhibitNullCharactersValidator)]
        field.validators.append(ProhibitNullCharactersValidator(message=NUL_WORDS))
        for validator in field.validators:
            if getattr(validator, "code", "") == "max_length":
                most = f"At most {field.max_length:,} characters fit; this has %(show_value)s."
                validator.message = f"{most} Shorten it: it is all kept below."  # type: ignore[attr-defined]


def written_in_both_directions(form: forms.BaseForm, *names: str) -> None:
    """Set ``dir=auto``, so that right-to-left text only affects its own field."""
    for name in names:
        form.fields[name].widget.attrs["dir"] = "auto"


class DraftForm(ModelForm[Message]):
    """Subject, body, and the typed fields for this person.

    ``version`` identifies the draft on the user's page: if another tab saved since, its text is kept as well.
    """

    needs_all = True  # an unfinished draft can be saved, but no field is optional for sending

    version = version_field()

    class Meta:
        model = Message
        fields = ["channel", "subject", "body"]
        labels = {"body": "Message"}
        widgets = {"body": forms.Textarea(attrs={"rows": 16, "spellcheck": "true"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = (
            (self.data.get("subject", ""), self.data.get("body", ""))
            if self.is_bound
            else (self.instance.subject, self.instance.body)
        )
        typed = [
            merge_fields.FIELDS[n]
            for n in merge_fields.names_in(*texts)
            if n in merge_fields.FIELDS and merge_fields.FIELDS[n].typed
        ]
        for typed_field in typed:
            self.fields[f"field_{typed_field.name}"] = forms.CharField(
                label=typed_field.label,
                help_text=typed_field.hint,
                required=False,
                max_length=2_000,
                initial=self.instance.field_values.get(typed_field.name, ""),
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            )
        self.asked = [f"field_{f.name}" for f in typed]
        written_in_both_directions(self, "subject", "body")
        say_plainly(self)
        self.initial["version"] = self.current = version(self.instance)
        self.stored = conflicts.words_of(self.instance)

    def asked_fields(self) -> list[forms.BoundField]:
        """The fields for typed merge values, which the page shows first."""
        return [self[name] for name in self.asked]

    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("channel", "subject", "body", "version")]

    @property
    def asks_anew(self) -> bool:
        """Whether the text uses other merge fields than the page showed."""
        return {name for name in self.data if name.startswith("field_")} != set(self.asked)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = {name.removeprefix("field_"): value for name, value in cleaned.items() if name.startswith("field_")}
        self.instance.field_values = {**self.instance.field_values, **typed}
        return cleaned

    def save(self, commit: bool = True) -> Message:
        """Save it. Text that another tab saved meanwhile is kept as well; ``kept_both`` says so."""
        known = self.cleaned_data["version"]
        self.kept_both = (
            bool(known)
            and known != self.current
            and not conflicts.same(self.stored, conflicts.words_of(self.instance), only=self.asked)
        )
        if self.kept_both:
            self.instance.conflicts = conflicts.with_another(
                self.instance.conflicts, words=self.stored, version=self.current, instead_of=known
            )
        self.instance.updated_at = timezone.now()
        self.instance.save(update_fields=["channel", "subject", "body", "field_values", "conflicts", "updated_at"])
        return self.instance


def version(message: Message) -> str:
    """The version of a draft for its page's form."""
    return message.updated_at.isoformat()


class SentForm(forms.Form):
    """When it was sent, in local time; now if left empty. ``version`` identifies the draft on the user's page."""

    version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput())
    on = forms.DateField(label="Day", required=False, widget=DateInput(attrs={"id": "sent-on"}))
    at = forms.TimeField(
        label="Time", required=False, widget=forms.TimeInput(attrs={"type": "time", "class": "short", "id": "sent-at"})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        """``moment`` is the instant in UTC, or None for now. A date without a time means that evening, or now."""
        cleaned = super().clean() or {}
        on, at = cleaned.get("on"), cleaned.get("at")
        cleaned["moment"] = None
        if self.errors or (on is None and at is None):
            return cleaned
        now, today = timezone.now(), self.user.today()
        on = on or today
        if at is None and on == today:
            return cleaned
        if not today - EARLIEST <= on <= today:
            raise forms.ValidationError("Choose today, or a day of the last two weeks.")
        moment = instant(on, at or dt.time(18, 0), self.user.zone)
        # Times are in minutes, so the current minute is not in the future.
        if moment > now + dt.timedelta(minutes=1):
            raise forms.ValidationError("That time is still to come. Say when it went, or leave it empty for now.")
        cleaned["moment"] = min(moment, now)
        return cleaned


class WhenForm(forms.Form):
    """A local date and time for "remind me to send this"."""

    on = forms.DateField(label="On", widget=DateInput())
    at = forms.TimeField(label="At", widget=Time)

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        if on < timezone.now().date() - dt.timedelta(days=1):  # yesterday in UTC may be today for the user
            raise forms.ValidationError("That day has passed. Choose a later one.")
        if on > timezone.now().date() + dt.timedelta(days=400):
            raise forms.ValidationError("That is more than a year ahead. Check the year.")
        return on

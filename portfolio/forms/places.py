from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import DateInput
from portfolio.mentorships.programme import add_months
from portfolio.models import PlaceToLook
from portfolio.people import places
from portfolio.text.normalise import fold

_link = forms.CharField(max_length=500, validators=[URLValidator(schemes=["http", "https"])])
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PORT = re.compile(r"[^/?#]*:[0-9]{1,5}([/?#]|$)")

AGAIN = (
    ("", "No day set"),
    ("1", "In a month"),
    ("3", "In three months"),
    ("6", "In half a year"),
    ("date", "On a date"),
)


def web_address(text: str) -> str:
    """An http(s) address; a bare domain gets ``https://``. Anything else (``javascript:``, ``mailto:``) is refused."""
    text = text.strip()
    if not text.lower().startswith(("http://", "https://")):
        if _SCHEME.match(text) and not _PORT.match(text):
            raise ValidationError("This is no web address. It begins with https://, such as https://www.example.org.")
        text = f"https://{text.removeprefix('//')}"
    try:
        return str(_link.clean(text))
    except ValidationError as error:
        if len(text) > 500:
            raise ValidationError("This address is longer than 500 characters. A shorter one will do.") from error
        raise ValidationError("This is no web address. It looks like https://www.example.org.") from error


class AgainForm(forms.Form):
    """When to look again: after some months, or on a date. ``today`` is the user's local date."""

    again = forms.ChoiceField(label="When", choices=AGAIN, required=False)
    again_on = forms.DateField(
        label="Date", required=False, widget=DateInput(), help_text="Only if you chose “On a date”."
    )
    user: User

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "again" in cleaned and "again_on" in cleaned:
            cleaned["look_again_on"] = _day_of(self, cleaned["again"], cleaned["again_on"], self.user.today())
        return cleaned


def _day_of(form: forms.BaseForm, again: str, on: dt.date | None, today: dt.date) -> dt.date | None:
    """The chosen local date, or None. An implausible date adds a form error."""
    if again in {"1", "3", "6"}:
        return add_months(today, int(again))
    if again != "date":
        return None
    if on is None:
        form.add_error("again_on", "Which day? Choose one, or choose a number of months.")
    elif on <= today:
        form.add_error("again_on", "That day has come already. Choose a day from tomorrow on.")
    elif on > today + dt.timedelta(days=3660):
        form.add_error("again_on", "That is more than ten years ahead. Is the year right?")
    return on


class PlaceForm(ModelForm[PlaceToLook]):
    link = forms.CharField(
        label="Link",
        help_text="Where it is on the web, such as www.example.org.",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocapitalize": "none"}),
    )

    class Meta:
        model = PlaceToLook
        fields = ["name", "kind", "link", "notes"]
        labels = {"name": "Name", "notes": "Notes"}
        help_texts = {
            "name": "Such as: the mentoring register of your professional body.",
            "notes": "What to look for there, how to join, whom to ask. Only you can see this.",
        }
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.owner = user

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise ValidationError("A place needs a name.")
        return name

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        return web_address(link) if link else ""

    def twin(self) -> PlaceToLook | None:
        """An existing place with the same name."""
        name = fold(self.cleaned_data["name"])
        rows = PlaceToLook.objects.for_user(self.instance.owner).exclude(pk=self.instance.pk).defer("notes")
        return next((row for row in rows if fold(row.name) == name), None)


class NewPlaceForm(PlaceForm):
    """The same, plus the date to look there (again)."""

    again = forms.ChoiceField(label="Look there", choices=AGAIN, required=False)
    again_on = forms.DateField(
        label="Date", required=False, widget=DateInput(), help_text="Only if you chose “On a date”."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "again" in cleaned and "again_on" in cleaned:
            today = self.instance.owner.today()
            cleaned["look_again_on"] = _day_of(self, cleaned["again"], cleaned["again_on"], today)
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> PlaceToLook:
        place: PlaceToLook = super().save()
        if self.cleaned_data.get("look_again_on"):
            places.look_again(place=place, on=self.cleaned_data["look_again_on"])
        return place

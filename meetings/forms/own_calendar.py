"""The form that connects the user's own calendar."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts import outbound
from meetings.own_calendar.services import usable_address

WITH_TALKS = "Also notice meetings with people I know, and note that we spoke"


class OwnCalendarForm(forms.Form):
    """By its secret address."""

    address = forms.CharField(
        label="Secret address of your calendar, in iCal format",
        max_length=outbound.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    with_talks = forms.BooleanField(label=WITH_TALKS, required=False, initial=True)

    def clean_address(self) -> str:
        try:
            return usable_address(self.cleaned_data["address"])
        except outbound.Refused as trouble:
            raise forms.ValidationError(str(trouble)) from None


class CalendarAccountForm(OwnCalendarForm):
    """By an account on a CalDAV server."""

    username = forms.CharField(
        label="User name there", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label="App password",
        max_length=300,
        strip=False,
        help_text="One that you make there for this purpose only, so that you can take it back.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("address", "username", "password", "with_talks")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["address"].label = "Address of the CalDAV server"

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if ":" in name:
            raise forms.ValidationError("A user name with a colon can’t be sent there.")
        return name

"""The form that connects the user's own calendar."""

from __future__ import annotations

from django import forms

from accounts import outbound
from meetings.own_calendar.services import usable_address


class OwnCalendarForm(forms.Form):
    address = forms.CharField(
        label="Secret address of your calendar, in iCal format",
        max_length=outbound.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    with_talks = forms.BooleanField(
        label="Also notice meetings with people I know, and note that we spoke", required=False, initial=True
    )

    def clean_address(self) -> str:
        try:
            return usable_address(self.cleaned_data["address"])
        except outbound.Refused as trouble:
            raise forms.ValidationError(str(trouble)) from None

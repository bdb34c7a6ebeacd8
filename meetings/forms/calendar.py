from __future__ import annotations

from typing import Any

from django import forms

from accounts.model_forms import ModelForm
from meetings.models import CalendarFeed, Meeting


class InviteForm(forms.Form):
    """Whom to invite to a meeting; a mentor at one of their stored addresses."""

    me = forms.BooleanField(required=False, label="Mine")
    mentor = forms.ChoiceField(required=False, label="Theirs")
    series = forms.BooleanField(required=False, label="And the others of this series")

    def __init__(self, meeting: Meeting, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"me": meeting.invites_me, "mentor": meeting.invites_mentor, **self.initial}
        addresses = [email.address for email in meeting.person.emails.all()]
        if meeting.invites_mentor and meeting.invites_mentor not in addresses:
            addresses.append(meeting.invites_mentor)
        self.addresses = addresses
        field = self.fields["mentor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Not invited"), *((address, address) for address in addresses)]


class FeedForm(ModelForm[CalendarFeed]):
    class Meta:
        model = CalendarFeed
        fields = ["with_follow_ups", "with_actions"]
        labels = {"with_follow_ups": "Whom I mean to write to once more", "with_actions": "What I said I would do"}

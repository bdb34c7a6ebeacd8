from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from portfolio.models import Need
from portfolio.people.mentions import Mention, parse

MOST = 20


class MentionedForm(forms.Form):
    """Whom they mentioned, and for which need."""

    names = forms.CharField(
        label="Whom did they mention?",
        help_text="One a line, with a word if you like: Priya Nand, thinks about commissioning every day.",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    need = forms.ModelChoiceField(
        Need.objects.none(),
        label="Could they help with one of your needs?",
        required=False,
        empty_label="Not sure yet",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["need"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Need.objects.for_user(user).open()

    def clean_names(self) -> list[Mention]:
        mentions = parse(self.cleaned_data["names"])
        if not mentions:
            raise ValidationError("Write at least one name.")
        if len(mentions) > MOST:
            raise ValidationError(f"Keep it to {MOST} at a time. There are {len(mentions)} here.")
        for mention in mentions:
            if len(mention.name) > 200:
                raise ValidationError(f"A name has at most 200 characters; this is longer: {mention.name[:60]}…")
            if len(mention.word) > 300:
                raise ValidationError(f"A word about {mention.name[:60]} has at most 300 characters.")
        return mentions

"""The form of the user's own templates."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.model_forms import ModelForm
from accounts.models import User
from outreach.drafts import merge_fields
from outreach.form_version import same_words, seen, version_field
from outreach.forms.messages import say_plainly, written_in_both_directions
from outreach.models import MessageTemplate, Purpose
from portfolio.models import Person


class TemplateForm(ModelForm[MessageTemplate]):
    """A template, and a person for the preview only. ``version`` identifies the data on the user's page."""

    version = version_field()
    person = forms.ModelChoiceField(Person.objects.none(), label="Try it on", required=False, empty_label="Nobody yet")

    class Meta:
        model = MessageTemplate
        fields = ["name", "purpose", "channel", "subject", "body"]
        labels = {"name": "Its name", "purpose": "What it is for", "channel": "How it is sent"}
        widgets = {"body": forms.Textarea(attrs={"rows": 16})}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.pk is not None
        self.stored = {name: str(getattr(self.instance, name)) for name in self._meta.fields or ()} if kept else {}
        self.initial["version"] = self.current = seen(self.stored.values()) if kept else ""
        self.fields["person"].queryset = Person.objects.for_user(user).defer("notes", "search_text")  # type: ignore[attr-defined]
        purpose = self.fields["purpose"]
        assert isinstance(purpose, forms.ChoiceField)
        purpose.choices = [("", "Choose one"), *Purpose.choices]
        written_in_both_directions(self, "name", "subject", "body")
        say_plainly(self)

    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in (*(self._meta.fields or ()), "version")]

    def overwrites(self) -> bool:
        """Whether another tab changed it since this page was loaded, to a different text."""
        known = self.cleaned_data["version"]
        same = all(same_words(str(self.cleaned_data[name])) == same_words(text) for name, text in self.stored.items())
        return bool(known) and known != self.current and not same

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        unknown = merge_fields.merge(f"{cleaned.get('subject') or ''}\n{cleaned.get('body') or ''}", {}).unknown
        if unknown:
            raise forms.ValidationError(
                [*merge_fields.unknown_words(unknown[:5]), "It could never be filled in. Your words are kept below."]
            )
        return cleaned

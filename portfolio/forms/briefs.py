from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User
from portfolio.forms.fields import SeveralOf
from portfolio.models import Brief, Need
from portfolio.needs.briefs import BriefStep


def answer_field(step: BriefStep) -> forms.Field:
    """The optional field of one page."""
    if step.field == "contexts":
        return forms.MultipleChoiceField(
            label="Your answer",
            help_text=step.hint,
            choices=Brief.Context.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    rows = 3 if step.field == "direction" else 7
    return forms.CharField(
        label="Your answer",
        help_text=step.hint,
        max_length=2_000 if step.field == "direction" else 5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows, "autofocus": True}),
    )


class AnswerForm(forms.Form):
    def __init__(self, brief: Brief, step: BriefStep, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brief, self.step = brief, step
        self.fields["answer"] = answer_field(step)
        self.initial["answer"] = getattr(brief, step.field)

    def save(self) -> None:
        setattr(self.brief, self.step.field, self.cleaned_data["answer"])
        self.brief.save(update_fields=[self.step.field])


class TakeNeedsForm(forms.Form):
    """Which earlier open needs to add to the new brief."""

    needs = SeveralOf(
        label="Needs you have already",
        help_text="Tick the ones that are still true.",
        queryset=Need.objects.none(),
        error_messages={"required": "Tick at least one, or leave them and go on."},
    )

    def __init__(self, user: User, brief: Brief, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["needs"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Need.objects.for_user(user).open().exclude(pk__in=brief.needs.values("pk"))

    def anything(self) -> bool:
        """Whether there is a need to choose."""
        field = self.fields["needs"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        return field.queryset is not None and field.queryset.exists()

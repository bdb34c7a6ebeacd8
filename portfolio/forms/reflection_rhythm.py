from __future__ import annotations

from django import forms

from portfolio.looking_back.rhythm import CHOICES


class RhythmForm(forms.Form):
    """How often to be asked to reflect; ``0`` for never."""

    months = forms.TypedChoiceField(label="Ask me", choices=CHOICES, coerce=int)

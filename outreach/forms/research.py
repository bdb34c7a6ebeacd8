"""Forms of an approach: the research, and whom they suggested instead."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.model_forms import ModelForm
from outreach.approaches import research
from outreach.form_version import same_words, version_field
from outreach.models import Approach


class ResearchForm(ModelForm[Approach]):
    """Five short questions before writing. ``version`` identifies the data on the user's page."""

    needs_all = True  # the page says once that every field is optional

    version = version_field()

    class Meta:
        model = Approach
        fields = list(research.FILLS)
        labels = {
            "their_role": "What is their role?",
            "their_work": "What did you notice about their work?",
            "in_common": "What do you have in common?",
            "who_knows_them": "Who knows them, and you?",
            "why_now": "Why now?",
        }
        help_texts = {
            "their_role": "As they would say it themselves.",
            "their_work": "A talk, a paper, a change they made: one thing, in their terms. It goes into your first "
            "e-mail as you write it here.",
            "in_common": "A place, a person, a question you both work on.",
            "who_knows_them": "Somebody both of you know opens the door more easily than any letter.",
            "why_now": "What makes it the right moment, for you or for them.",
        }
        widgets = {name: forms.Textarea(attrs={"rows": 2}) for name in research.FILLS if name != "their_role"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.current = research.version(self.instance)
        self.stored = {name: getattr(self.instance, name) for name in research.FILLS}
        if not self.instance.their_role:
            self.initial["their_role"] = self.instance.person.headline

    def overwrites(self) -> bool:
        """Whether another tab changed the answers since this page was loaded, to a different text."""
        known = self.cleaned_data["version"]
        changed = any(same_words(self.cleaned_data[name]) != same_words(self.stored[name]) for name in research.FILLS)
        return bool(known) and known != self.current and changed


class SuggestedForm(forms.Form):
    """Somebody they suggested instead, and a note about them."""

    name = forms.CharField(label="Whom did they suggest?", max_length=200)
    about = forms.CharField(label="A word about them", max_length=300, required=False)

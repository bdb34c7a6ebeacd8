"""Forms around an approach: what is looked up first, the plan of follow-ups, and whom they suggested instead."""

from __future__ import annotations

from typing import Any

from django import forms

from outreach import research
from outreach.models import Approach
from outreach.seen import same_words, version_field


class ResearchForm(forms.ModelForm):
    """Five short questions before writing. ``version`` is what stood on the page that asks."""

    needs_all = True  # the page says once that any of them may stay empty

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
        """Whether the answers were changed elsewhere since this page was made, to other words than these."""
        known = self.cleaned_data["version"]
        changed = any(same_words(self.cleaned_data[name]) != same_words(self.stored[name]) for name in research.FILLS)
        return bool(known) and known != self.current and changed


class SuggestedForm(forms.Form):
    """Somebody they suggested instead, and a word about them."""

    name = forms.CharField(label="Whom did they suggest?", max_length=200)
    about = forms.CharField(label="A word about them", max_length=300, required=False)


class PlanForm(forms.Form):
    """How many follow-ups, and how patiently; ``seen`` is the plan on the page that asks."""

    HOW_MANY = ((1, "One"), (2, "Two"), (3, "Three"), (0, "None"))
    nudges = forms.TypedChoiceField(label="How many follow-ups?", choices=HOW_MANY, coerce=int)
    first_after = forms.IntegerField(label="The first after (working days)", min_value=1, max_value=60)
    second_after = forms.IntegerField(label="The second after", min_value=1, max_value=60)
    third_after = forms.IntegerField(label="The third after", min_value=1, max_value=60)
    answered = forms.BooleanField(label="They answered elsewhere: no reminder is needed", required=False)
    seen = forms.CharField(
        required=False, max_length=40, label="Seen", widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )

    needs_all = True  # nothing here is marked as optional: a tick is a tick

    def __init__(self, approach: Approach, *args: Any, **kwargs: Any) -> None:
        plan = {name: getattr(approach, name) for name in ("nudges", "first_after", "second_after", "third_after")}
        kwargs.setdefault("initial", {**plan, "seen": approach.plan_key})
        super().__init__(*args, **kwargs)
        for name in ("first_after", "second_after", "third_after"):
            self.fields[name].widget.attrs["class"] = "short"

    @property
    def waits(self) -> list[int]:
        return [self.cleaned_data[name] for name in ("first_after", "second_after", "third_after")]

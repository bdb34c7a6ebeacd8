from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_form
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.safestring import SafeString

from accounts import zones
from accounts.model_forms import ModelForm
from accounts.models import User
from portfolio.forms.fields import DateInput, LinesField, not_in_the_future
from portfolio.models import Contact, CouldHelp, Knows, Need, Person, PersonEmail, PlaceToLook
from portfolio.people.services import replace_emails, replace_links, replace_phones, replace_tags

_email = forms.EmailField(max_length=254)
_link = forms.CharField(max_length=500, validators=[URLValidator(schemes=["http", "https"])])
_phone = forms.CharField(max_length=60)
_tag = forms.CharField(max_length=50)


def _clean_link(text: str) -> str:
    return str(_link.clean(text if "://" in text or text.startswith("javascript:") else f"https://{text}"))


LONGEST_NOTES = 20_000


def _notes_field(longest: int) -> forms.CharField:
    return forms.CharField(
        label="Notes",
        help_text="Only you can see these. Markdown works: **bold**, and a line that begins with - for a list.",
        max_length=longest,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class PersonForm(ModelForm[Person]):
    emails = LinesField(
        label="E-mail addresses",
        help_text="One a line. The first is the one to write to.",
        clean_one=_email.clean,
        most=10,
        wrong="This is no e-mail address",
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    phones = LinesField(
        label="Telephone",
        help_text="One a line.",
        clean_one=_phone.clean,
        most=10,
        wrong="A number has at most 60 characters",
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    links = LinesField(
        label="Links",
        help_text="LinkedIn, a staff page: one a line.",
        clean_one=_clean_link,
        most=10,
        wrong="This is no web address",
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="If you know it. Theirs, so that a message comes at a good hour.", required=False
    )
    tags = LinesField(
        label="Tags",
        help_text="Your own labels, with commas between.",
        clean_one=_tag.clean,
        most=20,
        separator=",",
        wrong="A tag has at most 50 characters",
        widget=forms.TextInput(),
    )

    place = forms.ModelChoiceField(
        label="Found at", queryset=PlaceToLook.objects.none(), required=False, empty_label="None of your places"
    )

    class Meta:
        model = Person
        fields = ["name", "headline", "organisation", "source", "source_detail", "place", "sector"]
        labels = {"headline": "What they do", "sector": "Sector"}
        help_texts = {
            "name": "With a title if they use one.",
            "headline": "Such as: director of a research network.",
            "sector": "Such as: social care.",
            "source_detail": "Such as: examined my thesis; met at a conference in Leeds.",
        }

    notes = _notes_field(LONGEST_NOTES)
    further = ("phones", "links", "tags", "sector", "notes", "time_zone")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        zone_field = self.fields["time_zone"]
        assert isinstance(zone_field, forms.ChoiceField)
        zone_field.choices = [("", "Not known"), *zones.zone_choices()]
        self._offer_places()
        if self.instance.pk:
            # A file of contacts may have brought more than one would type.
            for name in ("emails", "phones", "links", "tags"):
                field = self.fields[name]
                assert isinstance(field, LinesField)
                field.most = max(field.most, getattr(self.instance, name).count())
            # Merged notes may exceed the limit, so text of the stored length is always accepted.
            self.fields["notes"] = _notes_field(max(LONGEST_NOTES, len(self.instance.notes)))
            self.initial = {
                **self.initial,
                "emails": "\n".join(e.address for e in self.instance.emails.all()),
                "phones": "\n".join(phone.number for phone in self.instance.phones.all()),
                "links": "\n".join(link.url for link in self.instance.links.all()),
                "tags": ", ".join(tag.name for tag in self.instance.tags.all()),
                "notes": self.instance.notes,
                "time_zone": self.instance.time_zone,
            }

    def _offer_places(self) -> None:
        """Remove the field if the user has no places to look."""
        field = self.fields["place"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = PlaceToLook.objects.for_user(self.user).defer("notes")
        if not field.queryset.exists():
            del self.fields["place"]

    def first_fields(self) -> list[forms.BoundField]:
        """The fields that are always visible; the others are under "More about them"."""
        return [field for field in self if field.name not in self.further]

    def further_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.further]

    def wrong_further_down(self) -> bool:
        return any(name in self.errors for name in self.further)

    def clean_tags(self) -> list[str]:
        return [" ".join(tag.split()) for tag in self.cleaned_data["tags"]]

    def twins(self) -> list[Person]:
        """Up to three existing people with the same name or address, who may be the same person."""
        addresses = [address.lower() for address in self.cleaned_data["emails"]]
        same_address = (
            PersonEmail.objects.filter(owner=self.user).annotate(low=Lower("address")).filter(low__in=addresses)
        )
        same_name = Person.objects.filter(owner=self.user).called(self.cleaned_data["name"])
        found = Person.objects.filter(owner=self.user).filter(
            Q(pk__in=same_address.values("person")) | Q(pk__in=same_name.values("pk"))
        )
        return list(found.exclude(pk=self.instance.pk)[:3])

    @transaction.atomic
    def save(self, commit: bool = True) -> Person:
        person: Person = super().save(commit=False)
        person.owner = self.user
        person.notes = self.cleaned_data["notes"]
        person.time_zone = self.cleaned_data["time_zone"]
        if not person.pk:
            person.save()
        replace_emails(person, self.cleaned_data["emails"])
        replace_phones(person, self.cleaned_data["phones"])
        replace_links(person, self.cleaned_data["links"])
        replace_tags(person, self.cleaned_data["tags"])
        person.save(update_fields=[*self.Meta.fields, "notes", "time_zone"])
        return person


class NewPersonForm(PersonForm):
    """The same, plus a need that the person could help with."""

    need = forms.ModelChoiceField(
        label="Could help with", queryset=Need.objects.none(), required=False, empty_label="Not said yet"
    )
    why = forms.CharField(
        label="Why them", max_length=300, required=False, help_text="A few words for later. Only you can see them."
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        needs = Need.objects.for_user(user).open()
        field = self.fields["need"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = needs
        if not needs.exists():
            del self.fields["need"], self.fields["why"]

    @transaction.atomic
    def save(self, commit: bool = True) -> Person:
        person = super().save(commit)
        need = self.cleaned_data.get("need")
        if need:
            CouldHelp.objects.create(owner=self.user, person=person, need=need, why=self.cleaned_data.get("why", ""))
        return person


class TagForm(forms.Form):
    """One tag for several people."""

    tag_name = forms.CharField(label="Tag", max_length=50, error_messages={"required": "Write which tag."})

    def clean_tag_name(self) -> str:
        return _clean_tag(self.cleaned_data["tag_name"])


class TagNameForm(forms.Form):
    name = forms.CharField(label="What should it be called?", max_length=50)

    def clean_name(self) -> str:
        return _clean_tag(self.cleaned_data["name"])


def _clean_tag(text: str) -> str:
    """Collapse spaces, and refuse commas, which separate the tags of a person."""
    if "," in text:
        raise ValidationError("A tag has no comma in it.")
    return " ".join(text.split())


class ContactForm(forms.Form):
    """A contact. All fields are optional; the default time is now."""

    on = forms.DateField(label="When", required=False, widget=DateInput(), help_text="Left empty: today.")
    kind = forms.ChoiceField(label="How", required=False, choices=Contact.Kind.choices, initial=Contact.Kind.CALL)
    minutes = forms.IntegerField(
        label="How long, in minutes",
        min_value=1,
        max_value=1440,
        required=False,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    note = forms.CharField(label="A word about it", max_length=500, required=False)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_on(self) -> dt.date | None:
        on: dt.date | None = self.cleaned_data["on"]
        return not_in_the_future(on, self.user.today()) if on else None


@cache
def blank_contact_form() -> SafeString:
    """The empty form, which is the same for everybody, so it is rendered once per process."""
    return SafeString(as_crispy_form(ContactForm(User())))


class KnowsForm(forms.Form):
    """Records that one person knows another."""

    way = forms.ChoiceField(
        label="Who knows whom?",
        choices=[],
        widget=forms.RadioSelect,
        initial="knows",
    )
    other = forms.ModelChoiceField(
        label="The other person", queryset=Person.objects.none(), empty_label="Choose someone"
    )
    note = forms.CharField(
        label="How they know each other", max_length=300, required=False, help_text="Such as: wrote a paper together."
    )

    def __init__(self, user: User, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        way, field = self.fields["way"], self.fields["other"]
        assert isinstance(way, forms.ChoiceField)
        assert isinstance(field, forms.ModelChoiceField)
        way.choices = [("knows", f"{person.first_name} knows them"), ("known_by", f"They know {person.first_name}")]
        field.queryset = Person.objects.for_user(user).exclude(pk=person.pk).defer("notes", *Person.FOLDED)

    def save(self) -> Knows:
        other = self.cleaned_data["other"]
        knower, known = (self.person, other) if self.cleaned_data["way"] == "knows" else (other, self.person)
        knows, _ = Knows.objects.update_or_create(
            owner_id=self.person.owner_id, knower=knower, known=known, defaults={"note": self.cleaned_data["note"]}
        )
        return knows

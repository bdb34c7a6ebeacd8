"""The working agreement: a starting text, and a print version without private data."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portfolio.mentorships.agreements import starter
from portfolio.models import Mentorship, Person
from tests.factories import make_mentorship, make_terms

NOW = time_machine.travel("2026-06-01 10:00Z", tick=False)
FIELDS = {
    "agreement": "We speak.\n\nThen we listen.",
    "confidentiality": "Between us.",
    "agreement_review_on": "2026-12-01",
}


@NOW
def test_a_starter_stands_in_the_box_and_is_kept_only_when_saved(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob, rhythm_weeks=8)
    form = alice_client.get(reverse("agreement_edit", args=[mentorship.pk])).context["form"]
    text = form["agreement"].value()
    assert "every eight weeks or so" in text
    assert "Alice prepares" in text
    assert "Bob brings" in text
    for word in ("hour", "prepares", "Off the table", "end it"):
        assert word in text
    assert form["agreement_review_on"].value() == dt.date(2026, 12, 1)
    mentorship.refresh_from_db()
    assert (mentorship.agreement, mentorship.confidentiality) == ("", "")


def test_the_starter_does_without_a_name_and_a_rhythm() -> None:
    text = starter(mentee="", mentor="Bob", weeks=None)
    assert "every six weeks or so" in text
    assert "The mentee prepares" in text
    assert len(text) < 5_000


@NOW
def test_agreement_is_saved_and_what_is_written_is_not_replaced_by_the_starter(
    bob: Person, alice_client: Client
) -> None:
    mentorship = make_mentorship(bob)
    url = reverse("agreement_edit", args=[mentorship.pk])
    assert alice_client.post(url, FIELDS).url == reverse("agreement", args=[mentorship.pk])
    mentorship.refresh_from_db()
    assert mentorship.agreement_review_on == dt.date(2026, 12, 1)
    assert alice_client.get(url).context["form"]["agreement"].value().startswith("We speak.")


@NOW
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agreement", "x" * 5001),
        ("agreement", "\0"),
        ("confidentiality", "x" * 501),
        ("agreement_review_on", "2026-01-04"),
        ("agreement_review_on", "9999-12-31"),
        ("agreement_review_on", "soon"),
    ],
)
def test_agreement_says_what_is_wrong(bob: Person, alice_client: Client, field: str, value: str) -> None:
    mentorship = make_mentorship(bob)
    response = alice_client.post(reverse("agreement_edit", args=[mentorship.pk]), FIELDS | {field: value})
    assert response.context["form"].errors.keys() == {field}
    assert Mentorship.objects.get().agreement == ""


@NOW
def test_the_letter_holds_the_agreement_and_nothing_private(bob: Person, alice_client: Client) -> None:
    private = dict.fromkeys(("direction_private", "direction_shared", "giving_back"), "Secret")
    mentorship = make_mentorship(bob, **private, agreement="We <speak>.", confidentiality="Between us.", rhythm_weeks=7)
    make_terms(mentorship, programme="Secret")
    Person.objects.update(notes="Secret", headline="Secret", organisation="Secret")
    text = alice_client.get(reverse("agreement", args=[mentorship.pk])).content.decode()
    assert "We &lt;speak&gt;." in text
    assert "Between us." in text
    assert "Alice Ashe and Dr Bob Brook" in text
    assert "Secret" not in text


def test_the_letter_without_words_leads_to_the_starter(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    text = alice_client.get(reverse("agreement", args=[mentorship.pk])).content.decode()
    assert f'class="button" href="{reverse("agreement_edit", args=[mentorship.pk])}"' in text

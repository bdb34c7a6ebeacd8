"""The pages that say what is kept: they name every table, and the figures of the code."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.policies import owned_models
from accounts.private_notes import private_fields
from meetings.signed_links import link_to
from mentoring.what_is_kept import everything
from portfolio.models import Person
from tests.factories import make_share_link


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_each_table_with_an_owner_is_named_once() -> None:
    named = [table for kind in everything() for table in kind.tables]
    assert sorted(named) == sorted({model._meta.label for model in owned_models()}), (
        "Say in mentoring/what_is_kept.py what this table holds, why, and how long."
    )


def test_it_says_what_is_encrypted_only_where_it_is(settings: Settings) -> None:
    private = {
        model._meta.label
        for model, fields in private_fields().items()
        if not all(field.always for field in fields)  # said of these in any case
    }

    def said() -> set[str]:
        return {table for kind in everything() if "in confidence" in kind.encrypted for table in kind.tables}

    assert said() == set()
    settings.ENCRYPT_NOTES, settings.ENCRYPTION_KEYS = True, ["x" * 40]
    # The titles of reminders are in a log that isn't all confidential: not promising more than there is.
    assert private - said() == {"reminders.Telling"}


@pytest.mark.django_db
def test_the_page_says_each_kind_with_why_how_long_and_who(alice_client: Client) -> None:
    page = text_of(alice_client.get(reverse("what_is_kept")).content.decode())
    for kind in everything():
        for words in (kind.title, kind.what, kind.why, kind.how_long, kind.who):
            assert words in page
    assert "Until you delete your account. Former addresses for 180 days" in page
    assert "The log is kept for 180 days, counts of wrong passwords for one day." in page
    assert "you can change your mind for seven days" in page


@pytest.mark.django_db
def test_settings_lead_there(alice_client: Client) -> None:
    assert reverse("what_is_kept") in alice_client.get(reverse("settings")).content.decode()


@pytest.mark.django_db
def test_the_page_for_others_is_public_and_asks_no_database(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.ABUSE_CONTACT = "abuse@example.org"
    with django_assert_num_queries(0):
        answer = Client().get("/notes-about-me/")
    page = text_of(answer.content.decode())
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    for words in ("Someone keeps notes about me", "abuse@example.org", "Article 14", "Article 17", "not legal advice"):
        assert words in page


@pytest.mark.django_db
def test_without_a_contact_it_names_who_runs_the_site(settings: Settings) -> None:
    settings.ABUSE_CONTACT, settings.SITE_RUN_BY = "", "the Calder Valley Library"
    assert "write to the Calder Valley Library, who can stop" in text_of(
        Client().get("/notes-about-me/").content.decode()
    )


@pytest.mark.django_db
def test_mentors_and_visitors_are_led_there(bob: Person, alice: User) -> None:
    private = link_to(make_share_link(bob)).removeprefix("http://localhost:8000")
    for page in ("/", private):
        assert 'href="/notes-about-me/"' in Client().get(page).content.decode()

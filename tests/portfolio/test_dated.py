from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from portfolio.templatetags.dated import dated
from tests.factories import make_contact, make_mentorship, make_person


def test_a_date_has_its_machine_form() -> None:
    assert dated(dt.date(2026, 3, 3)) == '<time datetime="2026-03-03">3 March 2026</time>'


def test_a_moment_is_of_the_day_where_the_reader_is() -> None:
    late = dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC)
    with timezone.override("Asia/Tokyo"):
        assert dated(late) == '<time datetime="2026-03-04">4 March 2026</time>'


@pytest.mark.django_db
def test_contacts_show_their_day_and_the_blank_form_is_whole(alice: User, alice_client: Client) -> None:
    mentorship = make_mentorship(make_person(alice, "Ann"))
    make_contact(mentorship.person, at=dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC))
    for address in (mentorship.person.get_absolute_url(), mentorship.get_absolute_url()):
        page = alice_client.get(address).content.decode()
        assert [f'name="{name}"' in page for name in ("on", "kind", "minutes", "note")] == [True] * 4
        assert 'class="error' not in page
    page = alice_client.get(mentorship.person.get_absolute_url()).content.decode()
    assert '<time datetime="2026-03-03">3 March 2026</time>' in page
    # Errors are shown on a separate page, and the next person's form is empty again.
    wrong = alice_client.post(
        reverse("contact_add", args=[mentorship.person_id]), {"on": "never", "note": "mine alone"}
    )
    assert "mine alone" in wrong.content.decode()
    assert "mine alone" not in alice_client.get(mentorship.person.get_absolute_url()).content.decode()

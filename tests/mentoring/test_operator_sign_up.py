"""The operator's page for links to sign up."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import sign_up
from accounts.models import SecurityEvent, SignUpLink, User
from accounts.recent_sign_in import RECENT
from tests.factories import make_user
from tests.second_factors import code_of, confirmed_client, make_app, operator_client

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-05 10:00Z")]
PAGE, MAKE = "/operator/links/", "/operator/links/make/"
GOOD = {"note": "Spring course", "uses": "5", "days": "14"}


@pytest.fixture
def olga() -> User:
    return make_user("olga@example.org", is_staff=True)


@pytest.fixture
def operator(olga: User) -> Client:
    return operator_client(olga)


@pytest.fixture(autouse=True)
def _invited(settings: Settings) -> None:
    settings.SIGN_UP = "invited"


def said(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_a_link_is_made_shown_used_and_listed(operator: Client) -> None:
    made = operator.post(MAKE, GOOD)
    link = SignUpLink.objects.get()
    assert (link.note, link.uses, link.expires_at) == ("Spring course", 5, timezone.now() + dt.timedelta(days=14))
    page = said(operator.get(made["Location"]))
    assert sign_up.address_of(link) in page
    assert "Spring course" in page
    assert "0 of 5 used · good until 19 January 2026, 10:00" in page
    visitor = Client()
    visitor.post(f"/account/invited/{sign_up.token_for(link)}/")
    fields = {"name": "Dana Dell", "email": "dana@example.org", "password1": "seven quiet herons wading"}
    assert visitor.post("/account/signup/", fields).status_code == 302
    assert "1 of 5 used" in said(operator.get(PAGE))


def test_an_ended_link_lets_nobody_in_and_stands_among_the_past(operator: Client) -> None:
    link = sign_up.make_link(uses=1, days=1, note="Autumn course")
    address = f"{PAGE}{link.pk}/end/"
    assert "lets nobody in any more" in said(operator.post(address, follow=True))
    assert Client().get(f"/account/invited/{sign_up.token_for(link)}/").status_code == 410
    page = said(operator.get(PAGE))
    assert "1 used up, ended or too old" in page
    assert sign_up.address_of(link) not in page
    assert "no longer good already" in said(operator.post(address, follow=True))
    assert operator.post(f"{PAGE}{link.pk + 1}/end/").status_code == 404


@pytest.mark.parametrize(
    "fault", [{"uses": "0"}, {"uses": "10001"}, {"uses": "x"}, {"days": "0"}, {"days": "366"}, {"note": "x" * 201}]
)
def test_a_mistake_makes_no_link_and_keeps_what_was_typed(operator: Client, fault: dict[str, str]) -> None:
    answer = operator.post(MAKE, GOOD | {"note": "Spring course"} | fault)
    assert answer.status_code == 422
    assert "There is a problem" in said(answer)
    assert not SignUpLink.objects.exists()
    if "note" not in fault:
        assert 'value="Spring course"' in said(answer)


def test_making_and_ending_ask_for_the_second_factor_of_the_last_five_minutes(olga: User, clock: Any) -> None:
    secret = make_app(olga)
    client = confirmed_client(olga)
    link = sign_up.make_link(uses=1, days=1)
    clock.shift(RECENT)
    assert client.get(PAGE).status_code == 200
    proof = "/account/signing-in/reauthenticate/?next="
    for address in (MAKE, f"{PAGE}{link.pk}/end/"):
        assert client.post(address, GOOD)["Location"].startswith(proof)
    assert sign_up.usable().count() == 1
    asked = client.post(MAKE, GOOD)
    assert not SecurityEvent.objects.filter(kind="operator").exists()
    client.post(asked["Location"], {"code": code_of(secret)})
    assert sign_up.usable().count() == 2
    assert [row.what for row in SecurityEvent.objects.filter(owner=olga, kind="operator")] == [MAKE]


def test_where_signing_up_is_closed_no_link_is_made(operator: Client, settings: Settings) -> None:
    settings.SIGN_UP = "closed"
    assert "Make link" not in said(operator.get(PAGE))
    assert "would let nobody in" in said(operator.post(MAKE, GOOD, follow=True))
    assert not SignUpLink.objects.exists()


@pytest.mark.parametrize(
    ("who", "words"), [("open", "nobody needs a link"), ("domain", "not at example.ac.uk or nhs.net")]
)
def test_the_page_says_who_needs_one(operator: Client, settings: Settings, who: str, words: str) -> None:
    settings.SIGN_UP, settings.SIGN_UP_DOMAINS = who, ["example.ac.uk", "nhs.net"]
    assert words in said(operator.get(PAGE))


def test_many_links_come_a_page_at_a_time_in_as_many_queries(operator: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            operator.get(PAGE)
        return len(asked)

    sign_up.make_link(uses=1, days=1)
    few = queries()
    for number in range(59):
        sign_up.make_link(uses=1, days=1, note=f"Course {number}")
    assert queries() == few
    assert "1 of 3" in said(operator.get(PAGE))
    assert "Course 58" in said(operator.get(PAGE))
    assert "No note" in said(operator.get(f"{PAGE}?page=3"))


def test_the_settings_of_an_operator_lead_there(operator: Client) -> None:
    assert f'href="{PAGE}"' in said(operator.get("/settings/"))

"""Where a user is signed in: the list, its cost, ending sessions, and what is noted when."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sessions
from accounts.models import User
from tests import access_world
from tests.access_world import make_world
from tests.exports import text_of
from tests.factories import make_session, make_user
from tests.stored_data import browser_of

PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) Version/17.6 Mobile Safari/604.1"


def sign_in(user: User, agent: str = FIREFOX, ip: str = "82.13.4.77") -> Client:
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=ip)
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD}).url == "/today/"
    return client


def page_of(client: Client, query: str = "") -> str:
    answer = client.get(f"/settings/sessions/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_device_is_listed_with_a_rough_network_and_this_one_is_marked(alice: User) -> None:
    sign_in(alice, PHONE, "2001:db8:7:1:2:3:4:5")
    page = page_of(sign_in(alice))
    assert page.index("This device") < page.index("Firefox on Windows") < page.index("Other devices")
    assert page.index("Other devices") < page.index("Safari on iPhone")
    assert "82.13.4.x" in page
    assert "2001:db8:7:x" in page
    assert "82.13.4.77" not in page
    assert not UserSession.objects.filter(ip="82.13.4.77").exists()


def test_an_ended_session_is_over_at_once(alice: User) -> None:
    phone, laptop = sign_in(alice, PHONE), sign_in(alice)
    [row] = UserSession.objects.filter(user_agent=PHONE)
    assert laptop.post(f"/settings/sessions/{row.pk}/end/").url == "/settings/sessions/"
    assert phone.get("/today/").url.startswith("/account/login/")
    assert not Session.objects.filter(session_key=row.session_key).exists()
    assert not UserSession.objects.filter(pk=row.pk).exists()
    assert laptop.get("/today/").status_code == 200


def test_ending_all_others_keeps_this_one_and_everybody_elses(alice: User, charlie: User) -> None:
    others, laptop, charlies = [sign_in(alice, PHONE) for _ in range(3)], sign_in(alice), sign_in(charlie)
    answer = laptop.post("/settings/sessions/end-others/", follow=True)
    assert "Signed out everywhere else: 3 devices." in answer.content.decode()
    assert [client.get("/today/").status_code for client in others] == [302, 302, 302]
    assert [client.get("/today/").status_code for client in (laptop, charlies)] == [200, 200]


def test_a_stranger_ends_nobodys_session(alice: User, charlie: User) -> None:
    laptop, charlies = sign_in(alice), sign_in(charlie)
    [row] = UserSession.objects.filter(user=alice)
    assert charlies.post(f"/settings/sessions/{row.pk}/end/").status_code == 404
    assert laptop.get("/today/").status_code == 200


def test_a_new_password_ends_all_other_sessions(alice: User) -> None:
    phone, laptop = sign_in(alice, PHONE), sign_in(alice)
    new = "a rather different phrase"
    laptop.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    alice.refresh_from_db()
    assert alice.check_password(new)
    assert phone.get("/today/").status_code == 302
    assert laptop.get("/today/").status_code == 200
    [row] = UserSession.objects.filter(user=alice)
    assert row.session_key == laptop.session.session_key
    assert Session.objects.count() == 1


def test_ten_thousand_sessions_are_a_quick_page_and_end_together(alice: User) -> None:
    with CaptureQueriesContext(connection) as with_none:
        sign_in(alice)
    UserSession.objects.all().delete()
    Session.objects.all().delete()
    make_many(alice, 10_000)
    with CaptureQueriesContext(connection) as with_many:
        laptop = sign_in(alice)
    assert len(with_many) <= len(with_none)
    with CaptureQueriesContext(connection) as first:
        page = page_of(laptop)
    assert len(first) <= 6
    assert "Sign out all 10000 others" in page
    assert page.count('<li class="row">') == 26
    assert "400 of 400" in page_of(laptop, "?page=9999999")
    assert "1 of 400" in page_of(laptop, "?page=nonsense")
    with CaptureQueriesContext(connection) as ending:
        laptop.post("/settings/sessions/end-others/")
    assert len(ending) < 12
    assert (UserSession.objects.count(), Session.objects.count()) == (1, 1)


def make_many(user: User, count: int) -> None:
    ends = timezone.now() + dt.timedelta(days=14)
    keys = [f"{number:032}" for number in range(count)]
    Session.objects.bulk_create([Session(session_key=key, session_data="", expire_date=ends) for key in keys])
    UserSession.objects.bulk_create(
        [UserSession(user=user, session_key=key, ip="82.13.4.0", user_agent=FIREFOX) for key in keys]
    )


def test_expired_sessions_are_not_shown_and_are_forgotten_at_the_next_sign_in(alice: User) -> None:
    old = make_session(alice, user_agent=PHONE, expire_date=timezone.now() - dt.timedelta(minutes=1))
    laptop = sign_in(alice)
    assert not UserSession.objects.filter(pk=old.pk).exists()
    late = make_session(alice, user_agent=PHONE, expire_date=timezone.now() - dt.timedelta(minutes=1))
    assert "iPhone" not in page_of(laptop)
    assert UserSession.objects.filter(pk=late.pk).exists()  # a GET changes nothing


@pytest.mark.clock("2026-03-02 10:00:00+00:00")
def test_the_last_use_is_noted_once_an_hour(alice: User, clock: time_machine.Coordinates) -> None:
    laptop = sign_in(alice)
    costs = []
    for minutes in (59, 2, 30, 30, 61):
        clock.shift(dt.timedelta(minutes=minutes))
        with CaptureQueriesContext(connection) as asked:
            laptop.get("/settings/")
        costs.append(sum("usersessions" in query["sql"] for query in asked))
    assert costs == [0, 1, 0, 1, 1]
    assert UserSession.objects.get().last_seen_at == timezone.now()


@pytest.mark.clock("2026-03-02 10:00:00+00:00")
def test_a_session_from_before_is_noted_when_it_is_used(alice: User, clock: time_machine.Coordinates) -> None:
    """Sessions begun before this was deployed have no row."""
    laptop = sign_in(alice)
    UserSession.objects.all().delete()
    session = laptop.session
    del session["last_use_noted"]
    session.save()
    laptop.get("/today/")
    assert UserSession.objects.get().session_key == laptop.session.session_key


# --- How long a session lasts ---------------------------------------------------------------------


@pytest.mark.clock("2026-03-02 10:00:00+00:00")
def test_a_session_ends_after_thirty_days_however_often_it_is_used(
    alice: User, clock: time_machine.Coordinates
) -> None:
    laptop = sign_in(alice)
    for _ in range(sessions.LONGEST.days - 1):
        clock.shift(dt.timedelta(days=1))
        assert laptop.get("/today/").status_code == 200
    clock.shift(dt.timedelta(days=1))
    assert laptop.get("/people/").url == "/account/login/?next=/people/"
    assert not Session.objects.exists()
    assert laptop.post("/account/login/", {"login": alice.email, "password": PASSWORD}).url == "/today/"
    clock.shift(dt.timedelta(days=1))
    assert laptop.get("/today/").status_code == 200  # signing in began another


@pytest.mark.clock("2026-03-02 10:00:00+00:00")
def test_an_unused_session_ends_after_two_weeks(alice: User, clock: time_machine.Coordinates) -> None:
    laptop = sign_in(alice)
    clock.shift(dt.timedelta(days=14, seconds=1))
    assert laptop.get("/today/").status_code == 302


@pytest.mark.clock("2026-03-02 10:00:00+00:00")
def test_a_session_from_before_there_was_an_end_has_one_from_now_on(
    alice: User, clock: time_machine.Coordinates
) -> None:
    laptop = sign_in(alice)
    session = laptop.session
    del session[sessions.BEGAN]
    session.save()
    answers = []
    for _ in range(6):
        clock.shift(dt.timedelta(days=7))
        answers.append(laptop.get("/today/").status_code)
    assert answers == [200, 200, 200, 200, 200, 302]  # thirty days after the first of them


def test_the_key_of_a_session_is_new_after_signing_in_and_after_proving_it_again(alice: User) -> None:
    EmailAddress.objects.get_or_create(user=alice, email=alice.email, defaults={"verified": True, "primary": True})
    laptop, keys = Client(HTTP_USER_AGENT=FIREFOX), []
    laptop.get("/account/login/")
    session = laptop.session
    session["before"] = True
    session.save()
    keys.append(session.session_key)
    for address, fields in (
        ("/account/login/", {"login": alice.email, "password": PASSWORD}),
        ("/account/reauthenticate/", {"password": PASSWORD}),
    ):
        laptop.post(address, fields)
        keys.append(laptop.session.session_key)
    assert len(set(keys)) == 3
    assert not Session.objects.filter(session_key__in=keys[:2]).exists()
    assert UserSession.objects.get().session_key == keys[2]
    laptop.post("/account/reauthenticate/", {"password": "wrong"})
    assert laptop.get("/today/").status_code == 200
    assert laptop.session.session_key == keys[2]


@pytest.mark.parametrize("which", ["one", "others"])
def test_ending_sessions_asks_who_it_is_when_that_was_not_shown_lately(alice: User, which: str) -> None:
    """Or whoever found a browser open could end the owner's sessions elsewhere."""
    phone, laptop = sign_in(alice, PHONE), sign_in(alice)
    session = laptop.session
    session["account_authentication_methods"][0]["at"] -= 600
    session.save()
    row = UserSession.objects.get(user_agent=PHONE)
    page = f"/settings/sessions/{row.pk}/end/" if which == "one" else "/settings/sessions/end-others/"
    asked = laptop.post(page)
    assert asked.url.startswith("/account/reauthenticate/")
    assert phone.get("/today/").status_code == 200
    laptop.post(asked.url, {"password": PASSWORD})
    assert phone.get("/today/").status_code == 302


def test_a_switched_off_account_has_no_session(alice: User) -> None:
    laptop = sign_in(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert laptop.get("/today/").status_code == 302
    assert laptop.post("/account/login/", {"login": alice.email, "password": PASSWORD}).url == "/account/inactive/"


def test_whoever_runs_the_site_ends_the_sessions_of_one_or_of_everybody(alice: User, charlie: User) -> None:
    laptop, phone, charlies = sign_in(alice), sign_in(alice, PHONE), sign_in(charlie)
    said = StringIO()
    call_command("sign_out", "Alice@example.org", stdout=said)
    assert said.getvalue() == "alice@example.org is signed out: 2 sessions ended.\n"
    assert [client.get("/today/").status_code for client in (laptop, phone, charlies)] == [302, 302, 200]
    call_command("sign_out", "--everybody", stdout=said)
    assert charlies.get("/today/").status_code == 302
    for wrong in ([], ["alice@example.org", "--everybody"], ["nobody@example.org"]):
        with pytest.raises(CommandError):
            call_command("sign_out", *wrong)


def test_the_page_of_ways_in_leads_to_the_sessions(alice: User) -> None:
    """Where one lands after a change of factors."""
    assert 'href="/settings/sessions/"' in sign_in(alice).get("/account/signing-in/").content.decode()


def test_every_page_has_the_button_to_sign_out(alice: User) -> None:
    world = make_world(alice, "alice")
    client, button = browser_of(alice), 'action="/account/logout/" data-signs-out>'
    without = []
    for route in sorted(access_world.MINE | set(access_world.ROW_OF)):
        answer = client.get(world.url(route))
        page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        if page and "<html" in (text := answer.content.decode()) and button not in text:
            without.append(route)
    assert without == []


# --- Never seen again -----------------------------------------------------------------------------


def test_a_session_ended_elsewhere_does_not_come_back(alice: User) -> None:
    phone, laptop = sign_in(alice, PHONE), sign_in(alice)
    laptop.post("/settings/sessions/end-others/")
    phone.get("/today/")
    assert UserSession.objects.count() == Session.objects.count() == 1


@pytest.mark.parametrize("agent", ["", "x" * 5000, "Fire\x1bfox/130.0 \u202eWindows", "🦊" * 300])
def test_any_user_agent_is_kept_without_what_nobody_can_print(alice: User, agent: str) -> None:
    assert "This device" in page_of(sign_in(alice, agent))
    kept = UserSession.objects.get().user_agent
    assert kept.isprintable()
    assert len(kept) <= 200


def test_a_session_without_an_address_has_no_network(alice: User, alice_client: Client) -> None:
    page = page_of(alice_client)
    assert "network" not in page.split("This device")[1].split("Other devices")[0]


def test_the_export_names_devices_but_no_keys(alice: User) -> None:
    laptop = sign_in(alice)
    text = text_of(laptop)
    [row] = json.loads(text)["tables"]["usersessions.usersession"]
    assert ("Firefox" in row["user_agent"], row["ip"]) == (True, "82.13.4.0")
    assert laptop.session.session_key not in text


def test_asking_to_be_deleted_ends_every_session(alice: User) -> None:
    sign_in(alice, PHONE)
    laptop = sign_in(alice)
    make_session(make_user("charlie@example.org"))
    laptop.post("/settings/erase/", {"email": alice.email})
    assert UserSession.objects.count() == 1
    keys = set(Session.objects.values_list("session_key", flat=True))
    assert UserSession.objects.get().session_key in keys
    assert [decoded for key in keys if (decoded := _user_of(key)) == str(alice.pk)] == []


def _user_of(key: str) -> Any:
    return Session.objects.get(session_key=key).get_decoded().get("_auth_user_id")

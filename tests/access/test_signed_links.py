"""Signed links: each opens its own page only, and only while it is unaltered, young and the latest one.

A new route with a token must be named in TOKENS, with how long it works and what makes it void.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignUpLink, User
from meetings.calendar import feed
from meetings.models import OfferedTime
from meetings.sharing import share_links
from reminders import services as reminders
from reminders.models import Reminder
from tests import access_world, stored_data
from tests.access_world import World

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = "id-key"  # where an address has its token


def _confirmation(world: World) -> str:
    return str(EmailConfirmationHMAC(EmailAddress.objects.get(user=world.owner)).key)


def _reset(world: World) -> str:
    return f"{user_pk_to_url_str(world.owner)}-{default_token_generator.make_token(world.owner)}"


def _at(route: str, **place: str) -> Callable[[World, str], str]:
    """The address with any text in the place of the token, also one that no such route takes."""

    def address(world: World, token: str) -> str:
        return reverse(route, kwargs={**world.kwargs(route), **place}).replace(HERE, quote(token))

    return address


def _token(route: str, name: str = "token") -> Callable[[World], str]:
    return lambda world: str(world.kwargs(route)[name])


# Route → the token of this user, and the address that takes it.
TOKENS: dict[str, Callable[[World], str]] = {
    "reminder_link": _token("reminder_link"),
    "reminders_off": _token("reminders_off"),
    "stop_mail": _token("stop_mail"),
    "mentor_page": _token("mentor_page"),
    "mentor_file": _token("mentor_file"),
    "addresses_undo": _token("addresses_undo"),
    "account_keep": _token("account_keep"),
    "calendar_feed": _token("calendar_feed"),
    "invited": _token("invited"),
    "reminder_unsnooze": _token("reminder_unsnooze", "before"),
    "account_confirm_email": _confirmation,
    "account_reset_password_from_key": _reset,
}
ADDRESSES: dict[str, Callable[[World, str], str]] = {
    "reminder_link": _at("reminder_link", token=HERE),
    "reminders_off": _at("reminders_off", token=HERE),
    "stop_mail": _at("stop_mail", token=HERE),
    "mentor_page": _at("mentor_page", token=HERE),
    "mentor_file": _at("mentor_file", token=HERE),
    "addresses_undo": _at("addresses_undo", token=HERE),
    "account_keep": _at("account_keep", token=HERE),
    "calendar_feed": _at("calendar_feed", token=HERE),
    "invited": _at("invited", token=HERE),
    "reminder_unsnooze": _at("reminder_unsnooze", before=HERE),
    "account_confirm_email": _at("account_confirm_email", key=HERE),
    "account_reset_password_from_key": _at("account_reset_password_from_key", uidb36="id", key="key"),
}
# One purpose: the mentor's page and the file on it.
SAME = {("mentor_page", "mentor_file"), ("mentor_file", "mentor_page")}
# These have no end. A calendar asks the feed for years, and one press closes it; mail to a mentor can be stopped from
# any old mail, also when the account is gone.
FOR_EVER = {"calendar_feed", "stop_mail"}
# A day after the last on which it works.
DAYS = {
    "reminder_link": 61,
    "reminders_off": 401,
    "mentor_page": 190,
    "mentor_file": 190,
    "addresses_undo": 8,
    "account_keep": 8,
    "invited": 2,  # as long as the operator says: a day in ``make_world``
    "reminder_unsnooze": 2,
    "account_confirm_email": 4,
    "account_reset_password_from_key": 4,
}
# What the buttons on these pages send: words, a time, a press.
PRESSED = {"act": "message", "message": "Some plain words", "want": "off", "password1": "a long enough pass phrase"}


# How each is made void by its owner: a newer one, or the one press it is for.
VOID: dict[str, Callable[[World], Any]] = {
    "reminder_link": lambda world: reminders.revoke_links(world.owner),
    "reminders_off": lambda world: reminders.revoke_links(world.owner),
    "mentor_page": lambda world: share_links.issue_link(person=world.share.person),
    "mentor_file": lambda world: share_links.revoke_link(link=world.share),
    "calendar_feed": lambda world: feed.open_feed(owner=world.owner),
    "addresses_undo": lambda world: Client().post(world.url("addresses_undo")),
    "account_keep": lambda world: User.objects.filter(pk=world.owner.pk).update(erase_at=timezone.now()),
    "invited": lambda world: SignUpLink.objects.update(ended_at=timezone.now()),
    "reminder_unsnooze": lambda world: reminders.let_go(
        owner=world.owner, kind=world.reminder.kind, subject_id=world.reminder.subject_id
    ),
    "account_confirm_email": lambda world: EmailAddress.objects.filter(user=world.owner).update(verified=True),
    "account_reset_password_from_key": lambda world: (world.owner.set_password("another"), world.owner.save()),
}
WITHOUT_VERSION = {"stop_mail"}  # it can only stop mail, and coming to the same again and again harms nobody
# Not signed: random, kept as a hash, good once, and only in development; tests/mentoring/development/test_door.py.
RANDOM = {"dev_enter"}


@pytest.fixture
def alice_waits(alices: World) -> World:
    """Alice, so that each link has something to do: an address to confirm, a settled time, a reminder put off."""
    EmailAddress.objects.filter(user=alices.owner).update(verified=False)
    OfferedTime.objects.filter(owner=alices.owner).delete()
    put_off = Reminder.objects.select_related("owner").get(pk=alices.reminder.pk)
    reminders.snooze(put_off, on=alices.owner.today() + dt.timedelta(days=3))
    return alices


def client_for(route: str, world: World) -> Client:
    """Most links need no sign-in; taking back a snooze is a button of the page."""
    return stored_data.browser_of(world.owner if route in access_world.ROW_OF else None)


def opened(route: str, world: World, token: str, method: str = "get") -> tuple[HttpResponse, list[str]]:
    """The answer behind all redirects, and the tables written to."""
    client, url = client_for(route, world), ADDRESSES[route](world, token)
    with stored_data.taken_back(client), stored_data.writes() as written:
        answer = getattr(client, method)(url, PRESSED if method == "post" else {}, follow=True)
    return answer, written


def faults(route: str, world: World, token: str, methods: Sequence[str] = ("get", "post")) -> Iterator[str]:
    """What a token that must not work does here."""
    for method in methods:
        answer, written = opened(route, world, token, method)
        if written:
            yield f"{method} writes {written}"
        if answer.status_code not in {404, 405, 410} and not is_calm(route, answer):
            yield f"{method}: {answer.status_code}"
        # Taking back is a button of a signed-in page, which shows that the reminder is as it was.
        if route != "reminder_unsnooze" and world.word in answer.content.decode().lower():
            yield f"{method} shows {world.word}"


# Pages that say so in friendly words: of these, one is among them.
CALM = {
    "addresses_undo": "Your addresses are back",
    "reminder_unsnooze": "can’t be taken back any more|has moved on since",
    "account_confirm_email": "",
    "account_reset_password_from_key": "",
}


def is_calm(route: str, answer: HttpResponse) -> bool:
    words = CALM.get(route, "-")
    return answer.status_code == 200 and bool(re.search(words, answer.content.decode()))


# --- The list is complete -------------------------------------------------------------------------


def test_every_route_with_a_token_is_tried() -> None:
    free = {"token", "key", "before"}
    found = {name for name, pattern in stored_data.routes() if free & set(pattern.pattern.converters)}
    found |= {name for name, pattern in stored_data.routes() if "key" in pattern.pattern.regex.groupindex}
    assert found - RANDOM == set(TOKENS)
    assert set(ADDRESSES) == set(TOKENS) == set(VOID) | WITHOUT_VERSION == set(DAYS) | FOR_EVER


def test_each_purpose_has_its_own_salt() -> None:
    """What is signed for one purpose must not be good for another."""
    salts: dict[str, str] = {}
    for app in settings.OWN_APPS:
        for file in (ROOT / app).rglob("*.py"):
            source = file.read_text(encoding="utf-8")
            if "sign" not in source:
                continue
            tree = ast.parse(source)
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                if ast.unparse(call.func) in {"signing.dumps", "signing.loads", "signing.Signer", "Signer"}:
                    salt = next((word.value for word in call.keywords if word.arg == "salt"), None)
                    assert isinstance(salt, ast.Name), f"{file.name}:{call.lineno} signs without a salt of its own"
            salts |= {
                f"{file.relative_to(ROOT)} {target.id}": ast.unparse(node.value)
                for node in tree.body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name) and (target.id.endswith("SALT") or target.id == "UNDO")
            }
    assert len(salts) == len(set(salts.values())) >= 5


# --- Each link ------------------------------------------------------------------------------------


def test_each_opens_its_own_page(alice_waits: World) -> None:
    """Otherwise the tests below could pass because nothing opens."""
    for route, token in TOKENS.items():
        method = "post" if route == "reminder_unsnooze" else "get"
        answer, written = opened(route, alice_waits, token(alice_waits), method)
        assert answer.status_code == 200, route
        assert bool(written) == (method == "post"), route


def test_none_works_at_the_place_of_another(alice_waits: World) -> None:
    found = [
        f"{other} at {route} {fault}"
        for route in TOKENS
        for other in TOKENS
        if route != other and (route, other) not in SAME
        for fault in faults(route, alice_waits, TOKENS[other](alice_waits))
    ]
    assert found == []


def altered(token: str) -> Iterator[str]:
    """One letter changed, cut off, said twice, in capitals, and with the signature of nothing."""
    for place in (0, 1, len(token) // 2, len(token) - 2, len(token) - 1):
        yield f"{token[:place]}{'A' if token[place] != 'A' else 'B'}{token[place + 1 :]}"
    for length in (1, len(token) // 2, len(token) - 1):
        yield token[:length]
    yield from (token * 2, token.swapcase(), f"{token} ", f"{token}\n", "a:b:c", "....", "١" * 9)


def test_no_altered_or_cut_off_one_works(alice_waits: World) -> None:
    found = []
    for route, token in TOKENS.items():
        method = "post" if route == "reminder_unsnooze" else "get"
        for tried in altered(token(alice_waits)):
            found += [f"{tried!r} at {route} {fault}" for fault in faults(route, alice_waits, tried, [method])]
    assert found == []


def test_none_works_for_ever(alice_waits: World) -> None:
    found = []
    for route, days in DAYS.items():
        token = TOKENS[route](alice_waits)
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=days), tick=False):
            found += [f"{route} {fault}" for fault in faults(route, alice_waits, token)]
    assert found == []


def test_none_works_once_it_is_void(alice_waits: World) -> None:
    found = []
    for route, make_void in VOID.items():
        token = TOKENS[route](alice_waits)
        with stored_data.taken_back():
            make_void(alice_waits)
            found += [f"{route} {fault}" for fault in faults(route, alice_waits, token)]
        alice_waits.owner.refresh_from_db()  # or the next token would have a version that was taken back
    assert found == []


def test_taking_back_is_for_one_reminder_of_ones_own(alices: World, charlies: World) -> None:
    """Alice's token at Charlie's reminder, and Charlie's at Alice's."""
    client = stored_data.browser_of(charlies.owner)
    before = stored_data.snapshot()
    own, theirs = charlies.kwargs("reminder_unsnooze"), alices.kwargs("reminder_unsnooze")
    moved = client.post(reverse("reminder_unsnooze", kwargs={**own, "before": theirs["before"]}), follow=True)
    assert "can’t be taken back any more" in moved.content.decode()
    assert client.post(reverse("reminder_unsnooze", kwargs={**theirs, "before": own["before"]})).status_code == 404
    assert stored_data.changed(before, stored_data.snapshot()) == []

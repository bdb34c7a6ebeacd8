"""Changing SECRET_KEY: what the old key signed works while it is kept among the fallbacks, and ends with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.models import User
from meetings.calendar import feed
from meetings.signed_links import link_to as page_of_mentor
from portfolio.models import Person
from reminders import kinds
from reminders.links import link_to, switch_off_link
from reminders.services import plan
from tests.factories import make_share_link
from tests.mentoring.test_env import read_settings
from tests.outbox import outbox
from tests.reminders.kinds_for_tests import Matters

OLD, NEW = "o" * 50, "n" * 50


@pytest.fixture
def matters() -> Iterator[None]:
    with kinds.kinds.restored_after():
        Matters().register()
        yield


@pytest.fixture
def links(alice: User, bob: Person, matters: None, settings: Any) -> Callable[[], dict[str, str]]:
    """Every kind of signed URL that leaves the site, signed with the key of the moment."""
    reminder = plan(owner=alice, kind="nudge", subject_id=1, on=alice.today() + dt.timedelta(days=1))
    reminder.state = reminder.State.MAILED
    reminder.save(update_fields=["state"])
    page, calendar = make_share_link(bob), feed.open_feed(owner=alice)

    def signed() -> dict[str, str]:
        urls = {
            "reminder": link_to(reminder),
            "off": switch_off_link(alice, ["replies"]),
            "mentor": page_of_mentor(page),
            "feed": feed.address(calendar),
        }
        return {name: url.removeprefix(settings.BASE_URL) for name, url in urls.items()}

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    return signed


def change_key(settings: Any, *, keep: bool) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD] if keep else []


@pytest.mark.parametrize("keep", [True, False])
def test_links_work_while_the_old_key_is_kept(links: Callable[[], dict[str, str]], settings: Any, keep: bool) -> None:
    sent = links()
    change_key(settings, keep=keep)
    answers = {name: Client().get(url).status_code for name, url in sent.items()}
    assert answers == dict.fromkeys(sent, 200 if keep else 404)


def test_new_links_are_signed_with_the_new_key_alone(links: Callable[[], dict[str, str]], settings: Any) -> None:
    change_key(settings, keep=True)
    sent = links()
    settings.SECRET_KEY_FALLBACKS = []
    assert {name: Client().get(url).status_code for name, url in sent.items()} == dict.fromkeys(sent, 200)


@pytest.mark.parametrize("keep", [True, False])
def test_who_is_signed_in_stays_so_while_the_old_key_is_kept(alice: User, settings: Any, keep: bool) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    browser = Client()
    browser.force_login(alice)
    change_key(settings, keep=keep)
    assert browser.get("/settings/").status_code == (200 if keep else 302)
    # Once seen, the session goes by the new key, so that the old one can be taken out.
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get("/settings/").status_code == (200 if keep else 302)


@pytest.mark.parametrize("keep", [True, False])
def test_the_links_for_account_recovery_work_while_the_old_key_is_kept(
    alice: User, client: Client, settings: Any, keep: bool
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    client.post("/account/password/reset/", {"email": alice.email})
    client.post("/account/signup/", {"name": "Dana", "email": "dana@example.org", "password1": "seven herons at dusk"})
    mails = "\n".join(mail.body for mail in outbox())
    change_key(settings, keep=keep)
    [reset] = re.findall(r"/account/password/reset/key/\S+", mails)
    [confirm] = re.findall(r"/account/confirm-email/\S+", mails)
    form = Client().get(reset, follow=True).content.decode()
    assert ('name="password1"' in form) is keep
    Client().post(confirm)
    assert EmailAddress.objects.get(email="dana@example.org").verified is keep


@pytest.mark.parametrize("given", [f"{OLD},{NEW}", f" {OLD} , {NEW},", f"{OLD}\n{NEW}\n"])
@pytest.mark.parametrize("from_file", [True, False])
def test_the_old_keys_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str, from_file: bool
) -> None:
    file = tmp_path / "old"
    file.write_text(given)
    values = {"SECRET_KEY_FALLBACKS_FILE": str(file)} if from_file else {"SECRET_KEY_FALLBACKS": given}
    assert read_settings(monkeypatch, tmp_path, **values)["SECRET_KEY_FALLBACKS"] == [OLD, NEW]


@pytest.mark.parametrize("given", ["", " ", ",", " , \n"])
def test_without_an_old_key_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str) -> None:
    assert read_settings(monkeypatch, tmp_path, SECRET_KEY_FALLBACKS=given)["SECRET_KEY_FALLBACKS"] == []


def test_an_old_key_that_is_easy_to_guess_prevents_startup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(
        ImproperlyConfigured, match="Each of SECRET_KEY_FALLBACKS must be at least 40 characters"
    ) as told:
        read_settings(monkeypatch, tmp_path, SECRET_KEY_FALLBACKS=f"{OLD},changeme")
    assert "changeme" not in str(told.value)

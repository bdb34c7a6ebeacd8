"""Which names may stand in the sender and subject of a mail to somebody else."""

from __future__ import annotations

import unicodedata

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.names import LONGEST, mailable, name_fault

GOOD = [
    "O'Brien-Łukasiewicz",
    "Siobhán O’Brien-Łukasiewicz",
    "Dr. Anna von der Ach",
    "J. R. R. Tolkien",
    "J.R.R. Tolkien",
    "Prof. Gwen Abara, PhD",
    "Martin Luther King, Jr.",
    "Nguyễn Thị Minh Khai",
    unicodedata.normalize("NFD", "Nguyễn Thị Minh Khai"),
    "李小龍",
    "محمد بن سلمان",
    "مه\u200cرو",
    "श्रीनिवास रामानुजन",
    "Ngaio Te Kanawa (Ms)",
    "Henry 8",
    "Ó",
    "Jean‑Luc Gràcia i Solé",
]
HOSTILE = [
    "",
    "   ",
    "123",
    "...",
    "\u3164\u3164",
    "PayPal\u202eytiruceS",
    "Alice\u200b Ashe",
    "Alice\u2066 Ashe",
    "Alice\u200d Ashe",
    "Alice\r\nBcc: eve@example.org",
    "Alice\nAshe",
    "Alice\x00",
    "Alice\x07",
    "Alice\u2028Ashe",
    "alice@example.org",
    "alice＠example.org",
    "http://evil.example",
    "https:evil",
    "www.evil",
    "WWW.evil",
    "ｗｗｗ．evil",
    "evil.example",
    "evil．com",
    "paypal.com Security",
    "Verify at evil.co.uk",
    "evil/verify",
    "a℀b",
    "<b>Alice</b>",
    'Alice "the mail" Ashe',
    "Alice; Bob",
    "Alice 🌱",
    "☃",
    "♥ Alice",
    "A\u0301\u0301\u0301\u0301\u0301lice",
    "Alice\ufe0f",
    "Mentorfolio Support",
    "MENTORFOLIO",
    "Ｍentorfolio",
    "x" * (LONGEST + 1),
    "ﷺ" * 10,
]


@pytest.mark.parametrize("name", GOOD)
def test_very_ordinary_names_pass(name: str) -> None:
    assert name_fault(name) == ""
    assert mailable(name)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_name_does_not(name: str) -> None:
    assert name_fault(name) != ""
    assert mailable(name) == ""


def test_sixty_letters_are_enough_and_one_more_is_too_many() -> None:
    assert name_fault("x" * LONGEST) == ""
    assert f"at most {LONGEST}" in name_fault("x" * (LONGEST + 1))


@given(st.text(max_size=80))
def test_whatever_passes_is_one_short_line_without_an_address(name: str) -> None:
    shown = mailable(name)
    assert len(shown) <= LONGEST
    assert not any(unicodedata.category(letter) in ("Cc", "Zl", "Zp", "So", "Co", "Cs") for letter in shown)
    assert not any(letter in shown for letter in '@/\\<>":;\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f')
    assert shown == mailable(shown)


# --- where it is asked ----------------------------------------------------------------------------


def test_signing_up_asks_for_a_name_and_keeps_what_was_typed(db: None) -> None:
    data = {"name": "Verify at evil.example", "email": "dana@example.org", "password1": "a long enough phrase"}
    page = Client().post("/account/signup/", data)
    assert "without an e-mail or web address" in page.content.decode()
    assert "Verify at evil.example" in page.content.decode()
    assert not User.objects.exists()


def settings_form(**fields: str) -> dict[str, object]:
    usual = {"time_zone": "Europe/London", "country": "GB", "reminder_time": "09:00", "weekly_on": "1"}
    return {**usual, "working_days": ["1", "2"], **fields}


def test_settings_take_a_name_and_no_address(alice: User, alice_client: Client) -> None:
    page = alice_client.post("/settings/", settings_form(name="evil.example"))
    assert (page.status_code, "evil.example" in page.content.decode()) == (422, True)
    assert alice_client.post("/settings/", settings_form(name="Dr. Anna von der Ach")).status_code == 302
    alice.refresh_from_db()
    assert alice.name == "Dr. Anna von der Ach"


def test_a_name_from_before_does_not_stand_in_the_way_of_other_settings(alice: User, alice_client: Client) -> None:
    User.objects.filter(pk=alice.pk).update(name="Alice 🌱")
    assert alice_client.post("/settings/", settings_form(name="Alice 🌱", country="DE")).status_code == 302
    alice.refresh_from_db()
    assert (alice.name, alice.country) == ("Alice 🌱", "DE")

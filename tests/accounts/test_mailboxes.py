"""Spellings of one mailbox."""

from __future__ import annotations

import pytest

from accounts.mailboxes import mailbox_key


@pytest.mark.parametrize(
    "address",
    ["Anna@Example.ORG", " anna@example.org ", "anna+news@example.org", "ANNA+a+b@example.org.", "ａnna@example.org"],
)
def test_all_spellings_of_one_mailbox_have_one_key(address: str) -> None:
    assert mailbox_key(address) == "anna@example.org"


@pytest.mark.parametrize("address", ["an.na@example.org", "anna@mail.example.org", "anna-news@example.org", "+@x.org"])
def test_what_may_be_somebody_else_stays_apart(address: str) -> None:
    assert mailbox_key(address) != mailbox_key("anna@example.org")


def test_a_domain_in_other_letters_is_the_same_as_in_ascii() -> None:
    assert mailbox_key("anna@Bücher.example") == mailbox_key("anna@xn--bcher-kva.example")


@pytest.mark.parametrize("nonsense", ["", "@", "anna", "a@" + "x" * 300 + ".org", "a@\udcff"])
def test_nonsense_has_a_key_too(nonsense: str) -> None:
    assert mailbox_key(nonsense) == mailbox_key(nonsense)

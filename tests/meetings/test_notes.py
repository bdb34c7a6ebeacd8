from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from meetings.models import Meeting
from meetings.notes import LONGEST, fingerprint, merged, tidy
from portfolio.models import Person
from tests.factories import make_meeting

MARK = "*Also written, kept at 14:03:*"


def test_what_only_one_side_changed_is_taken() -> None:
    base = fingerprint("before")
    assert merged("before", "theirs", base, MARK) == "theirs"
    assert merged("mine", "before", base, MARK) == "mine"
    assert merged("mine\r\nand more ", "mine", base, MARK) == "mine\nand more"
    assert merged("", "before", base, MARK) == ""


def test_what_both_changed_is_kept_twice() -> None:
    assert merged("mine", "theirs", fingerprint("before"), MARK) == f"mine\n\n{MARK}\n\ntheirs"
    assert merged("mine", "theirs", "", MARK) == f"mine\n\n{MARK}\n\ntheirs"


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_word_of_either_is_lost(mine: str, there: str, base: str) -> None:
    kept = merged(mine, there, fingerprint(base), MARK)
    assert tidy(mine) in kept or tidy(mine) == tidy(base)
    assert tidy(there) in kept or tidy(there) == tidy(base)
    assert merged(mine, kept, fingerprint(base), MARK) == kept  # sent twice, kept once


def send(client: Client, meeting: Meeting, **fields: str):
    return client.post(reverse("meeting_notes", args=[meeting.pk]), fields, headers={"Accept": "application/json"})


def test_two_windows_keep_both_and_say_so(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, private_notes="before")
    base = fingerprint("before")
    first = send(alice_client, meeting, private_notes="before, one", private_base=base).json()
    assert first["both"] == ""
    with time_machine.travel(dt.datetime(2026, 3, 2, 14, 3, tzinfo=dt.UTC)):
        second = send(alice_client, meeting, private_notes="two", private_base=base).json()
    meeting.refresh_from_db()
    assert meeting.private_notes == f"two\n\n{MARK}\n\nbefore, one"
    assert "Both are kept" in second["both"]
    assert second["kept"]["private_notes"] == {
        "words": meeting.private_notes,
        "base": fingerprint(meeting.private_notes),
    }


def test_a_window_sends_only_what_it_changed(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, private_notes="mine", shared_notes="ours")
    send(alice_client, meeting, shared_notes="ours now", shared_base=fingerprint("ours"))
    meeting.refresh_from_db()
    assert (meeting.private_notes, meeting.shared_notes) == ("mine", "ours now")


def test_an_old_page_without_scripts_keeps_both_too(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, private_notes="new", shared_notes="same")
    fields = {"private_notes": "mine", "private_base": fingerprint("old"), "shared_notes": "same"}
    page = alice_client.post(reverse("meeting_notes", args=[meeting.pk]), fields, follow=True).content.decode()
    assert "Both are kept" in page
    meeting.refresh_from_db()
    assert meeting.private_notes.startswith("mine\n\n*Also written")
    assert meeting.private_notes.endswith("new")


@pytest.mark.parametrize("words", ["a\0b", "x" * (LONGEST + 1)])
def test_what_cannot_be_kept_is_said_in_json(alice_client: Client, bob: Person, words: str) -> None:
    meeting = make_meeting(bob, private_notes="before")
    answer = send(alice_client, meeting, private_notes=words, private_base=fingerprint("before"))
    assert answer.status_code == 422
    assert answer.json()["error"]
    meeting.refresh_from_db()
    assert meeting.private_notes == "before"


def test_both_together_too_long_changes_nothing(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, private_notes="x" * 30_000)
    answer = send(alice_client, meeting, private_notes="y" * 30_000, private_base=fingerprint("before"))
    assert answer.status_code == 422
    assert "another window" in answer.json()["error"]
    meeting.refresh_from_db()
    assert meeting.private_notes == "x" * 30_000

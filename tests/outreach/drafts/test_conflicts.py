"""Conflicting text from several tabs is kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.drafts import conflicts
from outreach.models import Message
from portfolio.models import Person
from tests.factories import make_approach, make_message


def words(body: str, **typed: str) -> dict[str, Any]:
    return {"channel": "email", "subject": "Hello", "body": body, "fields": typed}


def test_there_is_one_entry_a_tab_not_one_for_each_time_one_turned_to_it() -> None:
    """Two tabs save in turn: each sends the version it saved last, and its new text replaces that entry."""
    entries: list[dict[str, Any]] = []
    versions = {"a": "v0", "b": "v0"}
    stored = ("v0", "begun")
    for number, tab in enumerate("abababab", start=1):
        if versions[tab] != stored[0]:
            entries = conflicts.with_another(
                entries, words=words(stored[1]), version=stored[0], instead_of=versions[tab]
            )
        stored = (f"v{number}", f"{tab}{number}")
        versions[tab] = stored[0]
    assert stored[1] == "b8"
    assert [entry["body"] for entry in entries] == ["a7"]


@given(st.lists(st.sampled_from("abcd"), max_size=30))
def test_the_last_words_of_every_tab_are_always_there(turns: list[str]) -> None:
    """For any number of tabs up to the limit, saving in any order."""
    entries: list[dict[str, Any]] = []
    seen: dict[str, str] = {}
    last: dict[str, str] = {}
    version = "v0"
    for number, tab in enumerate(turns, start=1):
        known = seen.get(tab, "v0")
        if known != version:
            body = last.get(next((t for t, v in seen.items() if v == version), ""), "begun")
            entries = conflicts.with_another(entries, words=words(body), version=version, instead_of=known)
        version = f"v{number}"
        seen[tab], last[tab] = version, f"{tab}{number}"
    current = next((t for t, v in seen.items() if v == version), None)
    kept = {entry["body"] for entry in entries}
    assert {body for tab, body in last.items() if tab != current} <= kept
    assert len(entries) <= len(last)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (words("a\r\nb "), words("a\nb"), True),
        (words("a"), words("b"), False),
        (words("a", topic="x"), words("a", topic="y"), False),
        (words("a", need="x"), words("a", need="y"), True),  # not in the form, so nobody could have typed it
    ],
)
def test_the_same_words_are_no_conflict(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert conflicts.same(one, other, only=["field_topic"]) == same


@pytest.mark.django_db
def test_what_is_kept_survives_sending_and_undo(bob: Person) -> None:
    message = make_message(
        make_approach(bob), conflicts=[{**words("Kept", topic="x"), "version": "2026-01-05T10:00:00+00:00"}]
    )
    message.state, message.at = "sent", message.created_at
    message.save()
    message.back_to_draft()
    [shown] = conflicts.entries_for_page(Message.objects.get())
    assert (shown.body, shown.channel, shown.typed) == ("Kept", "E-mail", [("What you’d like to ask about", "x")])
    assert f"{shown.at:%H:%M}" == "10:00"

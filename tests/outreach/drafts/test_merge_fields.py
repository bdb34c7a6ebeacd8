from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.drafts.merge_fields import FIELDS, Part, merge, names_in, nearest, parts, unknown_words

NAMES = sorted(FIELDS)
FULL = {name: f"<{name}>" for name in NAMES}
PIECES = [*"abc {}%_|:\n", "{topic}", "{nonsense}", "{{", "}}"]
TEXT = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "values", "merged", "unknown", "missing"),
    [
        ("Dear {their_first_name},", {"their_first_name": "Gwen"}, "Dear Gwen,", (), ()),
        ("{ Their first  name }", {"their_first_name": "Gwen"}, "Gwen", (), ()),
        ("{topic} and {topic}", {"topic": "panels"}, "panels and panels", (), ()),
        ("{topic}", {}, "{topic}", (), ("topic",)),
        ("{topic}", {"topic": "  "}, "{topic}", (), ("topic",)),
        ("{shoe_size}", {"shoe_size": "43"}, "{shoe_size}", ("shoe_size",), ()),
        ("{{ 7|add:7 }}", {}, "{{ 7|add:7 }}", ("7|add:7",), ()),
        ("{% load static %}", {}, "{% load static %}", ("% load static %",), ()),
        ("{__class__}", {}, "{__class__}", ("__class__",), ()),
        ("{0}", {}, "{0}", ("0",), ()),
        ("{topic.__class__}", {"topic": "x"}, "{topic.__class__}", ("topic.__class__",), ()),
        ("{{topic}}", {"topic": "x"}, "{{topic}}", ("{topic}",), ()),
        ("{{ Topic }", {"topic": "x"}, "{{ Topic }", ("{Topic}",), ()),
        ("{{{shoe}}}", {}, "{{{shoe}}}", ("shoe",), ()),
        ("{{" * 30_000 + "topic}", {"topic": "x"}, "{{" * 30_000 + "topic}", ("{topic}",), ()),
        ("{}", {}, "{}", (), ()),
        ("{two\nlines}", {}, "{two\nlines}", (), ()),
        ("", {}, "", (), ()),
    ],
)
def test_merge_fills_known_fields_and_names_the_rest(
    text: str, values: dict[str, str], merged: str, unknown: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    result = merge(text, values)
    assert (result.text, result.unknown, result.missing) == (merged, unknown, missing)
    assert result.complete == (not unknown and not missing)


def test_a_value_that_looks_like_a_field_is_never_looked_at_again() -> None:
    result = merge("{topic} {need}", {"topic": "{need} {{ 7|add:7 }} {x}", "need": "{topic}"})
    assert result.text == "{need} {{ 7|add:7 }} {x} {topic}"
    assert result.complete


@given(st.sampled_from(NAMES), TEXT)
def test_any_value_comes_out_as_it_went_in(name: str, value: str) -> None:
    result = merge("a{" + name + "}z", {name: value})
    assert result.text == (f"a{value.strip()}z" if value.strip() else "a{" + name + "}z")


@given(TEXT)
def test_parts_joined_are_the_merged_text_where_it_is_complete(text: str) -> None:
    merged = merge(text, FULL)
    if merged.complete:
        assert "".join(part.text for part in parts(text, FULL)) == merged.text


@given(st.text(max_size=100))
def test_text_without_braces_stays_as_it_is(text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    assert merge(plain, FULL).text == plain


def test_parts_mark_what_is_filled_missing_and_unknown() -> None:
    assert parts("Dear {their_first_name}, {topic} {shoe}!", {"their_first_name": "Gwen"}) == [
        Part("Dear "),
        Part("Gwen", "filled"),
        Part(", "),
        Part("What you’d like to ask about", "missing"),
        Part(" "),
        Part("{shoe}", "unknown"),
        Part("!"),
    ]


def test_a_doubled_brace_is_marked_and_the_right_way_is_said() -> None:
    assert parts("To {{their_name}}:", {"their_name": "Gwen"})[1] == Part("{{their_name}}", "unknown")
    assert unknown_words(merge("{{ Their first name }}", {}).unknown) == [
        "{{Their first name}} has a brace too many. Write {their_first_name}, with one on each side."
    ]


def test_names_come_once_in_order_of_first_use() -> None:
    assert names_in("{topic} {Need}", "{need} {shoe}") == ["topic", "need", "shoe"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("first_name", "their_first_name"),
        ("their_frist_name", "their_first_name"),
        ("Their first nmae", "their_first_name"),
        ("my_frist_name", "my_first_name"),
        ("organisation", "their_organisation"),
        ("organization", "their_organisation"),
        ("whythem", "why_them"),
        ("topics", "topic"),
        ("shoe_size", None),
        ("7|add:7", None),
        ("__class__", None),
    ],
)
def test_the_field_one_meant_is_guessed(written: str, meant: str | None) -> None:
    found = nearest(written)
    assert (found and found.name) == meant


def test_only_a_handful_of_unknown_names_is_guessed_at() -> None:
    words = unknown_words(("topics",) * 7)
    assert [sentence.endswith("Did you mean {topic}?") for sentence in words] == [True] * 5 + [False] * 2


@given(TEXT)
def test_any_name_is_guessed_without_harm(text: str) -> None:
    assert nearest(text) is None or nearest(text) in FIELDS.values()


def test_every_field_is_explained() -> None:
    assert all(field.label and field.hint for field in FIELDS.values())
    assert all(field.typed != bool(field.kept) for field in FIELDS.values())

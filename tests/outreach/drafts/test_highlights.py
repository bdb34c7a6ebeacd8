"""The preview highlights the text that advice is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.drafts.highlights import highlight
from outreach.drafts.merge_fields import Part, merge, parts

PLAIN = [Part("Dear Bob, "), Part("panels", "filled"), Part(" please.")]


@pytest.mark.parametrize(
    ("spans", "pieces"),
    [
        ([], ["Dear Bob, ", "panels", " please."]),
        ([(5, 8, "name")], ["Dear ", "[name:Bob]", ", ", "panels", " please."]),
        ([(10, 16, "x")], ["Dear Bob, ", "[x:panels]", " please."]),
        ([(5, 20, "x")], ["Dear ", "[x:Bob, ]", "[:panels]", "[: ple]", "ase."]),
        ([(0, 4, "a"), (2, 8, "b")], ["[a:Dear]", " Bob, ", "panels", " please."]),
        ([(0, 4, "a"), (4, 5, "b")], ["[a:Dear]", "[b: ]", "Bob, ", "panels", " please."]),
        ([(200, 300, "a"), (3, 3, "b")], ["Dear Bob, ", "panels", " please."]),
    ],
)
def test_words_are_marked_where_they_stand(spans: list[tuple[int, int, str]], pieces: list[str]) -> None:
    found = highlight(PLAIN, spans)
    assert [f"[{p.anchor}:{p.text}]" if p.said else p.text for p in found] == pieces


def test_a_gap_is_marked_as_a_whole() -> None:
    found = highlight(parts("Ask {topic} now", {}), [(6, 9, "x")])
    assert [(p.text, p.said) for p in found] == [("Ask ", ""), ("What you’d like to ask about", "x"), (" now", "")]


@given(
    st.lists(st.sampled_from(["{topic}", "{need}", "{x}", "plain ", "\n", "ü "]), max_size=12).map("".join),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from("abc")), max_size=6),
)
def test_marking_never_changes_a_letter(text: str, spans: list[tuple[int, int, str]]) -> None:
    values = {"topic": "panels and boards"}
    before = parts(text, values)
    found = highlight(before, spans)
    assert "".join(part.text for part in found) == "".join(part.text for part in before)
    assert sum(part.length for part in found) == len(merge(text, values).text)
    anchors = [part.anchor for part in found if part.anchor]
    assert len(anchors) == len(set(anchors))

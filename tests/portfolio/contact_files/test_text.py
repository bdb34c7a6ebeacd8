"""Pasted lists."""

from __future__ import annotations

import pytest

from tests.portfolio.contact_files.reading import read_bytes

ANN = {"name": "Ann Lee", "emails": ["ann@example.org"]}
BOB = {"name": "bob@example.org", "emails": ["bob@example.org"]}
PARTS = {"given": "Ann", "family": "Lee"}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Ann Lee <ann@example.org>", [ANN]),
        ("Ann Lee <ANN@Example.org>\n\nbob@example.org", [ANN, BOB]),
        ("Ann Lee <ann@example.org>; bob@example.org;", [ANN, BOB]),
        ("Ann Lee <ann@example.org>, bob@example.org", [ANN, BOB]),
        ("bob@example.org, Ann Lee <ann@example.org>,", [BOB, ANN]),
        ("bob@example.org,Ann Lee <ann@example.org>", [BOB, ANN]),
        ('"Lee, Ann" <ann@example.org>, bob@example.org', [{**ANN, **PARTS}, BOB]),
        ('"Lee; Ann" <ann@example.org>', [{**ANN, "name": "Lee; Ann"}]),
        ("Lee, Ann <ann@example.org>; bob@example.org", [{**ANN, **PARTS}, BOB]),
        ("“Lee, Ann” <ann@example.org>", [{**ANN, **PARTS}]),
        ("'Ann Lee' <ann@example.org>", [ANN]),
        ("- Ann Lee <ann@example.org>\n• bob@example.org\n* Cal", [ANN, BOB, {"name": "Cal"}]),
        ("•Ann Lee ann@example.org\n1. bob@example.org", [ANN, BOB]),
        ("Ann Lee <mailto:ann@example.org>; mailto:bob@example.org", [ANN, BOB]),
        ("ann@example.org (Ann Lee)", [ANN]),
        ("bob@example.org <bob@example.org>", [BOB]),
        ("<bob@example.org>", [BOB]),
        ("Ann Lee, University of X, Cardiff", [{"name": "Ann Lee", "organisation": "University of X, Cardiff"}]),
        ("Ann Lee, NHS Wales", [{"name": "Ann Lee", "organisation": "NHS Wales"}]),
        ("Mrs Ann Lee", [{"name": "Ann Lee"}]),
        ("Ann O'Lee\nJean-Luc", [{"name": "Ann O'Lee"}, {"name": "Jean-Luc"}]),
        ("Ann Lee,ann@example.org", [ANN]),
        ("Ann Lee\tann@example.org", [ANN]),
        ("Lee, Ann: ann@example.org", [{**ANN, **PARTS}]),
        ('"Lee, Ann", University of X', [{"name": "Ann Lee", **PARTS, "organisation": "University of X"}]),
        ("Ann Lee <ann@example.org> <a@example.org>", [{**ANN, "emails": ["ann@example.org", "a@example.org"]}]),
        ("<ann@example.org> Ann Lee", [ANN]),
        ("Ann Lee <>", [{"name": "Ann Lee"}]),
        ('Ann Lee "open', [{"name": 'Ann Lee "open'}]),
    ],
)
def test_a_list(text: str, people: list[dict[str, object]]) -> None:
    assert read_bytes(text) == ("text", people, [])


def test_the_same_address_again_is_the_same_entry() -> None:
    assert read_bytes("bob@example.org\nAnn Lee <ann@example.org>\nBob <BOB@example.org>; Bob")[1] == [
        *(BOB, ANN, {"name": "Bob"}),
    ]


def test_a_word_in_the_middle_is_no_header() -> None:
    assert [person["name"] for person in read_bytes("Ann\nName\nBob")[1]] == ["Ann", "Name", "Bob"]


@pytest.mark.parametrize(
    ("text", "people", "problems"),
    [
        ("Ann\nBob <b@@x>\nCal", [{"name": "Ann"}, {"name": "Bob"}, {"name": "Cal"}], [2]),
        ("Ann\nBob <b@x.org> Cal <c@x.org>", [{"name": "Ann"}, {"name": "Bob", "emails": ["b@x.org", "c@x.org"]}], [2]),
        ("Ann\nb@@x", [{"name": "Ann"}], [2]),
        ("Ann\n+44 7700 900002\n---\n***", [{"name": "Ann"}], [2]),
        ("Ann\n=cmd()", [{"name": "Ann"}], [2]),
        ("Ann\n@ann", [{"name": "Ann"}], [2]),
        ("Ann\nhttps://www.linkedin.com/in/bob", [{"name": "Ann"}], [2]),
    ],
)
def test_what_cannot_be_read(text: str, people: list[dict[str, object]], problems: list[int]) -> None:
    assert read_bytes(text) == ("text", people, problems)

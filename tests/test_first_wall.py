"""What `python -m tests.first_wall` finds, switches off and says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests import first_wall, harmless
from tests.first_wall import Place, Result, Wall, how_noticed, places, switched, table

SOURCE = """
def page(request, pk):
    row = get_owned(Need, request.user, pk=pk)
    mine = Need.objects.for_user(request.user).filter(tags__owner=request.user, open=True)
    Tag.objects.get_or_create(owner=request.user, name="x")
    return row, mine, Need.objects.filter(owner__is_active=True), Need.objects.create(owner=request.user)
"""


def test_each_place_that_keeps_users_apart_is_found() -> None:
    found = switched(SOURCE, "needs.py")[1]
    assert [(place.kind, place.line, place.name) for place in found] == [
        ("get_owned", 3, "needs.py page Need"),
        ("for_user", 4, "needs.py page Need #2"),
        ("owner", 4, "needs.py page Need #3"),
        ("or_create", 5, "needs.py page Tag"),
    ]


def test_a_place_lets_everybody_through_only_while_it_is_off() -> None:
    wall, rows = Wall(), SimpleNamespace(all=lambda: "everybody's")
    for_user: Any = SimpleNamespace(__self__=rows)
    assert wall.for_user(0, "needs.py", for_user) is for_user
    assert wall.owner(1, "needs.py", {"owner": 1}) == {"owner": 1}
    wall.off = {("needs.py", 0)}
    assert wall.for_user(0, "needs.py", for_user)(None) == "everybody's"
    assert wall.owner(1, "needs.py", {"owner": 1}) == {"owner": 1}
    wall.off = {("needs.py", 1)}
    assert wall.owner(1, "needs.py", {"owner": 1}) == {}
    assert wall.passed == {("needs.py", 0), ("needs.py", 1)}


def test_a_row_that_is_found_or_made_still_gets_its_owner() -> None:
    asked: list[dict[str, Any]] = []
    wall = Wall(off={("tags.py", 0)})
    wall.or_create(0, "tags.py", lambda **given: asked.append(given))(owner=1, name="x", defaults={"words": "y"})
    assert asked == [{"name": "x", "defaults": {"words": "y", "owner": 1}}]


def test_what_noticed_it_is_told_and_a_crash_counts_apart() -> None:
    assert how_noticed("shows aliceonly") == "shows"
    assert (
        how_noticed("changes the other's portfolio.Tag") == how_noticed("mixes rows: portfolio.PersonTag") == "changes"
    )
    assert how_noticed("answers 200 for a row of the other") == "opens"
    assert how_noticed("tells that there is somebody else ('<>1<>')") == "differs"
    assert how_noticed("answers 500 for a row of the other") == "crashes"
    assert (
        how_noticed("fails with 500") == how_noticed("tells that there is somebody else (200 became 500)") == "crashes"
    )


def test_the_table_counts_what_was_noticed() -> None:
    place = places()[0]
    results = [Result(place, 3, "get today shows aliceonly", "shows"), Result(place, 0, "", "")]
    lines = list(table([*results, Result(place, 2, "", "", why="beside person=person")]))
    assert lines[-1].split() == ["together", "3", "1", "0", "0", "0", "0", "1", "1"]


def test_what_is_called_harmless_is_still_there_and_beside_what_it_says() -> None:
    """That nothing notices it when it is gone is what the script finds out."""
    found: dict[str, Place] = {place.name: place for place in places()}
    assert {*harmless.BESIDE, *harmless.WITHIN, *harmless.AGAIN, *harmless.AGAIN.values()} <= set(found)
    assert [name for name, words in harmless.BESIDE.items() if not found[name].has_beside(words)] == []
    assert [name for name, (at, words) in harmless.WITHIN.items() if not first_wall.is_in(at, words)] == []
    assert set(harmless.TESTED) <= set(found)
    tests = [name.partition("::") for name in harmless.TESTED.values()]
    assert [test for at, _, test in tests if not first_wall.is_in(at, f"def {test}(")] == []
    assert len(found) == len(places()) > 300
    assert "accounts/ownership.py" not in first_wall.files()

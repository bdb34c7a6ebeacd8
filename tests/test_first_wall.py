"""What `python -m tests.first_wall` finds, switches off and says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests import first_wall
from tests.first_wall import HARMLESS, Place, Result, Wall, places, switched, table

SOURCE = """
def page(request, pk):
    row = get_owned(Need, request.user, pk=pk)
    mine = Need.objects.for_user(request.user).filter(tags__owner=request.user, open=True)
    Tag.objects.get_or_create(owner=request.user, name="x")
    return row, mine, Need.objects.filter(owner__is_active=True), Need.objects.create(owner=request.user)
"""


def test_each_place_that_keeps_users_apart_is_found() -> None:
    found = switched(SOURCE, "needs.py")[1]
    assert [(place.kind, place.line) for place in found] == [
        ("get_owned", 3),
        ("for_user", 4),
        ("owner", 4),
        ("or_create", 5),
    ]


def test_a_place_lets_everybody_through_only_while_it_is_off() -> None:
    wall, rows = Wall(), SimpleNamespace(all=lambda: "everybody's")
    for_user: Any = SimpleNamespace(__self__=rows)
    assert wall.for_user(0, "needs.py", for_user) is for_user
    assert wall.owner(1, "needs.py", {"owner": 1}) == {"owner": 1}
    wall.off = ("needs.py", 0)
    assert wall.for_user(0, "needs.py", for_user)(None) == "everybody's"
    assert wall.owner(1, "needs.py", {"owner": 1}) == {"owner": 1}
    wall.off = ("needs.py", 1)
    assert wall.owner(1, "needs.py", {"owner": 1}) == {}
    assert wall.passed == {("needs.py", 0), ("needs.py", 1)}


def test_a_row_that_is_found_or_made_still_gets_its_owner() -> None:
    asked: list[dict[str, Any]] = []
    wall = Wall(off=("tags.py", 0))
    wall.or_create(0, "tags.py", lambda **given: asked.append(given))(owner=1, name="x", defaults={"words": "y"})
    assert asked == [{"name": "x", "defaults": {"words": "y", "owner": 1}}]


def test_the_table_counts_what_was_noticed() -> None:
    place = Place("meetings/panels.py", 1, "owner", "rows.filter(owner=owner)")
    lines = list(table([Result(place, 3, "get today shows aliceonly"), Result(place, 0, "")]))
    assert lines[-1].split() == ["together", "2", "1", "0", "1"]


def test_what_is_called_harmless_is_still_there() -> None:
    assert set(HARMLESS) <= {(place.at, place.words) for place in places()}
    assert len(places()) > 300
    assert "accounts/ownership.py" not in first_wall.files()

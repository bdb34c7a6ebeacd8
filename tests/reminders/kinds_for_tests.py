"""Test kinds with one loader, whose subjects are numbers that the test declares valid."""

from __future__ import annotations

from accounts.models import User
from reminders import kinds
from reminders.kinds import Act, Item, Kind, Load, Told, Users, Wanted, told


def told_to(user: User, load: Load, wanted: Wanted) -> dict[str, dict[int, Item]]:
    """This loader's result for one user, by kind and subject."""
    answer = load({user.pk: user}, wanted)
    assert {owner for items in answer.values() for owner, _ in items} <= {user.pk}
    return {kind: {pk: item for (_, pk), item in items.items()} for kind, items in answer.items()}


class Matters:
    """The test's state: ``true`` are valid subjects, ``done`` are performed actions, ``asked`` are loader calls."""

    def __init__(self) -> None:
        self.true: set[int] = set(range(1, 1000))
        self.done: list[int] = []
        self.asked: list[str] = []
        self.titles: dict[int, str] = {}

    def load(self, users: Users, wanted: Wanted) -> Told:
        self.asked.append(" ".join(sorted(wanted)))
        here = [(kind, pk) for kind, ids in wanted.items() for pk in ids if pk in self.true]
        return told((kind, owner, pk, self.line(pk)) for owner in users for kind, pk in here)

    def line(self, pk: int) -> Item:
        title = self.titles.get(pk, f"Write to Bob {pk}")
        return Item(title, f"It is about {pk} & more.", f"/approaches/{pk}/", "Bob")

    def settle(self, user: User, pk: int) -> str:
        self.done.append(pk)
        self.true.discard(pk)
        return f"Good, {pk} is settled."

    def register(self) -> None:
        act = Act("replied", "They replied", self.settle)
        kinds.register(Kind("nudge", "replies", self.load, acts=(act,), order=20))
        kinds.register(Kind("gentle", "gentle", self.load, order=70))
        kinds.register(Kind("now", "meetings", self.load, same_day=True, order=10))

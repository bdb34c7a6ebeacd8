"""Kinds of one loader whose subjects are plain numbers, true as long as the test says so."""

from __future__ import annotations

from accounts.models import User
from reminders import kinds
from reminders.kinds import Act, Item, Kind, Told, Wanted, told


class Matters:
    """What is true: ``here.true`` are the subjects; ``here.done`` what was pressed; ``here.asked`` the loads."""

    def __init__(self) -> None:
        self.true: set[int] = set(range(1, 1000))
        self.done: list[int] = []
        self.asked: list[str] = []
        self.titles: dict[int, str] = {}

    def load(self, user: User, wanted: Wanted) -> Told:
        self.asked.append(" ".join(sorted(wanted)))
        return told((kind, pk, self.line(pk)) for kind, ids in wanted.items() for pk in ids if pk in self.true)

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

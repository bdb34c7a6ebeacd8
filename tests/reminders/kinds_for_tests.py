"""Two kinds whose subjects are plain numbers, true as long as the test says so."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import User
from reminders import kinds
from reminders.kinds import Act, Item, Kind


class Matters:
    """What is true: ``here.true`` are the subjects; ``here.done`` what was pressed; ``here.asked`` the loads."""

    def __init__(self) -> None:
        self.true: set[int] = set(range(1, 1000))
        self.done: list[int] = []
        self.asked: list[str] = []
        self.titles: dict[int, str] = {}

    def load(self, user: User, ids: Collection[int]) -> dict[int, Item]:
        self.asked.append("load")
        return {
            pk: Item(
                self.titles.get(pk, f"Write to Bob {pk}"), f"It is about {pk} & more.", f"/approaches/{pk}/", "Bob"
            )
            for pk in ids
            if pk in self.true
        }

    def settle(self, user: User, pk: int) -> str:
        self.done.append(pk)
        self.true.discard(pk)
        return f"Good, {pk} is settled."

    def register(self) -> None:
        act = Act("replied", "They replied", self.settle)
        kinds.register(Kind("nudge", "replies", self.load, acts=(act,), order=20))
        kinds.register(Kind("gentle", "gentle", self.load, order=70))
        kinds.register(Kind("now", "meetings", self.load, same_day=True, order=10))

"""What there is to remind of: the floor that owns the subject registers its kinds here.

The kinds of a floor share one ``load``, so that a page with all of them takes one query a floor: it is asked for all
their subjects at once, of one user or of several, and answers only for those of which the reminder is still true. A
subject that is missing from its answer is gone, settled or somebody else's, and its reminder expires. No generic
foreign keys.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from accounts.models import User
from accounts.registry import Registry

Switch = Literal["replies", "meetings", "gentle"]


@dataclass(frozen=True)
class Item:
    """One thing to be told: a title that says what to do, a sentence, where to do it (a path of this site).

    ``button`` are the words on the way there.
    """

    title: str
    words: str
    path: str
    person: str = ""
    button: str = "Open it"


# Whose subjects, by their id: people who have the same date where they are (see ``today``).
Users = Mapping[int, User]
# Of which subjects, by the name of the kind; and what there is to say of them, by the ids of owner and subject.
Wanted = Mapping[str, Collection[int]]
Told = dict[str, dict[tuple[int, int], Item]]
Load = Callable[[Users, Wanted], Told]

# When everything that waits for its day has come: what a floor's ``ahead`` puts in the place of "now" and "today".
SOME_DAY = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


def today(users: Users) -> dt.date:
    """The one date where all of these are."""
    return next(iter(users.values())).today()


def told(lines: Iterable[tuple[str, int, int, Item]]) -> Told:
    """A loader's answer, from lines of kind, ids of owner and subject, and what to say."""
    answer: Told = {}
    for kind, owner, pk, item in lines:
        answer.setdefault(kind, {})[owner, pk] = item
    return answer


@dataclass(frozen=True)
class Act:
    """Something that can be done straight from the mail.

    ``run`` does it for the subject and returns the sentence to show. ``name`` is one of a URL's plain words.
    """

    name: str
    label: str
    run: Callable[[User, int], str]


@dataclass(frozen=True)
class Kind:
    """``switch`` is the user's switch that turns this kind off; a smaller ``order`` stands higher in the mail.

    ``same_day`` kinds are mailed at their own time; the others in the one mail of the local morning. Who wants one
    mail a week has what ``may_wait`` in that; what others wait for still comes on its own morning. What is true only
    on its day has a second loader, ``ahead``, to name it before: it answers as ``load`` will when the day has come.
    What will be over tomorrow can't be ``put_off``: that would be a promise nobody keeps. What is news stands on
    Today ``at_once``, before its mail.
    """

    name: str
    switch: Switch
    load: Load
    same_day: bool = False
    acts: tuple[Act, ...] = ()
    order: int = 50
    may_wait: bool = True
    ahead: Load | None = None
    put_off: bool = True
    at_once: bool = False

    @property
    def label(self) -> str:
        """What to call it where there is no title to show."""
        return self.name.replace("_", " ").capitalize()

    def wanted_by(self, user: User) -> bool:
        return bool(getattr(user, f"remind_{self.switch}"))


kinds: Registry[Kind] = Registry("kinds of reminders")


def register(kind: Kind) -> None:
    kinds.register(kind.name, kind, order=kind.order)


def get(name: str) -> Kind:
    """The kind of this name; ``LookupError`` if no floor registered it."""
    kind = kinds.find(name)
    if kind is None:
        raise LookupError(f"No floor has registered reminders of the kind {name!r}.")
    return kind


def of_switch(switch: str) -> list[str]:
    """The names of the kinds that this switch turns off."""
    return sorted(kind.name for kind in kinds.values() if kind.switch == switch)


def shown_at_once() -> list[str]:
    """The names of the kinds that stand on Today before their mail."""
    return sorted(kind.name for kind in kinds.values() if kind.at_once)


def find(name: str) -> Kind | None:
    return kinds.find(name)

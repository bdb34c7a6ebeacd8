"""The kinds of reminders: each app registers the kinds whose subjects it owns.

The kinds of an app share one ``load``, so that a page with all of them needs one query per app. It gets all subject ids
at once, of one or several users, and returns only the subjects that still need a reminder. The reminder of a subject
that is missing from the result (deleted, done, or another user's) expires. There are no generic foreign keys.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.db.models import Model

from accounts.models import User
from accounts.registry import Registry

Switch = Literal["replies", "meetings", "gentle"]


@dataclass(frozen=True)
class Item:
    """The text of one reminder: a title that says what to do, a sentence, and where to do it (a path on this site).

    ``button`` is the label of the link.
    """

    title: str
    words: str
    path: str
    person: str = ""
    button: str = "Open it"


# Users by id, who all have the same local date (see ``today``).
Users = Mapping[int, User]
# ``Wanted``: subject ids by kind. ``Told``: reminder texts by kind, then by (owner id, subject id).
Wanted = Mapping[str, Collection[int]]
Told = dict[str, dict[tuple[int, int], Item]]
Load = Callable[[Users, Wanted], Told]

# A date after every due date, which an app's ``ahead`` uses in place of "now" and "today".
SOME_DAY = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


def today(users: Users) -> dt.date:
    """The local date, which is the same for all of these users."""
    return next(iter(users.values())).today()


def told(lines: Iterable[tuple[str, int, int, Item]]) -> Told:
    """Build a loader's result from tuples of kind, owner id, subject id and text."""
    answer: Told = {}
    for kind, owner, pk, item in lines:
        answer.setdefault(kind, {})[owner, pk] = item
    return answer


@dataclass(frozen=True)
class Act:
    """An action that is offered in the mail.

    ``run`` applies it to the subject and returns the message to show. ``name`` is used in URLs.
    """

    name: str
    label: str
    run: Callable[[User, int], str]


@dataclass(frozen=True)
class Kind:
    """``switch`` is the user's setting that turns this kind off; a smaller ``order`` is higher up in the mail.

    ``same_day`` kinds are mailed at their own time, the others in the mail of the local morning. For users who want
    one mail a week, kinds that ``may_wait`` are in that mail; others still come on their own morning. ``ahead`` is a
    loader for kinds that are valid only on their day: it returns what ``load`` will return on that day. Kinds that
    would be over tomorrow can't be ``put_off``. Kinds with ``at_once`` are on the Today page before they are mailed.
    ``about`` is the model of their subjects; the export needs it to say what an id refers to. ``in_mail`` has more to
    say of some subjects of a user in the mail, by id.
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
    about: type[Model] | None = None
    in_mail: Callable[[User, Collection[int]], Mapping[int, str]] = lambda user, subject_ids: {}

    @property
    def label(self) -> str:
        """The label to show if there is no title."""
        return self.name.replace("_", " ").capitalize()

    def wanted_by(self, user: User) -> bool:
        return bool(getattr(user, f"remind_{self.switch}"))


kinds: Registry[Kind] = Registry("kinds of reminders")


def register(kind: Kind) -> None:
    kinds.register(kind.name, kind, order=kind.order)


def get(name: str) -> Kind:
    """The kind of this name; raises ``LookupError`` if no app registered it."""
    kind = kinds.find(name)
    if kind is None:
        raise LookupError(f"No app has registered reminders of the kind {name!r}.")
    return kind


def of_switch(switch: str) -> list[str]:
    """The names of the kinds that this setting turns off."""
    return sorted(kind.name for kind in kinds.values() if kind.switch == switch)


def shown_at_once() -> list[str]:
    """The names of the kinds that the Today page shows before they are mailed."""
    return sorted(kind.name for kind in kinds.values() if kind.at_once)


def find(name: str) -> Kind | None:
    return kinds.find(name)

"""`python -m tests.first_wall`: takes away what keeps users apart, one place at a time; does the sweep notice?

A place is a call of ``get_owned`` or ``for_user``, or an ``owner`` in a filter. An import hook puts a switch into each
of them, so nothing on disk changes and one process is enough: the sweep (``tests/access/sweep.py``) runs once to learn
which of its requests pass which places, and then, for each place, those requests run again with that place off. It is
noticed if one of them shows or changes a row of the other user, or if a page differs from what it was when there was
no other user at all.

It ends with a table and the places that nobody noticed, and fails if one of those is not in ``HARMLESS``. Run it by
hand; it takes minutes. With ``--postgresql`` it runs on PostgreSQL, ``-v`` tells what noticed each place, and other
words choose files: ``python -m tests.first_wall meetings/ -v``.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tests.one_database import in_one_database
from tests.run import ROOT

APPS = ("accounts", "mail", "reminders", "portfolio", "outreach", "meetings", "mentoring")
# The wall itself; migrations; and what makes an account with examples, for its own user.
LEFT_OUT = ("accounts/ownership.py", "/migrations/", "mentoring/demo/", "/management/")
NARROWING = {"filter", "get"}
OR_CREATE = {"get_or_create", "update_or_create"}

# Places that the sweep does not notice, and why nobody is harmed: file and call → reason.
HARMLESS: dict[tuple[str, str], str] = {}


# --- The places -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """``at`` is the file from the root, ``words`` the call as it is in the source."""

    at: str
    line: int
    kind: str
    words: str

    def __str__(self) -> str:
        return f"{self.at}:{self.line}  {self.words}"


class Switches(ast.NodeTransformer):
    """Puts a switch into each place of a module, and lists the places."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.places: list[Place] = []

    def visit_Call(self, node: ast.Call) -> ast.AST:
        words, name = ast.unparse(node), _called(node)
        self.generic_visit(node)
        owners = [keyword for keyword in node.keywords if keyword.arg and _is_owner(keyword.arg)]
        if name in {"get_owned", "for_user"}:
            node.func = self._switch(name, words, node, node.func)
        elif name in OR_CREATE and owners:
            node.func = self._switch("or_create", words, node, node.func)
        elif name in NARROWING and owners:
            given = ast.Dict([ast.Constant(one.arg) for one in owners], [one.value for one in owners])
            others = [keyword for keyword in node.keywords if keyword not in owners]
            node.keywords = [*others, ast.keyword(None, self._switch("owner", words, node, given))]
        return node

    def _switch(self, kind: str, words: str, node: ast.Call, what: ast.expr) -> ast.Call:
        self.places.append(Place(self.at, node.lineno, kind, words))
        wall = ast.Attribute(ast.Name("__wall__", ast.Load()), kind, ast.Load())
        return ast.Call(wall, [ast.Constant(len(self.places) - 1), ast.Constant(self.at), what], [])


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _is_owner(name: str) -> bool:
    parts = name.removesuffix("__in").removesuffix("_id").split("__")
    return parts[-1] == "owner"


def switched(source: str, at: str) -> tuple[ast.Module, list[Place]]:
    """The module with its switches, and its places."""
    switches = Switches(at)
    tree = switches.visit(ast.parse(source))
    return ast.fix_missing_locations(tree), switches.places


def files(root: Path = ROOT) -> list[str]:
    found = [path.relative_to(root).as_posix() for app in APPS for path in sorted((root / app).rglob("*.py"))]
    return [at for at in found if not any(part in at for part in LEFT_OUT)]


def places(root: Path = ROOT) -> list[Place]:
    return [place for at in files(root) for place in switched((root / at).read_text(encoding="utf-8"), at)[1]]


# --- The switches ---------------------------------------------------------------------------------


@dataclass
class Wall:
    """The switches. ``off`` is the place that lets everybody through, as (file, number); ``passed`` were reached."""

    off: tuple[str, int] | None = None
    passed: set[tuple[str, int]] = field(default_factory=set)

    def _is_off(self, number: int, at: str) -> bool:
        self.passed.add((at, number))
        return self.off == (at, number)

    def get_owned(self, number: int, at: str, get_owned: Callable[..., Any]) -> Callable[..., Any]:
        return _get_anybodys if self._is_off(number, at) else get_owned

    def for_user(self, number: int, at: str, for_user: Any) -> Callable[..., Any]:
        return (lambda user: for_user.__self__.all()) if self._is_off(number, at) else for_user

    def owner(self, number: int, at: str, given: dict[str, Any]) -> dict[str, Any]:
        return {} if self._is_off(number, at) else given

    def or_create(self, number: int, at: str, call: Callable[..., Any]) -> Callable[..., Any]:
        return _or_create_for_anybody(call) if self._is_off(number, at) else call


def _get_anybodys(kind: Any, user: object, **lookup: Any) -> Any:
    from django.shortcuts import get_object_or_404

    return get_object_or_404(kind, **lookup)


def _or_create_for_anybody(call: Callable[..., Any]) -> Callable[..., Any]:
    """Finds anybody's row; a new one still has the right owner."""

    def careless(**given: Any) -> Any:
        owners = {name: given.pop(name) for name in list(given) if _is_owner(name)}
        defaults = "create_defaults" if "create_defaults" in given else "defaults"
        return call(**{**given, defaults: {**given.get(defaults, {}), **owners}})

    return careless


WALL = Wall()


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        at = Path(self.path).relative_to(ROOT).as_posix()
        return compile(switched(Path(self.path).read_text(encoding="utf-8"), at)[0], self.path, "exec")

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__wall__"] = WALL
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def __init__(self) -> None:
        self.chosen = set(files())

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path)
        origin = Path(spec.origin) if spec and spec.origin else Path()
        if spec and origin.is_relative_to(ROOT) and origin.relative_to(ROOT).as_posix() in self.chosen:
            spec.loader = _Loader(name, str(origin))
            return spec
        return None


# --- Trying each ----------------------------------------------------------------------------------


@dataclass
class Result:
    place: Place
    passed: int  # requests
    noticed: str  # by which request and how, or ""
    how: str  # a key of NOTICED, or ""


def try_all(chosen: list[str]) -> Iterator[Result]:
    """Try each place of these files (all without any)."""
    import logging

    import time_machine

    from tests.access import sweep

    logging.disable(logging.CRITICAL)
    time_machine.travel(dt.datetime.now(dt.UTC), tick=False).start()  # pages tell the time
    whole = sweep.WholeSweep()
    passing: dict[tuple[str, int], list[Any]] = {}
    for attempt in whole.attempts():
        WALL.passed.clear()
        if faults := whole.faults_of(attempt):
            print("without anything removed:", attempt, faults)
            continue
        for key in WALL.passed:
            passing.setdefault(key, []).append(attempt)
    for at in files():
        for number, place in enumerate(switched((ROOT / at).read_text(encoding="utf-8"), at)[1]):
            if chosen and not any(at.startswith(word) for word in chosen):
                continue
            WALL.off = (at, number)
            attempts = passing.get((at, number), [])
            found = ((how_noticed(fault), f"{one} {fault}") for one in attempts for fault in whole.faults_of(one))
            how, noticed = _best(found)
            WALL.off = None
            yield Result(place, len(attempts), noticed, how)


# How a fault tells of a missing wall, the plainest first. A crash alone shows only that something is different.
NOTICED = {
    "shows": r"^shows ",
    "changes": r"^(changes the other's|mixes rows)",
    "opens": r"^answers \d+ for a row of the other",
    "differs": r"^tells that there is somebody else \((?!\d+ became 5)",
    "crashes": r"",
}


def how_noticed(fault: str) -> str:
    return next(how for how, pattern in NOTICED.items() if re.match(pattern, fault))


def _best(found: Iterator[tuple[str, str]]) -> tuple[str, str]:
    """The first that is no crash, else the first."""
    first = ("", "")
    for how, fault in found:
        if how != "crashes":
            return how, fault
        first = first if first[0] else (how, fault)
    return first


# --- The table ------------------------------------------------------------------------------------


def table(results: list[Result]) -> Iterator[str]:
    """Lines with the number of places of each kind and app, and how many the sweep noticed."""
    yield f"{'places':<28}{'removed':>9}{'noticed':>9}{'harmless':>10}{'missed':>8}"
    rows: dict[str, Counter[str]] = {}
    for result in results:
        how = "noticed" if result.noticed else "harmless" if is_harmless(result.place) else "missed"
        for row in (result.place.at.partition("/")[0], KINDS[result.place.kind], "together"):
            rows.setdefault(row, Counter()).update([how])
    for row in [*APPS, *KINDS.values(), "together"]:
        if found := rows.get(row):
            yield f"{row:<28}{found.total():>9}{found['noticed']:>9}{found['harmless']:>10}{found['missed']:>8}"


KINDS = {
    "get_owned": "get_owned(…)",
    "for_user": ".for_user(…)",
    "owner": ".filter(owner=…)",
    "or_create": ".get_or_create(owner=…)",
}


def is_harmless(place: Place) -> bool:
    return (place.at, place.words) in HARMLESS


def main(words: list[str]) -> int:
    since = time.perf_counter()
    chosen = [word for word in words if not word.startswith("-")]
    sys.meta_path.insert(0, _Finder())
    results = []
    with in_one_database(postgresql="--postgresql" in words, plain_queries=True):
        for result in try_all(chosen):
            results.append(result)
            if not result.noticed and not is_harmless(result.place):
                print(f"missed ({result.passed} requests pass it): {result.place}", flush=True)
            elif "-v" in words:
                print(f"{result.place}\n    {result.noticed or 'harmless'}", flush=True)
    print(*table(results), sep="\n")
    print(f"{time.perf_counter() - since:.0f} s")
    return int(any(not result.noticed and not is_harmless(result.place) for result in results))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")

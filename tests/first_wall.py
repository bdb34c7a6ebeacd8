"""`python -m tests.first_wall`: takes away what keeps users apart, one place at a time; does the sweep notice?

A place is a call of ``get_owned`` or ``for_user``, or an ``owner`` in a filter. An import hook puts a switch into each
of them, so nothing on disk changes and one process is enough: the sweep (``tests/access/sweep.py``) runs once to learn
which of its requests pass which places, and then, for each place, those requests run again with that place off. It is
noticed if one of them shows or changes a row of the other user, or if a page differs from what it was when there was
no other user at all. A mere crash counts apart.

It prints the places that nobody noticed, then a table, and fails if one of those is not named in ``tests/harmless.py``,
or named there without need. Run it by hand; it takes minutes. ``-v`` tells what noticed each place, and other words
choose files or lines: ``python -m tests.first_wall meetings/ -v``. To learn takes half of the time; with
``--routes=person_erase,today`` it is done with these routes only, which is enough to look at a place that they pass.

With ``--postgresql`` it asks the opposite: the second wall (``accounts.row_security``) stands, so nothing of the victim
may be shown, changed, opened or told by a request, whichever place is off. (What workers do at night is no request:
they serve everybody, so there the first wall is the only one.)
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

from tests import harmless
from tests.one_database import in_one_database
from tests.run import ROOT

APPS = ("accounts", "mail", "reminders", "portfolio", "outreach", "meetings", "mentoring")
# The wall itself; migrations; and what makes an account with examples, for its own user.
LEFT_OUT = ("accounts/ownership.py", "/migrations/", "mentoring/demo/", "/management/")
NARROWING = {"filter", "get"}
OR_CREATE = {"get_or_create", "update_or_create"}


# --- The places -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """``at`` is the file from the root, ``number`` counts its places, ``words`` the call as it is in the source.

    ``name`` stays the same when lines move; ``around`` is the source of the function it is in, without spaces.
    """

    at: str
    number: int
    line: int
    kind: str
    words: str
    name: str
    around: str

    @property
    def key(self) -> tuple[str, int]:
        return self.at, self.number

    def has_beside(self, words: str) -> bool:
        """Whether this code is in the same function."""
        return without_spaces(words) in self.around

    def __str__(self) -> str:
        return f"{self.at}:{self.line}  {self.words}"


class Switches(ast.NodeTransformer):
    """Puts a switch into each place of a module, and lists the places."""

    def __init__(self, at: str, tree: ast.Module) -> None:
        self.at = at
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        self._source = {node: ast.unparse(node) for node in functions}  # before it is changed
        self.places: list[Place] = []
        self._functions: list[ast.FunctionDef] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self._functions.append(node)
        self.generic_visit(node)
        self._functions.pop()
        return node

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
        function = self._functions[-1] if self._functions else None
        model = re.split(r"\W", words.removeprefix("get_owned("), maxsplit=1)[0]
        name = f"{self.at} {function.name if function else ''} {model}"
        alike = sum(place.name.partition(" #")[0] == name for place in self.places)
        name += f" #{alike + 1}" if alike else ""
        around = without_spaces(self._source[function]) if function else ""
        self.places.append(Place(self.at, len(self.places), node.lineno, kind, words, name, around))
        wall = ast.Attribute(ast.Name("__wall__", ast.Load()), kind, ast.Load())
        return ast.Call(wall, [ast.Constant(len(self.places) - 1), ast.Constant(self.at), what], [])


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _is_owner(name: str) -> bool:
    parts = name.removesuffix("__in").removesuffix("_id").split("__")
    return parts[-1] == "owner"


def switched(source: str, at: str) -> tuple[ast.Module, list[Place]]:
    """The module with its switches, and its places."""
    tree = ast.parse(source)
    switches = Switches(at, tree)
    return ast.fix_missing_locations(switches.visit(tree)), switches.places


def files(root: Path = ROOT) -> list[str]:
    found = [path.relative_to(root).as_posix() for app in APPS for path in sorted((root / app).rglob("*.py"))]
    return [at for at in found if not any(part in at for part in LEFT_OUT)]


def places(root: Path = ROOT) -> list[Place]:
    return [place for at in files(root) for place in switched((root / at).read_text(encoding="utf-8"), at)[1]]


def without_spaces(words: str) -> str:
    return "".join(words.split())


def is_in(at: str, words: str) -> bool:
    """Whether this code is in this file."""
    return without_spaces(words) in without_spaces(ast.unparse(ast.parse((ROOT / at).read_text(encoding="utf-8"))))


# --- The switches ---------------------------------------------------------------------------------


@dataclass
class Wall:
    """The switches. Places ``off`` let everybody through, as (file, number); those ``passed`` were reached."""

    off: set[tuple[str, int]] = field(default_factory=set)
    passed: set[tuple[str, int]] = field(default_factory=set)

    def _is_off(self, number: int, at: str) -> bool:
        self.passed.add((at, number))
        return (at, number) in self.off

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
    why: str = ""  # it is harmless, if it is not noticed
    fault: str = ""  # of its entry among the harmless ones

    @property
    def kind(self) -> str:
        return self.how or ("harmless" if self.why else "missed")

    @property
    def at_night(self) -> bool:
        return self.noticed.startswith("the work of ")

    @property
    def leaks(self) -> bool:
        """Without its scope, a query without an order may come in another order: nothing new is told by that."""
        reordered = self.how == "differs" and self.noticed.endswith("(something is gone)")
        return self.how not in {"", "crashes"} and not self.at_night and not reordered


class Trial:
    """Runs the sweep once, with nothing removed, to learn which of its requests pass which places."""

    def __init__(self, routes: list[str]) -> None:
        import logging

        import time_machine

        from tests.access import sweep

        logging.disable(logging.CRITICAL)
        time_machine.travel(dt.datetime.now(dt.UTC), tick=False).start()  # pages tell the time
        self.every = {place.name: place for place in places()}
        sweep.SWEPT = routes or sweep.SWEPT
        self.whole = sweep.WholeSweep()
        self.passing: dict[tuple[str, int], list[Any]] = {}
        for attempt in self.whole.attempts():
            WALL.passed.clear()
            if faults := self.whole.faults_of(attempt):
                print("without anything removed:", attempt, faults)
                continue
            for key in WALL.passed:
                self.passing.setdefault(key, []).append(attempt)

    def noticed_without(self, *off: Place) -> tuple[str, str]:
        """How it is noticed that these are off, and by what."""
        attempts = {id(one): one for place in off for one in self.passing.get(place.key, [])}.values()
        WALL.off = {place.key for place in off}
        try:
            return _plainest(
                (how_noticed(fault), f"{at} {fault}") for at in attempts for fault in self.whole.faults_of(at)
            )
        finally:
            WALL.off = set()

    def result(self, place: Place) -> Result:
        how, noticed = self.noticed_without(place)
        result = Result(place, len(self.passing.get(place.key, [])), noticed, how)
        for kind, reasons in (
            ("beside", harmless.BESIDE),
            ("within", harmless.WITHIN),
            ("again", harmless.AGAIN),
            ("tested by", harmless.TESTED),
        ):
            if place.name in reasons:
                result.why = f"{kind} {reasons[place.name]}"
                result.fault = "is noticed after all" if how else self._fault(result, kind, reasons[place.name])
        return result

    def _fault(self, result: Result, kind: str, reason: Any) -> str:
        """What is wrong with the reason for which this place is harmless."""
        place = result.place
        if kind == "tested by":
            at, _, test = reason.partition("::")
            return "" if is_in(at, f"def {test}(") else f"has no test {reason}"
        if not result.passed:
            return "is passed by no request"
        if kind == "beside":
            return "" if place.has_beside(reason) else f"has no {reason} beside it"
        if kind == "within":
            at, words = reason
            return "" if is_in(at, words) else f"is not within {words}, which {at} has not"
        how, _ = self.noticed_without(place, self.every[reason]) if reason in self.every else ("", "")
        return "" if how not in {"", "crashes"} else f"is not noticed when {reason} is off, too"


def try_all(chosen: list[str], routes: list[str]) -> Iterator[Result]:
    """Try each place of these files or lines (all without any), with the requests to these routes (likewise)."""
    trial = Trial(routes)
    for place in trial.every.values():
        if not chosen or any(f"{place.at}:{place.line}".startswith(word) for word in chosen):
            yield trial.result(place)


# How a fault tells of a missing wall, the plainest first. A crash alone shows only that something is different.
NOTICED = {
    "shows": r"^shows ",
    "changes": r"^(changes the other's|mixes rows)",
    "opens": r"^answers (?!5)\d+ for a row of the other",
    "differs": r"^tells that there is somebody else \((?!\d+ became 5)",
    "crashes": r"",
}


def how_noticed(fault: str) -> str:
    return next(how for how, pattern in NOTICED.items() if re.match(pattern, fault))


def _plainest(found: Iterator[tuple[str, str]]) -> tuple[str, str]:
    """The first that is no crash, else the first."""
    first = ("", "")
    for how, fault in found:
        if how != "crashes":
            return how, fault
        first = first if first[0] else (how, fault)
    return first


# --- The table ------------------------------------------------------------------------------------


def table(results: list[Result]) -> Iterator[str]:
    """Lines with the number of places of each kind and app, and how the sweep noticed that they were off."""
    columns = [*NOTICED, "harmless", "missed"]
    yield f"{'places':<28}{'removed':>9}" + "".join(f"{column:>10}" for column in columns)
    rows: dict[str, Counter[str]] = {}
    for result in results:
        for row in (result.place.at.partition("/")[0], KINDS[result.place.kind], "together"):
            rows.setdefault(row, Counter()).update([result.kind])
    for row in [*APPS, *KINDS.values(), "together"]:
        if found := rows.get(row):
            yield f"{row:<28}{found.total():>9}" + "".join(f"{found[column]:>10}" for column in columns)


KINDS = {
    "get_owned": "get_owned(…)",
    "for_user": ".for_user(…)",
    "owner": ".filter(owner=…)",
    "or_create": ".get_or_create(owner=…)",
}


def main(words: list[str]) -> int:
    since = time.perf_counter()
    chosen = [word for word in words if not word.startswith("-")]
    routes = [name for word in words if word.startswith("--routes=") for name in word.partition("=")[2].split(",")]
    sys.meta_path.insert(0, _Finder())
    results: list[Result] = []
    second_wall = "--postgresql" in words
    gone = {*harmless.BESIDE, *harmless.WITHIN, *harmless.AGAIN, *harmless.TESTED} - {place.name for place in places()}
    print(*(f"harmless, but not there any more: {name}" for name in sorted(gone)), sep="\n", end="\n" if gone else "")
    with in_one_database(postgresql=second_wall, plain_queries=True):
        for result in try_all(chosen, routes):
            results.append(result)
            if second_wall:
                if result.leaks or "-v" in words:
                    print(f"{result.place}\n    {result.noticed}", flush=True)
            elif result.kind == "missed":
                print(f"missed ({result.passed} requests pass it): {result.place}", flush=True)
            elif result.fault:
                print(f"harmless, but it {result.fault}: {result.place}", flush=True)
            elif "-v" in words:
                print(f"{result.place}\n    {result.noticed or result.why}", flush=True)
    print(*table(results), sep="\n")
    print(f"{time.perf_counter() - since:.0f} s")
    if second_wall:
        at_night = sum(result.at_night and result.how not in {"", "crashes"} for result in results)
        print(f"{sum(result.leaks for result in results)} leak in a request, {at_night} in what workers do at night")
        return int(any(result.leaks for result in results))
    return int(bool(gone) or any(result.kind == "missed" or result.fault for result in results))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")

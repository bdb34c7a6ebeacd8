"""Compares our pages with minimal Django pages of the same kind, on one server, in turn."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from typing import Any

import django

from bench import house, load
from bench.figures import median_of_paired_ratios, percentile, table

ROUNDS = 5
# Number of connections: (turns per round, requests per turn). One connection takes short turns, so that other load
# affects both pages alike; sixteen need longer turns, so that all are busy most of the time.
CONNECTIONS = {1: (10, 4), 16: (1, 96)}
WARM_UP = 24
OURS, BARE = "ours", "bare"


@dataclass(frozen=True)
class Pair:
    """``goal``: the allowed ratio of our p50 to the bare page's, at one connection."""

    name: str
    ours: load.Page
    bare: load.Page
    goal: float
    most_queries: int | None = None
    most_bytes: int | None = None


@dataclass
class Side:
    """The measurements of one page: for each number of connections, a list of ms for each turn."""

    turns: dict[int, list[list[float]]] = field(default_factory=lambda: {number: [] for number in CONNECTIONS})
    queries: int = 0
    bytes: int = 0

    def percentile(self, connections: int, percent: float) -> float:
        return percentile([ms for times in self.turns[connections] for ms in times], percent)

    def medians(self, connections: int) -> list[float]:
        return [percentile(times, 50) for times in self.turns[connections]]


@dataclass
class Measured:
    pair: Pair
    sides: dict[str, Side] = field(default_factory=lambda: {OURS: Side(), BARE: Side()})

    @property
    def pages(self) -> list[tuple[str, load.Page]]:
        return [(OURS, self.pair.ours), (BARE, self.pair.bare)]

    @property
    def ratio(self) -> float:
        """The ratio of the medians at one connection, which the goal limits."""
        return self.sides[OURS].percentile(1, 50) / self.sides[BARE].percentile(1, 50)

    def paired(self, connections: int) -> float:
        return median_of_paired_ratios(self.sides[OURS].medians(connections), self.sides[BARE].medians(connections))

    @property
    def fast_enough(self) -> bool:
        return self.ratio <= self.pair.goal

    @property
    def small_enough(self) -> bool:
        ours, pair = self.sides[OURS], self.pair
        return ours.queries <= (pair.most_queries or ours.queries) and ours.bytes <= (pair.most_bytes or ours.bytes)


def run() -> dict[str, Any]:
    """Measure, print, and return the figures."""
    with house.database() as env:
        django.setup()  # not earlier: the settings need the URL of the database created above
        print("Filling the database.", flush=True)
        measured = [Measured(pair) for pair in _pairs()]
        for one in measured:
            _count_queries(one)
        with house.web(env) as port:
            client = _measure(port, measured)
    print(report(measured))
    print(f"\nThe measuring side took at most {client:.0%} of one core.")
    return {"client": round(client, 3), "pages": {one.pair.name: figures(one) for one in measured}}


def _pairs() -> list[Pair]:
    from django.db import connection
    from django.test import Client

    from bench import data

    rows = data.fill()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    sessions = []
    for user in (rows.one, rows.many):
        client = Client()
        client.force_login(user)
        sessions.append(client.cookies["sessionid"].value)
    connection.close()
    one, many = sessions
    dashboard = load.Page("/bare/dashboard/", one)
    pairs = [
        Pair("people", load.Page("/people/", one), load.Page("/bare/people/", one), 1.25, 6, 40_000),
        Pair("today", load.Page("/today/", one), dashboard, 1.5, 10, 20_000),
        Pair("person", load.Page(f"/people/{rows.mentor.pk}/", one), dashboard, 1.3, 10),
        Pair("search", load.Page("/people/?q=reith", many), load.Page("/bare/search/?q=reith", many), 1.5, 6, 40_000),
    ]
    if importlib.util.find_spec("portfolio.needs.ranking"):
        need = rows.gap.pk
        pairs.append(
            Pair("who could", load.Page(f"/needs/{need}/", many), load.Page(f"/bare/need/{need}/", many), 1.5, 10)
        )
    else:
        print("Left out: who could fill this need? There are no suggestions yet.")
    return pairs


def _count_queries(one: Measured) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tests.queries import count

    for name, page in one.pages:
        client = Client(headers={"host": "localhost"})
        client.cookies["sessionid"] = page.session
        with CaptureQueriesContext(connection) as queries:
            client.get(page.path)
        one.sides[name].queries = count(queries)


def _measure(port: int, measured: list[Measured]) -> float:
    """Measure every pair in each round, its two pages in turn, and alternate which is first.

    Returns the largest share of a core that the client used.
    """
    for one in measured:
        for name, page in one.pages:
            load.ask(port, page, connections=4, requests=WARM_UP)  # several at a time, so that both workers warm up
            one.sides[name].bytes = load.size(port, page)
    client = 0.0
    for number in range(ROUNDS):
        print(f"Round {number + 1} of {ROUNDS}.", flush=True)
        for one in measured:
            for connections, (turns, requests) in CONNECTIONS.items():
                for turn in range(turns):
                    for name, page in one.pages if (number + turn) % 2 else one.pages[::-1]:
                        done = load.ask(port, page, connections=connections, requests=requests)
                        one.sides[name].turns[connections].append(done.times)
                        client = max(client, done.client)
    return client


# --- Report ------------------------------------------------------------------------------------------


def report(measured: list[Measured]) -> str:
    """Print three tables: goals at one connection, sixteen connections, queries and bytes."""
    headings = ["ms, one connection", "ours p50", "p95", "bare p50", "p95", "ratio", "paired", "goal", ""]
    goals = [
        [
            one.pair.name,
            *(f"{one.sides[name].percentile(1, percent):.1f}" for name in (OURS, BARE) for percent in (50, 95)),
            f"{one.ratio:.2f}",
            f"{one.paired(1):.2f}",
            f"{one.pair.goal:.2f}",
            "met" if one.fast_enough else "NOT MET",
        ]
        for one in measured
    ]
    busy = [
        [
            one.pair.name,
            *(f"{one.sides[name].percentile(16, percent):.1f}" for name in (OURS, BARE) for percent in (50, 95)),
            f"{one.paired(16):.2f}",
        ]
        for one in measured
    ]
    cost = [
        [
            one.pair.name,
            *(f"{one.sides[name].queries:,}" for name in (OURS, BARE)),
            *(f"{one.sides[name].bytes:,}" for name in (OURS, BARE)),
            _limits(one.pair),
            "met" if one.small_enough else "NOT MET",
        ]
        for one in measured
    ]
    tables = [
        table(headings, goals),
        table(["ms, sixteen connections", "ours p50", "p95", "bare p50", "p95", "paired"], busy),
        table(["cost", "queries", "bare", "bytes", "bare", "limits", ""], cost),
    ]
    missed = sum(not (one.fast_enough and one.small_enough) for one in measured)
    verdict = "Every goal is met." if not missed else f"{missed} of {len(measured)} pages miss a goal."
    return "\n\n".join(["", *tables, verdict])


def _limits(pair: Pair) -> str:
    limits = [(pair.most_queries, "queries"), (pair.most_bytes, "bytes")]
    return ", ".join(f"{most:,} {what}" for most, what in limits if most)


def figures(one: Measured) -> dict[str, Any]:
    """The same as plain values, in ms."""
    sides = {
        name: {
            "queries": side.queries,
            "bytes": side.bytes,
            "ms": {
                str(number): {f"p{percent}": round(side.percentile(number, percent), 2) for percent in (50, 95)}
                for number in CONNECTIONS
            },
        }
        for name, side in one.sides.items()
    }
    return {
        **sides,
        "ratio": round(one.ratio, 3),
        "paired_ratio": {str(number): round(one.paired(number), 3) for number in CONNECTIONS},
        "goal": one.pair.goal,
        "met": one.fast_enough and one.small_enough,
    }

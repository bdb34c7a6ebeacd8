"""What the second wall costs on PostgreSQL: the same pages with and without ``accounts.row_security``, in turn.

And what keeping the plans of queries saves: a third server has neither.
"""

from __future__ import annotations

import contextlib
from typing import Any

import django

from bench import house, load, pages
from bench.figures import median_of_paired_ratios, percentile, table

ROUNDS, REQUESTS = 60, 8
GOAL = 1.05
WITH, WITHOUT, PLANNING = "two walls", "one wall", "one wall, planning each query"


def run() -> dict[str, Any]:
    """Measure, print, and return the figures."""
    with house.database() as env, contextlib.ExitStack() as servers:
        django.setup()
        print("Filling the database.", flush=True)
        ours = {pair.name: pair.ours for pair in pages._pairs()}
        ports = {
            WITH: servers.enter_context(house.web(env)),
            WITHOUT: servers.enter_context(house.web({**env, "ONE_WALL": "1"})),
            PLANNING: servers.enter_context(house.web({**env, "ONE_WALL": "1", "DATABASE_PREPARED": "0"})),
        }
        turns = {name: _measure(ports, page) for name, page in ours.items()}
    found = {name: _figures(medians) for name, medians in turns.items()}
    headings = ["ms, one connection", *ports, "paired", "goal", "", "against planning"]
    rows = [
        [
            name,
            *(f"{one[server]:.2f}" for server in ports),
            f"{one['ratio']:.3f}",
            f"{GOAL:.2f}",
            _word(one["ratio"]),
            f"{one['against_planning']:.3f}",
        ]
        for name, one in found.items()
    ]
    print("", table(headings, rows), sep="\n")
    return found


def _measure(ports: dict[str, int], page: load.Page) -> dict[str, list[float]]:
    """The median of each turn, in ms."""
    for port in ports.values():
        load.ask(port, page, connections=4, requests=pages.WARM_UP)
    medians: dict[str, list[float]] = {name: [] for name in ports}
    for number in range(ROUNDS):
        for name in list(ports) if number % 2 else [*ports][::-1]:
            times = load.ask(ports[name], page, connections=1, requests=REQUESTS).times
            medians[name].append(percentile(times, 50))
    return medians


def _figures(medians: dict[str, list[float]]) -> dict[str, float]:
    ratio, against = (median_of_paired_ratios(medians[WITH], medians[other]) for other in (WITHOUT, PLANNING))
    middles = {name: round(percentile(turns, 50), 2) for name, turns in medians.items()}
    return {**middles, "ratio": round(ratio, 3), "against_planning": round(against, 3)}


def _word(ratio: float) -> str:
    return "met" if ratio <= GOAL else "NOT MET"

"""The report of the page benchmark, with invented measurements."""

from __future__ import annotations

import pytest
from django.test import Client

from bench import __main__ as bench
from bench.load import Page
from bench.pages import BARE, OURS, Measured, Pair, figures, report


def measured(ours: float, bare: float, **limits: int) -> Measured:
    """Measurements as if every response had taken this many ms."""
    one = Measured(Pair("people", Page("/people/", "x"), Page("/bare/people/", "x"), 1.25, **limits))
    for name, ms in ((OURS, ours), (BARE, bare)):
        one.sides[name].turns = {1: [[ms, ms]] * 5, 16: [[10 * ms]] * 5}
        one.sides[name].queries, one.sides[name].bytes = 6, 30_000
    return one


def test_a_goal_is_met_up_to_its_very_figure() -> None:
    assert measured(12.5, 10).fast_enough
    assert not measured(12.6, 10).fast_enough


def test_limits_of_queries_and_bytes_count_too() -> None:
    assert measured(10, 10, most_queries=6, most_bytes=30_000).small_enough
    assert not measured(10, 10, most_queries=5).small_enough
    assert not measured(10, 10, most_bytes=29_999).small_enough


def test_the_report_says_which_goal_is_missed() -> None:
    words = report([measured(12, 10), measured(20, 10)])
    assert words.count("NOT MET") == 1
    assert "1 of 2 pages miss a goal." in words
    assert "Every goal is met." in report([measured(12, 10)])


def test_figures_are_plain_values() -> None:
    found = figures(measured(12, 10))
    assert found["ratio"] == 1.2
    assert found["paired_ratio"] == {"1": 1.2, "16": 1.2}
    assert found[OURS] == {
        "queries": 6,
        "bytes": 30_000,
        "ms": {"1": {"p50": 12, "p95": 12}, "16": {"p50": 120, "p95": 120}},
    }
    assert found["met"] is True


def test_without_postgresql_it_says_so_and_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "find_postgres", lambda: None)
    assert bench.main([]) == 0
    assert "needs PostgreSQL" in capsys.readouterr().out


def test_an_unknown_bench_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["clouds"]) == 2
    assert "There are: pages, mails, walls, contacts, imports, years." in capsys.readouterr().out


def test_the_bare_pages_are_not_there_outside_the_bench(alice_client: Client) -> None:
    assert alice_client.get("/bare/people/").status_code == 404

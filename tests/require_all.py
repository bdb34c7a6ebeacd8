"""A pytest plugin for REQUIRE_ALL=1: lists skipped tests and fails the run if there are any."""

from __future__ import annotations

from typing import Any

skipped: list[str] = []


def pytest_runtest_logreport(report: Any) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        skipped.append(report.nodeid)


def pytest_collectreport(report: Any) -> None:
    if report.skipped:
        skipped.append(report.nodeid)


def pytest_sessionfinish(session: Any) -> None:
    if skipped and not hasattr(session.config, "workerinput"):
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if skipped:
        terminalreporter.write_line("REQUIRE_ALL=1, but these were skipped:", red=True)
        for name in skipped:
            terminalreporter.write_line(f"  {name}", red=True)

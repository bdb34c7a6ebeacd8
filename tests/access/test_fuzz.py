"""The fuzz run detects faults. The sweep makes a short round of it (``test_sweep.py``)."""

from __future__ import annotations

import pytest

from accounts import row_security
from tests.access import sweep
from tests.access.fuzz import Fuzz
from tests.access_world import World
from tests.factories import make_user


def test_a_failure_and_a_leak_would_be_noticed(alices: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(request: object) -> None:
        raise ValueError("Broken")

    monkeypatch.setattr(sweep, "SWEPT", ["need_edit"])  # the whole survey takes most of the time
    fuzz = Fuzz(alices, make_user("olga@example.org"), seed=12)
    monkeypatch.setattr("portfolio.views.needs.get_owned", lambda kind, user, **lookup: kind.objects.get(**lookup))
    monkeypatch.setattr("portfolio.views.briefs.next_open", careless, raising=False)
    for _ in range(30):
        fuzz.try_one("get", "need_edit", "")
    leaked = any("shows aliceonly" in leak for leak in fuzz.report.leaks)
    assert leaked != row_security.is_there()  # the second wall holds where there is one
    monkeypatch.setattr("portfolio.views.needs.get_owned", careless)
    fuzz.try_one("get", "need_edit", "")
    assert any("TypeError" in failure for failure in fuzz.report.failures)

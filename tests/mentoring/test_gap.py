"""The heaviest gap in words, with whoever might fill it."""

from __future__ import annotations

import pytest

from accounts.models import User
from mentoring.gap import gap_of
from portfolio.overview.selectors import portfolio_of
from tests.factories import make_could_help, make_need, make_person


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Delphine Okafor"], "One person you know could help: Delphine Okafor."),
        (["Ann Abel", "Bea Bell"], "Two people you know could help. Ann Abel, for one."),
    ],
)
def test_who_could_help_is_named(alice: User, names: list[str], words: str) -> None:
    need = make_need(alice)
    for name in names:
        make_could_help(make_person(alice, name), need)
    gap = gap_of(alice, portfolio_of(alice).gaps[0])
    assert gap.words == words

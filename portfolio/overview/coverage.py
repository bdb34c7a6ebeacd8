"""Which needs are covered, by whom, and which have no mentor yet. Pure functions over plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

COMPETENCIES = ("why", "how", "whom")


@dataclass(frozen=True)
class NeedFact:
    """An open need. ``weight`` 1 to 3."""

    id: int
    competency: str
    words: str
    weight: int
    opened_on: dt.date


@dataclass(frozen=True)
class MentorFact:
    """A running mentorship: ``id`` is the mentorship's."""

    id: int
    person_id: int
    name: str
    paused: bool = False


@dataclass(frozen=True)
class SupportFact:
    """What a mentorship supports today; without ``need_id`` it is unplanned support. ``strength`` 1 to 3."""

    mentorship_id: int
    competency: str
    need_id: int | None
    strength: int


@dataclass(frozen=True)
class Supporter:
    """A mentor who supports a need or competency. ``planned``: there is an open need for it."""

    mentor: MentorFact
    strength: int
    planned: bool = True


@dataclass(frozen=True)
class Coverage:
    by_competency: dict[str, tuple[Supporter, ...]]
    by_need: dict[int, tuple[Supporter, ...]]
    gaps: tuple[NeedFact, ...]
    hanging: tuple[NeedFact, ...]

    def strength(self, need_id: int, mentorship_id: int) -> int:
        """How strongly this mentor supports that need, 0 for not at all."""
        return next((s.strength for s in self.by_need.get(need_id, ()) if s.mentor.id == mentorship_id), 0)


def cover(needs: Iterable[NeedFact], supports: Iterable[SupportFact], mentorships: Iterable[MentorFact]) -> Coverage:
    """Match open needs with running mentorships.

    Paused mentors count. A support of a need that is not among ``needs`` (closed) counts as unplanned support of its
    competency; a support of a mentorship that is not among ``mentorships`` (ended) does not count. Supporters are
    ordered strongest first, then active before paused, then in the given order; gaps heaviest first, then oldest.
    """
    needs = sorted(needs, key=_heaviest_then_oldest)
    mentors = {mentor.id: mentor for mentor in mentorships}
    place = {id_: i for i, id_ in enumerate(mentors)}
    wanted = {need.id: need for need in needs}
    need_cells: dict[int, dict[int, Supporter]] = {need.id: {} for need in needs}
    competency_cells: dict[str, dict[int, Supporter]] = {c: {} for c in COMPETENCIES}
    for support in supports:
        mentor = mentors.get(support.mentorship_id)
        if mentor is None:
            continue
        planned = support.need_id in wanted
        if support.need_id in need_cells:
            _stronger(need_cells[support.need_id], Supporter(mentor, support.strength))
        competency = wanted[support.need_id].competency if support.need_id in wanted else support.competency
        _stronger(competency_cells[competency], Supporter(mentor, support.strength, planned))

    def in_order(cells: dict[int, Supporter]) -> tuple[Supporter, ...]:
        return tuple(sorted(cells.values(), key=lambda s: (-s.strength, s.mentor.paused, place[s.mentor.id])))

    by_need = {need.id: in_order(need_cells[need.id]) for need in needs}
    return Coverage(
        by_competency={c: in_order(cells) for c, cells in competency_cells.items()},
        by_need=by_need,
        gaps=tuple(need for need in needs if not by_need[need.id]),
        hanging=tuple(need for need in needs if len({s.mentor.person_id for s in by_need[need.id]}) == 1),
    )


def _heaviest_then_oldest(need: NeedFact) -> tuple[int, dt.date, int]:
    return (-need.weight, need.opened_on, need.id)


def _stronger(cells: dict[int, Supporter], new: Supporter) -> None:
    """One entry per mentor, with the strongest support; planned if any of their supports is."""
    old = cells.get(new.mentor.id)
    if old is None:
        cells[new.mentor.id] = new
        return
    cells[new.mentor.id] = Supporter(new.mentor, max(old.strength, new.strength), old.planned or new.planned)


def strongest(supports: Iterable[tuple[str, int]]) -> list[str]:
    """The competencies with the strongest support, from pairs of competency and strength; several on a tie.

    In the order why, how, whom. A competency is as strong as its strongest support.
    """
    pairs = list(supports)
    most = max((strength for _, strength in pairs), default=0)
    return [competency for competency in COMPETENCIES if (competency, most) in pairs]

"""A table of needs and mentors with the same data as the constellation. Pure functions over plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.words import counted, listed, number, sentence
from portfolio.overview.coverage import COMPETENCIES, MentorFact, NeedFact, SupportFact, cover

MARKS = {"why": "●", "how": "■", "whom": "▲"}  # the shapes of the constellation
STRENGTHS = {1: "A little", 2: "Well", 3: "Strongly"}


@dataclass(frozen=True)
class Cell:
    """How strongly one mentor supports one row, from 0 (not at all) to 3."""

    strength: int

    @property
    def words(self) -> str:
        return STRENGTHS.get(self.strength, "")

    @property
    def marks(self) -> range:
        return range(self.strength)


@dataclass(frozen=True)
class CoverageRow:
    """An open need; without ``need``, the support in this competency beyond open needs.

    ``cells`` are in the order of the table's mentors; ``could_help`` is how many people the user thought of for it.
    """

    need: NeedFact | None
    cells: tuple[Cell, ...]
    supporters: tuple[MentorFact, ...]
    could_help: int = 0

    @property
    def is_gap(self) -> bool:
        return self.need is not None and not self.supporters

    @property
    def hangs_on_one(self) -> bool:
        return self.need is not None and len(self.supporters) == 1

    @property
    def words(self) -> str:
        """The supporters as text."""
        if self.is_gap:
            return f"Nobody yet · {self.could_help} could help" if self.could_help else "Nobody yet"
        names = [f"{mentor.name} (paused)" if mentor.paused else mentor.name for mentor in self.supporters]
        if self.hangs_on_one:
            return f"Hangs on {names[0]}"
        return listed(names) if len(names) < 3 else f"{number(len(names)).capitalize()} mentors"


@dataclass(frozen=True)
class Group:
    """The rows of one competency."""

    competency: str
    rows: tuple[CoverageRow, ...]

    @property
    def mark(self) -> str:
        return MARKS[self.competency]


@dataclass(frozen=True)
class Table:
    """``totals`` are the numbers of open needs each mentor supports, in the order of ``mentors``."""

    mentors: tuple[MentorFact, ...]
    groups: tuple[Group, ...]
    totals: tuple[int, ...]

    @property
    def needs(self) -> list[CoverageRow]:
        return [row for group in self.groups for row in group.rows if row.need]

    @property
    def gaps(self) -> list[CoverageRow]:
        return [row for row in self.needs if row.is_gap]

    @property
    def hanging(self) -> list[CoverageRow]:
        return [row for row in self.needs if row.hangs_on_one]

    @property
    def idle(self) -> list[MentorFact]:
        """Mentors without a recorded support."""
        cells = [row.cells for group in self.groups for row in group.rows]
        return [m for place, m in enumerate(self.mentors) if not any(row[place].strength for row in cells)]

    @property
    def summary(self) -> str:
        """A summary of the table in a sentence or two."""
        if not self.needs:
            return sentence(f"no open need, {counted(len(self.mentors), 'mentor', 'mentors')}")
        alone, several = len(self.gaps), len(self.needs) - len(self.gaps) - len(self.hanging)
        parts = [
            (several, "has several mentors", "have several mentors"),
            (len(self.hanging), "hangs on one person", "hang on one person"),
            (alone, "has nobody yet", "have nobody yet"),
        ]
        said = [counted(count, one, many) for count, one, many in parts if count]
        total = counted(len(self.needs), "open need", "open needs")
        mentors = counted(len(self.mentors), "mentor", "mentors") if self.mentors else "no mentor yet"
        return sentence(f"{total}, {mentors}: {listed(said)}")

    @property
    def people_needs_hang_on(self) -> list[tuple[MentorFact, int]]:
        """Mentors who are the only supporter of two or more needs, most needs first."""
        carried = [(m, sum(row.supporters == (m,) for row in self.hanging)) for m in self.mentors]
        return sorted([pair for pair in carried if pair[1] > 1], key=lambda pair: -pair[1])


def table(
    needs: Sequence[NeedFact],
    supports: Sequence[SupportFact],
    mentors: Sequence[MentorFact],
    could_help: dict[int, int] | None = None,
) -> Table:
    """One row per open need and one column per running mentorship, in the given order.

    Within a competency, needs are ordered by weight, then uncovered ones, then those with one supporter, then by age.
    Support beyond open needs follows in a separate row.
    """
    coverage = cover(needs, supports, mentors)
    ideas, by_id = could_help or {}, {need.id: need for need in needs}
    rows = {
        need_id: CoverageRow(
            need=by_id[need_id],
            cells=tuple(Cell(coverage.strength(need_id, mentor.id)) for mentor in mentors),
            supporters=tuple(supporter.mentor for supporter in supporters),
            could_help=ideas.get(need_id, 0),
        )
        for need_id, supporters in coverage.by_need.items()
    }
    groups = []
    for competency in COMPETENCIES:
        own = [row for row in rows.values() if row.need and row.need.competency == competency]
        unplanned = _unplanned(competency, rows, supports, mentors)
        groups.append(Group(competency, (*sorted(own, key=_gaps_first_among_equals), *unplanned)))
    totals = tuple(sum(bool(row.cells[place].strength) for row in rows.values()) for place in range(len(mentors)))
    return Table(tuple(mentors), tuple(groups), totals)


def _gaps_first_among_equals(row: CoverageRow) -> tuple[int, int]:
    return (-row.need.weight if row.need else 0, min(len(row.supporters), 2))


def _unplanned(
    competency: str, rows: dict[int, CoverageRow], supports: Sequence[SupportFact], mentors: Sequence[MentorFact]
) -> list[CoverageRow]:
    """Support without an open need, including that of closed needs."""
    strength = {mentor.id: 0 for mentor in mentors}
    for support in supports:
        if support.competency == competency and support.need_id not in rows and support.mentorship_id in strength:
            strength[support.mentorship_id] = max(strength[support.mentorship_id], support.strength)
    if not any(strength.values()):
        return []
    cells = tuple(Cell(strength[mentor.id]) for mentor in mentors)
    return [CoverageRow(None, cells, tuple(mentor for mentor in mentors if strength[mentor.id]))]

"""Who knows whom: ways to a person through others, and circles. Pure functions over ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

Chain = tuple[int, ...]


def chains_to(
    target: int,
    known_by: Mapping[int, Sequence[int]],
    *,
    mentors: Collection[int] = (),
    names: Mapping[int, str] | None = None,
    steps: int = 2,
) -> list[Chain]:
    """Every way to ``target`` through at most ``steps`` others, as ids from whom to ask first to who knows them.

    Breadth first, so the shortest come first; nobody stands twice in a chain. Among equals those that begin with a
    mentor come first, then by ``names`` (folded, if given) and ids.
    """
    found: list[Chain] = []
    edge: list[Chain] = [()]
    for _ in range(steps):
        edge = [
            (knower, *chain)
            for chain in edge
            for knower in dict.fromkeys(known_by.get(chain[0] if chain else target, ()))
            if knower != target and knower not in chain
        ]
        found += edge
    called = names or {}

    def order(chain: Chain) -> tuple[int, bool, tuple[str, ...], Chain]:
        return (len(chain), chain[0] not in mentors, tuple(called.get(one, "") for one in chain), chain)

    return sorted(found, key=order)


def leads_back(start: int, end: int, edges: Iterable[tuple[int, int]]) -> bool:
    """Whether a way along ``edges`` (from, to) leads from ``end`` to ``start``: with start → end it were a circle."""
    onward: dict[int, list[int]] = {}
    for one, other in edges:
        onward.setdefault(one, []).append(other)
    seen, waiting = {end}, [end]
    while waiting:
        for other in onward.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return start in seen

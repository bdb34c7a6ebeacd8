"""Chains of introductions to a person, and circles. Pure functions over ids."""

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
    """Every chain to ``target`` through at most ``steps`` others, as ids, starting with the person to ask first.

    Breadth first, so the shortest come first; nobody is twice in a chain. Ties are sorted by whether the first is a
    mentor, then by ``names`` (folded, if given) and ids.
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
    """Whether ``edges`` (from, to) lead from ``end`` to ``start``, so that adding start → end would close a circle."""
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

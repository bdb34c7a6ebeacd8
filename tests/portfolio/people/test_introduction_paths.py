from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portfolio.people.introduction_paths import chains_to, leads_back

MARGARET, HENRIK, PRIYA, ANN = 1, 2, 3, 4
small = st.integers(1, 7)
graphs = st.dictionaries(small, st.lists(small, max_size=6), max_size=7)


def test_ways_lead_through_one_or_two_and_mentors_come_first() -> None:
    known_by = {PRIYA: [HENRIK, ANN], HENRIK: [MARGARET, PRIYA], ANN: []}
    names = {MARGARET: "margaret", HENRIK: "henrik", ANN: "ann"}
    assert chains_to(PRIYA, known_by, names=names) == [(ANN,), (HENRIK,), (MARGARET, HENRIK)]
    assert chains_to(PRIYA, known_by, mentors={HENRIK}, names=names)[0] == (HENRIK,)
    assert chains_to(PRIYA, known_by, steps=1) == [(HENRIK,), (ANN,)]


@given(graphs, small, st.sets(small))
def test_no_circles_shortest_first_each_once(graph: dict[int, list[int]], target: int, mentors: set[int]) -> None:
    chains = chains_to(target, graph, mentors=mentors)
    assert len(set(chains)) == len(chains)
    assert [len(chain) for chain in chains] == sorted(len(chain) for chain in chains)
    for chain in chains:
        assert 1 <= len(chain) <= 2
        assert len({*chain, target}) == len(chain) + 1
        for knower, known in zip(chain, (*chain[1:], target), strict=True):
            assert knower in graph[known]


@given(graphs, small, st.randoms())
def test_the_order_of_what_came_in_makes_no_difference(
    graph: dict[int, list[int]], target: int, random: object
) -> None:
    mixed = {one: list(others) for one, others in graph.items()}
    for others in mixed.values():
        random.shuffle(others)  # type: ignore[attr-defined]
    assert chains_to(target, mixed) == chains_to(target, graph)


def test_circles_are_seen_however_long() -> None:
    assert leads_back(1, 2, [(2, 1)])
    assert leads_back(1, 2, [(2, 3), (3, 4), (4, 1), (3, 2)])
    assert not leads_back(1, 2, [(3, 2), (2, 4)])
    assert leads_back(1, 1, [])

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.cells.search.playing import Play

from archwright.cells import nasbench201
from archwright.cells.cell import Cell
from archwright.cells.search.controls import LocalSearch, RandomSearch, RegularisedEvolution
from archwright.cells.search.space import SEARCH_SPACES
from archwright.cells.search.strategy import Measurement

SPACE = SEARCH_SPACES["nasbench201"]
Accuracy = Callable[[Cell], float]


def test_random_search_asks_for_every_cell_once(pool: Sequence[Cell], accuracy: Accuracy) -> None:
    search = Play(SPACE, RandomSearch(pool, 0), accuracy)
    search.run(10_000)
    assert sorted(map(nasbench201.write, pool)) == sorted(nasbench201.write(query.cell) for query in search.queries)
    assert [query.cell for query in search.queries] != list(pool)


def test_the_winner_of_a_tournament_has_children_until_it_is_the_oldest(pool: Sequence[Cell]) -> None:
    strategy = RegularisedEvolution(replace(SPACE, population=4, tournament=4), pool, 0)
    best, worst = nasbench201.cell_of(("nor_conv_3x3",) * 6), nasbench201.cell_of(("none",) * 6)
    strategy.tell([Measurement(best, 1.0, True)])
    for _ in range(3):
        assert strategy.ask()[0] in pool
        strategy.tell([Measurement(worst, 0.1, False)])
    (child,) = strategy.ask()
    assert strategy.ask() == [child]
    assert child in nasbench201.neighbours(best)
    strategy.tell([Measurement(worst, 0.1, False)])
    assert strategy.ask()[0] in nasbench201.neighbours(worst)


def test_what_was_not_measured_never_joins_the_population(pool: Sequence[Cell]) -> None:
    strategy = RegularisedEvolution(SPACE, pool, 0)
    asked = []
    for _ in range(3 * SPACE.population):
        asked += strategy.ask()
        strategy.tell([Measurement(asked[-1], None, False)])
    assert set(asked) <= set(pool)
    assert len(set(asked)) == len(asked)


def test_local_search_climbs_to_the_top_and_begins_again(pool: Sequence[Cell], accuracy: Accuracy) -> None:
    best = nasbench201.cell_of(("nor_conv_3x3",) * 6)
    search = Play(SPACE, LocalSearch(SPACE, pool, 0), accuracy)
    search.run(1 + 6 * 24)
    assert search.incumbent.cell == best
    strategy = LocalSearch(SPACE, pool, 0)
    (start,) = strategy.ask()
    strategy.tell([Measurement(start, 0.5, True)])
    near = strategy.ask()
    assert sorted(map(nasbench201.write, near)) == sorted(map(nasbench201.write, nasbench201.neighbours(start)))
    strategy.tell([Measurement(cell, 0.5, True) for cell in near])
    assert len(strategy.ask()) == 1

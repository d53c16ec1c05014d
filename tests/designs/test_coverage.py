import random

from archwright.designs import Design
from archwright.designs.coverage import coverage_of, spreads


def counted(cells, **factors):
    return {spread.over: spread for spread in spreads(Design(factors, cells), cells)}


def test_equal_counts_have_no_inequality_and_a_chi_square_of_zero() -> None:
    spread = counted([{"loss": "a"}, {"loss": "b"}] * 5, loss=("a", "b"))["loss"]
    assert (spread.least, spread.most, spread.gini, spread.chi_square, spread.p) == (5, 5, 0.0, 0.0, 1.0)


def test_one_level_that_has_everything_is_as_uneven_as_can_be() -> None:
    spread = counted([{"loss": "a"}] * 10, loss=("a", "b"))["loss"]
    assert (spread.seen, spread.gini, spread.chi_square) == (1, 0.5, 10.0)
    assert abs(spread.p - 0.00157) < 1e-5  # of chi-square with one degree of freedom


def test_levels_that_take_part_together_are_counted_in_pairs() -> None:
    cells = [{"experts": ["b", "a"]}, {"experts": ["a", "c"]}]
    found = counted(cells, experts=("a", "b", "c"))
    assert (found["experts"].least, found["experts"].most) == (1, 2)
    assert (found["pairs of experts"].levels, found["pairs of experts"].seen) == (3, 2)


def test_pairs_of_two_factors_are_counted() -> None:
    found = counted([{"a": 1, "b": 1}, {"a": 2, "b": 2}], a=(1, 2), b=(1, 2))
    assert (found["a x b"].levels, found["a x b"].seen) == (4, 2)


def test_what_is_done_is_counted_while_the_rest_waits(make_record, syntax_error) -> None:
    design = Design({"loss": ("a", "b")}, [{"loss": "a"}, {"loss": "b"}, {"loss": "a"}])
    records = [make_record(1, 0, 0.5), make_record(1, 1, failure=syntax_error), make_record(1, 2)]
    for record, cell in zip(records, design.cells, strict=True):
        object.__setattr__(record.candidate, "facts", cell)
    coverage = coverage_of(design, records)
    assert (coverage.cells, coverage.done, coverage.valid) == (3, 2, 1)


def test_levels_drawn_at_random_without_repeating_look_like_chance() -> None:
    """Four of nine levels in a cell spread more evenly than single draws; taken for these, 1 of 400 was below 5 %."""
    rng, families = random.Random(0), tuple("abcdefghi")
    found = [
        counted([{"experts": rng.sample(families, 4)} for _ in range(36)], experts=families)["experts"].p
        for _ in range(400)
    ]
    assert 0.03 < sum(p < 0.05 for p in found) / len(found) < 0.08
    assert 0.45 < sum(found) / len(found) < 0.55


def test_levels_that_all_take_part_in_every_cell_are_even() -> None:
    spread = counted([{"experts": ["a", "b"]}] * 3, experts=("a", "b"))["experts"]
    assert (spread.chi_square, spread.p) == (0.0, 1.0)

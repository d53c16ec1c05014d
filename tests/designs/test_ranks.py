from dataclasses import replace

import pytest

from archwright.analysis.report.designs import scores_by_block
from archwright.contracts.network import ACCURACY
from archwright.designs import Design
from archwright.designs.ranks import Ranked, Ranking, averaged, rank, regret, shares
from archwright.task import Metric

# Ranks by hand: a 1 1 1.5 1, b 2 3 1.5 2, c 3 2 3 3.
TABLE = {
    (block,): dict(zip((("a",), ("b",), ("c",)), scores, strict=True))
    for block, scores in enumerate([(0.9, 0.8, 0.1), (0.7, 0.2, 0.3), (0.5, 0.5, 0.4), (0.6, 0.3, 0.2)])
}


def test_ranks_are_means_over_blocks_and_ties_share_theirs() -> None:
    ranking = rank(TABLE)
    assert [(one.treatment[0], one.rank) for one in ranking.ranked] == [("a", 1.125), ("b", 2.125), ("c", 2.75)]
    assert ranking.ranked[0].score == pytest.approx(0.675)


def test_the_critical_difference_is_that_of_demsars_table() -> None:
    four = {(block,): {(name,): float(block + (name == "a")) for name in "abcd"} for block in range(14)}
    assert rank(four).critical_difference == pytest.approx(2.569 * (4 * 5 / (6 * 14)) ** 0.5, abs=0.001)  # q of table 5


def test_treatments_nearer_than_the_critical_difference_form_a_group() -> None:
    many = {(block,): {("a",): 0.9, ("b",): 0.8 + 0.2 * (block % 5 == 0), ("c",): 0.1} for block in range(20)}
    assert [[rank(many).ranked[at].treatment[0] for at in group] for group in rank(many).groups] == [["a", "b"]]
    assert rank(TABLE).groups == [(0, 2)]


def test_a_block_without_a_treatment_is_left_out() -> None:
    table = {**TABLE, (99,): {("a",): 1.0}}
    assert rank(table) == rank(TABLE)


def test_too_little_has_no_ranks() -> None:
    assert rank({}) is None
    assert rank({("one",): dict.fromkeys("abc", 0.5)}) is None


def test_the_regret_is_what_the_best_single_treatment_loses_in_each_block() -> None:
    lost = regret({(1,): {("a",): 0.9, ("b",): 0.8}, (2,): {("a",): 0.5, ("b",): 0.7}})
    assert lost.treatment == ("b",)
    assert (lost.mean, lost.worst) == pytest.approx((0.05, 0.1))
    assert lost.left_out == pytest.approx((0.1 + 0.2) / 2)  # each block is served what the other one likes


def test_the_variance_goes_to_the_term_it_comes_from() -> None:
    additive = {
        (block,): {(a, b): block + 0.3 * a + 0.1 * b + 0.01 * (block == a) for a in (0, 1) for b in (0, 1)}
        for block in (0, 1, 2)
    }
    found = {share.term: share for share in shares(additive, ("a", "b"))}
    assert sum(share.share for share in found.values()) == pytest.approx(1.0)
    assert found["a",].share > found["b",].share > 0.0
    assert found["a", "b"].share == pytest.approx(0.0, abs=1e-12)


def test_what_rounding_leaves_is_no_share_and_has_no_p() -> None:
    cells = [(a, b) for a in "pqr" for b in "st"]
    same = {(block,): dict.fromkeys(cells, 0.1) for block in range(3)}
    assert all((share.share, share.p) == (0.0, None) for share in shares(same, ("a", "b")))
    additive = {
        (block,): {cell: 0.1 + 0.1 * "pqr".index(cell[0]) + 0.01 * block for cell in cells} for block in range(3)
    }
    found = {share.term: share for share in shares(additive, ("a", "b"))}
    assert found["a",].share == pytest.approx(0.99, abs=0.01)
    assert found["a",].p is None  # its interaction with the blocks is nothing but rounding
    assert found["b",].share == 0.0


def test_candidates_of_one_cell_are_averaged() -> None:
    assert averaged([((1,), ("a",), 0.2), ((1,), ("a",), 0.4)]) == {(1,): {("a",): pytest.approx(0.3)}}


@pytest.mark.parametrize(
    ("metric", "failed"),
    [
        (ACCURACY, 0.0),
        (Metric("error", higher_is_better=False, bounds=(0.0, 1.0)), -1.0),
        (Metric("loss", higher_is_better=False), -0.9),
    ],
)
def test_a_failure_is_the_worst_of_its_block_also_where_lower_is_better(
    make_record, syntax_error, metric: Metric, failed: float
) -> None:
    cells = [{"network": "n", "loss": loss} for loss in "abc"]
    records = [make_record(1, 0, 0.5), make_record(1, 1, 0.9), make_record(1, 2, failure=syntax_error)]
    for record, cell in zip(records, cells, strict=True):
        object.__setattr__(record.candidate, "facts", cell)
        if record.is_valid:
            scores = replace(record.outcome.scores, values={metric.name: record.outcome.scores.values["accuracy"]})
            object.__setattr__(record.outcome, "scores", scores)
    design = Design({"network": ("n",), "loss": ("a", "b", "c")}, cells, blocks=("network",))
    row = scores_by_block(design, records, metric)[("n",)]
    assert row == {("a",): metric.key(0.5), ("b",): metric.key(0.9), ("c",): failed}
    assert row[("c",)] == min(row.values())


def test_treatments_exactly_one_critical_difference_apart_are_told_apart() -> None:
    ranked = (Ranked(("a",), 1.0, 0.9), Ranked(("b",), 2.0, 0.5), Ranked(("c",), 2.5, 0.4))
    assert Ranking(ranked, 4, 1.0, 0.5, critical_difference=1.0).groups == [(1, 2)]

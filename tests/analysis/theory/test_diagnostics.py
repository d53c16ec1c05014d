import json
import re
from dataclasses import replace

import pytest

from archwright.analysis.report.diagnosis import statement_table
from archwright.analysis.summary import summarize_cycles
from archwright.analysis.theory.diagnostics import diagnose
from archwright.analysis.theory.document import diagnostics_document
from archwright.archive import CycleRow
from archwright.candidate import AdmissionReason, Call, Failure, FailureKind, Fidelity, Outcome, Stage, Trial
from archwright.cli.answer import write_json
from archwright.contracts.network import ACCURACY
from archwright.testing.records import scored

NET = "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        self.a = nn.Conv2d(3, {}, 3)\n"


def diagnosed(records, threshold=0.4, **how):
    cycles = sorted({record.candidate.key.cycle for record in records})
    summaries = summarize_cycles(records, [CycleRow(cycle, threshold) for cycle in cycles], ACCURACY)
    return diagnose(records, summaries, ACCURACY, **how)


def with_seeds(record, *accuracies, at=None, split="validation"):
    at = at or Fidelity()
    for seed, accuracy in enumerate(accuracies, start=1):
        trial = Trial(record.program.digest, 1_000 + seed, at, split)
        record = record.tried(trial, Outcome(Stage.SCORE, scores=scored(accuracy)))
    return record


def test_the_elite_is_counted_among_all_that_were_tried(make_record, syntax_error):
    duplicate = Failure(Stage.NOVELTY, FailureKind.NEAR_DUPLICATE, "too similar")
    found = diagnosed(
        [
            make_record(1, 0, 0.5),
            make_record(1, 1, 0.3),
            make_record(1, 2, failure=syntax_error),
            make_record(1, 3, failure=duplicate),
            make_record(1, 4),
        ]
    )
    (cycle,) = found.cycles
    assert (cycle.elite.elite, cycle.elite.n) == (1, 3)


def test_cycles_that_are_not_finished_are_left_out(make_record):
    records = [make_record(1, 0, 0.5), make_record(2, 0, 0.6)]
    summaries = summarize_cycles(records, [CycleRow(1, 0.4)], ACCURACY)
    assert [cycle.cycle for cycle in diagnose(records, summaries, ACCURACY).cycles] == [1]


def test_one_threshold_counts_in_every_cycle(make_record):
    records = [make_record(1, 0, 0.5), make_record(2, 0, 0.5)]
    summaries = summarize_cycles(records, [CycleRow(1, 0.4), CycleRow(2, 0.6)], ACCURACY)
    found = diagnose(records, summaries, ACCURACY)
    assert [cycle.elite.elite for cycle in found.cycles] == [0, 0]


def test_without_a_threshold_there_is_no_elite(make_record):
    found = diagnosed([make_record(1, 0, 0.5)], threshold=None)
    assert found.cycles[0].elite is None
    assert found.laws == {}


def test_programs_that_differ_in_comments_only_are_one_architecture(make_record):
    sources = [NET.format(8), "# again\n" + NET.format(8), NET.format(16)]
    found = diagnosed([make_record(1, n, 0.5, source=source) for n, source in enumerate(sources)])
    assert found.cycles[0].variety.distinct == 2
    assert found.cycles[0].variety.largest == 2


def test_a_cycle_of_copies_is_warned_of(make_record):
    varied = [make_record(1, n, 0.5, source=f"no program {n}: " + f"word{n} " * 20) for n in range(10)]
    copies = [make_record(2, n, 0.5, source=NET.format(8)) for n in range(10)]
    warnings = diagnosed([*varied, *copies]).warnings
    assert any("One architecture is 10 of 10 valid candidates of cycle 2" in warning for warning in warnings)
    assert any("What is written narrows" in warning for warning in warnings)


def test_a_fall_of_the_mean_is_warned_of(make_record):
    records = [make_record(1, n, 0.8 + n / 1000, source=f"a = {n}") for n in range(5)]
    records += [make_record(2, n, 0.5 + n / 1000, source=f"b = {n}") for n in range(5)]
    assert any("fell from cycle 1 to 2" in warning for warning in diagnosed(records).warnings)


def test_a_ranking_that_seeds_decide_is_warned_of_with_the_seeds_needed(make_record):
    rows = [(0.50, 0.54), (0.53, 0.50), (0.52, 0.49), (0.55, 0.53), (0.51, 0.545), (0.56, 0.57)]
    records = [
        with_seeds(make_record(1, n, first, source=f"a = {n}"), second) for n, (first, second) in enumerate(rows)
    ]
    found = diagnosed(records)
    assert found.reliability.components.values == 12
    needed = found.reliability.seeds_needed
    (warning,) = [warning for warning in found.warnings if "not to be trusted" in warning]
    assert f"train each of the best with {needed} seeds" in warning


def test_a_ranking_far_above_the_noise_is_not_warned_of(make_record):
    records = [with_seeds(make_record(1, n, n / 10, source=f"a = {n}"), n / 10 + 0.001) for n in range(1, 8)]
    found = diagnosed(records)
    assert found.warnings == []
    assert found.reliability.seeds_needed == 1


def test_the_same_program_proposed_again_tells_the_noise(make_record):
    records = [make_record(1, 0, 0.5, source="a = 1"), make_record(1, 1, 0.7, source="b = 2")]
    again = make_record(1, 2, 0.52, source="a = 1")
    ((trial, outcome),) = again.outcomes.items()
    again = replace(again, outcomes={replace(trial, seed=99): outcome})
    components = diagnosed([*records, again]).reliability.components
    assert (components.architectures, components.values) == (2, 3)
    assert components.noise == pytest.approx(0.0002)


def test_two_fidelities_are_compared_where_both_are_known(make_record):
    at = Fidelity(epochs=20)
    records = [
        with_seeds(make_record(1, n, n / 20, source=f"a = {n}"), 0.5 + n / 50, at=at)
        if n > 3
        else make_record(1, n, n / 20, source=f"a = {n}")
        for n in range(12)
    ]
    (comparison,) = diagnosed(records).reliability.comparisons
    assert (comparison.epochs, comparison.measured.n, comparison.measured.rho) == (20, 8, pytest.approx(1.0))


def test_another_recipe_is_no_other_fidelity(make_record):
    """A sweep trains every network with two recipes; one of them also longer."""
    search, other = (Fidelity(recipe=f'{{"lr": {lr}}}') for lr in (0.01, 0.05))
    records = []
    for n in range(12):
        record = make_record(1, n, n / 20, source=f"a = {n}")
        ((trial, outcome),) = record.outcomes.items()
        record = replace(record, outcomes={replace(trial, at=search): outcome})
        for at in (other, replace(search, epochs=20), replace(other, epochs=30)):
            record = with_seeds(record, 0.5 + n / 50, at=at)
        records.append(record)
    assert [each.epochs for each in diagnosed(records).reliability.comparisons] == [20]


def test_lines_are_those_that_a_model_wrote_or_that_its_parent_lacks(make_record, syntax_error):
    parent = make_record(1, 0, 0.5, source="a = 1\nb = 2\n")
    child = make_record(1, 1, failure=syntax_error, source="a = 1\nb = 3\n\nc = 4\n")
    child = replace(child, candidate=replace(child.candidate, parents=(parent.program.digest,)))
    written = make_record(1, 2, 0.5, source="x = 1")
    call = Call("writer", prompt="", completion="one\n\ntwo", model="m")
    written = replace(written, candidate=replace(written.candidate, calls=(call,)))
    fit = diagnosed([parent, child, written]).validity
    assert (fit.n, fit.valid) == (2, 1)
    assert fit.logistic.slope < 0
    assert 2 < -fit.logistic.intercept / fit.logistic.slope < 3  # Where half are valid.


@pytest.mark.parametrize(("is_valid_short", "verdict"), [(True, "supported"), (False, "no effect shown")])
def test_lines_that_part_valid_from_invalid_are_reported_by_a_bound(make_record, syntax_error, is_valid_short, verdict):
    def written(n):
        how = {"accuracy": 0.5} if (n < 6) == is_valid_short else {"failure": syntax_error}
        call = Call("writer", prompt="", completion="line\n" * (n + 1), model="m")
        record = make_record(1, n, **how)
        return replace(record, candidate=replace(record.candidate, calls=(call,)))

    found = diagnosed([written(n) for n in range(12)])
    row = next(row for row in statement_table(found, ACCURACY).rows if row[0].startswith("4"))
    assert row[1] == verdict
    bound = r"log odds at most -\d" if is_valid_short else r"log odds at least \+\d"
    assert re.match(bound, row[2]), row[2]
    assert "inf" not in row[2]
    ends = diagnostics_document(found)["validity"]["logistic"]["slope_interval"]
    assert [end is None for end in ends] == [is_valid_short, not is_valid_short]


def test_a_parent_from_the_beginning_is_known(make_record, syntax_error):
    starter = make_record(1, 9, 0.5, source="a = 1")
    parents = {"parents": (starter.program.digest,)}
    near, far = make_record(1, 0, 0.5, source="a = 2"), make_record(1, 1, failure=syntax_error, source="b\nc\nd")
    near, far = (replace(each, candidate=replace(each.candidate, **parents)) for each in (near, far))
    assert diagnosed([near, far], begun_with=[starter]).validity.n == 2


def test_the_nearest_admitted_program_is_reported(make_record):
    record = make_record(1, 0, 0.5, reason=AdmissionReason.ADMITTED)
    assert diagnosed([record]).nearest_admitted is None


def test_an_empty_study_has_diagnostics(tmp_path):
    document = diagnostics_document(diagnose([], [], ACCURACY))
    assert document["warnings"] == []
    assert document["cycles"] == []
    with (tmp_path / "d.json").open("w") as file:
        write_json(document, file)


def test_the_document_is_json_whatever_the_scores(make_record, tmp_path):
    values = [0.0, 1e300, -1e300, 1e-300, 5e-324, 0.5]
    records = [make_record(cycle, n, value, source=f"a = {n}") for cycle in (1, 2) for n, value in enumerate(values)]
    with (tmp_path / "d.json").open("w") as file:
        write_json(diagnostics_document(diagnosed(records)), file)
    assert json.loads((tmp_path / "d.json").read_text())["cycles"][1]["compared"] == 6

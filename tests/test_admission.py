"""Who is novel in a cycle, with the filter of near-duplicates in the published order: after the threshold."""

from dataclasses import replace

import pytest

from archwright.admission import Admissions
from archwright.candidate import AdmissionReason as Reason
from archwright.candidate import Candidate, Key, Outcome, Program, Record, Scores, Stage, Trial
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.elite import ThresholdAdmission
from archwright.programs.graph import Graph, TracedOperation
from archwright.starters import load_seed_corpus
from archwright.strategies.strategy import View

SEEDS = {network.name: network.program.source for network in load_seed_corpus()}
ONE, OTHER = SEEDS["resnet"], SEEDS["vit"]


class Admitting(ThresholdAdmission):
    """The admission of a strategy that asks for nothing."""

    learns = False

    def ask(self, view):
        return []


def record(index: int, source: str, accuracy: float) -> Record:
    program = Program(f"{source}\n# {index}\n")
    candidate = Candidate(Key(1, index), program, "full", seed=index)
    outcome = Outcome(Stage.SCORE, scores=Scores({"accuracy": accuracy}, 100))
    return Record(candidate, {Trial(program.digest, index): outcome})


def admit(records: list[Record], *settings: str) -> tuple[list[Reason], list[int | None]]:
    config = load_config(settings=['novelty.against=["cycle"]', "loop.top_up=1", *settings])
    view = View(config, 1, records, [], NETWORK.metric, threshold=0.4)
    admissions = Admissions(config, NETWORK).admit(view, Admitting())
    verdicts = [admissions[each.candidate.key] for each in records]
    return [verdict.reason for verdict in verdicts], [verdict.rejections for verdict in verdicts]


def test_a_near_duplicate_below_the_threshold_does_not_block_a_better_one_after_it():
    reasons, _ = admit([record(0, ONE, 0.39), record(1, ONE, 0.45)])
    assert reasons == [Reason.BELOW_THRESHOLD, Reason.ADMITTED]


def test_of_two_near_duplicates_above_the_threshold_the_first_proposed_joins():
    reasons, rejections = admit([record(0, ONE, 0.41), record(1, ONE, 0.45), record(2, OTHER, 0.42)])
    assert reasons == [Reason.ADMITTED, Reason.NEAR_DUPLICATE, Reason.ADMITTED]
    assert rejections == [0, None, 1]


def test_of_two_near_duplicates_below_the_threshold_the_better_one_is_topped_up():
    reasons, _ = admit([record(0, ONE, 0.36), record(1, ONE, 0.39), record(2, OTHER, 0.37)], "loop.top_up=3")
    assert reasons == [Reason.NEAR_DUPLICATE, Reason.TOPPED_UP, Reason.TOPPED_UP]


@pytest.mark.parametrize("accuracies", [(0.39, 0.45), (0.36, 0.39)])
def test_a_study_begun_in_the_earlier_order_keeps_it(accuracies):
    records = [record(index, ONE, accuracy) for index, accuracy in enumerate(accuracies)]
    reasons, _ = admit(records, "loop.threshold_first=false")
    assert reasons == [Reason.TOPPED_UP, Reason.NEAR_DUPLICATE]


def test_a_copy_of_what_the_study_began_with_is_no_discovery():
    config = load_config(settings=['novelty.against=["corpus"]'])
    view = View(config, 1, [record(0, ONE, 0.45), record(1, OTHER, 0.45)], [], NETWORK.metric, threshold=0.4)
    begun_with = [Record(Candidate(Key(0, 0), Program(OTHER), "corpus", seed=0, facts={"operation": "its name"}))]
    verdicts = Admissions(config, NETWORK, begun_with).admit(view, Admitting())
    assert [verdict.reason for verdict in verdicts.values()] == [Reason.ADMITTED, Reason.NEAR_DUPLICATE]
    assert [verdict.lexical.nearest for verdict in verdicts.values()] == ["its name", "its name"]


def test_what_the_adapter_was_taught_is_no_discovery_where_that_counts():
    config = load_config(settings=['novelty.against=["taught"]'])
    view = View(config, 1, [record(0, ONE, 0.45), record(1, OTHER, 0.45)], [], NETWORK.metric, threshold=0.4)
    verdicts = Admissions(config, NETWORK, [], [ONE]).admit(view, Admitting())
    assert [verdict.reason for verdict in verdicts.values()] == [Reason.NEAR_DUPLICATE, Reason.ADMITTED]
    assert [verdict.lexical.nearest for verdict in verdicts.values()] == ["taught 1", "taught 1"]


def test_networks_that_compute_the_same_are_near_duplicates_by_their_graphs():
    graph = Graph((TracedOperation("input", (1, 3, 8, 8), ()), TracedOperation("relu", (1, 3, 8, 8), (0,)))).as_json()
    records = [record(0, ONE, 0.45), record(1, OTHER, 0.45)]
    traced = [
        Record(each.candidate, {trial: replace(outcome, graph=graph)})
        for each in records
        for trial, outcome in each.outcomes.items()
    ]
    reasons, _ = admit(traced, "novelty.criterion='graph'")
    assert reasons == [Reason.ADMITTED, Reason.NEAR_DUPLICATE]
    reasons, _ = admit(records, "novelty.criterion='graph'")
    assert reasons == [Reason.ADMITTED, Reason.ADMITTED]


BEFORE = ["novelty.before_training=true", "novelty.criterion=lexical"]


def refused(judged: list[int], finished: list[int], *settings: str, sources: dict[int, str]) -> set[int]:
    """Return which of the `judged` are refused before training when the `finished` have their outcomes."""
    config = load_config(settings=[*BEFORE, 'novelty.against=["cycle"]', *settings])
    records = [record(index, source, 0.5) for index, source in sources.items()]
    records = [each if each.candidate.key.index in finished else Record(each.candidate) for each in records]
    candidates = [each.candidate for each in records if each.candidate.key.index in judged]
    return {key.index for key in Admissions(config, NETWORK).refuse_duplicates(candidates, records)}


@pytest.mark.parametrize(("judged", "finished"), [([8], [5]), ([8], [3, 5]), ([8, 3], [5]), ([8, 5, 3], [])])
def test_what_is_refused_before_training_does_not_depend_on_what_has_finished(judged, finished):
    assert refused(judged, finished, sources={3: OTHER, 5: ONE, 8: ONE}) == {8}


def test_a_candidate_is_not_refused_for_one_after_it():
    assert refused([3], [5], sources={3: ONE, 5: ONE}) == set()


@pytest.mark.parametrize(
    ("against", "expected"), [('["cycle"]', {5}), ("[]", set()), ('["corpus"]', {3, 5}), ('["study"]', set())]
)
def test_before_training_too_only_what_the_setting_names_counts(against, expected):
    assert refused([3, 5], [], f"novelty.against={against}", sources={3: ONE, 5: ONE}) == expected

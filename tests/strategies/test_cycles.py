"""The closed loop's strategy: batches within a cycle, examples from the corpus and from what was admitted."""

from archwright.candidate import Admission, AdmissionReason, Candidate, Key, Outcome, Program, Record, Scores, Stage
from archwright.config import load_config
from archwright.starters import load_seed_corpus
from archwright.strategies.cycles import CyclesStrategy

CORPUS = load_seed_corpus()


def strategy(*settings: str) -> CyclesStrategy:
    return CyclesStrategy(load_config("laptop", ["loop.candidates=10", "llm.batch=4", *settings]), CORPUS)


def record(cycle: int, index: int, source: str = "x = 1\n", reason: AdmissionReason | None = None) -> Record:
    candidate = Candidate(Key(cycle, index), Program(source), "full", seed=0)
    outcome = Outcome(Stage.SCORE, scores=Scores(0.5, 1.0, 10))
    return Record(candidate, outcome, Admission(reason) if reason else None)


def test_a_cycle_is_asked_for_in_batches_until_it_is_complete() -> None:
    records: list[Record] = []
    sizes = []
    while requests := strategy().ask(1, records):
        sizes.append(len(requests))
        records += [record(request.key.cycle, request.key.index) for request in requests]
    assert sizes == [4, 4, 2]
    assert [r.candidate.key.index for r in records] == list(range(10))


def test_the_same_records_give_the_same_requests() -> None:
    assert strategy("llm.examples=2").ask(1, []) == strategy("llm.examples=2").ask(1, [])


def test_every_request_has_a_seed_of_its_own() -> None:
    requests = strategy("llm.batch=10").ask(1, []) + strategy("llm.batch=10").ask(2, [])
    assert len({request.seed for request in requests}) == 20


def test_prompts_quote_nothing_unless_asked_to() -> None:
    assert all(request.parents == () for request in strategy().ask(1, []))


def test_examples_come_from_the_corpus_and_from_what_earlier_cycles_admitted() -> None:
    admitted = record(1, 0, "y = 'admitted'\n", AdmissionReason.ADMITTED)
    refused = record(1, 1, "y = 'refused'\n", AdmissionReason.NEAR_DUPLICATE)
    everything = strategy(f"llm.examples={len(CORPUS) + 1}").ask(2, [admitted, refused])[0]
    quoted = [parent.candidate.program.source for parent in everything.parents]
    assert "y = 'admitted'\n" in quoted
    assert "y = 'refused'\n" not in quoted
    assert len(quoted) == len(CORPUS) + 1

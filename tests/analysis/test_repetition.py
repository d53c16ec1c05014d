from dataclasses import replace
from types import SimpleNamespace

import pytest

from archwright.analysis.repetition import repetition
from archwright.analysis.summary import summarize_cycles
from archwright.candidate import Admission, Program
from archwright.candidate import AdmissionReason as Reason
from archwright.configuring import load_config
from archwright.contracts.network import ACCURACY

WORDS = [f"w{number}" for number in range(60)]
FIRST, SECOND = " ".join(WORDS[:30]), " ".join(WORDS[30:])
HALF = " ".join(WORDS[:15])
"""With shingles of one token half of FIRST: similarity 0.5 to it, 0 to SECOND."""


@pytest.fixture
def written(make_record):
    def write(index, source, reason=Reason.ADMITTED, rejections=0, cycle=1):
        record = make_record(cycle, index, 0.5)
        admission = Admission(reason, rejections=rejections)
        return replace(record, candidate=replace(record.candidate, program=Program(source)), admission=admission)

    return write


def j_gen(records, *settings):
    config = load_config(settings=["novelty.shingle=1", *settings])
    cycles = [SimpleNamespace(cycle=cycle, threshold=0.4) for cycle in (1, 2)]
    found = repetition(records, cycles, config, ACCURACY)
    assert [summary.repetition for summary in summarize_cycles(records, cycles, ACCURACY, found)] == [
        found.get(1),
        found.get(2),
    ]
    return found


def test_it_is_the_mean_similarity_to_the_nearest_accepted_before_in_the_cycle(written):
    assert j_gen([written(0, FIRST), written(1, HALF), written(2, SECOND)]) == {1: pytest.approx((0.5 + 0.0) / 2)}


def test_a_refused_one_counts_and_is_compared_with_by_nobody(written):
    refused = written(1, HALF, Reason.NEAR_DUPLICATE, rejections=None)
    assert j_gen([written(0, SECOND), refused, written(2, HALF)]) == {1: 0.0}
    assert j_gen([written(0, HALF), replace(refused), written(2, SECOND)]) == {1: 0.5}


def test_cycles_are_compared_each_by_itself(written):
    assert j_gen([written(0, FIRST), written(0, FIRST, cycle=2), written(1, HALF, cycle=2)]) == {2: 0.5}

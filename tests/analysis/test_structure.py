from dataclasses import replace

from archwright.analysis.structure import summarize_structure
from archwright.programs.graph import Graph, TracedOperation
from archwright.programs.motifs import Motifs

IMAGE = TracedOperation("input", (1, 8, 4, 4), ())


def convolution(reads: int, channels: int = 8) -> TracedOperation:
    return TracedOperation("convolution", (1, channels, 4, 4), (reads,), ((channels, 8, 3, 3),))


PLAIN = Graph((IMAGE, convolution(0), convolution(1)))
RESIDUAL = Graph((IMAGE, convolution(0), TracedOperation("add", (1, 8, 4, 4), (0, 1))))


def traced(record, graph: str | None):
    ((trial, outcome),) = record.outcomes.items()
    return replace(record, outcomes={trial: replace(outcome, graph=graph)})


def test_a_cycle_counts_its_graphs_and_motifs(make_record):
    graphs = [PLAIN, PLAIN, RESIDUAL]
    records = [traced(make_record(1, n, 0.5), graph.as_json()) for n, graph in enumerate(graphs)]
    (cycle,) = summarize_structure(records)
    assert (cycle.variety.n, cycle.variety.distinct, cycle.variety.largest) == (3, 2, 2)
    assert 1 < cycle.variety.effective <= 2
    assert cycle.motifs == cycle.having == Motifs(residual=1)
    assert cycle.as_json()["traced"] == 3


def test_cycles_without_a_trace_are_left_out(make_record):
    assert summarize_structure([make_record(1, 0, 0.5), make_record(2, 0)]) == []


def test_a_damaged_graph_is_left_out(make_record):
    records = [traced(make_record(1, n, 0.5), text) for n, text in enumerate(["{", "[]", "[[1]]", PLAIN.as_json()])]
    (cycle,) = summarize_structure(records)
    assert cycle.variety.n == 1

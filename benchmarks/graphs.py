"""What graphs tell apart that texts do not, and the other way round: the seed networks and mutations of them.

    python benchmarks/graphs.py [--variants 5] [--out FILE.json]

Our own programs, traced in this process as a box traces strangers'. A pair is one program and its mutation, which
changes the canonical form by construction.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

from trusted_building import trace_graph

from archwright.archive.environment import describe_environment
from archwright.candidate import Program
from archwright.evaluation.classes import state_class_key
from archwright.novelty.tokens import jaccard
from archwright.programs.graph import Graph, features, fingerprint
from archwright.programs.motifs import count_motifs
from archwright.programs.mutation import variants
from archwright.starters import load_seed_corpus

IMAGE = (3, 32, 32)


def main() -> None:
    """Trace, compare, write the result and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("docs/results/graphs.json"))
    options = parser.parse_args()
    result = {"variants": options.variants, "machine": describe_environment(), **measure(options.variants)}
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps({key: value for key, value in result.items() if key != "machine"}, indent=1))


def measure(count: int) -> dict[str, Any]:
    """Return the figures for every seed network and `count` mutations of each."""
    seeds = {seed.name: seed.program.source for seed in load_seed_corpus()}
    graphs = {name: graph for name, source in seeds.items() if (graph := traced(source)) is not None}
    begin = time.process_time()
    prints = {name: fingerprint(graph) for name, graph in graphs.items()}
    labels = {name: features(graph) for name, graph in graphs.items()}
    spent = time.process_time() - begin
    pairs, equal, similar = 0, 0, list[float]()
    for name in graphs:
        for source in variants(seeds[name], count, seed=0):
            if (other := traced(source)) is not None:
                pairs += 1
                equal += fingerprint(other) == prints[name]
                similar.append(jaccard(labels[name], features(other)))
    return {
        "seed_networks": len(seeds),
        "traced": len(graphs),
        "distinct": len(set(prints.values())),
        "operations_median": median(len(graph.operations) for graph in graphs.values()),
        "characters_median": median(len(graph.as_json()) for graph in graphs.values()),
        "ms_to_compare_one": 1000 * spent / len(graphs),
        "with_a_motif": sum(count_motifs(graph) != count_motifs(Graph(())) for graph in graphs.values()),
        "mutations": pairs,
        "mutations_with_an_equal_graph": equal,
        "mutations_beyond_0.9": sum(value > 0.9 for value in similar),
        "similarity_of_mutations_median": median(similar),
    }


def traced(source: str) -> Graph | None:
    """Return the graph of one of our own programs, None for a mutation that does not run."""
    try:
        return trace_graph(Program(source), IMAGE)
    except (RuntimeError, TypeError, ValueError, IndexError, AssertionError):
        return None


if __name__ == "__main__":
    state_class_key()
    main()

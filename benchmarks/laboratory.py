"""The six statements of the convergence theory where the truth is known: tabular cross-entropy on NAS-Bench-201.

    python benchmarks/laboratory.py [--starts 200] [--seeds 20] [--out FILE.json]

15,625 cells, quality q = CIFAR-10 validation accuracy after 12 epochs, truth = test accuracy after 200. Distributions
over all cells are exact, so are lessons (`laboratory_families.py`); only what is said to be sampled is
drawn. Families: full softmax, factorised (each of the six operations on its own), autoregressive (each given the one
before it). Each function tries one statement and returns what it found; a minute on one core.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from laboratory_lessons import try_monotonicity, try_projection, try_rate
from laboratory_programs import try_lines, try_novelty, try_proxy
from laboratory_space import Finding, Space, read_space

from archwright.archive.environment import describe_environment


def main() -> None:
    """Try every statement, write the result and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("docs/results/laboratory.json"))
    options = parser.parse_args()
    findings = try_all(read_space(), starts=options.starts, seeds=options.seeds)
    result = {
        "space": "nasbench201",
        "starts": options.starts,
        "seeds": options.seeds,
        "machine": describe_environment(),
        "findings": [asdict(finding) for finding in findings],
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print("\n".join(table(findings)))


def try_all(space: Space, *, starts: int, seeds: int) -> list[Finding]:
    """Return what became of every statement."""
    return [
        try_projection(space, seeds),
        try_monotonicity(space, starts, seeds),
        try_rate(space),
        try_lines(space),
        try_novelty(space, seeds),
        try_proxy(space, seeds),
    ]


def table(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines of the Markdown table of docs/benchmarks.md."""
    yield "| statement | verdict | figures |"
    yield "|---|---|---|"
    for finding in findings:
        yield f"| {finding.statement} | {finding.verdict} | {finding.summary} |"


if __name__ == "__main__":
    main()

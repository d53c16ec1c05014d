"""An adapter that writes varied networks: taught the programs a model wrote itself, those that lie farthest apart.

    python recipes/varied_adapter.py FOLDER --from STUDY [--from STUDY]... [--adapter DIR] [--pairs 250]

What studies hold is deduplicated and verified (`FOLDER/written`); `--pairs` of its networks, well within the budget of
parameters, are chosen so that each lies as far as can be from those before it; and `--adapter`, which wrote them, is
taught these once (`FOLDER/adapter`). The more of its own programs a model is taught, the more of what it writes is
valid and the less of it is new (docs/benchmarks.md, "The prior").

Two of the four lessons of the adapter that ships were made so (docs/how-to/adapter.md). A few seconds of a core for
each pair; a run that was killed goes on where it was when the same command is given again.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from experiment import archwright, sets

from archwright.corpus.store import Corpus
from archwright.programs.canonical import canonical_form
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.task import Budget

LESSON = ("tune.dual_task=false", "tune.lr=3e-4")
MAX_PARAMS = 400_000
"""Below the budget of 500,000: what the model writes and that is not valid is mostly too large."""
SHINGLE = 5
"""Tokens of a canonical form that are compared together."""


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", dest="studies", type=Path, action="append", required=True, metavar="STUDY")
    parser.add_argument("--adapter", default="default", help="that is taught: default | none | DIR")
    parser.add_argument("--pairs", type=int, default=250)
    options = parser.parse_args()
    written, out = options.folder / "written", options.folder / "adapter"
    sources = [word for study in options.studies for word in ("--from", str(study))]
    archwright("corpus", "build", *sources, "--out", str(written))
    pairs, held_out = options.folder / "pairs.jsonl", options.folder / "held-out.jsonl"
    programs = networks(written, "train")
    write_pairs(pairs, [programs[at] for at in farthest_first(programs)[: options.pairs]])
    write_pairs(held_out, networks(written, "held-out"))
    words = ["--corpus", str(pairs), "--held-out", str(held_out), "--preset", "small", "--adapter", options.adapter]
    resume = ["--resume"] if out.exists() else []
    if not (out / "card.json").exists():
        archwright("tune", *words, *sets(LESSON), "--samples", "0", "--out", str(out), *resume)


def networks(corpus: Path, split: str) -> list[str]:
    """Return the compact programs of one side of a corpus that are small enough on CIFAR-10."""
    found = []
    with Corpus.open(corpus) as opened:
        for example in opened.examples():
            counts = [count for shape, count in example.params.items() if shape.channels == 3 and count is not None]
            if example.split == split and example.compact and counts and max(counts) <= MAX_PARAMS:
                found.append(example.compact)
    return found


def farthest_first(programs: Sequence[str]) -> list[int]:
    """Return the programs' places so that each is the farthest from its nearest before it (Gonzalez 1985).

    The distance is one minus the Jaccard similarity of runs of five tokens of the canonical forms. The first one is the
    farthest from all in the mean.
    """
    sets_n = [_shingles(program) for program in programs]
    distances_nn = np.array([[1 - len(a & b) / len(a | b) for b in sets_n] for a in sets_n])
    order = [int(distances_nn.mean(1).argmax())] if programs else []
    while len(order) < len(programs):
        nearest_n = distances_nn[order].min(0)
        order.append(int(nearest_n.argmax()))
    return order


def write_pairs(path: Path, programs: Sequence[str]) -> None:
    """Write the programs as answers to the prompt of CIFAR-10."""
    prompt = render_full(next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10"), Budget(), "compact")
    pairs = (
        {"system": prompt.system, "user": prompt.user, "completion": f"```python\n{program.rstrip()}\n```"}
        for program in programs
    )
    path.write_text("".join(f"{json.dumps(pair)}\n" for pair in pairs), "utf-8")


def _shingles(program: str) -> set[tuple[str, ...]]:
    tokens = canonical_form(program).split()
    return {tuple(tokens[at : at + SHINGLE]) for at in range(len(tokens) - SHINGLE + 1)}


if __name__ == "__main__":
    main()

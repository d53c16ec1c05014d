"""Do known-good networks survive the scoring of finalists, and what does it cost?

    python benchmarks/finalists.py [WHEEL] [--sample 40]

Every seed network, and a random sample of the LEMUR files in WHEEL that `lemur_compatibility.py` found to score, is
trained on a few CIFAR-10 images and scored by fresh boxes on others (of the training set: the test split stays shut).
Prints what became of every network, the share that survives with its Wilson interval, the largest difference between
boxes as a share of the logits' spread, and the time of the fresh boxes beside the training box's.
"""

import argparse
import json
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
from lemur_compatibility import read_sources
from numpy.typing import NDArray

from archwright.analysis.intervals import wilson
from archwright.candidate import Program
from archwright.config import SandboxConfig
from archwright.evaluation import finalists
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.data import Split, load_task_data
from archwright.evaluation.finalists import FinalistEvaluator
from archwright.starters import load_seed_corpus
from archwright.task import Budget, DataOptions, Recipe, Task

Logits = NDArray[np.float32]
COMPATIBLE = Path(__file__).parents[1] / "docs" / "results" / "lemur_compatibility.json"
IMAGES = 64


def main() -> None:
    """Run it and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, nargs="?")
    parser.add_argument("--sample", type=int, default=40)
    options = parser.parse_args()
    task = Task(
        name="cifar10",
        data=DataOptions(train_size=IMAGES, validation_size=2 * IMAGES),
        recipe=Recipe(batch=32),
        budget=Budget(max_params=0, wall_s=600.0, memory_mb=8192),
    )
    data = load_task_data(task)
    probe, held_out = (
        Split(data.validation.images[rows], data.validation.labels[rows])
        for rows in (slice(0, IMAGES), slice(IMAGES, 2 * IMAGES))
    )
    differences = watch_differences()
    with closing(FinalistEvaluator(task, SandboxConfig(), replace(data, validation=probe), held_out)) as evaluator:
        run("seed networks", ((each.name, each.program) for each in load_seed_corpus()), evaluator, differences)
        if options.wheel:
            run("LEMUR files", lemur_files(options.wheel, options.sample), evaluator, differences)


def lemur_files(wheel: Path, sample: int) -> Iterator[tuple[str, Program]]:
    """Yield a random sample of the files that are known to score, by name."""
    names = json.loads(COMPATIBLE.read_text("utf-8"))["sample"]["scored"]
    sources = read_sources(wheel)
    for name in random.Random(0).sample(names, min(sample, len(names))):
        yield name, Program(sources[name])


def run(
    title: str, programs: Iterator[tuple[str, Program]], evaluator: FinalistEvaluator, differences: list[float]
) -> None:
    """Evaluate `programs` as finalists and print what became of them."""
    differences.clear()
    ratios, tried, survived = [], 0, 0
    for name, program in programs:
        outcome = evaluator.evaluate(program, seed=0)
        if "rescore" not in outcome.seconds:
            print(f"{name}: {outcome.failure}", flush=True)
            continue
        tried += 1
        survived += outcome.is_valid
        ratios.append(outcome.seconds["rescore"] / (outcome.seconds["total"] - outcome.seconds["rescore"]))
        result = outcome.failure.message if outcome.failure else "survives"
        print(f"{name} ({outcome.params or 0:,} parameters, {outcome.seconds['total']:.1f} s): {result}", flush=True)
    interval = wilson(survived, tried)
    print(
        f"{title}: {survived} of {tried} survive, 95 % [{100 * interval.low:.1f}, {100 * interval.high:.1f}]; "
        f"largest difference {max(differences):.1g}; the fresh boxes take {median(ratios):.2f} times as long as the "
        "box that trains (median)"
    )


def watch_differences() -> list[float]:
    """Return a list to which every comparison of logits from now on adds its largest difference."""
    seen: list[float] = []
    measure = finalists.difference

    def difference(first: Logits, second: Logits) -> NDArray[np.float64]:
        found = measure(first, second)
        seen.append(float(found.max()))
        return found

    finalists.difference = difference
    return seen


if __name__ == "__main__":
    state_class_key()
    main()

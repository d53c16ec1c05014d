"""Do LEMUR's own architecture files run unchanged, and why not where they do not?

    python benchmarks/lemur_compatibility.py WHEEL --out docs/results/lemur_compatibility.json

WHEEL is `nn_dataset-2.1.2-py3-none-any.whl` from PyPI. Checks the source of every architecture file in it, then trains
for one epoch and scores at 32 x 32, with the parameter budget lifted: every file with a plain name (`AlexNet.py`), and
a random sample of all. Few images are used: the question is whether a file runs, not how well. Prints a line per file
and writes one JSON document.
"""

import argparse
import json
import platform
import random
from collections import Counter
from contextlib import closing
from pathlib import Path

import torch

from archwright.candidate import Outcome, Program, Stage
from archwright.config import SandboxConfig
from archwright.contracts import check_source
from archwright.contracts.network import ACCURACY
from archwright.corpus.wheel import LemurWheel
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import run_jobs
from archwright.evaluation.start import start_executor
from archwright.task import Budget, DataOptions, Recipe, Task


def main() -> None:
    """Run the check and write its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--sample", type=int, default=200, help="random files beside those with a plain name")
    parser.add_argument("--images", type=int, default=64, help="training images; as many are scored")
    parser.add_argument("--wall-s", type=float, default=600.0, help="limit for one file")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    sources = read_sources(options.wheel)
    refused = [name for name, source in sources.items() if check_source(source)]
    plain = [name for name in sources if "-" not in name]
    sample = random.Random(options.seed).sample(sorted(sources), options.sample)
    task = Task(
        name="cifar10",
        data=DataOptions(train_size=options.images, validation_size=options.images),
        recipe=Recipe(batch=32),
        budget=Budget(max_params=0, wall_s=options.wall_s, memory_mb=8192),
    )
    outcomes = evaluate(sorted({*plain, *sample}), sources, task, options.workers)
    result = {
        "wheel": options.wheel.name,
        "task": f"CIFAR-10 (JPEG copy), {options.images} training images, one epoch, 32 x 32, max_params lifted",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "isolation": max(outcome.isolation for outcome in outcomes.values()),
        "seed": options.seed,
        "static": {
            "files": len(sources),
            "accepted": len(sources) - len(refused),
            "share": round(1 - len(refused) / len(sources), 4),
        },
        "plain": summarise(plain, outcomes),
        "sample": summarise(sample, outcomes),
    }
    text = json.dumps(result, indent=1)
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    print(text)


def read_sources(wheel: Path) -> dict[str, str]:
    """Return the text of every architecture file by its name without `.py`."""
    with LemurWheel(wheel) as opened:
        return {each.name: each.source for each in opened.architectures()}


def evaluate(names: list[str], sources: dict[str, str], task: Task, workers: int) -> dict[str, Outcome]:
    """Return the outcome of every named file."""
    jobs = [Job(number, Program(sources[name]), seed=0) for number, name in enumerate(names)]
    outcomes = {}
    with closing(start_executor(task, SandboxConfig(workers=workers, cache=False))) as executor:
        for job, outcome in run_jobs(executor, jobs):
            outcomes[names[job.number]] = outcome
            print(f"{len(outcomes)}/{len(jobs)} {names[job.number]} {describe(outcome)}", flush=True)
    return outcomes


def describe(outcome: Outcome) -> str:
    """Return the outcome in a few words."""
    if outcome.failure:
        failure = outcome.failure
        return f"{failure.stage}/{failure.kind} line {failure.line}: {failure.message[:200]}"
    return f"{outcome.value(ACCURACY.name):.3f} {outcome.params:,} parameters {outcome.seconds['total']:.1f} s"


def summarise(names: list[str], outcomes: dict[str, Outcome]) -> dict[str, object]:
    """Return how many were scored, and the failures by stage and kind with examples."""
    failed = {name: outcomes[name].failure for name in names if outcomes[name].failure}
    kinds = Counter((failure.stage, failure.kind) for failure in failed.values() if failure)
    order = {stage: number for number, stage in enumerate(Stage)}
    return {
        "files": len(names),
        "scored": sorted(name for name in names if name not in failed),
        "scored_count": len(names) - len(failed),
        "failures": [
            {
                "stage": stage,
                "kind": kind,
                "count": count,
                "examples": [
                    f"{name}: {failure.message[:300]}"
                    for name, failure in sorted(failed.items())
                    if failure and (failure.stage, failure.kind) == (stage, kind)
                ][:4],
            }
            for (stage, kind), count in sorted(kinds.items(), key=lambda item: (order[item[0][0]], -item[1]))
        ],
    }


if __name__ == "__main__":
    state_class_key()
    main()

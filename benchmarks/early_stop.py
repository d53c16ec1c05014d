"""How often does the early stop end a network that would have learned, and what does it save?

    python benchmarks/early_stop.py [--task digits|cifar10] [--images 2000] [--variants 5] [--stop-at 0.25]

Every seed network and mutations of it (fixed seed) are trained for one epoch without the stop and again with it; one
that goes on is trained bit for bit the same. A network would have learned when its validation accuracy without the stop
is above the share of the largest class (binomial, one-sided 1 %). A false negative is such a network that was stopped.
"""

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
from scipy.stats import binom

from archwright.analysis.intervals import wilson
from archwright.candidate import FailureKind, Outcome, Program
from archwright.config import SandboxConfig
from archwright.contracts.network import ACCURACY
from archwright.errors import DataError
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.data import TaskData, load_task_data
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import run_jobs
from archwright.evaluation.start import start_executor
from archwright.programs.mutation import variants
from archwright.starters import load_seed_corpus
from archwright.task import Budget, DataOptions, Task

LEVEL = 0.01


def main() -> None:
    """Train everything twice and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="digits")
    parser.add_argument("--images", type=int, default=0, help="training images; 0: all")
    parser.add_argument("--networks", type=int, default=36)
    parser.add_argument("--variants", type=int, default=5, help="mutations of each seed network")
    parser.add_argument("--stop-at", type=float, default=0.25)
    options = parser.parse_args()
    sizes = DataOptions(train_size=options.images)
    tasks = [Task(name=options.task, data=sizes, budget=Budget(stop_at=share)) for share in (0.0, options.stop_at)]
    try:
        data = load_task_data(tasks[0])
    except DataError as error:
        parser.exit(0, f"skipped: {error}\n")
    networks = load_seed_corpus()[: options.networks]
    programs = [network.program for network in networks]
    programs += [one for program in list(programs) for one in more(program, options.variants)]
    without, with_stop = (train(task, data, programs) for task in tasks)
    result = {"task": options.task, "stop_at": options.stop_at, **count(data, without, with_stop)}
    print(json.dumps(result, indent=1))


def more(program: Program, count: int) -> list[Program]:
    """Return mutations of `program`."""
    return [Program(source) for source in variants(program.source, count, 0)]


def train(task: Task, data: TaskData, programs: Sequence[Program]) -> list[Outcome]:
    """Return the outcome of each program, in order."""
    with closing(start_executor(task, SandboxConfig(cache=False), data)) as executor:
        jobs = [Job(number, program, seed=number) for number, program in enumerate(programs)]
        outcomes = {job.number: outcome for job, outcome in run_jobs(executor, jobs)}
    return [outcomes[number] for number in range(len(programs))]


def count(data: TaskData, without: Sequence[Outcome], with_stop: Sequence[Outcome]) -> dict[str, Any]:
    """Return how many were stopped, wrongly and rightly, and the seconds of training saved."""
    labels = np.asarray(data.validation.labels)
    n, chance = len(labels), float(np.bincount(labels).max() / len(labels))
    needed = (int(binom.isf(LEVEL, n, chance)) + 1) / n
    pairs = [pair for pair in zip(without, with_stop, strict=True) if pair[0].is_valid]
    stopped = [bool(after.failure and after.failure.kind is FailureKind.HOPELESS) for _, after in pairs]
    learned = [(before.value(ACCURACY.name) or 0.0) >= needed for before, _ in pairs]
    wrong = sum(s and able for s, able in zip(stopped, learned, strict=True))
    interval = wilson(wrong, sum(learned))
    return {
        "evaluations": len(pairs),
        "would_learn": sum(learned),
        "stopped": sum(stopped),
        "false_negatives": wrong,
        "false_negative_rate": [wrong / max(1, sum(learned)), interval.low, interval.high],
        "train_s": [sum(outcome.seconds.get("train", 0.0) for outcome in side) for side in zip(*pairs, strict=True)],
        "accuracies_lost": [
            before.value(ACCURACY.name)
            for (before, _), was_stopped, able in zip(pairs, stopped, learned, strict=True)
            if was_stopped and able
        ],
    }


if __name__ == "__main__":
    state_class_key()
    main()

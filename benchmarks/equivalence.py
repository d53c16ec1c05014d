"""Does the evaluator's fast path reach the same accuracy as a plain training loop?

    python benchmarks/equivalence.py [--networks 5] [--seeds 5] [--images 5000] [--json]

Each seed network is trained with each seed by the evaluator (in a box, batches drawn from uint8 tensors and normalised
on the fly, channels-last) and by the loop below: a float tensor, torch's DataLoader, the program's own `learn`. Both
start from the same weights, see the same images in the same order, call the classes by the same aliases and predict the
same validation images. What is left is rounding, which training magnifies: single pairs differ, the mean must not. Two
one-sided t-tests (TOST) over the paired differences with a margin of one point of accuracy, and the 90 % interval that
belongs to them.
"""

import argparse
import json
from contextlib import closing
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch.utils.data import DataLoader, TensorDataset

from archwright.config import SandboxConfig
from archwright.contracts import complete
from archwright.contracts.network import ACCURACY
from archwright.errors import DataError
from archwright.evaluation.classes import class_aliases, installation_secret, state_class_key
from archwright.evaluation.data import TaskData, load_task_data
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.randomness import derive_seed
from archwright.starters import load_seed_corpus
from archwright.task import Budget, DataOptions, Task

MARGIN = 0.01


def main() -> None:
    """Train both ways and test."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--images", type=int, default=5_000)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--task", default="cifar10", help="digits needs no data")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sizes = DataOptions(train_size=options.images) if options.images else DataOptions()
    task = Task(name=options.task, data=sizes, budget=Budget(epochs=options.epochs, wall_s=3_600.0))
    try:
        data = load_task_data(task)
    except DataError as error:
        parser.exit(0, f"skipped: {error}\n")
    result = compare(task, data, options.networks, options.seeds)
    print(json.dumps(result, indent=1) if options.json else describe(result))


def compare(task: Task, data: TaskData, networks: int, seeds: int) -> dict[str, Any]:
    """Return the accuracies both ways and the test."""
    corpus = load_seed_corpus()
    chosen = corpus[:: max(1, len(corpus) // networks)][:networks]
    torch.set_num_threads(1)
    rows = []
    with closing(SandboxEvaluator(task, SandboxConfig(), data)) as evaluator:
        for network in chosen:
            for seed in range(seeds):
                outcome = evaluator.evaluate(network.program, seed=seed)
                accuracy = outcome.value(ACCURACY.name)
                if accuracy is None:
                    raise RuntimeError(f"{network.name}: {outcome.failure}")
                plain = train_plainly(complete(network.program.source), task, data, seed)
                rows.append({"network": network.name, "seed": seed, "ours": accuracy, "plain": plain})
    differences = np.array([row["ours"] - row["plain"] for row in rows])
    error = float(stats.sem(differences))
    freedom = len(differences) - 1
    error = max(error, np.finfo(float).tiny)  # small tasks come out equal to the bit
    low, high = stats.t.interval(0.9, freedom, differences.mean(), error)
    below = float(stats.t.sf((differences.mean() + MARGIN) / error, freedom))
    above = float(stats.t.cdf((differences.mean() - MARGIN) / error, freedom))
    return {
        "task": data.spec.title,
        "images": len(data.train),
        "epochs": task.budget.epochs,
        "n": len(rows),
        "mean_difference": float(differences.mean()),
        "deviation": float(differences.std(ddof=1)),
        "interval_90": [float(low), float(high)],
        "margin": MARGIN,
        "tost_p": max(below, above),
        "paired_t_p": float(2 * stats.t.sf(abs(differences.mean()) / error, freedom)),
        "rows": rows,
    }


def train_plainly(source: str, task: Task, data: TaskData, seed: int) -> float:
    """Return the accuracy after a training loop as in any tutorial."""
    space: dict[str, Any] = {}
    exec(compile(source, "network", "exec"), space)
    mean, deviation = (torch.tensor(values).view(1, -1, 1, 1) for values in (data.mean, data.std))
    inputs, validation = (
        (torch.from_numpy(np.array(split.images)).float() / 255 - mean) / deviation
        for split in (data.train, data.validation)
    )
    aliases = class_aliases(installation_secret(), task.name, seed, data.spec.classes)
    labels = torch.from_numpy(aliases[np.asarray(data.train.labels)])
    recipe = task.recipe
    prm = {
        "lr": recipe.lr,
        "momentum": recipe.momentum,
        "dropout": recipe.dropout,
        "batch": recipe.batch,
        "epoch": task.budget.epochs,
    }
    torch.manual_seed(derive_seed(seed, "build"))
    net = space["Net"]((recipe.batch, *inputs.shape[1:]), (data.spec.classes,), prm, torch.device("cpu"))
    torch.manual_seed(derive_seed(seed, "train"))
    net.train_setup(prm)
    order = torch.Generator().manual_seed(derive_seed(seed, "batches"))
    images = TensorDataset(inputs, labels)
    for _ in range(task.budget.epochs):
        net.train()
        net.learn(DataLoader(images, recipe.batch, sampler=torch.randperm(len(images), generator=order).tolist()))
    net.eval()
    with torch.no_grad():
        answers = torch.cat([net(part).argmax(1) for part in validation.split(256)])
    return float((answers.numpy() == aliases[np.asarray(data.validation.labels)]).mean())


def describe(result: dict[str, Any]) -> str:
    """Return the result in a few lines."""
    low, high = result["interval_90"]
    verdict = "equivalent" if result["tost_p"] < 0.05 else "not shown to be equivalent"
    return (
        f"{result['task']}, {result['images']:,} images, {result['epochs']} epochs, n = {result['n']} pairs\n"
        f"ours - plain: {100 * result['mean_difference']:+.2f} points, "
        f"90 % interval [{100 * low:+.2f}, {100 * high:+.2f}], deviation {100 * result['deviation']:.2f}\n"
        f"TOST within {100 * result['margin']:.0f} point: p = {result['tost_p']:.2g}; paired t-test against 0:"
        f" p = {result['paired_t_p']:.2g}: {verdict}"
    )


if __name__ == "__main__":
    state_class_key()
    main()

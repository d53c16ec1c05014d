"""Which settings train small networks fastest on this machine's cores?

    python benchmarks/cpu_settings.py [--networks 12] [--images 1024] [--repeats 3] [--json]

Every arrangement trains the same seed networks with the standard methods on images of noise (3 x 32 x 32, batch 64, one
epoch): the time does not depend on what is in a picture. One setting changes at a time, from the evaluator's own: as
many processes as cores with one thread each, channels-last, glibc keeping freed memory in large pages, plain AdamW. All
arrangements take turns within each repeat. Prints images a second of the whole machine, the median of the repeats, and
its ratio to the evaluator's own settings with the range over the repeats.
"""

import argparse
import json
import multiprocessing
import os
import time
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np

from archwright.contracts import complete
from archwright.evaluation.classes import state_class_key
from archwright.sandbox.client import ENVIRONMENT
from archwright.starters import load_seed_corpus

CLASSES = 10
PRM = {"lr": 0.01, "momentum": 0.9, "dropout": 0.2, "batch": 64, "epoch": 1}


@dataclass(frozen=True)
class Arrangement:
    """How the same work is done."""

    processes: int
    threads: int = 1
    is_channels_last: bool = True
    is_fused: bool = False
    keeps_memory: bool = True


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=12)
    parser.add_argument("--images", type=int, default=1_024)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    own = Arrangement(processes=cores)
    arrangements = {
        "own": own,
        "one process, all threads": Arrangement(processes=1, threads=cores),
        "contiguous": replace(own, is_channels_last=False),
        "AdamW fused": replace(own, is_fused=True),
        "memory given back": replace(own, keeps_memory=False),
    }
    sources = [complete(network.program.source) for network in load_seed_corpus()[: options.networks]]
    speeds: dict[str, list[float]] = {name: [] for name in arrangements}
    for _ in range(options.repeats):
        for name, arrangement in arrangements.items():
            speeds[name].append(len(sources) * options.images / measure(arrangement, sources, options.images))
    result = {name: describe(values, speeds["own"]) for name, values in speeds.items()}
    if options.json:
        print(json.dumps(result, indent=1))
        return
    print("| setting | images/s | ratio to the evaluator's own |\n|---|---|---|")
    for name, row in result.items():
        print(f"| {name} | {row['images_per_s']:.0f} | {row['ratio']:.2f} [{row['least']:.2f}, {row['most']:.2f}] |")


def describe(values: list[float], own: list[float]) -> dict[str, float]:
    """Return the median speed and the paired ratios to our own settings."""
    ratios = np.array(values) / np.array(own)
    return {
        "images_per_s": float(np.median(values)),
        "ratio": float(np.median(ratios)),
        "least": float(ratios.min()),
        "most": float(ratios.max()),
    }


def measure(arrangement: Arrangement, sources: list[str], images: int) -> float:
    """Return the wall seconds in which processes that are ready train all networks."""
    context = multiprocessing.get_context("spawn")
    environment = dict(ENVIRONMENT) if arrangement.keeps_memory else ENVIRONMENT | {"GLIBC_TUNABLES": ""}
    queue = context.SimpleQueue()
    pipes = []
    for _ in range(arrangement.processes):
        ours, theirs = context.Pipe()
        with patch.dict(os.environ, environment):
            context.Process(target=work, args=(theirs, queue, arrangement, images), daemon=True).start()
        pipes.append(ours)
    for pipe in pipes:
        pipe.recv()
    begun_s = time.perf_counter()
    for source in [*sources, *[""] * arrangement.processes]:
        queue.put(source)
    for pipe in pipes:
        pipe.recv()
    return time.perf_counter() - begun_s


def work(pipe: Any, queue: Any, arrangement: Arrangement, images: int) -> None:
    """Train networks from `queue` until an empty one comes."""
    import torch

    torch.set_num_threads(arrangement.threads)
    form = torch.channels_last if arrangement.is_channels_last else torch.contiguous_format
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(images, 3, 32, 32, generator=generator).to(memory_format=form)
    labels = torch.randint(0, CLASSES, (images,), generator=generator)
    batches = list(zip(inputs.split(PRM["batch"]), labels.split(PRM["batch"]), strict=True))
    train(next(iter(load_seed_corpus())).program.source, batches[:2], form, is_fused=arrangement.is_fused)
    pipe.send("ready")
    while source := queue.get():
        train(source, batches, form, is_fused=arrangement.is_fused)
    pipe.send("done")


def train(source: str, batches: Any, form: Any, *, is_fused: bool) -> None:
    """Train one network for one epoch of `batches`."""
    import torch

    space: dict[str, Any] = {}
    text = complete(source).replace("weight_decay=0.01)", f"weight_decay=0.01, fused={is_fused})")
    exec(compile(text, "network", "exec"), space)
    net = space["Net"]((PRM["batch"], 3, 32, 32), (CLASSES,), PRM, torch.device("cpu")).to(memory_format=form)
    net.train_setup(PRM)
    net.train()
    net.learn(batches)


if __name__ == "__main__":
    state_class_key()
    main()

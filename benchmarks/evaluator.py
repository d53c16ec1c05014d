"""How much faster is the evaluator than a fresh interpreter for every network, and what does the sandbox cost?

    python benchmarks/evaluator.py [--networks 20] [--images 5000] [--workers 2] [--overhead] [--json]

The same seed networks are trained for one epoch on the first images of CIFAR-10 and predict a fifth as many validation
images, in one run, three ways that take turns network by network:

ours     the evaluator as in a study: a box for each network, one thread, as many at once as workers, cache off;
fresh    how the reference system works: a new interpreter for each network, a standard DataLoader that decodes and
         normalises image by image, the default number of threads, one network at a time;
bare     one long-lived process without any protection that runs the trial's own code (same batches, checks and
         predictions) in itself, as many such processes as workers.

Every ratio is the geometric mean over networks of the paired ratios of seconds of machine time (wall time of the batch
of networks that ran side by side is shared equally among them), with a bootstrap interval over such batches. Private
memory is that of a box while it trains, from smaps_rollup. Overhead is an evaluation's wall time minus its training:
all seed networks on digits, one at a time, predictions and scoring included; --overhead measures nothing else, in
seconds.
"""

import argparse
import io
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from archwright.config import SandboxConfig
from archwright.contracts import complete
from archwright.contracts.network import ACCURACY, NETWORK
from archwright.errors import DataError
from archwright.evaluation.box.plan import Plan, Purpose
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.data import TaskData, load_task_data
from archwright.evaluation.plans import plan_of
from archwright.evaluation.sandboxed import SandboxEvaluator, start_boxes
from archwright.sandbox.client import ENVIRONMENT
from archwright.starters import load_seed_corpus
from archwright.starters.seed_networks import SeedNetwork
from archwright.task import Budget, DataOptions, Task

TARGETS = {"fresh": 5.0, "bare": 0.9}
"""Throughput of ours over theirs."""
OVERHEAD_MS = 150
WATCHED = 6
"""Networks whose memory is watched, after the clock: reading `smaps_rollup` takes time of the box and of its core."""
RESAMPLES = 10_000
Seconds = NDArray[np.float64]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=20)
    parser.add_argument("--images", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--task", default="cifar10", help="digits needs no data")
    parser.add_argument("--overhead", action="store_true", help="only the overhead beside training")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    networks = load_seed_corpus()
    if options.overhead:
        print(json.dumps({"overhead_ms": measure_overhead(networks)}))
        return
    sizes = DataOptions(train_size=options.images, validation_size=options.images // 5)
    task = Task(name=options.task, data=sizes, budget=Budget(wall_s=3_600.0))
    try:
        data = load_task_data(task)
    except DataError as error:
        parser.exit(0, f"skipped: {error}\n")
    result = measure(task, data, networks[: options.networks], options.workers)
    result["overhead_ms"] = measure_overhead(networks)
    print(json.dumps(result, indent=1) if options.json else describe(result))


def measure(task: Task, data: TaskData, networks: Sequence[SeedNetwork], workers: int) -> dict[str, Any]:
    """Return everything measured, ready for JSON."""
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder)
        write_images(images / "train.npz", data.train.images, data.train.labels)
        write_images(images / "validation.npz", data.validation.images, data.validation.labels)
        with closing(Ours(task, data)) as ours, closing(Bare(task, data, workers)) as bare:
            ours.evaluate(networks[0])  # both have started before the clock does
            bare.run(networks[:workers])
            seconds: dict[str, list[float]] = {"ours": [], "fresh": [], "bare": []}
            for first in range(0, len(networks), workers):
                group = networks[first : first + workers]
                seconds["ours"] += shared_time(lambda group=group: ours.run(group), group)
                seconds["bare"] += shared_time(lambda group=group: bare.run(group), group)
                for network in group:
                    run_fresh = lambda network=network: fresh(network, data, images)  # noqa: E731
                    seconds["fresh"] += shared_time(run_fresh, [network])
            private_mb = [value for network in networks[:WATCHED] for value in ours.watched(network)]
    accuracies = {"ours": ours.accuracies[1 : len(networks) + 1]}
    arrays = {name: np.array(values) for name, values in seconds.items()}
    return {
        "networks": len(networks),
        "images": len(data.train),
        "workers": workers,
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "load": os.getloadavg()[0]},
        "seconds_per_network": {name: round(float(values.mean()), 3) for name, values in arrays.items()},
        "per_hour": {name: round(3_600 / float(values.mean())) for name, values in arrays.items()},
        "speed_of_ours": {
            name: asdict_of_ratio(arrays[name] / arrays["ours"], TARGETS[name], workers) for name in ("fresh", "bare")
        },
        "private_mb": {"median": float(np.median(private_mb)), "most": float(np.max(private_mb))} if private_mb else {},
        "mean_accuracy": {name: float(np.mean(values)) for name, values in accuracies.items()},
    }


def measure_overhead(networks: Sequence[SeedNetwork]) -> dict[str, float]:
    """Return what an evaluation costs beside the training, in ms."""
    overheads_ms = []
    with closing(SandboxEvaluator(Task(), SandboxConfig())) as evaluator:
        evaluator.evaluate(networks[0].program, seed=0)
        for network in networks:
            begun_s = time.perf_counter()
            outcome = evaluator.evaluate(network.program, seed=0)
            overheads_ms.append(1_000 * (time.perf_counter() - begun_s - outcome.seconds["train"]))
    return {"median": float(np.median(overheads_ms)), "p95": float(np.percentile(overheads_ms, 95))}


def shared_time(run: Callable[[], object], group: Sequence[SeedNetwork]) -> list[float]:
    """Return the seconds of machine time each network of `group` took in `run`."""
    begun_s = time.perf_counter()
    run()
    return [(time.perf_counter() - begun_s) / len(group)] * len(group)


def asdict_of_ratio(ratios: Seconds, target: float, workers: int) -> dict[str, float | bool]:
    """Return the geometric mean of paired ratios with a 95 % bootstrap interval.

    What is drawn are the groups of so many networks that ran side by side: they share one time.
    """
    logs = np.log(ratios)
    groups = [logs[first : first + workers] for first in range(0, len(logs), workers)]
    sizes, sums = np.array([(len(group), group.sum()) for group in groups]).T
    picked = np.random.default_rng(0).integers(0, len(groups), (RESAMPLES, len(groups)))
    low, high = np.exp(np.percentile(sums[picked].sum(axis=1) / sizes[picked].sum(axis=1), [2.5, 97.5]))
    mean = float(np.exp(logs.mean()))
    return {"ratio": mean, "low": float(low), "high": float(high), "target": target, "is_met": mean >= target}


class Ours:
    """The evaluator of a study."""

    def __init__(self, task: Task, data: TaskData) -> None:
        self._boxes = start_boxes()
        self._evaluator = SandboxEvaluator(task, SandboxConfig(), data, boxes=self._boxes)
        self.accuracies: list[float] = []

    def run(self, networks: Sequence[SeedNetwork]) -> None:
        """Evaluate `networks` side by side."""
        with ThreadPoolExecutor(len(networks)) as pool:
            list(pool.map(self.evaluate, networks))

    def evaluate(self, network: SeedNetwork) -> None:
        """Evaluate one network."""
        outcome = self._evaluator.evaluate(network.program, seed=0)
        if outcome.scores is None:
            raise RuntimeError(f"{network.name}: {outcome.failure}")
        self.accuracies.append(outcome.scores.values[ACCURACY.name])

    def watched(self, network: SeedNetwork) -> list[float]:
        """Evaluate one network and return the memory of its box, in MB."""
        watch = MemoryWatch(self._boxes.warm_pid)
        self.evaluate(network)
        return watch.stop()

    def close(self) -> None:
        """End every process."""
        self._evaluator.close()
        self._boxes.close()


class MemoryWatch:
    """Looks at the private memory of the boxes of a warm process until it is stopped."""

    def __init__(self, warm_pid: int) -> None:
        self._warm_pid = warm_pid
        self._seen_mb: dict[int, float] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> list[float]:
        """Return the most private memory each box had, in MB."""
        self._stopped.set()
        self._thread.join()
        return [value for value in self._seen_mb.values() if value > 0]

    def _watch(self) -> None:
        while not self._stopped.wait(0.5):
            for keeper in children(self._warm_pid):
                for box in children(keeper):
                    self._seen_mb[box] = max(self._seen_mb.get(box, 0.0), private_mb(box))


def children(pid: int) -> list[int]:
    """Return the children of a process; none where the system does not say."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


def private_mb(pid: int) -> float:
    """Return the memory that only this process has, in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1_024


class Bare:
    """Long-lived processes without protection that run trials in themselves."""

    def __init__(self, task: Task, data: TaskData, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes = []
        self._processes = []
        for _ in range(workers):
            ours, theirs = context.Pipe()
            arrays = (np.asarray(data.train.images), np.asarray(data.train.labels), np.asarray(data.validation.images))
            process = context.Process(target=serve_bare, args=(theirs, arrays), daemon=True)
            with patch.dict(os.environ, ENVIRONMENT):  # the same allocator settings as the evaluator's own processes
                process.start()
            self._pipes.append(ours)
            self._processes.append(process)
        self._plan = lambda network: plan_of(
            network.program, 0, Purpose.TRAIN, task, data, NETWORK, threads=1, device="cpu"
        )

    def run(self, networks: Sequence[SeedNetwork]) -> None:
        """Train `networks` side by side."""
        for pipe, network in zip(self._pipes, networks, strict=False):
            pipe.send_bytes(self._plan(network).as_json())
        for pipe, _ in zip(self._pipes, networks, strict=False):
            answer = json.loads(pipe.recv_bytes())
            if "done" not in answer:
                raise RuntimeError(str(answer))

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.terminate()
            process.join()


def serve_bare(pipe: Any, arrays: tuple[NDArray[Any], ...]) -> None:
    """Run one trial after another in this process, with one thread."""
    import torch

    from archwright.evaluation.box import trial
    from archwright.evaluation.examining import Examination, in_order
    from archwright.sandbox.files import blank, shared_copy

    trial.warm_up()
    torch.set_num_threads(1)
    files = {name: shared_copy(array) for name, array in zip(("train_images", "train_labels"), arrays, strict=False)}
    while True:
        payload = pipe.recv_bytes()
        plan = Plan.from_json(payload)
        weights = blank(8 * plan.max_params + 2**25)
        told: dict[str, object] = {}
        with Examination(arrays[2], in_order(len(arrays[2]), plan.batch), plan.output_shape, None) as examination:
            trial.run(payload, files | {"weights": weights} | examination.files, told.update)
        os.close(weights)
        pipe.send_bytes(json.dumps(told).encode())  # as text: our classes have no names here any more


def write_images(path: Path, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
    """Write images as PNG files in one archive: what a per-sample data set decodes."""
    encoded = []
    for image in np.asarray(images):
        buffer = io.BytesIO()
        Image.fromarray(image.transpose(1, 2, 0).squeeze()).save(buffer, "PNG", compress_level=1)
        encoded.append(np.frombuffer(buffer.getvalue(), np.uint8))
    np.savez(path, data=np.concatenate(encoded), ends=np.cumsum([len(one) for one in encoded]), labels=labels)


FRESH = """
import io, json, sys
import numpy as np, torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

class Images(Dataset):
    def __init__(self, path, mean, std):
        file = np.load(path)
        self.data, self.ends, self.labels = file["data"].tobytes(), file["ends"], file["labels"]
        self.mean, self.std = (np.array(v, np.float32).reshape(-1, 1, 1) for v in (mean, std))
    def __len__(self):
        return len(self.labels)
    def __getitem__(self, i):
        begin = self.ends[i - 1] if i else 0
        image = np.asarray(Image.open(io.BytesIO(self.data[begin:self.ends[i]])), np.float32) / 255
        image = image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
        return torch.from_numpy((image - self.mean) / self.std), int(self.labels[i])

order = json.loads(sys.stdin.read())
torch.manual_seed(0)
space = {}
exec(compile(order["source"], "network", "exec"), space)
prm, shape = order["prm"], tuple(order["shape"])
net = space["Net"]((prm["batch"], *shape), (order["classes"],), prm, torch.device("cpu"))
train, validation = (Images(order["folder"] + f"/{name}.npz", order["mean"], order["std"])
                     for name in ("train", "validation"))
net.train_setup(prm)
net.train()
net.learn(DataLoader(train, prm["batch"], shuffle=True))
net.eval()
right = 0
with torch.no_grad():
    for inputs, labels in DataLoader(validation, prm["batch"]):
        right += int((net(inputs).argmax(1) == labels).sum())
print(json.dumps(right / len(validation)))
"""


def fresh(network: SeedNetwork, data: TaskData, folder: Path) -> float:
    """Return the accuracy of a network trained in a new interpreter, with as many threads as torch likes."""
    order = {
        "source": complete(network.program.source),
        "prm": {"lr": 0.01, "momentum": 0.9, "dropout": 0.2, "batch": 64, "epoch": 1},
        "shape": data.train.images.shape[1:],
        "classes": data.spec.classes,
        "mean": data.mean,
        "std": data.std,
        "folder": str(folder),
    }
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {name: value for name, value in os.environ.items() if name not in threads}
    done = subprocess.run(
        [sys.executable, "-c", FRESH],
        input=json.dumps(order),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout))


def describe(result: dict[str, Any]) -> str:
    """Return the result as the lines of docs/benchmarks.md."""
    lines = [
        f"{result['networks']} networks, {result['images']:,} images, one epoch, {result['workers']} workers, "
        f"load {result['machine']['load']:.1f}",
        "",
        "| | s per network | networks an hour |",
        "|---|---|---|",
    ]
    for name, seconds in result["seconds_per_network"].items():
        lines.append(f"| {name} | {seconds:.2f} | {result['per_hour'][name]:,} |")
    lines.append("")
    for name, ratio in result["speed_of_ours"].items():
        met = "met" if ratio["is_met"] else "missed"
        lines.append(
            f"ours / {name}: {ratio['ratio']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}], "
            f"target {ratio['target']}: {met}"
        )
    overhead = result["overhead_ms"]
    met = "met" if overhead["median"] <= OVERHEAD_MS else "missed"
    lines.append(
        f"overhead: median {overhead['median']:.0f} ms, 95 % below {overhead['p95']:.0f} ms; "
        f"target {OVERHEAD_MS} ms: {met}"
    )
    if result["private_mb"]:
        lines.append(
            f"private memory of a box: median {result['private_mb']['median']:.0f} MB, "
            f"most {result['private_mb']['most']:.0f} MB"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    state_class_key()
    main()

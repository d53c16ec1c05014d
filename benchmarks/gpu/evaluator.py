"""How many candidates does one GPU evaluate in an hour, alone and shared by several boxes, with and without CUDA MPS?

    python benchmarks/gpu/evaluator.py --out $OUT/gpu_evaluator.jsonl --known docs/results/gpu_evaluator.jsonl

64 networks (the seed corpus and verified mutations of it, fixed seed) on all of CIFAR-10, protocol holdout, one epoch,
for every batch size and number of boxes, each in the sandbox as in a study. Two programs that break the GPU under them
are in the mix and must cost only themselves. One JSON line per configuration is written when it is complete; known ones
are skipped, and the rest is left for the next call when the time is up. `--toy` runs the same on the CPU in seconds.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch

from archwright.analysis.intervals import t_interval
from archwright.candidate import FailureKind, Outcome, Program
from archwright.config import SandboxConfig
from archwright.contracts.network import ACCURACY
from archwright.errors import ArchwrightError
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.data import TaskData, load_task_data
from archwright.evaluation.device import driver_version, find_devices, mps_folder, probe_gpu
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import LocalExecutor, run_jobs
from archwright.evaluation.sandboxed import SandboxEvaluator, start_boxes
from archwright.evaluation.trials import TrialEvaluator
from archwright.programs.mutation import variants
from archwright.randomness import derive_seed
from archwright.sandbox.supervisor import Sandbox
from archwright.starters import load_seed_corpus
from archwright.task import Budget, DataOptions, Recipe, Task

REFERENCE = 104
"""Candidates an hour in the reference system's own records, on an RTX 4090."""
TARGETS = {"alone": 2_000, "shared": 4_000}
"""Candidates an hour on one H200 at batch 64, with one box and with several."""

BY_OTHERS = (FailureKind.DEVICE_FAULT, FailureKind.OUT_OF_MEMORY, FailureKind.KILLED)
"""How a network would fail that was harmed by another one."""

POISON = {
    "illegal index": "y = y * torch.zeros(4, device=y.device)[torch.full((1,), 10**6, device=y.device)]",
    "endless memory": "self.kept = [torch.ones(2**27, device=y.device) for _ in range(10**4)]",
}
POISONED = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(in_shape[1], out_shape[0])

    def forward(self, x):
        y = x.mean((2, 3))
        if y.device.type != "meta":
            {act}
        return self.fc(y)
"""

Row = dict[str, Any]
"""One line of the results."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One configuration."""

    batch: int
    workers: int
    mps: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it runs."""

    device: str
    isolation: int
    description: Row


def main() -> None:
    """Measure what is not known yet, as far as the time allows, and print the table."""
    options = parse_options()
    end_s = time.monotonic() + options.budget_s
    results = read_results(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(json.dumps(row) + "\n" for row in results.values()), "utf-8")
    for has_mps in (False, True):
        settings = [setting for setting in all_settings(options) if setting.mps is has_mps and setting not in results]
        if settings and time.monotonic() < end_s:
            with mps_daemon() if has_mps else without_daemon() as is_running:
                if is_running:
                    results |= measure_all(settings, options, end_s)
                else:
                    print("MPS: nvidia-cuda-mps-control cannot be started here; left out")
    report(results, [setting for setting in all_settings(options) if setting not in results])


def read_results(options: argparse.Namespace) -> dict[Setting, Row]:
    """Return what earlier calls have measured."""
    texts = [path.read_text("utf-8") for path in (options.known, options.out) if path.exists()]
    rows = [json.loads(line) for text in texts for line in text.splitlines()]
    return {Setting(row["batch"], row["workers"], row["mps"]): row for row in rows if row["toy"] is options.toy}


def measure_all(settings: list[Setting], options: argparse.Namespace, end_s: float) -> dict[Setting, Row]:
    """Return the results of as many settings as the time allows; each is written down when it is complete."""
    machine = look(options)
    data = load_task_data(make_task(options, 64))
    results: dict[Setting, Row] = {}
    with closing(start_boxes(uses_gpu=machine.device != "cpu")) as boxes:
        networks = choose_networks(options, machine, data, boxes)
        for setting in settings:
            try:
                row = measure(setting, networks, options, machine, data, boxes, end_s)
            except ArchwrightError as error:
                print(f"{setting}: {error}")
                break
            if row is None:
                break
            results[setting] = row
            with options.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    return results


def parse_options() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("OUT", "runs")) / "gpu_evaluator.jsonl"
    parser.add_argument("--out", type=Path, default=default, help="all results, the known ones included")
    parser.add_argument("--known", type=Path, default=Path("docs/results/gpu_evaluator.jsonl"))
    parser.add_argument("--budget-s", type=float, default=540.0, help="start nothing that would not end by then")
    parser.add_argument("--networks", type=int, default=64)
    parser.add_argument("--batch", type=int, nargs="*", default=[64, 512])
    parser.add_argument("--workers", type=int, nargs="*", default=[4, 1, 8, 2, 12], help="most interesting first")
    parser.add_argument("--no-mps", action="store_true", help="leave MPS out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--toy", action="store_true", help="on the CPU, with digits: does the script run?")
    options = parser.parse_args()
    if options.toy:
        options.networks, options.batch, options.workers, options.no_mps = 4, [32], [2, 1], True
    return options


def all_settings(options: argparse.Namespace) -> list[Setting]:
    """Return every configuration: both batch sizes, and sharing under MPS only where there is something to share."""
    plain = [Setting(batch, workers, False) for batch in options.batch for workers in options.workers]
    if options.no_mps:
        return plain
    return plain + [
        Setting(batch, workers, True) for batch in options.batch for workers in options.workers if workers > 1
    ]


def make_task(options: argparse.Namespace, batch: int) -> Task:
    """Return the task at a batch size."""
    if options.toy:
        few = DataOptions(train_size=128, validation_size=64)
        return Task(name="digits", data=few, recipe=Recipe(batch=batch), budget=Budget(wall_s=60.0, memory_mb=512))
    return Task(name="cifar10", recipe=Recipe(batch=batch), budget=Budget(wall_s=120.0, memory_mb=4_096))


def look(options: argparse.Namespace) -> Machine:
    """Return the device and the highest isolation level at which a box can use it; says what it finds."""
    versions: Row = {"python": platform.python_version(), "torch": torch.__version__, "cores": os.cpu_count()}
    if options.toy:
        return Machine("cpu", 3, versions)
    try:
        device = find_devices("cuda")[0]
    except ArchwrightError as error:
        sys.exit(f"error: {error}")
    tried = probe_gpu(device)
    for probe in tried:
        print(f"{device} at isolation level {probe.isolation}: {'ok' if probe.is_ok else 'FAILED'}: {probe.detail}")
    works = [probe for probe in tried if probe.is_ok]
    if not works:
        sys.exit("no box can use the GPU; see the lines above")
    found: Row = {"gpu": works[-1].detail, "driver": driver_version(), "mps": mps_folder() is not None}
    return Machine(device, works[-1].isolation, versions | found)


def make_evaluator(
    options: argparse.Namespace, machine: Machine, data: TaskData, boxes: Sandbox, batch: int, workers: int
) -> SandboxEvaluator:
    """Return an evaluator at the isolation the machine allows."""
    config = SandboxConfig(device=machine.device, workers=workers, require=min(2, machine.isolation))
    return SandboxEvaluator(make_task(options, batch), config, data, boxes=boxes, isolation=machine.isolation)


def choose_networks(options: argparse.Namespace, machine: Machine, data: TaskData, boxes: Sandbox) -> list[Program]:
    """Return the seed networks and as many mutations that build, run and fit the budget; the same for the same seed."""
    corpus = [network.program for network in load_seed_corpus()][: options.networks]
    chosen = list(corpus)
    with closing(make_evaluator(options, machine, data, boxes, 64, 1)) as evaluator:
        for number, program in enumerate(corpus):
            if len(chosen) == options.networks:
                break
            for source in variants(program.source, 1, derive_seed(options.seed, "network", number)):
                if evaluator.verify(Program(source)).failure is None:
                    chosen.append(Program(source))
    return chosen


def measure(
    setting: Setting,
    networks: list[Program],
    options: argparse.Namespace,
    machine: Machine,
    data: TaskData,
    boxes: Sandbox,
    end_s: float,
) -> Row | None:
    """Return one result, or None when the time was too short."""
    poison = {len(networks) + n: POISONED.format(act=act) for n, act in enumerate(POISON.values())}
    jobs = [Job(number, program, options.seed) for number, program in enumerate(networks)]
    for place, (number, source) in zip((len(jobs) // 4, len(jobs) // 2), poison.items(), strict=True):
        jobs.insert(place, Job(number, Program(source), options.seed))
    outcomes: dict[int, Outcome] = {}
    evaluator = make_evaluator(options, machine, data, boxes, setting.batch, setting.workers)
    with closing(evaluator):
        evaluator.evaluate(networks[0], seed=options.seed)  # the first box waits for the warm process
        began_s = time.monotonic()
        trials = TrialEvaluator(make_task(options, setting.batch), SandboxConfig(), data, search=evaluator)
        with closing(run_jobs(LocalExecutor(trials, setting.workers), jobs)) as answers:
            for job, outcome in answers:
                outcomes[job.number] = outcome
                if time.monotonic() > end_s:
                    print(f"{setting}: {len(outcomes)} of {len(jobs)} programs; the time is up")
                    return None
        wall_s = time.monotonic() - began_s
    ours = [outcomes[number] for number in range(len(networks))]
    row = summarise(ours, [outcomes[number] for number in poison], wall_s, setting.workers)
    print(
        f"{setting}: {row['per_hour']:,.0f} an hour, {row['valid']} of {len(networks)} valid, {wall_s:.1f} s",
        flush=True,
    )
    return asdict(setting) | row | {"seed": options.seed, "toy": options.toy, "machine": machine.description}


def summarise(ours: list[Outcome], poison: list[Outcome], wall_s: float, workers: int) -> Row:
    """Return the rate and what became of everybody.

    The rate is that of the networks over the whole wall time, in which the poison and the last, lonely boxes are
    included; its interval is over networks, by their shares of the device's time.
    """
    share = t_interval([outcome.gpu_s or outcome.seconds["total"] / workers for outcome in ours])
    assert share.mean is not None
    rate = 3600 * len(ours) / wall_s
    return {
        "per_hour": rate,
        "low": rate * share.mean / share.high if share.high else None,
        "high": rate * share.mean / share.low if share.low and share.low > 0 else None,
        "wall_s": round(wall_s, 2),
        "networks": len(ours),
        "valid": sum(outcome.is_valid for outcome in ours),
        "harmed": sum(outcome.failure is not None and outcome.failure.kind in BY_OTHERS for outcome in ours),
        "failures": Counter(
            f"{o.failure.stage}/{o.failure.kind}: {o.failure.message[:200]}" for o in ours if o.failure
        ),
        "mean_accuracy": t_interval([o.scores.values[ACCURACY.name] for o in ours if o.scores]).mean,
        "poison": [str(outcome.failure.kind) if outcome.failure else "valid" for outcome in poison],
        "isolation": min(outcome.isolation for outcome in ours),
        "median_s": {
            phase: round(median([outcome.seconds.get(phase, 0.0) for outcome in ours]), 3)
            for phase in ("start", "check", "train", "predict", "total")
        },
    }


@contextmanager
def mps_daemon() -> Iterator[bool]:
    """Run CUDA's MPS daemon meanwhile; yields whether it could be started."""
    folder = Path("/tmp/archwright-mps")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ["CUDA_MPS_PIPE_DIRECTORY"] = os.environ["CUDA_MPS_LOG_DIRECTORY"] = str(folder)
    try:
        started = subprocess.run(["nvidia-cuda-mps-control", "-d"], capture_output=True, check=False).returncode == 0
        deadline_s = time.monotonic() + 10.0
        while started and mps_folder() is None and time.monotonic() < deadline_s:
            time.sleep(0.1)
        yield mps_folder() is not None
        if started:
            subprocess.run(["nvidia-cuda-mps-control"], input=b"quit\n", capture_output=True, check=False)
    except FileNotFoundError:
        yield False
    finally:
        del os.environ["CUDA_MPS_PIPE_DIRECTORY"], os.environ["CUDA_MPS_LOG_DIRECTORY"]


@contextmanager
def without_daemon() -> Iterator[bool]:
    """Do nothing; the counterpart of `mps_daemon`."""
    yield True


def report(results: dict[Setting, Row], missing: list[Setting]) -> None:
    """Print the table, the targets and what is still to be measured."""
    print(
        "| batch | boxes | MPS | candidates an hour | 95 % interval | valid | poison | median s: start, check, train |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for setting, row in sorted(results.items(), key=lambda item: (item[0].mps, item[0].batch, item[0].workers)):
        interval = f"{row['low']:,.0f} – {row['high']:,.0f}" if row["low"] and row["high"] else "unknown"
        phases = row["median_s"]
        print(
            f"| {setting.batch} | {setting.workers} | {'yes' if setting.mps else 'no'} | {row['per_hour']:,.0f} | "
            f"{interval} | {row['valid']} of {row['networks']} | {', '.join(map(str, row['poison']))} | "
            f"{phases['start']}, {phases['check']}, {phases['train']} |"
        )
    at_64 = {setting: row["per_hour"] for setting, row in results.items() if setting.batch == 64}
    for name, found in (
        ("alone", [rate for setting, rate in at_64.items() if setting.workers == 1]),
        ("shared", [rate for setting, rate in at_64.items() if setting.workers > 1]),
    ):
        best = max(found, default=0.0)
        verdict = "not measured" if not found else "met" if best >= TARGETS[name] else "MISSED"
        print(f"Target, {name}, batch 64: {TARGETS[name]:,} an hour: {verdict} ({best:,.0f}; reference {REFERENCE})")
    harmed = [setting for setting, row in results.items() if row["harmed"] or "valid" in str(row["poison"])]
    print(f"Poison cost only itself: {'yes' if not harmed else f'NO in {harmed}'}")
    for setting in missing:
        print(f"still to be measured: {setting}")


if __name__ == "__main__":
    state_class_key()
    main()

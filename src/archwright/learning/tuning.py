"""LoRA fine-tuning, seen from outside: start the worker, watch it, publish the adapter.

The training itself is `learning.worker`, a process of its own that exits and so returns its memory. `tune` has it work
in a scratch folder beside `out`, which is renamed at the very end: an adapter folder that exists is complete.
`tune_until` trains epoch by epoch in a folder that stays, for hours if need be, and goes on from checkpoints there.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archwright.config import TuneConfig
from archwright.errors import TuningError
from archwright.llm.adapters import CARD, LARGEST_SETTINGS, WEIGHTS
from archwright.llm.pairs import Pair, write_pairs
from archwright.llm.registry import local_source
from archwright.reading import read_bytes
from archwright.resumable import publish, scratch_beside
from archwright.task import Frozen

JOB = "job.json"
PAIRS = "pairs.jsonl"
HELD_OUT = "held_out.jsonl"
ADAPTER = "adapter"
CHECKPOINT_S = 300.0
WORKER = (sys.executable, "-m", "archwright.learning.worker")

QUIET = {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_WAIT_POLICY": "PASSIVE"}
"""The last one because threads that spin while they wait slow training to a tenth beside any other busy process."""
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}

OnTuningStep = Callable[[int, int, float, float], None]
"""Called with (step, steps, loss, tokens per second)."""


class TuningJob(Frozen):
    """What the worker finds written in its folder, beside the pairs."""

    model: str
    source: str
    init_adapter: Path | None
    config: TuneConfig
    seed: int
    until_epoch: int | None = None
    """Train no further than this; None: all epochs."""
    checkpoint_s: float | None = None
    """Seconds between checkpoints, from the last of which training goes on; None: keep none."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """A finished fine-tuning: the adapter's folder and what it took."""

    folder: Path
    pairs: int
    """Pairs trained on."""
    left_out: int
    """Pairs longer than `tune.max_length`."""
    steps: int
    loss: float
    """Mean over the steps of the last epoch of the loss per token taught, in nats."""
    tokens: int
    """Tokens read, prompts included, all epochs together."""
    wall_s: float
    cpu_s: float
    gpu_s: float
    peak_memory_mb: float


def tune(
    pairs: Sequence[Pair],
    *,
    model: str,
    init_adapter: Path | None,
    out: Path,
    config: TuneConfig,
    seed: int,
    on_step: OnTuningStep | None = None,
) -> Tuned:
    """Train an adapter for `model` on `pairs`, continuing from `init_adapter` where given, and put it at `out`.

    `model` is a local one as in `llm.model`. Continuing means that the new adapter holds what the earlier one was
    taught, so it is used in its place; it keeps its rank, alpha, dropout and layers. Deterministic by `seed` on a CPU.
    Raises TuningError when there is nothing to train on, `out` exists already, or the worker fails; nothing is left
    behind then.
    """
    if out.exists():
        raise TuningError(f"there is already something at {out}", "give a new adapter a new folder")
    if not pairs:
        raise TuningError("there are no pairs to train on", "admit some networks first, or give a corpus")
    source = local_source(model)
    started = time.perf_counter()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with scratch_beside(out) as scratch:
            write_pairs(pairs, scratch / PAIRS)
            job = TuningJob(model=model, source=str(source), init_adapter=init_adapter, config=config, seed=seed)
            run_worker(job, scratch, on_step)
            adapter = scratch / ADAPTER
            card = json.loads((adapter / CARD).read_text("utf-8"))
            card["wall_s"] = round(time.perf_counter() - started, 3)
            (adapter / CARD).write_text(json.dumps(card, indent=1), "utf-8")
            publish(adapter, out)
    except OSError as error:
        raise TuningError(
            f"the adapter could not be written to {out.parent}: {error.strerror or error}",
            "free some disk space or choose a folder that can be written",
        ) from error
    return read_tuned(out)


def tune_until(
    epoch: int,
    folder: Path,
    *,
    model: str,
    init_adapter: Path | None,
    config: TuneConfig,
    seed: int,
    on_step: OnTuningStep | None = None,
    checkpoint_s: float = CHECKPOINT_S,
) -> Path:
    """Train on the pairs in `folder` to the end of an epoch, counted from 1, and return the folder of the adapter then.

    `folder` holds `PAIRS` and, for the loss on them in the card, `HELD_OUT`, both written by `write_pairs`. Goes on
    from the last checkpoint in it. On Ctrl-C one more is written before KeyboardInterrupt is raised. Raises TuningError
    as `tune` does; the checkpoints stay.
    """
    adapter = folder / ADAPTER
    shutil.rmtree(adapter, ignore_errors=True)  # Of the epoch before, or not complete.
    job = TuningJob(
        model=model,
        source=str(local_source(model)),
        init_adapter=init_adapter,
        config=config,
        seed=seed,
        until_epoch=epoch,
        checkpoint_s=checkpoint_s,
    )
    try:
        run_worker(job, folder, on_step)
    except OSError as error:
        raise TuningError(
            f"the fine-tuning in {folder} could not be written: {error.strerror or error}",
            "free some disk space or choose a folder that can be written",
        ) from error
    return adapter


def read_tuned(folder: Path) -> Tuned:
    """Return what is recorded of the adapter in `folder`; raises TuningError when that is not an adapter of ours."""
    try:
        card = json.loads(read_bytes(folder / CARD, LARGEST_SETTINGS))
        counts = {name: card[name] for name in ("pairs", "left_out", "steps", "tokens")}
        amounts = {name: float(card[name]) for name in ("loss", "wall_s", "cpu_s", "gpu_s", "peak_memory_mb")}
        if not all(type(count) is int and 0 <= count < 2**63 for count in counts.values()):
            raise ValueError("its counts are no counts")
        return Tuned(folder, **counts, **amounts)  # type: ignore[arg-type]  # every name is a field
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise TuningError(f"{folder} is not a complete adapter", "delete it and train it again") from error


def adapter_digest(folder: Path) -> str:
    """Return the SHA-256 of the adapter's weights, hexadecimal; raises TuningError when there are none."""
    try:
        with (folder / WEIGHTS).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TuningError(f"{folder} holds no adapter weights", "delete it and train it again") from error


def run_worker(job: TuningJob, folder: Path, on_step: OnTuningStep | None) -> None:
    """Run the worker on `job` to its end; stopped, one that keeps checkpoints writes another."""
    (folder / JOB).write_text(job.model_dump_json(), "utf-8")
    environment = QUIET | ({} if job.model.startswith("hf:") else OFFLINE) | dict(os.environ)
    failure: dict[str, str] | None = None
    with (
        (folder / "stderr.log").open("wb") as stderr,
        subprocess.Popen(
            [*WORKER, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
        ) as worker,
    ):
        try:
            assert worker.stdout is not None
            for line in worker.stdout:
                message = json.loads(line)
                if "failure" in message:
                    failure = message["failure"]
                elif on_step is not None:
                    on_step(message["step"], message["steps"], message["loss"], message["tokens_per_s"])
            status = worker.wait()
        except KeyboardInterrupt:
            if job.checkpoint_s is not None:
                worker.terminate()
                worker.wait()
            raise
        finally:
            worker.kill()
    if failure is not None:
        raise TuningError(failure["what"], failure["remedy"])
    if status < 0:
        raise TuningError(
            f"the fine-tuning process was killed by signal {-status}",
            "most likely the machine ran out of memory: close other programs, or lower tune.max_length or tune.batch",
        )
    if status > 0:
        lines = (folder / "stderr.log").read_text("utf-8", "replace").strip().splitlines()
        raise TuningError(
            f"the fine-tuning process failed: {lines[-1] if lines else f'exit status {status}'}",
            "this is an error of ours or of a library; please report it",
        )

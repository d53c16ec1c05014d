"""Every table of cells from one command: reconstruction, what three priors generate, search. `make bench-cells`.

    python benchmarks/cells.py [--folder runs/cells] [--out docs/results] [--smoke]

Runs the other `cells_*.py` and `archwright cells train`, two at a time with one thread each, in an order that keeps
both cores busy. All of them go on where they were killed, and so does this; a step that is done is not repeated. At the
end it prints their tables, the priors side by side, and what each step took; with --out it copies figures and results
there. --smoke is a toy size. The benchmarks' tables are looked for in $ARCHWRIGHT_DATA (../shared/data here).

Sizes that differ from the commands' defaults: the autoencoders of NAS-Bench-101 have 8 epochs (the paper: 25), its
priors 3 (T5: 1). The language model learns from 500 cells and writes 500, plainly and at one temperature, since it
reads and writes some fifty tokens a second on a CPU.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cells_autoencoder import folder_of
from cells_samples import table

from archwright.cells.run import REQUEST
from archwright.cells.search.oracle import load_oracle
from archwright.errors import ArchwrightError
from archwright.evaluation.classes import state_class_key

LANES = 2
DONE = "done.jsonl"
SCRIPTS = Path(__file__).resolve().parent
ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # As in the sandbox: a training step otherwise faults in the same megabytes again and again.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:"
    "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1073741824",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done for one space."""

    space: str
    epochs: int
    """Of the autoencoders."""
    batch: int
    priors: Mapping[str, Sequence[str]]
    """By kind: settings of `archwright cells train`."""
    samples: Mapping[str, Sequence[str]]
    """By kind: options of `cells_samples.py`."""
    searches: Mapping[str, Sequence[str]]
    """By title: options of `cells_search.py`."""


LLM = ("prior.sequences=500", "prior.batch=8")
LLM_SAMPLES = ("--n", "500", "--seeds", "0", "--temperatures", "1", "--decodings", "plain", "--permuted", "0")
T5_SAMPLES = ("--seeds", "0", "--temperatures", "0.7", "1", "1.8")
FULL = (
    Sizes(
        "nasbench101",
        epochs=8,
        batch=256,
        priors={"decoder": ("prior.epochs=3",), "t5": ("prior.epochs=1",), "llm": LLM},
        samples={"decoder": (), "t5": T5_SAMPLES, "llm": LLM_SAMPLES},
        searches={"search": ("--seeds", "20")},
    ),
    Sizes(
        "nasbench201",
        epochs=25,
        batch=256,
        priors={"decoder": ("prior.epochs=24",), "t5": (), "llm": LLM},
        samples={"decoder": (), "t5": T5_SAMPLES, "llm": LLM_SAMPLES},
        searches={
            "search": ("--seeds", "20"),
            # The kernel of the Gaussian process was chosen on the seeds above.
            "search, fresh seeds": ("--seeds", "100-119", "--strategies", "bayesian"),
        },
    ),
)
SMOKE = (
    Sizes(
        "nasbench201",
        epochs=1,
        batch=256,
        priors={
            "decoder": ("prior.epochs=1",),
            "t5": ("prior.epochs=1", "prior.sequences=512"),
        },
        samples={
            "decoder": ("--n", "50", "--seeds", "0", "--temperatures", "1", "2", "--decodings", "plain"),
            "t5": ("--n", "50", "--seeds", "0", "--temperatures", "1", "--decodings", "plain"),
        },
        searches={"search": ("--seeds", "2", "--queries", "45", "--strategies", "random", "bayesian", "sequence")},
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One command; what it prints is its tables."""

    name: str
    words: Sequence[str | Path]
    needs: tuple[str, ...] = ()
    resumes: Path | None = None
    """A file that is there when the command has been begun and takes `--resume`."""


def main() -> None:
    """Run every step and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("runs/cells"))
    parser.add_argument("--out", type=Path, help="copy results and figures to this folder")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    sizes = SMOKE if options.smoke else FULL
    try:
        for size in sizes:
            load_oracle(size.space, "c10")  # Without a table there is no search: better to know at once.
    except ArchwrightError as error:
        sys.exit(f"error: {error}")
    folder = options.folder.absolute()
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    steps = [step for size in sizes for step in steps_of(size, folder)]
    # The language model last: it is the slowest, and nothing waits for it.
    run_all(sorted(steps, key=lambda step: step.name.endswith("llm")), folder)
    print("\n".join(report(sizes, folder)))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for path in [*folder.glob("cells_*.json"), *folder.glob("cells_*.svg")]:
            shutil.copy(path, options.out)


def steps_of(size: Sizes, folder: Path) -> list[Step]:
    """Return the steps of one space, those that others wait for first."""
    # A codebook by gradient, as published, can collapse; averages mend that and change nothing else (docs/log.md).
    arms = (("default",), ("published", "averaged codes"))
    first, published = (_autoencoder(size, each, folder) for each in arms)
    priors = [_prior(size, kind, (first.name,), folder) for kind in size.priors]
    samples = [_samples(size, kind, (f"{size.space} prior {kind}",), folder) for kind in size.samples]
    searches = [_search(size, title, (priors[0].name,), folder) for title in size.searches]
    return [first, priors[0], *searches, samples[0], published, *priors[1:], *samples[1:]]


def _autoencoder(size: Sizes, arms: Sequence[str], folder: Path) -> Step:
    options = ("--arms", *arms, "--epochs", str(size.epochs), "--batch", str(size.batch), "--folder", folder)
    out = folder / f"cells_autoencoder_{size.space}_{arms[0]}.json"
    words = (SCRIPTS / "cells_autoencoder.py", size.space, *options, "--out", out)
    return Step(f"{size.space} autoencoder, {arms[0]}", words)


def _prior(size: Sizes, kind: str, needs: tuple[str, ...], folder: Path) -> Step:
    autoencoder = folder_of(folder, size.space, size.epochs, size.batch, "default", 0)
    settings = [word for setting in (f"prior.kind={kind}", *size.priors[kind]) for word in ("--set", setting)]
    models = models_of(folder, size.space, kind)
    options = ("--out", models, "--autoencoder", autoencoder, *settings)
    words = ("-m", "archwright", "cells", "train", size.space, *options)
    return Step(f"{size.space} prior {kind}", words, needs, resumes=models / REQUEST)


def _samples(size: Sizes, kind: str, needs: tuple[str, ...], folder: Path) -> Step:
    options = (*size.samples[kind], "--out", samples_of(folder, size.space, kind))
    words = (SCRIPTS / "cells_samples.py", models_of(folder, size.space, kind), *options)
    return Step(f"{size.space} samples {kind}", words, needs)


def _search(size: Sizes, title: str, needs: tuple[str, ...], folder: Path) -> Step:
    out = folder / f"cells_{title.replace(', ', '_').replace(' ', '_')}_{size.space}.json"
    files = ("--runs", folder / f"search_{size.space}.jsonl", "--out", out)
    options = ("--models", models_of(folder, size.space, "decoder"), *size.searches[title])
    words = (SCRIPTS / "cells_search.py", "--spaces", size.space, *options, *files)
    return Step(f"{size.space} {title}", words, needs)


def models_of(folder: Path, space: str, kind: str) -> Path:
    """Return the folder of a space's models with a prior of that kind."""
    return folder / f"{space}-{kind}"


def samples_of(folder: Path, space: str, kind: str) -> Path:
    """Return the file of what that prior generated."""
    return folder / f"cells_samples_{space}_{kind}.json"


def run_all(steps: Sequence[Step], folder: Path) -> None:
    """Run the steps, `LANES` at a time, each after what it needs; exits when one fails."""
    waiting, done = list(steps), set[str]()
    running: dict[Future[None], Step] = {}
    with ThreadPoolExecutor(LANES) as pool:
        while waiting or running:
            ready = [step for step in waiting if done.issuperset(step.needs)]
            for step in ready[: LANES - len(running)]:
                waiting.remove(step)
                running[pool.submit(run_step, step, folder)] = step
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(future)
                try:
                    future.result()
                except subprocess.CalledProcessError as error:
                    log = log_of(step.name, folder)
                    print(f"error: {step.name} failed with code {error.returncode} — see {log}", file=sys.stderr)
                    print("waiting for the step beside it", file=sys.stderr, flush=True)
                    sys.exit(1)
                done.add(step.name)


def run_step(step: Step, folder: Path) -> None:
    """Run one command unless that was done; its tables, its log and the seconds it took stay in `folder`."""
    words = list(map(str, step.words))
    if any(row["words"] == words for row in done_steps(folder)):
        return
    begun_s = time.monotonic()
    print(f"{step.name} ...", file=sys.stderr, flush=True)
    resume = ["--resume"] if step.resumes and step.resumes.exists() else []
    with log_of(step.name, folder).open("a", encoding="utf-8") as log:
        command = [sys.executable, *words, *resume]
        printed = subprocess.run(
            command, check=True, env=os.environ | ENVIRONMENT, stdout=subprocess.PIPE, stderr=log, text=True
        ).stdout
    table_of(step.name, folder).write_text(printed, "utf-8")
    row = {"step": step.name, "words": words, "seconds": round(time.monotonic() - begun_s, 1)}
    with (folder / DONE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(f"{step.name}: {row['seconds']} s", file=sys.stderr, flush=True)


def done_steps(folder: Path) -> list[dict[str, Any]]:
    """Return the steps that are done: name, words and seconds of each."""
    path = folder / DONE
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def log_of(name: str, folder: Path) -> Path:
    """Return the file of what a step says while it runs."""
    return folder / "logs" / f"{name}.log"


def table_of(name: str, folder: Path) -> Path:
    """Return the file of a step's tables."""
    return folder / "logs" / f"{name}.md"


def report(sizes: Sequence[Sizes], folder: Path) -> list[str]:
    """Return all tables: of every step but the priors' training, and the priors side by side."""
    lines = []
    for size in sizes:
        names = [step.name for step in steps_of(size, folder) if " prior " not in step.name]
        for name in names:
            lines += [f"## {name}", "", table_of(name, folder).read_text("utf-8")]
        rows = {
            kind: json.loads(samples_of(folder, size.space, kind).read_text("utf-8"))["rows"] for kind in size.samples
        }
        at_one = {kind: [row for row in found if row["temperature"] == 1] for kind, found in rows.items()}
        lines += [f"## {size.space}: the priors side by side, temperature 1", "", *table(at_one), ""]
    seconds = {row["step"]: row["seconds"] for row in done_steps(folder)}
    lines += ["## Seconds of each step", "", "| step | s |", "|---|--:|"]
    lines += [f"| {name} | {spent:,.0f} |" for name, spent in seconds.items()]
    lines += [f"| all, {LANES} at a time | {sum(seconds.values()):,.0f} |"]
    return lines


if __name__ == "__main__":
    state_class_key()
    main()

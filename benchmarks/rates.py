"""Is the evaluator stricter than it was? Programs that run, before and after, by group.

    python benchmarks/mutations.py --out mutations.jsonl --count 300 --verify 0
    python benchmarks/rates.py run after runs/rates.jsonl --mutations mutations.jsonl --wheel WHEEL --completions FILE
    PYTHON_OF_AN_OLDER_CHECKOUT benchmarks/rates.py run before runs/rates.jsonl ... (the same)
    python benchmarks/rates.py table runs/rates.jsonl --out docs/results/rates.json

Groups: the seed networks; mutations of them (`benchmarks/mutations.py`); a random sample of the architecture files of
WHEEL (`nn_dataset-2.1.2-py3-none-any.whl` from PyPI); and recorded completions of the embedded model (JSON lines with
`text`), each extracted and repaired as that version does it. A program runs if it trains for one epoch on a few images
of the CIFAR-10 copy and is scored, with the parameter budget lifted. The script uses only what both versions have.
With `--failed-of after` only those are run that the log's lines of that label say fail: no others can have been lost.
Every program is a line in the log, so that a killed run goes on where it was.
"""

import argparse
import json
import os
import random
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from archwright.analysis.intervals import wilson
from archwright.candidate import Program
from archwright.config import SandboxConfig
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.programs.repair import repair
from archwright.task import Budget, DataOptions, Recipe, Task

try:
    from archwright.programs.extraction import extract_program
except ImportError:
    from archwright.generators.full import extract_program
try:
    from archwright.starters import load_seed_corpus
except ImportError:
    from archwright.corpus import load_seed_corpus

GROUPS = ("seed", "mutation", "lemur", "embedded")
IMAGES = 32
"""Trained on and scored: the question is whether a program runs, not how well."""


def main() -> None:
    """Run what is missing, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    run_options = commands.add_parser("run")
    run_options.add_argument("label", choices=["before", "after"])
    run_options.add_argument("log", type=Path)
    run_options.add_argument("--mutations", type=Path, help="JSON lines with name and source")
    run_options.add_argument("--wheel", type=Path)
    run_options.add_argument("--completions", type=Path)
    run_options.add_argument("--lemur", type=int, default=700, help="files of the wheel")
    run_options.add_argument("--embedded", type=int, default=200, help="completions")
    run_options.add_argument("--failed-of", choices=["before", "after"], help="only what failed under this label")
    run_options.add_argument("--wall-s", type=float, default=300.0)
    table_options = commands.add_parser("table")
    table_options.add_argument("log", type=Path)
    table_options.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.command == "run":
        run(options)
    else:
        text = json.dumps(table(options.log), indent=1)
        if options.out:
            options.out.write_text(text + "\n", "utf-8")
        print(text)


def run(options: argparse.Namespace) -> None:
    """Evaluate every program that this label has no line of, and write a line for each."""
    lines = read(options.log) if options.log.exists() else []
    known = {(line["group"], line["name"]) for line in lines if line["label"] == options.label}
    if options.failed_of:
        known |= {
            (each["group"], each["name"])
            for each in lines
            if each["label"] == options.failed_of and not each["failure"]
        }
    task = Task(
        name="cifar10",
        data=DataOptions(train_size=IMAGES, validation_size=IMAGES),
        recipe=Recipe(batch=16),
        budget=Budget(max_params=0, wall_s=options.wall_s, memory_mb=8192),
    )
    with (
        closing(SandboxEvaluator(task, SandboxConfig())) as evaluator,
        options.log.open("a", encoding="utf-8") as log,
    ):
        for group, name, source in programs(options):
            if (group, name) in known:
                continue
            outcome = evaluator.evaluate(Program(source), seed=0)
            failure = outcome.failure
            line = {"label": options.label, "group": group, "name": name, "failure": None}
            if failure is not None:
                line["failure"] = f"{failure.stage}/{failure.kind}: {failure.message[:300]}"
            log.write(json.dumps(line) + "\n")
            log.flush()


def programs(options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Yield group, name and source of every program that was asked for."""
    for network in load_seed_corpus():
        yield "seed", network.name, network.program.source
    if options.mutations:
        for line in read(options.mutations):
            yield "mutation", line["name"], line["source"]
    if options.completions:
        for number, line in enumerate(read(options.completions)[: options.embedded]):
            yield "embedded", str(number), repair(extract_program(line["text"])).source
    if options.wheel:
        with zipfile.ZipFile(options.wheel) as archive:
            names = sorted(name for name in archive.namelist() if name.startswith("ab/nn/nn/") and name.endswith(".py"))
            for name in random.Random(0).sample([name for name in names if "__init__" not in name], options.lemur):
                yield "lemur", Path(name).stem, archive.read(name).decode("utf-8")


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def table(log: Path) -> dict[str, Any]:
    """Return how many of each group run before and after, of those that each was given, and which were lost."""
    failures: dict[tuple[str, str], dict[str, str | None]] = {}
    for line in read(log):
        failures.setdefault((line["group"], line["name"]), {})[line["label"]] = line["failure"]
    result: dict[str, Any] = {}
    for group in GROUPS:
        mine = {name: each for (of, name), each in failures.items() if of == group}
        if not mine:
            continue
        both = {name: each for name, each in mine.items() if len(each) == 2}
        row: dict[str, Any] = {}
        for label in ("before", "after"):
            if not (given := [each[label] for each in mine.values() if label in each]):
                continue
            count = given.count(None)
            interval = wilson(count, len(given))
            bounds = [round(interval.low, 4), round(interval.high, 4)]
            row[label] = {"programs": len(given), "run": count, "wilson_95": bounds}
        row["lost"] = {name: each["after"] for name, each in both.items() if each["after"] and not each["before"]}
        gained = [each["before"] for each in both.values() if each["before"] and not each["after"]]
        row["gained"] = Counter(str(reason).split(":")[0] for reason in gained)
        result[group] = row
    return result


def state_class_key() -> None:
    """Do as `archwright.evaluation.classes.state_class_key`, which older versions lack."""
    os.environ.setdefault("ARCHWRIGHT_CLASS_KEY", bytes(32).hex())  # any key that both have


if __name__ == "__main__":
    state_class_key()
    main()

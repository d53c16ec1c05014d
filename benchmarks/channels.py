"""How many networks of LEMUR have widths that can be changed, and how many random changes are right?

    python benchmarks/channels.py WHEEL --out docs/results/channels.json [--networks 300] [--changes 1000] [--minutes M]
        [--known docs/results/lemur_compatibility.json] [--known runs/rates.jsonl]

WHEEL is `nn_dataset-2.1.2-py3-none-any.whl` from PyPI. Goes through its architecture files in a random order until
`--networks` of them have been found to run at 3 x 32 x 32 with 10 classes (one of every family in turn, since most
files are mutations of a few), groups their widths, and makes `--changes` random changes, spread evenly over those that
can be grouped. With `--known`, a result of `benchmarks/lemur_compatibility.py` or a log of
`benchmarks/rates.py`, only files that ran there are taken, and they are not run again. A change draws
one to three groups anew, between half and twice their width. It is valid when the program builds, runs forward, takes
one training step and has exactly the predicted number of parameters.

`--rows` keeps a line of JSON per network; the same command goes on after them, and `--minutes` stops in between.
"""

import argparse
import json
import platform
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import torch
from lemur_compatibility import read_sources

from archwright.analysis.intervals import wilson
from archwright.candidate import Outcome, Program
from archwright.config import SandboxConfig
from archwright.contracts.network import NETWORK
from archwright.corpus.conversion import noise
from archwright.corpus.shapes import RGB
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.evaluation.width_tracing import WidthTracer
from archwright.programs.channels.widths import Ungrouped, Widths, random_widths
from archwright.task import Budget, Recipe, Task

MOST_GROUPS = 3
"""A change draws one to this many groups anew."""
BATCH = 10
"""All of the images: one step."""
SANDBOX = SandboxConfig(workers=1, cache=False)


def main() -> None:
    """Run the benchmark as far as it is not there yet, and write its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--networks", type=int, default=300)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most-params", type=int, default=100_000_000, help="networks beyond are passed over")
    parser.add_argument("--known", type=Path, action="append", default=[], help="where files ran; may be repeated")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--rows", type=Path, default=Path("channels.jsonl"))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    end_s = time.monotonic() + 60 * options.minutes
    rows = [json.loads(line) for line in options.rows.open()] if options.rows.exists() else []
    sources = read_sources(options.wheel)
    order = known(options.known, options.seed) if options.known else by_family(list(sources), options.seed)
    each = -(-options.changes // options.networks)
    task = Task(budget=Budget(max_params=options.most_params, wall_s=60.0, memory_mb=4096), recipe=Recipe(batch=BATCH))
    data = noise(RGB)
    with (
        closing(SandboxEvaluator(task, SANDBOX, data)) as evaluator,
        closing(WidthTracer(data.spec, NETWORK, task.recipe, SANDBOX)) as tracer,
        options.rows.open("a") as file,
    ):
        for name in order[len(rows) :]:
            if sum(row["runs"] for row in rows) >= options.networks or time.monotonic() > end_s:
                break
            rows.append(
                look_at(name, sources[name], evaluator, tracer, each, options.seed, is_known=bool(options.known))
            )
            file.write(json.dumps(rows[-1]) + "\n")
            file.flush()
            print(len(rows), json.dumps(rows[-1])[:300], flush=True)
    result = summarise(rows, options)
    text = json.dumps(result, indent=1)
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    print(text)


def known(results: Sequence[Path], seed: int) -> list[str]:
    """Return the networks that ran in any of the `results`, in a random order."""
    ran: set[str] = set()
    for result in results:
        text = result.read_text("utf-8")
        if result.suffix == ".jsonl":
            lines = [json.loads(line) for line in text.splitlines()]
            mine = [line for line in lines if line["group"] == "lemur" and line["label"] == "after"]
            ran |= {line["name"] for line in mine if line["failure"] is None}
        else:
            content = json.loads(text)
            ran |= {*content["plain"]["scored"], *content["sample"]["scored"]}
    return random.Random(seed).sample(sorted(ran), len(ran))


def by_family(names: list[str], seed: int) -> list[str]:
    """Return `names` in a random order in which families (what precedes a hash or a number) take turns."""
    families: dict[str, list[str]] = defaultdict(list)
    for name in names:
        families[re.split(r"-?[0-9a-f]{6,}|-\d", name)[0]].append(name)
    rng = random.Random(seed)
    for members in families.values():
        rng.shuffle(members)
    groups = sorted(families.values())
    rng.shuffle(groups)
    return [group[turn] for turn in range(max(map(len, groups))) for group in groups if turn < len(group)]


def look_at(
    name: str,
    source: str,
    evaluator: SandboxEvaluator,
    tracer: WidthTracer,
    changes: int,
    seed: int,
    *,
    is_known: bool,
) -> dict[str, object]:
    """Return what became of one network and `changes` random changes of its widths."""
    row: dict[str, object] = {"name": name, "runs": False}
    if not is_known:
        outcome = evaluator.train(Program(source), seed=0)
        if outcome.failure is not None:
            return row | {"why": f"{outcome.failure.stage}/{outcome.failure.kind}"}
    begun_s = time.perf_counter()
    widths = tracer.trace(Program(source))
    row |= {"runs": True, "trace_s": round(time.perf_counter() - begun_s, 2)}
    if isinstance(widths, Ungrouped):
        return row | {"refused": widths.reason, "why": widths.message[:200]}
    rng = random.Random(f"{seed} {name}")
    row |= {"groups": len(widths.groups), "predicted": widths.count({})}
    return row | {"changes": [change(widths, evaluator, rng) for _ in range(changes)]}


def change(widths: Widths, evaluator: SandboxEvaluator, rng: random.Random) -> dict[str, object]:
    """Return what became of one random change."""
    values = random_widths(widths, rng, rng.randint(1, MOST_GROUPS))
    predicted = widths.count(values)
    if values == widths.groups:
        return {"valid": None, "why": "unchanged: no other width within reach fits"}
    outcome = evaluator.train(Program(widths.applied(values)), seed=0)
    told = {"values": {name: value for name, value in values.items() if value != widths.groups[name]}}
    if outcome.failure is not None:
        is_over = outcome.failure.kind == "too_many_parameters"
        return told | {"valid": None if is_over else False, "why": words_of(outcome)}
    is_valid = outcome.params == predicted
    return told | {"valid": is_valid} | ({} if is_valid else {"why": f"{outcome.params} parameters, not {predicted}"})


def words_of(outcome: Outcome) -> str:
    """Return a failure in a line."""
    failure = outcome.failure
    return "" if failure is None else f"{failure.stage}/{failure.kind}: {failure.message[:150]}"


def summarise(rows: list[dict[str, object]], options: argparse.Namespace) -> dict[str, object]:
    """Return shares with Wilson intervals, and the reasons."""
    running = [row for row in rows if row["runs"]]
    grouped = [row for row in running if "refused" not in row]
    changes = [(row["name"], each) for row in grouped for each in row["changes"]]  # type: ignore[attr-defined]
    tried = [(name, each) for name, each in changes if each["valid"] is not None]
    valid = sum(each["valid"] for _, each in tried)
    seconds = sorted(float(str(row["trace_s"])) for row in running)
    return {
        "wheel": options.wheel.name,
        "seed": options.seed,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "looked_at": len(rows),
        "running": len(running),
        "grouped": _share(len(grouped), len(running)),
        "refused": dict(Counter(str(row["refused"]) for row in running if "refused" in row).most_common()),
        "refusals": [[row["name"], row["refused"], row["why"]] for row in running if "refused" in row],
        "changes": _share(valid, len(tried)),
        "not_tried": dict(Counter(each["why"].split(":")[0] for _, each in changes if each["valid"] is None)),
        "wrong": [[name, each] for name, each in tried if not each["valid"]],
        "median_trace_s": seconds[len(seconds) // 2] if seconds else None,
        "groups_median": sorted(int(str(row["groups"])) for row in grouped)[len(grouped) // 2] if grouped else None,
    }


def _share(part: int, whole: int) -> dict[str, object]:
    if not whole:
        return {"n": 0}
    interval = wilson(part, whole)
    return {"part": part, "n": whole, "wilson_95": [round(interval.low, 4), round(interval.high, 4)]}


if __name__ == "__main__":
    state_class_key()
    main()

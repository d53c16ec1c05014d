"""How many candidates an hour does one commit's search make beside another's, on this machine, lessons included?

    git worktree add --detach ../base 8bdf44e    # with a .venv of its own, in which that commit is installed
    python benchmarks/throughput.py --base ../base [--ours .] [--cycles 6] [--candidates 48] [--images 2000]

Both search with the preset `laptop`, the embedded model and the same settings. They take turns, a cycle each, and who
begins alternates. A turn is one command, its start included; the lesson after a cycle is
part of the next one's turn. The first turn, which also converts the model and reads the data, is not counted. Each has
a cache of its own, so that nothing is remembered for the other.

A run that was killed goes on from there; a cycle that was interrupted is not counted. Ratios are ours / base of the
same cycle: geometric mean with a t-interval at 95 % over cycles. Nothing else may run meanwhile.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

from archwright.analysis.intervals import t_interval
from archwright.archive.environment import describe_environment
from archwright.evaluation.classes import state_class_key

ARMS = ("base", "ours")


def main() -> None:
    """Run the cycles that are missing, print the table and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="worktree of the earlier commit, with its .venv")
    parser.add_argument("--ours", type=Path, default=Path(), help="worktree with its .venv")
    parser.add_argument("--task", default="cifar10")
    parser.add_argument("--images", type=int, default=2000, help="of training, and as many of validation")
    parser.add_argument("--candidates", type=int, default=48)
    parser.add_argument("--cycles", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path("runs/throughput"))
    parser.add_argument("--out", type=Path, help="write the figures to this file (JSON)")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    kept = options.folder / "turns.json"
    turns: dict[str, dict[str, Any] | None] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for cycle in range(1, options.cycles + 1):
        for arm in ("base", "ours") if cycle % 2 else ("ours", "base"):
            key = f"{arm} {cycle}"
            if turns.get(key) is not None:
                continue
            is_whole = key not in turns
            turns[key] = None
            kept.write_text(json.dumps(turns, indent=1), "utf-8")
            turns[key] = {"is_whole": is_whole, **turn(arm, cycle, options)}
            kept.write_text(json.dumps(turns, indent=1), "utf-8")
            print(key, {name: round(value, 1) for name, value in turns[key].items()}, flush=True)
    result = summarize(turns, options)
    print(table(result))
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def turn(arm: str, cycle: int, options: argparse.Namespace) -> dict[str, float]:
    """Run one cycle of an arm's study; return the seconds it took, CPU of all its processes."""
    tree = (options.base if arm == "base" else options.ours).resolve()
    study = (options.folder / arm).resolve()
    settings = [
        *(f"loop.cycles={cycle}", f"loop.candidates={options.candidates}", "loop.stop=false"),
        *("loop.threshold_quantile=0.75", f"llm.batch={min(24, options.candidates)}"),
        *(f"data.train_size={options.images}", f"data.validation_size={options.images}"),
    ]
    command = ["search", "--preset", "laptop", "--task", options.task, "--seed", str(options.seed), "--run", str(study)]
    if (study / "study.db").exists():
        command, settings = ["resume", str(study)], settings[:1]
    words = [*command, *(word for setting in settings for word in ("--set", setting)), "--json"]
    cache = (options.folder / f"cache-{arm}").resolve()
    environment = os.environ | {"ARCHWRIGHT_CACHE": str(cache)}
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [tree / ".venv/bin/archwright", *words], cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": time.perf_counter() - started, "cpu_s": cpu_s}


def summarize(turns: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Return candidates an hour of both arms and their ratio, over the cycles that both did in one go."""
    pairs = [(turns[f"base {cycle}"], turns[f"ours {cycle}"]) for cycle in range(2, options.cycles + 1)]
    pairs = [(base, ours) for base, ours in pairs if base["is_whole"] and ours["is_whole"]]
    ratios = {
        kind: t_interval([math.log(base[kind] / ours[kind]) for base, ours in pairs]) for kind in ("wall_s", "cpu_s")
    }
    return {
        "task": options.task,
        "images": options.images,
        "candidates": options.candidates,
        "seed": options.seed,
        "machine": describe_environment(),
        "turns": turns,
        "per_hour": {
            arm: 3600 * options.candidates * len(pairs) / sum(pair[place]["wall_s"] for pair in pairs)
            for place, arm in enumerate(ARMS)
            if pairs
        },
        "ratios": {
            kind: [None if value is None else math.exp(value) for value in (mean.mean, mean.low, mean.high)]
            for kind, mean in ratios.items()
        },
        "cycles": len(pairs),
    }


def table(result: dict[str, Any]) -> str:
    """Return the lines of `docs/benchmarks.md`."""
    lines = [f"candidates an hour, {arm}: {rate:.0f}" for arm, rate in result["per_hour"].items()]
    for kind, words in (("wall_s", "candidates an hour"), ("cpu_s", "candidates per CPU second")):
        shown = ["–" if value is None else f"{value:.2f}" for value in result["ratios"][kind]]
        lines.append(f"{words}, ours / base: {shown[0]} [{shown[1]}, {shown[2]}] over {result['cycles']} cycles")
    return "\n".join(lines)


if __name__ == "__main__":
    state_class_key()
    main()

"""Does the loop learn? A study that teaches its model against three controls, at equal numbers of candidates.

    python benchmarks/closed_loop.py [--folder runs/closed_loop] [--arms learning evolution] [--seeds 0 1 2]

- learning: the preset `laptop`, the embedded model with its adapter, taught the elite after every cycle.
- frozen: the same without lessons. What it lacks beside `learning` is what teaching brings.
- evolution, random: the presets of those names, AST mutations of the seed corpus and no language model.

Every study is an ordinary `archwright search` in its own folder; a run that was killed goes on where it was. In the
end its best program by held-out selection is trained anew with three seeds and scored on the test split, once
(`archwright final --top 1`). Curves are means over the seeds with t-intervals at 95 %; valid rates are pooled, with
Wilson's intervals.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from statistics import fmean
from typing import Any

from archwright.analysis.finalists import summarize_finalists
from archwright.analysis.intervals import t_interval, wilson
from archwright.analysis.report.facts import StudyFacts, read_facts
from archwright.archive.environment import describe_environment
from archwright.evaluation.classes import state_class_key

ARMS: Mapping[str, Sequence[str]] = {
    "learning": ("--preset", "laptop"),
    "frozen": ("--preset", "laptop", "--set", "tune.enabled=false"),
    "evolution": ("--preset", "evolution", "--set", "loop.top_up=6"),
    "random": ("--preset", "random", "--set", "loop.top_up=6"),
}
"""Options of `archwright search`."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One study, cycle by cycle; accuracies on the validation split, in [0, 1]."""

    best_so_far: Sequence[float]
    mean: Sequence[float]
    valid: Sequence[int]
    admitted: Sequence[int]
    generated: Sequence[int]
    test: float
    """Mean accuracy of the best program on the test split, over new training seeds."""
    tokens: int
    """Written by the model."""
    cpu_s: float


def main() -> None:
    """Run what is missing, print the tables and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("runs/closed_loop"))
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--task", default="digits")
    parser.add_argument("--cycles", type=int, default=6)
    parser.add_argument("--candidates", type=int, default=24)
    parser.add_argument("--workers", type=int, default=0, help="boxes that train at once; 0: one per core")
    parser.add_argument("--out", type=Path, help="write the figures to this file (JSON)")
    options = parser.parse_args()
    settings = {
        "loop.cycles": options.cycles,
        "loop.candidates": options.candidates,
        "loop.stop": "false",
        # As the recorded figures were made.
        "loop.threshold_quantile": 0.98,
        "loop.threshold_first": "false",
        "sandbox.workers": options.workers,
    }
    common = [
        "--task",
        options.task,
        *(word for key, value in settings.items() for word in ("--set", f"{key}={value}")),
    ]
    curves: dict[str, list[Curve]] = {}
    for seed in options.seeds:
        for arm in options.arms:
            folder = options.folder / f"{arm}-{seed}"
            facts = run_study(folder, [*ARMS[arm], *common, "--seed", str(seed)])
            curves.setdefault(arm, []).append(read_curve(facts))
            print(f"{folder}: best {curves[arm][-1].best_so_far[-1]:.2%}", file=sys.stderr, flush=True)
    result = {
        "task": options.task,
        "cycles": options.cycles,
        "candidates": options.candidates,
        "seeds": options.seeds,
        "options": {arm: [*ARMS[arm], *common] for arm in options.arms},
        "machine": describe_environment(),
        "arms": {arm: summarize(found) for arm, found in curves.items()},
        "differences": compare(curves),
    }
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print("\n".join(tables(result)))


def run_study(folder: Path, options: Sequence[str]) -> StudyFacts:
    """Begin the study in `folder` or go on with it, score its best program on the test split, return what it did."""
    if not folder.exists():
        archwright("search", *options, "--run", str(folder))
    elif read_facts(folder).candidates_left:
        archwright("resume", str(folder))
    if not read_facts(folder).openings:
        archwright("final", str(folder), "--top", "1")
    return read_facts(folder)


def archwright(*words: str) -> None:
    """Run a command of ours; its progress goes to our standard error. Raises CalledProcessError when it fails."""
    subprocess.run([sys.executable, "-m", "archwright", *words, "--json"], check=True, stdout=subprocess.DEVNULL)


def read_curve(facts: StudyFacts) -> Curve:
    """Return the curve of a finished study."""
    cycles = facts.cycles
    finalists = summarize_finalists(facts.records, facts.openings[-1], facts.metric)
    bests = [cycle.best or 0.0 for cycle in cycles]
    return Curve(
        best_so_far=list(accumulate(bests, max)),
        mean=[cycle.mean or 0.0 for cycle in cycles],
        valid=[cycle.valid for cycle in cycles],
        admitted=[cycle.admitted for cycle in cycles],
        generated=[cycle.generated for cycle in cycles],
        test=fmean(finalist.mean.mean or 0.0 for finalist in finalists),
        tokens=facts.totals.completion_tokens,
        cpu_s=facts.totals.overall.cpu_s,
    )


def summarize(curves: Sequence[Curve]) -> dict[str, Any]:
    """Return one arm's figures: by cycle and, at the end, over all its studies."""
    cycles = range(len(curves[0].valid))
    valid, generated = ([sum(getattr(curve, name)) for curve in curves] for name in ("valid", "generated"))
    return {
        "best_so_far": [accuracy_of([curve.best_so_far[cycle] for curve in curves]) for cycle in cycles],
        "mean_of_valid": [accuracy_of([curve.mean[cycle] for curve in curves]) for cycle in cycles],
        "valid_rate": [
            share_of(sum(curve.valid[cycle] for curve in curves), sum(curve.generated[cycle] for curve in curves))
            for cycle in cycles
        ],
        "admitted": [fmean(curve.admitted[cycle] for curve in curves) for cycle in cycles],
        "valid_rate_of_all": share_of(sum(valid), sum(generated)),
        "test": accuracy_of([curve.test for curve in curves]),
        "tokens": fmean(curve.tokens for curve in curves),
        "cpu_s": fmean(curve.cpu_s for curve in curves),
        "studies": [asdict(curve) for curve in curves],
    }


def compare(curves: Mapping[str, Sequence[Curve]]) -> dict[str, Any]:
    """Return how much better `learning` ends than each control, paired by seed."""
    ours = curves.get("learning", ())
    return {
        arm: {
            name: mean_of([value(a) - value(b) for a, b in zip(ours, theirs, strict=True)])
            for name, value in (("best", lambda curve: curve.best_so_far[-1]), ("test", lambda curve: curve.test))
        }
        for arm, theirs in curves.items()
        if ours and arm != "learning"
    }


def mean_of(values: Sequence[float]) -> list[float | None]:
    """Return mean and t-interval."""
    mean = t_interval(values)
    return [mean.mean, mean.low, mean.high]


def accuracy_of(values: Sequence[float]) -> list[float | None]:
    """Return mean and t-interval of accuracies, cut to [0, 1]."""
    return [None if value is None else min(max(value, 0.0), 1.0) for value in mean_of(values)]


def share_of(successes: int, n: int) -> list[float]:
    """Return share and Wilson interval."""
    interval = wilson(successes, n)
    return [successes / n, interval.low, interval.high]


def tables(result: Mapping[str, Any]) -> list[str]:
    """Return the figures as Markdown."""
    arms: Mapping[str, Any] = result["arms"]
    seeds = len(result["seeds"])
    lines = [f"{result['task']}, {result['cycles']} cycles of {result['candidates']} candidates, {seeds} seeds"]
    titles = {
        "best_so_far": "Best validation accuracy so far",
        "mean_of_valid": "Mean validation accuracy of the cycle's valid candidates",
        "valid_rate": "Valid rate",
    }
    numbers = range(1, result["cycles"] + 1)
    for name, title in titles.items():
        lines += ["", f"{title}, %", "", f"| cycle | {' | '.join(arms)} |", f"|---{'|---' * len(arms)}|"]
        lines += [f"| {n} | {' | '.join(cell(arm[name][n - 1]) for arm in arms.values())} |" for n in numbers]
    lines += ["", "| | valid of all, % | test, best program, % | ahead of it: validation | test | tokens | CPU s |"]
    lines.append(f"|{'---|' * 7}")
    for name, arm in arms.items():
        ahead = result["differences"].get(name)
        words = [cell(ahead["best"]), cell(ahead["test"])] if ahead else ["", ""]
        amounts = [f"{arm['tokens']:,.0f}", f"{arm['cpu_s']:,.0f}"]
        lines.append(f"| {' | '.join([name, cell(arm['valid_rate_of_all']), cell(arm['test']), *words, *amounts])} |")
    return lines


def cell(values: Sequence[float | None]) -> str:
    """Return a figure and its interval in per cent."""
    mean, low, high = (None if value is None else 100 * value for value in values)
    return f"{mean:.1f}" + ("" if low is None or high is None else f" [{low:.1f}, {high:.1f}]")


if __name__ == "__main__":
    state_class_key()
    main()

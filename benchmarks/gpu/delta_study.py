"""A whole study of edits on all of CIFAR-10, in slices: 22 cycles of 50 diffs, a lesson after each.

    python benchmarks/gpu/delta_study.py /tmp/delta --minutes 9 --out $OUT/delta_study.json
    python benchmarks/gpu/delta_study.py /tmp/delta --toy                # no GPU, no model: does it run?

The same command begins the study and, as often as it is given, goes on with it: after `--minutes` it is interrupted as
by Ctrl-C, which loses at most what was in flight. `--out` is what is known so far: diagnostics, changes against the
parent, the lineage of the best. `--model hf:ORG/NAME` is another writer; it starts bare. `--frozen` is the same without
lessons, `--control mutation` the same with random changes in place of diffs, at equal numbers of candidates.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from archwright.analysis.report import write_report
from archwright.evaluation.classes import state_class_key

ARCHWRIGHT = (sys.executable, "-m", "archwright")
FULL = (
    *("task=cifar10", "loop.cycles=22", "loop.candidates=50", "loop.top_up=0", "loop.threshold=0.40"),
    *("loop.parents=uniform", "llm.batch=50", "tune.replay=all", "tune.cumulative=true", "tune.epochs=3"),
)
"""As published (arXiv 2605.04903): parents drawn evenly, threshold 0.40 after one epoch, three epochs a lesson."""
TOY = (
    *("task=digits", "loop.cycles=2", "loop.candidates=2", "data.train_size=64", "data.validation_size=32"),
    *("sandbox.workers=1", "tune.enabled=false", "llm.adapter=none"),
)
TOY_ANSWER = "```diff\n@@\n         super().__init__()\n+        self.unused = 1\n```"


def main() -> None:
    """Begin the study or go on with it, and write what is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the study")
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--model", help="any `hf:` model or folder in place of the embedded one")
    parser.add_argument("--adapter", help="a folder written by `archwright tune`")
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--control", choices=["mutation"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, help="stop cleanly after so long")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if (options.folder / "study.db").exists():
        words = ["resume", str(options.folder)]
    else:
        words = ["search", "--preset", "delta-laptop", "--run", str(options.folder)]
        words += [word for setting in settings(options) for word in ("--set", setting)]
    status = run_for([*ARCHWRIGHT, *words], options.minutes)
    if (options.folder / "study.db").exists():
        findings = write_report(options.folder).findings
        if options.out:
            options.out.write_text(json.dumps(dict(findings), indent=1) + "\n", "utf-8")
    sys.exit(status)


def settings(options: argparse.Namespace) -> list[str]:
    """Return what the study differs in from the preset `delta-laptop`."""
    found = [*(TOY if options.toy else FULL), f"seed={options.seed}"]
    if options.toy:
        answers = options.folder.with_name(f"{options.folder.name}.answers.jsonl")
        answers.parent.mkdir(parents=True, exist_ok=True)
        line = {"text": TOY_ANSWER, "prompt_tokens": 100, "completion_tokens": 20, "finish_reason": "stop"}
        answers.write_text(json.dumps(line) + "\n", "utf-8")
        found.append(f"llm.model=replay:{answers}")
    elif options.model:
        found += [f"llm.model={options.model}", "llm.adapter=none"]
    if options.adapter:
        found.append(f"llm.adapter={options.adapter}")
    if options.frozen:
        found.append("tune.enabled=false")
    if options.control:
        found.append(f"loop.generator={options.control}")
    return found


def run_for(words: Sequence[str], minutes: float | None) -> int:
    """Run a command, interrupted as by Ctrl-C when the time is up, and return its exit code."""
    with subprocess.Popen(words) as process:
        try:
            return process.wait(None if minutes is None else 60 * minutes)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            return process.wait()


if __name__ == "__main__":
    state_class_key()
    main()

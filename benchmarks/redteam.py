"""What becomes of the programs of a red team, in search and as finalists, before and after.

    python benchmarks/redteam.py [FOLDER] [--label after] [--out docs/results/redteam.json]

Every program in FOLDER (shared/redteam beside the repository) is evaluated on digits with the policy on and off, then
scored as a finalist. Results are added to the file under the label, so that the same script, run by an older version of
the package with `--label before`, fills the other column. Prints one line for each program.
"""

import argparse
import json
from contextlib import closing
from pathlib import Path

from archwright.candidate import Outcome, Program
from archwright.config import SandboxConfig
from archwright.evaluation.data import load_task_data, open_test_split
from archwright.evaluation.finalists import FinalistEvaluator
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.task import Task

ROOT = Path(__file__).parents[1]
SEED = 0
SECRET = bytes(32)
"""Decides the aliases of classes, so that two runs are comparable."""


def main() -> None:
    """Run it, print the result and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT.parent / "shared" / "redteam")
    parser.add_argument("--label", default="after")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results" / "redteam.json")
    options = parser.parse_args()
    found = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {}
    task = Task()
    data, held_out = load_task_data(task), open_test_split(task)
    for policy in ("on", "off"):
        config = SandboxConfig(policy=policy)
        with (
            closing(SandboxEvaluator(task, config, data, secret=SECRET)) as search,
            closing(FinalistEvaluator(task, config, data, held_out, secret=SECRET)) as final,
        ):
            for path in sorted(options.folder.glob("*.py")):
                program = Program(path.read_text("utf-8"))
                verdict = {
                    "search": describe(search.evaluate(program, seed=SEED)),
                    "final": describe(final.evaluate(program, seed=SEED)),
                }
                found.setdefault(path.stem, {}).setdefault(f"policy {policy}", {})[options.label] = verdict
                print(f"{path.stem}, policy {policy}: {verdict}", flush=True)
                options.out.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8")


def describe(outcome: Outcome) -> dict[str, object]:
    """Return what matters of an outcome."""
    if outcome.failure is not None:
        return {"failure": outcome.failure.kind, "params": outcome.params, "total_s": seconds(outcome)}
    accuracy = None if outcome.accuracy is None else round(100 * outcome.accuracy, 1)
    return {"accuracy": accuracy, "params": outcome.params, "flops": outcome.flops, "total_s": seconds(outcome)}


def seconds(outcome: Outcome) -> float:
    """Return the wall seconds of all its boxes."""
    return round(outcome.seconds.get("total", 0.0), 2)


if __name__ == "__main__":
    main()

"""What becomes of the programs of a red team, in search and as finalists, before and after.

    python benchmarks/redteam.py [FOLDER] [--label after] [--out docs/results/redteam.json]

Every program in FOLDER (shared/redteam beside the repository) is evaluated on digits with the policy on and off, then
scored as a finalist. Results are added to the file under the label, so that the same script, run by an older version of
the package with `--label before`, fills the other column. Prints one line for each program and writes the table in
docs/security.md, which `--table` alone writes again without running anything.
"""

import argparse
import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from archwright.candidate import Outcome, Program
from archwright.config import SandboxConfig
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.data import load_task_data, open_test_split
from archwright.evaluation.finalists import FinalistEvaluator
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.task import Task

Found = dict[str, dict[str, Any]]
"""Program -> policy -> label -> what became of it."""
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- begin: benchmarks/redteam.py -->", "<!-- end: benchmarks/redteam.py -->"
SEED = 0
SECRET = bytes(32)
"""Decides the aliases of classes, so that two runs are comparable."""


def main() -> None:
    """Run it, print the result and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT.parent / "shared" / "redteam")
    parser.add_argument("--label", default="after")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results" / "redteam.json")
    parser.add_argument("--table", action="store_true", help="only write the table again")
    options = parser.parse_args()
    found = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {}
    if not options.table:
        if not any(options.folder.glob("*.py")):
            parser.error(f"there are no programs in {options.folder}; name the folder that holds them")
        run(options.folder, options.label, options.out, found)
    before, after = PAGE.read_text("utf-8").split(BEGIN)[0], PAGE.read_text("utf-8").split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}", "utf-8")


def run(folder: Path, label: str, out: Path, found: Found) -> None:
    """Evaluate every program of a folder, with the policy and without, and keep what is found."""
    task = Task()
    data, held_out = load_task_data(task), open_test_split(task)
    for policy in ("on", "off"):
        config = SandboxConfig(policy=policy)
        with (
            closing(SandboxEvaluator(task, config, data, secret=SECRET)) as search,
            closing(FinalistEvaluator(task, config, data, held_out, secret=SECRET)) as final,
        ):
            for path in sorted(folder.glob("*.py")):
                program = Program(path.read_text("utf-8"))
                verdict = {
                    "search": describe(search.evaluate(program, seed=SEED)),
                    "final": describe(final.evaluate(program, seed=SEED)),
                }
                found.setdefault(path.stem, {}).setdefault(f"policy {policy}", {})[label] = verdict
                print(f"{path.stem}, policy {policy}: {verdict}", flush=True)
                out.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8")


def table(found: Found) -> str:
    """Return a Markdown table of what became of each program, with the policy where nothing else is said."""
    rows = ["| program | search before | search now | final before | final now | final now, no policy |"]
    rows.append("|---|---|---|---|---|---|")
    for name, verdicts in sorted(found.items()):
        on, off = verdicts.get("policy on", {}), verdicts.get("policy off", {})
        cells = [on.get(label, {}).get(where) for where in ("search", "final") for label in ("before", "after")]
        cells.append(off.get("after", {}).get("final"))
        rows.append(f"| `{name}` | " + " | ".join(map(in_words, cells)) + " |")
    return "\n".join(rows)


def in_words(verdict: Mapping[str, Any] | None) -> str:
    """Return a verdict as a cell of the table: accuracy and parameters, or the kind of failure."""
    if verdict is None:
        return "-"
    return verdict.get("failure") or f"{verdict['accuracy']} % ({verdict['params']:,})"


def describe(outcome: Outcome) -> dict[str, object]:
    """Return what matters of an outcome."""
    if outcome.failure is not None:
        return {"failure": outcome.failure.kind, "params": outcome.params, "total_s": seconds(outcome)}
    return {
        "accuracy": round(100 * (outcome.value("accuracy") or 0.0), 1),
        "params": outcome.params,
        "flops": outcome.flops,
        "total_s": seconds(outcome),
    }


def seconds(outcome: Outcome) -> float:
    """Return the wall seconds of all its boxes."""
    return round(outcome.seconds.get("total", 0.0), 2)


if __name__ == "__main__":
    state_class_key()
    main()

"""Loads the 10,000 records of a study, alternately with this checkout and with another one, in seconds of CPU time.

    python benchmarks/archive_loading.py --other /path/to/checkout-of-8bdf44e/.venv/bin/python

The study is made by the other one, as both would write it, and a copy is migrated for this one.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MAKE = """
import sys
from pathlib import Path
from archwright.archive import Archive
from archwright.candidate import Candidate, Key, Outcome, Program, Scores, Stage
source = "        self.layer = nn.Conv2d(3, 16, 3, padding=1)\\n" * 40
seconds = {"build": 0.1, "forward": 0.2, "train": 3.0, "score": 0.1, "total": 4.0}
with Archive.create(Path(sys.argv[1]), {}) as archive:
    for cycle in range(100):
        written = dict(prompt="p" * 2000, model="m", prompt_tokens=500, completion_tokens=600, finish_reason="stop")
        batch = [
            Candidate(Key(cycle, index), program, "full", index, ("a" * 64,), completion=program.source, **written)
            for index, program in enumerate(Program(f"# {cycle}.{number}\\n{source}") for number in range(100))
        ]
        archive.add_candidates(batch)
        for each in batch:
            scores = Scores(0.5, 1.2, 1000)
            outcome = Outcome(
                Stage.SCORE, scores=scores, params=1, flops=2, seconds=seconds, seed=each.seed, log="x" * 400
            )
            archive.add_outcome(each.key, outcome)
"""
LOAD = """
import sys, time
from pathlib import Path
from archwright.archive import Archive
with Archive.open(Path(sys.argv[1]), read_only=True) as archive:
    archive.cycles()
    start_s = time.process_time()
    records = archive.records()
    print(time.process_time() - start_s, len(records), sum(record.outcome.is_valid for record in records))
"""


def main() -> None:
    """Print a JSON document with the seconds of every round and the median of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--other", required=True, help="Python of the other checkout")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--study", type=Path, help="keep the studies here, and use them when they are there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.study or Path(temporary)
        if not (folder / "other").exists():
            _run(options.other, MAKE, folder / "other")
            shutil.copytree(folder / "other", folder / "this")
            _run(sys.executable, "import sys; from pathlib import Path; from archwright.archive import Archive\n"
                 "Archive.open(Path(sys.argv[1])).close()", folder / "this")  # fmt: skip
        found: dict[str, list[float]] = {"other": [], "this": []}
        for _ in range(options.rounds):
            for name, python in (("other", options.other), ("this", sys.executable)):
                took_s, records, valid = _run(python, LOAD, folder / name).split()
                assert records == valid == "10000"
                found[name].append(round(float(took_s), 3))
    print(json.dumps({name: {"median_s": statistics.median(each), "cpu_s": each} for name, each in found.items()}))


def _run(python: str, code: str, folder: Path) -> str:
    return subprocess.run([python, "-c", code, str(folder)], check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()

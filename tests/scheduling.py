"""Which file of tests a free worker takes next: the one that took longest, so that none is left to end alone.

The seconds are those that `make durations` recorded. Files of one Ray cluster stay together: starting it takes longer
than most of their tests. The attacks are dealt by group, and first, so that each worker has its groups in a row and
makes its field of attack once.
"""

import json
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

RECORDED = Path(__file__).parents[1] / "docs" / "results" / "suite_durations.json"
TOGETHER = "tests/evaluation/cluster/"
APART, ATTACK = "tests/attacks/test_attacks.py", "test_the_program_is_contained["
UNKNOWN_S = 10.0
"""What a file is thought to take that has no record yet."""


class LongestFirst(LoadScopeScheduling):
    """Like `--dist loadfile`, in another order."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        files = json.loads(RECORDED.read_text("utf-8"))["files"] if RECORDED.exists() else {}
        self._seconds = {name: max(row["wall_s"], row["cpu_s"]) for name, row in files.items()}
        self._seconds[TOGETHER] = sum(took for name, took in self._seconds.items() if name.startswith(TOGETHER))

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return f"{APART}::{nodeid.partition('[')[2].partition('/')[0] if ATTACK in nodeid else 'controls'}"
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        longest = max(self.workqueue, key=self._expected_s)
        self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)

    def _expected_s(self, scope: str) -> float:
        return float("inf") if scope.startswith(APART) else self._seconds.get(scope, UNKNOWN_S)

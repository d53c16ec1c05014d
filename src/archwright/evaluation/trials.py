"""Programs at any fidelity and on either split: the evaluators of one task, each started when it is first needed."""

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, final

import numpy as np

from archwright.candidate import Fidelity, Outcome, Program
from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract
from archwright.evaluation.finalists import FinalistEvaluator
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.task import TEST, SplitProtocol, Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData


@final
class TrialEvaluator:
    """An Evaluator for trials of one task; those at the task's own fidelity are its search's.

    A trial on the split `test` trains on training and validation images together and is scored by fresh boxes
    (`evaluation.finalists`); the test split is opened with the first of them.
    """

    def __init__(
        self,
        task: Task,
        sandbox: SandboxConfig,
        data: "TaskData",
        *,
        contract: Contract | None = None,
        search: SandboxEvaluator | None = None,
        secret: bytes | None = None,
    ) -> None:
        """Start the evaluator of the search, unless it is given; raises what SandboxEvaluator raises."""
        self._task, self._sandbox, self._data = task, sandbox, data
        self.search = search or SandboxEvaluator(task, sandbox, data, contract=contract, secret=secret)
        self.contract, self.secret = self.search.contract, self.search.secret
        self._others: dict[tuple[Fidelity, str], SandboxEvaluator | FinalistEvaluator] = {}
        self._lock = threading.Lock()

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        """Return the findings of the static checks where there are any."""
        return self.search.settle(program, seed=seed)

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        """Return what happened to `program`."""
        return self._evaluator(at or self._task.fidelity, split or self._task.split).evaluate(program, seed=seed)

    def close(self) -> None:
        """Stop every process and free the data."""
        with self._lock:
            others = list(self._others.values())
        for evaluator in (self.search, *others):
            evaluator.close()

    def _evaluator(self, at: Fidelity, split: str) -> SandboxEvaluator | FinalistEvaluator:
        if (at, split) == (self._task.fidelity, self._task.split):
            return self.search
        with self._lock:
            if (at, split) not in self._others:
                self._others[at, split] = self._start(at, split)
            return self._others[at, split]

    def _start(self, at: Fidelity, split: str) -> SandboxEvaluator | FinalistEvaluator:
        from archwright.evaluation.data import Split, load_task_data, open_test_split

        task, own = self._task.at(at), self._task.fidelity
        is_same_data = (at.train_size, at.image_size) == (own.train_size, own.image_size)
        data = self._data if is_same_data else load_task_data(task)
        if split != TEST or task.data.protocol is SplitProtocol.LEMUR:
            return SandboxEvaluator(task, self._sandbox, data, contract=self.contract, secret=self.secret)
        everything = Split(
            np.concatenate((data.train.images, data.validation.images)),
            np.concatenate((data.train.labels, data.validation.labels)),
        )
        data = replace(data, train=everything)
        return FinalistEvaluator(
            task, self._sandbox, data, open_test_split(task), contract=self.contract, secret=self.secret
        )

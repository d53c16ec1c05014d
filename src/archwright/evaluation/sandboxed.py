"""The real Evaluator: checks outside, trains in a box, scores outside from the raw bytes that come back."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from archwright.candidate import Failure, FailureKind, Outcome, Program, Scores, Stage
from archwright.config import SandboxConfig
from archwright.contract import check_source, complete
from archwright.errors import UnknownNameError, UsageError
from archwright.evaluation.classes import class_aliases, installation_secret
from archwright.evaluation.judging import Testimony, find_failure, hear, is_suspect, sanitise, seconds_by_phase
from archwright.evaluation.plan import AUGMENTATIONS, LENGTH_BYTES, Plan
from archwright.evaluation.scoring import count_parameters, score
from archwright.evaluation.sharing import Device, Stay
from archwright.sandbox.doctor import require_isolation
from archwright.sandbox.files import blank, shared_copy
from archwright.sandbox.order import Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Protocol, Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData

BUFFER_BYTES = 32 * 2**20
"""Room for buffers and names beside the parameters a network may have."""


def start_boxes() -> Sandbox:
    """Return a sandbox for trials, which several evaluators can share."""
    return Sandbox("archwright.evaluation.trial:run", warm_up="archwright.evaluation.trial:warm_up")


@final
class SandboxEvaluator:
    """Checks, trains and scores programs on one task, each in a box of its own; safe to use from several threads."""

    def __init__(
        self,
        task: Task,
        sandbox: SandboxConfig,
        data: "TaskData | None" = None,
        *,
        boxes: Sandbox | None = None,
        isolation: int = 3,
        secret: bytes | None = None,
    ) -> None:
        """Evaluate on `task`; loads its data unless `data` is given, and starts a sandbox unless it shares `boxes`.

        Protections above the level `isolation` are left out, which only tests of the lower ones have a use for.
        Classes get their aliases from `secret`: this installation's, unless several machines have to agree on one.
        Raises DataError when the data set is missing or damaged, UsageError for a device or augmentation there is not,
        EvaluatorError when boxes do not reach the isolation level `sandbox.require` here.
        """
        if sandbox.device not in ("auto", "cpu"):
            raise UsageError(f"sandbox.device = '{sandbox.device}' is not available", "use cpu or auto")
        if task.recipe.augmentation not in AUGMENTATIONS:
            raise UnknownNameError.of("augmentation", task.recipe.augmentation, AUGMENTATIONS)
        required = min(sandbox.require, isolation)
        require_isolation(required, isolation)
        self._boxes = boxes or start_boxes()
        self._owns_boxes = boxes is None
        if data is None:
            from archwright.evaluation.data import load_task_data

            data = load_task_data(task)
        self._task, self._config, self._data = task, sandbox, data
        self._train_labels = np.asarray(data.train.labels, np.int64)
        self._device = Device("cpu")
        self._labels = np.asarray(data.validation.labels, np.int64)
        self._secret = installation_secret() if secret is None else secret
        self._files: Mapping[str, int] = {
            "train_images": shared_copy(data.train.images),
            "validation_images": shared_copy(data.validation.images),
        }
        budget = task.budget
        self._limits = Limits(budget.wall_s, budget.memory_mb, sandbox.log_bytes, isolation=isolation, require=required)

    def evaluate(self, program: Program, *, seed: int) -> Outcome:
        """Return what happened to `program`, trained with `seed`: the same bytes for the same seed on CPU."""
        return self._run(program, seed, is_verify=False)

    def verify(self, program: Program, *, seed: int = 0) -> Outcome:
        """Return the outcome of building `program` and one forward pass; without a failure it ends at `budget`."""
        return self._run(program, seed, is_verify=True)

    def cancel(self) -> None:
        """Stop every evaluation in flight, each of which raises EvaluationCancelledError."""
        self._device.cancel()
        self._boxes.cancel()

    def close(self) -> None:
        """Stop every process the evaluator started and free its data."""
        if self._owns_boxes:
            self._boxes.close()
        files, self._files = self._files, {}
        for file in files.values():
            os.close(file)

    def _run(self, program: Program, seed: int, *, is_verify: bool) -> Outcome:
        findings = check_source(program.source, with_policy=self._config.policy == "on")
        if findings:
            return self._rejected(findings, seed)
        plan = self._plan(program, seed, is_verify=is_verify)
        stay: Stay | None = None
        wasted_cpu_s = 0.0
        while True:
            with self._device.stay(again=stay) as stay:
                answer = self._attempt(plan, stay)
            if isinstance(answer, Outcome):
                return replace(answer, cpu_s=answer.cpu_s + wasted_cpu_s)
            wasted_cpu_s += answer.cpu_s

    def _attempt(self, plan: Plan, stay: Stay) -> Outcome | Report:
        """Return what one box came to, or only its report when another box may be to blame for how it ended."""
        aliases = class_aliases(self._secret, self._task.name, plan.seed, plan.classes)
        results = _Results.create(len(self._labels), plan)
        train_labels = shared_copy(aliases[self._train_labels])
        try:
            own = {"train_labels": train_labels, "predictions": results.predictions, "weights": results.weights}
            report = self._boxes.run(Order(plan.as_json(), {**self._files, **own}, self._limits))
            testimony = hear(report.messages, plan.source.count("\n") + 1)
            if stay.had_company and is_suspect(report, testimony):
                return report
            return self._judge(plan, report, testimony, results, aliases[self._labels])
        finally:
            os.close(train_labels)
            results.close()

    def _plan(self, program: Program, seed: int, *, is_verify: bool) -> Plan:
        task, spec = self._task, self._data.spec
        recipe, budget = task.recipe, task.budget
        is_lemur = task.data.protocol is Protocol.LEMUR
        _, channels, height, width = self._data.train.images.shape
        return Plan(
            source=program.source,
            full_source=complete(program.source),
            is_verify=is_verify,
            seed=seed,
            threads=self._config.threads,
            device="cpu",
            image_shape=(channels, height, width),
            classes=spec.classes,
            mean=self._data.mean,
            std=self._data.std,
            batch=recipe.batch,
            epochs=budget.epochs,
            augmentation=recipe.augmentation,
            evaluation_augmentation=recipe.augmentation if is_lemur else "none",
            max_params=budget.max_params,
            max_flops=budget.max_flops,
            prm={
                "lr": recipe.lr,
                "momentum": recipe.momentum,
                "dropout": recipe.dropout,
                "batch": recipe.batch,
                "epoch": budget.epochs,
                "transform": recipe.augmentation,
            },
        )

    def _rejected(self, findings: list[Failure], seed: int) -> Outcome:
        """Return the outcome of a program refused unrun: the first finding decides, its message holds them all."""
        first = findings[0]
        others = [f"line {f.line}: {f.message}" if f.line else f.message for f in findings[1:]]
        message = "\n".join([first.message, *others])
        failure = Failure(first.stage, first.kind, message, first.line)
        return Outcome(stage=first.stage, failure=failure, seed=seed, protocol=self._task.data.protocol)

    def _judge(
        self, plan: Plan, report: Report, testimony: Testimony, results: "_Results", labels: NDArray[np.int64]
    ) -> Outcome:
        failure = find_failure(report, testimony, self._limits)
        params, scores, received_bytes = testimony.params, None, 0
        if failure is None and not plan.is_verify:
            verdict = self._score(plan, results, labels)
            if isinstance(verdict, Failure):
                failure = verdict
            else:
                params, scores = verdict
                received_bytes = results.received_bytes()
        last = Stage.BUDGET if plan.is_verify else Stage.SCORE
        return Outcome(
            stage=failure.stage if failure else last,
            failure=failure,
            scores=scores,
            params=params,
            flops=testimony.flops,
            seconds=seconds_by_phase(report, testimony),
            cpu_s=report.cpu_s,
            memory_mb=report.memory_mb,
            received_bytes=received_bytes + len(report.log),
            seed=plan.seed,
            protocol=self._task.data.protocol,
            isolation=report.isolation,
            log=sanitise(report.log),
        )

    def _score(self, plan: Plan, results: "_Results", labels: NDArray[np.int64]) -> tuple[int, Scores] | Failure:
        """Return the parameters counted from the weights and the scores of the predictions against `labels`."""
        params = count_parameters(results.weights)
        if isinstance(params, Failure):
            return params
        if plan.max_params and params > plan.max_params:
            message = (
                f"the trained network has {params:,} parameters; the limit is {plan.max_params:,} (budget.max_params); "
                "build every layer in __init__ and keep tables out of buffers"
            )
            return Failure(Stage.BUDGET, FailureKind.TOO_MANY_PARAMETERS, message)
        scores = score(results.predictions, labels, plan.classes)
        return scores if isinstance(scores, Failure) else (params, scores)


@dataclass(frozen=True, slots=True)
class _Results:
    """The files one box writes its results into."""

    predictions: int
    weights: int

    @classmethod
    def create(cls, n: int, plan: Plan) -> "_Results":
        """Return blank files of fixed size for `n` images."""
        most_bytes = 8 * plan.max_params + BUFFER_BYTES if plan.max_params else LARGEST_WEIGHTS
        return cls(blank(n * plan.classes * 4), blank(most_bytes))

    def received_bytes(self) -> int:
        """Return how many bytes of the files were read."""
        weights = int.from_bytes(os.pread(self.weights, LENGTH_BYTES, 0), "little")
        return os.fstat(self.predictions).st_size + weights

    def close(self) -> None:
        """Free the memory."""
        os.close(self.predictions)
        os.close(self.weights)


LARGEST_WEIGHTS = 4 * 2**30
"""Bytes of weights taken from a network without a parameter limit."""

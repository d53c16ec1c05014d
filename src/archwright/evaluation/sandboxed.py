"""The real Evaluator: checks outside, trains in a box, scores outside from the raw bytes that come back."""

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from archwright.candidate import Failure, FailureKind, Outcome, Program, Scores, Stage
from archwright.config import SandboxConfig
from archwright.contract import check_source, complete
from archwright.evaluation.scoring import count_parameters, score
from archwright.sandbox.files import blank, shared_copy
from archwright.sandbox.order import End, Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData

ENTRY = "archwright.evaluation.trial:run"


class SandboxEvaluator:
    """Checks, trains and scores programs on one task, each in a box of its own."""

    def __init__(
        self, task: Task, sandbox: SandboxConfig, data: "TaskData | None" = None, *, boxes: Sandbox | None = None
    ) -> None:
        if data is None:
            from archwright.evaluation.data import load_task_data

            data = load_task_data(task)
        self._task, self._config, self._data = task, sandbox, data
        self._own_boxes = boxes is None
        self._boxes = boxes or Sandbox(ENTRY)
        self._labels = np.asarray(data.validation.labels)
        self._files = {
            "train_images": shared_copy(data.train.images),
            "train_labels": shared_copy(np.asarray(data.train.labels, np.int64)),
            "validation_images": shared_copy(data.validation.images),
        }

    def evaluate(self, program: Program, *, seed: int) -> Outcome:
        """Return what happened to `program`, trained with `seed`."""
        return self._run(program, seed, is_verify=False)

    def verify(self, program: Program, *, seed: int = 0) -> Outcome:
        """Return the Outcome of building `program` and one forward pass: without failure it ends at `budget`."""
        return self._run(program, seed, is_verify=True)

    def cancel(self) -> None:
        """Stop every evaluation in flight; each raises EvaluationCancelledError."""
        self._boxes.cancel()

    def close(self) -> None:
        """Stop every process the evaluator started."""
        if self._own_boxes:
            self._boxes.close()
        for file in self._files.values():
            os.close(file)
        self._files = {}

    def _run(self, program: Program, seed: int, *, is_verify: bool) -> Outcome:
        findings = check_source(program.source)
        if findings:
            return self._failed(findings[0], seed)
        task = self._task
        classes = self._data.spec.classes
        n = len(self._labels)
        payload = {
            "source": program.source,
            "full_source": complete(program.source),
            "is_verify": is_verify,
            "seed": seed,
            "threads": self._config.threads,
            "device": "cpu",
            "image_shape": self._data.train.images.shape[1:],
            "classes": classes,
            "mean": self._data.mean,
            "std": self._data.std,
            "batch": task.recipe.batch,
            "augmentation": task.recipe.augmentation,
            "epochs": task.budget.epochs,
            "max_params": task.budget.max_params,
            "prm": {
                "lr": task.recipe.lr,
                "momentum": task.recipe.momentum,
                "dropout": task.recipe.dropout,
                "batch": task.recipe.batch,
                "epoch": task.budget.epochs,
                "transform": task.recipe.augmentation,
            },
        }
        limits = Limits(task.budget.wall_s, task.budget.memory_mb, self._config.log_bytes)
        predictions = blank(n * classes * 4)
        weights = blank(task.budget.memory_mb * 2**20)
        try:
            files = {**self._files, "predictions": predictions, "weights": weights}
            report = self._boxes.run(Order(json.dumps(payload).encode(), files, limits))
            return self._judge(report, predictions, weights, seed, is_verify)
        finally:
            os.close(predictions)
            os.close(weights)

    def _failed(self, failure: Failure, seed: int) -> Outcome:
        return Outcome(stage=failure.stage, failure=failure, seed=seed, protocol=self._task.data.protocol)

    def _judge(self, report: Report, predictions: int, weights: int, seed: int, is_verify: bool) -> Outcome:
        params: int | None = None
        flops: int | None = None
        stage = Stage.BUILD
        failure: Failure | None = None
        is_done = False
        for message in report.messages:
            content = message.content
            if "stage" in content:
                stage = Stage(str(content["stage"]))
            if isinstance(content.get("params"), int):
                params = int(str(content["params"]))
            if isinstance(content.get("flops"), int):
                flops = int(str(content["flops"]))
            if isinstance(content.get("failure"), Mapping):
                f = content["failure"]
                failure = Failure(Stage(f["stage"]), FailureKind(f["kind"]), f["message"], f["line"])
            is_done = is_done or bool(content.get("done"))
        if report.end is End.WALL:
            failure = Failure(stage, FailureKind.TIMEOUT, "timeout")
        elif report.end is End.MEMORY:
            failure = Failure(stage, FailureKind.OUT_OF_MEMORY, "oom")
        elif failure is None and not is_done:
            failure = Failure(stage, FailureKind.KILLED, "left without an answer")
        scores: Scores | None = None
        if failure is None and not is_verify:
            params = count_parameters(weights)
            scores = score(predictions, self._labels, self._data.spec.classes)
            stage = Stage.SCORE
        return Outcome(
            stage=failure.stage if failure else stage,
            failure=failure,
            scores=scores,
            params=params,
            flops=flops,
            seconds={"total": report.wall_s},
            cpu_s=report.cpu_s,
            memory_mb=report.memory_mb,
            seed=seed,
            protocol=self._task.data.protocol,
            isolation=report.isolation,
            log=report.log.decode("utf-8", "replace"),
        )

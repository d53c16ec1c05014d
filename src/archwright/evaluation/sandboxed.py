"""The real Evaluator: checks outside, trains in a box, scores outside from the raw bytes that come back."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from archwright.candidate import Failure, FailureKind, Outcome, Program, Scores, Stage
from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract, usual_contract
from archwright.evaluation.augmenting import run_boxes
from archwright.evaluation.box.layout import Slots, block_bytes, mismatch
from archwright.evaluation.box.plan import Plan, Purpose
from archwright.evaluation.classes import class_aliases, installation_secret
from archwright.evaluation.device import CPU, count_workers, find_devices, highest_isolation, limits_on_gpu, plan_gpu
from archwright.evaluation.examining import Examination, RowNumbers, in_order
from archwright.evaluation.judging import Testimony, find_failure, hear, is_suspect, sanitise, seconds_by_phase
from archwright.evaluation.plans import check_augmentation, plan_of
from archwright.evaluation.repeatable import is_repeatable
from archwright.evaluation.results import Results, SavedNetwork, blank_weights
from archwright.evaluation.scoring import count_parameters, read_block
from archwright.evaluation.sharing import Device, Stay
from archwright.evaluation.static import refuse
from archwright.randomness import derive_seed
from archwright.sandbox.doctor import require_isolation
from archwright.sandbox.files import shared_copy
from archwright.sandbox.order import OWN_THREADS, End, Limits, Report
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData

Accept = Callable[[Results], tuple[int | None, Scores | None] | Failure]
"""Reads what a box left: the parameters and scores where there are any, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Exam:
    """What a box is asked."""

    images: NDArray[np.uint8]
    """(N, C, H, W)."""
    batches: Sequence[RowNumbers] = ()
    block: bytes | None = None
    """The weights to answer with, where it has not trained its own."""


BOXES_LOST = 1
"""A box that was lost with its keeper is run again so often: a neighbour may have been to blame."""
GPU_TRIES = 3
GPU_RECOVERY_S = 1.0
"""An MPS server takes no clients while it recovers from a fault: so often and so long after it a box is tried again."""


def start_boxes(*, uses_gpu: bool = False) -> Sandbox:
    """Return a sandbox for trials, which several evaluators can share; on a GPU only with `uses_gpu`."""
    trial = "archwright.evaluation.box.trial"
    if not uses_gpu:
        return Sandbox(f"{trial}:run", warm_up=f"{trial}:warm_up")
    return Sandbox(f"{trial}:run", warm_up=f"{trial}:warm_up_for_gpu", prepare="archwright.evaluation.box.gpu:prepare")


@dataclass(frozen=True, slots=True)
class _Again:
    """A box that has to be run again, and what it cost."""

    cpu_s: float
    is_alone: bool
    """With the device to itself, because another box may be to blame; else without a CUDA graph."""


@final
class SandboxEvaluator:
    """Checks, trains and scores programs on one task, each in a box of its own; safe to use from several threads."""

    def __init__(
        self,
        task: Task,
        sandbox: SandboxConfig,
        data: "TaskData | None" = None,
        *,
        contract: Contract | None = None,
        boxes: Sandbox | None = None,
        isolation: int = 3,
        secret: bytes | None = None,
    ) -> None:
        """Evaluate on `task`; loads its data unless `data` is given, and starts a sandbox unless it shares `boxes`.

        Programs are checked and completed by `contract`, the usual one for the data unless another is given.
        Protections above the level `isolation` are left out, which only tests of the lower ones have a use for.
        Classes get their aliases from `secret`: this installation's, unless several machines have to agree on one.
        Raises DataError when the data set is missing or damaged, UsageError for a device or augmentation there is not,
        EvaluatorError when boxes do not reach the isolation level `sandbox.require` here.
        """
        if data is None:
            from archwright.evaluation.data import load_task_data

            data = load_task_data(task)
        self._task, self._config, self._data = task, sandbox, data
        self.contract = contract or usual_contract(data.spec)
        check_augmentation(task.recipe.augmentation, data.spec, is_searched=bool(self.contract.network))
        names = find_devices(sandbox.device)
        uses_gpu = names != [CPU]
        if uses_gpu:
            isolation = min(isolation, highest_isolation(sandbox.require))
        required = min(sandbox.require, isolation)
        require_isolation(required, isolation)
        self._boxes = boxes or start_boxes(uses_gpu=uses_gpu)
        self._owns_boxes = boxes is None
        self._train_labels = np.asarray(data.train.labels)
        self._cpu = Device(CPU)
        self.devices = [Device(name) for name in names] if uses_gpu else [self._cpu]
        self.device_kind = "cuda" if uses_gpu else CPU
        self.workers = count_workers(sandbox.workers, names)
        self._labels = np.asarray(data.validation.labels)
        self.secret = installation_secret() if secret is None else secret
        self._files: Mapping[str, int] = {"train_images": shared_copy(data.train.images)}
        self._images = np.asarray(data.validation.images)
        budget = task.budget
        self._limits = Limits(
            budget.wall_s,
            budget.memory_mb,
            sandbox.log_bytes,
            isolation=isolation,
            require=required,
            threads=OWN_THREADS + sandbox.threads,
        )

    @property
    def uses_gpu(self) -> bool:
        """Whether programs are trained on GPUs."""
        return self.devices != [self._cpu]

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        """Return the findings of the static checks where there are any, as an outcome."""
        return refuse(program, self.contract, self._task, self._config, seed=seed)

    def evaluate(self, program: Program, *, seed: int) -> Outcome:
        """Return what happened to `program`, trained with `seed`: the same bytes for the same seed on CPU."""
        return self.train(program, seed=seed)

    def train(
        self,
        program: Program,
        *,
        seed: int,
        keep: Callable[[SavedNetwork], None] | None = None,
        purpose: Purpose = Purpose.TRAIN,
    ) -> Outcome:
        """Return the same as `evaluate`, having told `keep` what is left of a valid run."""
        if rejected := self.settle(program, seed=seed):
            return rejected
        plan = self._plan(program, seed, purpose)
        aliases = class_aliases(self.secret, self._task.name, seed, *plan.output_shape) if plan.has_classes else None

        def accept(results: Results) -> tuple[int, Scores | None] | Failure:
            trained = self._read(plan, results, aliases)
            if isinstance(trained, Failure):
                return trained
            params = self.count(trained)
            if isinstance(params, Failure):
                return params
            if keep is not None:
                keep(trained)
            return params, trained.score(trained.answers, self._labels)

        exam = _Exam(self._images, in_order(len(self._images), plan.batch))
        train_labels = shared_copy(self._train_labels if aliases is None else aliases[self._train_labels])
        try:
            return self._run(plan, {**self._files, "train_labels": train_labels}, exam, accept)
        finally:
            os.close(train_labels)

    def build(self, program: Program, *, seed: int) -> tuple[Outcome, Slots | None]:
        """Return what happened when `program` was built as for `train`, in a box of its own, and its layout there.

        That box gets noise for images: what a network is built with and keeps is free, so it must not be data.
        """
        if rejected := self.settle(program, seed=seed):
            return rejected, None
        found: list[Slots | None] = []

        def accept(results: Results) -> tuple[None, None]:
            found[:] = [results.layout]
            return None, None

        plan = replace(self._plan(program, seed, Purpose.VERIFY), device=self.device_kind)
        noise = np.random.default_rng(plan.seed).integers(256, size=(plan.batch, *plan.image_shape), dtype=np.uint8)
        images = shared_copy(noise)
        try:
            outcome = self._run(plan, {"train_images": images}, _Exam(noise), accept)
        finally:
            os.close(images)
        return outcome, found[0] if found else None

    def predict(
        self, trained: SavedNetwork, images: NDArray[np.uint8], batches: Sequence[RowNumbers]
    ) -> tuple[Outcome, NDArray[np.float32]]:
        """Return what happened in a fresh box that was asked for uint8 `images` (N, C, H, W) in `batches`, and logits.

        It gets source and weights and one batch after the other. The logits are float32 (N, classes), in the order that
        was asked, and empty unless the box came to its end.
        """
        asked = trained.plan
        plan = replace(
            asked,
            purpose=Purpose.PREDICT,
            seed=derive_seed(asked.seed, "predict"),  # what is drawn again is not what was learned
            evaluation_augmentation=asked.evaluation_augmentation if asked.is_transform else "none",
        )
        found: list[NDArray[np.float32]] = []

        def accept(results: Results) -> tuple[None, None] | Failure:
            if finding := _unlike(trained.layout, results.layout):
                return finding
            answer = results.examination.answers()
            if isinstance(answer, Failure):
                return answer
            found[:] = [answer]
            return None, None

        outcome = self._run(plan, {}, _Exam(images, batches, trained.block), accept)
        return outcome, found[0] if found else np.empty((0, *plan.output_shape), np.float32)

    def verify(self, program: Program) -> Outcome:
        """Return the outcome of building `program` and one forward pass; without a failure it ends at `budget`."""
        if rejected := self.settle(program, seed=0):
            return rejected
        plan = self._plan(program, 0, Purpose.VERIFY)
        return self._run(plan, self._files, _Exam(self._images), lambda results: (None, None))

    def close(self) -> None:
        """Stop every process the evaluator started and free its data."""
        if self._owns_boxes:
            self._boxes.close()
        files, self._files = self._files, {}
        for file in files.values():
            os.close(file)

    def _run(self, plan: Plan, given: Mapping[str, int], exam: _Exam, accept: Accept) -> Outcome:
        """Return what a box with the files `given` came to, on its own where others may have been to blame."""
        device = self._cpu if plan.device == CPU else min(self.devices, key=lambda device: device.occupants)
        plan = self._placed(plan, device)
        stay: Stay | None = None
        cpu_s = gpu_s = 0.0
        if plan.gpu:
            self._boxes.wait_ready()  # It is charged for from here on.
        while True:
            with device.stay(again=stay) as stay:
                answer = self._attempt(plan, given, exam, accept, stay)
            cpu_s += answer.cpu_s
            gpu_s += stay.share_s if plan.gpu else 0.0
            if isinstance(answer, Outcome):
                failure = answer.failure
                if failure is not None and stay.is_alone:
                    failure = replace(failure, message=f"{failure.message}; it failed alone on its device as well")
                return replace(answer, failure=failure, cpu_s=cpu_s, gpu_s=gpu_s)
            if plan.gpu and not answer.is_alone:
                plan, stay = replace(plan, gpu=replace(plan.gpu, is_graphed=False)), None

    def _placed(self, plan: Plan, device: Device) -> Plan:
        """Return `plan` with what a box on `device` has to know of it."""
        if device is self._cpu:
            return plan
        is_graphed = plan.is_compact and is_repeatable(self.contract.network or plan.source)
        gpu = plan_gpu(device.name, self.workers, len(self.devices))
        return replace(plan, gpu=replace(gpu, is_graphed=is_graphed))

    def _attempt(
        self, plan: Plan, given: Mapping[str, int], exam: _Exam, accept: Accept, stay: Stay
    ) -> "Outcome | _Again":
        """Return what one box came to, or how it has to be run again."""
        limits = limits_on_gpu(self._limits, plan.gpu) if plan.gpu else self._limits
        weights = blank_weights(plan, limits.memory_mb)
        try:
            for _ in range(BOXES_LOST + 1):
                with Examination(exam.images, exam.batches, plan.output_shape, exam.block) as examination:
                    files = {**given, **examination.files, "weights": weights}
                    reports = run_boxes(self._boxes, plan, files, limits)
                if all(report.end is not End.LOST for report in reports):
                    break
            heard = [(report, hear(report.messages, plan.source.count("\n") + 1)) for report in reports]
            cpu_s = sum(report.cpu_s for report in reports)
            if stay.had_company and any(is_suspect(*box, limits) for box in heard):
                return _Again(cpu_s, is_alone=True)
            if any(testimony.no_device is not None for _, testimony in heard) and stay.repeats < GPU_TRIES:
                time.sleep(GPU_RECOVERY_S)
                return _Again(cpu_s, is_alone=True)
            if plan.gpu and plan.gpu.is_graphed and heard[-1][1].is_unrecorded:
                return _Again(cpu_s, is_alone=False)
            return self._judge(plan, heard, weights, examination, accept)
        finally:
            os.close(weights)

    def _plan(self, program: Program, seed: int, purpose: Purpose) -> Plan:
        device = CPU if purpose is Purpose.VERIFY else self.device_kind
        return plan_of(program, seed, purpose, self._task, self._data, self.contract, self._config.threads, device)

    def _judge(
        self,
        plan: Plan,
        heard: Sequence[tuple[Report, Testimony]],
        weights: int,
        examination: Examination,
        accept: Accept,
    ) -> Outcome:
        """Return what the last of some boxes came to; what went wrong in one before it is why it could not go on."""
        failures = (find_failure(*box, self._limits) for box in heard)
        failure = next((failure for failure in failures if failure is not None), None)
        report, testimony = heard[-1]
        results = Results(testimony.layout, weights, examination)
        params, scores, received_bytes = testimony.params, None, 0
        if failure is None:
            verdict = accept(results)
            if isinstance(verdict, Failure):
                failure = verdict
            else:
                counted, scores = verdict
                params = params if counted is None else counted
                received_bytes = results.examination.received_bytes + block_bytes(results.layout or ())
        last = Stage.SCORE if scores else Stage.BUDGET
        log = b"".join(report.log for report, _ in heard)
        return Outcome(
            stage=failure.stage if failure else last,
            failure=failure,
            scores=scores,
            params=params,
            flops=testimony.flops,
            seconds=seconds_by_phase(report, testimony),
            cpu_s=sum(report.cpu_s for report, _ in heard),
            memory_mb=max(report.memory_mb for report, _ in heard),
            received_bytes=received_bytes + len(log),
            seed=plan.seed,
            protocol=self._task.data.protocol,
            isolation=min(report.isolation for report, _ in heard),
            log=sanitise(log),
            graph=testimony.graph.as_json() if failure is None and testimony.graph and not plan.is_transform else None,
        )

    def _read(self, plan: Plan, results: Results, aliases: NDArray[np.int64] | None) -> SavedNetwork | Failure:
        """Return what a box that trained left, as far as it makes sense."""
        if results.layout is None:
            return Failure(Stage.SCORE, FailureKind.BAD_RESULT, "the program's process did not say what it had built")
        block = read_block(results.weights, results.layout)
        if isinstance(block, Failure):
            return block
        answers = results.examination.answers()
        if isinstance(answers, Failure):
            return answers
        return SavedNetwork(plan, results.layout, block, answers, aliases)

    def count(self, trained: SavedNetwork) -> int | Failure:
        """Return the parameters of what was trained."""
        params, most = count_parameters(trained.layout, trained.block), trained.plan.max_params
        if isinstance(params, int) and most and params > most:
            message = (
                f"the trained network has {params:,} parameters; the limit is {most:,} (budget.max_params); "
                "buffers that training changes count: keep tables out of them"
            )
            return Failure(Stage.BUDGET, FailureKind.TOO_MANY_PARAMETERS, message)
        return params


def _unlike(trained: Slots, layout: Slots | None) -> Failure | None:
    """Return what is wrong with a box whose newly built network has `layout`, given weights of `trained`."""
    finding = mismatch(layout, trained) if layout is not None else "it did not say what it had built"
    if finding is None:
        return None
    message = f"{finding}; build every layer in __init__, always the same"
    return Failure(Stage.BUILD, FailureKind.NOT_REPRODUCIBLE, message)

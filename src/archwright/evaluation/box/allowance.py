"""What one epoch allows: every batch once, one update of a parameter for each, and two looks ahead at most.

A gradient counts where the parameters are no longer those of the gradient before: several losses and parts of a batch
cost nothing, as long as images are seen three times at most. Two gradients for each batch let a program look ahead
(sharpness-aware minimisation); more would be a second pass over batches that were kept. Ten gradients of images for
each batch let it attack them; weights could have the shape of images, so that there is an end to these too, and what is
kept from batch to batch is no image. L-BFGS may evaluate a step's batch again. Batches taken without gradients, to see
how accurate the network is, do not count. A network that only predicts may take ten gradients for each batch.

What is found is told to the supervisor at once, so that a program that catches the exception gains nothing. Batches,
optimizers, layers and gradients are counted from hooks that the program is not handed; a hostile one can still compute
gradients by hand, which costs it its wall clock. What is differentiated forwards counts by its numbers, one gradient
for as many as are in the network, and what is recorded to be replayed, which nobody could count, is refused.

An optimizer of the program's own may leave its update to another one, inside its step: that is one update, and a
second one counts again. Torch's own optimizers update by themselves, whatever else happens in their closure.
"""

import inspect
import math
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, final

import torch
from torch.nn import Parameter
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.hooks import RemovableHandle
from torch.utils.weak import WeakIdKeyDictionary

from archwright.candidate import FailureKind, Stage
from archwright.contracts import source_lines
from archwright.evaluation.box.diagnosis import NamedProblem
from archwright.evaluation.box.evaluations import Evaluations, is_lbfgs
from archwright.evaluation.box.gradients import counting, is_traced
from archwright.evaluation.box.leaves import GradientGraph, graph_of, unwrapped
from archwright.evaluation.box.loading import FILE
from archwright.evaluation.box.plan import Plan
from archwright.sandbox.box import Tell

GRADIENTS_PER_BATCH = 2
FREE_GRADIENTS = 2
"""Gradients beyond those of the batches: a network may try itself out."""
IMAGE_GRADIENTS_PER_BATCH = 10
"""Steps of an attack on a batch (Madry et al. 2018 take 7 on CIFAR-10)."""
IMAGES_PER_IMAGE = 3
"""How often an image may be seen with gradients, in other views or with other parameters."""
_has_gradients = torch.is_grad_enabled
_OPTIMIZERS = f"{Path(torch.optim.__file__).parent}{os.sep}"

_ONE_EPOCH = (
    "one call of learn is one epoch: iterate over train_data once and take one optimizer step for each batch; "
    "the number of epochs is budget.epochs (a pass that only measures accuracy belongs under torch.no_grad())"
)


@final
class Allowance:
    """Counts what training has used of its epochs; raises Problem, and tells it, when it takes more."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self._source, self._is_compact, self._tell = plan.source, plan.is_compact, tell
        self._image_shape: tuple[int, ...] = tuple(plan.image_shape)  # lists after their way here
        self._output_shape: tuple[int, ...] = tuple(plan.output_shape)
        self._is_training = False
        self._left = self._taken = 0
        self._has_looked = False
        self._handed_out = 0
        self._gradients = self._gradients_of_batch = self._image_gradients = 0
        self._repeats = self._is_free = False
        self._values: tuple[tuple[int, object], ...] | None = None
        self._attacked: Any = WeakIdKeyDictionary()
        """Leaves that may be images, by how many batches had been handed out when they were first seen."""
        self._numbers = self._numbers_forward = 0
        self._looks: int | None = None
        """How many gradients are left while the network only predicts."""
        self._batch = plan.batch
        self._evaluations = Evaluations(plan.batch, math.prod(plan.image_shape))
        self.measuring = self._evaluations.measuring
        """Has an untrained network show how much of an image each of its layers is given."""
        self._updates: defaultdict[int, int] = defaultdict(int)  # Counter is Python's, which a program can change
        self._steps: list[_Step] = []
        """Under way, outermost first."""
        self._hooks: list[tuple[RemovableHandle, object]] = []
        self._problem: NamedProblem | None = None

    def next_epoch(self, batches: int, numbers: int) -> None:
        """Allow an epoch of so many batches to a network of so many numbers; what is left of the last is forfeited."""
        self._is_training, self._numbers = True, numbers
        self._left, self._taken, self._has_looked = batches, 0, False

    def begin_pass(self) -> None:
        """Count a pass that begins: a first batch that was only looked at is given out again, once an epoch."""
        if self._taken == 1 and not self._has_looked and _has_gradients():
            self._has_looked = True
            self._left += 1
            self._handed_out -= 1

    def take_batch(self) -> None:
        """Count a batch that is about to be handed out to be trained on."""
        if not _has_gradients():
            return
        self._check_hooks()
        if self._left == 0:
            self._refuse("learn went on to a second pass over train_data")
        self._left -= 1
        self._taken += 1
        self._handed_out += 1
        self._gradients_of_batch = 0
        self._evaluations.forget()

    def finish(self) -> None:
        """End an epoch: raise what was found, whether or not the program caught it."""
        self._check_hooks()
        self._left = 0
        if self._problem is not None:
            raise self._problem

    @contextmanager
    def predicting(self, batches: int = 1) -> Iterator[None]:
        """Let the network predict so many batches, for which it may take gradients that teach it nothing."""
        self._looks, self._evaluations.is_paused = IMAGE_GRADIENTS_PER_BATCH * batches, True
        try:
            yield
        finally:
            self._looks, self._evaluations.is_paused = None, False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count gradients and updates from the first epoch on; begins before a candidate's module can hide them."""

        def updating(optimizer: torch.optim.Optimizer, *_: object) -> None:
            self._evaluations.forget()
            if self._is_training:
                updates = _with_gradients(optimizer)
                self._count_updates(updates)
                self._steps.append(_Step(updates, _is_of_torch(sys._getframe(1))))
                if is_lbfgs(optimizer):
                    self._evaluations.begin_step(optimizer)

        def updated(optimizer: torch.optim.Optimizer, *_: object) -> None:
            self._evaluations.end_step()
            step = self._steps.pop() if self._steps else None
            if step is not None and step.is_of_torch:  # its closure may have come to the first gradients
                self._count_updates(_with_gradients(optimizer) - step.updates)

        hooks = [register_optimizer_step_pre_hook(updating), register_optimizer_step_post_hook(updated)]
        if not self._is_compact:
            hooks.append(self._evaluations.watch())
        self._hooks = [(hook, _hooked(hook)) for hook in hooks]
        try:
            with counting(self._count_gradient, self._count_forward, self._save):
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def _count_gradient(self, roots: Any, *arguments: Any) -> None:
        """Count a gradient of `roots`, unless it is free; only who takes several for a batch pays for a look."""
        self._is_free = False
        if not self._may_count():
            return
        graph = graph_of(roots, self._is_image, self._output_shape)
        is_of_images = self._is_of_images(*arguments)
        if self._looks is not None:
            self._count_look(graph, is_of_images=is_of_images)
            return
        self._evaluations.end_gradient(is_of_images=is_of_images)
        self._check_images()
        if self._evaluations.is_repeat(roots):
            self._is_free = True
            return
        if not is_of_images:
            self._evaluations.count_outputs(graph.outputs)
            self._check_images()
        self._repeats = self._repeats or self._gradients_of_batch > 0
        self._gradients_of_batch += 1
        before, self._values = self._values, graph.values() if self._repeats else None
        if self._values is not None and before is not None:
            if self._values == before:
                if graph.has_images:
                    self._count_image_gradient()
                self._is_free = True
                return
            self._evaluations.forget()  # however they were changed
        self._count_values()

    def _save(self, tensor: torch.Tensor) -> Callable[[torch.Tensor], None]:
        """Return what counts a gradient that is free at its own values, if it is computed with another tensor."""
        sample = self._evaluations.sample(tensor)

        def compare(given_back: torch.Tensor) -> None:
            if self._is_free and not sample.is_of(given_back):
                self._is_free = False
                self._count_values()

        return compare

    def _count_values(self) -> None:
        self._gradients += 1
        most = GRADIENTS_PER_BATCH * self._handed_out + FREE_GRADIENTS
        if self._gradients > most:
            batches = f"{self._handed_out:,} batches"
            finding = f"training computed gradients at {self._gradients:,} values of the parameters with {batches}"
            self._refuse(f"{finding}; add the losses of parts that are trained apart, for one backward()")

    def _may_count(self) -> bool:
        """Return whether a gradient now is one of training; one that is recorded could be replayed uncounted."""
        if is_traced() is not None:  # before training as well
            self._refuse("a gradient was recorded to be replayed")
        self._check_hooks()
        return self._is_training

    def _check_hooks(self) -> None:
        if any(_hooked(hook) is not ours for hook, ours in self._hooks):
            self._refuse("training took away the hooks that count its images and updates")

    def _check_images(self) -> None:
        most = IMAGES_PER_IMAGE * self._batch * (self._handed_out + 1)
        if self._evaluations.images > most:
            images, batches = f"{self._evaluations.images:,} images", f"{self._handed_out:,} batches"
            self._refuse(f"training saw {images} with gradients, having got {batches}")

    def _count_look(self, graph: GradientGraph, *, is_of_images: bool) -> None:
        """Count a gradient that is taken to predict: few of them, and of no more images than a batch has.

        While it is trained, it predicts for the early stop, and may not train beside.
        """
        assert self._looks is not None
        self._looks -= 1
        trains = self._left > 0 and not is_of_images
        if trains or self._looks < 0 or sum(output.rows for output in graph.outputs) > IMAGES_PER_IMAGE * self._batch:
            self._refuse("gradients were computed where there was only to predict or to augment")

    def _count_forward(self, primal: torch.Tensor) -> None:
        """Count a tensor that is differentiated forwards."""
        if not self._may_count() or self._looks is not None or primal.shape[1:] == self._image_shape:
            return
        self._numbers_forward += unwrapped(primal).numel()
        most = GRADIENTS_PER_BATCH * self._handed_out + FREE_GRADIENTS
        if self._numbers_forward > most * self._numbers:
            batches = f"{self._handed_out:,} batches"
            self._refuse(f"training differentiated {self._numbers_forward:,} numbers forwards with {batches}")

    def _count_image_gradient(self) -> None:
        self._image_gradients += 1
        if self._image_gradients > IMAGE_GRADIENTS_PER_BATCH * self._handed_out + FREE_GRADIENTS:
            batches = f"{self._handed_out:,} batches"
            self._refuse(f"training computed {self._image_gradients:,} gradients of images with {batches}")

    def _is_of_images(
        self, weights: Any = None, keeps: bool = False, creates: bool = False, of: Any = (), *_: object
    ) -> bool:
        """Return whether these arguments of the engine ask for a gradient of images alone, and then let go of it."""
        is_of_tensors = bool(of) and all(isinstance(tensor, torch.Tensor) for tensor in of)
        return is_of_tensors and all(self._is_image(tensor) for tensor in of) and not (keeps or creates)

    def _is_image(self, tensor: torch.Tensor) -> bool:
        """Return whether it may be a batch of images: no parameter, not too many, not kept from batch to batch."""
        if isinstance(tensor, Parameter) or tensor.shape[1:] != self._image_shape or len(tensor) > self._batch:
            return False
        return bool(self._attacked.setdefault(tensor, self._handed_out) == self._handed_out)

    def _count_updates(self, parameters: set[int]) -> None:
        """Count an update of each of the parameters, unless a step around this one has and leaves it to this one."""
        around = [step.updates for step in self._steps if not step.is_of_torch]
        for name in parameters.difference(*around):
            self._updates[name] += 1
            if self._updates[name] > self._handed_out:
                batches = f"{self._handed_out:,} batches"
                self._refuse(f"training updated a parameter {self._updates[name]:,} times with {batches}")
        for updates in around:
            updates -= parameters

    def _refuse(self, finding: str) -> NoReturn:
        if self._problem is None:
            line = _line_of_program(len(source_lines(self._source)))
            self._problem = NamedProblem(Stage.TRAIN, FailureKind.TOO_MANY_EPOCHS, f"{finding}; {_ONE_EPOCH}", line)
            self._tell({"failure": self._problem.as_message()})
        raise self._problem


@dataclass(frozen=True, slots=True)
class _Step:
    """A step of an optimizer that is under way."""

    updates: set[int]
    """The parameters whose update was counted when it began; a step within one of the program's own takes it over."""
    is_of_torch: bool
    """Whether it updates them itself."""


def _hooked(hook: RemovableHandle) -> object:
    """Return what is called in the place of a hook, None if nothing is."""
    return (hook.hooks_dict_ref() or {}).get(hook.id)


def _with_gradients(optimizer: torch.optim.Optimizer) -> set[int]:
    return {id(p) for group in optimizer.param_groups for p in group["params"] if p.grad is not None}


def _is_of_torch(wrapper: FrameType) -> bool:
    """Return whether the `step` that torch's `wrapper` is about to call is of one of its own optimizers, or unknown."""
    code = getattr(inspect.unwrap(wrapper.f_locals["func"]), "__code__", None)
    return code is None or str(code.co_filename).startswith(_OPTIMIZERS)


def _line_of_program(own_lines: int) -> int | None:
    """Return the line of the candidate's own source that is being executed."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename == FILE and frame.f_lineno <= own_lines:
            return frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return None

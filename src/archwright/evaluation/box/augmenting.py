"""A candidate that is an augmentation, in a box of its own: batches of training images come in, as many go back.

No network, no label and no gradient is where it runs, whatever it does to its process. The box that trains asks for
each batch and runs none of its code: it takes as many bytes as it gave, and they are images whatever they hold.
"""

import contextlib
import signal
from collections.abc import Mapping
from typing import Any, final

import torch

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box.diagnosis import NamedProblem
from archwright.evaluation.box.loading import load_module, seed_everything
from archwright.evaluation.box.plan import TRANSFORM, Plan, Purpose
from archwright.evaluation.box.questions import COUNT, READY, NobodyAsksError, Pipes, Questions
from archwright.randomness import derive_seed
from archwright.sandbox.box import Tell
from archwright.transforms.checking import AUGMENT
from archwright.transforms.operations import Operations


@final
class AugmentingTrial:
    """The box's side: the function `augment` of a program, asked until nobody asks any more."""

    def __init__(self, plan: Plan, files: Mapping[str, int], tell: Tell) -> None:
        self.stage = Stage.BUILD
        self._plan, self._files, self._tell = plan, files, tell

    def run(self) -> None:
        """Answer every batch; raises Problem for a result that is no batch, and whatever the program raises."""
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # who trains may end before it has its answer
        self._enter(Stage.BUILD)
        seed_everything(derive_seed(self._plan.seed, "import"))
        self._augment: Any = getattr(load_module(self._plan.source), AUGMENT)
        self._enter(Stage.PREDICT if self._plan.purpose is Purpose.PREDICT else Stage.FORWARD)
        with contextlib.suppress(NobodyAsksError), torch.no_grad():
            self._answer(Questions(self._files, self._plan.image_shape))

    def _answer(self, questions: Questions) -> None:
        device = torch.device(self._plan.device)
        operations = Operations(torch.Generator(device).manual_seed(derive_seed(self._plan.seed, TRANSFORM)))
        for images in questions:
            images = images.to(device)
            result = self._augment(images.clone(), operations)
            questions.answer(self._checked(result, images).cpu().numpy())
            if self.stage is Stage.FORWARD:
                self._enter(Stage.TRAIN)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self._tell({"stage": stage})

    def _checked(self, result: Any, images: torch.Tensor) -> torch.Tensor:
        """Return what the program made of `images`, uint8 (N, C, H, W); raises Problem where it is no batch like them.

        That is for its writer: who trains with it reads bytes.
        """
        if type(result) is not torch.Tensor:
            what = f"a {type(result).__name__}" if result is not None else "nothing"
            self._refuse(FailureKind.WRONG_OUTPUT, f"returned {what}; return the images, a plain tensor")
        if result.is_floating_point() and bool(torch.isnan(result).any()):
            self._refuse(FailureKind.NOT_FINITE, "returned NaN; avoid dividing by zero, and return uint8 images")
        if result.dtype is not torch.uint8:
            remedy = "round and clamp to 0..255 and end with .to(torch.uint8)"
            self._refuse(FailureKind.WRONG_OUTPUT, f"returned {result.dtype}; {remedy}")
        if result.shape != images.shape:
            expected, found = tuple(images.shape), tuple(result.shape)
            remedy = "every image of the batch comes back at its size: crop with op.random_crop, which enlarges"
            self._refuse(FailureKind.WRONG_OUTPUT, f"returned shape {found} instead of {expected}; {remedy}")
        return torch.Tensor.detach(result)

    def _refuse(self, kind: FailureKind, message: str) -> None:
        line = getattr(getattr(self._augment, "__code__", None), "co_firstlineno", None)
        raise NamedProblem(self.stage, kind, f"{AUGMENT} {message}", line)


@final
class Augmented:
    """The side of the box that trains: a function from uint8 batches (N, C, H, W) to such, computed in another box."""

    def __init__(self, files: Mapping[str, int]) -> None:
        """Ask by `batches` and read from `augmented`, once the other box has said that it is ready."""
        self._pipes = Pipes(files["augmented"], files["batches"])
        self._is_ready = False

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the other box makes of `images`; raises NobodyAsksError when it has ended."""
        if not self._is_ready:
            self._pipes.read(len(READY))
            self._is_ready = True
        asked = images.cpu().contiguous().numpy()
        self._pipes.write(COUNT.pack(len(images)))
        self._pipes.write(asked.data)
        answer = self._pipes.read(asked.nbytes)
        return torch.frombuffer(answer, dtype=torch.uint8).reshape(images.shape).to(images.device)

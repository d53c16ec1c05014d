"""The early stop: a network that is still at chance after part of its first epoch is not trained to the end.

It looks at training images, not at those the score is computed from. Runs inside the box, so it is advice like
everything there: a program that avoids it costs its own wall clock and gains nothing.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from scipy.special import bdtrc

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box.batches import Batches, Normalise
from archwright.evaluation.box.diagnosis import NamedProblem
from archwright.evaluation.box.outputs import main_output

IMAGES = 256
"""Training images looked at, the first of the set."""
LEVEL = 0.05
"""A network goes on that would be as good by chance with less than this probability."""


class EarlyStop:
    """Looks once, at one batch of the first epoch."""

    def __init__(
        self,
        net: Any,
        batches: Batches,
        images: torch.Tensor,
        labels: torch.Tensor,
        share: float,
        predicting: Callable[[int], AbstractContextManager[None]],
    ) -> None:
        """Stop `net` after `share` of the first of `batches`, by uint8 `images` (N, C, H, W) and int64 `labels`.

        It predicts them within `predicting` so many batches.
        """
        self._net, self._batches, self._predicting = net, batches, predicting
        self._images, self._labels = images[:IMAGES], labels[:IMAGES]
        self._share = share
        self._at = max(1, round(share * len(batches)))

    def watch(self, normalise: Normalise) -> None:
        """Begin to watch the batches."""

        def look(number: int) -> None:
            if number >= self._at and torch.is_grad_enabled():  # else a pass that only measures
                self._batches.watch = None
                self._look(normalise)

        self._batches.watch = look

    def _look(self, normalise: Normalise) -> None:
        n = len(self._labels)
        # The best constant answer is chance: it scores the share of the largest class.
        chance = float(torch.bincount(self._labels).max()) / n
        above = bdtrc(np.arange(n + 1), n, chance)  # of the binomial distribution; scipy.stats takes seconds to import
        needed = int(np.argmax(above <= LEVEL)) + 1
        if needed > n:
            return  # Nearly all are of one class: not even a network that is right on all of them differs from chance.
        right = self._count_right(normalise)
        if right < needed:
            message = (
                f"after {self._share:.0%} of the first epoch it is right on {right} of {n} training images, "
                f"which chance is as well ({needed} would do); check that "
                "gradients reach every layer, use normalisation and fewer saturating activations"
            )
            raise NamedProblem(Stage.TRAIN, FailureKind.HOPELESS, message)

    def _count_right(self, normalise: Normalise) -> int:
        was_training = self._net.training
        self._net.eval()
        state = torch.get_rng_state()
        parts = torch.split(self._images, 64)
        with torch.no_grad(), self._predicting(len(parts)):
            answers = [main_output(self._net(normalise(part))).argmax(1) for part in parts]
        torch.set_rng_state(state)
        self._net.train(was_training)
        return int((torch.cat(answers) == self._labels).sum())

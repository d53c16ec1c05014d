"""What the standard methods do (`contract.standard`), with an optimizer, a loss and a loop that a program cannot touch.

A compact program is trained by this and not by the text it was completed with, which is the same to the last bit. On a
GPU the step can be recorded once as a CUDA graph and replayed for every batch: a step of a small network is hundreds of
kernels of microseconds each, and most of its time goes into launching them from Python. Dropout draws new numbers in
every replay. What cannot be recorded is trained step by step.
"""

import random
from collections.abc import Iterable, Sequence, Sized
from typing import Any, Protocol, final

import numpy as np
import torch

from archwright.evaluation.box import originals
from archwright.evaluation.box.heads import HeadsLoss
from archwright.evaluation.box.originals import Originals

WARM_UP_STEPS = 3
"""Steps before the recording, as torch asks for: libraries choose their kernels and allocate their memory in them."""

Net = Any
"""An instance of the candidate's class, completed with the standard methods."""


class Epoch(Iterable[tuple[torch.Tensor, torch.Tensor]], Sized, Protocol):
    """The batches of one epoch."""


@final
class NotRecordedError(Exception):
    """The step could not be recorded; this process may not use its GPU any more, a new one has to start without."""


@final
class StandardTraining:
    """Trains a network in the standard way, step by step or, on a GPU, as a graph."""

    def __init__(self, net: Net, prm: dict[str, Any], kept: Originals, *, has_heads: bool, is_graphed: bool) -> None:
        """Prepare to train `net`, which may have auxiliary heads, with what is `kept` of torch."""
        kept.restore()
        self._net, self._prm, self._kept = net, prm, kept
        loss = originals.LOSS(label_smoothing=0.1)
        self._loss = HeadsLoss(loss) if has_heads else loss
        self._optimizer = originals.OPTIMIZER(net.parameters(), betas=(prm["momentum"], 0.99), weight_decay=0.01)
        self._batches_seen = 0
        net.prm, net.batches_seen, net.criteria, net.optimizer = prm, 0, (self._loss,), self._optimizer  # as documented
        self._stream = torch.cuda.Stream() if is_graphed else None  # type: ignore[no-untyped-call]
        self._graph: torch.cuda.CUDAGraph | None = None
        self._shape: torch.Size | None = None
        self._steps = 0
        if self._stream is not None:
            self._rate = torch.zeros((), device=next(net.parameters()).device)
            is_real = all(parameter.is_floating_point() for parameter in net.parameters())
            for group in self._optimizer.param_groups:  # the rate in a tensor: a graph keeps numbers for ever
                group.update(lr=self._rate, capturable=True, fused=True if is_real else None)

    def learn(self, batches: Epoch) -> None:
        """Train for one epoch; raises NotRecordedError, and whatever the network raises."""
        total = self._prm["epoch"] * len(batches)
        for inputs, labels in batches:
            progress = (self._batches_seen + 0.5) / total
            self._batches_seen += 1
            self._net.batches_seen = self._batches_seen
            self._set_rate(self._prm["lr"] / 2 * max(0.0, min(progress / 0.2, (1 - progress) / 0.8)))
            self._step(inputs, labels)

    def _set_rate(self, rate: float) -> None:
        if self._stream is not None:
            self._rate.fill_(rate)
        else:
            for group in self._optimizer.param_groups:
                group["lr"] = rate

    def _step(self, inputs: torch.Tensor, labels: torch.Tensor) -> None:
        self._shape = self._shape or inputs.shape
        if self._stream is None or inputs.shape != self._shape:  # the last batch of an epoch is a smaller one
            self._train_on(inputs, labels)
        elif self._steps < WARM_UP_STEPS:
            self._warm_up(inputs, labels, self._stream)
        else:
            if self._graph is None:
                self._record(inputs, labels)
            self._replay(inputs, labels)

    def _train_on(self, inputs: torch.Tensor, labels: torch.Tensor) -> None:
        originals.zero_gradients(self._optimizer)
        output = self._net(inputs)
        self._kept.restore()  # whatever the network did
        originals.backward(self._loss(output, labels))  # type: ignore[no-untyped-call]
        originals.clip_gradients(self._net.parameters(), 3)
        originals.step(self._optimizer)

    def _warm_up(self, inputs: torch.Tensor, labels: torch.Tensor, stream: torch.cuda.Stream) -> None:
        """Train step by step beside the main stream, where a recording is possible later.

        A network that draws random numbers outside the GPU would repeat them in a graph: it is never recorded.
        """
        before = _host_randomness()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self._train_on(inputs, labels)
        torch.cuda.current_stream().wait_stream(stream)
        if before != _host_randomness():
            self._stream = None
        self._steps += 1

    def _record(self, inputs: torch.Tensor, labels: torch.Tensor) -> None:
        """Record a step without taking it."""
        self._inputs, self._labels = inputs.clone(), labels.clone()
        graph = torch.cuda.CUDAGraph()
        known = len(self._optimizer.state)
        try:
            with torch.cuda.graph(graph, stream=self._stream):
                self._train_on(self._inputs, self._labels)
        except Exception as error:
            raise NotRecordedError(f"{type(error).__name__}: {error}") from error
        if len(self._optimizer.state) != known:
            raise NotRecordedError("a parameter had its first gradient in the recording")
        self._graph = graph

    def _replay(self, inputs: torch.Tensor, labels: torch.Tensor) -> None:
        assert self._graph is not None
        self._inputs.copy_(inputs)
        self._labels.copy_(labels)
        self._graph.replay()


def _host_randomness() -> Sequence[object]:
    """Return the state of every generator of random numbers that is not on the GPU."""
    return random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()

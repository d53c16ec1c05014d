"""How many images the network sees with gradients, told by its layers, or by its outputs where they hide some.

A layer tells of images only where it is called, and given them as they are: as many as its input has rows, or holds the
numbers of where it is known how many numbers of an image a layer like it is given by an untrained network. An output of
more images than any layer has told of was computed otherwise, and where none has told of any, all outputs of a gradient
count.

L-BFGS (Liu and Nocedal 1989) evaluates the same batch several times within one step, with other parameters each time:
every layer that is given images has to be given the same, and what no layer tells of has to be the same as well.
"""

import inspect
import math
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, final

import numpy as np
import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.nn.parameter import is_lazy
from torch.utils.hooks import RemovableHandle

from archwright.evaluation.box.leaves import Output, constants_of, fingerprint, unwrapped, without_functions

MOST_EVALUATIONS = 25
"""Of a batch in one step of L-BFGS: torch's own default."""
PLACES = 64
"""Values of a tensor that are looked at to tell whether it is as it was."""
_LBFGS, _ceil = torch.optim.LBFGS, math.ceil
_STEP = inspect.unwrap(_LBFGS.step)
_has_gradients, _from_numpy = torch.is_grad_enabled, torch.from_numpy


def is_lbfgs(optimizer: torch.optim.Optimizer) -> bool:
    """Return whether it is torch's own L-BFGS, unchanged."""
    return type(optimizer) is _LBFGS and inspect.unwrap(_LBFGS.step) is _STEP


@final
class Evaluations:
    """Counts images by the layers with parameters that see them first, whatever their shape is there."""

    def __init__(self, batch: int, image_size: int) -> None:
        self.is_watching = False
        """Whether layers tell of images; else of each gradient the largest output counts."""
        self.is_paused = False
        self.images = 0
        """The most that one layer has seen for gradients of parameters; the same ones at the same parameters once."""
        self._batch, self._image_size = batch, image_size
        self._seen: defaultdict[int, int] = defaultdict(int)  # Counter is Python's, which a program can change
        self._seen_before: defaultdict[int, int] = defaultdict(int)
        self._of_outputs = 0
        self._most_told = 0
        self._known_outputs: set[int] = set()
        self._last: dict[int, _Given] = {}
        self._random = np.random.default_rng(int.from_bytes(os.urandom(7)))  # torch's own draw nothing within `vmap`
        self._numbers: dict[object, float] = {}
        """Of one image that a kind of layer is given by an untrained network."""
        self._measured: defaultdict[object, defaultdict[int, int]] | None = None
        self._is_in_step = False
        self._first: list[object] = []
        self._parameters: set[int] = set()
        self._first_constants: set[object] = set()
        self._inputs: list[object] = []
        self._rows = self._count = 0

    def watch(self) -> RemovableHandle:
        """Begin to count."""
        self.is_watching = True

        def look(module: torch.nn.Module, arguments: Any) -> None:
            with without_functions():  # modes of the program would answer
                self._look(module, arguments)

        return register_module_forward_pre_hook(look)

    def sample(self, tensor: torch.Tensor) -> "Sample":
        """Return some values of a tensor at places that nobody can guess."""
        return Sample(tensor, self._random)

    @contextmanager
    def measuring(self, images: int) -> Iterator[None]:
        """Find out how many numbers of an image each layer is given by what is run here, which sees so many images."""
        measured: defaultdict[object, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._measured = measured
        try:
            yield
        finally:
            self._measured = None
        self._numbers = {kind: max(counts.values()) / images for kind, counts in measured.items()}

    def forget(self) -> None:
        """Let go of what was seen last: another batch or other parameters are next, so that it counts again."""
        self._last.clear()
        self._known_outputs.clear()
        self._most_told = 0

    def count_outputs(self, outputs: Sequence[Output]) -> None:
        """Count the outputs that a gradient leads through, unless layers have told of their images."""
        read = [output for output in outputs if not (output.is_turned and self._most_told)]
        new = [output.rows for output in read if self._known_outputs.isdisjoint(output.numbers)]
        self._known_outputs.update(*(output.numbers for output in outputs))
        if max(new, default=0) > self._most_told:
            self._of_outputs += sum(new) if self.is_watching and not self._most_told else max(new)
            self.images = max(self.images, self._of_outputs)

    def end_gradient(self, *, is_of_images: bool) -> None:
        """Count what was seen for a gradient, unless that was one of the images, which teaches the network nothing."""
        if is_of_images:
            self._seen = self._seen_before.copy()
            self._last.clear()
        else:
            self._seen_before = self._seen.copy()
        self.images = max((self._of_outputs, *self._seen_before.values()))

    def begin_step(self, optimizer: torch.optim.Optimizer) -> None:
        """A step of L-BFGS begins."""
        self._is_in_step = True
        self._parameters = {id(each) for group in optimizer.param_groups for each in group["params"]}
        self._first, self._inputs = [], []
        self._rows = self._count = 0

    def end_step(self) -> None:
        """The step has ended."""
        self._is_in_step = False

    def is_repeat(self, roots: Any) -> bool:
        """Return whether the gradient of `roots` that comes next is only another look at the images of this step."""
        if not self._is_in_step:
            return False
        inputs, self._inputs = self._inputs, []
        self._count += 1
        is_given_as_before = bool(inputs) and inputs == self._first and self._is_small
        if self._count > 1 and not is_given_as_before:
            return False
        was_paused, self.is_paused = self.is_paused, True  # a checkpoint computes anew what is looked at
        try:
            constants = constants_of(roots, self._parameters)
        finally:
            self.is_paused = was_paused
        if self._count == 1:
            self._first, self._first_constants = inputs, constants
            return False
        return constants == self._first_constants

    @property
    def _is_small(self) -> bool:
        return self._rows <= self._batch and self._count <= MOST_EVALUATIONS

    def _look(self, module: torch.nn.Module, arguments: Any) -> None:
        tensor = arguments[0] if arguments else None
        if self._measured is not None and module._parameters and isinstance(tensor, torch.Tensor):
            self._measured[_kind(module)][id(module)] += tensor.numel()
        if not (isinstance(tensor, torch.Tensor) and tensor.ndim and _has_gradients()) or self.is_paused:
            return
        tensor = unwrapped(tensor)
        if self._is_in_step:
            self._rows = max(self._rows, len(tensor))
        if not module._parameters or (tensor.requires_grad and not tensor.is_leaf):
            return
        if self._is_in_step:
            given = tuple(tensor.shape), fingerprint(tensor)
            self._inputs.append(given)
            if self._count and self._is_small and given in self._first:
                return
        images = min(self._images_in(module, tensor), -(-tensor.numel() // self._image_size))
        self._most_told = max(self._most_told, images)
        if not self._is_last(module, tensor):
            self._seen[_weights_of(module)] += images

    def _images_in(self, module: torch.nn.Module, tensor: torch.Tensor) -> int:
        numbers = self._numbers.get(_kind(module))
        return _ceil(tensor.numel() / numbers) if numbers else len(tensor)

    def _is_last(self, module: torch.nn.Module, tensor: torch.Tensor) -> bool:
        """Return whether a module is given the same values in the same place again; they are kept there until then."""
        last = self._last.get(id(module))
        if last is not None and last.is_again(tensor):
            return True
        self._last[id(module)] = _Given(tensor, self.sample(tensor))
        return False


@final
class Sample:
    """Some values of a tensor at random places; it does not keep the tensor."""

    def __init__(self, tensor: torch.Tensor, random: np.random.Generator) -> None:
        plain = unwrapped(tensor)
        self._shape, self._places, self._values = plain.shape, tuple[torch.Tensor, ...](), object()
        if _has_values(plain):
            places = (_from_numpy(random.integers(size, size=PLACES)) for size in plain.shape)
            self._places = tuple(place.to(plain.device) for place in places)
            self._values = fingerprint(plain, self._places)

    def is_of(self, tensor: torch.Tensor) -> bool:
        """Return whether a tensor has this shape and these values there; one without values never has."""
        plain = unwrapped(tensor)
        is_like = plain.shape == self._shape and _has_values(plain)
        return is_like and fingerprint(plain, self._places) == self._values


@final
class _Given:
    """A tensor that a layer was given, and some of its values.

    Its version alone does not tell that it is the same: whoever writes through `data` changes none.
    """

    def __init__(self, tensor: torch.Tensor, sample: Sample) -> None:
        self._tensor, self._version, self._sample = tensor, _version(tensor), sample

    def is_again(self, tensor: torch.Tensor) -> bool:
        """Return whether `tensor` is the same one with the same values."""
        own = self._tensor
        if not _has_values(own) or not _has_values(tensor):
            return False
        is_there = (own.data_ptr(), own.shape, self._version) == (tensor.data_ptr(), tensor.shape, _version(tensor))
        return is_there and self._sample.is_of(tensor)


def _weights_of(module: torch.nn.Module) -> int:
    """Return what a layer shares with all others that are made of its weights."""
    return id(next((each for each in module._parameters.values() if each is not None), module))


def _kind(module: torch.nn.Module) -> object:
    """Return what a layer has in common with its copies and with other classes that compute with its weights.

    Of a lazy layer that is yet to see its first input, the weights have no sizes.
    """
    return tuple(
        None if is_lazy(each) else tuple(each.shape) for each in module._parameters.values() if each is not None
    )


def _has_values(tensor: torch.Tensor) -> bool:
    """Return whether there is something at every place of a tensor: not in a sparse, a nested or an empty one."""
    return tensor.layout is torch.strided and not tensor.is_nested and tensor.numel() > 0


def _version(tensor: torch.Tensor) -> int:
    return -1 if tensor.is_inference() else tensor._version

"""How torch is held while a program is followed with symbols (`width_trace`): what asks for the value of a size where
only the content of weights depends on it, lazy layers, and operations that take no symbols, have others in their place.
"""

import ast
import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import torch
from torch._subclasses import fake_tensor
from torch._subclasses.fake_tensor import unset_fake_temporarily
from torch.distributions import Distribution
from torch.nn import init
from torch.nn.modules import normalization
from torch.nn.modules.module import register_module_forward_pre_hook

from archwright.contracts.form import TRAINING_METHODS

WIDTHS = (
    "in_channels",
    "out_channels",
    "num_features",
    "num_channels",
    "in_features",
    "out_features",
    "in1_features",
    "in2_features",
    "embed_dim",
    "embedding_dim",
    "num_parameters",
    "groups",
    "normalized_shape",
)
OTHER = (
    *("kernel_size", "stride", "padding", "dilation", "output_padding", "num_heads", "num_groups", "output_size"),
    *("input_size", "hidden_size", "proj_size"),
)
"""Attributes of layers: what reaches the former is a width, unless it reaches one of the latter too. Recurrent layers
take plain numbers alone."""
_KNOWN_NUMBERS = 1_000
"""Elements of a tensor whose content is followed as well, where the program wrote it."""
_linspace = torch.linspace


class _Lazy(torch.nn.Module):
    """A lazy layer, made when the width before it is known; torch's own have no sizes that could be symbols."""

    def __init__(self, name: str, *arguments: Any, **named: Any) -> None:
        super().__init__()
        self._kind: Any = getattr(torch.nn, name.removeprefix("Lazy"))
        self._place = -1 if name == "LazyLinear" else 1
        bound = _LAZY[name].bind(*arguments, **named)
        bound.apply_defaults()  # not those of the other layer: a lazy norm of instances has parameters
        self._given = bound.arguments
        self.layer: torch.nn.Module | None = None
        for attribute, value in self._given.items():
            if attribute in (*WIDTHS, *OTHER):
                self.__dict__[attribute] = value

    def forward(self, x: torch.Tensor) -> Any:
        """Return what the layer returns; it is made for the first input."""
        if self.layer is None:
            self.layer = self._kind(x.shape[self._place], **self._given).train(self.training)
        return self.layer(x)


def _copied(tensor: torch.Tensor, memo: dict[int, Any]) -> torch.Tensor:
    """Return a copy as `copy.deepcopy` makes it; torch's own asks for the size, which may be a symbol."""
    if id(tensor) not in memo:
        new = tensor.detach().clone()
        is_parameter = isinstance(tensor, torch.nn.Parameter)
        memo[id(tensor)] = torch.nn.Parameter(new, tensor.requires_grad) if is_parameter else new
    copy: torch.Tensor = memo[id(tensor)]
    return copy


def _bilinear(left: torch.Tensor, right: torch.Tensor, weight: torch.Tensor, bias: Any = None) -> torch.Tensor:
    """Return what torch's own returns, which takes no symbols for its sizes."""
    result = torch.einsum("...i,oij,...j->...o", left, weight, right)
    return result if bias is None else result + bias


def _known_linspace(*arguments: Any, **named: Any) -> torch.Tensor:
    """Return what torch's own returns, with its content unless its ends are symbols: rates by depth are read so."""
    if any(isinstance(each, torch.SymInt | torch.SymFloat) for each in (*arguments, *named.values())):
        return _linspace(*arguments, **named)
    with unset_fake_temporarily():
        values = _linspace(*arguments, **named)
    return torch.tensor(values.tolist(), dtype=values.dtype)


_LAZY = {name: inspect.signature(getattr(torch.nn, name)) for name in dir(torch.nn) if name.startswith("Lazy")}


@contextmanager
def calls() -> Iterator[set[int]]:
    """Collect which modules are called."""
    called: set[int] = set()
    hook = register_module_forward_pre_hook(lambda module, _: called.add(id(module)))
    try:
        yield called
    finally:
        hook.remove()


def only_trained(net: torch.nn.Module, called: set[int]) -> set[int]:
    """Return the widths of the layers that a pass forward did not call, nor what they are parts of."""
    reached: set[str] = set()
    widths: set[int] = set()
    for name, module in net.named_modules():
        if not name or id(module) in called or name.rpartition(".")[0] in reached - {""}:
            reached.add(name)
        elif any(parameter is not None for parameter in module._parameters.values()):
            values = (module.__dict__.get(attribute) for attribute in WIDTHS)
            widths |= {value if isinstance(value, int) else value.node.hint for value in values if _is_size(value)}
    return widths


def _is_size(value: object) -> bool:
    return isinstance(value, int | torch.SymInt)


def widths_of_training(tree: ast.Module) -> set[int]:
    """Return the numbers that are given to layers which training makes."""
    methods = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in TRAINING_METHODS]
    made = [node for method in methods for node in ast.walk(method) if isinstance(node, ast.Call)]
    layers = [call for call in made if ast.unparse(call.func).startswith(("nn.", "torch.nn."))]
    inside = [node for call in layers for node in ast.walk(call) if isinstance(node, ast.Constant)]
    return {node.value for node in inside if isinstance(node.value, int)}


def _formatted(size: torch.SymInt, layout: str) -> str:
    """Return a size as a program prints it, as it is now."""
    return format(size.node.hint if layout else size, layout)


@contextmanager
def followed() -> Iterator[None]:
    """Keep torch from asking for the value of a size where only the content of weights depends on it."""
    with ExitStack() as stack:
        for name in dir(init):
            if name.endswith("_") and not name.startswith("_"):
                stack.enter_context(mock.patch.object(init, name, lambda tensor, *_, **__: tensor))
        stack.enter_context(mock.patch.object(init, "_calculate_fan_in_and_fan_out", return_value=(1, 1)))
        stack.enter_context(
            mock.patch.object(torch.nn.Module, "_apply", lambda module, *_, **__: module)
        )  # `.to(device)`
        stack.enter_context(mock.patch.object(torch.Tensor, "__deepcopy__", _copied))
        stack.enter_context(mock.patch.object(torch.nn.functional, "bilinear", _bilinear))
        for name in _LAZY:
            stack.enter_context(mock.patch.object(torch.nn, name, partial(_Lazy, name)))
        stack.enter_context(mock.patch.object(torch.jit._state._enabled, "enabled", False))
        stack.enter_context(mock.patch.object(torch, "linspace", _known_linspace))
        stack.enter_context(mock.patch.object(fake_tensor, "CONSTANT_NUMEL_LIMIT", _KNOWN_NUMBERS))
        stack.enter_context(mock.patch.object(Distribution, "_validate_args", False))  # looks at content
        stack.enter_context(mock.patch.object(torch.SymInt, "__format__", _formatted))
        integral = SimpleNamespace(Integral=(int, torch.SymInt))
        stack.enter_context(mock.patch.object(normalization, "numbers", integral))
        yield

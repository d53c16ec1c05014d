"""A network's tensors as plain data: found, described, copied out and copied in without calling anything of its own.

A program may override `parameters`, `_named_members`, `copy_` or the shape of a Parameter class of its own; so modules
are walked through their dictionaries, and only tensors of torch's own classes are taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.parameter import Buffer, UninitializedParameter

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box.diagnosis import NamedProblem
from archwright.evaluation.box.layout import ITEM_BYTES, MOST_TENSORS, NAME_LENGTH, Role, Slot, Slots, digest, spans

FoundTensor = tuple[Role, str, torch.Tensor]
_PLAIN = (torch.Tensor, torch.nn.Parameter, Buffer)
_DTYPES = {getattr(torch, name): name for name in ITEM_BYTES}
_ROUNDED = {torch.float64: torch.float32, torch.complex128: torch.complex64}
"""How wide numbers are stored (see `layout.ITEM_BYTES`)."""
_detach, _copy, _as_bytes, _to = torch.Tensor.detach, torch.Tensor.copy_, torch.Tensor.view, torch.Tensor.to
"""Torch's own, bound before a candidate's module ran."""
_attributes: Any = vars(torch.nn.Module)["__dict__"].__get__
"""Of a module; a class may have a property in the place of `__dict__`."""


def tensors_of(net: object) -> list[FoundTensor]:
    """Return parameters and buffers, also those that are not saved, in the order of the modules, shared ones once.

    Raises Problem for what is no plain data.
    """
    found = [(role, name[:NAME_LENGTH], _plain(name, tensor)) for role, name, tensor in _members(net)]
    if len(found) > MOST_TENSORS:
        _refuse(FailureKind.BAD_RESULT, f"Net has {len(found):,} parameters and buffers; {MOST_TENSORS:,} are taken")
    return found


def tensors_named(net: object, layout: Slots) -> list[torch.Tensor | None]:
    """Return the tensor of each slot's name, None where there is none; raises Problem for what is no plain data.

    What else `net` has is not looked at.
    """
    by_name: dict[tuple[Role, str], list[Any]] = {}
    for role, name, tensor in _members(net):
        by_name.setdefault((role, name[:NAME_LENGTH]), []).append(tensor)
    found: list[torch.Tensor | None] = []
    for slot in layout:
        left = by_name.get((slot.role, slot.name))  # long names are cut, and may be the same
        found.append(_plain(slot.name, left.pop(0)) if left else None)
    return found


def has_only(net: object, tensors: Sequence[torch.Tensor]) -> bool:
    """Return whether these are all the tensors of a network, in its order."""
    return [id(tensor) for _, _, tensor in _members(net)] == [id(tensor) for tensor in tensors]


def layout_of(net: object) -> Slots:
    """Return the layout of a network with the values its buffers have now."""
    return [
        replace(
            slot_of(role, name, tensor),
            digest="" if role is Role.PARAMETER or tensor.device.type == "meta" else digest(_bytes_of(tensor).data),
        )
        for role, name, tensor in tensors_of(net)
    ]


def slot_of(role: Role, name: str, tensor: torch.Tensor) -> Slot:
    """Return the description of a tensor without the value it has."""
    return Slot(role, name, tuple(torch.Tensor.size(tensor)), _DTYPES[tensor.dtype])


def copy_out(tensors: Sequence[torch.Tensor], layout: Slots, block: memoryview) -> None:
    """Write the values of tensors with this layout into the block."""
    for tensor, (_, place) in zip(tensors, spans(layout), strict=True):
        block[place] = _bytes_of(tensor).data


def copy_in(net: object, layout: Slots, block: bytearray) -> None:
    """Give the tensors of a network with this layout the values in the block; constants stay as exact as they are."""
    with torch.no_grad(), torch._C.DisableTorchFunction():
        for (_, _, tensor), (slot, place) in zip(tensors_of(net), spans(layout), strict=True):
            data = memoryview(block)[place]
            if slot.role is Role.PARAMETER or digest(data) != slot.digest:
                values = torch.frombuffer(data, dtype=_ROUNDED.get(tensor.dtype, tensor.dtype))
                _copy(_detach(tensor), values.reshape(slot.shape))


def _members(net: object) -> Iterator[tuple[Role, str, Any]]:
    """Yield role, name and tensor, whatever that is, each tensor once; those without elements hold nothing."""
    seen: set[int] = set()
    for module, prefix in _modules(net, "", set()):
        is_norm = isinstance(module, _NormBase)
        for own, role in (("_parameters", Role.PARAMETER), ("_buffers", Role.STATISTIC if is_norm else Role.BUFFER)):
            for name, tensor in dict.items(_dictionary(module, own)):
                if tensor is None or id(tensor) in seen or (type(tensor) in _PLAIN and not torch.Tensor.numel(tensor)):
                    continue
                seen.add(id(tensor))
                yield role, f"{prefix}{name}", tensor


def _modules(module: object, prefix: str, seen: set[int]) -> Iterator[tuple[object, str]]:
    if id(module) in seen:
        return
    seen.add(id(module))
    yield module, prefix
    for name, child in dict.items(_dictionary(module, "_modules")):
        if child is not None:
            yield from _modules(child, f"{prefix}{name}.", seen)


def _dictionary(module: object, name: str) -> dict[str, Any]:
    """Return one of the dictionaries in which torch keeps what belongs to a module."""
    try:
        found = _attributes(module).get(name)
    except (AttributeError, TypeError):
        found = None
    if isinstance(found, dict):
        return found
    _refuse(FailureKind.TYPE, f"{type(module).__name__[:80]} is no torch.nn.Module, or was not initialised")


def _plain(name: str, tensor: Any) -> torch.Tensor:
    if isinstance(tensor, UninitializedParameter):
        _refuse(FailureKind.NOT_REPRODUCIBLE, f"{name} has no size yet; call every layer in forward")
    if type(tensor) not in _PLAIN or tensor.layout is not torch.strided or tensor.dtype not in _DTYPES:
        _refuse(FailureKind.NOT_REPRODUCIBLE, f"{name} is no plain tensor; use torch's own Parameter and dtypes")
    return tensor  # type: ignore[no-any-return]


def _bytes_of(tensor: torch.Tensor) -> NDArray[np.uint8]:
    with torch.no_grad(), torch._C.DisableTorchFunction():
        rounded = _to(_detach(tensor), "cpu", _ROUNDED.get(tensor.dtype, tensor.dtype))
        plain = rounded.contiguous(memory_format=torch.contiguous_format).reshape(-1)
        array: NDArray[np.uint8] = _as_bytes(plain, torch.uint8).numpy()
    return array


def _refuse(kind: FailureKind, message: str) -> NoReturn:
    raise NamedProblem(Stage.BUDGET, kind, message)

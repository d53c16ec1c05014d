"""The operations of a forward pass and what they read of each other, recorded while it runs on the meta device.

Only what reaches torch is seen: names, modules, loops and code that never runs leave no mark. What is told is advice
like everything a box tells; `programs.graph` makes it a graph or nothing.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from archwright.programs.graph import CONSTANT, INPUT, ITEM, MOST_TRACED, PARAMETER

CHUNK_BYTES = 12_000
Words = list[Any]
"""One operation: kind, shape of its output, numbers of what it reads, its other arguments as text."""


@final
class GraphTrace(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records operations while it is active."""

    def __init__(self, image: torch.Tensor) -> None:
        """Record what becomes of `image`."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._seen: list[torch.Tensor] = []
        """Keeps every tensor, so that no other gets its id; on the meta device they hold nothing."""
        self._number_of: dict[int, int] = {}
        self._operations: list[Words] = []
        self._is_broken = False
        self._add(image, INPUT, [], "")

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        try:
            self._record(func, args, kwargs or {}, result)
        except Exception:  # noqa: BLE001 - whatever a program gave to torch, it must not fail for being recorded
            self._is_broken = True
        return result

    def tell(self, output: object, tell: Callable[[Mapping[str, object]], None]) -> None:
        """Tell what was recorded up to `output` in as many messages as it takes, or nothing."""
        number = self._number_of.get(id(output))
        if self._is_broken or number is None or len(self._operations) > MOST_TRACED:
            return
        chunk, length = list[Words](), 0
        for words in self._operations:
            size = len(json.dumps(words)) + 2
            if chunk and length + size > CHUNK_BYTES:
                tell({"graph": chunk})
                chunk, length = [], 0
            chunk.append(words)
            length += size
        tell({"graph": chunk, "output": number})

    def _record(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> None:
        reads: list[int] = []
        arguments = [self._written(value, reads) for value in args]
        arguments += [f"{name}={self._written(kwargs[name], reads)}" for name in sorted(kwargs)]
        outputs = [value for value in (result if isinstance(result, tuple | list) else [result]) if _is_tensor(value)]
        if not outputs or not reads:
            return
        first = self._add(outputs[0], func.overloadpacket.__name__, reads, ", ".join(arguments))
        for place, output in enumerate(outputs[1:], start=1):
            self._add(output, ITEM, [first], str(place))

    def _written(self, value: Any, reads: list[int]) -> str:
        """Return an argument as text, `_` for a tensor, which is added to what is read."""
        if _is_tensor(value):
            reads.append(self._number(value))
            return "_"
        if isinstance(value, list | tuple):
            return f"[{', '.join(self._written(item, reads) for item in value)}]"
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    def _number(self, tensor: torch.Tensor) -> int:
        known = self._number_of.get(id(tensor))
        if known is not None:
            return known
        return self._add(tensor, PARAMETER if isinstance(tensor, torch.nn.Parameter) else CONSTANT, [], "")

    def _add(self, tensor: torch.Tensor, kind: str, reads: list[int], arguments: str) -> int:
        self._seen.append(tensor)
        self._number_of[id(tensor)] = len(self._operations)
        self._operations.append([kind, list(tensor.shape), reads, arguments[:200]])
        return len(self._operations) - 1


def _is_tensor(value: object) -> bool:
    return isinstance(value, torch.Tensor)

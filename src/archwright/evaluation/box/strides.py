"""`as_strided` of numpy within its array: numpy itself takes any part of memory for a view, to read and to write."""

from collections.abc import Sequence
from typing import Any

import numpy as np

OWNERS = (np.lib.stride_tricks, getattr(np.lib, "_stride_tricks_impl", np.lib.stride_tricks))
"""Where numpy has the function."""
_as_strided: Any = np.lib.stride_tricks.as_strided


def stay_within_arrays() -> None:
    """Let programs find the function below where numpy has its own, from now on in this process."""
    for owner in OWNERS:
        setattr(owner, "as_strided", as_strided)  # noqa: B010 - not for numpy's types to know


def as_strided(
    x: Any, shape: Sequence[int] | None = None, strides: Sequence[int] | None = None, *flags: Any, **named: Any
) -> Any:
    """Return numpy's view; raises IndexError for one that leaves the memory of `x` or of what `x` is a view of."""
    x = np.array(x, copy=None, subok=False)
    view = _as_strided(x, shape, strides, *flags, **named)
    whole = x
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    first, end = _bounds(view)
    least, most = _bounds(whole)
    if view.size and not least <= first <= end <= most:
        raise IndexError(f"as_strided leaves the array: its view spans {end - first:,} bytes")
    return view


def _bounds(array: Any) -> tuple[int, int]:
    """Return the addresses of the first byte and of the one after the last."""
    begin = array.ctypes.data
    steps = [(side - 1) * step for side, step in zip(array.shape, array.strides, strict=True)]
    return begin + sum(min(step, 0) for step in steps), begin + sum(max(step, 0) for step in steps) + array.itemsize

"""What a convolution sees: kernel sizes, changed together with their padding."""

import ast
import random

from archwright.programs.layers import bound_arguments, set_argument
from archwright.programs.operations.editing import set_given
from archwright.programs.structure import calls_of, find_helpers, given_arguments, helper_of, keeps_size, number

KERNELS = (1, 3, 5, 7)
_WEIGHTS = {1: 1.0, 3: 2.0, 5: 2.0, 7: 0.7}


def change_kernel(tree: ast.Module, rng: random.Random) -> str | None:
    """Give one convolution another kernel, and the padding that keeps its output size."""
    found = []
    for call in calls_of(tree, "Conv2d"):
        bound = bound_arguments(call) or {}
        size, dilation = number(bound.get("kernel_size")), number(bound.get("dilation"), 1)
        if size is not None and dilation is not None and keeps_size(bound):
            found.append((call, size, dilation))
    if not found:
        return None
    call, size, dilation = rng.choice(found)
    new = _other_kernel(size, rng)
    set_argument(call, "kernel_size", ast.Constant(new))
    padding = (bound_arguments(call) or {}).get("padding")
    if not (isinstance(padding, ast.Constant) and padding.value == "same"):
        set_argument(call, "padding", ast.Constant(dilation * (new - 1) // 2))
    return f"kernel {size} -> {new}"


def change_helper_kernel(tree: ast.Module, rng: random.Random) -> str | None:
    """Call a helper, or define it by default, with another kernel where it pads by `kernel // 2`."""
    helpers = find_helpers(tree)
    places: list[tuple[ast.Call, str]] = []
    for call in ast.walk(tree):
        helper = helper_of(call, helpers)
        parameter = helper.parameter_in_role("kernel") if helper else None
        if isinstance(call, ast.Call) and helper and parameter and _pads_by_half(helper.node, parameter):
            given = given_arguments(call, helper)
            value = given.get(parameter) if given is not None else None
            if given is not None and (value is None or number(value) in KERNELS):
                places.append((call, parameter))
    if not places:
        return None
    call, parameter = rng.choice(places)
    helper = helper_of(call, helpers)
    assert helper is not None
    given_value = (given_arguments(call, helper) or {}).get(parameter)
    new = ast.Constant(_other_kernel(number(given_value), rng))
    set_given(call, helper, parameter, new)
    return f"kernel of {ast.unparse(call)[:50]}"


def _other_kernel(size: int | None, rng: random.Random) -> int:
    others = [kernel for kernel in KERNELS if kernel != size]
    return rng.choices(others, [_WEIGHTS[kernel] for kernel in others])[0]


def _pads_by_half(helper: ast.AST, parameter: str) -> bool:
    """Return whether every convolution of a helper that takes `parameter` as its kernel keeps the size."""
    mine = [bound_arguments(call) or {} for call in calls_of(helper, "Conv2d")]
    using = [bound for bound in mine if "kernel_size" in bound and ast.unparse(bound["kernel_size"]) == parameter]
    return bool(using) and all(keeps_size(bound) for bound in using)

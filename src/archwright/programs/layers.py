"""The arguments of torch layers that programs are made of: their order and their defaults.

Lets code that reads programs treat `nn.Conv2d(8, 8, 3, 1, 1)` and `nn.Conv2d(8, 8, kernel_size=3, padding=1)` alike.
It knows names only; torch itself is not imported.
"""

import ast
from types import EllipsisType

from archwright.syntax import imported

Default = bool | int | float | str | None | EllipsisType

REQUIRED: EllipsisType = ...
"""Stands where a default would be, for an argument that has none."""

_CONV: dict[str, Default] = {
    "in_channels": REQUIRED,
    "out_channels": REQUIRED,
    "kernel_size": REQUIRED,
    "stride": 1,
    "padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": True,
    "padding_mode": "zeros",
}
_BATCH_NORM: dict[str, Default] = {
    "num_features": REQUIRED,
    "eps": 1e-5,
    "momentum": 0.1,
    "affine": True,
    "track_running_stats": True,
}
_MAX_POOL: dict[str, Default] = {
    "kernel_size": REQUIRED,
    "stride": None,
    "padding": 0,
    "dilation": 1,
    "return_indices": False,
    "ceil_mode": False,
}
_AVERAGE_POOL: dict[str, Default] = {
    "kernel_size": REQUIRED,
    "stride": None,
    "padding": 0,
    "ceil_mode": False,
    "count_include_pad": True,
    "divisor_override": None,
}
_INPLACE: dict[str, Default] = {"inplace": False}
_DROPOUT: dict[str, Default] = {"p": 0.5, "inplace": False}

SIGNATURES: dict[str, dict[str, Default]] = {
    "Conv1d": _CONV,
    "Conv2d": _CONV,
    "BatchNorm1d": _BATCH_NORM,
    "BatchNorm2d": _BATCH_NORM,
    "InstanceNorm2d": _BATCH_NORM | {"affine": False, "track_running_stats": False},
    "GroupNorm": {"num_groups": REQUIRED, "num_channels": REQUIRED, "eps": 1e-5, "affine": True},
    "LayerNorm": {"normalized_shape": REQUIRED, "eps": 1e-5, "elementwise_affine": True, "bias": True},
    "Linear": {"in_features": REQUIRED, "out_features": REQUIRED, "bias": True},
    "MaxPool2d": _MAX_POOL,
    "AvgPool2d": _AVERAGE_POOL,
    "AdaptiveAvgPool2d": {"output_size": REQUIRED},
    "AdaptiveMaxPool2d": {"output_size": REQUIRED, "return_indices": False},
    "Dropout": _DROPOUT,
    "Dropout2d": _DROPOUT,
    "Flatten": {"start_dim": 1, "end_dim": -1},
    "ReLU": _INPLACE,
    "ReLU6": _INPLACE,
    "SiLU": _INPLACE,
    "Mish": _INPLACE,
    "Hardswish": _INPLACE,
    "Hardsigmoid": _INPLACE,
    "SELU": _INPLACE,
    "ELU": {"alpha": 1.0, "inplace": False},
    "LeakyReLU": {"negative_slope": 0.01, "inplace": False},
    "GELU": {"approximate": "none"},
    "Softmax": {"dim": None},
    "GLU": {"dim": -1},
    "MultiheadAttention": {
        "embed_dim": REQUIRED,
        "num_heads": REQUIRED,
        "dropout": 0.0,
        "bias": True,
        "add_bias_kv": False,
        "add_zero_attn": False,
        "kdim": None,
        "vdim": None,
        "batch_first": False,
    },
}
"""Class name in torch.nn -> its arguments in order with their defaults."""


def layer_name(call: ast.AST) -> str | None:
    """Return the name of the torch layer that `call` builds, None when it is no call of a known layer."""
    if not isinstance(call, ast.Call):
        return None
    function = call.func
    if isinstance(function, ast.Attribute):
        name = function.attr if dotted_name(function.value) in ("nn", "torch.nn") else None
    else:
        name = function.id if isinstance(function, ast.Name) else None
    return name if name in SIGNATURES else None


def dotted_name(node: ast.AST) -> str | None:
    """Return `a.b.c` for attributes of a name, None for any other expression."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def binds_torch(tree: ast.Module) -> bool:
    """Return whether a program imports something as `torch`."""
    imports = (node for node in tree.body if isinstance(node, ast.Import))
    return any(name == "torch" for node in imports for name, _ in imported(node))


def bound_arguments(call: ast.Call) -> dict[str, ast.expr] | None:
    """Return the arguments of a known layer's call by name, None when they cannot be told (`*args`, wrong names)."""
    name = layer_name(call)
    return None if name is None else bound_as(name, call)


def bound_as(layer: str, call: ast.Call) -> dict[str, ast.expr] | None:
    """Return the arguments of a call of `layer` by name, whatever the call says it calls; None as `bound_arguments`."""
    names = list(SIGNATURES[layer])
    if len(call.args) > len(names) or any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    bound = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg not in names or keyword.arg in bound:
            return None
        bound[keyword.arg] = keyword.value
    return bound


def set_argument(call: ast.Call, name: str, value: ast.expr) -> None:
    """Replace or add one argument of a known layer's call, by position where it was given so."""
    layer = layer_name(call)
    assert layer is not None
    position = list(SIGNATURES[layer]).index(name)
    if position < len(call.args):
        call.args[position] = value
        return
    for keyword in call.keywords:
        if keyword.arg == name:
            keyword.value = value
            return
    call.keywords.append(ast.keyword(name, value))

"""How wide a network is: numbers of channels, and the ratios inside its blocks."""

import ast
import math
import random

from archwright.programs.layers import bound_arguments, layer_name
from archwright.programs.structure import Helper, find_helpers, given_arguments, helper_of, number

LEAST_WIDTH, MOST_WIDTH = 8, 1024
"""Integer literals in this range are widths, where they stand as one."""

FACTORS = (0.5, 0.67, 0.75, 1.25, 1.5, 2.0)

RATIOS = (
    *("expand", "expansion", "ratio", "reduce", "reduction", "mult", "multiplier"),
    *("parts", "groups", "heads", "growth"),
)
"""Words in the names of parameters and variables that hold a small whole number one may change."""

_CHANNEL_ARGUMENTS = (
    *("in_channels", "out_channels", "num_features", "num_channels", "normalized_shape"),
    *("in_features", "out_features", "embed_dim", "groups"),
)


def change_width(tree: ast.Module, rng: random.Random) -> str | None:
    """Change one width everywhere it stands: the variable that names it, or every equal literal."""
    groups = _width_groups(tree)
    if not groups:
        return None
    group = rng.choice(groups)
    old = group[0].value
    assert type(old) is int
    new = _new_width(old, rng)
    if new == old:
        return None
    _rescale_flattened(tree, old, new)
    for constant in group:
        constant.value = new
    return f"width {old} -> {new}"


def change_ratio(tree: ast.Module, rng: random.Random) -> str | None:
    """Change how much wider a block is inside, its groups, heads or growth."""
    constants = [
        (name, constant)
        for name, constant in _small_numbers(tree)
        if constant.value != 1
        and any(word in name.lower().split("_") or name.lower().startswith(word) for word in RATIOS)
    ]
    if not constants:
        return None
    name, constant = rng.choice(constants)
    old = constant.value
    assert type(old) is int
    choices = [value for value in _ratio_choices(name, old) if value != old]
    constant.value = rng.choice(choices)
    return f"{name} {old} -> {constant.value}"


def _ratio_choices(name: str, old: int) -> list[int]:
    if old > 8:
        return [max(8, old - 8), old + 8]
    if name.startswith(("group", "head", "part", "reduc")):
        return [1, 2, 4, 8]  # must divide a width
    return [1, 2, 3, 4, 6]


def _new_width(old: int, rng: random.Random) -> int:
    step = 8 if old % 8 == 0 else 4 if old % 4 == 0 else 1
    return min(MOST_WIDTH, max(LEAST_WIDTH, round(old * rng.choice(FACTORS) / step) * step))


def _width_groups(tree: ast.Module) -> list[list[ast.Constant]]:
    """Return the literals that have to change together: a name's value alone, unless calls repeat it as a literal."""
    named = _named_widths(tree)
    literals = _literal_widths(tree, {number(constant) or 0 for constant in named})
    alone: list[list[ast.Constant]] = []
    for constant in named:
        repeated = literals.get(number(constant) or 0)
        if repeated is None:
            alone.append([constant])
        elif constant not in repeated:
            repeated.append(constant)
    return alone + [literals[width] for width in sorted(literals)]


def _named_widths(tree: ast.Module) -> list[ast.Constant]:
    """Return the literals that are given to names or collected in a list of widths."""
    found: list[ast.Constant] = []
    for node in ast.walk(tree):
        values: list[ast.expr] = []
        if isinstance(node, ast.Assign) and _is_plain_target(node.targets[0]):
            values = node.value.elts if isinstance(node.value, ast.Tuple | ast.List) else [node.value]
        elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Tuple | ast.List):
            values = node.iter.elts
        found += [value for value in values if _is_width(value) and isinstance(value, ast.Constant)]
    return found


def _is_plain_target(target: ast.expr) -> bool:
    elements = target.elts if isinstance(target, ast.Tuple) else [target]
    return all(isinstance(element, ast.Name | ast.Attribute) for element in elements)


def _literal_widths(tree: ast.Module, named: set[int]) -> dict[int, list[ast.Constant]]:
    """Return the literals that stand as a width in calls, by value.

    What no layer produces and no name holds is no width, but the size of something flattened.
    """
    helpers = find_helpers(tree)
    groups: dict[int, list[ast.Constant]] = {}
    produced = set(named)
    for call in ast.walk(tree):
        for name, value in _width_arguments(call, helpers).items():
            for constant in _factors(value):
                if _is_width(constant):
                    width = number(constant) or 0
                    groups.setdefault(width, []).append(constant)
                    produced |= set() if name in ("in_features", "in_channels") else {width}
    return {width: group for width, group in groups.items() if width in produced}


def _width_arguments(call: ast.AST, helpers: dict[str, Helper]) -> dict[str, ast.expr]:
    if not isinstance(call, ast.Call):
        return {}
    if layer_name(call) is not None:
        bound = bound_arguments(call) or {}
        is_classifier = "out_shape" in ast.unparse(call)
        names = [name for name in _CHANNEL_ARGUMENTS if name in bound]
        return {name: bound[name] for name in names if not (is_classifier and name == "out_features")}
    helper = helper_of(call, helpers)
    given = (given_arguments(call, helper) or {}) if helper else {}
    other = {"kernel", "stride", "dilation"}
    return {name: value for name, value in given.items() if helper and not helper.roles.get(name, set()) & other}


def _factors(value: ast.expr) -> list[ast.Constant]:
    """Return a literal itself, and the first of a product of literals such as `64 * 4 * 4`."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult) and isinstance(value.right, ast.Constant):
        return _factors(value.left)
    return [value] if isinstance(value, ast.Constant) else []


def _is_width(node: ast.expr) -> bool:
    value = number(node)
    return value is not None and LEAST_WIDTH <= value <= MOST_WIDTH


def _rescale_flattened(tree: ast.Module, old: int, new: int) -> None:
    """`nn.Linear(1024, ...)` after 64 channels of 4 x 4 follows when the 64 change."""
    produced = {number(value) for call in ast.walk(tree) for value in _out_arguments(call)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and layer_name(call) == "Linear":
            features = (bound_arguments(call) or {}).get("in_features")
            size = number(features)
            is_flattened = size is not None and size > old and size % old == 0 and size not in produced
            if is_flattened and isinstance(features, ast.Constant) and _is_square((size or 0) // old):
                features.value = (size or 0) // old * new


def _out_arguments(call: ast.AST) -> list[ast.expr]:
    if not isinstance(call, ast.Call) or layer_name(call) is None:
        return []
    bound = bound_arguments(call) or {}
    return [bound[name] for name in ("out_channels", "out_features") if name in bound]


def _is_square(value: int) -> bool:
    return math.isqrt(value) ** 2 == value


def _small_numbers(tree: ast.Module) -> list[tuple[str, ast.Constant]]:
    """Return integer literals with the name they are given to: defaults, keywords and variables."""
    found: list[tuple[str, ast.expr]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            named = node.args[len(node.args) - len(node.defaults) :]
            found += [(argument.arg, value) for argument, value in zip(named, node.defaults, strict=True)]
        elif isinstance(node, ast.Call) and layer_name(node) is None:
            found += [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.append((node.targets[0].id, node.value))
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Tuple)
            and isinstance(node.value, ast.Tuple)
        ):
            pairs = zip(node.targets[0].elts, node.value.elts, strict=False)
            found += [(target.id, value) for target, value in pairs if isinstance(target, ast.Name)]
    return [(name, value) for name, value in found if isinstance(value, ast.Constant) and type(value.value) is int]

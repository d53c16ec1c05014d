"""Which literals of a program are its widths and what ties them together, found by running it with symbols.

The program is built and run forward with a symbol in place of each literal that reaches a layer's width, on tensors
without content whose sizes are expressions (`torch`'s fake tensors and ShapeEnv). Whatever Python code decides on a
size, and whatever torch requires of sizes, leaves a guard: the convolution's input is the output before it, the terms
of a sum are equal, a flattened size is channels times places, groups divide. Equalities unify symbols, which gives the
groups of widths; what remains is a condition. As long as all conditions hold, other widths run through the same code.

Control flow and lists of modules need no graph of modules: the code really runs. What depends on the content of
tensors cannot be followed.
"""

import ast
import json
import linecache
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
import torch
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv
from torch.utils._sympy.functions import FloorDiv, Mod

from archwright.evaluation.box.following import OTHER, WIDTHS, calls, followed, only_trained, widths_of_training
from archwright.evaluation.box.loading import FILE
from archwright.programs.channels.arithmetic import OPERATIONS
from archwright.programs.channels.literals import INTEGER_OF, IS_INSTANCE, WIDTH_OF, instrumented
from archwright.sandbox.box import Tell

CHUNK_BYTES = 12_000
OTHER_HYPERPARAMETER = 0.5
"""As a trial has it."""
ROUNDS = 200
"""Equalities that are solved one after the other."""


def run(payload: bytes, files: Mapping[str, int], tell: Tell) -> None:
    """Trace one program and tell what was found, or `untraced` with the stage at which it could not be followed."""
    torch.set_num_threads(1)
    plan = json.loads(payload)
    stage = "build"

    def enter(name: str) -> None:
        nonlocal stage
        stage = name

    try:
        places = {int(number): own for number, own in plan["places"].items()}
        in_shape = (plan["batch"], *plan["image_shape"])
        shapes = in_shape, tuple(plan["output_shape"])
        parts = list(trace(plan["source"], *shapes, plan["prm"], places, enter, trains=plan["trains"]))
    except BaseException as error:  # noqa: BLE001 - the outermost place: whatever the candidate raised
        tell({"untraced": stage, "why": _in_words(error)[:500]})
        return
    for part in parts:
        tell(part)
    tell({"done": True})


def _in_words(error: BaseException) -> str:
    """Return the first line of what was raised; torch's own troubles with symbols are no fault of the program."""
    words = str(error).partition("\n")[0]
    if "INTERNAL ASSERT" in words or "symbolic" in words:
        return "one of torch's operations cannot be followed with symbols for its sizes"
    return f"{type(error).__name__}: {words}"


def warm_up() -> None:
    """Do once what every trace would otherwise pay for."""
    source = "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self, i, o, p, d):\n"
    source += "        super().__init__()\n        self.a, self.b = nn.Conv2d(i[1], 16, 3), nn.BatchNorm2d(16)\n"
    source += "        self.c = nn.Linear(16, *o)\n\n    def forward(self, x):\n"
    source += "        return self.c(self.b(self.a(x)).mean((2, 3)))\n"
    list(trace(source, (2, 1, 8, 8), (2,), {}, {0: 0, 1: 1, 2: 2}, lambda stage: None))


def trace(
    source: str,
    in_shape: tuple[int, ...],
    out_shape: tuple[int, ...],
    prm: Mapping[str, Any],
    places: Mapping[int, int],
    enter: Callable[[str], None],
    *,
    trains: bool = False,
) -> Iterator[Mapping[str, object]]:
    """Return messages with `literals`, `roots`, `conditions` and `params`; raises what the program raises.

    Only literals in `places` are followed; they are told by the numbers that these say. Of a program that `trains`
    itself, those keep their value that a layer has which only training calls: what that goes with is not followed.
    """
    build = (instrumented(source), in_shape, out_shape, dict(prm))
    with followed():
        widths = _widths_of(*build) & places.keys()
        enter("forward")
        try:
            found = _symbols(build, widths, training=True, trains=trains)
        except Exception:  # noqa: BLE001 - what only training decides by content; evaluation may not
            found = _symbols(build, widths, training=False, trains=trains)
    return _messages(found, places)


class _MarkedNumber(int):
    """A number that remembers which literals it was made from."""

    literals: frozenset[int]

    @classmethod
    def of(cls, value: int, literals: frozenset[int]) -> "_MarkedNumber":
        marked = cls(value)
        marked.literals = literals
        return marked


def _marking(name: str) -> Callable[..., object]:
    plain = getattr(int, name)

    def operation(self: _MarkedNumber, *others: object) -> object:
        result = plain(self, *others)
        literals = self.literals.union(*(other.literals for other in others if isinstance(other, _MarkedNumber)))
        return _MarkedNumber.of(result, literals) if type(result) is int else result

    return operation


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "floordiv", "rfloordiv", "mod", "rmod"):
    setattr(_MarkedNumber, f"__{_name}__", _marking(f"__{_name}__"))


def _widths_of(
    tree: ast.Module, in_shape: tuple[int, ...], out_shape: tuple[int, ...], prm: dict[str, Any]
) -> set[int]:
    """Return the literals that reach the width of a layer."""

    def integer(value: Any) -> Any:
        return value if isinstance(value, _MarkedNumber) else int(value)

    names = {
        WIDTH_OF: lambda number, value: _MarkedNumber.of(value, frozenset({number})),
        INTEGER_OF: integer,
        IS_INSTANCE: isinstance,
    }
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        net = _built(tree, names, in_shape, out_shape, prm)
    found: tuple[set[int], set[int]] = (set(), set())
    for module in net.modules():
        for attributes, literals in zip((WIDTHS, OTHER), found, strict=True):
            for name in attributes:
                value = module.__dict__.get(name)
                for each in value if isinstance(value, tuple | list) else [value]:
                    literals |= each.literals if isinstance(each, _MarkedNumber) else set()
    return found[0] - found[1]


@dataclass(frozen=True, slots=True)
class _FoundSizes:
    """Sizes as expressions of symbols, after a run."""

    roots: dict[str, int]
    literals: dict[int, Any]
    sizes: list[Any]
    guards: list[Any]


def _symbols(build: tuple[Any, ...], widths: set[int], *, training: bool, trains: bool) -> "_FoundSizes":
    """Run the program once with symbols for `widths`."""
    tree, in_shape, out_shape, prm = build
    env = ShapeEnv(duck_shape=False, specialize_zero_one=False)
    made: dict[int, Any] = {}

    def width(number: int, value: int) -> Any:
        if number not in widths:
            return value
        if number not in made:
            source = ConstantSource(f"w{number}")
            symbol = env.create_symbol(value, source=source, dynamic_dim=DimDynamic.DYNAMIC, constraint_dim=None)
            made[number] = (symbol, env.create_symintnode(symbol, hint=value, source=source))
        return made[number][1]

    names = {WIDTH_OF: width, INTEGER_OF: _integer, IS_INSTANCE: _is_instance}
    with FakeTensorMode(shape_env=env, allow_non_fake_inputs=True), torch.no_grad():
        net = _built(tree, names, in_shape, out_shape, prm).train(training)
        with calls() as called:
            net(torch.empty(in_shape))
        kept = only_trained(net, called) | widths_of_training(tree) if trains else set()
        sizes = [_expression(parameter.numel()) for parameter in net.parameters()]
    literals = {number: env.replace(symbol) for number, (symbol, _) in made.items()}
    guards = [env.replace(guard.expr) for guard in env.guards]
    hints = env.backed_var_to_val
    guards += [sympy.Eq(each, value) for each in literals.values() if (value := each.xreplace(hints)) in kept]
    return _solved(literals, [env.replace(size) for size in sizes], guards, hints)


def _solved(symbols: dict[int, Any], sizes: list[Any], guards: list[Any], hints: Mapping[Any, Any]) -> _FoundSizes:
    """Unify symbols by the equalities among `guards`, so that those which remain can be chosen."""
    guards = list(dict.fromkeys(guard for guard in guards if guard not in (True, sympy.true)))
    for _ in range(ROUNDS):
        replacement = next((found for guard in guards if (found := _unified(guard, guards, hints))), None)
        if replacement is None:
            break
        old, new = replacement
        symbols = {number: each.xreplace({old: new}) for number, each in symbols.items()}
        sizes = [each.xreplace({old: new}) for each in sizes]
        guards = list(dict.fromkeys(guard.xreplace({old: new}) for guard in guards))
        guards = [guard for guard in guards if guard is not sympy.true and guard.free_symbols]
    named = {
        symbol: sympy.Symbol(f"w{number}", integer=True, positive=True)
        for number, symbol in sorted(symbols.items(), reverse=True)
        if symbol.is_Symbol
    }
    return _FoundSizes(
        {str(name): int(hints[symbol]) for symbol, name in reversed(named.items())},
        {number: each.xreplace(named) for number, each in symbols.items()},
        [each.xreplace(named) for each in sizes],
        [guard.xreplace(named) for guard in guards],
    )


def _unified(guard: Any, guards: list[Any], hints: Mapping[Any, Any]) -> tuple[Any, Any] | None:
    """Return a symbol and what takes its place by an equality; None where `guard` allows none.

    A remainder of equal widths (depthwise groups) and an equality that cannot be solved make equal widths one: that
    forbids more than is needed, never less.
    """
    if not isinstance(guard, sympy.Eq):
        return None
    divisible = {
        each.lhs.args for each in guards if isinstance(each, sympy.Eq) and isinstance(each.lhs, Mod) and each.rhs == 0
    }
    difference = sympy.expand(
        (guard.lhs - guard.rhs).replace(
            lambda part: isinstance(part, FloorDiv) and part.args in divisible and part.args[1].is_Integer,
            lambda part: part.args[0] / part.args[1],
        )
    )
    symbols = sorted(difference.free_symbols, key=lambda symbol: (-int(hints.get(symbol, 0)), str(symbol)))
    candidates = []
    for symbol in symbols:
        factor = difference.diff(symbol)
        if not isinstance(guard.lhs, Mod) and factor.is_Rational and factor != 0:
            solution = sympy.expand(symbol - difference / factor)
            is_whole = all(each.is_Integer for each in solution.as_coefficients_dict().values())
            candidates.append((not is_whole, symbol, solution))
    if candidates:
        _, symbol, solution = min(candidates, key=lambda each: each[0])
        return symbol, solution
    for number, symbol in enumerate(symbols):
        for other in symbols[number + 1 :]:
            if hints.get(symbol) == hints.get(other):
                return symbol, other
    return None


def _messages(found: _FoundSizes, places: Mapping[int, int]) -> Iterator[Mapping[str, object]]:
    literals = [[places[number], _told(each)] for number, each in sorted(found.literals.items())]
    conditions = []
    for guard in found.guards:
        try:
            conditions.append(_told(guard))
        except TypeError:  # not to be computed outside: what it speaks of stays as it is
            conditions += [["Equality", str(s), found.roots[str(s)]] for s in sorted(guard.free_symbols, key=str)]
    parts: list[tuple[str, object]] = [("roots", list(each)) for each in found.roots.items()]
    parts += [("literals", each) for each in literals]
    parts += [("conditions", each) for each in conditions]
    parts += [("params", _told(each)) for each in found.sizes]
    chunk: dict[str, list[object]] = {}
    length = 0
    for name, part in parts:
        size = len(json.dumps(part)) + 2
        if length + size > CHUNK_BYTES:
            yield chunk
            chunk, length = {}, 0
        chunk.setdefault(name, []).append(part)
        length += size
    yield chunk


def _told(expression: Any) -> object:
    """Return an expression as nested lists; raises TypeError for an operation nobody knows."""
    if expression.is_Symbol:
        return str(expression)
    if expression.is_Integer:
        return int(expression)
    if expression.is_Rational:
        return ["Rational", int(expression.p), int(expression.q)]
    if expression.is_Float:
        return float(expression)
    name = type(expression).__name__
    if name not in OPERATIONS:
        raise TypeError(name)
    return [name, *map(_told, expression.args)]


def _expression(size: Any) -> Any:
    return size.node.expr if isinstance(size, torch.SymInt) else sympy.Integer(size)


def _integer(value: Any) -> Any:
    symbolic: Any = torch.sym_int
    return symbolic(value) if isinstance(value, torch.SymInt | torch.SymFloat) else int(value)


def _is_instance(value: object, kinds: Any) -> bool:
    asked = kinds if isinstance(kinds, tuple) else (kinds,)
    return isinstance(value, kinds) or (isinstance(value, torch.SymInt) and int in asked)


def _built(
    tree: ast.Module, names: Mapping[str, object], in_shape: tuple[int, ...], out_shape: tuple[int, ...], prm: Any
) -> Any:
    """Return the network of an instrumented tree."""
    module = types.ModuleType("candidate")
    module.__file__ = FILE
    module.__dict__.update(names)
    sys.modules[module.__name__] = module
    linecache.cache.pop(FILE, None)
    exec(compile(tree, FILE, "exec", dont_inherit=True), module.__dict__)
    content: Any = module
    declared: Any = getattr(content, "supported_hyperparameters", set)()
    others = {str(name): OTHER_HYPERPARAMETER for name in declared}
    return content.Net(in_shape, out_shape, others | prm, torch.device("cpu"))

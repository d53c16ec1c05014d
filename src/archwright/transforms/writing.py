"""Compositions: 1 to 3 operations in order, as the published search writes them, drawn, changed and read back."""

import ast
import random
from dataclasses import dataclass, replace
from typing import TypeAlias

from archwright.syntax import syntax_tree
from archwright.transforms.catalogue import MOST_OPERATIONS, OPERATIONS, Operation, Parameter, Value

ParameterValues: TypeAlias = dict[str, Value]
PLACES = 2
"""Decimal places of what is drawn, as published."""
TRIES = 20
"""Draws of a value before the one that it has is left."""
HEAD, TAIL = "def augment(images, op):\n", "    return images\n"


@dataclass(frozen=True, slots=True)
class CompositionStep:
    """One operation with the values of its parameters."""

    operation: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        given = "".join(f", {name}={value!r}" for name, value in self.values)
        return f"images = op.{self.operation}(images{given})"


Composition: TypeAlias = tuple[CompositionStep, ...]


def drawn_values(operation: Operation, rng: random.Random) -> ParameterValues:
    """Return a value for every parameter that the published search draws."""
    drawn = ((name, _drawn(parameter, rng)) for name, parameter in operation.parameters.items())
    return {name: value for name, value in drawn if value is not None}


def drawn_composition(rng: random.Random) -> Composition:
    """Return 1 to 3 different operations, each number equally likely, in random order with random values.

    The published search takes every ordered triple in turn (and pairs, and single ones); this draws among the same.
    """
    names = rng.sample(list(OPERATIONS), rng.randint(1, MOST_OPERATIONS))
    return tuple(_step(name, rng) for name in names)


def mutated(composition: Composition, rng: random.Random) -> tuple[Composition, str]:
    """Return `composition` with one change, and the change in a few words.

    An operation is added, removed, replaced, moved or given a new value, each that is possible equally likely.
    """
    steps = list(composition)
    unused = [name for name in OPERATIONS if name not in {step.operation for step in steps}]
    tunable = [index for index, step in enumerate(steps) if _tunable(step)]
    kinds = ["add"] if len(steps) < MOST_OPERATIONS else []
    kinds += ["remove", "swap"] if len(steps) > 1 else []
    kinds += ["replace"] if steps else []
    kinds += ["tune"] if tunable else []
    kind = rng.choice(kinds)
    at = rng.randrange(len(steps) + (kind == "add")) if kind in ("add", "remove", "replace") else 0
    if kind == "add":
        steps.insert(at, _step(rng.choice(unused), rng))
        return tuple(steps), f"add {steps[at].operation}"
    if kind == "remove":
        return tuple(steps[:at] + steps[at + 1 :]), f"remove {steps[at].operation}"
    if kind == "replace":
        old, steps[at] = steps[at], _step(rng.choice(unused), rng)
        return tuple(steps), f"replace {old.operation} by {steps[at].operation}"
    if kind == "swap":
        first, second = rng.sample(range(len(steps)), 2)
        steps[first], steps[second] = steps[second], steps[first]
        return tuple(steps), f"swap {steps[second].operation} and {steps[first].operation}"
    at = rng.choice(tunable)
    steps[at], name = _tuned(steps[at], rng)
    return tuple(steps), f"tune {name} of {steps[at].operation}"


def _tuned(step: CompositionStep, rng: random.Random) -> tuple[CompositionStep, str]:
    """Return `step` with another value of one parameter, and the parameter's name."""
    name = rng.choice(_tunable(step))
    old, parameter = dict(step.values)[name], OPERATIONS[step.operation].parameters[name]
    value = next((new for _ in range(TRIES) if (new := _drawn(parameter, rng)) is not None and new != old), old)
    return replace(step, values=tuple((k, value if k == name else v) for k, v in step.values)), name


def _tunable(step: CompositionStep) -> list[str]:
    """Return the parameters of a step that are drawn, of those it gives."""
    parameters = OPERATIONS[step.operation].parameters
    given = [name for name, _ in step.values if name in parameters]
    return [name for name in given if parameters[name].kind == "word" or parameters[name].drawn]


def as_source(composition: Composition) -> str:
    """Return the program of a composition; of none, the one that changes nothing."""
    return HEAD + "".join(f"    {step}\n" for step in composition) + TAIL


def read_composition(source: str) -> Composition | None:
    """Return the composition that a program is written as; None for any other program."""
    try:
        tree = syntax_tree(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "augment"]
    if len(functions) != 1 or ast.unparse(functions[0].args) != "images, op" or functions[0].decorator_list:
        return None
    *lines, last = functions[0].body
    steps = [_read(line) for line in lines if not _is_docstring(line)]
    if ast.unparse(last) != "return images" or not all(
        step in OPERATIONS for step in (s.operation for s in steps if s)
    ):
        return None
    return tuple(step for step in steps if step) if None not in steps else None


def _read(line: ast.stmt) -> CompositionStep | None:
    """Return the step in `images = op.NAME(images, key=value)`."""
    is_step = isinstance(line, ast.Assign) and [ast.unparse(each) for each in line.targets] == ["images"]
    call = line.value if isinstance(line, ast.Assign) and is_step else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    is_plain = ast.unparse(call.func.value) == "op" and [ast.unparse(each) for each in call.args] == ["images"]
    try:
        values = [(word.arg, ast.literal_eval(word.value)) for word in call.keywords]
    except ValueError:
        return None
    named = tuple((name, value) for name, value in values if name is not None)
    return CompositionStep(call.func.attr, named) if is_plain and len(named) == len(values) else None


def _is_docstring(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _step(name: str, rng: random.Random) -> CompositionStep:
    return CompositionStep(name, tuple(drawn_values(OPERATIONS[name], rng).items()))


def _drawn(parameter: Parameter, rng: random.Random) -> Value | None:
    if parameter.kind == "word":
        return rng.choice(parameter.words)
    if not parameter.drawn:
        return None
    if parameter.kind == "whole" or all(isinstance(each, int) for pair in parameter.drawn for each in pair):
        numbers: list[float] = [rng.randint(int(low), int(high)) for low, high in parameter.drawn]
    else:
        numbers = [round(rng.uniform(low, high), PLACES) for low, high in parameter.drawn]
    return numbers[0] if len(numbers) == 1 else tuple(numbers)

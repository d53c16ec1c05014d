"""Everything wrong with an augmentation that can be known without running it, all at once."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from archwright.candidate import Failure, FailureKind, Stage
from archwright.contracts.parse import parse_to_run
from archwright.contracts.policy import check_policy
from archwright.transforms.catalogue import COMBINATORS, OPERATIONS, Operation

AUGMENT = "augment"
SIGNATURE = "def augment(images, op)"


@lru_cache(256)  # a program is looked at when it is written, settled, filtered and evaluated
def check_transform(source: str, *, with_policy: bool = True) -> tuple[Failure, ...]:
    """Return every finding at the stages `parse`, `policy` and `contract`, in that order; empty when there is none."""
    tree = parse_to_run(source)
    if isinstance(tree, Failure):
        is_flagged = tree.kind is FailureKind.EMPTY
        return (replace(tree, message=f"there is no program; write {SIGNATURE}") if is_flagged else tree,)
    return (*(check_policy(tree, source) if with_policy else ()), *_check_contract(tree))


def _check_contract(tree: ast.Module) -> Iterator[Failure]:
    yield from _check_imports(tree)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == AUGMENT]
    if not functions:
        yield _missing(tree)
        return
    function = functions[-1]
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = [
        arg for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None
    ]
    too_few = len(positional) < 2 and not arguments.vararg
    too_many = len(positional) - len(arguments.defaults) > 2
    if too_few or too_many or required:
        given = ", ".join(arg.arg for arg in (*positional, *arguments.kwonlyargs))
        message = (
            f"augment({given}) has other arguments; write {SIGNATURE}: a uint8 batch (N, C, H, W) and the operations"
        )
        yield _failure(FailureKind.BAD_SIGNATURE, message, function.lineno)
        return
    if not any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function)):
        yield _failure(FailureKind.WRONG_OUTPUT, "augment returns nothing; end with return images", function.lineno)
    name = positional[1].arg if len(positional) > 1 else "op"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == name:
                yield from _check_call(node, node.func.attr)


def _check_imports(tree: ast.Module) -> Iterator[Failure]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        if any(name.partition(".")[0] == "torchvision" for name in names):
            message = (
                "torchvision is not here; call the operations on op, for example op.horizontal_flip(images, p=0.5)"
            )
            yield _failure(FailureKind.MISSING_DEPENDENCY, message, node.lineno)


def _check_call(call: ast.Call, name: str) -> Iterator[Failure]:
    if name in COMBINATORS:
        return
    operation = OPERATIONS.get(name)
    if operation is None:
        near = difflib.get_close_matches(name, OPERATIONS, n=1, cutoff=0.5)
        remedy = f"did you mean op.{near[0]}?" if near else f"there are {', '.join(OPERATIONS)}"
        yield _failure(FailureKind.NAME, f"there is no operation op.{name}; {remedy}", call.lineno)
        return
    if len(call.args) != 1 and not any(isinstance(each, ast.Starred) for each in call.args):
        what = "no images" if not call.args else "parameters without their names"
        yield _failure(FailureKind.TYPE, f"op.{name} is given {what}; write {_written(operation)}", call.lineno)
        return
    given = {word.arg: word.value for word in call.keywords}
    for parameter, value in given.items():
        if parameter is None:  # **values: known when it runs
            return
        if parameter not in operation.parameters:
            message = f"op.{name} has no parameter {parameter}; write {_written(operation)}"
            yield _failure(FailureKind.TYPE, message, call.lineno)
        elif (problem := _problem(operation, parameter, value)) is not None:
            yield _failure(FailureKind.TYPE, f"op.{name}: {parameter}={problem}", value.lineno)
    missing = [key for key, each in operation.parameters.items() if each.is_required and key not in given]
    if missing:
        message = f"op.{name} needs {' and '.join(missing)}; write {_written(operation)}"
        yield _failure(FailureKind.TYPE, message, call.lineno)


def _problem(operation: Operation, parameter: str, value: ast.expr) -> str | None:
    """Return a literal value and what is wrong with it; None for any other expression, which is known when it runs."""
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None
    problem = operation.parameters[parameter].problem(literal)
    return None if problem is None else f"{literal!r} {problem}"[:300]


def _written(operation: Operation) -> str:
    return f"op.{operation.name}(images{''.join(f', {name}=...' for name in operation.parameters)})"


def _missing(tree: ast.Module) -> Failure:
    others = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    hint = f"; rename {others[-1].name}" if others else ""
    line = others[-1].lineno if others else None
    return _failure(FailureKind.MISSING_NET, f"there is no {SIGNATURE} at module level{hint}", line)


def _failure(kind: FailureKind, message: str, line: int | None) -> Failure:
    return Failure(Stage.CONTRACT, kind, message, line)

"""Static checks of a program: everything wrong that can be known without running it, all at once."""

import ast
from functools import lru_cache

from archwright.candidate import Failure, FailureKind, Stage
from archwright.contracts.as_run import as_run, bound_names, last_binding
from archwright.contracts.form import HYPERPARAMETERS, TRAINING_METHODS, find_net, lineage
from archwright.contracts.parse import MAX_SOURCE_BYTES, parse_to_run
from archwright.contracts.policy import check_policy

__all__ = ["MAX_SOURCE_BYTES", "check_source"]

SIGNATURES = {
    "__init__": ("in_shape", "out_shape", "prm", "device"),
    "forward": ("x",),
    "train_setup": ("prm",),
    "learn": ("train_data",),
}
"""Arguments after self that we pass, by position."""


@lru_cache(256)  # a program is looked at when it is written, settled, filtered and evaluated
def check_source(source: str, *, with_policy: bool = True) -> tuple[Failure, ...]:
    """Return every finding at the stages `parse`, `policy` and `contract`, in that order; empty when there is none.

    Without the policy the sandbox alone holds a program.
    """
    source = as_run(source)
    tree = parse_to_run(source)
    if isinstance(tree, Failure):
        return (tree,)
    return (*(check_policy(tree, source) if with_policy else ()), *_check_contract(tree))


def _check_contract(tree: ast.Module) -> list[Failure]:
    if (unbound := _binding_problem(tree)) is not None:
        return [unbound]
    net = find_net(tree)
    if net is None:
        hint, line = _instead_of_net(tree)
        return [_failure(FailureKind.MISSING_NET, f"there is no class Net(nn.Module) at module level{hint}", line)]
    if not net.bases:
        message = "class Net does not derive from nn.Module; write class Net(nn.Module)"
        return [_failure(FailureKind.MISSING_NET, message, net.lineno)]
    classes, is_known = lineage(tree, net)
    methods: dict[str, ast.FunctionDef] = {}
    bound: set[str] = set()
    for cls in reversed(classes):
        for node in cls.body:  # `forward = _impl` is a method as well
            bound |= bound_names(node)
            if isinstance(node, ast.FunctionDef):
                methods[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in methods:
                methods |= dict.fromkeys(bound_names(node), methods[node.value.id])
            else:
                methods = {name: method for name, method in methods.items() if name not in bound_names(node)}
    findings = []
    required = ["__init__", "forward"]
    given = [name for name in TRAINING_METHODS if name in bound]
    if given:
        required += [name for name in TRAINING_METHODS if name not in given]
    for name in required:
        if name not in bound and is_known:
            findings.append(_failure(FailureKind.MISSING_METHOD, _missing(name), net.lineno))
    for name, arguments in SIGNATURES.items():
        if name in methods and (problem := _signature_problem(methods[name], arguments)):
            findings.append(_failure(FailureKind.BAD_SIGNATURE, problem, methods[name].lineno))
    if given and last_binding(tree, HYPERPARAMETERS) is None:
        findings.append(
            _failure(
                FailureKind.MISSING_METHOD,
                f"the module-level function {HYPERPARAMETERS}() is missing; add "
                f'def {HYPERPARAMETERS}(): return {{"lr", "momentum"}}',
            )
        )
    return findings


def _instead_of_net(tree: ast.Module) -> tuple[str, int | None]:
    """Return what to do with the network that is not called `Net`, and its line."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    if classes:
        return f"; rename the class {classes[-1].name} to Net", classes[-1].lineno
    arguments = ", ".join(("self", *SIGNATURES["__init__"]))
    for node in reversed(tree.body):
        made = [ast.unparse(inner) for inner in ast.walk(node) if isinstance(inner, ast.Call)]
        name = next(iter(bound_names(node)), "")
        if name and any("Sequential(" in call or "Conv2d(" in call or "Linear(" in call for call in made):
            return (
                f"; write what {name} holds as a class Net with __init__({arguments}) and forward(self, x)",
                node.lineno,
            )
    return "", None


def _missing(name: str) -> str:
    arguments = ", ".join(("self", *SIGNATURES[name]))
    other = {"train_setup": "learn", "learn": "train_setup"}.get(name)
    why = f", because it has {other}" if other else ""
    return f"class Net needs a method {name}({arguments}){why}"


def _signature_problem(method: ast.FunctionDef, expected: tuple[str, ...], *, is_method: bool = True) -> str | None:
    if any(isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod") for d in method.decorator_list):
        return f"{method.name} must be an ordinary method with self as its first argument"
    arguments = method.args
    positional = arguments.posonlyargs + arguments.args
    own = 1 if is_method else 0
    most = float("inf") if arguments.vararg else len(positional) - own
    least = len(positional) - own - len(arguments.defaults)
    needed_by_name = [a.arg for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is None]
    names = [a.arg for a in positional]
    is_in_order = all(names.index(name) == place for place, name in enumerate(expected, own) if name in names)
    fits = (positional or arguments.vararg or not is_method) and least <= len(expected) <= most
    if fits and is_in_order and not needed_by_name:
        return None
    given = ", ".join(names)
    called = ", ".join((*["self"] * own, *expected))
    return f"{method.name}({given}) is called as {method.name}({called}); write it so"


def _binding_problem(tree: ast.Module) -> Failure | None:
    """Return what is wrong with `Net` where it is no class at module level, or is bound to something else after it."""
    binding = last_binding(tree, "Net")
    if isinstance(binding, ast.ClassDef):
        makers = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "Net"]
        if makers and (problem := _signature_problem(makers[-1], SIGNATURES["__init__"], is_method=False)):
            return _failure(FailureKind.BAD_SIGNATURE, problem, makers[-1].lineno)
        return None
    if binding is None:
        inner = [
            node
            for statement in tree.body
            if isinstance(statement, ast.If | ast.Try | ast.With | ast.For)
            for node in ast.walk(statement)
            if isinstance(node, ast.ClassDef) and node.name == "Net"
        ]
        if not inner or {node.name for node in inner[-1].body if isinstance(node, ast.FunctionDef)} >= {
            *TRAINING_METHODS
        }:
            return None
        message = "class Net stands inside another statement; write class Net(nn.Module) at module level, unindented"
        return _failure(FailureKind.MISSING_NET, message, inner[-1].lineno)
    what = ast.unparse(binding).split("\n")[0]
    what = what if len(what) <= 80 else what[:77] + "..."
    arguments = ", ".join(("self", *SIGNATURES["__init__"]))
    message = f"`{what}` makes Net no class of this file; write class Net(nn.Module) with __init__({arguments})"
    return _failure(FailureKind.MISSING_NET, message, binding.lineno)


def _failure(kind: FailureKind, message: str, line: int | None = None) -> Failure:
    return Failure(Stage.CONTRACT, kind, message, line)

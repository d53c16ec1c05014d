"""The ways to a gradient in torch, led past one count from before a candidate's module runs.

Python asks the engine, `aten::_backward` and scripts ask C++, and forward mode asks neither. What scripts ask cannot be
counted, so nothing is compiled: `torch.jit` gives back what it is given, which computes the same. Nor are torch's
operators replaced.

A reentrant checkpoint (`torch.utils.checkpoint`) asks for a gradient within a gradient, of leaves that nobody has seen
before, which counted as parameters at other values. It is led to the other kind, which asks for none.

Hooks decide what a gradient is computed with (`saved_tensors_hooks`), and so does a checkpoint, which computes it anew.
What they give back is compared with what was saved.

The nodes of a graph can be called as functions, one by one, without any engine. Here they cannot: programs may look at
a graph, which some do, and print it.
"""

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NoReturn
from warnings import catch_warnings, simplefilter

import torch
from torch._functorch import predispatch
from torch.autograd import Variable, forward_ad
from torch.fx.experimental.proxy_tensor import get_proxy_mode
from torch.library import Library
from torch.utils import checkpoint

from archwright.evaluation.box.leaves import as_roots, without_functions

is_traced = get_proxy_mode
"""Returns something where operations are recorded to be replayed, and so their gradients."""
_autograd: Any = torch._C._autograd
Was = Callable[[torch.Tensor], None]
"""Is told what a tensor was when it was saved."""
_backward, _VF, _checkpoint = torch.autograd.backward, torch._VF, checkpoint.checkpoint
_variable = sys.modules["torch.autograd.variable"]
"""The module; `torch.autograd` has a function of that name."""
_SCRIPT_ONLY = frozenset({"aten::grad", "aten::backward", "aten::_make_dual"})
"""Operators that ask C++ for a gradient without the dispatcher, or past the names that are counted."""
_COMPILERS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        torch._C,
        (
            "_jit_script_compile",
            "_jit_script_compile_overload",
            "_jit_script_class_compile",
            "_jit_interpret_graph",
            "_create_function_from_graph",
            "_create_function_from_trace",
            "_create_function_from_trace_with_dict",
            "_import_ir_module_from_package",
            "_load_for_lite_interpreter",
            "_load_for_lite_interpreter_from_buffer",
            "import_ir_module",
            "import_ir_module_from_buffer",
        ),
    ),
    (torch._C.CompilationUnit, ("create_function", "define")),
    (torch._C.ScriptModule, ("_create_method_from_trace", "_create_method_from_trace_with_dict", "_define")),
    (torch._C.ConcreteModuleType, ("_create_methods_and_properties",)),
)
_CALL = 16 * ctypes.sizeof(ctypes.c_void_p)
"""Where a type of C has what it is called by (`tp_call` of CPython's PyTypeObject)."""


@cache
def close_side_doors() -> None:
    """Let no node of a graph be called any more in this process, which torch's engine runs without a call, and nothing
    be differentiated forwards by way of torch's own table of functions."""
    for kind in vars(torch._C._functions).values():
        if isinstance(kind, type) and "__call__" in vars(kind):
            _take_away(kind, "__call__")
            ctypes.c_void_p.from_address(id(kind) + _CALL).value = None
            ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
    setattr(_VF, "_make_dual", _VF._make_dual)  # noqa: B010 - in the table no longer; where it is looked up, it is counted
    _take_away(type(torch._C._VariableFunctions), "_make_dual")


def _take_away(kind: type, name: str) -> None:
    """Take an attribute from a type of C, which would not let go of it."""
    (own,) = (each for each in gc.get_referents(vars(kind)) if isinstance(each, dict))
    del own[name]
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


@contextmanager
def counting(
    gradient: Callable[..., None], derivative: Callable[[torch.Tensor], None], saved: Callable[[torch.Tensor], Was]
) -> Iterator[None]:
    """Call `gradient` with the engine's arguments before each, `derivative` with each tensor of forward mode.

    Where hooks of the program, or a checkpoint, save a tensor, `saved` is called with it, and what that returns is
    called with the tensor that they give back in its place.
    """
    close_side_doors()
    engine = Variable._execution_engine
    make_dual: Callable[..., object] = _VF._make_dual
    get_operation = torch._C._jit_get_operation
    get_overload = torch._C._get_operation_overload

    def run_backward(roots: Any, *arguments: object, **named: object) -> object:
        roots = as_roots(roots)
        with without_functions():  # modes of the program would answer
            gradient(roots, *arguments)
        return engine.run_backward(roots, *arguments, **named)

    def run_dual(primal: torch.Tensor, *arguments: object, **named: object) -> object:
        derivative(primal)
        return make_dual(primal, *arguments, **named)

    def watched(pack: Callable[..., object], unpack: Callable[..., torch.Tensor]) -> tuple[Callable[..., Any], ...]:
        def unpack_and_compare(kept: tuple[Was, object]) -> torch.Tensor:
            was, packed = kept
            was(tensor := unpack(packed))
            return tensor

        return lambda tensor: (saved(tensor), pack(tensor)), unpack_and_compare

    ours = _Engine(run_backward, engine)
    push_hooks, register_hooks = _autograd._push_saved_tensors_default_hooks, _autograd.SavedTensor.register_hooks
    replaced: list[tuple[Any, str, object]] = [
        (Variable, "_execution_engine", ours),
        (torch._C, "_ImperativeEngine", lambda: ours),
        (_variable, "ImperativeEngine", lambda: ours),
        (torch._C, "_jit_get_operation", _counted(get_operation)),
        (torch._C, "_get_operation_overload", _counted(get_overload)),
        (torch, "_make_dual", run_dual),
        (_VF, "_make_dual", run_dual),
        (predispatch, "_make_dual_impl", run_dual),
        (forward_ad, "_maybe_load_decompositions", lambda: None),  # which are scripts, and take a second to compile
        (torch.jit._state._enabled, "enabled", False),
        (checkpoint, "CheckpointFunction", _Checkpoint),
        (_autograd, "_push_saved_tensors_default_hooks", lambda *hooks: push_hooks(*watched(*hooks))),
        (_autograd.SavedTensor, "register_hooks", lambda place, *hooks: register_hooks(place, *watched(*hooks))),
    ]
    replaced += [(owner, name, _refuse) for owner, names in _COMPILERS for name in names if hasattr(owner, name)]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, value in replaced:
        setattr(owner, name, value)
    library: Any = Library("aten", "IMPL")  # type: ignore[no-untyped-call]
    with catch_warnings():
        simplefilter("ignore")  # that this replaces a kernel
        library.impl("_backward", _count_backward, "CompositeImplicitAutograd")
    before.append((torch._C, "_dispatch_library", make_library := torch._C._dispatch_library))
    setattr(torch._C, "_dispatch_library", _added(make_library))  # noqa: B010 - not for torch's types to know
    try:
        yield
    finally:
        library._destroy()
        for owner, name, value in before:
            setattr(owner, name, value)


class _Engine:
    """What autograd and a program find in the place of torch's engine, of which nothing in here is a method."""

    def __init__(self, run_backward: Callable[..., object], engine: Any) -> None:
        self.run_backward = run_backward
        self.queue_callback = lambda callback: engine.queue_callback(callback)
        self.is_checkpoint_valid = lambda: engine.is_checkpoint_valid()


class _Checkpoint:
    """What a checkpoint finds in the place of its autograd function: the kind that stays in the graph it is part of."""

    @staticmethod
    def apply(function: Callable[..., Any], keeps_random_state: bool, *arguments: Any) -> Any:
        """Return what `function` returns; as there, nothing within learns where no argument requires a gradient."""
        if not any(isinstance(each, torch.Tensor) and each.requires_grad for each in arguments):
            with torch.no_grad():
                return function(*arguments)
        return _checkpoint(
            function,
            *arguments,
            use_reentrant=False,
            preserve_rng_state=keeps_random_state,
            determinism_check="none",
        )


def _count_backward(
    root: torch.Tensor,
    inputs: list[torch.Tensor],
    gradient: torch.Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Stand for `aten::_backward` in terms of the engine that is counted."""
    _backward(root, gradient, retain_graph, create_graph, inputs=inputs or None)


def _counted(find: Callable[..., object]) -> Callable[..., object]:
    """Return what finds operators by name, but for those that nobody could count."""
    return lambda name, *arguments: _refuse(name) if name in _SCRIPT_ONLY else find(name, *arguments)


def _added(make: Callable[..., object]) -> Callable[..., object]:
    """Return what makes libraries of operators; torch's own stay as they are: what they compute is counted by name.

    Torch itself makes some in parts when `vmap` is first called.
    """

    def make_library(kind: str, namespace: str, key: str, *arguments: object) -> object:
        if kind == "IMPL" and namespace == "aten" and key != "FuncTorchBatched":
            raise RuntimeError("torch's operators are not replaced here; write a function or a layer of your own")
        return make(kind, namespace, key, *arguments)

    return make_library


def _refuse(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("nothing is compiled or looked up by TorchScript here; write it in Python")

"""The first policy: early, cheap feedback on what a network has no business doing. Not a security boundary.

The sandbox contains what slips through; these findings exist so that a model learns what to write instead.
"""

import ast
from collections.abc import Iterator

from archwright.candidate import Failure, FailureKind, Stage
from archwright.contracts.as_run import DISPENSABLE
from archwright.contracts.disguises import find_disguises
from archwright.contracts.extremes import find_extremes

_ALLOWED_MODULES = """
__future__ abc bisect cmath collections contextlib copy dataclasses datetime decimal einops enum fractions functools
gc hashlib heapq inspect itertools json logging math numbers numpy operator os packaging pathlib random re statistics
string struct sys textwrap time timm torch torchaudio torchvision tqdm traceback types typing typing_extensions warnings
weakref
"""
ALLOWED_MODULES = frozenset(_ALLOWED_MODULES.split())
"""Top-level modules a program may import; those not installed fail later, with their name."""

_FORBIDDEN_NAMES = """
open exec eval compile __import__ input breakpoint exit quit __builtins__ __loader__
"""
FORBIDDEN_NAMES = frozenset(_FORBIDDEN_NAMES.split())
_FORBIDDEN_ATTRIBUTES = """
__builtins__ __globals__ __code__ __closure__ __subclasses__ __mro__ __bases__ __loader__ __spec__ __import__
__reduce__ __reduce_ex__ __getattribute__ gi_frame gi_code cr_frame ag_frame f_back f_globals f_locals
f_builtins f_code f_trace tb_frame tb_next co_code cr_code ag_code
_DisableTorchDispatch _ExcludeDispatchKeyGuard _ForceDispatchKeyGuard _IncludeDispatchKeyGuard
_SetExcludeDispatchKeyGuard _dispatch_tls_set_dispatch_key_excluded redispatch redispatch_boxed _op_dk
_get_current_dispatch_mode _get_current_dispatch_mode_stack _get_dispatch_stack_at _pop_torch_dispatch_stack
_push_on_torch_dispatch_stack _push_mode _pop_mode
_construct_storage_from_data_pointer _reinterpret_tensor _reshape_alias DummyArray
"""
FORBIDDEN_ATTRIBUTES = frozenset(_FORBIDDEN_ATTRIBUTES.split())
_PATHS_BY_REMEDY = {
    "weights are made by training alone": "torch.load torch.serialization torch.jit.load",
    "a program writes no files": """
        torch.save torch.utils.tensorboard torch.jit.save numpy.save numpy.savez numpy.savetxt logging.FileHandler
    """,
    "there is no network; build the layers with torch.nn": "torch.hub torch.utils.model_zoo",
    "it compiles for longer than we train; leave it out": "torch.compile torch._inductor",
    "one process trains one network; leave it out": "torch.distributed torch.multiprocessing",
    "a program reads no files": """
        torch.package torch.from_file numpy.load numpy.DataSource numpy.lib.npyio numpy.fromfile numpy.loadtxt
        numpy.memmap
    """,
    "only Python code is accepted": "torch.classes torch.ops.load_library torch.utils.cpp_extension numpy.ctypeslib",
    "learn gets its batches ready-made; iterate over train_data": "torch.utils.data",
    "the evaluator sets the threads; leave it out": "torch.set_num_threads torch.set_num_interop_threads",
    "leave it out; raise ValueError for wrong arguments": "sys.exit",
    "leave other modules alone": """
        sys.modules torch.nn.modules.module._global_forward_pre_hooks torch.optim.optimizer._global_optimizer_pre_hooks
    """,
    "write an f-string": "string.Formatter",
    "leave the interpreter alone": """
        sys.meta_path sys.path_hooks sys.settrace sys.setprofile sys._getframe sys._current_frames sys.addaudithook
        inspect.currentframe inspect.stack inspect.trace inspect.getouterframes inspect.getinnerframes
        inspect.getmembers inspect.getmembers_static inspect.getattr_static types.CodeType inspect.getclosurevars
        inspect.getgeneratorlocals inspect.getcoroutinelocals inspect.getasyncgenlocals inspect.getargvalues
        logging.currentframe torch.utils._pytree.GetAttrKey
        traceback.walk_stack traceback.walk_tb
    """,
    "use the arguments you are given": "gc.get_objects gc.get_referrers gc.get_referents",
}
FORBIDDEN_PATHS = {path: remedy for remedy, paths in _PATHS_BY_REMEDY.items() for path in paths.split()}
_ADDRESSES = ("__array_interface__", "__array_struct__")
"""By what an object tells numpy where in memory its numbers are, which is believed."""
_LOOKED_UP = FORBIDDEN_ATTRIBUTES | {"_getframe", "_current_frames", *_ADDRESSES}
"""What no text may be that a program writes out: `vars(sys)["_getframe"]`."""
_FILE_CALLS = """
from_file fromfile tofile genfromtxt fromregex loadtxt savetxt savez_compressed memmap open_memmap
read_text read_bytes write_text write_bytes touch unlink mkdir rmdir iterdir rglob symlink_to hardlink_to
"""
FILE_CALLS = frozenset(_FILE_CALLS.split())
"""Attributes that read or write files, whatever they are looked up on: `torch.UntypedStorage.from_file`."""
_SYSTEM_MODULES = """
os sys posix subprocess ctypes _ctypes importlib builtins socket shutil pathlib pickle io multiprocessing threading
tempfile glob runpy pty mmap fcntl platform zipfile tarfile urllib http ssl asyncio concurrent
"""
SYSTEM_MODULES = frozenset(_SYSTEM_MODULES.split())
"""Not to be reached through another module that happens to import them: `torch.os`."""
_OPTIONAL_MODULES = """
apex xformers flash_attn mamba_ssm causal_conv1d triton fvcore thop ptflops torchsummary torchinfo deepspeed
bitsandbytes torch_xla torch_scatter torch_geometric natten spikingjelly pytorch_wavelets pywt
"""
OPTIONAL_MODULES = frozenset(_OPTIONAL_MODULES.split()) | DISPENSABLE - SYSTEM_MODULES
"""What may be asked for in a `try` that goes on without it."""
_GETTERS = ("operator.attrgetter", "operator.methodcaller")
ALLOWED_OF_OS = ("os.environ", "os.getenv", "os.path")


def check_policy(tree: ast.Module, source: str) -> list[Failure]:
    """Return everything the policy does not allow in `source`, of which `tree` is the syntax tree, in source order."""
    aliases: dict[str, str] = {}
    nodes = list(ast.walk(tree))
    guarded = _guarded(nodes)
    findings: list[Failure] = []
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            findings += _check_import(node, aliases, is_guarded=node in guarded)
    inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    own = {node.arg for node in nodes if isinstance(node, ast.arg)} | {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    forbidden_names = FORBIDDEN_NAMES - own  # `input` is a popular argument of forward
    for node in nodes:
        if isinstance(node, ast.Attribute):
            if node.attr in FORBIDDEN_ATTRIBUTES:
                findings.append(
                    _failure(f"the attribute {node.attr} is not allowed; use public attributes", node.lineno)
                )
            elif node.attr in FILE_CALLS - defined and not _path_of(node, aliases):
                findings.append(
                    _failure(f"{node.attr} is not allowed: a program reads and writes no files", node.lineno)
                )
            elif id(node) not in inner and (path := _path_of(node, aliases)):
                findings += _check_path(path, node.lineno)
        elif isinstance(node, ast.MatchClass) and (names := FORBIDDEN_ATTRIBUTES.intersection(node.kwd_attrs)):
            findings.append(_failure(f"the attribute {min(names)} is not allowed; use public attributes", node.lineno))
        elif isinstance(node, ast.Constant | ast.BinOp) and (text := _text_of(node)) in _LOOKED_UP:
            findings.append(_failure(f"the attribute {text} is not allowed; use public attributes", node.lineno))
        elif isinstance(node, ast.Name) and node.id in forbidden_names:
            findings.append(_failure(f"{node.id} is not allowed; a network needs only torch", node.lineno))
        elif isinstance(node, ast.Call) and isinstance(name := _attribute_by_text(node), str):
            if name in FORBIDDEN_ATTRIBUTES:
                findings.append(_failure(f"the attribute {name} is not allowed; use public attributes", node.lineno))
            elif name.isidentifier() and (path := _path_of(ast.Attribute(node.args[0], name), aliases)):
                findings += _check_path(path, node.lineno)
    findings += _check_addresses(nodes, source)
    findings += _check_getters(nodes, aliases)
    findings += _check_optimizers(tree, aliases)
    findings += [_failure(*finding) for finding in (*find_disguises(tree, source), *find_extremes(tree))]
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.line or 0)


def _check_import(node: ast.Import | ast.ImportFrom, aliases: dict[str, str], *, is_guarded: bool) -> Iterator[Failure]:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    if isinstance(node, ast.ImportFrom) and node.level:
        yield _failure("relative imports are not allowed; define everything in this file", node.lineno)
        return
    for alias in node.names:
        path = f"{module}.{alias.name}" if module else alias.name
        root = path.partition(".")[0]
        bound = alias.asname or (alias.name if module else root)
        aliases[bound] = path if alias.asname or module else root
        if root not in ALLOWED_MODULES:
            if not (is_guarded and root in OPTIONAL_MODULES):
                yield _failure(
                    f"import of {root} is not allowed; use torch, math, numpy or the standard typing modules",
                    node.lineno,
                )
        else:
            yield from _check_path(path, node.lineno)


def _check_path(path: str, line: int) -> Iterator[Failure]:
    for forbidden, remedy in FORBIDDEN_PATHS.items():
        if path == forbidden or path.startswith(forbidden + "."):
            yield _failure(f"{path} is not allowed: {remedy}", line)
    _, *within = path.split(".")
    for name in within:
        if name in FORBIDDEN_ATTRIBUTES:
            yield _failure(f"the attribute {name} is not allowed; use public attributes", line)
        elif name in FILE_CALLS and path not in FORBIDDEN_PATHS:
            yield _failure(f"{path} is not allowed: a program reads and writes no files", line)
        elif name in SYSTEM_MODULES:
            yield _failure(f"{path} is not allowed: {name} is no business of a network; leave it out", line)
    if path.startswith("os.") and not path.startswith(ALLOWED_OF_OS):
        yield _failure(f"{path} is not allowed: a network needs nothing of the operating system", line)


def _check_addresses(nodes: list[ast.AST], source: str) -> Iterator[Failure]:
    """Yield what an object is given, in whatever way, by which numpy takes any part of memory for an array."""
    if not any(name in source for name in _ADDRESSES):
        return
    for node in nodes:
        for _, value in ast.iter_fields(node):
            if isinstance(value, str) and value in _ADDRESSES:
                message = f"{value} is not allowed; make arrays with numpy.asarray or torch.Tensor.numpy"
                yield _failure(message, getattr(node, "lineno", 1))


def _path_of(node: ast.Attribute, aliases: dict[str, str]) -> str | None:
    """Return the dotted path of an attribute chain that begins with an imported name."""
    parts: list[str] = []
    value: ast.expr = node
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name) or value.id not in aliases:
        return None
    return ".".join((aliases[value.id], *reversed(parts)))


def _attribute_by_text(call: ast.Call) -> object:
    """Return the name in `getattr(x, "name")`, however it is used."""
    if isinstance(call.func, ast.Name) and call.func.id in ("getattr", "setattr", "delattr") and len(call.args) > 1:
        name = call.args[1]
        return name.value if isinstance(name, ast.Constant) else None
    return None


def _text_of(node: ast.expr, levels: int = 8) -> str | None:
    """Return the text that an expression comes to, written out or put together with `+`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and levels:
        right = _text_of(node.right, levels - 1)
        left = None if right is None else _text_of(node.left, levels - 1)
        return None if left is None or right is None else left + right
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _check_getters(nodes: list[ast.AST], aliases: dict[str, str]) -> Iterator[Failure]:
    """Yield what `operator` looks up by text that may not be looked up, or by text that is only made when it runs."""
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    getters = {id(call.func): call for call in calls}
    for node in nodes:
        if not isinstance(node, ast.Name | ast.Attribute) or (path := _dotted(node, aliases)) not in _GETTERS:
            continue
        getter = getters.get(id(node))
        names = getter.args[: 1 if path == "operator.methodcaller" else None] if getter else []
        texts = [name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)]
        if not names or len(texts) < len(names):
            yield _failure(f"{path} is only allowed with names written out, as in {path}('shape')", node.lineno)
        for part in (part for text in texts for part in text.split(".")):
            if part.startswith("_") or part in FILE_CALLS | SYSTEM_MODULES:
                yield _failure(f"the attribute {part} is not allowed; use public attributes", node.lineno)
        call = getters.get(id(getter))
        if call is not None and call.args and (found := _dotted(call.args[0], aliases)):
            for text in texts:
                yield from _check_path(f"{found}.{text}", node.lineno)


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str | None:
    """Return the dotted path of an imported name or of an attribute chain that begins with one."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id)
    return _path_of(node, aliases) if isinstance(node, ast.Attribute) else None


def _check_optimizers(tree: ast.Module, aliases: dict[str, str]) -> Iterator[Failure]:
    """Yield what trains where a network is built or computes: that happens in train_setup and learn."""
    nets = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Net"]
    methods = [node for net in nets for node in net.body if isinstance(node, ast.FunctionDef)]
    for method in methods:
        if method.name not in ("__init__", "forward"):
            continue
        for node in ast.walk(method):
            if isinstance(node, ast.Call):
                path = _dotted(node.func, aliases) or ""
                if path.startswith("torch.optim.") and not path.startswith("torch.optim.swa_utils."):
                    message = f"an optimizer in {method.name} is not allowed; make it in train_setup, use it in learn"
                    yield _failure(message, node.lineno)
            elif isinstance(node, ast.Attribute) and node.attr == "backward" and method.name == "forward":
                yield _failure("backward in forward is not allowed; train in learn", node.lineno)


def _guarded(nodes: list[ast.AST]) -> set[ast.AST]:
    """Return the imports inside `try` with an `except` that catches ImportError: they may be missing."""
    found: set[ast.AST] = set()
    for node in nodes:
        if isinstance(node, ast.Try) and any(_catches_import_error(handler) for handler in node.handlers):
            found.update(inner for statement in node.body for inner in ast.walk(statement))
    return found


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in names) for kind in caught)


def _failure(message: str, line: int) -> Failure:
    return Failure(Stage.POLICY, FailureKind.FORBIDDEN, message, line)

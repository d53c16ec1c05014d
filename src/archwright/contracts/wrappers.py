"""Calls around a network or a layer that change where and how fast it runs, but not what it computes."""

import ast

from archwright.syntax import expression_tree, imported

WRAPPERS = frozenset({"DataParallel", "DistributedDataParallel", "compile"})
"""Calls around the class `Net` that are left out."""
_GPU_OR_NOT = "('cuda' if torch.cuda.is_available() else 'cpu')"


def wrappings(tree: ast.Module) -> list[tuple[ast.stmt, str]]:
    """Return what `Net = DataParallel(Net)` comes to without the wrapper, also inside a module-level `if`."""
    inner = [node for node in tree.body if not isinstance(node, ast.If)]
    inner += [node for outer in tree.body if isinstance(outer, ast.If) for node in (*outer.body, *outer.orelse)]
    wrapped = [(node, _wrapped(node)) for node in inner if isinstance(node, ast.Assign | ast.AnnAssign)]
    return [(node, "pass" if name == "Net" else f"Net = {name}") for node, name in wrapped if name]


def _wrapped(node: ast.Assign | ast.AnnAssign) -> str | None:
    """Return the name that a wrapper is put around in `Net = DataParallel(name)`."""
    value, targets = node.value, node.targets if isinstance(node, ast.Assign) else [node.target]
    if [ast.unparse(target) for target in targets] != ["Net"] or not isinstance(value, ast.Call) or not value.args:
        return None
    called = value.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else None
    first = value.args[0]
    return first.id if name in WRAPPERS and isinstance(first, ast.Name) else None


def compilings(tree: ast.Module) -> list[tuple[ast.stmt | ast.expr, str]]:
    """Return what `torch.compile(layer)`, `@torch.compile` and `layer.compile()` come to without being compiled."""
    names = _names_of_compile(tree)
    modules = {name for node in ast.walk(tree) for name, _ in imported(node)}
    found: list[tuple[ast.stmt | ast.expr, str]] = []
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        for decorator in getattr(node, "decorator_list", ()):
            if _is_compile(decorator, names) or (
                isinstance(decorator, ast.Call) and _is_compile(decorator.func, names) and _compiled(decorator) is None
            ):
                found.append((decorator, ""))
        if isinstance(node, ast.Assign) and (compiled := _compiled_self(node, names)) is not None:
            found.append((compiled, "self.__call__"))
        elif isinstance(node, ast.Expr) and _compiles_itself(node.value, modules):
            found.append((node, "pass"))
        elif isinstance(node, ast.Call) and (inner := _Bare(names).of(node)) is not None:
            found.append((node, inner))
        else:
            queue += ast.iter_child_nodes(node)
    return found


def placings(tree: ast.Module) -> list[tuple[ast.stmt | ast.expr, str]]:
    """Return what asks for a GPU, such that it goes without where there is none: `.cuda()`, `.to("cuda")`,
    `torch.device("cuda")`, `device="cuda"`. Nothing where `torch` has another name."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    if not any(name == "torch" for node in imports for name, _ in imported(node)):
        return []
    found: list[tuple[ast.stmt | ast.expr, str]] = []
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Call) and _goes_to_gpu(node):
            found.append((node, ast.unparse(_Placed().visit(node))))
        else:
            found += [(constant, _GPU_OR_NOT) for constant in _named_gpus(node)]
            queue += ast.iter_child_nodes(node)
    return found


def _goes_to_gpu(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "cuda" and not node.args and not node.keywords


def _named_gpus(node: ast.AST) -> list[ast.Constant]:
    """Return the arguments of a call that name a GPU as a device."""
    if not isinstance(node, ast.Call):
        return []
    places = [keyword.value for keyword in node.keywords if keyword.arg == "device"]
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("to", "device", "set_default_device"):
        places += node.args[:1]
    return [
        each for each in places if isinstance(each, ast.Constant) and each.value in ("cuda", "cuda:0", "mps", "xpu")
    ]


class _Placed(ast.NodeTransformer):
    """Writes `x.cuda()` as `x.to(...)`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return the call as it also works without a GPU."""
        self.generic_visit(node)
        if _goes_to_gpu(node):
            assert isinstance(node.func, ast.Attribute)
            return expression_tree(f"({ast.unparse(node.func.value)}).to({_GPU_OR_NOT})")
        return node


class _Bare(ast.NodeTransformer):
    """Takes the calls of `torch.compile` off an expression."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def of(self, call: ast.Call) -> str | None:
        """Return the text of what `call` compiles; None where it compiles nothing."""
        inner = self._inner(call)
        if inner is None:
            return None
        text = ast.unparse(self.visit(inner))
        return text if isinstance(inner, ast.Name | ast.Attribute | ast.Call) else f"({text})"

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return what the call compiles, or the call."""
        inner = self._inner(node)
        return self.generic_visit(node) if inner is None else self.visit(inner)

    def _inner(self, call: ast.Call) -> ast.expr | None:
        if _is_compile(call.func, self._names):
            return _compiled(call)
        prepares = (
            isinstance(call.func, ast.Call)
            and _is_compile(call.func.func, self._names)
            and _compiled(call.func) is None
        )
        return call.args[0] if prepares and len(call.args) == 1 else None


def _compiled_self(node: ast.Assign, names: frozenset[str]) -> ast.Call | None:
    """Return the call in `self.fast = torch.compile(self)`: a network is no layer of its own."""
    call = node.value
    is_own = isinstance(call, ast.Call) and _Bare(names).of(call) == "self"
    is_kept = any(isinstance(t, ast.Attribute) and ast.unparse(t.value) == "self" for t in node.targets)
    return call if isinstance(call, ast.Call) and is_own and is_kept else None


def _compiled(call: ast.Call) -> ast.expr | None:
    """Return what a call of `torch.compile` is given to compile; None in `@torch.compile(mode="default")`."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "model"]
    return next(iter([*call.args[:1], *named]), None)


def _names_of_compile(tree: ast.Module) -> frozenset[str]:
    """Return the texts that mean `torch.compile` in this program."""
    named = [each for node in ast.walk(tree) for each in imported(node)]
    of_modules = (f"{name}.compile" for name, path in named if path == "torch")
    return frozenset((*of_modules, *(name for name, path in named if path == "torch.compile")))


def _is_compile(called: ast.expr, names: frozenset[str]) -> bool:
    return isinstance(called, ast.Name | ast.Attribute) and ast.unparse(called) in names


def _compiles_itself(value: ast.expr, modules: set[str]) -> bool:
    """Return whether an expression is `layer.compile(...)`, of something that is no module."""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "compile"):
        return False
    return ast.unparse(value.func.value).partition(".")[0] not in modules

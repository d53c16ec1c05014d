"""What a script does with a network once it is defined: build one, train it, print it. A network does without."""

import ast
import builtins

from archwright.contracts.as_run import DISPENSABLE, names_from
from archwright.programs.completing import undefined_names
from archwright.programs.walking import names_in

_SET_UP = frozenset({"torch.set_num_threads", "torch.set_num_interop_threads"})
"""Calls of a script that are the evaluator's to make."""
_FUNCTIONS = (
    "abs all any callable divmod getattr hasattr isinstance issubclass iter len max min next pow round sorted sum"
)
_COMPUTING = frozenset(_FUNCTIONS.split()) | {name for name, value in vars(builtins).items() if isinstance(value, type)}
"""Builtins that a constant of the network may be made with; others, such as `print`, are for scripts."""
_DEFINITIONS = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom


def statements_of_use(tree: ast.Module, defines: str) -> list[ast.stmt]:
    """Return the module-level statements that make a `defines` or follow from it, that use what does not exist or what
    only scripts import, and the functions that need one of them; none where the network itself does."""
    undefined = undefined_names(tree)
    suspect = (undefined - _COMPUTING) | names_from(DISPENSABLE, tree.body) - {"torch"}
    functions: list[ast.stmt] = []
    while True:
        found = [*functions, *_following(tree, defines, suspect)]
        lost = _lost(tree, found) - undefined
        needing = [node for node in tree.body if isinstance(node, ast.FunctionDef) and lost & names_in(node)]
        needing = [node for node in needing if node.name != defines and node not in functions]
        if not lost or not needing:
            return [] if lost else found
        functions += needing
        suspect |= {node.name for node in needing}


def _following(tree: ast.Module, defines: str, suspect: set[str]) -> list[ast.stmt]:
    """Return the statements that call `defines` or use something `suspect`, or what these bind."""
    suspect, found = set(suspect), list[ast.stmt]()
    for node in tree.body:
        if isinstance(node, _DEFINITIONS) or defines in _bound_in(node):
            continue
        sets_up = (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in _SET_UP
        )
        if sets_up or suspect & names_in(node) or any(_is_call_of(defines, inner) for inner in ast.walk(node)):
            found.append(node)
            suspect |= _bound_in(node)
    return found


def _lost(tree: ast.Module, left_out: list[ast.stmt]) -> set[str]:
    kept = [node for node in tree.body if node not in left_out]
    return undefined_names(ast.Module(kept, []))


def _is_call_of(name: str, node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _bound_in(node: ast.AST) -> set[str]:
    """Return the names that a statement binds anywhere in it, and those that it gives attributes to."""
    stored = [inner for inner in ast.walk(node) if isinstance(getattr(inner, "ctx", None), ast.Store)]
    owners = [inner.value if isinstance(inner, ast.Attribute) else inner for inner in stored]
    return {owner.id for owner in owners if isinstance(owner, ast.Name)}

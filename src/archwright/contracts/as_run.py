"""The program as it is run: the few things that people write around a network, understood or left out.

What is checked is this text, and so is what runs. Left out are a main block, which a module never enters, with the
functions that only it calls; functions, classes and constants that nothing leads to and that handle files or are made
with what training scripts import; imports of what a network has no business with, where nothing but an annotation
mentions them; wrappers around the class for many GPUs, and `torch.compile` around anything. A GPU by name becomes one
if there is any, `Net = MyModel` and `def Net(...)` become a class. Every statement begins on the line it began on; a
program that has none of this comes back unchanged.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from archwright.contracts.parse import source_lines, tree_of
from archwright.contracts.wrappers import compilings, placings, wrappings
from archwright.syntax import imported

_DISPENSABLE = """
absl accelerate argparse click csv cv2 datasets datetime einops fire glob hydra IPython keras lightning loguru
matplotlib mlflow omegaconf pandas pathlib pickle PIL platform pprint pytorch_lightning rich scipy seaborn shutil
simple_parsing sklearn tensorboard tensorboardX tensorflow thop timm torchaudio torchinfo torchmetrics torchsummary
torchvision tqdm typer tyro wandb yaml
torch.compile torch.distributed torch.hub torch.multiprocessing torch.utils.data torch.utils.model_zoo
torch.utils.tensorboard
"""
DISPENSABLE = frozenset(_DISPENSABLE.split())
"""Modules that training scripts import and a network does without: such an import is left out where nothing uses it."""

_LOADERS = ("torch.utils.data",)
_FILES = frozenset({"open", "os", "torch.load", "torch.save"})
_LOOK_NAMES_UP = frozenset({"eval", "exec", "globals", "locals", "vars"})

MOST_ALIASES = 8
"""Names that one network goes by, at most."""
KEPT = ("Net", "supported_hyperparameters")
"""What the evaluator itself asks for."""

SyntaxNode: TypeAlias = ast.stmt | ast.expr
Replacement: TypeAlias = tuple[SyntaxNode, str]
"""A statement or an expression and the text of one line that takes its place."""

_SUBCLASS = "class Net({name}):\n    pass\n"
_FROM_FACTORY = """\
make_network = Net


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.network = make_network(in_shape, out_shape, prm, device)

    def forward(self, x):
        return self.network(x)
"""
_OWN_TRAINING = """
    def train_setup(self, prm):
        self.network.train_setup(prm)

    def learn(self, train_data):
        return self.network.learn(train_data)
"""


@lru_cache(256)  # a program is checked, completed and asked for its form
def as_run(source: str) -> str:
    """Return `source` as it is checked and run; unchanged when it does not parse or has nothing to leave out."""
    source = source.removeprefix("\ufeff")
    tree = tree_of(source)
    if tree is None:
        return source
    for find in (_script, compilings, wrappings, placings, _annotations, _unused_imports):
        if (changes := find(tree)) and (changed := tree_of(text := replaced(source, changes))) is not None:
            source, tree = text, changed
    tail = _class_for(tree)
    return source if tail is None else f"{source.rstrip()}\n\n\n{tail}"


def without_main_block(source: str) -> str:
    """Return `source` without `if __name__ == "__main__":`; a text that does not parse comes back unchanged."""
    tree = tree_of(source)
    blocks = _main_blocks(tree) if tree else []
    if tree is None or not blocks:
        return source
    first = blocks[0][0]
    if tree.body[-1] is not first:
        return replaced(source, blocks)
    cut = "\n".join(source_lines(source)[: first.lineno - 1]).rstrip() + "\n"
    return cut if tree_of(cut) is not None else source


def last_binding(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the last module-level statement that gives `name` a value."""
    found = [node for node in tree.body if name in bound_names(node)]
    return found[-1] if found else None


def bound_names(node: ast.stmt) -> set[str]:
    """Return the names that a statement binds where it stands, without what is inside of it."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {name for name, _ in imported(node)}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    inner = [inner for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)]
    return {name.id for name in inner if isinstance(name.ctx, ast.Store)}


def _script(tree: ast.Module) -> list[Replacement]:
    """Return the main blocks and the functions and classes that nothing else leads to, and those functions that nothing
    leads to at all and that a training script is made of."""
    blocks = _main_blocks(tree)
    within = {node for node, _ in blocks}
    left = [node for node in tree.body if node not in within]
    tools = {name.partition(".")[0] for name in names_from(DISPENSABLE, ast.walk(tree))}
    made = _made_with(tools, left)
    tools |= made.keys()
    definitions = {node.name: node for node in left if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    defined: dict[str, ast.stmt] = made | {
        name: node
        for name, node in definitions.items()
        if name not in KEPT and all(_mentioned(ast.walk(each)) & tools for each in node.decorator_list)
    }
    uses = {node: name for node in left if (name := _called_on(node)) in made}
    spare = {*defined.values(), *uses}
    others = _led_to([node for node in left if node not in spare], defined)
    dropped = _led_to([node for node, _ in blocks], defined) - others
    handled = tools | _FILES
    if not others & _LOOK_NAMES_UP:
        dropped |= {name for name, node in defined.items() if name not in others and _is_of_a_script(node, handled)}
    left_out = [node for name, node in defined.items() if name in dropped]
    decorators = [each for node in left_out for each in getattr(node, "decorator_list", ())]
    left_out += [node for node, name in uses.items() if name in dropped]
    return [*blocks, *((node, "pass") for node in left_out), *((each, "") for each in decorators)]


def _is_of_a_script(node: ast.stmt, tools: set[str]) -> bool:
    """Return whether a function or a constant handles files or uses what scripts import, or a class is based on it; any
    other class may be registered by its base."""
    parts = node.bases if isinstance(node, ast.ClassDef) else [node]
    return any(not tools.isdisjoint(_mentioned(ast.walk(part))) for part in parts)


def _made_with(tools: set[str], nodes: Sequence[ast.stmt]) -> dict[str, ast.stmt]:
    """Return the constants that are made with `tools`, or with one another: `parser = ArgumentParser()`."""
    bound = Counter(name for node in nodes for name in bound_names(node))
    found: dict[str, ast.stmt] = {}
    known = set(tools)
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            names = bound_names(node)
            is_one = len(names) == 1 and bound[min(names)] == 1 and not names.intersection(KEPT)
            if is_one and _mentioned(ast.walk(node.value)) & known:
                found[min(names)] = node
                known |= names
    return found


def _called_on(node: ast.stmt) -> str | None:
    """Return the name that a statement calls a method of: `parser.add_argument("--epochs")`."""
    value = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else None


def _led_to(nodes: Sequence[ast.AST], defined: Mapping[str, ast.stmt]) -> set[str]:
    """Return the names that `nodes` mention, and that what is `defined` by those mentions in turn."""
    names, waiting = set[str](), list(nodes)
    while waiting:
        found = {inner.id for inner in ast.walk(waiting.pop()) if isinstance(inner, ast.Name)} - names
        names |= found
        waiting += [defined[name] for name in found if name in defined]
    return names


def _main_blocks(tree: ast.Module) -> list[Replacement]:
    return [(node, "pass") for node in tree.body if is_main_block(node)]


def is_main_block(node: ast.stmt) -> bool:
    """Return whether a statement is `if __name__ == "__main__":`, without anything else."""
    return isinstance(node, ast.If) and not node.orelse and _asks_for_main(node.test)


def _asks_for_main(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = [test.left, *test.comparators]
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    texts = [side.value for side in sides if isinstance(side, ast.Constant)]
    return names == ["__name__"] and texts == ["__main__"]


def _annotations(tree: ast.Module) -> list[Replacement]:
    """Return the annotations with names of dispensable imports that nothing else mentions, and the types that something
    is asked for being a loader of."""
    annotations = [node for outer in ast.walk(tree) for node in _annotated(outer)]
    loaders = names_from(_LOADERS, ast.walk(tree))
    annotations += [node for outer in ast.walk(tree) for node in _types_of_loaders(outer, loaders)]
    inside = {inner for node in annotations for inner in ast.walk(node)}
    mentioned = _mentioned(node for node in ast.walk(tree) if node not in inside)
    spare = names_from(DISPENSABLE, ast.walk(tree)) - mentioned
    return [
        (node, "object")
        for node in annotations
        if any(name in spare or is_within_any(name, DISPENSABLE) for name in _mentioned(ast.walk(node)))
    ]


def _annotated(node: ast.AST) -> list[ast.expr]:
    """Return the annotation that a node carries itself."""
    given = getattr(node, "returns", None) if isinstance(node, ast.FunctionDef) else getattr(node, "annotation", None)
    return [given] if isinstance(given, ast.expr) else []


def _types_of_loaders(node: ast.AST, loaders: set[str]) -> list[ast.expr]:
    """Return the types in `isinstance(train_data, DataLoader)`: what `learn` is given stands for one."""
    if not (isinstance(node, ast.Call) and len(node.args) == 2 and ast.unparse(node.func) == "isinstance"):
        return []
    names = _mentioned(ast.walk(node.args[1]))
    return node.args[1:] if any(name in loaders or is_within_any(name, _LOADERS) for name in names) else []


def names_from(modules: Iterable[str], nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that have to be mentioned for the imports of `modules` among `nodes` to be used."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
            within = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            found |= {_bound(alias) for alias in node.names if is_within_any(within + alias.name, modules)}
    return found


def _mentioned(nodes: Iterable[ast.AST]) -> set[str]:
    return {ast.unparse(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute)}


def _unused_imports(tree: ast.Module) -> list[Replacement]:
    """Return every import of something dispensable that nothing mentions, and what stays of its statement."""
    nodes = list(ast.walk(tree))
    mentioned = _mentioned(nodes)
    found: list[Replacement] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            kept = [alias for alias in node.names if not _is_dispensable(alias.name, _bound(alias), mentioned)]
            if len(kept) < len(node.names):
                # `import torch.utils.data` is also what binds `torch`.
                roots = {alias.name.partition(".")[0] for alias in node.names if alias not in kept and not alias.asname}
                kept += [ast.alias(root) for root in sorted(roots & mentioned)]
                found.append((node, ast.unparse(ast.Import(kept)) if kept else "pass"))
        elif isinstance(node, ast.ImportFrom) and not node.level:
            kept = [
                alias
                for alias in node.names
                if not _is_dispensable(f"{node.module}.{alias.name}", _bound(alias), mentioned)
            ]
            if len(kept) < len(node.names):
                found.append((node, ast.unparse(ast.ImportFrom(node.module, kept, 0)) if kept else "pass"))
    return found


def _bound(alias: ast.alias) -> str:
    """Return the name that has to be mentioned for the import to be used: for `import torch.utils.data` all of it."""
    return alias.asname or alias.name


def _is_dispensable(path: str, bound: str, mentioned: set[str]) -> bool:
    return bound not in {*mentioned, "*"} and is_within_any(path, DISPENSABLE)


def is_within_any(path: str, modules: Iterable[str]) -> bool:
    """Return whether a dotted path is one of `modules` or something in one."""
    return any(path == module or path.startswith(module + ".") for module in modules)


def _class_for(tree: ast.Module) -> str | None:
    """Return the class that stands for an alias or a factory called `Net`; None where `Net` needs none."""
    binding = last_binding(tree, "Net")
    if binding is None:
        return _factory(tree) if any(binds_in_branches(node, "Net") for node in tree.body) else None
    if isinstance(binding, ast.FunctionDef):
        return _factory(tree)
    value = _followed(tree, "Net")
    if isinstance(value, ast.Name):
        is_class = value.id in {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        return _SUBCLASS.format(name=value.id) if is_class else _factory(tree)
    if isinstance(value, ast.Lambda) or (isinstance(value, ast.Call) and ast.unparse(value.func).endswith("partial")):
        return _factory(tree)
    return None


def binds_in_branches(node: ast.stmt, name: str) -> bool:
    """Return whether each branch of a module-level `if` or `try` may make `name` a network of this file."""
    if not isinstance(node, ast.If | ast.Try) or is_main_block(node):
        return False
    found = [inner for inner in ast.walk(node) if isinstance(inner, ast.stmt) and name in bound_names(inner)]
    classes = [inner for inner in found if isinstance(inner, ast.ClassDef)]
    methods = [{each.name for each in inner.body if isinstance(each, ast.FunctionDef)} for inner in classes]
    names = [inner for inner in found if isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Name)]
    return bool(classes or names) and all({"__init__", "forward"} <= each for each in methods)


def _followed(tree: ast.Module, name: str) -> ast.expr | None:
    """Return what `name` comes to where one name is assigned to another: the name of a class or a function of this
    file, or an expression."""
    definitions = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    for _ in range(MOST_ALIASES):
        binding = last_binding(tree, name)
        if not isinstance(binding, ast.Assign | ast.AnnAssign):
            return None
        value, target = binding.value, binding.targets[0] if isinstance(binding, ast.Assign) else binding.target
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            named = zip(target.elts, value.elts, strict=True)
            value = next((each for left, each in named if isinstance(left, ast.Name) and left.id == name), None)
        if not isinstance(value, ast.Name):
            return value
        name = value.id
        if name in definitions:
            return value
    return None


def _factory(tree: ast.Module) -> str:
    """Return a class around what the factory `Net` makes; it trains itself where a class of the program does."""
    trains = any(
        {"train_setup", "learn"} <= {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)}
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    text = _FROM_FACTORY + (_OWN_TRAINING if trains else "")
    return text if "torch" in {name for node in tree.body for name in bound_names(node)} else f"import torch\n\n{text}"


def replaced(source: str, changes: Sequence[Replacement]) -> str:
    """Return `source` with nodes replaced by one-line texts, decorators by none; the lines they took stay, empty."""
    lines = [line.encode("utf-8") for line in source_lines(source)]
    for node, text in sorted(changes, key=lambda change: (change[0].lineno, change[0].col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        head, rest = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        head = head if text else head[: head.rindex(b"@")]
        lines[first : last + 1] = [head + text.encode() + rest, *[b""] * (last - first)]
    return b"\n".join(lines).decode("utf-8") + "\n"

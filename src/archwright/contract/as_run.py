"""The program as it is run: the few things that people write around a network, understood or left out.

What is checked is this text, and so is what runs. Left out are a main block, which a module never enters, imports that
nothing uses of what a network has no business with, and wrappers around the class for many GPUs. `Net = MyModel` and
`def Net(...)` become a class. Every line keeps its number; a program that has none of this comes back unchanged.
"""

import ast

from archwright.contract.parse import parse, source_lines

_DISPENSABLE = """
argparse csv cv2 datasets datetime IPython lightning matplotlib pandas pathlib PIL platform pprint pytorch_lightning
scipy seaborn sklearn tensorboard tensorboardX thop torchinfo torchmetrics torchsummary tqdm typer wandb yaml
torch.utils.data torch.utils.tensorboard
"""
DISPENSABLE = frozenset(_DISPENSABLE.split())
"""Modules that training scripts import and a network does without: such an import is left out where nothing uses it."""

WRAPPERS = frozenset({"DataParallel", "DistributedDataParallel", "compile"})
"""Calls around the class `Net` that change where it runs, not what it computes."""

Change = tuple[ast.stmt, str]
"""A statement and the text of one line that takes its place."""

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


def as_run(source: str) -> str:
    """Return `source` as it is checked and run; unchanged when it does not parse or has nothing to leave out."""
    source = source.removeprefix("\ufeff")
    tree = _tree(source)
    if tree is None:
        return source
    for find in (_main_blocks, _wrappings, _unused_imports):
        if changes := find(tree):
            source = _replaced(source, changes)
            tree = _tree(source) or tree
    tail = _class_for(tree)
    return source if tail is None else f"{source.rstrip()}\n\n\n{tail}"


def without_main_block(source: str) -> str:
    """Return `source` without `if __name__ == "__main__":`; a text that does not parse comes back unchanged."""
    tree = _tree(source)
    blocks = _main_blocks(tree) if tree else []
    if tree is None or not blocks:
        return source
    first = blocks[0][0]
    if tree.body[-1] is not first:
        return _replaced(source, blocks)
    cut = "\n".join(source_lines(source)[: first.lineno - 1]).rstrip() + "\n"
    return cut if _tree(cut) is not None else source


def last_binding(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the last module-level statement that gives `name` a value."""
    found = [node for node in tree.body if name in bound_names(node)]
    return found[-1] if found else None


def bound_names(node: ast.stmt) -> set[str]:
    """Return the names that a statement binds where it stands, without what is inside of it."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    inner = [inner for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)]
    return {name.id for name in inner if isinstance(name.ctx, ast.Store)}


def _main_blocks(tree: ast.Module) -> list[Change]:
    return [
        (node, "pass")
        for node in tree.body
        if isinstance(node, ast.If) and not node.orelse and _asks_for_main(node.test)
    ]


def _asks_for_main(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = [test.left, *test.comparators]
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    texts = [side.value for side in sides if isinstance(side, ast.Constant)]
    return names == ["__name__"] and texts == ["__main__"]


def _wrappings(tree: ast.Module) -> list[Change]:
    """Return what `Net = DataParallel(Net)` comes to without the wrapper, also inside a module-level `if`."""
    inner = [node for node in tree.body if not isinstance(node, ast.If)]
    inner += [node for outer in tree.body if isinstance(outer, ast.If) for node in (*outer.body, *outer.orelse)]
    wrapped = [(node, _wrapped(node)) for node in inner if isinstance(node, ast.Assign | ast.AnnAssign)]
    return [(node, "pass" if name == "Net" else f"Net = {name}") for node, name in wrapped if name]


def _wrapped(node: ast.Assign | ast.AnnAssign) -> str | None:
    """Return the name that a wrapper is put around in `Net = DataParallel(name)`."""
    value = node.value
    if bound_names(node) != {"Net"} or not isinstance(value, ast.Call) or not value.args:
        return None
    called = value.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else None
    first = value.args[0]
    return first.id if name in WRAPPERS and isinstance(first, ast.Name) else None


def _unused_imports(tree: ast.Module) -> list[Change]:
    """Return every import of something dispensable that nothing mentions, and what stays of its statement."""
    nodes = list(ast.walk(tree))
    mentioned = {node.id for node in nodes if isinstance(node, ast.Name)}
    mentioned |= {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    found: list[Change] = []
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
    return bound not in {*mentioned, "*"} and any(_is_within(path, module) for module in DISPENSABLE)


def _is_within(path: str, module: str) -> bool:
    return path == module or path.startswith(module + ".")


def _class_for(tree: ast.Module) -> str | None:
    """Return the class that stands for an alias or a factory called `Net`; None where `Net` needs none."""
    binding = last_binding(tree, "Net")
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    if isinstance(binding, ast.FunctionDef):
        return _factory(tree)
    if not isinstance(binding, ast.Assign | ast.AnnAssign) or binding.value is None:
        return None
    value = binding.value
    if isinstance(value, ast.Name):
        if value.id in classes:
            return _SUBCLASS.format(name=value.id)
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        return _factory(tree) if value.id in functions else None
    if isinstance(value, ast.Lambda) or (isinstance(value, ast.Call) and ast.unparse(value.func).endswith("partial")):
        return _factory(tree)
    return None


def _factory(tree: ast.Module) -> str:
    """Return a class around what the factory `Net` makes; it trains itself where a class of the program does."""
    trains = any(
        {"train_setup", "learn"} <= {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)}
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    )
    text = _FROM_FACTORY + (_OWN_TRAINING if trains else "")
    return text if "torch" in {name for node in tree.body for name in bound_names(node)} else f"import torch\n\n{text}"


def _replaced(source: str, changes: list[Change]) -> str:
    """Return `source` with statements replaced by one-line texts; the lines they took stay, empty."""
    lines = [line.encode("utf-8") for line in source_lines(source)]
    for node, text in sorted(changes, key=lambda change: (change[0].lineno, change[0].col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        head, rest = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        lines[first : last + 1] = [head + text.encode() + rest, *[b""] * (last - first)]
    return b"\n".join(lines).decode("utf-8") + "\n"


def _tree(source: str) -> ast.Module | None:
    result = parse(source)
    return result if isinstance(result, ast.Module) else None

"""One program of several: a mixture of experts, each of them the network of another program.

What the programs define is renamed on their syntax trees, so that nothing of one meets anything of another; imports of
the same thing are shared. The gate and its training are those of MoE4 (arXiv 2606.23739), but for three faults of the
published code: the gate is computed once for each batch, the balance of the experts has a gradient, and the schedule
goes by batches, so that one epoch trains at the full rate.
"""

# ruff: noqa: N802 (visitors are named after the nodes they visit)

import ast
import textwrap
from collections.abc import Sequence
from typing import Any

from archwright.contracts.as_run import as_run
from archwright.contracts.form import HYPERPARAMETERS, compact, find_net
from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.traversal import ScopedTransformer
from archwright.programs.walking import names_in
from archwright.syntax import syntax_tree

_GATE = """\
class Gate(nn.Module):
    def __init__(self, channels, experts):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 64, 3, 2, 1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Conv2d(64, 128, 3, 2, 1),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(64, experts),
        )
        self.temperature = nn.Parameter(torch.tensor(2.0))

    def forward(self, x):
        logits = self.layers(x) / self.temperature.clamp(0.5, 5.0)
        if self.training:
            logits = logits + 0.1 * torch.randn_like(logits)
        return torch.softmax(logits, 1)


"""
_NET = '''\
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.experts = nn.ModuleList(expert(in_shape, out_shape, prm, device) for expert in ({experts},))
{gate}
    def mix(self, x):
        """Return logits (N, C) and the weights of the experts (N, E)."""
        outputs = [expert(x) for expert in self.experts]
        logits = torch.stack([y[0] if isinstance(y, (tuple, list)) else y for y in outputs], 1)
        weights = {weights}
        return (weights.unsqueeze(2) * logits).sum(1), weights

    def forward(self, x):
        return self.mix(x)[0]

    def train_setup(self, prm):
        self.prm, self.batches_seen = prm, 0
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        groups = [{{"params": self.experts.parameters(), "lr": prm["lr"], "weight_decay": 5e-4}}]
{group}        self.optimizer = torch.optim.AdamW(groups)
        self.rates = [group["lr"] for group in groups]

    def set_rates(self, progress):
        """A tenth of the rate at first, all of it after a tenth of the batches, then half a cosine."""
        warm_up = min(1.0, 0.1 + 0.9 * progress / 0.1)
        cosine = 0.5 + 0.5 * math.cos(math.pi * max(0.0, progress - 0.1) / 0.9)
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = max(1e-6, rate * warm_up * cosine)

    def learn(self, train_data):
        batches = self.prm["epoch"] * len(train_data)
        for inputs, labels in train_data:
            self.set_rates((self.batches_seen + 0.5) / batches)
            self.batches_seen += 1
            share = torch.distributions.Beta(0.2, 0.2).sample().item()
            other = torch.randperm(len(labels), device=labels.device)
            logits, weights = self.mix(share * inputs + (1 - share) * inputs[other])
            loss = share * self.criterion(logits, labels) + (1 - share) * self.criterion(logits, labels[other])
{balance}            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.parameters(), 1)
            self.optimizer.step()


def supported_hyperparameters():
    return {{{declared}}}
'''
_MAKES_GATE = "        self.gate = Gate(in_shape[1], len(self.experts))\n"
_GATE_GROUP = '        groups.append({"params": self.gate.parameters(), "lr": 2 * prm["lr"], "weight_decay": 2.5e-4})\n'
_BALANCE = """\
            chosen = nn.functional.one_hot(weights.argmax(1), len(self.experts)).to(weights.dtype).mean(0)
            loss = loss + 0.01 * len(self.experts) * (chosen * weights.mean(0)).sum()
"""
_OURS = {"math": "math", "torch": "torch", "nn": "torch.nn"}
"""What we import ourselves: name -> path."""
_RESERVED = frozenset({"Gate", "Net", HYPERPARAMETERS})


def assemble(sources: Sequence[str], *, is_gated: bool = True) -> str:
    """Return the program of a mixture of the networks in `sources`, one or more, in any form.

    y = sum of g_e(x) f_e(x) over the experts e, g being the softmax of the gate's logits over a learned temperature;
    without a gate every expert counts the same. Raises ValueError, in words, for what cannot be put together.
    """
    names = _ProgramNames()
    bodies: list[ast.stmt] = []
    experts, declared = [], {"lr"}
    for number, source in enumerate(sources, start=1):
        text = as_run(source)
        declared |= _declared(parse_program(text))
        tree = parse_program(compact(text) or text)
        net = find_net(tree)
        if net is None:
            raise ValueError(f"expert {number} has no class Net")
        renaming = _Renaming(tree, names, number)
        renamed = renaming.visit(tree)
        experts.append(net.name)
        bodies += [node for node in renamed.body if not _is_docstring(node)]
    imports = [node for node in bodies if isinstance(node, ast.Import | ast.ImportFrom)]
    future = [node for node in imports if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    own = [ast.Import([ast.alias("math")]), ast.Import([ast.alias("torch")]), ast.Import([ast.alias("torch.nn", "nn")])]
    head = _without_repeats([*future[:1], *own, *(node for node in imports if node not in future)])
    rest = [node for node in bodies if node not in imports]
    tail = syntax_tree(_ours(experts, sorted(declared), is_gated=is_gated and len(experts) > 1)).body
    return format_tree(ast.Module([*head, *rest, *tail], []))


def _declared(tree: ast.Module) -> set[str]:
    """Return the hyper-parameters that a program names."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == HYPERPARAMETERS]
    inside = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Constant)]
    return {node.value for node in inside if isinstance(node.value, str)}


def _ours(experts: Sequence[str], declared: Sequence[str], *, is_gated: bool) -> str:
    filled = _NET.format(
        experts=", ".join(experts),
        declared=", ".join(map(repr, declared)),
        gate=_MAKES_GATE if is_gated else "",
        weights="self.gate(x)" if is_gated else f"x.new_full((len(x), {len(experts)}), 1 / {len(experts)})",
        group=_GATE_GROUP if is_gated else "",
        balance=_BALANCE if is_gated else "",
    )
    return textwrap.dedent((_GATE if is_gated else "") + filled)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _without_repeats(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    return list({ast.unparse(node): node for node in reversed(statements)}.values())[::-1]


class _ProgramNames:
    """The names of the whole program."""

    def __init__(self) -> None:
        self.imports = {path: name for name, path in _OURS.items()}
        """Path -> the name it goes by."""
        self.taken = {*_OURS, *_RESERVED}

    def new(self, name: str, number: int, own: set[str]) -> str:
        """Return and take a name like `name` that nothing of the program or of the expert's `own` has."""
        found, more = f"{name}_{number}", 2
        while found in self.taken or found in own:
            found, more = f"{name}_{number}_{more}", more + 1
        self.taken.add(found)
        return found


class _Renaming(ScopedTransformer):
    """Gives everything that a program binds at module level a name of its own; imports are shared by their path."""

    visits_annotations = True

    def __init__(self, tree: ast.Module, names: _ProgramNames, number: int) -> None:
        super().__init__(tree)
        self._module, self._names, self._number = self.scope, names, number
        self._own = names_in(tree)
        self._own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        self._renamed_to: dict[str, str] = {}

    def rename(self, name: str) -> str:
        """Return the new name of what is bound at module level, and any other name as it is."""
        if self.scope.find(name) is not self._module:
            return name
        if name not in self._renamed_to:
            self._renamed_to[name] = self._new(name)
        return self._renamed_to[name]

    def _new(self, name: str) -> str:
        path = self._module.imports.get(name)
        if path is None:
            return self._names.new(name, self._number, self._own)
        if path not in self._names.imports:
            is_free = name not in self._names.taken
            self._names.imports[path] = name if is_free else self._names.new(name, self._number, self._own)
            self._names.taken.add(name)
        return self._names.imports[path]

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        """Give back the name that a function or class had: registries of models are kept by it."""
        self.generic_visit(node)
        if node.attr != "__name__" or not isinstance(node.ctx, ast.Load):
            return node
        return ast.Call(ast.Attribute(node, "removesuffix", ast.Load()), [ast.Constant(f"_{self._number}")], [])

    def visit_Import(self, node: ast.Import) -> ast.AST:
        """Bind every module under the name it goes by in the whole program."""
        for alias in node.names:
            root = alias.name.partition(".")[0]
            name = self.rename(alias.asname or root)
            if alias.asname is None and name == root:
                continue
            if alias.asname is None and "." in alias.name:
                raise ValueError(f"import {alias.name} of expert {self._number} collides with another expert's {root}")
            alias.asname = name
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        """Bind what is imported under the name it goes by in the whole program."""
        for alias in node.names:
            if alias.name == "*":
                raise ValueError(f"expert {self._number} imports * from {node.module}: its names are not known")
            if node.module != "__future__":
                name = self.rename(alias.asname or alias.name)
                alias.asname = None if name == alias.name else name
        return node

"""Another loss and another optimizer in a program's source, which is otherwise left as it is.

A program that trains itself keeps its loop and its schedule: the calls that make loss and optimizer are replaced where
they stand. One in compact form has no such calls, because the box trains it; it is given training methods of its own,
with a constant rate as the networks of LEMUR have them, and so is one whose calls are not understood.
"""

import ast
from dataclasses import dataclass
from typing import Final

from archwright.contracts.as_run import as_run
from archwright.contracts.form import compact, complete, find_net, is_compact
from archwright.contracts.parse import source_lines
from archwright.programs.formatting import parse_program

NGL_ALPHA: Final = 2.4092
"""The constant of the NGL loss (arXiv 2404.12948)."""

LOSSES = {
    "CE": "return torch.nn.functional.cross_entropy(logits, labels)",
    "NLL": "return torch.nn.functional.nll_loss(torch.log_softmax(logits, 1), labels)",
    "NGL": f"""\
p = torch.softmax(logits, 1)
y = torch.nn.functional.one_hot(labels, logits.shape[1]).to(p.dtype)
return (torch.exp({NGL_ALPHA} - p - p * y) - torch.cos(torch.cos(torch.sin(p)))).mean()""",
}
"""Loss -> the body of a function of `logits` (N, C) and `labels` (N,).

CE and NLL are the same function: what they differ by is the noise of the seeds. NGL is a mean over all N x C entries,
so that its gradient is smaller by the number of classes.
"""

OPTIMIZERS = {
    "SGD": "torch.optim.SGD({parameters}, lr={lr}, momentum={momentum})",
    "Adam": "torch.optim.Adam({parameters}, lr={lr})",
    "AdamW": "torch.optim.AdamW({parameters}, lr={lr})",
    "RMSprop": "torch.optim.RMSprop({parameters}, lr={lr})",
    "Adagrad": "torch.optim.Adagrad({parameters}, lr={lr})",
    "Adadelta": "torch.optim.Adadelta({parameters}, lr={lr})",
}
"""Optimizer -> the call that makes it; only SGD has a momentum, all else is torch's default."""

_METHODS = """\
def train_setup(self, prm):
    self.criterion = {loss}()
    self.optimizer = {optimizer}

def learn(self, train_data):
    for inputs, labels in train_data:
        self.optimizer.zero_grad()
        loss = self.criterion(self(inputs), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters(), 3)
        self.optimizer.step()
"""
_LOSS_CLASS = '''

class {name}(torch.nn.Module):
    """{loss}."""

    def forward(self, output, labels):
        logits = output[0] if isinstance(output, (tuple, list)) else output
{body}
'''
_OPTIMIZERS_KNOWN = frozenset({*OPTIMIZERS, "NAdam", "RAdam", "Adamax", "ASGD", "Rprop", "Adafactor", "Muon"})
_LOSSES_KNOWN = frozenset({"CrossEntropyLoss", "NLLLoss"})
_FUNCTIONS_KNOWN = frozenset({"cross_entropy", "nll_loss"})


@dataclass(frozen=True, slots=True)
class Injected:
    """A program with another loss and optimizer."""

    source: str
    how: str
    """`in place`, or `methods`: the training methods are ours."""


def inject(source: str, loss: str, optimizer: str) -> Injected:
    """Return `source`, a network in any form, trained with `loss` (of LOSSES) by `optimizer` (of OPTIMIZERS).

    The same program whatever the other choices, but for these two. Raises ValueError, in words, for a text that is no
    network or whose training cannot be told from the network.
    """
    tree = parse_program(as_run(source))
    if find_net(tree) is None:
        raise ValueError("there is no class Net")
    text = as_run(source)
    name = _free_name(text)
    if not is_compact(source) and (edits := _edits(tree, text, name, optimizer)):
        return Injected(_replaced(text, edits) + _tail(tree, name, loss), "in place")
    bare = source if is_compact(source) else compact(text)
    if bare is None:
        raise ValueError("neither are the calls that make loss and optimizer found, nor can the methods be exchanged")
    made = OPTIMIZERS[optimizer].format(parameters="self.parameters()", lr='prm["lr"]', momentum='prm["momentum"]')
    full = complete(bare, _METHODS.format(loss=name, optimizer=made))
    return Injected(full + _tail(parse_program(full), name, loss), "methods")


def _free_name(source: str) -> str:
    name, number = "PairedLoss", 2
    while name in source:
        name, number = f"PairedLoss{number}", number + 1
    return name


def _tail(tree: ast.Module, name: str, loss: str) -> str:
    """Return what follows the program: the class of the loss, which is looked up when training begins."""
    has_torch = any(
        alias.name.partition(".")[0] == "torch" and (alias.asname or "torch") == "torch"
        for node in tree.body
        if isinstance(node, ast.Import)
        for alias in node.names
    )
    body = "\n".join(f"        {line}" for line in LOSSES[loss].splitlines())
    return ("" if has_torch else "\nimport torch\n") + _LOSS_CLASS.format(name=name, loss=loss, body=body)


def _edits(tree: ast.Module, text: str, name: str, optimizer: str) -> list[tuple[ast.Call, str]]:
    """Return the calls that make losses and optimizers, and what takes their place; empty where one is not found."""
    losses: list[tuple[ast.Call, str]] = []
    optimizers: list[tuple[ast.Call, str]] = []
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {node for function in functions for statement in function.body for node in ast.walk(statement)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = ast.unparse(call.func).rpartition(".")[2]
        if called in _LOSSES_KNOWN:
            losses.append((call, f"{name}()"))
        elif called in _FUNCTIONS_KNOWN and len(call.args) >= 2:
            given = ", ".join(ast.unparse(argument) for argument in call.args[:2])
            losses.append((call, f"{name}()({given})"))
        elif called in _OPTIMIZERS_KNOWN and call.args:
            optimizers.append((call, _made(call, optimizer)))
        elif called.endswith("Loss") or called == "LBFGS":
            return []
    found = [*losses, *optimizers]
    # What is made as the program is imported does not find a class at its end.
    return found if losses and optimizers and all(call in inside for call, _ in found) else []


def _made(call: ast.Call, optimizer: str) -> str:
    """Return the call of another optimizer with the parameters, rate and momentum of this one."""
    named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    rate = ast.unparse(call.args[1]) if len(call.args) > 1 else named.get("lr", 'prm["lr"]')
    parameters, momentum = ast.unparse(call.args[0]), named.get("momentum", 'prm["momentum"]')
    if len(call.args) > 2 and ast.unparse(call.func).rpartition(".")[2] == "SGD":
        momentum = ast.unparse(call.args[2])
    return OPTIMIZERS[optimizer].format(parameters=parameters, lr=rate, momentum=momentum)


def _replaced(text: str, edits: list[tuple[ast.Call, str]]) -> str:
    """Return `text` with calls replaced; everything else stays, comments included."""
    lines = [line.encode("utf-8") for line in source_lines(text)]
    for call, new in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True):
        first, last = call.lineno - 1, (call.end_lineno or call.lineno) - 1
        joined = lines[first][: call.col_offset] + new.encode("utf-8") + lines[last][call.end_col_offset :]
        lines[first : last + 1] = [joined, *[b""] * (last - first)]
    return b"\n".join(lines).decode("utf-8") + "\n"

"""Another loss and another optimizer in a program's source, which is otherwise left as it is.

A program that trains itself keeps its loop and its schedule: the calls that make loss and optimizer are replaced where
they stand. One in compact form has no such calls, because the box trains it; it is given training methods of its own,
with a constant rate as the networks of LEMUR have them, and so is one whose calls are not understood.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from archwright.contracts.as_run import as_run, replaced
from archwright.contracts.form import compact, complete, find_net, is_compact
from archwright.programs.formatting import parse_program
from archwright.programs.layers import binds_torch
from archwright.programs.scopes import parameter_names

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
    self.criteria = ({loss}(),)
    self.optimizer = {optimizer}

def learn(self, train_data):
    for inputs, labels in train_data:
        self.optimizer.zero_grad()
        loss = self.criteria[0](self(inputs), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters(), 3)
        self.optimizer.step()
"""
_LOSS_CLASS = '''

class {name}(torch.nn.Module):
    """{loss}."""

    def forward(self, input, target):
        logits = input[0] if isinstance(input, (tuple, list)) else input
        labels = target.argmax(1) if target.is_floating_point() else target
{body}
'''
"""Parameters are named as torch's losses name them. Of labels given as one-hot or smoothed vectors (N, C) the likeliest
class counts, whatever the loss: smoothing is not kept where torch's losses do it either."""
_OPTIMIZERS_KNOWN = frozenset({*OPTIMIZERS, "NAdam", "RAdam", "Adamax", "ASGD", "Rprop", "Adafactor", "Muon"})
_LOSSES_KNOWN = frozenset({"CrossEntropyLoss", "NLLLoss"})
_FUNCTIONS_KNOWN = frozenset({"cross_entropy", "nll_loss"})
_FUNCTIONS_OTHER = frozenset(
    {"binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "ctc_loss"}
    | {"gaussian_nll_loss", "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss", "margin_ranking_loss"}
    | {"mse_loss", "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss", "poisson_nll_loss"}
    | {"smooth_l1_loss", "soft_margin_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss"}
)
_CYCLIC = frozenset({"OneCycleLR", "CyclicLR"})
"""Schedules that ask the optimizer for a momentum, which some have not, unless told otherwise."""
_KNOWN = _OPTIMIZERS_KNOWN | _LOSSES_KNOWN | _FUNCTIONS_KNOWN | _FUNCTIONS_OTHER | _CYCLIC | {"LBFGS"}


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
        return Injected(replaced(text, edits) + _tail(tree, name, loss), "in place")
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
    body = "\n".join(f"        {line}" for line in LOSSES[loss].splitlines())
    return ("" if binds_torch(tree) else "\nimport torch\n") + _LOSS_CLASS.format(name=name, loss=loss, body=body)


def _edits(tree: ast.Module, text: str, name: str, optimizer: str) -> list[tuple[ast.Call, str]]:
    """Return the calls that make losses and optimizers, and what takes their place; empty unless all are understood.

    Whether they are does not depend on `optimizer`: what is compared is changed in the same way.
    """
    found: list[tuple[ast.Call, str]] = []
    kinds: set[bool] = set()
    understood: set[ast.expr] = set()
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    given = _inside(each for each in functions if "prm" in parameter_names(each.args))
    aliases = _aliases(tree)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = _last_name(call.func, aliases)
        if called in _CYCLIC and _named(call, "cycle_momentum") == "False":
            understood.add(call.func)
            continue
        is_optimizer = called in _OPTIMIZERS_KNOWN
        new = _made(call, called, optimizer, has_prm=call in given) if is_optimizer else _lost(call, called, name)
        if new is not None:
            found.append((call, new))
            kinds.add(is_optimizer)
            understood.add(call.func)
        elif called.endswith("Loss"):
            return []
    edited = {call for call, _ in found}
    are_apart = all(len(edited & set(ast.walk(call))) == 1 for call in edited)
    # What is made as the program is imported does not find a class at its end.
    is_late = edited <= _inside(functions)
    return found if len(kinds) == 2 and are_apart and is_late and _mentions(tree, aliases) <= understood else []


def _mentions(tree: ast.Module, aliases: Mapping[str, str]) -> set[ast.AST]:
    """Return where a known loss, optimizer or schedule is named, to be called there or anywhere else."""
    return {
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name | ast.Attribute) and _last_name(node, aliases) in _KNOWN)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in _KNOWN)
    }


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Return what is imported under another name: that -> its own."""
    names = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    return {alias.asname: alias.name for alias in names if alias.asname}


def _last_name(node: ast.expr, aliases: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    return node.attr if isinstance(node, ast.Attribute) else ""


def _inside(functions: Iterable[ast.FunctionDef]) -> set[ast.AST]:
    """Return everything in the bodies of `functions`."""
    return {node for function in functions for statement in function.body for node in ast.walk(statement)}


def _named(call: ast.Call, name: str) -> str | None:
    return next((ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == name), None)


def _argument(call: ast.Call, place: int, name: str) -> str | None:
    """Return an argument as it is written; None for one that is not given, or not seen to be."""
    before = call.args[: place + 1]
    if len(before) > place and not any(isinstance(each, ast.Starred) for each in before):
        return ast.unparse(before[place])
    return _named(call, name)


def _lost(call: ast.Call, called: str, name: str) -> str | None:
    """Return the call of our loss in place of one that makes or computes a loss of a batch; None for any other call."""
    if _named(call, "reduction") not in (None, "'mean'", "'sum'"):
        return None
    if called in _LOSSES_KNOWN:
        return f"{name}()"
    logits, labels = _argument(call, 0, "input"), _argument(call, 1, "target")
    return f"{name}()({logits}, {labels})" if called in _FUNCTIONS_KNOWN and logits and labels else None


def _made(call: ast.Call, called: str, optimizer: str, *, has_prm: bool) -> str | None:
    """Return the call of another optimizer with the parameters, rate and momentum of this one.

    None where these are not seen, or not given and no `prm` is there to have them from.
    """
    is_hidden = any(isinstance(each, ast.Starred) for each in call.args) or any(not key.arg for key in call.keywords)
    parameters = _argument(call, 0, "params")
    rate, momentum = _argument(call, 1, "lr"), _named(call, "momentum")
    if called == "SGD":
        momentum = _argument(call, 2, "momentum")
    if is_hidden or parameters is None or not (has_prm or (rate and momentum)):
        return None
    return OPTIMIZERS[optimizer].format(
        parameters=parameters, lr=rate or 'prm["lr"]', momentum=momentum or 'prm["momentum"]'
    )

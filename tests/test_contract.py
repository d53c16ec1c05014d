"""The contract: static checks, the policy, and the two forms of a program."""

import ast
import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.candidate import FailureKind, Stage
from archwright.contracts import MAX_SOURCE_BYTES, check_source, compact, complete, is_compact, source_lines
from archwright.contracts.as_run import as_run
from archwright.starters import SeedNetwork, load_seed_corpus

COMPACT = textwrap.dedent(
    """\
    import torch
    from torch import nn


    class Net(nn.Module):
        def __init__(self, in_shape, out_shape, prm, device):
            super().__init__()
            self.fc = nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

        def forward(self, x):
            return self.fc(torch.flatten(x, 1))
    """
)
FULL = COMPACT + textwrap.dedent(
    """\

        def train_setup(self, prm):
            self.optimizer = torch.optim.SGD(self.parameters(), lr=prm["lr"])

        def learn(self, train_data):
            for inputs, labels in train_data:
                self.optimizer.zero_grad()
                nn.functional.cross_entropy(self(inputs), labels).backward()
                self.optimizer.step()


    def supported_hyperparameters():
        return {"lr"}
    """
)


def only_finding(source: str) -> tuple[Stage, FailureKind, int | None]:
    findings = check_source(source)
    assert len(findings) == 1, findings
    return findings[0].stage, findings[0].kind, findings[0].line


@pytest.mark.parametrize("source", [COMPACT, FULL])
def test_both_forms_are_accepted(source: str) -> None:
    assert check_source(source) == ()


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("", FailureKind.EMPTY, None),
        (" \n\t\n", FailureKind.EMPTY, None),
        ("# a network would go here\n", FailureKind.EMPTY, None),
        ("Sure! Here is a network that reaches 90 % accuracy.", FailureKind.PROSE, None),
        ("The answer is\n\n- use convolutions\n- train it\n", FailureKind.PROSE, None),
        ("x = 1\nclass Net(nn.Module)\n    pass\n", FailureKind.SYNTAX, 2),
        ("import torch\n\x00", FailureKind.ENCODING, 2),
        ("\x7fELF\x02\x01\x01", FailureKind.ENCODING, 1),
        ("import torch\nx = '\udcff'\n", FailureKind.ENCODING, 2),
        ("x = 1\n" * MAX_SOURCE_BYTES, FailureKind.TOO_LARGE, None),
        ("# é\n" * (MAX_SOURCE_BYTES // 4), FailureKind.TOO_LARGE, None),
        ("x = " + "-" * 60_000 + "1", FailureKind.TOO_LARGE, None),
        ("x = a" + ".b" * 60_000, FailureKind.TOO_LARGE, None),
        ("x = " + "(" * 500 + ")" * 500, FailureKind.SYNTAX, 1),
    ],
)
def test_text_that_is_no_program_is_refused_at_parse(source: str, kind: FailureKind, line: int | None) -> None:
    stage, found, where = only_finding(source)
    assert (stage, found) == (Stage.PARSE, kind)
    if kind is not FailureKind.PROSE:
        assert where == line


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_no_text_makes_the_check_raise(text: str) -> None:
    assert all(finding.message for finding in check_source(text))
    assert isinstance(complete(text), str)
    compact(text)


def test_a_missing_net_is_named_with_the_class_to_rename() -> None:
    source = COMPACT.replace("class Net(", "class Model(")
    assert only_finding(source) == (Stage.CONTRACT, FailureKind.MISSING_NET, 5)
    assert "Model" in check_source(source)[0].message


def test_a_net_that_is_no_module_is_refused() -> None:
    source = COMPACT.replace("class Net(nn.Module):", "class Net:")
    assert only_finding(source) == (Stage.CONTRACT, FailureKind.MISSING_NET, 5)


def test_every_missing_method_is_reported_at_once() -> None:
    findings = check_source("from torch import nn\nclass Net(nn.Module):\n    def learn(self, train_data): pass\n")
    assert [finding.kind for finding in findings] == [FailureKind.MISSING_METHOD] * 4
    text = "\n".join(finding.message for finding in findings)
    assert all(name in text for name in ("__init__", "forward", "train_setup", "supported_hyperparameters"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("in_shape, out_shape, prm, device)", "in_shape, out_shape)"),
        ("in_shape, out_shape, prm, device)", "in_shape, out_shape, prm, device, width)"),
        ("forward(self, x)", "forward(self)"),
        ("forward(self, x)", "forward(self, x, mask)"),
        ("forward(self, x)", "forward(x)"),
        ("forward(self, x)", "forward(self, x, *, mask)"),
    ],
)
def test_a_method_we_cannot_call_is_a_bad_signature(old: str, new: str) -> None:
    stage, kind, line = only_finding(COMPACT.replace(old, new))
    assert (stage, kind) == (Stage.CONTRACT, FailureKind.BAD_SIGNATURE)
    assert line in (6, 10)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("in_shape, out_shape, prm, device)", "in_shape, out_shape, prm, device, width=32)"),
        ("in_shape, out_shape, prm, device)", "in_shape: tuple, out_shape: tuple, prm: dict, device, *extra)"),
        ("forward(self, x)", "forward(self, x, mask=None)"),
        ("forward(self, x)", "forward(self, *images)"),
    ],
)
def test_extra_arguments_with_defaults_are_fine(old: str, new: str) -> None:
    assert check_source(COMPACT.replace(old, new)) == ()


@pytest.mark.parametrize("binding", ["{}", "{}: object", "_, {}"])
def test_the_hyper_parameters_may_be_bound_in_any_way(binding: str) -> None:
    own, _, _ = FULL.partition("\n\ndef supported_hyperparameters")
    value = 'None, lambda: {"lr"}' if "," in binding else 'lambda: {"lr"}'
    assert check_source(f"{own}\n\n{binding.format('supported_hyperparameters')} = {value}\n") == ()
    assert check_source(own) != ()


def test_methods_may_be_inherited_from_a_class_in_the_file() -> None:
    source = COMPACT.replace("class Net(", "class Base(") + "\n\nclass Net(Base):\n    pass\n"
    assert check_source(source) == ()


def test_a_base_class_we_cannot_see_is_given_the_benefit_of_the_doubt() -> None:
    assert check_source("from torchvision.models.resnet import ResNet\nclass Net(ResNet):\n    pass\n") == ()


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess",
        "import socket",
        "from os import system",
        "import os.path, shutil; shutil.rmtree(os.path.curdir)",
        "import torch.distributed as dist; dist.barrier()",
        "from torch import hub; hub.list('a')",
        "from torch.utils.data import DataLoader; print(DataLoader([]))",
        "import argparse; print(argparse.ArgumentParser())",
        "try: import ctypes\nexcept ImportError: ctypes = None",
        "import os; system = os.path.os.system",
        "system = torch.os.system",
        "from torch import os",
        "from os.path import os",
        "paths = torch.sys.path",
        "system = getattr(torch, 'os')",
        "data = torch.UntypedStorage.from_file('labels')",
        "data = torch.FloatStorage.from_file('labels')",
        "import numpy as np; data = np.genfromtxt('labels')",
        "from numpy import genfromtxt",
        "import numpy as np; np.zeros(1).tofile('labels')",
        "start = torch.compile\ncompiled = start(nn.Linear(2, 2))",
        "from torch import compile as start\nprint(start)",
        "\u03bfmega = 1",
        "l\u03b1yers = 1",
        "from . import secrets",
        "weights = torch.load('best.pt')",
        "net = torch.hub.load('a', 'b')",
        "text = open('/etc/passwd').read()",
        "def text(): return open('/etc/passwd').read()\ntexts = [text]",
        "def text(): return open('/etc/passwd').read()\ntext = globals()['text']()",
        "exec('1')",
        "names = ().__class__.__base__.__subclasses__()",
        "hook = torch.__builtins__",
        "hook = getattr(nn.Module.forward, '__globals__')",
        "setattr(nn.Module, '__reduce__', None)",
        "import operator; cells = operator.attrgetter('forward.__closure__')(nn.Module)",
        "from operator import methodcaller as call; loaded = call('_load', 1)(nn.Module)",
        "from operator import attrgetter; load = attrgetter('load')(torch)",
        "import typing; kinds = typing.get_type_hints(Net)",
        "from inspect import get_annotations; kinds = get_annotations(Net)",
        "import inspect; shape = inspect.signature(Net, eval_str=True)",
        "import inspect; module = inspect.getmodule(Net)",
        "module = torch._utils._import_dotted_name('sys')",
        "import inspect; frame = inspect.currentframe()",
        "code = nn.Module.forward.__code__.co_code",
        "from torch.serialization import load",
        "class At: __array_interface__ = {'data': (0, False), 'shape': (1,), 'typestr': '<i8', 'version': 3}",
        "class At:  __slots__ = ('__array_interface__',)",
        "def __array_struct__(self): pass",
        "at = type('At', (), dict(__array_interface__={}))",
        "at = np.lib._stride_tricks_impl.DummyArray({})",
        "part = torch.ops.inductor._reinterpret_tensor",
        "make = torch._C._construct_storage_from_data_pointer",
        "number = 9**9**9",
        "number = 1 << 10**9",
        "number = 10**10**7 % 7",
        "text = 'ab' * 10**9",
        "items = 2**30 * [0]",
        "rows = [[0] * 1000] * 10**8",
        "text = ('x' * 10**4) * 10**4",
        "value = " + "-" * 300 + "1",
        "note = 'access\u202e level'",
        "note = 1  # \u2066hidden\u2069",
        "note = 1  # hid\u200cden",
        "note = 1  # \u0645\u200c\u200d\u062e",
        "l\u0430yers = 4",
        "def helper(\u0455ize): pass",
        "\u0445, \u0441\u043e\u0440\u0435 = 1, 2",
        "f\u4e28atten = 1",
        "h\u0131dden = 1",
        "h\u0131\u0307dden = 1",
        "hi\u0307dden = 1",
        "_\u0302 = 1",
        "x\u0663 = 1",
    ],
)
def test_the_policy_names_what_a_network_has_no_business_doing(line: str) -> None:
    findings = check_source(COMPACT.replace("from torch import nn\n", f"from torch import nn\n{line}\n"))
    assert {(f.stage, f.kind, f.line) for f in findings} == {(Stage.POLICY, FailureKind.FORBIDDEN, 3)}
    assert all("not allowed" in f.message for f in findings)


@pytest.mark.parametrize("getter", ["attrgetter('a' + name)", "methodcaller(*names)", "attrgetter"])
def test_what_is_looked_up_by_text_is_written_out(getter: str) -> None:
    line = f"import operator; find = operator.{getter}"
    (finding,) = check_source(COMPACT.replace("from torch import nn\n", f"from torch import nn\n{line}\n"))
    assert (finding.kind, finding.line) == (FailureKind.FORBIDDEN, 3)
    assert "only allowed with names written out" in finding.message


@pytest.mark.parametrize(
    "line",
    [
        "import os\nhome = os.environ.get('HOME')",
        "import numpy as np\nfrom typing import List\nimport math, random, functools",
        "try:\n    import apex\nexcept ImportError:\n    apex = None",
        "def block(input):\n    return input",
        "from torch.utils.data import DataLoader",
        "from torch.hub import load_state_dict_from_url\nimport torch.distributed as dist",
        "import os\ndef save(net, path):\n    os.makedirs(path)\n    torch.save(net, path + '/net.pt')",
        "from torch.utils.data import DataLoader\ndef loader(data): return DataLoader(data)\ndef run(): loader([])",
        "import torch.utils.data",
        "from pathlib import Path\nimport argparse, math\nfrom tqdm import tqdm\nimport matplotlib.pyplot as plt",
        "\u03b1 = 0.1; \u0394t, \u03bb_1, \u03c3 = \u03b1, 2 * \u03b1, 3",
        "def b\u00e9ton(gr\u00f6\u00dfe_1): pass",
        "x\u03020, \u03b8\u0302, x\u0304, \u1e91, \u1e8b, w\u0303_t = range(6)",
        "\u5377\u79ef_1, \u7279\u5fb4\u91cf = 1, 2; \u30d6\u30ed\u30c3\u30af = \ud569\uc131\uacf1 = 3",
        "\u0441\u043b\u043e\u0439_conv = \u0432\u044b\u0445\u043e\u0434 = 1",
        "def from_file(x): return x\nvalue = from_file(1)",
        "is_scripting = torch.jit.is_scripting()",
        "name = nn.Linear.__name__",
        "field = getattr(nn, 'Linear')",
        "from operator import attrgetter, methodcaller; sizes = map(attrgetter('shape'), [])",
        "wide = 2**20 + 10 * 10 ** 6; text = '-' * 80; mask = 1 << 30; rows = [0] * 10_000",
        "# r\u00e9seau de neurones, \u795e\u7ecf\u7f51\u7edc, \u00b5 = 0.1",
        "note = '\U0001f468\u200d\U0001f469'  # \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "value = " + " + ".join(["1"] * 150),
    ],
)
def test_the_policy_leaves_honest_programs_alone(line: str) -> None:
    assert check_source(COMPACT.replace("from torch import nn\n", f"from torch import nn\n{line}\n")) == ()


@pytest.mark.parametrize(
    ("method", "line", "word"),
    [
        ("            super().__init__()", "self.opt = torch.optim.SGD(self.parameters(), 0.1)", "__init__"),
        (
            "            super().__init__()",
            "from torch.optim import Adam; self.opt = Adam(self.parameters())",
            "__init__",
        ),
        ("        def forward(self, x):", "    x.sum().backward()", "backward in forward"),
        ("        def forward(self, x):", "    torch.optim.SGD(self.parameters(), 0.1).step()", "forward"),
    ],
)
def test_a_network_trains_in_learn_and_nowhere_else(method: str, line: str, word: str) -> None:
    method, indent = method[4:], " " * (len(method) - len(method.lstrip()) - 4)
    (finding,) = check_source(COMPACT.replace(method, f"{method}\n{indent}{line}", 1))
    assert (finding.stage, finding.kind) == (Stage.POLICY, FailureKind.FORBIDDEN)
    assert word in finding.message
    assert "learn" in finding.message
    assert check_source(FULL) == ()


@pytest.mark.parametrize(
    "line",
    [
        "self.opt: torch.optim.Optimizer | None = None",
        "self.kind = torch.optim.AdamW",
        "from torch.optim.swa_utils import AveragedModel; self.mean = AveragedModel(nn.Linear(2, 2))",
    ],
)
def test_a_network_may_name_optimizers_and_hold_averages(line: str) -> None:
    first = "        super().__init__()"
    assert first in COMPACT
    assert check_source(COMPACT.replace(first, f"{first}\n        {line}", 1)) == ()


@pytest.mark.parametrize(
    "line",
    [
        "node = torch.zeros(1).grad_fn",
        "print(getattr(torch.zeros(1), 'grad_fn'))",
        "seen = torch.zeros(1).grad_fn or 0",
    ],
)
def test_a_network_may_look_at_its_graph(line: str) -> None:
    first = "        super().__init__()"
    assert check_source(COMPACT.replace(first, f"{first}\n        {line}", 1)) == ()


def test_a_path_may_be_named_and_no_file_be_handled() -> None:
    named = "from pathlib import Path\n" + COMPACT.replace(
        "class Net", "ROOT = Path('runs') / 'one'\nprint(ROOT.name)\n\n\nclass Net"
    )
    assert check_source(named) == ()
    for handles in ("read_text()", "write_bytes(b'')", "mkdir()", "touch()", "unlink()"):
        (finding,) = check_source(named.replace("ROOT.name", f"ROOT.{handles}"))
        assert (finding.stage, finding.kind) == (Stage.POLICY, FailureKind.FORBIDDEN)


def test_findings_of_all_stages_come_together_in_order() -> None:
    findings = check_source("import socket\nimport subprocess\nclass Model:\n    pass\n")
    assert [f.stage for f in findings] == [Stage.POLICY, Stage.POLICY, Stage.CONTRACT]


def test_a_compact_program_is_recognised() -> None:
    assert is_compact(COMPACT)
    assert not is_compact(FULL)
    assert not is_compact("this is prose")


@pytest.mark.parametrize(
    "tail",
    ["", "\n\nHEADS = 4\n", "\n\nclass Helper(nn.Module):\n    pass\n", "\n# the end", "\n        # deep comment\n"],
)
def test_completion_keeps_every_line_in_place_and_adds_the_training(tail: str) -> None:
    source = COMPACT + tail
    full = complete(source)
    assert full.splitlines()[: len(source.splitlines())] == source.splitlines()
    assert check_source(full) == ()
    assert not is_compact(full)
    assert complete(full) == full
    assert compact(full) is not None


def test_completion_writes_the_methods_into_the_class() -> None:
    tree = ast.parse(complete(COMPACT))
    net = next(node for node in tree.body if isinstance(node, ast.ClassDef))
    names = [node.name for node in net.body if isinstance(node, ast.FunctionDef)]
    assert names == ["__init__", "forward", "train_setup", "learn"]


@pytest.mark.parametrize("indent", ["  ", "\t"])
def test_completion_follows_the_indentation_of_the_program(indent: str) -> None:
    source = COMPACT.replace("    ", indent)
    assert check_source(complete(source)) == ()
    assert f"\n{indent}def learn(self, train_data):" in complete(source)


def test_completion_imports_what_the_training_needs() -> None:
    source = COMPACT.replace("import torch\nfrom torch import nn\n", "import torch.nn as layers\nimport torch as t\n")
    source = source.replace("nn.", "layers.").replace("torch.flatten", "t.flatten")
    namespace: dict[str, object] = {}
    exec(compile(complete(source), "net", "exec"), namespace)
    assert {"torch", "nn"} <= set(namespace)


def test_completion_leaves_full_programs_and_prose_alone() -> None:
    assert complete(FULL) == FULL
    assert complete("Here is your network:") == "Here is your network:"


def test_compacting_undoes_completion() -> None:
    assert compact(complete(COMPACT)) == COMPACT
    assert compact(FULL) == COMPACT
    assert compact(COMPACT) == COMPACT


def test_there_is_nothing_to_compact_without_a_net() -> None:
    assert compact("x = 1\n") is None
    assert compact("no program at all") is None


@pytest.mark.parametrize("network", load_seed_corpus(), ids=lambda network: network.name)
def test_every_seed_network_passes_completes_and_comes_back(network: SeedNetwork) -> None:
    source = network.program.source
    assert check_source(source) == ()
    assert is_compact(source)
    assert check_source(complete(source)) == ()
    assert compact(complete(source)) == source


def test_a_finding_is_made_once_a_line() -> None:
    findings = check_source(COMPACT.replace("import torch\n", "import torch; from socket import AF_INET, socket\n", 1))
    assert [finding.line for finding in findings] == [1]


@pytest.mark.parametrize("blank", ["\x0c", "\x0b", "\u2028"])
def test_what_python_takes_for_no_line_end_moves_no_line(blank: str) -> None:
    source = COMPACT.replace("        super()", f"        # {blank}\n        super()")
    completed = complete(source)
    assert source_lines(completed)[: len(source_lines(source))] == source_lines(source)
    assert not is_compact(completed)


def test_a_method_by_another_name_is_a_method() -> None:
    alias = COMPACT.replace("def forward(self, x)", "def _impl(self, x)") + "\n    forward = _impl\n"
    assert check_source(alias) == ()
    assert is_compact(alias)
    wrong = COMPACT.replace("def forward(self, x)", "def _impl(self)") + "\n    forward = _impl\n"
    assert only_finding(wrong)[1] is FailureKind.BAD_SIGNATURE
    nothing = COMPACT.replace("def forward(self, x)", "def _impl(self, x)")
    assert only_finding(nothing)[1] is FailureKind.MISSING_METHOD
    trained = (
        f"{COMPACT}\n    def _fit(self, train_data): pass\n    def train_setup(self, prm): pass\n    learn = _fit\n"
    )
    assert not is_compact(trained)


def test_a_network_that_compiles_itself_is_no_layer_of_its_own() -> None:
    source = "import torch\nclass Net(torch.nn.Module):\n    def train_setup(self, prm):\n        {}\n"
    kept = as_run(source.format("self.fast = torch.compile(self, mode='default')"))
    assert "self.fast = self.__call__" in kept
    assert "model = self\n" in as_run(source.format("model = torch.compile(self)"))
    assert "self.body = self.body\n" in as_run(source.format("self.body = torch.compile(self.body)"))


@pytest.mark.parametrize("module", ["datetime", "decimal", "hashlib", "struct", "textwrap", "tqdm"])
def test_harmless_modules_may_be_used(module: str) -> None:
    assert check_source(f"import {module}\nprint({module}.__name__)\n{COMPACT}") == ()


_UNITS = {
    "questions of types": ("", "isinstance(0, int)\n"),
    "getters": ("from operator import attrgetter\n", "attrgetter('real')(0)\n"),
    "parsers": ("from argparse import ArgumentParser\n", "p{n} = ArgumentParser()\n"),
    "lambdas": ("", "lambda: 0\n"),
}


@pytest.mark.parametrize(("before", "unit"), _UNITS.values(), ids=_UNITS)
def test_the_longest_program_is_read_in_seconds(before: str, unit: str) -> None:
    """Each took minutes: something was done for every statement that looked at every other one."""
    net = "import torch\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return x\n"
    length = MAX_SOURCE_BYTES - len(before) - len(net) - 6 * MAX_SOURCE_BYTES // len(unit)
    source = before + net + "".join(unit.replace("{n}", str(n)) for n in range(length // len(unit)))
    began_s = time.process_time()
    check_source(source)
    assert time.process_time() - began_s < 15

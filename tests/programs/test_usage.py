"""What models write into and after a network that was written well: left out or understood, never the network's end."""

import ast

import pytest

from archwright.candidate import FailureKind
from archwright.contracts import check_source, complete, is_compact
from archwright.contracts.as_run import as_run
from archwright.programs.extraction import extract_program
from archwright.programs.repair import repair

NET = """\
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.head = nn.Linear(8, out_shape[0])

    def forward(self, x):
        x = F.relu(self.conv(x))
        return self.head(x.mean((2, 3)))
"""
IMPORTS, CLASS = NET.split("\n\n\n", 1)
CNN = NET.replace("Net", "SmallCNN")
BLOCK = """\


class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.conv = nn.Conv2d(a, b, 3, padding=1)

    def forward(self, x):
        return self.conv(x)
"""
WITH_BLOCK = CNN.partition("\n\n\n")[2].replace("nn.Conv2d(in_shape[1], 8, 3, padding=1)", "Block(in_shape[1], 8)")
MADE = "return nn.Sequential(nn.Conv2d(in_shape[1], 8, 3), nn.Flatten(), nn.LazyLinear(out_shape[0]))\n"
FUNCTIONAL = "import torch.nn.functional as F\n\n\n"
USE = "model = Net((1, 3, 8, 8), (10,), {}, 'cpu')\n"
UNDERSTOOD = {
    "another name": CNN,
    "another name, with a block": f"{IMPORTS}\n{BLOCK}\n\n{WITH_BLOCK}",
    "another name, used": f"{CNN}\nmodel = SmallCNN((1, 3, 8, 8), (10,), {{}}, 'cpu')\nprint(model)\n",
    "lower case": NET.replace("Net", "net"),
    "a factory under another name": f"{IMPORTS}\n\n\ndef build_model(in_shape, out_shape, prm, device):\n    {MADE}",
    "super of the name before": NET.replace("super()", "super(SmallCNN, self)"),
    "two kinds of indentation": NET.replace("        self.head", "\tself.head"),
    "a class attribute": NET.replace("    def __init", "    width: int = 8\n\n    def __init", 1),
    "dataclass": f"from dataclasses import dataclass\n{IMPORTS}\n\n\n@dataclass\nclass C:\n    w: int = 8\n\n\n{CLASS}",
    "every name of torch.nn": f"from torch.nn import *\n{FUNCTIONAL}" + CLASS.replace("nn.", ""),
    "torch.nn by another name": f"import torch.nn as t\n{FUNCTIONAL}" + CLASS.replace("nn.", "t."),
    "Module by another name": f"{IMPORTS}\nLayer = nn.Module\n\n\n{CLASS.replace('nn.Module', 'Layer')}",
    "a base class": f"{CNN}\n\nclass Net(SmallCNN):\n    pass\n",
    "unused torchvision": f"import torchvision\nfrom torchvision import datasets, transforms\n{NET}",
    "unused tensorflow": f"import tensorflow as tf\nfrom tensorflow.keras import layers\n{NET}",
    "unused timm and glob": f"import timm, glob\n{NET}",
}  # fmt: skip
LEFT_OUT = {
    "a network": "net = Net(in_shape, out_shape, prm, device)\nprint(net)\n",
    "a network without arguments": "model = Net().to('cuda')\nmodel.summary()\n",
    "training": USE + "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
    "for epoch in range(10):\n    for x, y in train_loader:\n        loss = F.cross_entropy(model(x), y)\n"
    "        loss.backward()\n        optimizer.step()\n",
    "a function that trains it": USE + "\n\ndef run():\n    return model(1)\n\n\nrun()\n",
    "saving": USE + "torch.save(model.state_dict(), 'net.pt')\n",
    "a trace": "scripted = torch.jit.script(Net((1, 3, 8, 8), (10,), {}, 'cpu'))\n",
    "an assertion": "assert Net((1, 3, 8, 8), (10,), {}, 'cpu')(torch.ones(1, 3, 8, 8)).shape == (1, 10)\n",
    "a guarded test": "try:\n    print(Net())\nexcept Exception as error:\n    print(error)\n",
    "a comprehension": "counts = [p.numel() for p in Net((1, 3, 8, 8), (10,), {}, 'cpu').parameters()]\n",
}  # fmt: skip


@pytest.mark.parametrize("source", UNDERSTOOD.values(), ids=list(UNDERSTOOD))
def test_a_network_written_another_way_is_understood(source: str) -> None:
    repaired = repair(extract_program(f"```python\n{source}```")).source
    assert check_source(repaired) == ()
    assert is_compact(repaired)
    namespace: dict[str, object] = {"__name__": "candidate"}
    exec(compile(complete(repaired), "candidate", "exec"), namespace)
    make = namespace["Net"]
    assert isinstance(make, type)
    make((2, 3, 8, 8), (10,), {"lr": 0.1, "momentum": 0.9}, "cpu")


@pytest.mark.parametrize("rest", LEFT_OUT.values(), ids=list(LEFT_OUT))
@pytest.mark.parametrize("head", ["", "from torchvision import datasets\n"])
def test_what_a_script_does_with_its_network_is_left_out(rest: str, head: str) -> None:
    answer = f"```python\n{head}{NET}\n\n{rest}```"
    assert ast.unparse(ast.parse(extract_program(answer))) == ast.unparse(ast.parse(head + NET))


def test_a_loader_before_the_network_is_left_out() -> None:
    head = "from torch.utils.data import DataLoader\nfrom torchvision import datasets\n"
    data = "train = datasets.CIFAR10('data', download=True)\nloader = DataLoader(train, batch_size=64)\n\n\n"
    program = extract_program(f"```python\n{head}{IMPORTS}\n{data}{CLASS}```")
    assert "datasets.CIFAR10" not in program
    assert check_source(program) == ()


@pytest.mark.parametrize(
    "line",
    [
        "Net.width = 8",
        "shape = (1, 3, 8, 8)",
        "def weights(net):\n    return [p for p in net.parameters()]",
        "torch.manual_seed(0)",
    ],
)
def test_what_does_not_follow_from_the_network_stays(line: str) -> None:
    source = f"{NET}\n\n{line}\n"
    assert extract_program(f"```python\n{source}```") == source


def test_what_the_network_needs_stays_whatever_it_is_made_of() -> None:
    source = f"{NET.replace('(x.mean', '(SCALE * x.mean')}\n\nSCALE = len(str(Net))\nSHAPE = Net.__name__\n"
    assert extract_program(f"```python\n{source}```") == source
    bound = f"{NET.replace('(x.mean', '(SCALE * x.mean')}\n\nSCALE = len(str(Net((1, 3, 8, 8), (10,), {{}}, 'cpu')))\n"
    assert extract_program(f"```python\n{bound}```") == bound


@pytest.mark.parametrize("order", ["out_shape, in_shape, prm, device", "in_shape, out_shape, device, prm"])
def test_arguments_in_another_order_are_refused_with_the_line_and_the_right_one(order: str) -> None:
    (finding,) = check_source(NET.replace("in_shape, out_shape, prm, device", order))
    assert (finding.kind, finding.line) == (FailureKind.BAD_SIGNATURE, 7)
    assert "__init__(self, in_shape, out_shape, prm, device); write it so" in finding.message


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        (
            f"{IMPORTS}\n\n\nclass A(nn.Module):\n    def __init__(self, classes):\n        pass\n",
            6,
            "rename the class A",
        ),
        (f"{IMPORTS}\n\n\ndef make(classes):\n    return nn.Sequential(nn.Linear(8, classes))\n", 6, "what make holds"),
        (f"{IMPORTS}\n\nmodel = nn.Sequential(nn.Flatten(), nn.Linear(8, 10))\n", 5, "what model holds as a class Net"),
    ],
)
def test_a_network_of_another_kind_is_refused_by_name_with_its_line(source: str, line: int, said: str) -> None:
    (finding,) = check_source(repair(extract_program(f"```python\n{source}```")).source)
    assert (finding.kind, finding.line) == (FailureKind.MISSING_NET, line)
    assert said in finding.message


@pytest.mark.parametrize(
    ("written", "run"),
    [
        ("self.a = nn.Conv2d(1, 2, 3).cuda()", "nn.Conv2d(1, 2, 3).to({gpu})"),
        ("self.a = nn.Linear(1, 2, device='cuda')", "nn.Linear(1, 2, device={gpu})"),
        ("self.a = nn.Linear(1, 2).to('cuda:0')", "nn.Linear(1, 2).to({gpu})"),
        ("self.a = torch.device(\"cuda\")", "torch.device({gpu})"),
        ("self.a = nn.Linear(1, 2).cuda(0)", "nn.Linear(1, 2).cuda(0)"),
        ("self.a = 'cuda'", "'cuda'"),
    ],
)  # fmt: skip
def test_a_gpu_by_name_is_one_if_there_is_any(written: str, run: str) -> None:
    wanted = run.format(gpu="'cuda' if torch.cuda.is_available() else 'cpu'")
    lines = as_run(NET.replace("        self.conv", f"        {written}\n        self.conv", 1)).split("\n")
    assert ast.unparse(ast.parse(lines[8].strip())) == f"self.a = {wanted}"
    assert lines[9] == "        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)"

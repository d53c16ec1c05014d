"""Forms in which people write a network around the class we ask for: understood, or refused with line and remedy."""

import textwrap
from pathlib import Path

import pytest
import torch

from archwright.candidate import FailureKind, Stage
from archwright.contracts import check_source, complete, is_compact
from archwright.contracts.as_run import as_run
from archwright.evaluation.direct import read_program
from archwright.programs.repair import repair
from archwright.reading import decode_source
from archwright.testing.programs import GOOD

MODEL = """\
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.head = nn.Linear(in_shape[1], out_shape[0])

    def forward(self, x):
        return self.head(x.mean((2, 3)))


"""
NET = MODEL.replace("Model", "Net")
HEAD = "import torch\nfrom torch import nn\n"
FACTORY = "def Net(in_shape, out_shape, prm, device):\n    return Model(in_shape, out_shape, prm, device)\n"
FORMS = {
    "alias": MODEL + "Net = Model\n",
    "annotated alias": MODEL + "Net: type = Model\n",
    "factory": MODEL + FACTORY,
    "factory with other names": MODEL + "def Net(a, b, c, d=None):\n    net = Model(a, b, c, d)\n    return net\n",
    "factory under another name": MODEL + FACTORY.replace("def Net", "def make") + "\n\nNet = make\n",
    "lambda": MODEL + "Net = lambda *given: Model(*given)\n",
    "partial": MODEL + "from functools import partial\n\nNet = partial(Model)\n",
    "DataParallel": NET + "Net = nn.DataParallel(Net)\n",
    "DataParallel of another": MODEL + "Net = torch.nn.DataParallel(Model)\n",
    "DataParallel, imported": NET + "from torch.nn import DataParallel\n\nNet = DataParallel(Net, device_ids=[0])\n",
    "DataParallel, where there are GPUs": NET + "if torch.cuda.device_count() > 1:\n    Net = nn.DataParallel(Net)\n",
    "compiled": NET + "Net = torch.compile(Net)\n",
    "main block": NET + 'if __name__ == "__main__":\n    import argparse\n    torch.save(Net, "net.pt")\n',
    "unused imports": "from pathlib import Path\nimport argparse, os\n" + NET,
    "an alias of an alias": MODEL + "ResNet = Model\nNet = ResNet\n",
    "an alias among others": MODEL + "Net, width = Model, 8\n",
    "aliases in branches": MODEL + "if torch.cuda.is_available():\n    Net = Model\nelse:\n    Net = Model\n",
    "a class in a branch": HEAD
    + "if hasattr(nn, 'Linear'):\n"
    + textwrap.indent(NET[len(HEAD) :], "    ")
    + "else:\n    Net = None\n",
    "a class in a try": HEAD + "try:\n" + textwrap.indent(NET[len(HEAD) :], "    ") + "except NameError:\n    raise\n",
    "another device": NET.replace("        self.head", "        self.to('mps')\n        self.head"),
    "a default device": NET.replace(HEAD, HEAD + "torch.set_default_device('cuda')\n"),
    "a command of a script": "import click\nimport fire\n"
    + NET
    + "@click.command()\ndef main():\n    print(1)\n\n\n"
    + 'if __name__ == "__main__":\n    main()\n    fire.Fire(Net)\n',
    "BOM": "\ufeff" + NET,
}
REFUSED = {
    "an object": (MODEL + "Net = Model((1, 1, 8, 8), (10,), {}, 'cpu')\n", 14),
    "a class of others": (MODEL + "import torchvision\nNet = torchvision.models.ResNet\n", 15),
    "a choice": (MODEL + "Net = Model if torch else None\n", 14),
    "a factory of other arguments": (MODEL + "def Net(classes=10):\n    return Model(classes)\n", 14),
}


@pytest.mark.parametrize("source", FORMS.values(), ids=list(FORMS))
def test_a_form_is_understood(source: str) -> None:
    assert check_source(source) == ()
    assert is_compact(source)
    full = complete(source)
    assert check_source(full) == ()
    net = _built(full)
    assert {"train_setup", "learn", "forward"} <= set(dir(net))


def _built(full: str) -> object:
    namespace: dict[str, object] = {"__name__": "candidate"}
    exec(compile(full, "candidate", "exec"), namespace)
    make = namespace["Net"]
    assert isinstance(make, type)
    return make((2, 1, 8, 8), (10,), {"lr": 0.1, "momentum": 0.9}, "cpu")


@pytest.mark.parametrize(("source", "line"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_not_understood_is_refused_by_name_with_its_line(source: str, line: int) -> None:
    (finding,) = check_source(source)
    assert finding.stage is Stage.CONTRACT
    assert finding.line == line
    assert "Net" in finding.message
    assert "write" in finding.message


@pytest.mark.parametrize("source", FORMS.values(), ids=list(FORMS))
def test_lines_keep_their_numbers(source: str) -> None:
    own, run = source.removeprefix("\ufeff").split("\n"), as_run(source).split("\n")
    place = next(number for number, line in enumerate(own) if line.strip() == "super().__init__()")
    assert run[place] == own[place]


def test_a_program_without_these_forms_is_run_as_it_is() -> None:
    assert as_run(NET) == NET
    assert as_run(GOOD.source) == GOOD.source
    assert repair(NET).source == NET


def test_a_base_class_that_trains_itself_is_left_to() -> None:
    training = "    def train_setup(self, prm): pass\n\n    def learn(self, train_data): pass\n\n\n"
    tail = "Net = Model\n\n\ndef supported_hyperparameters():\n    return set()\n"
    source = MODEL.rstrip() + "\n\n" + training + tail
    assert check_source(source) == ()
    assert not is_compact(source)


def test_a_class_inside_another_statement_is_refused_with_its_line() -> None:
    (finding,) = check_source(
        "import torch\nfrom torch import nn\nif torch:\n    class Net(nn.Module):\n        pass\n"
    )
    assert (finding.kind, finding.line) == (FailureKind.MISSING_NET, 4)


@pytest.mark.parametrize(
    ("data", "comment"),
    [
        (b"\xef\xbb\xbf# r\xc3\xa9seau\n", "réseau"),
        (b"# -*- coding: latin-1 -*-\n# r\xe9seau\n", "réseau"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n# r\xe9seau\n", "réseau"),
        (b"# coding: utf-8\n# r\xc3\xa9seau\n", "réseau"),
        ("# coding: gbk\n# 网络\n".encode("gbk"), "网络"),
    ],
)
def test_a_file_is_read_as_python_reads_it(tmp_path: Path, data: bytes, comment: str) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(data + NET.encode())
    source = read_program(path).source
    assert comment in source
    assert check_source(source) == ()
    path.write_text(source, "utf-8")
    assert read_program(path).source == source


def test_bytes_that_python_refuses_are_kept_for_the_check_to_name() -> None:
    findings = check_source(decode_source(b"# r\xe9seau\n" + NET.encode()))
    assert [finding.kind for finding in findings] == [FailureKind.ENCODING]
    assert decode_source(b"# coding: rot13\n").startswith("# coding")


@pytest.mark.parametrize("codec", ["punycode", "unicode_escape", "raw_unicode_escape", "utf-7"])
def test_a_codec_that_is_no_encoding_of_text_is_not_used(codec: str) -> None:
    data = f"# coding: {codec}\nx = '+AGE-\\u0041'\n-aaaa".encode()  # punycode takes hours for a file of some MB
    assert decode_source(data) == data.decode()


@pytest.mark.parametrize("codec", ["koi8-r", "cp1251", "iso-8859-5", "mac-cyrillic", "windows-1251", "utf_8"])
def test_the_encodings_that_people_write_in_are_read(codec: str) -> None:
    assert "сеть" in decode_source(f"# coding: {codec}\n# сеть\n".encode(codec))


SCRIPTS = {
    "torch.compile around a layer": NET.replace("nn.Linear(in_", "torch.compile(nn.Linear(in_").replace(
        "[0])", "[0]))"
    ),
    "torch.compile with a mode": NET.replace("nn.Linear(in_", 'torch.compile(mode="default")(nn.Linear(in_').replace(
        "[0])", "[0]))"
    ),
    "torch.compile by keyword, inside another": NET.replace(
        "nn.Linear(in_", "torch.compile(model=nn.Sequential(torch.compile(nn.Identity()), nn.Linear(in_"
    ).replace("[0])", "[0])), dynamic=True)"),
    "compile, imported": NET.replace("from torch import nn", "from torch import compile as fast, nn").replace(
        "self.head(x", "fast(self.head)(x"
    ),
    "a compiled forward": NET.replace("    def forward", '    @torch.compile(mode="default")\n    def forward'),
    "a compiled class": NET.replace("class Net", "@torch.compile\nclass Net"),
    "a layer that compiles itself": NET.replace("    def forward", "        self.head.compile()\n\n    def forward"),
    "functions of a script": NET
    + "def load(path):\n    return open(path)\n\n\ndef main():\n    torch.save(load('x'), 'y')\n\n\n"
    + 'if __name__ == "__main__":\n    main()\n',
    "types of a script": "from pathlib import Path\nimport torch.utils.data\n"
    + NET.replace("self, x)", "self, x: torch.Tensor, path: Path | None = None, data: 'Path' = None)")
    + "def helper(data: torch.utils.data.DataLoader) -> Path:\n    return data\n",
    "constants of a script": "import argparse\nfrom pathlib import Path\nimport torchvision.transforms as transforms\n"
    + "parser = argparse.ArgumentParser()\nparser.add_argument('--lr', type=float)\n"
    + "RUNS: Path = Path('runs')\nRUN = RUNS / 'one'\nshown = transforms.Compose([transforms.ToTensor()])\n"
    + NET
    + "def main():\n    print(parser.parse_args(), RUN)\n\n\nif __name__ == '__main__':\n    main()\n",
    "a data set of a script": "import os\nfrom torch.utils.data import DataLoader, Dataset\n"
    + NET.replace("self, x):", "self, x):\n        assert isinstance(x, DataLoader)")
    + "class Photos(Dataset):\n    def __init__(self, root):\n        self.files = os.listdir(root)\n",
}


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=list(SCRIPTS))
def test_what_a_script_adds_to_a_network_is_left_out(source: str) -> None:
    assert check_source(source) == ()
    assert is_compact(source)
    net = _built(complete(source))
    assert isinstance(net, torch.nn.Module)
    assert net(torch.ones(2, 1, 8, 8)).shape == (2, 10)


def test_a_call_over_several_lines_keeps_what_follows_where_it_was() -> None:
    source = NET.replace(
        "nn.Linear(in_shape[1], out_shape[0])", "torch.compile(\n            nn.Linear(1, 10)\n        )"
    )
    run = as_run(source).split("\n")
    assert run[7] == "        self.head = nn.Linear(1, 10)"
    assert run.index("    def forward(self, x):") == source.split("\n").index("    def forward(self, x):")


@pytest.mark.parametrize(
    "used",
    [
        "load = torch.compile\n",
        'import pathlib\n\nprint(pathlib.Path("x").read_text())\n',
        "import argparse\n\nwidth = argparse.ArgumentParser().parse_args().width\nprint(width)\n",
        "import argparse\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--width')\nprint(parser)\n",
        "def load():\n    return open('x')\n\n\nload()\nif __name__ == '__main__':\n    load()\n",
    ],
)
def test_what_a_program_itself_uses_is_still_refused(used: str) -> None:
    (finding, *_) = check_source(NET + used)
    assert finding.kind is FailureKind.FORBIDDEN

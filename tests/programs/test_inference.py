import pytest
import torch

from archwright.programs.inference import infer_inputs
from archwright.starters import load_seed_corpus


def shapes(source: str) -> dict[str, torch.Size]:
    names: dict[str, type[torch.nn.Module]] = {}
    exec(compile(source, "network", "exec"), names)
    net = names["Net"]((2, 3, 32, 32), (10,), {}, None)
    assert net(torch.rand(2, 3, 32, 32)).shape == (2, 10)
    return {name: value.shape for name, value in net.state_dict().items()}


@pytest.mark.parametrize("network", load_seed_corpus()[::4], ids=lambda network: network.name)
def test_the_first_forward_pass_makes_the_same_network(network) -> None:  # type: ignore[no-untyped-def]
    source = infer_inputs(network.program.source)
    assert "nn.LazyLinear(out_shape[0])" in source
    assert shapes(source) == shapes(network.program.source)
    assert infer_inputs(source) == source


NET = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        classes = out_shape[0]
        width = 8 * in_shape[2] * in_shape[3]
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.hidden = nn.Linear(width, 16)
        self.head = nn.Linear(16, classes, bias=False)

    def forward(self, x):
        return self.head(self.hidden(self.conv(x).flatten(1)))
"""


def test_only_the_layer_with_one_output_a_class_changes() -> None:
    changed = infer_inputs(NET)
    assert "self.hidden = nn.Linear(width, 16)" in changed
    assert "self.head = nn.LazyLinear(classes, bias=False)" in changed


def test_what_only_the_inputs_needed_goes_with_them() -> None:
    direct = NET.replace("        self.hidden = nn.Linear(width, 16)\n", "").replace(
        "self.hidden(self.conv(x).", "(self.conv(x)."
    )
    changed = infer_inputs(direct.replace("nn.Linear(16, classes", "nn.Linear(width, classes"))
    assert "width" not in changed
    assert shapes(changed)


@pytest.mark.parametrize(
    "source",
    [
        NET.replace("super().__init__()", "super().__init__()\n        self.apply(print)"),
        NET.replace("return ", "print(self.head.weight)\n        return "),
        NET.replace("16, classes", "16, 10"),
        NET.replace("nn.Linear(16, classes", "Linear(16, classes"),
        "class Net(",
    ],
)
def test_a_program_that_needs_its_weights_or_none_we_know_is_left_alone(source: str) -> None:
    assert infer_inputs(source) == source

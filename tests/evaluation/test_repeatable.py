"""Which networks do the same at every step, as their text shows."""

import pytest

from archwright.evaluation.repeatable import is_repeatable
from archwright.starters import load_seed_corpus
from archwright.testing.programs import GOOD
from archwright.testing.programs import network_with as net


def test_ordinary_networks_are_repeatable() -> None:
    assert is_repeatable(GOOD.source)
    refused = [network.name for network in load_seed_corpus() if not is_repeatable(network.program.source)]
    assert refused == []


@pytest.mark.parametrize(
    "forward",
    [
        "found = []\nfound.append(y)\ny = found[0]",
        "y[:, 0] = 0.5 * y[:, 1]",
        "y = nn.functional.dropout(y, 0.1, self.training)",
        "y = y if self.training else y * 0.5",
        "for _ in range(3): y = y + self.conv(x)",
    ],
)
def test_what_a_step_makes_and_forgets_is_no_state(forward: str) -> None:
    assert is_repeatable(net(forward=forward).source)


@pytest.mark.parametrize(
    "forward",
    [
        "self.calls = 1",
        "self.calls += 1",
        "self.kept[0] = y",
        "self.kept.append(y)",
        "kept.append(y)",
        "y = y * next(self.scales)",
        "setattr(self, 'last', y)",
        "global calls",
        "y = y * time.time()",
        "self.eval()",
        "del self.last",
    ],
)
def test_what_outlives_a_step_is_state(forward: str) -> None:
    assert not is_repeatable(net(forward=forward).source)


def test_a_mutable_default_is_state() -> None:
    assert not is_repeatable("def helper(x, seen=[]):\n    return x\n")

"""Programs are followed in boxes."""

from collections.abc import Iterator

import pytest

from archwright.candidate import Program
from archwright.config import SandboxConfig
from archwright.contracts.network import NETWORK
from archwright.evaluation.width_tracing import WidthTracer
from archwright.programs.channels.widths import Ungrouped, WidthReason, Widths
from archwright.starters import load_seed_corpus
from archwright.task import DataSpec, Recipe
from archwright.testing.programs import BROKEN, ENDLESS, GOOD, network_with

SPEC = DataSpec("fake", "fake images", (3, 8, 8), ("a", "b"), 100, 100)


@pytest.fixture(scope="module")
def tracer() -> Iterator[WidthTracer]:
    tracer = WidthTracer(SPEC, NETWORK, Recipe(), SandboxConfig(require=0, policy="off"), wall_s=10.0)
    yield tracer
    tracer.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (BROKEN, WidthReason.UNSOUND),
        (GOOD, WidthReason.NO_WIDTHS),
        (ENDLESS, WidthReason.LIMITS),
        (network_with("raise ValueError('no')"), WidthReason.BUILD),
        (network_with(forward="if y.sum() > 0: y = -y"), WidthReason.FORWARD),
        (network_with("os._exit(0)"), WidthReason.LIMITS),
    ],
)
def test_every_refusal_has_a_reason(tracer: WidthTracer, program: Program, reason: WidthReason) -> None:
    found = tracer.trace(program)
    assert isinstance(found, Ungrouped)
    assert found.reason is reason


@pytest.mark.slow
def test_a_network_is_followed_in_a_box_and_remembered(tracer: WidthTracer) -> None:
    program = load_seed_corpus()[0].program
    found = tracer.trace(program)
    assert isinstance(found, Widths)
    assert found.groups == {"w0": 32, "w1": 64, "w2": 128}
    assert tracer.trace(program) is found

import json
from collections.abc import Callable

import pytest

from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.designs import Design, designed, factorial
from archwright.errors import UsageError
from archwright.strategies.strategy import Strategy
from archwright.strategies.sweep import SweepStrategy
from archwright.testing.strategies import StrategyContract, assigned, view_of

SWEEP = ("loop.strategy=sweep", "loop.generator=pairing", "loop.cycles=3", "loop.candidates=7")


def design_of(*settings: str) -> Design:
    config = load_config(settings=[*SWEEP, *settings])
    design = designed(config, view_of(config, 1, []).starters)
    assert design is not None
    return design


class TestSweep(StrategyContract):
    settings = SWEEP

    @pytest.fixture
    def build(self) -> Callable[[StudyConfig], Strategy]:
        return SweepStrategy


def test_all_variants_of_33_networks_can_be_enumerated() -> None:
    names = list(design_of().factors["network"])[:33]
    cells = design_of(f"pairing.networks={json.dumps(names)}").cells
    assert len({tuple(cell.items()) for cell in cells}) == len(cells) == 594


def test_a_complete_design_asks_for_nothing_more() -> None:
    config = load_config(settings=[*SWEEP, 'pairing.networks=["vgg"]', "loop.candidates=20"])
    requests = assigned(SweepStrategy(config), view_of(config, 1, []))
    assert len(requests) == 18
    assert assigned(SweepStrategy(config), view_of(config, 2, [])) == []


def test_repeats_come_one_after_the_other_in_an_order_of_the_seed() -> None:
    once, twice = design_of().cells, design_of("sweep.repeats=2").cells
    assert list(twice[: len(once)]) == list(once)
    assert [cell["repeat"] for cell in twice] == [1] * len(once) + [2] * len(once)
    assert list(design_of("seed=1").cells) != list(once)


def test_a_grid_of_rates_changes_the_fidelity_and_nothing_else() -> None:
    config = load_config(settings=[*SWEEP, "sweep.recipe={lr=[0.001, 0.1]}"])
    requests = assigned(SweepStrategy(config), view_of(config, 1, []))
    rates = {json.loads(request.at.recipe)["lr"] for request in requests if request.at}
    assert rates == {request.choice["lr"] for request in requests} == {0.001, 0.1}
    assert {json.loads(request.at.recipe)["momentum"] for request in requests if request.at} == {0.9}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("sweep.recipe={rate=[1]}", "no setting"),
        ("sweep.recipe={lr=[7]}", "not valid"),
        ("sweep.recipe={lr=[]}", "no values"),
    ],
)
def test_a_grid_that_the_recipe_does_not_have_is_refused(setting: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        design_of(setting)


def test_a_generator_without_a_design_cannot_be_swept() -> None:
    with pytest.raises(UsageError, match="no design"):
        design_of("loop.generator=mutation")


def test_a_factorial_has_every_combination_once() -> None:
    cells = factorial({"a": [1, 2], "b": ["x", "y", "z"]}).cells
    assert [(cell["a"], cell["b"]) for cell in cells] == [(a, b) for a in (1, 2) for b in "xyz"]

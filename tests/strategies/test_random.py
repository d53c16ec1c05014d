from collections.abc import Callable

import pytest

from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.strategies.random import MOST_MUTATIONS, RandomStrategy
from archwright.strategies.strategy import Strategy
from archwright.testing.strategies import StrategyContract, assigned, view_of


class TestRandom(StrategyContract):
    @pytest.fixture
    def build(self) -> Callable[[StudyConfig], Strategy]:
        return RandomStrategy


def test_it_draws_from_the_whole_corpus_and_every_number_of_changes() -> None:
    config = load_config(settings=["loop.candidates=600"])
    requests = assigned(RandomStrategy(config), view_of(config, 1, []))
    assert {request.parents[0].candidate.operation for request in requests} == {
        starter.candidate.operation for starter in NETWORK.starters()
    }
    assert {request.choice["mutations"] for request in requests} == set(range(1, MOST_MUTATIONS + 1))


def test_a_cycle_is_asked_for_at_once_because_outcomes_change_nothing() -> None:
    config = load_config(settings=["loop.candidates=12"])
    assert len(assigned(RandomStrategy(config), view_of(config, 1, []))) == 12

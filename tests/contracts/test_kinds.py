"""Every kind of candidates that is built in keeps what a Contract promises."""

import pytest

from archwright.contracts.contract import Contract
from archwright.registry import CONTRACTS
from archwright.testing.contracts import KindContract


class TestKinds(KindContract):
    @pytest.fixture(params=CONTRACTS.builtin)
    def contract(self, request: pytest.FixtureRequest) -> Contract:
        contract: Contract = CONTRACTS.load(request.param)
        assert contract.name == request.param
        return contract

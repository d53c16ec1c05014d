"""The contract suite that every Contract, which is a kind of candidates, passes."""

import pickle
from abc import ABC, abstractmethod

import pytest

from archwright.candidate import Stage
from archwright.contracts.contract import Contract
from archwright.testing.generators import JUNK


class KindContract(ABC):
    """What every Contract does. Subclass it in a test module and provide the fixture `contract`."""

    @pytest.fixture
    @abstractmethod
    def contract(self) -> Contract:
        """The contract under test."""

    def test_a_study_can_begin_with_its_starters(self, contract: Contract) -> None:
        """Where it has any, they are programs of this kind in cycle 0, of which nothing is known yet."""
        for record in contract.starters():
            assert record.candidate.key.cycle == 0
            assert record.outcome is None
            assert contract.defines in record.program.source
            assert not list(contract.check(record.program.source, with_policy=True))

    @pytest.mark.parametrize("junk", JUNK)
    def test_a_text_that_is_no_program_of_this_kind_is_found_out(self, contract: Contract, junk: str) -> None:
        """Without running it, whatever it is, and with words on it."""
        for with_policy in (True, False):
            findings = list(contract.check(junk, with_policy=with_policy))
            assert findings
            for finding in findings:
                assert finding.stage in (Stage.PARSE, Stage.POLICY, Stage.CONTRACT)
                assert finding.message

    def test_a_completed_program_is_complete(self, contract: Contract) -> None:
        """And as sound as it was."""
        for record in contract.starters():
            full = contract.complete(record.program.source)
            assert contract.complete(full) == full
            assert not list(contract.check(full, with_policy=True))

    @pytest.mark.parametrize("junk", [junk for junk in JUNK if "class" not in junk])
    def test_what_cannot_be_completed_comes_back_unchanged(self, contract: Contract, junk: str) -> None:
        """A candidate's mistakes are its own."""
        assert contract.complete(junk) == junk

    def test_its_metric_says_who_is_better(self, contract: Contract) -> None:
        """Within its bounds."""
        low, high = contract.metric.bounds
        assert low < high
        assert contract.metric.name
        assert contract.metric.best([low, high]) == (high if contract.metric.higher_is_better else low)

    def test_it_reaches_other_machines(self, contract: Contract) -> None:
        """A cluster gets a copy of it."""
        copy = pickle.loads(pickle.dumps(contract))
        assert (copy.name, copy.defines, copy.metric) == (contract.name, contract.defines, contract.metric)

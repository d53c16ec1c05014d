import pytest

from archwright.candidate import FailureKind
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.errors import UsageError
from archwright.generators.generator import Generator, Request, Setting
from archwright.generators.pairing import PairingGenerator
from archwright.task import DataSpec
from archwright.testing.generators import GeneratorContract, parent_of, written

SPEC = DataSpec("digits", "digits", (1, 8, 8), ("0", "1"), 10, 10)


def pairing(*settings: str) -> PairingGenerator:
    config = load_config(settings=["loop.strategy=sweep", "loop.generator=pairing", *settings])
    return PairingGenerator(Setting(config, SPEC, NETWORK))


class TestPairing(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return pairing()


def test_the_cell_is_on_the_row_with_the_network_as_parent() -> None:
    cell = {"network": "vgg", "loss": "NGL", "optimizer": "Adam"}
    (candidate,) = written(pairing(), [Request(choice=cell)])
    vgg = next(each for each in NETWORK.starters() if each.candidate.operation == "vgg")
    assert candidate.parents == (vgg.program.digest,)
    assert cell.items() <= candidate.facts.items()
    assert candidate.operation == "vgg, NGL x Adam"
    assert "torch.optim.Adam(" in candidate.program.source


def test_a_network_that_cannot_be_paired_is_a_candidate_with_its_reason() -> None:
    (candidate,) = written(pairing(), [Request((parent_of("x = 1"),))])
    assert candidate.failure.kind is FailureKind.REFUSED
    assert "no class Net" in candidate.failure.message


def test_an_unknown_network_is_refused_before_anything_runs() -> None:
    with pytest.raises(UsageError, match="unknown starter 'alexnet'"):
        pairing('pairing.networks=["alexnet"]')

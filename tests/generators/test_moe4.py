import pytest

from archwright.candidate import FailureKind
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.designs import designed
from archwright.errors import UsageError
from archwright.generators.generator import Generator, Request, Setting
from archwright.generators.moe4 import Moe4Generator
from archwright.task import DataSpec
from archwright.testing.generators import GeneratorContract, parent_of, written

SPEC = DataSpec("digits", "digits", (1, 8, 8), ("0", "1"), 10, 10)
SETTINGS = ("loop.strategy=sweep", "loop.generator=moe4", "loop.cycles=2", "loop.candidates=5")


def moe4(*settings: str) -> Moe4Generator:
    return Moe4Generator(Setting(load_config(settings=[*SETTINGS, *settings]), SPEC, NETWORK))


def assemblies(*settings: str) -> list[object]:
    design = designed(load_config(settings=[*SETTINGS, *settings]), NETWORK.starters())
    assert design is not None
    return [cell["experts"] for cell in design.cells]


class TestMoe4(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return moe4()


def test_the_families_are_on_the_row_and_their_networks_are_its_parents() -> None:
    families = ["vgg", "vit", "gmlp", "resnet"]
    (candidate,) = written(moe4(), [Request(choice={"experts": families})])
    names = {each.program.digest: each.candidate.operation for each in NETWORK.starters()}
    assert [names[digest] for digest in candidate.parents] == families == candidate.facts["experts"]
    assert candidate.operation == "mixture of vgg, vit, gmlp, resnet"


def test_a_design_has_as_many_assemblies_as_the_study_candidates() -> None:
    assert len(assemblies()) == 10
    assert len(assemblies("moe4.assemblies=7")) == 7
    assert assemblies("loop.cycles=4")[:10] == assemblies()


def test_few_families_have_few_assemblies() -> None:
    few = 'moe4.families=["vgg","vit","gmlp"]'
    assert len(assemblies(few, "moe4.experts=2")) == 3
    with pytest.raises(UsageError, match="3 families cannot be 4 experts"):
        moe4(few)


def test_the_published_order_can_be_had() -> None:
    first = sorted(str(each.candidate.operation) for each in NETWORK.starters())[0]
    assert all(first in four for four in assemblies("moe4.order=alphabetical"))


def test_the_uniform_average_is_the_mixture_without_its_gate() -> None:
    (candidate,) = written(moe4("moe4.gate=uniform"), [Request(choice={"experts": ["vgg", "vit"]})])
    assert "Gate" not in candidate.program.source


def test_what_cannot_be_put_together_is_a_candidate_with_its_reason() -> None:
    (candidate,) = written(moe4(), [Request((parent_of("x = 1"),))])
    assert candidate.failure.kind is FailureKind.REFUSED


def test_an_unknown_family_is_refused_before_anything_runs() -> None:
    with pytest.raises(UsageError, match="unknown starter 'AirNet'"):
        moe4('moe4.families=["AirNet"]')


@pytest.mark.parametrize("settings", [(), ("moe4.assemblies=4",)])
def test_repeats_of_an_assembly_are_candidates_of_the_study(settings: tuple[str, ...]) -> None:
    once, often = assemblies(*settings), assemblies("sweep.repeats=3", *settings)
    assert often[:10] == [experts for experts in once for _ in range(3)][:10]
    assert assemblies("sweep.repeats=3", "loop.cycles=4", *settings)[:10] == often[:10]

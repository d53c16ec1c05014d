"""Other kinds of candidates: a transform on a fixed network, and a denoiser whose target is an image, scored in dB."""

from dataclasses import dataclass, replace

from tests.seams.conftest import SPEC
from tests.seams.designs import Assembler, Design

from archwright.assembly import Parts
from archwright.candidate import Candidate, Failure, FailureKind, Key, Program, Record, Stage
from archwright.config import StudyConfig
from archwright.registry import CONTRACTS
from archwright.task import DataSpec, Image, Metric
from archwright.testing.evaluators import FakeEvaluator


@dataclass(frozen=True)
class Kind:
    """A contract in miniature: the program must bind one name."""

    name: str
    defines: str
    metric: Metric

    def starters(self) -> list[Record]:
        program = Program(f"def {self.defines}(x):\n    return x\n")
        return [Record(Candidate(Key(0, 0), program, "corpus", 0, facts={"operation": "identity"}))]

    def check(self, source: str, *, with_policy: bool) -> tuple[Failure, ...]:
        missing = Failure(Stage.CONTRACT, FailureKind.MISSING_NET, f"there is no {self.defines}")
        return () if self.defines in source else (missing,)

    def complete(self, source: str) -> str:
        return source

    def table(self, config: StudyConfig) -> None:
        return None

    def spec(self, config: StudyConfig) -> DataSpec:
        return SPEC


class Kinds(Assembler):
    def write(self, requests, models):
        for request in requests:
            yield [request.candidate(self.name, Program(str(request.choice["source"])), facts={"network": "resnet"})]


CELLS = [{"source": f"def {'denoise' if n % 2 else 'augment'}(x):\n    return x + {n}\n"} for n in range(18)]


def score(program: Program, seed: int, at: object) -> float:
    return 20.0 + len(program.source) % 7 + seed % 100 / 100


def test_a_transform_is_checked_by_its_own_contract(run) -> None:
    kind = Kind("transform-sketch", "augment", Metric("accuracy", "%", bounds=(0, 1), interval="wilson"))
    CONTRACTS.add(kind.name, kind)

    def parts(executor: object) -> Parts:
        return Parts(strategy=Design(CELLS), generator=Kinds(), executor=executor)

    records = run(["loop.contract=transform-sketch"], parts, lambda: FakeEvaluator(kind))
    assert [record.is_valid for record in records] == [number % 2 == 0 for number in range(18)]
    assert all(record.candidate.facts == {"network": "resnet"} for record in records)


def test_a_denoiser_is_compared_in_decibels_or_by_its_error_where_less_is_better(run) -> None:
    spec = replace(SPEC, class_names=(), target_shape=(3, 8, 8))
    assert spec.target == Image((3, 8, 8))
    error = Metric("error", "dB", higher_is_better=False)
    kind = Kind("denoiser", "denoise", error)
    CONTRACTS.add("denoiser", kind)

    def parts(executor: object) -> Parts:
        return Parts(spec=spec, strategy=Design(CELLS), generator=Kinds(), executor=executor)

    settings = ["loop.contract=denoiser", "loop.top_up=0", "loop.threshold_quantile=0.5", "novelty.threshold=1.0"]
    records = run(settings, parts, lambda: FakeEvaluator(kind, score))
    admitted = [record.value("error") for record in records if record.is_admitted]
    others = [record.value("error") for record in records if record.is_valid and not record.is_admitted]
    assert admitted
    assert max(admitted) <= min(others)

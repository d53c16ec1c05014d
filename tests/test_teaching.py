"""Lessons between cycles: a real (tiny) model, real LoRA in a real subprocess; only the scores are made up."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import pytest

from archwright import assembly, teaching
from archwright.archive import AdapterRow, Archive, rows
from archwright.candidate import Candidate, Outcome, Scores, Stage
from archwright.config import load_config
from archwright.corpus import SeedNetwork, load_seed_corpus
from archwright.errors import StudyDamagedError, TuningError
from archwright.events import Event, TuningStep
from archwright.generators.generator import Parts, Request
from archwright.generators.mutation import MutationGenerator
from archwright.llm.embedded import PACKAGE
from archwright.llm.model import Prompt
from archwright.study import Study
from archwright.testing.tiny import write_tiny_model

SETTINGS = [
    "loop.cycles=3", "loop.candidates=3", "loop.stop=false", "loop.threshold=0.5", "loop.top_up=0",
    "novelty.threshold=0.99", "llm.batch=3", "tune.warm_start_epochs=1", "tune.warm_start_mutations=0",
    "tune.epochs=1", "tune.rank=2", "tune.alpha=4", "tune.lr=0.01", "tune.accumulation=1", "tune.replay=1",
]  # fmt: skip


class PretendWriter(MutationGenerator):
    """Mutates corpus networks and says that the model wrote them: a random tiny model writes nothing valid."""

    uses_model: ClassVar[bool] = True

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._parts = parts

    def prompt_for(self, request: Request) -> Prompt | None:
        return None

    def generate(self, requests: Sequence[Request]) -> list[Candidate]:
        model = self._parts.model()
        changed = [Request(request.key, request.seed, mutations=4) for request in requests]
        return [
            Candidate(c.key, c.program, c.generator, c.seed, model=model.name, adapter=model.adapter)
            for c in super().generate(changed)
        ]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec(PACKAGE) is None:
        pytest.skip("the embedded model is not installed: make setup")
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module", autouse=True)
def parts(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A generator of our own, a small corpus, and a cache that only the studies of this file share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(assembly.GENERATORS, "pretend", "")
        patch.setattr(assembly, "_load", lambda path: _load(path) if path else PretendWriter)
        patch.setattr(assembly, "load_seed_corpus", small_corpus)
        patch.setenv("ARCHWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def settings(tiny: Path) -> list[str]:
    return [*SETTINGS, "loop.generator=pretend", f"llm.model={tiny}"]


@pytest.fixture(scope="module")
def whole(settings: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of three cycles, never interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with Study(load_config("laptop", settings), folder) as study:
        run(study)
    return folder


_load = assembly._load


def small_corpus() -> list[SeedNetwork]:
    return load_seed_corpus()[:4]


def rate(candidate: Candidate) -> Outcome:
    return Outcome(Stage.SCORE, scores=Scores(0.6, 1.0, 10), seed=candidate.seed)


def run(study: Study) -> None:
    while candidates := study.ask():
        for candidate in candidates:
            study.tell(candidate, rate(candidate))


def adapters(folder: Path) -> list[AdapterRow]:
    with Archive.open(folder, read_only=True) as archive:
        return archive.adapters()


def test_every_cycle_starts_from_what_all_earlier_ones_taught(whole: Path) -> None:
    taught = adapters(whole)
    assert [row.name for row in taught] == ["warm-start", "cycle-1", "cycle-2"]
    assert [row.parents for row in taught] == [(), ("warm-start",), ("warm-start", "cycle-1")]
    assert len({row.digest for row in taught}) == 3
    with Archive.open(whole, read_only=True) as archive:
        used = {record.candidate.key.cycle: record.candidate.adapter for record in archive.records()}
        lessons = [cost for cost in archive.costs() if cost.stage == "tune"]
    assert used == {1: "warm-start", 2: "cycle-1", 3: "cycle-2"}
    assert [cost.cycle for cost in lessons] == [0, 1, 2]
    assert all(cost.tokens > 0 and cost.cpu_s > 0 for cost in lessons)


def test_a_lesson_that_failed_is_repeated_by_the_next_run(
    settings: list[str], whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"

    def out_of_memory(*_: object, **__: object) -> None:
        raise TuningError("out of memory", "lower tune.batch")

    with monkeypatch.context() as patch, Study(load_config("laptop", settings), broken) as study:
        for candidate in study.ask():
            study.tell(candidate, rate(candidate))
        patch.setattr(teaching, "tune", out_of_memory)
        with pytest.raises(TuningError):
            study.ask()
    with Study.open(broken) as study:
        run(study)
    assert rows(broken) == rows(whole)


def test_the_warm_start_is_made_once_for_all_studies(settings: list[str], whole: Path, tmp_path: Path) -> None:
    seen: list[Event] = []
    with Study(load_config("laptop", [*settings, "loop.cycles=1", "seed=5"]), tmp_path / "run", [seen.append]) as study:
        run(study)
    assert not any(isinstance(event, TuningStep) for event in seen)
    assert adapters(tmp_path / "run") == adapters(whole)[:1]


def test_an_adapter_that_is_not_the_archived_one_ends_the_study(settings: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Study(load_config("laptop", [*settings, "loop.cycles=1"]), folder) as study:
        run(study)
    weights = folder / "adapters" / "warm-start" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00\x01")
    with (
        Study.open(folder, ["loop.cycles=2", "tune.enabled=false"]) as study,
        pytest.raises(StudyDamagedError, match="warm-start"),
    ):
        run(study)


def test_without_fine_tuning_the_model_stays_bare(settings: list[str], tmp_path: Path) -> None:
    with Study(load_config("laptop", [*settings, "tune.enabled=false"]), tmp_path / "run") as study:
        run(study)
    assert adapters(tmp_path / "run") == []

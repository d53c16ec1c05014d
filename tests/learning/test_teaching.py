"""Lessons between cycles: a real (tiny) model and real LoRA; only the scores are made up."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, final

import pytest

import archwright.llm.adapters
from archwright.archive import AdapterRow, Archive, rows
from archwright.assembly import Parts
from archwright.candidate import WRITER, Call, Candidate, Outcome, Record, Scores, Stage
from archwright.config import TuneConfig
from archwright.configuring import load_config
from archwright.contracts.network import NetworkContract
from archwright.errors import StudyDamagedError, TuningError
from archwright.generators.full import FullGenerator
from archwright.generators.generator import Models, Request, Setting
from archwright.generators.mutation import MutationGenerator
from archwright.learning import teaching
from archwright.learning.tuning import tune
from archwright.llm.adapters import SETTINGS as SETTINGS_FILE
from archwright.llm.adapters import write_taught
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair, make_pair
from archwright.programs.inference import infer_inputs
from archwright.registry import CONTRACTS, GENERATORS
from archwright.study import Study
from archwright.testing.models import FakeModel

SETTINGS = [
    "loop.cycles=3", "loop.candidates=3", "loop.stop=false", "loop.threshold=0.5", "loop.top_up=0",
    "novelty.threshold=0.99", "llm.batch=3",
    "tune.epochs=1", "tune.lr=0.01", "tune.accumulation=1", "tune.replay=1",
]  # fmt: skip


class PretendWriter(MutationGenerator):
    """Mutates corpus networks and says that the model wrote them: a random tiny model writes nothing valid."""

    roles: ClassVar[tuple[str, ...]] = (WRITER,)

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._full = FullGenerator(setting)

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        model = models[WRITER]
        call = Call(WRITER, "", "", model.name, model.adapter)
        for candidates in super().write([replace(each, choice={"mutations": 4}) for each in requests], models):
            yield [replace(candidate, calls=(call,), parents=()) for candidate in candidates]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        return self._full.lessons(elite, known)


@final
@dataclass(frozen=True, slots=True)
class SmallContract(NetworkContract):
    """Networks that start from four seed networks."""

    def starters(self) -> Sequence[Record]:
        return NetworkContract.starters(self)[:4]


@pytest.fixture(scope="module", autouse=True)
def parts(trained_here: None) -> Iterator[None]:
    """A generator of our own and a small corpus."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(GENERATORS.added, "pretend", PretendWriter)
        patch.setitem(CONTRACTS.added, "small", SmallContract())
        yield


@pytest.fixture(scope="module")
def given(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter trained elsewhere, of another rank than `tune.rank`."""
    folder = tmp_path_factory.mktemp("given") / "adapter"
    pairs = [make_pair(Prompt("", "Write."), source) for source in ("alpha = beta", "gamma = delta")]
    tune(pairs, model=str(tiny), init_adapter=None, out=folder, config=TuneConfig(rank=2, alpha=4, epochs=1), seed=0)
    return folder


@pytest.fixture(scope="module")
def settings(tiny: Path, given: Path) -> list[str]:
    return [*SETTINGS, "loop.generator=pretend", "loop.contract=small", f"llm.model={tiny}", f"llm.adapter={given}"]


@pytest.fixture(scope="module")
def whole(settings: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of three cycles, never interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with Study(load_config("laptop", settings), folder) as study:
        run(study)
    return folder


def rate(candidate: Candidate) -> Outcome:
    return Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.6, "loss": 1.0}, 10), seed=candidate.seed)


def run(study: Study) -> None:
    while candidates := study.ask():
        for candidate in candidates:
            study.tell(candidate, rate(candidate))


def adapter_of(record: Record) -> str | None:
    return None if record.candidate.writer is None else record.candidate.writer.adapter


def adapters(folder: Path) -> list[AdapterRow]:
    with Archive.open(folder, read_only=True) as archive:
        return archive.adapters()


def test_every_cycle_starts_from_what_all_earlier_ones_taught(whole: Path) -> None:
    taught = adapters(whole)
    assert [row.name for row in taught] == ["given", "cycle-1", "cycle-2"]
    assert [row.parents for row in taught] == [(), ("given",), ("given", "cycle-1")]
    assert len({row.digest for row in taught}) == 3
    with Archive.open(whole, read_only=True) as archive:
        used = {record.candidate.key.cycle: adapter_of(record) for record in archive.records()}
        lessons = [cost for cost in archive.costs() if cost.stage == "tune"]
    assert used == {1: "given", 2: "cycle-1", 3: "cycle-2"}
    assert [cost.cycle for cost in lessons] == [1, 2]
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


def test_a_study_keeps_the_adapter_it_was_given_and_goes_on_without_the_original(
    settings: list[str], given: Path, whole: Path, tmp_path: Path
) -> None:
    original = tmp_path / "original"
    shutil.copytree(given, original)
    folder = tmp_path / "run"
    with Study(load_config("laptop", [*settings, f"llm.adapter={original}", "loop.cycles=2"]), folder) as study:
        study.ask()
    shutil.rmtree(original)
    with Study.open(folder) as study:
        run(study)
    assert adapters(folder) == adapters(whole)[:2]


def test_lessons_continue_the_adapter_with_its_own_rank(whole: Path) -> None:
    for name in ("given", "cycle-1", "cycle-2"):
        config = json.loads((whole / "adapters" / name / SETTINGS_FILE).read_text("utf-8"))
        assert (config["r"], config["lora_alpha"]) == (2, 4)


def test_the_adapter_that_ships_for_a_model_is_used_without_being_asked_for(
    given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(given, tmp_path / "adapters" / "smollm2-135m")
    monkeypatch.setattr(archwright.llm.adapters, "SHIPPED", tmp_path / "adapters")
    config = load_config("demo", ["loop.cycles=1", "tune.enabled=false"])
    with Study(config, tmp_path / "run", parts=Parts(models={WRITER: FakeModel()})) as study:
        run(study)
        used = {adapter_of(record) for record in study.result().best}
    assert used == {"shipped"}
    assert [row.name for row in adapters(tmp_path / "run")] == ["shipped"]


def test_an_adapter_that_is_not_the_archived_one_ends_the_study(settings: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Study(load_config("laptop", [*settings, "loop.cycles=1"]), folder) as study:
        run(study)
    weights = folder / "adapters" / "given" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00\x01")
    with (
        Study.open(folder, ["loop.cycles=2", "tune.enabled=false"]) as study,
        pytest.raises(StudyDamagedError, match="given"),
    ):
        run(study)


def test_without_fine_tuning_the_model_stays_as_it_was_given(settings: list[str], tmp_path: Path) -> None:
    with Study(load_config("laptop", [*settings, "loop.cycles=2", "tune.enabled=false"]), tmp_path / "run") as study:
        run(study)
    assert [row.name for row in adapters(tmp_path / "run")] == ["given"]


def test_without_an_adapter_the_first_lesson_begins_a_new_one(
    settings: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(pairs: list[Pair], *, init_adapter: Path | None, out: Path, **_: object) -> None:
        raise TuningError(f"{out.name} from {init_adapter}", "")

    monkeypatch.setattr(teaching, "tune", begin)
    config = load_config("laptop", [*settings, "llm.adapter=none"])
    with Study(config, tmp_path / "run") as study, pytest.raises(TuningError, match="cycle-1 from None"):
        run(study)


@pytest.mark.parametrize("source", ["corpus", "taught"])
def test_a_lesson_repeats_the_starters_or_what_the_first_adapter_was_taught(
    settings: list[str], given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    starters = [record.program.source for record in NetworkContract.starters(CONTRACTS.added["small"])]
    original, told = tmp_path / "original", list[Pair]()
    shutil.copytree(given, original)
    write_taught(original, [f"```python\n{starters[10]}\n```", "alpha = beta"])

    def listen(pairs: list[Pair], **_: object) -> None:
        told.extend(pairs)
        raise TuningError("heard", "")

    monkeypatch.setattr(teaching, "tune", listen)
    asked = [f"llm.adapter={original}", f"tune.replay_from={source}", "tune.replay=all"]
    config = load_config("laptop", [*settings, *asked])
    with Study(config, tmp_path / "run") as study, pytest.raises(TuningError, match="heard"):
        run(study)
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        admitted = sum(record.is_admitted for record in archive.records())
    known = [pair.completion for pair in told[: len(told) - admitted]]
    expected = {"corpus": starters[:4], "taught": [starters[10]]}[source]
    assert known == [make_pair(Prompt("", ""), infer_inputs(source)).completion for source in expected]

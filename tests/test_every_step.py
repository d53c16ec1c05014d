"""Killed before any one change of the disk, work goes on by the same command to what unbroken work leaves."""

import json
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from tests.killed import is_killed

from archwright.archive import Archive, rows
from archwright.assembly import Parts
from archwright.cells.autoencoder.config import AutoencoderConfig
from archwright.cells.autoencoder.model import CellAutoencoder, new_network
from archwright.cells.run import AUTOENCODER, CellConfig, CellRun
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.corpus.gathering import gather
from archwright.corpus.store import Corpus
from archwright.errors import UsageError
from archwright.learning.tuning import ADAPTER
from archwright.learning.tuning_run import TuningRequest, TuningRun
from archwright.llm.adapters import CARD, SETTINGS, WEIGHTS
from archwright.llm.model import Prompt
from archwright.llm.pairs import make_pair, write_pairs
from archwright.study import Study
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor
from archwright.testing.models import PROGRAM_ANSWER

Work = Callable[[Path], object]


def visible(folder: Path) -> dict[str, bytes]:
    """Return the files below `folder` with their bytes, but those of SQLite, whose pages may differ."""
    found = {path: path.suffix not in (".db", ".lock") for path in sorted(folder.rglob("*")) if path.is_file()}
    return {str(path.relative_to(folder)): path.read_bytes() if is_text else b"" for path, is_text in found.items()}


def check_every_step(work: Work, state: Work, folder: Path, *, every: int = 1, again: Work | None = None) -> None:
    """Fail where `work` on a folder, killed and done `again`, ends in another state than without a kill."""
    work(folder / "whole")
    whole = state(folder / "whole"), visible(folder / "whole").keys()
    for step in count(1, every):
        place = folder / "killed"
        was_killed = is_killed(lambda place=place: work(place), step)  # type: ignore[misc]
        (again or work)(place)
        assert (state(place), visible(place).keys()) == whole, f"killed before step {step}"
        shutil.rmtree(place)
        if not was_killed:
            assert step > 2
            break


def state_of_study(folder: Path) -> object:
    with Archive.open(folder, read_only=True) as archive:
        costs = sorted((cost.cycle, cost.stage, cost.tokens) for cost in archive.costs())
        return rows(archive)["outcomes"], rows(archive)["calls"], rows(archive)["admissions"], costs


def go_on(config: StudyConfig, folder: Path) -> None:
    parts = Parts(executor=SerialExecutor(FakeEvaluator()))
    is_there = (folder / "study.db").exists()
    with Study.open(folder, parts=parts) if is_there else Study(config, folder, parts=parts) as study:
        assert study.run().reason == "complete"


@pytest.mark.parametrize("every", [19, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("preset", ["evolution", "laptop"])
def test_a_study(preset: str, every: int, tmp_path: Path) -> None:
    broken = PROGRAM_ANSWER.replace("return", "retrun")
    (tmp_path / "answers.jsonl").write_text("\n".join(json.dumps({"text": each}) for each in (PROGRAM_ANSWER, broken)))
    settings = ["task=digits", "data.train_size=60", "data.validation_size=30", "loop.cycles=2", "loop.candidates=2"]
    if preset == "laptop":
        settings += [f"llm.model=replay:{tmp_path / 'answers.jsonl'}", "llm.repair_rounds=1", "tune.enabled=false"]
    config = load_config(preset, settings)
    check_every_step(lambda folder: go_on(config, folder), state_of_study, tmp_path, every=every)


def test_the_beginning_of_a_corpus(tmp_path: Path) -> None:
    def build(folder: Path) -> None:
        with Corpus.create(folder, {"sources": ["seeds"]}) as corpus:
            if not corpus.programs():
                gather(corpus, ["seeds"])

    def state(folder: Path) -> object:
        with Corpus.open(folder) as corpus:
            return corpus.programs(), corpus.about

    check_every_step(build, state, tmp_path)


def resumed(goes_on: Work, begins: Work) -> Work:
    """Return what somebody does who is told what to do: go on, and where there is nothing to go on from, begin."""

    def work(folder: Path) -> None:
        try:
            goes_on(folder)
        except UsageError as error:
            if "is complete" not in error.what:
                begins(folder)

    return work


def test_a_fine_tuning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(self: TuningRun, *_: object) -> Path:
        adapter = self.folder / "training" / ADAPTER
        adapter.mkdir(exist_ok=True)
        for name in (WEIGHTS, SETTINGS):
            (adapter / name).write_text(name)
        card = {"loss": 1.0, "held_out_loss": None, "train_s": 1.0}
        (adapter / CARD).write_text(json.dumps(card))
        return adapter

    monkeypatch.setattr(TuningRun, "train", train)
    monkeypatch.setattr("archwright.learning.tuning_run.render_card", str)
    monkeypatch.setattr("archwright.learning.tuning_run.Stopwatch", lambda: type("Stopped", (), {"wall_s": 0.0}))
    write_pairs([make_pair(Prompt("", "Write."), "width = 8")], tmp_path / "pairs.jsonl")
    config = load_config("small", ["llm.adapter=none", "tune.epochs=2"])
    request = TuningRequest(
        corpus=tmp_path / "pairs.jsonl", held_out=None, samples=0, config=config, command="archwright tune"
    )

    def begin(folder: Path) -> None:
        TuningRun.begin(request, folder).run()

    again = resumed(lambda folder: TuningRun.open(folder).run(), begin)
    check_every_step(begin, visible, tmp_path, again=again)


def test_the_beginning_of_models_of_cells_with_the_autoencoder_of_others(tmp_path: Path) -> None:
    config = CellConfig()
    source = CellRun.begin(tmp_path / "source", "nasbench201", 0, config)
    CellAutoencoder("nasbench201", config.autoencoder, new_network("nasbench201", AutoencoderConfig())).save(
        tmp_path / "source" / AUTOENCODER
    )

    def begin(folder: Path) -> None:
        CellRun.begin(folder, "nasbench201", 0, config, autoencoder_of=source)

    check_every_step(begin, visible, tmp_path, again=resumed(CellRun.open, begin))

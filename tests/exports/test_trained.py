"""What is taken away must be the network whose score it states, without anything of ours."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, UnidentifiedImageError

from archwright import exports
from archwright.archive import Archive
from archwright.candidate import Candidate, Key, Outcome, Program, Stage, Trial
from archwright.configuring import load_config
from archwright.errors import ArchwrightError, StudyError, UsageError
from archwright.evaluation.data import load_task_data
from archwright.exports.trained import export_trained
from archwright.starters import load_seed_corpus
from archwright.task import Task
from archwright.testing.programs import GOOD, network_with
from archwright.testing.records import scored

MakeStudy = Callable[..., Path]
SETTINGS = ["data.train_size=400", "data.validation_size=200"]
ODD = network_with(
    init="""self.norm = nn.BatchNorm2d(8)
self.mix = nn.LazyConv2d(8, 1)
self.register_buffer("scale", torch.full((1,), 0.1, dtype=torch.float64), persistent=False)""",
    forward="y = self.mix(self.norm(y)) * self.scale.float()",
)
"""Keeps what a state dictionary has, what it has not, and a layer that has no size until it is called."""


@pytest.fixture
def make_study(tmp_path: Path) -> MakeStudy:
    def make(*programs: Program, preset: str = "evolution", settings: tuple[str, ...] = ()) -> Path:
        config = load_config(preset, [*SETTINGS, *settings])
        with Archive.create(tmp_path / "study", config.model_dump(mode="json")) as archive:
            keys = [Key(1, index) for index in range(len(programs))]
            archive.add_candidates([Candidate(key, each, "test", 0) for key, each in zip(keys, programs, strict=True)])
            for key, program in zip(keys, programs, strict=True):
                outcome = Outcome(Stage.SCORE, scores=scored(0.9 - key.index / 10, 1.0, 200))
                archive.add_outcome(key, Trial(program.digest, 0), outcome)
        return tmp_path / "study"

    return make


def script_in(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("exported_predict", folder / "predict.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("program", [load_seed_corpus()[0].program, ODD], ids=["seed network", "odd state"])
def test_what_is_written_is_the_network_whose_score_is_stated(
    make_study: MakeStudy, tmp_path: Path, program: Program
) -> None:
    study = make_study(program)
    (network,) = export_trained(study, tmp_path / "out", epochs=2)
    assert network.folder is not None
    card = json.loads((network.folder / "network.json").read_text("utf-8"))
    assert (card["epochs"], card["train_images"], card["digest"]) == (2, 400, program.digest)
    assert card["validation"]["accuracy"] == network.outcome.value("accuracy")
    data = load_task_data(load_config("evolution", SETTINGS).as_task())
    script = script_in(network.folder)
    net, card = script.load()
    shares = script.probabilities(net, card, torch.from_numpy(np.array(data.validation.images)))
    place = {name: number for number, name in enumerate(card["classes"])}
    labels = [place[data.spec.class_names[label]] for label in data.validation.labels]
    losses = -shares[range(200), labels].log()
    assert float(losses.mean()) == pytest.approx(card["validation"]["loss"], rel=1e-4)


def test_the_script_classifies_image_files_without_anything_of_ours(make_study: MakeStudy, tmp_path: Path) -> None:
    study = make_study(load_seed_corpus()[0].program)
    (network,) = export_trained(study, tmp_path / "out", epochs=6)
    assert network.folder is not None
    data = load_task_data(load_config("evolution", SETTINGS).as_task())
    files = [tmp_path / f"{number}.png" for number in range(20)]
    for file, image in zip(files, data.validation.images[:20], strict=True):
        Image.fromarray(image[0]).convert("RGB").resize((32, 32), Image.Resampling.NEAREST).save(file)
    hides = "import sys; sys.modules['archwright'] = None; import runpy; sys.argv = sys.argv[1:]; "
    words = [sys.executable, "-c", f"{hides}runpy.run_path(sys.argv[0], run_name='__main__')"]
    words += [str(network.folder / "predict.py"), *map(str, files)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    found = [line.split(": ")[1].split(" (")[0] for line in said]
    names = [data.spec.class_names[label] for label in data.validation.labels[:20]]
    assert sum(one == other for one, other in zip(found, names, strict=True)) >= 14
    without_images = subprocess.run(words[:4], capture_output=True, text=True, check=False)
    assert (without_images.returncode, without_images.stderr.split(" [")[0]) == (2, "usage: predict.py")


def test_the_script_has_no_image_run_a_program_and_no_class_name_move_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = script_in(Path(exports.__file__).parent)
    card = {
        "in_shape": [2, 3, 4, 4],
        "out_shape": [2],
        "mean": [0.0] * 3,
        "std": [1.0] * 3,
        "classes": ["\x1b[2Ja"] * 2,
    }
    monkeypatch.setattr(script, "load", lambda: (torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2)), card))
    Image.new("RGB", (4, 4)).save(tmp_path / "page.eps")
    Image.new("RGB", (4, 4)).save(tmp_path / "photo.webp")
    monkeypatch.setattr("sys.argv", ["predict.py", str(tmp_path / "photo.webp")])
    script.main()
    assert ": \ufffd[2Ja (" in capsys.readouterr().out
    with pytest.raises(UnidentifiedImageError):
        script.read(str(tmp_path / "page.eps"), card)


def test_the_best_come_first_and_a_failure_loses_no_other(make_study: MakeStudy, tmp_path: Path) -> None:
    fails = network_with(forward="y = y / 0 if self.training else y")
    study = make_study(GOOD, fails)
    told: list[bool] = []
    found = export_trained(study, tmp_path / "out", top=2, on_trained=lambda each, _: told.append(bool(each.folder)))
    assert [each.record.program for each in found] == [GOOD, fails]
    assert told == [True, False]
    with pytest.raises(UsageError, match="holds an export already"):
        export_trained(study, tmp_path / "out")


def test_an_export_of_several_that_was_killed_is_made_by_the_same_command(
    make_study: MakeStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, written = make_study(*(each.program for each in load_seed_corpus()[:2])), []

    def write(training: object, record: object, spec: object, name: str, folder: Path) -> bool:
        if len(written) == 1:
            raise KeyboardInterrupt
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "weights.safetensors").touch()
        written.append(folder)
        return True

    trained = SimpleNamespace(left=(), task=Task(), outcome=Outcome(Stage.SCORE, scores=scored(0.5, 1.0, 200)))
    monkeypatch.setattr("archwright.exports.trained.train_again", lambda *_: trained)
    monkeypatch.setattr("archwright.exports.trained.write_network", write)
    with pytest.raises(KeyboardInterrupt):
        export_trained(study, tmp_path / "out", top=2)
    with pytest.raises(UsageError, match="holds an export already"):
        export_trained(study, tmp_path / "out", top=1)
    written += [tmp_path]
    assert len(export_trained(study, tmp_path / "out", top=2)) == 2
    assert sorted((tmp_path / "out").iterdir()) == sorted(written[2:])
    with pytest.raises(UsageError, match="holds an export already"):
        export_trained(study, tmp_path / "out", top=2)


def test_nothing_to_take_away_says_why(make_study: MakeStudy, tmp_path: Path) -> None:
    fails = network_with(forward="y = y / 0 if self.training else y")
    with pytest.raises(StudyError, match="none could be trained again"):
        export_trained(make_study(fails), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_studies_than_of_networks_are_refused(make_study: MakeStudy, tmp_path: Path) -> None:
    with pytest.raises(ArchwrightError, match="only networks can be exported"):
        export_trained(make_study(GOOD, preset="transforms"), tmp_path / "out")

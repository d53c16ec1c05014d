import json

import numpy as np
import pytest

from archwright.analysis.experiments.rows import Row
from archwright.candidate import Outcome, Scores
from archwright.configuring import load_config
from archwright.study import Study

GRID = """
preset = "random"
seeds = [0, 1]
[settings]
loop.cycles = 1
loop.candidates = 2
data.train_size = 64
data.validation_size = 64
sandbox.workers = 1
[arms.plain]
[arms.augmented]
recipe.augmentation = "flip"
"""


@pytest.fixture
def grid(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(GRID)
    return path


def test_every_study_of_a_grid_is_run_once_and_compared(run, grid, tmp_path):
    folder, rows = tmp_path / "experiment", tmp_path / "rows.json"
    first = run("ablate", grid, "--folder", folder, "--rows", rows, "--json")
    assert first.code == 0, first.err
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [
        "augmented-0",
        "augmented-1",
        "plain-0",
        "plain-1",
    ]
    document = first.document
    assert (document["metric"], document["reference"]) == ("accuracy", "plain")
    assert document["arms"]["augmented"]["seeds"] == [0, 1]
    assert document["differences"]["augmented"]["mean, all"]["seeds"] == 2
    assert len(json.loads(rows.read_text())) == 2 * 2 * 2
    assert "Differences" in (folder / "comparison.md").read_text()

    written = {path: path.stat().st_mtime_ns for path in folder.glob("*/study.db")}
    again = run("ablate", folder, "--json")
    assert again.document["arms"] == document["arms"]
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*/study.db")} == written

    from_rows = run("compare", rows, "--json")
    assert from_rows.document["arms"] == document["arms"]
    by_configuration = run("compare", *sorted(folder.glob("*-?")), "--json")
    assert list(by_configuration.document["arms"]) == [
        'recipe.augmentation="flip"',
        'recipe.augmentation="none"',
    ]


def test_an_experiment_keeps_the_settings_that_it_began_with(run, grid, tmp_path):
    folder = tmp_path / "experiment"
    folder.mkdir()
    (folder / "grid.toml").write_text(GRID.replace("candidates = 2", "candidates = 3"))
    ran = run("ablate", grid, "--folder", folder)
    assert ran.code == 2
    assert "were made by another grid — give a new folder, or the grid as it was" in ran.error


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("seeds = [0]", "arms is not valid"),
        ("[arms.'../x']", "an arm is called '../x'"),
        ("[arms.a]\nloop.cycle = 3", "unknown configuration key 'loop.cycle' — did you mean 'loop.cycles'?"),
        (
            "[arms.a]\n[arms.b]\nloop.threshold = 28",
            "loop.threshold = 28 is not valid: accuracy must be within 0 and 1",
        ),
        ('[arms.a]\n[arms.b]\nloop.strategy = "greedy"\ngreedy.depth = 2', "unknown strategy 'greedy'"),
        ('[arms.a]\n[arms.b]\nsandbox.device = "tpu"', "sandbox.device = 'tpu' is no device"),
        ("[arms.a]\n[arms.b]\ndata.train_size = 100000", "data.train_size = 100,000 is more than"),
        ("arms", "is not valid TOML"),
        ("[arms.a]\n[arms.b]\ntask = 'mnist'", "different data sets: a of digits, b of mnist"),
        ("[arms.a]\n[extra]\nx = 1", "extra is not valid"),
    ],
)
def test_a_wrong_grid_is_refused_before_anything_runs(run, tmp_path, text, error):
    path = tmp_path / "grid.toml"
    path.write_text(text)
    ran = run("ablate", path, "--folder", tmp_path / "experiment")
    assert ran.code == 2
    assert error in ran.error
    assert not (tmp_path / "experiment").exists()


def test_an_arm_that_the_grid_lacks_is_named(run, grid, tmp_path):
    ran = run("ablate", grid, "--folder", tmp_path / "experiment", "--arm", "plane")
    assert ran.code == 2
    assert "the grid has no arm plane — it has: plain, augmented" in ran.error


def test_a_missing_grid_and_a_file_that_holds_no_rows_are_refused(run, tmp_path):
    assert run("ablate", tmp_path / "none.toml").code == 2
    (tmp_path / "rows.json").write_text('{"a": 1}')
    ran = run("compare", tmp_path / "rows.json")
    assert ran.code == 2
    assert "it is no list of rows" in ran.error


def stored(path, metric="accuracy", **changed):
    """Write the rows of a study of two candidates, in one of them something `changed`."""
    rows = [Row("a", 0, 1, i, 0.25 * i, "d", "c", True, False).as_json(metric) for i in range(2)]
    path.write_text(json.dumps([rows[0], rows[1] | changed]))
    return path


def test_rows_of_different_data_sets_are_not_compared(run, tmp_path):
    digits = {"task": "digits", "classes": "d1", "image_shape": [1, 8, 8], "mean": [0.3]}
    one, other, old = tmp_path / "one.json", tmp_path / "other.json", tmp_path / "old.json"
    for path, arm, data in ((one, "a", digits), (other, "b", digits | {"classes": "d2"}), (old, "c", None)):
        path.write_text(json.dumps([Row(arm, 0, 1, 0, 0.5, "d", "c", True, False, data).as_json("accuracy")]))
    ran = run("compare", one, old, other)
    assert (ran.code, ran.out) == (2, "")
    assert f"are of different data sets, digits and digits: {one} (a, seed 0), {other} (b, seed 0)" in ran.error
    assert run("compare", one, old).code == 0


def test_a_file_counts_once_however_it_is_spelled(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows, again = stored(tmp_path / "rows.json"), tmp_path / "again.json"
    ran = run("compare", "rows.json", "./rows.json", rows, "--rows", again, "--json")
    assert ran.code == 0, ran.err
    assert len(json.loads(again.read_text())) == 2


def test_files_of_two_studies_with_one_arm_and_seed_are_refused(run, tmp_path):
    ran = run("compare", stored(tmp_path / "one.json"), stored(tmp_path / "two.json", accuracy=0.9))
    assert ran.code == 2
    assert "two different studies are called 'a' with seed 0: candidate 1.1 is not the same in both" in ran.error


def test_rows_are_read_by_the_metric_they_were_written_under(run, tmp_path):
    ran = run("compare", stored(tmp_path / "rows.json", "psnr", psnr=28.0), "--json")
    assert ran.code == 0, ran.err
    assert (ran.document["metric"], ran.document["arms"]["a"]["figures"]["best"][0]) == ("psnr", 28.0)


def test_rows_of_two_metrics_are_refused(run, tmp_path):
    ran = run("compare", stored(tmp_path / "one.json"), stored(tmp_path / "two.json", "psnr"))
    assert ran.code == 2
    assert "different metrics: accuracy, psnr" in ran.error
    mixed = json.loads((tmp_path / "one.json").read_text()) + json.loads((tmp_path / "two.json").read_text())
    (tmp_path / "mixed.json").write_text(json.dumps(mixed))
    assert "different metrics: accuracy, psnr" in run("compare", tmp_path / "mixed.json").error


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"cycle": "1"}, "a row has cycle = '1'"),
        ({"cycle": 0}, "there is no row with cycle = 0"),
        ({"cycle": 10**9}, "there is no row with cycle = 1000000000"),
        ({"accuracy": "x"}, "a row has accuracy = 'x'"),
        ({"psnr": 28.0}, "a row has scores called 'accuracy', 'psnr'"),
    ],
)
def test_what_is_no_row_is_refused(run, tmp_path, changed, error):
    ran = run("compare", stored(tmp_path / "rows.json", **changed))
    assert ran.code == 2
    assert error in ran.error


def test_rows_under_an_unknown_score_and_files_without_rows_are_refused(run, tmp_path):
    ran = run("compare", stored(tmp_path / "rows.json", "ssim"))
    assert ran.code == 2
    assert "a row has scores called 'ssim' — a row has one of: accuracy" in ran.error
    (tmp_path / "rows.json").write_text("[]")
    assert "there is no row in what was given" in run("compare", tmp_path / "rows.json").error


def test_studies_of_different_presets_are_named_by_them_and_what_was_set_beside(run, tmp_path):
    small = ["loop.cycles=1", "loop.candidates=2"]
    for name, preset, settings in (("a", "evolution", small), ("b", "random", [*small, "recipe.lr=0.1"])):
        with Study(load_config(preset, settings), tmp_path / name) as study:
            for candidate in study.ask():
                study.tell(candidate, Outcome(stage="score", scores=Scores({"accuracy": 0.5}, n=10)))
    arms = run("compare", tmp_path / "a", tmp_path / "b", "--json").document["arms"]
    assert list(arms) == ["evolution", "random, recipe.lr=0.1"]


def test_studies_of_different_data_sets_are_refused(run, tmp_path):
    for side in (8, 9):
        images, labels = np.zeros((40, side, side), np.uint8) + np.uint8(side), np.arange(40) % (side - 6)
        np.savez(tmp_path / f"{side}.npz", x_train=images, y_train=labels, x_test=images[:8], y_test=labels[:8])
        Study(load_config("random", [f"task={tmp_path / f'{side}.npz'}"]), tmp_path / str(side)).close()
    ran = run("compare", tmp_path / "8", tmp_path / "9", "--json")
    assert ran.code == 2
    assert "these studies are of different data sets" in ran.document["error"]["what"]

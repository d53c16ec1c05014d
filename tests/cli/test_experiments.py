import json

import pytest

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
        ("arms", "is not valid TOML"),
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

import pytest

from archwright.archive import Archive
from archwright.configuring import load_config


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "study"
    settings = ["loop.strategy=evolution", "loop.generator=mutation", "loop.cycles=1", "loop.candidates=2"]
    Archive.create(folder, load_config(settings=settings).model_dump(mode="json")).close()
    return folder


def test_a_folder_without_a_study_is_refused(run, tmp_path):
    ran = run("resume", tmp_path)
    assert ran.code == 2
    assert ran.error.endswith("is not a study folder — give the folder that `archwright search` made")


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ("loop.cycle=3", "unknown configuration key 'loop.cycle' — did you mean 'loop.cycles'?"),
        ("loop.cycles=x", "loop.cycles = 'x' is not valid"),
        ("seed=3", "seed of a started study cannot be changed"),
    ],
)
def test_a_wrong_setting_is_refused_and_changes_nothing(run, folder, setting, error):
    ran = run("resume", folder, "--set", setting)
    assert ran.code == 2
    assert error in ran.error
    with Archive.open(folder, read_only=True) as archive:
        assert archive.config["loop"]["cycles"] == 1


def test_a_study_in_use_is_refused(run, folder):
    with Archive.open(folder):
        ran = run("resume", folder)
    assert ran.code == 2
    assert ran.error.startswith("error: ")


def test_settings_of_a_plug_in_are_known_to_a_study_that_has_it(run, tmp_path):
    folder = tmp_path / "cells"
    Archive.create(folder, load_config(settings=["loop.strategy=cells"]).model_dump(mode="json")).close()
    assert "cells.queries = 0 is not valid" in run("resume", folder, "--set", "cells.queries=0").error
    assert "cells.space of a started study cannot be changed" in run("resume", folder, "--set", "cells.space=x").error
    assert "unknown configuration key 'cells.querys'" in run("resume", folder, "--set", "cells.querys=3").error
    with Archive.open(folder, read_only=True) as archive:
        assert archive.config["cells"]["queries"] == 192

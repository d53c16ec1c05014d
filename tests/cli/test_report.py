from pathlib import Path

from archwright.archive import Archive
from archwright.configuring import load_config


def test_report_prints_where_the_files_are(run, tmp_path):
    folder = tmp_path / "study"
    Archive.create(folder, load_config().model_dump(mode="json")).close()
    document = run("report", folder, "--json").document
    assert (document["markdown"], document["html"]) == (str(folder / "report.md"), str(folder / "report.html"))
    assert all(Path(document[name]).is_file() for name in ("markdown", "html"))
    assert document["diagnostics"]["reliability"]["snr"] is None
    assert run("report", folder).out.splitlines() == [document["html"], document["markdown"]]


def test_a_folder_without_a_study_is_refused(run, tmp_path):
    ran = run("report", tmp_path / "nowhere", "--json")
    assert ran.code == 2
    assert ran.document["error"]["remedy"] == "give the folder that `archwright search` made"


def test_a_study_is_only_read_where_another_folder_is_named(run, tmp_path):
    folder, out = tmp_path / "study", tmp_path / "Berichte ä" / "1"
    Archive.create(folder, load_config().model_dump(mode="json")).close()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    document = run("report", folder, "--out", out, "--json").document
    assert (document["markdown"], document["html"]) == (str(out / "report.md"), str(out / "report.html"))
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "report.md"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_study_that_cannot_be_written_into_is_told_of_the_option(run, tmp_path):
    folder = tmp_path / "study"
    Archive.create(folder, load_config().model_dump(mode="json")).close()
    (folder / "report.md").mkdir()
    ran = run("report", folder)
    assert ran.code == 1
    assert ran.error.endswith(f"or write elsewhere: archwright report {folder} --out DIR")

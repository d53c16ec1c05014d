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

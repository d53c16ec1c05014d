from pathlib import Path
from types import SimpleNamespace

import pytest

from archwright.analysis.summary import best_records, summarize_cycles, summarize_totals
from archwright.archive import Archive, CycleRow
from archwright.candidate import (
    Admission,
    AdmissionReason,
    Candidate,
    Failure,
    FailureKind,
    Key,
    Outcome,
    Program,
    Stage,
    Trial,
)
from archwright.cli.answer import stdout_console
from archwright.cli.running import run_study
from archwright.configuring import load_config
from archwright.contracts.network import ACCURACY
from archwright.errors import ArchwrightError, ModelError, UsageError, typed
from archwright.testing.records import scored


class FakeStudy:
    """A study that was run before: its folder is real, its loop is not."""

    def __init__(self, folder: Path, reason: str = "complete", error: BaseException | None = None) -> None:
        self.folder, self.reason, self.error = folder, reason, error

    def __enter__(self) -> "FakeStudy":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def result(self) -> SimpleNamespace:
        with Archive.open(self.folder, read_only=True) as archive:
            records = archive.records()
            return SimpleNamespace(
                run=self.folder,
                reason=self.reason,
                cycles=summarize_cycles(records, archive.cycles(), ACCURACY),
                best=best_records(records, 5, ACCURACY),
                totals=summarize_totals(records, archive.costs()),
                metric=ACCURACY,
                limit=None,
            )

    def run(self) -> SimpleNamespace:
        if self.error is not None:
            raise self.error
        return self.result()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study of one cycle with one network and one failure."""
    folder = tmp_path / "a study"
    with Archive.create(folder, load_config(settings=["loop.cycles=1"]).model_dump(mode="json")) as archive:
        for index, outcome in enumerate(
            (
                Outcome(Stage.SCORE, scores=scored(0.75, 0.5, 100), params=1234),
                Outcome(Stage.PARSE, failure=Failure(Stage.PARSE, FailureKind.EMPTY, "nothing")),
            )
        ):
            key = Key(1, index)
            program = Program(f"x = {index}\n# \x1b[31m[bold]red[/bold]")
            archive.add_candidates([Candidate(key, program, "full", seed=0, facts={"operation": "width 8 -> 16"})])
            archive.add_outcome(key, Trial(None, 0), outcome)
        archive.close_cycle(
            CycleRow(1, 0.5),
            {Key(1, 0): Admission(AdmissionReason.ADMITTED), Key(1, 1): Admission(AdmissionReason.INVALID)},
        )
    return folder


def show(answer, capsys) -> str:
    import sys

    answer.show(stdout_console(sys.stdout))
    return capsys.readouterr().out


def test_a_finished_study_shows_cycles_best_programs_and_the_report(folder, capsys):
    answer = run_study(folder, lambda observers: FakeStudy(folder))
    out = show(answer, capsys)
    assert answer.exit_code == 0
    assert "75.0 %" in out
    assert "width 8 -> 16" in out
    assert f"Report: {folder / 'report.html'}" in out
    assert (folder / "report.html").is_file()


def test_programs_cannot_drive_the_terminal(folder, capsys):
    out = show(run_study(folder, lambda observers: FakeStudy(folder)), capsys)
    assert "\x1b" not in out
    assert "[bold]red[/bold]" in out


def test_the_document_has_the_documented_keys(folder):
    document = run_study(folder, lambda observers: FakeStudy(folder)).document
    assert list(document) == ["run", "reason", "cycles", "best", "totals", "report"]
    assert document["best"][0]["source"].startswith("x = 0")
    assert list(document["best"][0]) == [
        "cycle",
        "index",
        "digest",
        "accuracy",
        "params",
        "flops",
        "admitted",
        "generator",
        "operation",
        "model",
        "adapter",
        "facts",
        "parents",
        "source",
    ]
    assert document["best"][0]["accuracy"] == 0.75
    assert document["best"][0]["operation"] == document["best"][0]["facts"]["operation"] == "width 8 -> 16"
    assert document["totals"]["valid"] == 1


def test_an_interrupted_study_fails_and_says_how_to_go_on(folder, capsys):
    answer = run_study(folder, lambda observers: FakeStudy(folder, "interrupted"))
    assert answer.exit_code == 1
    assert f"archwright resume '{folder}'" in show(answer, capsys)


def test_ctrl_c_outside_the_loop_says_how_to_go_on_too(folder):
    with pytest.raises(ArchwrightError, match="interrupted — go on with: archwright resume"):
        run_study(folder, lambda observers: FakeStudy(folder, error=KeyboardInterrupt()))


def test_ctrl_c_before_there_is_a_study_is_only_an_interruption(tmp_path):
    def start(observers):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(tmp_path / "none", start)


def test_a_failure_of_ours_says_that_the_study_can_go_on(folder):
    with pytest.raises(ModelError) as caught:
        run_study(folder, lambda observers: FakeStudy(folder, error=ModelError("the server is down", "start it")))
    assert str(caught.value) == f"the server is down — start it; then go on with: archwright resume '{folder}'"


def test_a_wrong_request_is_passed_on_as_it_is(folder):
    error = UsageError("data.train_size is too large", "set it lower")
    with pytest.raises(UsageError, match="set it lower$"):
        run_study(folder, lambda observers: FakeStudy(folder, error=error))


def test_results_are_shown_when_the_report_cannot_be_written(folder, capsys):
    (folder / "report.md").mkdir()
    answer = run_study(folder, lambda observers: FakeStudy(folder))
    assert answer.exit_code == 0
    assert answer.document["report"] is None
    out = show(answer, capsys)
    assert "The report could not be written" in out
    assert "75.0 %" in out


def test_the_command_to_go_on_with_can_be_pasted_into_a_shell():
    assert typed("resume", Path("runs/it's")) == "archwright resume 'runs/it'\"'\"'s'"

from pathlib import Path

from archwright.archive import Archive, CycleRow
from archwright.candidate import Admission, AdmissionReason, Candidate, Key, Outcome, Program, Record, Scores, Stage


def test_what_is_stored_comes_back_after_reopening(tmp_path: Path) -> None:
    candidate = Candidate(Key(1, 0), Program("class Net: ..."), "full", seed=7)
    outcome = Outcome(Stage.SCORE, scores=Scores(0.5, 1.25, 100), seconds={"total": 0.1})
    admission = Admission(AdmissionReason.ADMITTED, rejections=0)
    with Archive.create(tmp_path / "study", {"seed": 7}) as archive:
        archive.add_candidates([candidate])
        archive.add_outcome(candidate.key, outcome)
        archive.close_cycle(CycleRow(1, 0.4), {candidate.key: admission})
    with Archive.open(tmp_path / "study", read_only=True) as archive:
        assert archive.records() == [Record(candidate, outcome, admission)]
        assert archive.cycles() == [CycleRow(1, 0.4)]
        assert archive.config == {"seed": 7}

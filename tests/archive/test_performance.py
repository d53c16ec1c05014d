import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

import pytest

from archwright.archive import Archive
from archwright.candidate import Call, Candidate, Key, Outcome, Program, Stage, Trial
from archwright.testing.records import scored


@pytest.mark.slow
def test_ten_thousand_records_load_in_two_seconds_and_an_outcome_is_stored_in_five_milliseconds(tmp_path: Path) -> None:
    """Measured in seconds of this process, since tests share their cores."""
    source = "        self.layer = nn.Conv2d(3, 16, 3, padding=1)\n" * 40
    outcome = Outcome(Stage.SCORE, scores=scored(0.5, 1.2, 1000), seconds={"train": 3.0, "total": 4.0}, log="x" * 400)
    took_s = []
    with Archive.create(tmp_path / "study", {}) as archive:
        for cycle in range(100):
            programs = [Program(f"# {cycle}.{index}\n{source}") for index in range(100)]
            archive.add_candidates(
                [
                    Candidate(
                        Key(cycle, index),
                        program,
                        "full",
                        seed=0,
                        calls=(Call("writer", "p" * 2000, program.source, "m"),),
                    )
                    for index, program in enumerate(programs)
                ]
            )
        for index in range(100):
            start_s = time.process_time()
            archive.add_outcome(Key(0, index), Trial(None, 0), outcome)
            took_s.append(time.process_time() - start_s)
    with closing(sqlite3.connect(tmp_path / "study" / "study.db")) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(outcomes)")]
        copied = ", ".join("candidates.cycle" if name == "cycle" else f"outcomes.{name}" for name in columns)
        connection.execute(
            f"INSERT INTO outcomes SELECT {copied} FROM outcomes JOIN candidates USING (position)"
            " WHERE candidates.cycle > 0"
        )
    with Archive.open(tmp_path / "study", read_only=True) as archive:
        start_s = time.process_time()
        records = archive.records()
        assert time.process_time() - start_s < 2.0
    assert sum(record.outcome == outcome for record in records) == 10_000
    assert statistics.median(took_s) < 0.005

from pathlib import Path

import pytest

from archwright.cells.cell import Cell
from archwright.cells.search.log import LoggedBatch, SearchLog
from archwright.errors import StorageError, StudyBusyError, StudyDamagedError, StudyError

CELLS = [Cell(frozenset({(0, 1), (1, 2)}), ("input", "a", "output")), Cell(frozenset(), ())]


def test_what_was_written_is_read_and_half_a_line_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "new/search.jsonl"
    log = SearchLog(path, {"seed": 1})
    log.ask(CELLS)
    log.tell(0.1)
    log.close()
    path.write_bytes(path.read_bytes() + b'{"accur')
    log = SearchLog(path, {"seed": 1})
    assert log.batches == [LoggedBatch(CELLS, [0.1])]
    log.tell(None)
    log.close()
    log = SearchLog(path, {"seed": 1})
    assert log.batches == [LoggedBatch(CELLS, [0.1, None])]
    log.close()


def test_a_log_belongs_to_one_search_and_one_process(tmp_path: Path) -> None:
    path = tmp_path / "search.jsonl"
    log = SearchLog(path, {"seed": 1, "space": "nasbench201"})
    with pytest.raises(StudyBusyError):
        SearchLog(path, {"seed": 1, "space": "nasbench201"})
    log.close()
    with pytest.raises(StudyError, match="another search: seed 1, not 2"):
        SearchLog(path, {"seed": 2, "space": "nasbench201"})
    SearchLog(path, {"seed": 1, "space": "nasbench201"}).close()


@pytest.mark.parametrize("line", ["nonsense", '{"accuracy": 1}', '{"ask": [[["a"], [[1, 0]]]]}', "[]"])
def test_a_file_that_is_no_log_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "search.jsonl"
    path.write_text(f'{{"seed": 1}}\n{line}\n')
    with pytest.raises(StudyDamagedError, match="not the log of a search"):
        SearchLog(path, {"seed": 1})


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        SearchLog(tmp_path / "file/search.jsonl", {})

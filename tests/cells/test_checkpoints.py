from pathlib import Path

import pytest
import torch

from archwright.cells.checkpoints import load_checkpoint, save_checkpoint
from archwright.errors import StorageError, UsageError


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "new" / "state.pt", {"step": 3, "weights": torch.ones(2)})
    state = load_checkpoint(tmp_path / "new" / "state.pt")
    assert state["step"] == 3
    assert state["weights"].tolist() == [1, 1]


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x80\x02cposix\nsystem\n."])
def test_what_is_no_checkpoint_is_refused_unrun(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.pt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="cannot be read"):
        load_checkpoint(path)


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        save_checkpoint(tmp_path / "file" / "state.pt", {})

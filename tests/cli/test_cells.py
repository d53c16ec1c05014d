from pathlib import Path

import numpy as np


def test_a_space_is_enumerated(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "cells.npz"
    document = run("cells", "enumerate", "nasbench201", "--out", file, "--json").document
    assert document["cells"] == 15_625
    assert document["by_vertices"] == {"8": 15_625}
    with np.load(file) as arrays:
        assert arrays["adjacency"].shape == (15_625, 8, 8)
        assert arrays["operations"].shape == (15_625, 8)
    assert "359,082" in run("cells", "enumerate", "nasbench101").out


def test_an_unknown_space_or_a_bad_file_is_an_error(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    unknown = run("cells", "enumerate", "nasbench21")
    assert unknown.code == 2
    assert "did you mean 'nasbench201'" in unknown.error
    (tmp_path / "file").touch()
    refused = run("cells", "enumerate", "nasbench201", "--out", tmp_path / "file/x")
    assert refused.code == 1
    assert "cannot be written" in refused.error

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from benchmarks.cells_figures import code_shares, draw_positions, draw_temperatures

from archwright.cells.metrics import Generated

CODES = np.array([[0, 2], [0, 1], [-1, -1], [3, 2]], np.int16)


def test_malformed_sequences_have_no_share_in_the_codes() -> None:
    assert np.allclose(code_shares(CODES, 4), [[2 / 3, 0, 0, 1 / 3], [0, 1 / 3, 2 / 3, 0]])
    assert not code_shares(CODES[2:3], 4).any()


def test_the_figures_are_drawn(tmp_path: Path) -> None:
    samples = [Generated(samples=10, valid=8, unique=6, novel=2, held_out=5, recalled=1)]
    measured = {"strict": {0.7: samples, 1.8: samples * 2}, "lenient": {0.7: samples}}
    draw_temperatures(measured, tmp_path / "figure2.svg", "nasbench201")
    draw_positions(CODES, CODES[:1], 4, tmp_path / "figure3.svg", "nasbench201")
    for name in ("figure2.svg", "figure3.svg"):
        assert ElementTree.parse(tmp_path / name).getroot().tag.endswith("svg")

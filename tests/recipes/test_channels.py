import subprocess
import sys
from pathlib import Path

import pytest

from archwright.ablation import cells_of, read_grid

RECIPE = Path(__file__).parents[2] / "recipes" / "channels.py"


@pytest.mark.parametrize(("size", "evaluations"), [("smoke", 6), ("laptop", 24), ("full", 220)])
def test_all_arms_of_a_size_have_equal_budgets(recipe, tmp_path, size, evaluations):
    grid = tmp_path / "grid.toml"
    grid.write_text(recipe.grid_text(size, 3, "resnet", "widths"))
    cells = cells_of(read_grid(grid), tmp_path)
    assert len(cells) == 7 * 3
    assert {cell.config.loop.cycles * cell.config.loop.candidates for cell in cells} == {evaluations}
    assert {cell.config.channels.network for cell in cells} == {"resnet"}
    assert {cell.arm for cell in cells if cell.config.channels.match} == {"matched"}
    assert {cell.arm for cell in cells if cell.config.llm.adapter == "widths"} == {"vector", "code"}


def test_without_an_adapter_no_model_is_asked(recipe):
    assert "llm." not in recipe.grid_text("laptop", 3, "resnet", "")


@pytest.mark.slow
def test_the_smoke_size_runs_to_its_report(tmp_path):
    folder = tmp_path / "experiment"
    words = ["--smoke", "--folder", folder, "--arm", "random", "--arm", "matched", "--seed", "0"]
    subprocess.run([sys.executable, RECIPE, *words], check=True)
    assert "matched" in (folder / "comparison.md").read_text()

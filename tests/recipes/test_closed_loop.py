import subprocess
import sys
from pathlib import Path

import pytest

from archwright.ablation import cells_of, read_grid

RECIPE = Path(__file__).parents[2] / "recipes" / "closed_loop.py"


@pytest.mark.parametrize(("size", "evaluations"), [("smoke", 8), ("laptop", 384), ("full", 2200)])
def test_all_arms_of_a_size_have_equal_budgets(recipe, tmp_path, size, evaluations):
    grid = tmp_path / "grid.toml"
    grid.write_text(recipe.grid_text(size, 3, ""))
    cells = cells_of(read_grid(grid), tmp_path)
    assert len(cells) == 10 * 3
    assert {cell.config.loop.cycles * cell.config.loop.candidates for cell in cells} == {evaluations}
    assert {(cell.config.task, cell.config.data, cell.config.budget) for cell in cells[:1]} == {
        (cell.config.task, cell.config.data, cell.config.budget) for cell in cells
    }
    by_arm = {cell.arm: cell.config for cell in cells}
    assert by_arm["learning"].tune.enabled
    assert not by_arm["frozen"].tune.enabled
    assert by_arm["evolution"].loop.strategy == "evolution"
    assert (by_arm["delta"].loop.generator, by_arm["delta"].llm.adapter) == ("delta", "edits")


@pytest.mark.slow
def test_the_smoke_size_runs_to_its_report(tmp_path):
    folder = tmp_path / "experiment"
    words = ["--smoke", "--folder", folder, "--arm", "learning", "--arm", "random", "--seed", "0"]
    subprocess.run([sys.executable, RECIPE, *words], check=True)
    assert "learning" in (folder / "comparison.md").read_text()

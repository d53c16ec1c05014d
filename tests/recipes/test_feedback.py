"""The recipe of feedback memory: its grid, and what the scripted model makes of what it is told."""

from pathlib import Path
from types import ModuleType

import pytest

from archwright.ablation import cells_of, read_grid
from archwright.llm.model import Decoding, Prompt
from archwright.llm.replay import ReplayModel
from archwright.prompts import render_improve

RECIPE = Path(__file__).parents[2] / "recipes" / "feedback.py"
DECODING = Decoding(0.7, 0, 0.9, 64)


@pytest.mark.parametrize("size", ["script", "smoke", "laptop"])
def test_the_arms_differ_in_their_one_switch_alone(recipe: ModuleType, tmp_path: Path, size: str) -> None:
    grid = tmp_path / "grid.toml"
    grid.write_text(recipe.grid_text(size, 2, {"llm": "replay:x", "improver": None}))
    cells = [cell for cell in cells_of(read_grid(grid), tmp_path) if cell.seed == 0]
    assert [cell.arm for cell in cells] == ["k5", "k0", "all", "no-improver", "shuffled", "no-failures", "iid"]
    assert len({cell.config.model_copy(update={"feedback": None}).model_dump_json() for cell in cells}) == 1
    assert len({cell.config.feedback for cell in cells}) == 7


def test_the_scripted_improver_draws_from_what_its_outcomes_leave_over(recipe: ModuleType, tmp_path: Path) -> None:
    model = ReplayModel(recipe.write_script(tmp_path / "script.jsonl"))

    def drawn(*outcomes: str, best: str = "none is valid yet") -> set[int]:
        asked = render_improve([f"outcome: {each}" for each in outcomes[:-1]], best, "pass", outcomes[-1])
        answers = model.complete([asked] * 200, DECODING, list(range(200)))
        return {int(answer.text.rpartition("try ")[2].rstrip('"}')) for answer in answers}

    assert drawn("no score") == set(range(1, 33))
    assert drawn("16 is too low") == set(range(17, 33))
    assert drawn("3 is too low", "27 is too high", "16 is too low") == set(range(17, 27))
    assert drawn("20 is too low", "22 is too high") == {21}
    assert drawn("20 is too low", best=recipe.PROGRAM.format(choice=21, fault="").split("\n", 1)[1]) == {21}


def test_the_scripted_writer_does_as_it_is_told(recipe: ModuleType, tmp_path: Path) -> None:
    model = ReplayModel(recipe.write_script(tmp_path / "script.jsonl"))
    told = model.complete([Prompt("", "Write.\n\nSuggestion: try 2")] * 50, DECODING, list(range(50)))
    assert {"self.choice = 2\n        raise ValueError" in answer.text for answer in told} == {True}
    alone = model.complete([Prompt("", "Write.")] * 50, DECODING, list(range(50)))
    assert len({answer.text for answer in alone}) == 32

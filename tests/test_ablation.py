"""Grids of configurations and seeds: what is run, what is gone on with and what is refused; nothing is trained."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.finalists import Trained

from archwright.ablation import GridCell, cells_of, keep_grid, read_grid, run_cell
from archwright.archive import Archive
from archwright.contracts.network import NetworkContract
from archwright.errors import SpentError, UsageError
from archwright.finals import evaluate_finalists
from archwright.study import Study

SETTINGS = """
preset = "random"
seeds = [0]
[settings]
loop.cycles = 1
loop.candidates = 4
sandbox.require = 0
"""
MakeGrid = Callable[..., Path]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Trained:
    """What trains programs in place of boxes."""
    executor = Trained()
    monkeypatch.setattr(NetworkContract, "load", lambda *_: None)
    monkeypatch.setattr(NetworkContract, "start", lambda *_: executor)
    return executor


@pytest.fixture
def make_grid(tmp_path: Path) -> MakeGrid:
    """Write a grid with arms in TOML."""

    def make(arms: str = "[arms.a]", settings: str = SETTINGS) -> Path:
        path = tmp_path / "grid.toml"
        path.write_text(f"{settings}{arms}\n", "utf-8")
        return path

    return make


def only_cell(grid: Path, tmp_path: Path) -> GridCell:
    (cell,) = cells_of(read_grid(grid), tmp_path / "experiment")
    return cell


def openings_of(cell: GridCell) -> list[int]:
    """For how many programs the test split was opened, each time."""
    with Archive.open(cell.folder, read_only=True) as archive:
        return [len(opening.programs) for opening in archive.openings()]


def sessions_of(cell: GridCell) -> int:
    with Archive.open(cell.folder, read_only=True) as archive:
        return len(archive.sessions())


def test_finalists_that_were_interrupted_are_finished(make_grid: MakeGrid, tmp_path: Path, trained: Trained) -> None:
    cell = only_cell(make_grid(), tmp_path)
    trained.most = 1
    with pytest.raises(KeyboardInterrupt):
        run_cell(cell, 2)
    trained.most = 1_000
    assert run_cell(cell, 2)
    assert (len(trained.tested), openings_of(cell)) == (6, [2])
    before = sessions_of(cell)
    assert run_cell(cell, 2)
    assert (len(trained.tested), sessions_of(cell)) == (6, before), "what is finished is not touched"


def test_more_finalists_are_a_further_opening(make_grid: MakeGrid, tmp_path: Path, trained: Trained) -> None:
    cell = only_cell(make_grid(), tmp_path)
    assert run_cell(cell, 0)
    assert openings_of(cell) == []
    for finalists, opened in ((1, [1]), (3, [1, 3]), (2, [1, 3])):
        assert run_cell(cell, finalists)
        assert openings_of(cell) == opened
    assert len(trained.tested) == 9, "what is known is not done again"
    assert evaluate_finalists(cell.folder).scored_now == 0


def test_more_finalists_than_there_are_programs_are_all_there_are(
    make_grid: MakeGrid, tmp_path: Path, trained: Trained
) -> None:
    cell = only_cell(make_grid(), tmp_path)
    for _ in range(2):
        assert run_cell(cell, 100)
    assert len(openings_of(cell)) == 1


@pytest.mark.parametrize(
    "setting", ["loop.stop=true", "llm.timeout_s=600", "llm.retries=9", "llm.concurrency=1", "llm.max_cost=3"]
)
def test_what_resume_may_change_without_another_row_is_no_other_setting(
    make_grid: MakeGrid, tmp_path: Path, trained: Trained, setting: str
) -> None:
    cell = only_cell(make_grid(), tmp_path)
    assert run_cell(cell, 0)
    with Study.open(cell.folder, [setting]) as study:
        study.run()
    assert run_cell(cell, 0)


def test_another_budget_is_another_setting_and_named(make_grid: MakeGrid, tmp_path: Path, trained: Trained) -> None:
    cell = only_cell(make_grid(), tmp_path)
    assert run_cell(cell, 0)
    with Study.open(cell.folder, ["loop.cycles=2"]) as study:
        study.run()
    with pytest.raises(UsageError, match=r"a-0 was made with other settings: loop\.cycles = 2, not 1 — move it away"):
        run_cell(cell, 0)


def test_a_limit_names_the_folder_of_the_cell(
    make_grid: MakeGrid, tmp_path: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = only_cell(make_grid(), tmp_path)
    limit = SpentError(
        "900 tokens are used of 1,000", "go on with: archwright resume DIR --set llm.max_tokens_total=2000"
    )
    monkeypatch.setattr(Study, "run", lambda study: replace(study.result("limit"), limit=limit))
    with pytest.raises(SpentError) as raised:
        run_cell(cell, 0)
    assert raised.value.remedy == f"go on with: archwright resume {cell.folder} --set llm.max_tokens_total=2000"


def test_settings_of_an_arm_lie_over_those_of_all_and_over_the_preset(make_grid: MakeGrid, tmp_path: Path) -> None:
    settings = f'{SETTINGS}llm.extra = {{seed = 1, top = {{a = "x"}}}}\nllm.omit = ["n"]\n'
    arms = """
[arms.plain]
[arms.changed]
preset = "evolution"
llm.extra = {reasoning_effort = "low", top = {b = 1.5}}
"loop.cycles" = 3
[arms.changed.recipe]
lr = 0.5
"""
    plain, changed = (cell.config for cell in cells_of(read_grid(make_grid(arms, settings)), tmp_path))
    assert plain.llm.extra == {"seed": 1, "top": {"a": "x"}}
    assert changed.llm.extra == {"seed": 1, "reasoning_effort": "low", "top": {"a": "x", "b": 1.5}}
    assert (plain.preset, plain.loop.cycles, plain.loop.candidates) == ("random", 1, 4)
    assert (changed.preset, changed.loop.cycles, changed.recipe.lr, changed.llm.omit) == ("evolution", 3, 0.5, ("n",))


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        ("[arms.a]\ntune.lr = 1979-05-27", r"tune\.lr = datetime\.date\(1979, 5, 27\) is not valid"),
        ("[arms.a]\nllm.extra = {day = 1979-05-27}", r"llm\.extra\.day.* is not valid"),
        ("[arms.a]\nloop = 3", "loop is a table of settings and no setting itself"),
        ("[arms.a]\nloop.cycles.x = 3", r"loop\.cycles = .* is not valid"),
        ("[arms.a]\nloop.corpus = {x = 1}", r"loop\.corpus = .* is not valid"),
        ("[arms.a]\npreset = 3", "the preset of a is 3, not a name"),
        ("[arms.a]\nseed = 3", "a has a seed; all arms have the same, above as seeds"),
        ("seed = 3\n[arms.a]", "seed belongs above, as seeds"),
        ("preset = 'random'\n[arms.a]", "preset belongs above, as preset"),
    ],
)
def test_what_is_no_setting_is_refused(make_grid: MakeGrid, tmp_path: Path, arms: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        cells_of(read_grid(make_grid(arms)), tmp_path)


@pytest.mark.parametrize(
    ("smaller", "missing"),
    [
        ("seeds = [0, 1]\nfinalists = 2\n[arms.b]\nloop.cycles = 2", "arm a"),
        ("seeds = [1]\nfinalists = 2\n[arms.a]\n[arms.b]\nloop.cycles = 2", "seed 0"),
        ("seeds = [0, 1]\nfinalists = 1\n[arms.a]\n[arms.b]\nloop.cycles = 2", "finalists = 2"),
    ],
)
def test_a_smaller_grid_is_refused_and_takes_nothing_away(
    make_grid: MakeGrid, tmp_path: Path, smaller: str, missing: str
) -> None:
    whole = "seeds = [0, 1]\nfinalists = 2\n[arms.a]\n[arms.b]\nloop.cycles = 2"
    keep_grid(make_grid(whole, ""), tmp_path / "experiment")
    with pytest.raises(UsageError, match=f"has what the grid lacks: {missing} — leave it in the grid"):
        keep_grid(make_grid(smaller, ""), tmp_path / "experiment")
    assert read_grid(tmp_path / "experiment") == read_grid(make_grid(whole, ""))


def test_an_experiment_is_given_more_and_serves_as_the_grid_of_another(make_grid: MakeGrid, tmp_path: Path) -> None:
    keep_grid(make_grid("seeds = [0]\n[arms.a]", ""), tmp_path / "experiment")
    larger = make_grid("seeds = [0, 1]\nfinalists = 1\n[arms.b]\nloop.cycles = 2\n[arms.a]", "")
    for grid, folder in (
        (larger, "experiment"),
        (tmp_path / "experiment", "experiment"),
        (tmp_path / "experiment", "b"),
    ):
        keep_grid(grid, tmp_path / folder)
        assert read_grid(tmp_path / folder) == read_grid(larger)


@pytest.mark.parametrize(
    ("seeds", "message"), [("[0, 1, 0]", "seed 0 stands there twice"), ("[true]", "seeds.0 is not")]
)
def test_seeds_that_are_none_are_refused(seeds: str, message: str, tmp_path: Path) -> None:
    grid = tmp_path / "grid.toml"
    grid.write_text(f"seeds = {seeds}\n[arms.a]\n")
    with pytest.raises(UsageError, match=message):
        read_grid(grid)


def test_the_grid_of_the_how_to_has_equal_arms(tmp_path: Path) -> None:
    page = Path(__file__).parents[1] / "docs" / "how-to" / "experiments.md"
    grid = tmp_path / "grid.toml"
    grid.write_text(page.read_text("utf-8").partition("```toml\n")[2].partition("```")[0], "utf-8")

    cells = cells_of(read_grid(grid), tmp_path / "runs")

    assert [cell.arm for cell in cells[::3]] == ["learning", "frozen", "no-novelty", "evolution"]
    assert {(cell.config.loop.cycles, cell.config.loop.candidates) for cell in cells} == {(4, 24)}

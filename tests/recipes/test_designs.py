import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.designs import designed
from archwright.starters import load_seed_corpus
from archwright.task import DataSpec

RECIPES = Path(__file__).parents[2] / "recipes"
LoadRecipe = Callable[[str], ModuleType]
SPEC = DataSpec("digits", "digits", (1, 8, 8), tuple("0123456789"), 10, 10)


@pytest.mark.parametrize(("size", "cells"), [("smoke", 36), ("laptop", 216), ("full", 1782)])
def test_a_study_of_every_size_of_pairing_is_its_whole_design(size: str, cells: int, load_recipe: LoadRecipe) -> None:
    _, networks, settings = load_recipe("pairing").SIZES[size]
    config = load_config("pairing", [f"pairing.networks={json.dumps(networks)}", *settings])
    design = designed(config, NETWORK.starters())
    assert design is not None
    assert len(design.cells) == config.loop.cycles * config.loop.candidates == cells


def test_a_widened_expert_has_as_many_parameters_as_a_mixture(load_recipe: LoadRecipe) -> None:
    moe4 = load_recipe("moe4")
    network = next(each for each in load_seed_corpus() if each.name == "squeezenet")
    wide = moe4.widened(network.program.source, SPEC, 700_000)
    assert moe4.parameters(wide, SPEC) == pytest.approx(700_000, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pairing", "moe4"])
def test_the_smoke_size_runs_to_its_findings(name: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    words = ["--smoke", "--folder", tmp_path / "studies", "--rows", rows]
    subprocess.run([sys.executable, RECIPES / f"{name}.py", *words], check=True)
    assert json.loads(rows.read_text())["coverage"]

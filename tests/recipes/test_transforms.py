import json
import subprocess
import sys
from pathlib import Path

import pytest

from archwright.configuring import load_config

RECIPE = Path(__file__).parents[2] / "recipes" / "transforms.py"


@pytest.mark.parametrize("size", ["smoke", "digits", "laptop", "full"])
def test_every_arm_proposes_as_many_as_its_size_says(recipe, size):
    size = recipe.SIZES[size]
    configs = {arm: load_config("transforms", recipe.settings_of(size, arm, seed=7)) for arm in recipe.ARMS}
    counts = {arm: config.loop.candidates for arm, config in configs.items()}
    assert counts == {"random": size.sweep, "evolution": size.proposals, "model": size.proposals}
    assert {config.seed for config in configs.values()} == {7}
    assert len({(config.task, config.data, config.budget, config.recipe) for config in configs.values()}) == 1
    assert configs["model"].transform.cold_cycles == 1
    assert not configs["random"].tune.enabled


@pytest.mark.slow
def test_the_smoke_size_runs_and_goes_on_without_running_again(tmp_path):
    words = [sys.executable, RECIPE, "--smoke", "--folder", tmp_path / "runs", "--rows", tmp_path / "rows.json"]
    first, again = (json.loads(subprocess.run(words, check=True, capture_output=True).stdout) for _ in range(2))
    assert [row["name"] for row in first["confirmed"]][:2] == ["best of random", "best of evolution"]
    assert first["random_curve"][0]["m"] == 1
    assert (first["confirmed"], first["arms"]) == (again["confirmed"], again["arms"])

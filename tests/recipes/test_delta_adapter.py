import subprocess
import sys
from pathlib import Path

import pytest
from tests.tiny import write_tiny_model

from archwright.configuring import load_config
from archwright.corpus.store import Corpus
from archwright.llm.adapters import is_adapter

RECIPE = Path(__file__).parents[2] / "recipes" / "delta_adapter.py"


def test_both_studies_score_every_seed_network(recipe):
    for settings in (recipe.STUDY, (*recipe.STUDY, *recipe.SMOKE_STUDY)):
        config = load_config("evolution", settings)
        assert config.evolution.population == 36
        assert config.loop.candidates > 36
    assert load_config("small", recipe.LESSON).loop.generator == "delta"


@pytest.mark.slow
def test_the_smoke_size_makes_an_adapter(tmp_path):
    tiny = write_tiny_model(tmp_path / "tiny")
    words = [tmp_path / "made", "--smoke", "--model", tiny, "--adapter", "none"]
    subprocess.run([sys.executable, RECIPE, *words], check=True)
    assert is_adapter(tmp_path / "made" / "adapter")
    with Corpus.open(tmp_path / "made" / "edits") as corpus:
        assert corpus.edits()

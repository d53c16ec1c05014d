"""The sliced study of edits: the published numbers at full size, and a toy that goes on where it was."""

import importlib.util
import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from archwright.configuring import load_config

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu" / "delta_study.py"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("delta_study", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def options(**given):
    usual = {"toy": False, "model": None, "adapter": None, "frozen": False, "control": None, "seed": 0}
    return Namespace(**(usual | given))


def test_the_study_has_the_published_numbers(script):
    config = load_config("delta-laptop", script.settings(options(model="hf:a/b", seed=3)))
    assert (config.loop.cycles, config.loop.candidates, config.loop.threshold) == (22, 50, 0.4)
    assert (config.loop.generator, config.loop.parents, config.tune.epochs) == ("delta", "uniform", 3)
    assert (config.task, config.data.train_size, config.budget.epochs, config.seed) == ("cifar10", 0, 1, 3)
    assert (config.llm.model, config.llm.adapter) == ("hf:a/b", "none")


def test_a_control_differs_in_what_it_controls(script):
    study = load_config("delta-laptop", script.settings(options()))
    frozen = load_config("delta-laptop", script.settings(options(frozen=True)))
    mutation = load_config("delta-laptop", script.settings(options(control="mutation")))
    assert frozen.model_copy(update={"tune": study.tune}) == study
    assert not frozen.tune.enabled
    assert mutation.model_copy(update={"loop": study.loop}) == study
    assert mutation.loop.generator == "mutation"


@pytest.mark.slow
def test_a_toy_study_runs_in_slices_to_its_report(tmp_path):
    words = [sys.executable, SCRIPT, tmp_path / "study", "--toy", "--out", tmp_path / "out.json"]
    subprocess.run([*words, "--minutes", "0.15"], check=False)
    subprocess.run(words, check=True)
    findings = json.loads((tmp_path / "out.json").read_text())
    assert len(findings["changes"]["candidates"]) == 4
    assert (tmp_path / "study" / "report.html").exists()

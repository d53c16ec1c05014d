"""How many good networks the policy lets through: a number that must not fall unnoticed."""

import os
import random
import zipfile
from pathlib import Path

import pytest

from archwright.candidate import Program
from archwright.config import SandboxConfig
from archwright.contracts import check_source
from archwright.evaluation.checks import verify_programs
from archwright.programs.mutation import variants
from archwright.sandbox.supervisor import Sandbox
from archwright.starters import load_seed_corpus
from archwright.task import Budget, Task

VARIANTS = 1
"""Mutations of each seed network."""
WHEEL = "nn_dataset-2.1.2-py3-none-any.whl"
LEMUR_SHARE = 0.993
"""Of all 10,482 files 99.4 % pass (docs/log.md); the goal of the project is 86 %."""
SAMPLE = 400


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_known_good_networks_pass(boxes: Sandbox, step: int) -> None:
    seeds = [network.program for network in load_seed_corpus()][::step]
    mutated = [Program(text) for seed, one in enumerate(seeds) for text in variants(one.source, VARIANTS, seed)]
    programs = [*seeds, *mutated]
    task = Task(budget=Budget(wall_s=60.0, max_params=0))
    outcomes = verify_programs(programs, task, SandboxConfig(policy="off", workers=2), boxes=boxes)
    good = [one.source for one, outcome in zip(programs, outcomes, strict=True) if outcome.failure is None]
    refused = [check_source(source) for source in good if check_source(source)]
    assert len(good) > 55 // step
    assert len(refused) / len(good) <= 0.01, refused


def test_lemurs_own_networks_pass() -> None:
    places = [Path(os.environ.get("LEMUR_WHEEL", "")), Path("/tmp/lemur", WHEEL)]
    wheel = next((path for path in places if path.is_file()), None)
    if wheel is None:
        pytest.skip(f"no {WHEEL}: pip download --no-deps nn-dataset==2.1.2 -d /tmp/lemur")
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("ab/nn/nn/") and name.endswith(".py"))
        picked = random.Random(0).sample(names, SAMPLE)
        refused = [name for name in picked if check_source(archive.read(name).decode())]
    assert 1 - len(refused) / SAMPLE >= LEMUR_SHARE - 0.01, refused

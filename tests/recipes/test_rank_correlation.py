import subprocess
import sys
from pathlib import Path

import pytest

from archwright import Outcome, Scores, Study, load_config

RECIPE = Path(__file__).parents[2] / "recipes" / "rank_correlation.py"


def test_orders_that_agree_correlate_and_reversed_ones_do_not(recipe):
    one, same, reversed_ = recipe.Condition("cifar10", 1), recipe.Condition("cifar10", 5), recipe.Condition("mnist", 1)
    rows = {}
    for place in range(6):
        for seed in range(2):
            noise = 0.001 * seed
            rows["cifar10", 1, f"n{place}", seed] = 0.1 * place + noise
            rows["cifar10", 5, f"n{place}", seed] = 0.5 + 0.05 * place + noise
            rows["mnist", 1, f"n{place}", seed] = 0.9 - 0.1 * place + noise

    lines = recipe.table(rows, [one, same, reversed_])

    assert lines[2].startswith("| cifar10, 1 epoch | 6 | 25.1 % |")
    assert lines[3].endswith("| 1.00 | 1.00 [1.00, 1.00] | 1.00 [1.00, 1.00] |")
    assert lines[4].split("|")[-2].strip().startswith("-1.00")


def test_a_line_that_a_killed_run_left_is_trained_again(recipe, tmp_path):
    out = tmp_path / "rows.jsonl"
    out.write_text('{"task": "digits", "epochs": 1, "network": "a", "seed": 0, "score": 0.5}\n{"task": "dig', "utf-8")

    assert recipe.read(out) == {("digits", 1, "a", 0): 0.5}


def test_the_networks_of_a_search_are_taken_from_its_best_to_its_worst(recipe, tmp_path):
    study = Study(load_config("evolution", ["task=digits", "loop.cycles=1"]), tmp_path / "study")
    with study:
        candidates = study.ask()[:4]
        for candidate, value in zip(candidates, [0.5, 0.9, 0.7, 0.8], strict=True):
            study.tell(candidate, Outcome("score", scores=Scores({"accuracy": value}, 143)))

    found = recipe.found_by(tmp_path / "study", 3)

    assert [each.program for each in found] == [candidates[place].program for place in (1, 2, 0)]
    assert len(recipe.found_by(tmp_path / "study", 16)) == 4


@pytest.mark.slow
@pytest.mark.parametrize("study", ["proxy", "transfer"])
def test_the_smoke_size_runs_to_its_table_and_trains_nothing_twice(tmp_path, study):
    words = [sys.executable, RECIPE, study, "--smoke", "--out", tmp_path / "rows.jsonl"]

    first = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    rows = (tmp_path / "rows.jsonl").read_text()

    assert "| digits, 1 epoch | 6 |" in first
    assert subprocess.run(words, check=True, capture_output=True, text=True).stdout == first
    assert (tmp_path / "rows.jsonl").read_text() == rows

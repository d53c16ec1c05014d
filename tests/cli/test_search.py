import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archwright.archive import Archive

SMALL = (
    *("--preset", "evolution", "--set", "loop.cycles=2", "--set", "loop.candidates=4", "--set", "sandbox.workers=1"),
    *("--set", "data.train_size=200", "--set", "data.validation_size=100", "--set", "evolution.batch=2"),
)
CYCLE_KEYS = ["cycle", "generated", "valid", "admitted", "rejections", "best", "mean", "median", "above_threshold"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "study"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["--task", "cifar1"],
            r"unknown task 'cifar1', and no file or folder — did you mean 'cifar10'\?",
        ),
        (["--task", "./nowhere"], r"there is no data set at .*nowhere — "),
        (["--llm", "smollm2"], r"unknown language model 'smollm2' — did you mean 'smollm2-135m'\?"),
        (["--preset", "evoluton"], r"unknown preset 'evoluton' — did you mean 'evolution'\?"),
        (["--preset", "small"], r"the preset 'small' is for `archwright tune` — choose one of: channels, creativity, "),
        (["--preset", "zzz"], r"unknown preset 'zzz' — known: (?!.*small)"),
        (["--preset", "nowhere.toml"], r"no preset file nowhere\.toml — "),
        (["--set", "loop.cycle=3"], r"unknown configuration key 'loop\.cycle' — did you mean 'loop\.cycles'\?"),
        (["--set", "loop.cycles=many"], r"loop\.cycles = 'many' is not valid — "),
        (["--set", "loop.cycles=true"], r"loop\.cycles = True is not valid — a number is wanted, not true or false"),
        (["--set", "loop.threshold=true"], r"loop\.threshold = True is not valid — a number is wanted"),
        (["--set", "tune.replay=true"], r"tune\.replay = True is not valid — "),
        (["--set", "loop.cycles=0"], r"loop\.cycles = 0 is not valid — "),
        (["--set", "loop.cycles"], r"'loop\.cycles' is not a setting — write --set key=value"),
        (["--set", "loop.strategy=evolve"], r"unknown strategy 'evolve' — did you mean 'evolution'\?"),
        (["--set", "data.protocol=holdou"], r"data\.protocol = 'holdou' is not valid — "),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_written(run, folder, arguments, error):
    ran = run("search", *arguments, "--run", folder)
    assert ran.code == 2
    assert re.match(f"error: {error}", ran.error)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["mine.toml", "mine.TOML", "mine.yaml", "mine"])
def test_malformed_toml_is_refused_with_its_line(run, folder, tmp_path, name):
    preset = tmp_path / name
    preset.write_text("[loop\ncycles = 3\n", "utf-8")
    ran = run("search", "--preset", preset, "--run", folder)
    assert ran.code == 2
    assert "is not valid TOML" in ran.error
    assert "line 1" in ran.error


@pytest.mark.parametrize("arguments", [["--dry-run"], []])
def test_a_folder_that_holds_a_study_is_not_searched_again(run, folder, arguments):
    Archive.create(folder, {}).close()
    ran = run("search", *SMALL, "--run", folder, *arguments)
    assert ran.code == 2
    assert f"continue it with `archwright resume {folder}`" in ran.error


def test_search_help_lists_presets_and_every_key(run):
    out = run("search", "--help").out
    assert "evolution" in out
    assert "loop.cycles=22" in out
    assert "budget.max_params=500000" in out


def test_a_dry_run_shows_configuration_cost_and_writes_nothing(run, folder):
    ran = run("search", *SMALL, "--run", folder, "--dry-run", "--json")
    assert ran.code == 0
    assert ran.document["config"]["loop"]["candidates"] == 4
    assert ran.document["candidates"] == 8
    assert ran.document["prompt"] is None
    assert ran.document["expected"]
    assert not folder.exists()


@pytest.mark.parametrize("arguments", [["--dry-run"], []])
def test_a_design_that_cannot_be_is_refused_before_anything_is_written(run, folder, arguments):
    design = ["--preset", "pairing", "--set", "sweep.recipe={lrr=[0.1]}"]
    ran = run("search", "--task", "digits", *design, "--run", folder, *arguments)
    assert ran.code == 2
    assert "sweep.recipe.lrr is no setting of the recipe" in ran.error
    assert not folder.exists()


def test_a_dry_run_with_a_model_shows_the_first_prompt(run):
    ran = run("search", "--task", "digits", "--dry-run")
    assert ran.code == 0
    assert "loop.cycles = 22" in ran.out
    assert "class" in ran.out.partition("First prompt")[2].partition("Expected cost")[0]


def test_task_and_model_are_names_even_when_they_look_like_numbers(run):
    assert "unknown task '5'" in run("search", "--task", "5", "--dry-run").error


def archwright(*arguments: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from archwright.cli import main; raise SystemExit(main())", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        **options,
    )


@pytest.mark.slow
def test_ctrl_c_ends_a_search_cleanly_and_resume_completes_it(folder):
    search = archwright("search", *SMALL, "--run", str(folder))
    assert search.stderr is not None
    for line in search.stderr:
        if line.startswith("  1/4"):
            search.send_signal(signal.SIGINT)
            break
    out, err = search.communicate(timeout=120)
    assert search.returncode == 1, err
    assert "Traceback" not in err
    # On standard error when the signal came in the middle of a database write, which then fails.
    assert f"o on with: archwright resume {folder}" in out + err

    resume = archwright("resume", str(folder), "--json")
    out, err = resume.communicate(timeout=300)
    assert resume.returncode == 0, err
    document = json.loads(out)
    assert document["run"] == str(folder)
    assert document["reason"] == "complete"
    assert [list(cycle)[: len(CYCLE_KEYS)] for cycle in document["cycles"]] == [CYCLE_KEYS, CYCLE_KEYS]
    assert [cycle["generated"] for cycle in document["cycles"]] == [4, 4]
    assert document["totals"]["generated"] == 8
    assert document["best"][0]["accuracy"] == max(cycle["best"] for cycle in document["cycles"])
    assert Path(document["report"]).is_file()

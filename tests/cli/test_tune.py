"""`archwright tune` from the command line; the training itself is tested in tests/test_tuning_run.py."""

from dataclasses import asdict
from pathlib import Path

import pytest

from archwright.cli import tune
from archwright.errors import TuningError
from archwright.learning import tuning_run
from archwright.learning.tuning_run import Examined, TuningRun
from archwright.llm.model import Prompt
from archwright.llm.pairs import make_pair, write_pairs

EPOCH = Examined(1, 0.5, 0.625, 8, 4, 2, 1.0)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    write_pairs([make_pair(Prompt("", "Write."), "width = 8")], path)
    return path


def test_what_is_asked_for_is_what_is_trained(pairs: Path, tmp_path: Path, run, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def fail(self: TuningRun, *_: object) -> None:
        raise TuningError("out of memory", "lower tune.batch")

    monkeypatch.setattr(tuning_run.TuningRun, "run", fail)
    out = tmp_path / "a b"
    ran = run("tune", "--corpus", pairs, "--out", out, "--preset", "small", "--set", "tune.rank=8", "--seed", 3)
    assert ran.code == 1
    assert f"lower tune.batch; then go on with: archwright tune --out '{out}' --resume" in ran.error
    config = TuningRun.open(out).request.config
    assert (config.tune.rank, config.tune.lr, config.seed) == (8, 5e-4, 3)
    assert (config.llm.adapter, config.llm.temperature) == ("none", 0.8)
    assert "--preset small --set tune.rank=8" in TuningRun.open(out).request.command


def test_without_a_corpus_nothing_begins(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    ran = run("tune", "--out", tmp_path / "a")
    assert ran.code == 2
    assert "--corpus" in ran.error
    assert run("tune", "--out", tmp_path / "a", "--resume").code == 2


def test_the_published_settings_are_the_default(pairs: Path, tmp_path: Path) -> None:
    config = tune.request_of(tmp_path, pairs, None, "none", None, (), None, (), 32, 0).config.tune
    assert (config.rank, config.alpha, config.dropout, config.lr, config.epochs) == (32, 32, 0.05, 1e-5, 5)


def test_an_epoch_is_described_in_a_line() -> None:
    assert tune.describe_epoch(asdict(EPOCH)) == (
        "epoch 1: loss 0.500, held out 0.625, valid 50.0 % [21.5, 78.5] of 8, within the budget 25.0 % [7.1, 59.1]"
    )

from pathlib import Path

import numpy as np
import pytest


def test_a_space_is_enumerated(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "cells.npz"
    document = run("cells", "enumerate", "nasbench201", "--out", file, "--json").document
    assert document["cells"] == 15_625
    assert document["by_vertices"] == {"8": 15_625}
    with np.load(file) as arrays:
        assert arrays["adjacency"].shape == (15_625, 8, 8)
        assert arrays["operations"].shape == (15_625, 8)
    assert "359,082" in run("cells", "enumerate", "nasbench101").out


def test_an_unknown_space_or_a_bad_file_is_an_error(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    unknown = run("cells", "enumerate", "nasbench21")
    assert unknown.code == 2
    assert "did you mean 'nasbench201'" in unknown.error
    (tmp_path / "file").touch()
    refused = run("cells", "enumerate", "nasbench201", "--out", tmp_path / "file/x")
    assert refused.code == 2
    assert "file is a file" in refused.error


@pytest.mark.slow
def test_models_are_trained_gone_on_with_sampled_and_searched(tmp_path: Path, shared_data: Path, run) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "models"
    settings = ("autoencoder.epochs=1", "autoencoder.batch=2048", "prior.epochs=1", "prior.batch=2048")
    options = [word for setting in settings for word in ("--set", setting)]
    trained = run("cells", "train", "nasbench201", "--out", out, *options, "--seed", 3, "--json")
    assert trained.code == 0
    assert trained.document["seed"] == 3
    assert [epoch["held_out"] for epoch in trained.document["epochs"]] == [1_562]
    assert trained.document["prior"]["sequences"] == 14_063
    assert trained.document["prior"]["steps"] == 7
    assert "epoch 1: loss" in trained.err
    assert {path.relative_to(out).as_posix() for path in out.glob("*/*")} == {
        *(f"autoencoder/{name}" for name in ("autoencoder.json", "autoencoder.safetensors", "epochs.json")),
        *(f"prior/{name}" for name in ("prior.json", "weights.safetensors", "seen.npy", "training.json")),
    }
    again = run("cells", "train", "nasbench201", "--out", out, "--resume", "--json")
    assert again.document == trained.document
    assert "held-out cells come back exactly" in run("cells", "train", "nasbench201", "--out", out, "--resume").out
    for refused, problem in (
        (run("cells", "train", "nasbench201", "--out", out), "--resume"),
        (run("cells", "train", "nasbench101", "--out", out, "--resume"), "are of nasbench201"),
    ):
        assert refused.code == 2
        assert problem in refused.error
    assert_autoencoder_is_shared(tmp_path, out, run)
    sampled = run("cells", "sample", out, "-n", 40, "--out", tmp_path / "cells.npz", "--json")
    assert sampled.document["drawn"] == sampled.document["strict"]["samples"] == 40
    assert sampled.document["strict"]["held_out"] == 1_562
    with np.load(tmp_path / "cells.npz") as arrays:
        assert arrays["operations"].shape == (40, 8)
    assert "did you mean 'unique'" in run("cells", "sample", out, "--decoding", "uniqe").error
    assert "begin with archwright cells train" in run("cells", "sample", tmp_path).error
    search = ("cells", "search", "nasbench201", "--strategy", "sequence", "--queries", 50, "--json")
    found = run(*search, "--model", out, "--out", tmp_path / "search")
    assert found.document["queries"] == len(found.document["curve"]) == 50
    assert found.document["temperature"] == 1
    assert run(*search, "--model", out, "--out", tmp_path / "search").document == found.document
    (out / "prior/prior.json").unlink()
    for refused, problem in (
        (run(*search), "train them with archwright cells train nasbench201"),
        (run("cells", "search", "nasbench101", *search[3:], "--model", out), "are of nasbench201"),
        (run(*search, "--model", out), "holds no trained prior"),
    ):
        assert refused.code == 2
        assert problem in refused.error


def assert_autoencoder_is_shared(tmp_path: Path, source: Path, run) -> None:  # type: ignore[no-untyped-def]
    """A second prior learns from fewer sequences, over a copy of the autoencoder in `source` (seed 3)."""
    settings = ("prior.epochs=1", "prior.batch=64", "prior.sequences=100")
    options = ["--autoencoder", source, *(word for setting in settings for word in ("--set", setting))]
    begin = ("cells", "train", "nasbench201", "--out", tmp_path / "second", *options)
    refused = run(*begin)
    assert refused.code == 2
    assert "seed 3" in refused.error
    assert "taken as it is" in run(*begin, "--seed", 3, "--set", "autoencoder.epochs=2").error
    assert not (tmp_path / "second").exists()
    second = run(*begin, "--seed", 3, "--json").document
    assert (second["prior"]["sequences"], second["prior"]["steps"]) == (100, 2)
    assert second["config"]["autoencoder"]["batch"] == 2048
    weights = "autoencoder/autoencoder.safetensors"
    assert (tmp_path / "second" / weights).read_bytes() == (source / weights).read_bytes()


def test_training_refuses_what_it_does_not_know(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    begin = ("cells", "train", "nasbench201", "--out", tmp_path / "models")
    assert "did you mean 'published'" in run(*begin, "--preset", "publish").error
    assert "autoencoder.decoder" in run(*begin, "--set", "autoencoder.decode=joint").error
    assert "autoencoder.decoder = 'x'" in run(*begin, "--set", "autoencoder.decoder=x").error
    assert "begin with archwright cells train" in run(*begin, "--resume").error
    assert not (tmp_path / "models").exists()

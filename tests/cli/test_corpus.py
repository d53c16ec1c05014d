from pathlib import Path

import pytest

from archwright.corpus.store import Corpus
from archwright.corpus.wheel import PublishedResult
from archwright.starters import load_seed_corpus

NETWORKS = load_seed_corpus()[:2]


@pytest.fixture
def built(tmp_path: Path, run) -> Path:  # type: ignore[no-untyped-def]
    folder = tmp_path / "networks"
    folder.mkdir()
    for network in NETWORKS:
        (folder / f"{network.name}.py").write_text(network.program.source)
    (folder / "slip.py").write_text(NETWORKS[0].program.source.replace("out_shape[0]", "out_shape[7]"))
    ran = run("corpus", "build", "--from", folder, "--out", tmp_path / "corpus", "--workers", 1, "--json")
    assert ran.code == 0
    assert ran.document["funnel"]["examples"] == len(NETWORKS)
    assert f"cluster: {len(NETWORKS) + 1}/{len(NETWORKS) + 1}" in ran.err.splitlines()
    return tmp_path / "corpus"


def test_a_corpus_is_built_and_shown(built: Path, run) -> None:  # type: ignore[no-untyped-def]
    document = run("corpus", "show", built, "--json").document
    assert {row["program"] for row in document["examples"]} == {network.name for network in NETWORKS}
    assert document["funnel"]["programs"] == len(NETWORKS) + 1
    shown = run("corpus", "show", built).out
    assert "canonically distinct" in shown
    assert NETWORKS[0].name in shown


def test_one_program_is_shown_with_its_fate(built: Path, run) -> None:  # type: ignore[no-untyped-def]
    kept = run("corpus", "show", built, "--program", NETWORKS[1].name, "--json").document
    assert kept["example"]["compact"]
    assert kept["trials"] == []
    assert "class Net" in run("corpus", "show", built, "--program", NETWORKS[1].name).out
    ran = run("corpus", "show", built, "--program", "resnett")
    assert ran.code == 2
    assert "did you mean 'resnet'" in ran.error


def test_what_cannot_be_built_or_shown_says_why(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    ran = run("corpus", "show", tmp_path)
    assert (ran.code, "archwright corpus build" in ran.error) == (2, True)
    ran = run("corpus", "build", "--from", tmp_path / "nothing", "--out", tmp_path / "corpus")
    assert (ran.code, "give `lemur`, `seeds`, a folder or a study" in ran.error) == (2, True)
    ran = run("corpus", "build", "--from", "lemur", "--wheel", tmp_path / "none.whl", "--out", tmp_path / "corpus")
    assert (ran.code, "cannot be read" in ran.error) == (2, True)


def test_published_trials_are_asked_by_data_set_and_epoch(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    trials = [
        PublishedResult(
            "a", "img-classification", dataset, "acc", epoch, accuracy, 1, 64, "norm", f"{dataset}{epoch}", {"lr": 0.1}
        )
        for dataset, epoch, accuracy in (("mnist", 1, 0.9), ("cifar-10", 1, 0.4), ("cifar-10", 5, 0.6))
    ]
    with Corpus.create(tmp_path, {"sources": []}) as corpus:
        corpus.add_trials(trials)

    def accuracies(*words: object) -> list[float]:
        return [trial["accuracy"] for trial in run("corpus", "show", tmp_path, *words, "--json").document["trials"]]

    assert accuracies("--dataset", "cifar-10") == [0.6, 0.4]
    assert accuracies("--dataset", "cifar-10", "--epoch", 1) == [0.4]
    assert accuracies("--epoch", 1, "--top", 1) == [0.9]
    ran = run("corpus", "show", tmp_path, "--dataset", "cifar")
    assert ran.code == 2
    assert "cifar-10, mnist" in ran.error

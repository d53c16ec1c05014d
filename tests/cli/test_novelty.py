from pathlib import Path

import pytest

from archwright.starters import load_seed_corpus

NETWORKS = load_seed_corpus()[:4]


@pytest.fixture
def known(tmp_path: Path) -> Path:
    folder = tmp_path / "known"
    folder.mkdir()
    for network in NETWORKS[:3]:
        (folder / f"{network.name}.py").write_text(network.program.source)
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "copy.py"
    path.write_text(
        "# disguised\n" + NETWORKS[1].program.source.replace("conv", "layer").replace("nn.layer", "nn.conv")
    )
    return path


def test_a_disguised_copy_is_found_in_a_folder(known: Path, copy: Path, run) -> None:  # type: ignore[no-untyped-def]
    document = run("novelty", copy, "--against", known, "--json").document
    (found,) = document["programs"]
    assert document["novel"] == 0
    assert found["novel"] is False
    assert found["canonical"] == {"value": 1.0, "nearest": str(known / f"{NETWORKS[1].name}.py")}
    assert found["lexical"]["value"] < 0.9
    lexical = run("novelty", copy, "--against", known, "--set", "novelty.criterion=lexical", "--json").document
    assert lexical["novel"] == 1


def test_without_known_programs_each_is_compared_with_those_before_it(known: Path, copy: Path, run) -> None:  # type: ignore[no-untyped-def]
    out = run("novelty", known, copy).out
    assert "3 of 4 novel" in out
    assert "near-duplicate" in out


def test_an_index_grows_in_place(tmp_path: Path, known: Path, copy: Path, run) -> None:  # type: ignore[no-untyped-def]
    index = tmp_path / "index.db"
    assert "there is no index" in run("novelty", copy, "--index", index).error
    assert not index.exists()
    assert run("novelty", known, "--index", index, "--add", "--json").document["novel"] == 3
    assert run("novelty", copy, "--index", index, "--json").document["novel"] == 0


def test_a_study_and_a_corpus_are_known_programs_too(tmp_path: Path, known: Path, copy: Path, run) -> None:  # type: ignore[no-untyped-def]
    assert run("corpus", "build", "--from", known, "--out", tmp_path / "corpus", "--workers", 1).code == 0
    assert run("novelty", copy, "--against", tmp_path / "corpus", "--json").document["novel"] == 0


def test_what_cannot_be_compared_with_says_why(tmp_path: Path, known: Path, run) -> None:  # type: ignore[no-untyped-def]
    for arguments, words in (
        ((tmp_path / "missing.py",), "no Python files"),
        ((known, "--add"), "--add needs --index"),
        ((known, "--against", tmp_path / "missing"), "no Python files"),
        ((known, "--against", known, "--index", tmp_path / "x.db"), "exclude each other"),
        ((known, "--set", "novelty.treshold=0.8"), "novelty.threshold"),
    ):
        ran = run("novelty", *arguments)
        assert (ran.code, words in ran.error) == (2, True), ran.err

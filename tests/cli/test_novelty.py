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


def test_a_study_and_a_corpus_are_programs_too(tmp_path: Path, known: Path, copy: Path, run) -> None:  # type: ignore[no-untyped-def]
    assert run("corpus", "build", "--from", known, "--out", tmp_path / "corpus", "--workers", 1).code == 0
    assert run("novelty", copy, "--against", tmp_path / "corpus", "--json").document["novel"] == 0
    assert run("novelty", tmp_path / "corpus", copy, "--json").document["novel"] == 3


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


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "there is no program"),
        ("\n  \n", "there is no program"),
        ("# a remark\n# and another\n", "there are only comments"),
        ('"""A module without code."""\n', "there is no code"),
        ("class Net(:\n    pass\n", "invalid syntax in `class Net(:`"),
        ("Sure! Here is your network.\n", "this is prose, not a program"),
        ("def f():\n\tif x:\n        pass\n", "inconsistent use of tabs and spaces in indentation in `pass`"),
    ],
)
def test_what_cannot_be_compared_is_no_near_duplicate(tmp_path: Path, known: Path, run, source, reason) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "odd.py").write_text(source)
    ran = run("novelty", tmp_path / "odd.py", "--against", known, "--json")
    (found,) = ran.document["programs"]
    assert found["verdict"] == f"cannot be compared: {reason}"
    assert found["novel"] is False
    assert found["canonical"] == {"value": None, "nearest": None}


def test_a_copy_of_a_file_that_does_not_parse_is_a_near_duplicate_and_the_first_is_not(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    files = [tmp_path / "a.py", tmp_path / "b.py", tmp_path / "empty.py", tmp_path / "blank.py"]
    for file, source in zip(files, ["class Net(:\n    pass\n"] * 2 + ["", "\n"], strict=True):
        file.write_text(source)
    out = run("novelty", *files).out
    assert out.count("near-duplicate") == 1
    assert "0 of 4 novel; 3 cannot be compared" in out


def test_only_files_that_somebody_wrote_there_are_compared(tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "own"
    outside = tmp_path / "outside.py"
    outside.write_text("x = 1\n")
    for name in ("net.py", "sub/net.py", ".venv/a.py", "env/lib/b.py", ".git/c.py", "__pycache__/d.py", "._net.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"x = {len(name)}\n")
    (folder / "env" / "pyvenv.cfg").touch()
    (folder / "link.py").symlink_to(outside)
    named = [found["file"] for found in run("novelty", folder, "--json").document["programs"]]
    assert named == [str(folder / "net.py"), str(folder / "sub" / "net.py")]

import json
from pathlib import Path

import pytest

from archwright.cells.tables.csv201 import FILE


def test_a_search_goes_on_with_its_log(tmp_path: Path, shared_data: Path, run) -> None:  # type: ignore[no-untyped-def]
    assert (shared_data / "nas" / FILE).exists()
    words = ("cells", "search", "nasbench201", "--strategy", "evolution", "--dataset", "in16", "--json")
    begun = run(*words, "--queries", 20, "--out", tmp_path / "one").document
    extended = run(*words, "--queries", 40, "--out", tmp_path / "one")
    at_once = run(*words, "--queries", 40)
    assert extended.document == at_once.document == json.loads((tmp_path / "one/result.json").read_text("utf-8"))
    assert extended.document["curve"][:20] == begun["curve"]
    assert (begun["queries"], extended.document["queries"]) == (20, 40)
    assert extended.document["best"]["validation"] == extended.document["curve"][-1]
    assert round(100 * extended.document["best_of_pool"]["test"], 2) == 46.2
    assert "query 1, 1 proposals: " in at_once.err
    refused = run(*words[:3], "--strategy", "random", "--dataset", "in16", "--out", tmp_path / "one")
    assert refused.code == 2
    assert "another search: strategy evolution, not random" in refused.error


def test_a_closed_pool_is_said_to_be_one(shared_data: Path, run) -> None:  # type: ignore[no-untyped-def]
    out = run("cells", "search", "nasbench101", "--strategy", "random", "--queries", 5).out
    assert "5 queries, 5 proposals\nclosed pool: the 30,001 measured cells of NAS-Bench-101's 423,624\n" in out
    assert "no test accuracy in the table" in out
    assert "data set of nasbench101 'c100'" in run("cells", "search", "nasbench101", "--dataset", "c100").error
    assert "did you mean 'bayesian'" in run("cells", "search", "nasbench201", "--strategy", "bayes").error


def test_the_found_cell_becomes_a_program_that_trains(shared_data: Path, tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    found = tmp_path / "found"
    for space in ("nasbench101", "nasbench201"):
        searched = run(
            "cells", "search", space, "--strategy", "random", "--queries", 3, "--out", found / space, "--json"
        )
        (tmp_path / f"{space}.json").write_text(searched.out)
        sized = ("--channels", 8, "--modules", 1)
        document = run("cells", "network", found / space, *sized, "--json").document
        program = run("cells", "network", tmp_path / f"{space}.json", *sized).out
        assert document == {"space": space, "program": program}
        (tmp_path / "net.py").write_text(program)
        small = ("--set", "data.train_size=64", "--set", "data.validation_size=64", "--json")
        outcome = run("evaluate", tmp_path / "net.py", "--task", "digits", *small).document
        assert [each["failure"] for each in outcome["outcomes"]] == [None]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not the result of a search"),
        ("[" * 100_000, "is not the result of a search"),
        ('{"space": "nasbench301", "best": {"edges": [], "operations": []}}', "is of an unknown space"),
        ('{"space": "nasbench201", "best": {"edges": [[0, 7]], "operations": ["input"]}}', "is not the result"),
        ('{"space": "nasbench201", "best": {"edges": [], "operations": ["input", "output"]}}', "has no cell of"),
    ],
)
def test_what_holds_no_cell_is_refused(text: str, words: str, tmp_path: Path, run) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "result.json").write_text(text)
    refused = run("cells", "network", tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.error
    assert "cannot be read" in run("cells", "network", tmp_path / "none").error

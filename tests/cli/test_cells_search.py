import json
from pathlib import Path

from archwright.cells.tables import FILE_201


def test_a_search_goes_on_with_its_log(tmp_path: Path, shared_data: Path, run) -> None:  # type: ignore[no-untyped-def]
    assert (shared_data / "nas" / FILE_201).exists()
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

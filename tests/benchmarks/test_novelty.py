"""The benchmark of the novelty filter and the programs it is run on are made at toy size."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from archwright.programs.canonical import canonical_digest
from archwright.starters import load_seed_corpus

FOLDER = Path(__file__).parents[2] / "benchmarks"


def run(script: str, *options: object) -> str:
    command = [sys.executable, str(FOLDER / script), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("programs") / "programs.jsonl"
    said = run("mutations.py", "--out", path, "--count", 40, "--verify", 4, "--workers", 1)
    verified = json.loads(said.splitlines()[-1])
    assert verified["valid"] + sum(verified["failures"].values()) == verified["sample"] == 4
    return path


def test_programs_are_canonically_distinct_mutations(programs: Path) -> None:
    rows = [json.loads(line) for line in programs.read_text("utf-8").splitlines()]
    digests = {canonical_digest(row["source"]) for row in rows}
    assert len(rows) == len(digests) == 40
    assert digests.isdisjoint(canonical_digest(network.program.source) for network in load_seed_corpus())


def test_a_toy_run_measures_everything_and_misses_no_pair(tmp_path: Path, programs: Path) -> None:
    rows = [json.loads(line) for line in programs.read_text("utf-8").splitlines()]
    wheel = tmp_path / "toy.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for row in rows:
            archive.writestr(f"ab/nn/nn/{row['name']}.py", row["source"])
    out = tmp_path / "novelty.json"
    said = run(
        "novelty.py", wheel, "--programs", programs, "--repeats", 2, "--queries", 8, "--sample", 30, "--out", out
    )
    result = json.loads(said)
    assert result == json.loads(out.read_text("utf-8"))
    assert [each["files"] for each in result["wheel"]] == [40, 40]
    assert result["corpus"]["canonical"]["programs"] == 40
    assert 1 <= result["corpus"]["lexical"]["clusters"] <= 40
    assert result["store"]["query_ms"]["n"] == 8
    assert 0.5 < result["error"]["all"]["rms_in_standard_errors"] < 2
    for repetition in result["datasketch"]["ours"]:
        assert repetition["precision"] == 1.0
        assert repetition["recall"] > 0.95
    assert result["datasketch"]["speed_ratio"]["n"] == 2

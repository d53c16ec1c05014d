"""One name, one thing: where two classes are called the same, a reader has to know which is meant."""

import ast
from collections import defaultdict
from pathlib import Path

import archwright

ROOT = Path(archwright.__file__).parent
PROGRAMS = ROOT / "starters" / "networks"
"""Candidates, not modules of ours: each is a file on its own."""


def test_no_two_classes_have_one_name() -> None:
    places = defaultdict(list)
    for path in ROOT.rglob("*.py"):
        if path.is_relative_to(PROGRAMS):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}

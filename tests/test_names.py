"""One name, one thing: where two classes are called the same, a reader has to know which is meant."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import archwright

ROOT = Path(archwright.__file__).parent
PROGRAMS = ROOT / "starters" / "networks"
"""Candidates, not modules of ours: each is a file on its own."""
TESTS = Path(__file__).parent
PRIVATE = re.compile(r"(^|\.)_[a-z]\w*$")
NOT_OURS = ("self", "cls", "os", "sys", "torch", "Same")
"""A test's own objects, and libraries that have no other door; `Same` is an autograd function of torch."""


def test_no_two_classes_have_one_name() -> None:
    places = defaultdict(list)
    for path in ROOT.rglob("*.py"):
        if path.is_relative_to(PROGRAMS):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_tests_look_at_nothing_private() -> None:
    """What a test has to reach is a seam, and has a name without an underscore."""
    found = []
    for path in TESTS.rglob("*.py"):
        if path.is_relative_to(TESTS / "attacks") or path.name == "scheduling.py":  # hostile programs; pytest-xdist's
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found += [f"{path.relative_to(TESTS)}:{node.lineno}: {name}" for name in _reached(node)]
    assert found == []


def _reached(node: ast.AST) -> list[str]:
    """Return the private names of another module that a node reaches."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archwright"):
        return [alias.name for alias in node.names if PRIVATE.search(alias.name)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setattr":
        if node.args and ast.unparse(node.args[0]).startswith(NOT_OURS):
            return []
        words = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        return [word for word in words if PRIVATE.search(word)]
    if isinstance(node, ast.Attribute) and PRIVATE.search(node.attr):
        whose = ast.unparse(node.value)
        return [] if whose.startswith(NOT_OURS) else [f"{whose}.{node.attr}"]
    return []

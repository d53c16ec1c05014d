import ast
from importlib import resources

import pytest
from benchmarks.trusted_building import count_parameters

from archwright.contracts import check_source, is_compact
from archwright.novelty.tokens import jaccard, lexer_tokens, shingles
from archwright.programs.canonical import canonical_form
from archwright.programs.formatting import format_tree
from archwright.starters import SeedNetwork, as_record, load_seed_corpus
from archwright.starters.seed_networks import TITLES

CORPUS = load_seed_corpus()
SHAPES = [
    (1, 8, 8),
    (3, 64, 64),
    *(pytest.param(between, marks=pytest.mark.slow) for between in ((1, 28, 28), (3, 32, 32))),
]


def name_of(network: SeedNetwork) -> str:
    return network.name


def test_there_are_many_and_each_file_is_listed() -> None:
    folder = resources.files("archwright.starters") / "networks"
    assert {entry.name for entry in folder.iterdir() if entry.name.endswith(".py")} == {f"{name}.py" for name in TITLES}
    assert len(CORPUS) >= 24


@pytest.mark.parametrize("network", CORPUS, ids=name_of)
@pytest.mark.parametrize("shape", SHAPES)
def test_it_builds_within_the_budget_for_every_usual_shape(network: SeedNetwork, shape: tuple[int, int, int]) -> None:
    assert 10_000 <= count_parameters(network.program, shape, classes=10) <= 500_000
    assert count_parameters(network.program, shape, classes=100) <= 500_000


@pytest.mark.parametrize("network", CORPUS, ids=name_of)
def test_it_is_a_compact_program_without_findings(network: SeedNetwork) -> None:
    assert check_source(network.program.source) == ()
    assert is_compact(network.program.source)


@pytest.mark.parametrize("network", CORPUS, ids=name_of)
def test_it_is_written_in_the_one_layout_without_comments(network: SeedNetwork) -> None:
    assert format_tree(ast.parse(network.program.source)) == network.program.source


@pytest.mark.parametrize("network", CORPUS, ids=name_of)
def test_it_is_short_enough_to_be_learnt(network: SeedNetwork) -> None:
    assert len(lexer_tokens(network.program.source)) <= 420


@pytest.mark.parametrize("network", CORPUS, ids=name_of)
def test_it_names_its_widths_once_and_uses_everything_it_defines(network: SeedNetwork) -> None:
    tree = ast.parse(network.program.source)
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)} - {"Net"}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert defined <= used
    assert stored - used <= {"_"}


def test_no_two_are_near_duplicates_of_each_other() -> None:
    sets = [shingles(lexer_tokens(canonical_form(network.program.source)), 10) for network in CORPUS]
    assert max(jaccard(first, second) for at, first in enumerate(sets) for second in sets[:at]) < 0.75


def test_a_seed_network_is_a_parent_of_cycle_0_with_its_name() -> None:
    record = as_record(CORPUS[3])
    assert record.candidate.key.cycle == 0
    assert record.candidate.program == CORPUS[3].program
    assert record.candidate.operation == CORPUS[3].name
    assert record.outcome is None

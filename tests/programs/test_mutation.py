import ast
import random
from collections import Counter
from textwrap import dedent

import pytest
from benchmarks.trusted_building import count_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.candidate import Program
from archwright.contracts import check_source, complete, is_compact
from archwright.programs.canonical import canonical_digest
from archwright.programs.formatting import format_tree
from archwright.programs.mutation import mutate, variants
from archwright.programs.operations import OPERATIONS, ProgramOperation
from archwright.programs.operations.blocks import add_residual, add_squeeze_excite, separate_convolution
from archwright.programs.operations.depth import change_repeats, duplicate_block, extend_stage, remove_block
from archwright.programs.operations.head import change_dropout, hide_layer, pool_finer
from archwright.programs.operations.kernels import change_helper_kernel, change_kernel
from archwright.programs.operations.pooling import add_pool, change_stride, move_pool, remove_pool, swap_pool
from archwright.programs.operations.swaps import add_norm, swap_activation, swap_norm
from archwright.programs.operations.widths import change_ratio, change_width
from archwright.starters import load_seed_corpus

CORPUS = load_seed_corpus()
CIFAR_SHAPE = (3, 32, 32)

LITERAL_NET = dedent("""\
    import torch.nn as nn

    class Net(nn.Module):
        def __init__(self, in_shape, out_shape, prm, device):
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv2d(in_shape[1], 32, kernel_size=3, padding=1), nn.BatchNorm2d(32), nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
                nn.Conv2d(32, 64, kernel_size=3, padding=1), nn.ReLU(inplace=True),
                nn.AdaptiveAvgPool2d(4),
            )
            self.fc1 = nn.Linear(1024, 48)
            self.fc2 = nn.Linear(48, out_shape[0])

        def forward(self, x):
            x = self.features(x).flatten(1)
            return self.fc2(self.fc1(x).relu())
    """)
"""As a language model writes it: literals, no names for widths."""

LOOP_NET = dedent("""\
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    class Net(nn.Module):
        def __init__(self, in_shape: tuple, out_shape: tuple, prm: dict, device: torch.device) -> None:
            super().__init__()
            layers = []
            channels = in_shape[1]
            for width in [16, 32, 48]:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)]
                channels = width
            for _ in range(2):
                layers.append(nn.Conv2d(channels, channels, 3, padding=1))
            self.body = nn.Sequential(*layers)
            self.fc = nn.Linear(48, out_shape[0])

        def forward(self, x):
            x = F.relu(self.body(x))
            return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))
    """)


SAME, WIDER, PADDED = "nn.Conv2d(4, 4, 1)", "nn.Conv2d(4, 8, 1)", "nn.Conv2d(4, 8, 3, padding=1)"
STRIDED, UNSTRIDED = "nn.Conv2d(4, 8, 3, 2, 1)", "nn.Conv2d(8, 8, 3, 1, 1)"
DEPTHWISE = "nn.Conv2d(4, 4, 3, padding=1, groups=4)"


def sequence(*layers: str) -> str:
    return f"nn.Sequential({', '.join(layers)})"


def builds(source: str) -> bool:
    try:
        return count_parameters(Program(source), CIFAR_SHAPE) <= 500_000
    except (RuntimeError, ValueError, TypeError, AttributeError, NameError):
        return False


def apply(operation: ProgramOperation, source: str, seed: int = 0) -> tuple[str, str | None]:
    tree = ast.parse(source)
    description = operation(tree, random.Random(seed))
    return ast.unparse(ast.fix_missing_locations(tree)), description


def test_most_single_mutations_of_the_corpus_build_within_the_budget() -> None:
    results = [builds(mutate(network.program.source, random.Random(1)).source) for network in CORPUS]
    assert sum(results) >= 0.85 * len(results)


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)])
def test_most_chains_of_five_mutations_build_within_the_budget(every: int) -> None:
    def chain(source: str, rng: random.Random) -> str:
        for _ in range(5):
            source = mutate(source, rng).source
        return source

    results = [builds(chain(network.program.source, random.Random(3))) for network in CORPUS[::every]]
    assert sum(results) >= 0.70 * len(results)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CORPUS), st.integers(0, 10**6))
def test_a_mutation_is_another_network_that_keeps_the_contract(network: object, seed: int) -> None:
    source = network.program.source  # type: ignore[attr-defined]
    mutation = mutate(source, random.Random(seed))
    assert canonical_digest(mutation.source) != canonical_digest(source)
    assert not check_source(mutation.source)
    assert is_compact(mutation.source)
    assert mutation.operation
    assert format_tree(ast.parse(mutation.source)) == mutation.source


def test_the_same_random_state_gives_the_same_mutation() -> None:
    source = CORPUS[0].program.source
    assert mutate(source, random.Random(5)) == mutate(source, random.Random(5))
    assert len({mutate(source, random.Random(seed)).source for seed in range(30)}) > 20


def test_a_full_program_keeps_its_training_methods() -> None:
    full = complete(CORPUS[0].program.source)
    for seed in range(5):
        mutated = mutate(full, random.Random(seed)).source
        assert not check_source(mutated)
        assert "def train_setup(self, prm)" in mutated
        assert "def supported_hyperparameters()" in mutated


@pytest.mark.parametrize("source", [LITERAL_NET, LOOP_NET])
def test_programs_a_model_wrote_nearly_always_build_after_a_mutation(source: str) -> None:
    assert builds(source)
    mutations = [mutate(source, random.Random(seed)) for seed in range(40)]
    failed = Counter(mutation.operation for mutation in mutations if not builds(mutation.source))
    assert failed.total() <= 4, failed


@pytest.mark.parametrize(
    "source", ["x = 1", "class Net:\n    pass", "import torch.nn as nn\n\ndef f(x):\n    return x"]
)
def test_where_nothing_can_be_changed_the_program_comes_back(source: str) -> None:
    mutation = mutate(source, random.Random(0))
    assert mutation.operation == "nothing to change"
    assert canonical_digest(mutation.source) == canonical_digest(source)


@pytest.mark.parametrize("source", ["def f(:", "", "I cannot write that.", "\0"])
def test_what_does_not_parse_is_a_value_error(source: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        mutate(source, random.Random(0))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CORPUS), st.integers(0, 10**6), st.data())
def test_half_a_program_is_changed_or_comes_back(network: object, seed: int, data: st.DataObject) -> None:
    """Whatever parses is worked on; a layer with missing or too many arguments is left alone."""
    tree = ast.parse(network.program.source)  # type: ignore[attr-defined]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    broken = data.draw(st.sampled_from(calls))
    broken.args = data.draw(st.sampled_from([[], broken.args[:1], broken.args * 4]))
    mutation = mutate(ast.unparse(tree), random.Random(seed))
    ast.parse(mutation.source)


def test_every_operation_applies_somewhere_in_the_corpus_and_builds() -> None:
    for operation, _ in OPERATIONS:
        results = []
        for number, network in enumerate(CORPUS):
            changed, description = apply(operation, network.program.source, number)
            if description is None:
                assert changed == ast.unparse(ast.parse(network.program.source))
            elif len(results) < 3:
                results.append(builds(changed))
        assert results, f"{operation.__name__} applies nowhere"
        assert sum(results) >= 0.6 * len(results), f"{operation.__name__}: {sum(results)} of {len(results)}"


def test_a_width_changes_everywhere_it_stands() -> None:
    widths = set()
    for seed in range(20):
        changed, description = apply(change_width, LITERAL_NET, seed)
        if description is not None:
            assert builds(changed), description
            widths.add(description.split()[1])
    assert widths == {"32", "64", "48"}


def test_a_named_width_changes_in_its_name_alone() -> None:
    changed, description = apply(change_width, CORPUS[0].program.source, 1)
    assert description is not None
    assert sum(a != b for a, b in zip(changed, ast.unparse(ast.parse(CORPUS[0].program.source)), strict=False)) <= 80
    assert builds(changed)


def test_a_kernel_changes_with_its_padding() -> None:
    source = LITERAL_NET.replace("32, kernel_size=3, padding=1", "32, kernel_size=3, padding=2, dilation=2")
    for seed in range(10):
        changed, description = apply(change_kernel, source, seed)
        assert description is not None
        assert builds(changed)


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        (swap_pool, "nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
        (swap_norm, "nn.BatchNorm2d(8)", "nn.GroupNorm(1, 8)"),
        (swap_norm, "nn.GroupNorm(4, 8)", "nn.BatchNorm2d(8)"),
        (remove_pool, sequence("nn.MaxPool2d(2)", "nn.ReLU()"), sequence("nn.ReLU()")),
        (add_norm, sequence(WIDER, "nn.ReLU()"), sequence(WIDER, "nn.BatchNorm2d(8)", "nn.ReLU()")),
        (separate_convolution, "nn.Conv2d(4, 8, 3, padding=1)", sequence(DEPTHWISE, WIDER)),
        (duplicate_block, sequence(SAME, "nn.ReLU()"), sequence(SAME, "nn.ReLU()", SAME, "nn.ReLU()")),
        (remove_block, sequence("nn.ReLU()", SAME, "f()"), sequence("nn.ReLU()", "f()")),
        (extend_stage, sequence(STRIDED, "nn.ReLU()"), sequence(STRIDED, "nn.ReLU()", UNSTRIDED, "nn.ReLU()")),
        (add_residual, sequence(SAME, "f()"), sequence(f"Residual({SAME})", "f()")),
        (add_squeeze_excite, sequence(WIDER, "nn.ReLU()"), sequence(WIDER, "nn.ReLU()", "SqueezeExcite(8)")),
        (hide_layer, "nn.Linear(512, out_shape[0])", "nn.BatchNorm1d("),
        (pool_finer, sequence("nn.AdaptiveAvgPool2d(1)", "nn.Flatten()", "nn.Linear(8, n)"), "nn.Linear(8 * "),
        (pool_finer, sequence("nn.AdaptiveAvgPool2d(4)", "nn.Flatten()", "nn.Linear(8 * 16, n)"), "nn.Linear(8"),
        (change_dropout, sequence("nn.ReLU()", "nn.Linear(8, n)"), "nn.Dropout(0."),
        (move_pool, sequence("nn.MaxPool2d(2)", "f(x)", "g(y)"), sequence("f(x)", "nn.MaxPool2d(2)", "g(y)")),
        (add_pool, sequence(WIDER, "nn.ReLU()"), sequence(WIDER, "nn.ReLU()", "nn.MaxPool2d(2, ceil_mode=True)")),
        (change_stride, sequence(PADDED, "f(x)"), sequence("nn.Conv2d(4, 8, 3, padding=1, stride=2)", "f(x)")),
        (change_repeats, "[f(i) for i in range(3)]", "range("),
        (change_ratio, "Block(expand=4)", "Block(expand="),
        (swap_activation, "F.relu(x, inplace=True)", "torch.nn.functional."),
    ],
)  # fmt: skip
def test_an_operation_writes_what_it_says(operation: ProgramOperation, before: str, after: str) -> None:
    head = "import torch.nn as nn\n\nclass Net(nn.Module):\n    def __init__(self, out_shape):\n"
    source = f"{head}        self.x = {before}\n"
    changed, description = apply(operation, source)
    assert description is not None
    assert after in changed
    assert before not in changed


def test_a_helper_is_called_with_another_kernel_where_it_pads_by_half() -> None:
    changed, description = apply(change_helper_kernel, CORPUS[0].program.source)
    assert description is not None
    assert builds(changed)


def test_a_helper_class_takes_another_name_where_the_program_uses_its_own() -> None:
    source = LITERAL_NET.replace("class Net", "class Residual:\n    pass\n\nclass Net").replace(
        "64, kernel_size=3", "32, kernel_size=3"
    )
    changed, _ = apply(add_residual, source)
    assert "class ResidualBlock" in changed
    twice, _ = apply(add_residual, changed)
    assert twice.count("class Residual") == 2


def test_variants_are_canonically_distinct_and_repeatable() -> None:
    source = CORPUS[1].program.source
    found = variants(source, 8, seed=1)
    assert len({canonical_digest(text) for text in [source, *found]}) == 9
    assert variants(source, 8, seed=1) == found
    assert variants(source, 8, seed=2) != found


def test_a_program_with_nothing_to_change_has_no_variants() -> None:
    assert variants("x = 1", 3, seed=0) == []

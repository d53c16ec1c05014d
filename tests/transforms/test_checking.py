"""What can be known of an augmentation without running it, in words to act on."""

import random

import pytest

from archwright.candidate import FailureKind, Stage
from archwright.starters.baselines import baselines
from archwright.transforms.catalogue import OPERATIONS
from archwright.transforms.checking import check_transform
from archwright.transforms.writing import CompositionStep, as_source, drawn_composition, mutated, read_composition

HEAD = "def augment(images, op):\n"


def body(line: str) -> str:
    return f"{HEAD}    images = {line}\n    return images\n"


@pytest.mark.parametrize("name", [name for name, _ in baselines()])
def test_nothing_is_wrong_with_the_baselines(name: str) -> None:
    assert check_transform(dict(baselines())[name].source) == ()


WRONG = {
    "": (Stage.PARSE, FailureKind.EMPTY, None, r"write def augment\(images, op\)"),
    "Flip the images.": (Stage.PARSE, FailureKind.PROSE, None, "prose"),
    "import torchvision\n\n\n" + body("images"): (
        Stage.CONTRACT,
        FailureKind.MISSING_DEPENDENCY,
        1,
        "torchvision is not here; call the operations on op",
    ),
    "import socket\n\n\n" + body("images"): (Stage.POLICY, FailureKind.FORBIDDEN, 1, "import of socket"),
    "def transform(norm):\n    return norm\n": (
        Stage.CONTRACT,
        FailureKind.MISSING_NET,
        1,
        r"there is no def augment\(images, op\) at module level; rename transform",
    ),
    "def augment(images):\n    return images\n": (Stage.CONTRACT, FailureKind.BAD_SIGNATURE, 1, "other arguments"),
    HEAD + "    op.invert(images, p=0.5)\n": (Stage.CONTRACT, FailureKind.WRONG_OUTPUT, 1, "end with return images"),
    body("op.rotate(images, degrees=10)"): (Stage.CONTRACT, FailureKind.NAME, 2, r"did you mean op\.rotation\?"),
    body("op.rotation(images, degrees=400)"): (
        Stage.CONTRACT,
        FailureKind.TYPE,
        2,
        r"op\.rotation: degrees=400 must be a number or \(low, high\) from -180 to 180",
    ),
    body("op.rotation(images, 30)"): (Stage.CONTRACT, FailureKind.TYPE, 2, "parameters without their names"),
    body("op.rotation(images)"): (Stage.CONTRACT, FailureKind.TYPE, 2, r"op\.rotation needs degrees"),
    body("op.invert(images, chance=0.5)"): (Stage.CONTRACT, FailureKind.TYPE, 2, "has no parameter chance"),
    body("op.invert(p=0.5)"): (Stage.CONTRACT, FailureKind.TYPE, 2, "is given no images"),
}


@pytest.mark.parametrize("source", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_named_with_its_line(source: str) -> None:
    import re

    stage, kind, line, words = WRONG[source]
    first = check_transform(source)[0]
    assert (first.stage, first.kind, first.line) == (stage, kind, line)
    assert re.search(words, first.message)


def test_values_that_are_computed_are_left_to_the_run() -> None:
    assert check_transform(body("op.rotation(images, degrees=4 * 100)")) == ()


def test_random_compositions_and_their_mutations_are_sound_and_can_be_read_back() -> None:
    for seed in range(200):
        rng = random.Random(seed)
        composition = drawn_composition(rng)
        for _ in range(4):
            source = as_source(composition)
            assert check_transform(source) == (), source
            assert read_composition(source) == composition
            changed, what = mutated(composition, rng)
            assert what
            assert 0 < len(changed) <= 3
            composition = changed


def test_the_same_seed_draws_the_same_composition() -> None:
    drawn = {as_source(drawn_composition(random.Random(seed))) for seed in (3, 3, 4)}
    assert len(drawn) == 2


def test_all_operations_and_lengths_are_drawn() -> None:
    drawn = [drawn_composition(random.Random(seed)) for seed in range(600)]
    assert {len(composition) for composition in drawn} == {1, 2, 3}
    assert len({step.operation for composition in drawn for step in composition}) == 19


@pytest.mark.parametrize("name", ["trivial_augment", "rand_augment"])
def test_what_is_no_composition_is_not_read_as_one(name: str) -> None:
    assert read_composition(dict(baselines())[name].source) is None
    assert read_composition(HEAD + "    images = op.invert(images + 1, p=0.5)\n    return images\n") is None
    assert read_composition("def (") is None
    assert read_composition(HEAD + "    other = op.vertical_flip(images, p=1.0)\n    return images\n") is None
    assert read_composition("def augment(images, op, k=2):\n    return images\n") is None


def test_only_what_is_drawn_is_given_another_value() -> None:
    fixed = next(
        (name, parameter)
        for name, operation in OPERATIONS.items()
        for parameter, about in operation.parameters.items()
        if about.kind != "word" and not about.drawn
    )
    composition = (
        CompositionStep(fixed[0], ((fixed[1], 0),)),
        CompositionStep("vertical_flip", (("p", 0.5), ("unknown", 1))),
    )
    for seed in range(60):
        changed, what = mutated(composition, random.Random(seed))
        if what.startswith("tune"):
            assert what == "tune p of vertical_flip"
            assert changed != composition


def test_an_empty_composition_is_the_baseline_none() -> None:
    assert as_source(()) == dict(baselines())["none"].source

"""Pairs say what was verified, and nothing else: by hand-made examples whose parameters are known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archwright.contracts import complete
from archwright.corpus.pairs import CorpusPair, lengths, missing_shapes, pairs_from, token_counts
from archwright.corpus.shapes import GRAY, RGB, TaskShape
from archwright.corpus.store import Corpus, CorpusProgram, Example
from archwright.learning.trainer import encode_pair
from archwright.llm.embedded import EMBEDDED_NAME, embedded_folder
from archwright.llm.local import load_tokenizer
from archwright.prompts import DUAL_TASK_SPECS
from archwright.starters import load_seed_corpus
from archwright.task import Budget, DataSpec

SOURCE = load_seed_corpus()[0].program.source
MNIST, CIFAR = DUAL_TASK_SPECS
CIFAR100 = DataSpec("cifar100", "CIFAR-100", (3, 32, 32), tuple(str(number) for number in range(100)), 50_000, 10_000)


def example(name: str, split: str, params: dict[TaskShape, int | None], *, has_compact: bool = True) -> Example:
    program = name.partition("+")[0]
    return Example(name, program, SOURCE if has_compact else None, complete(SOURCE), params, split)


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    with Corpus.create(tmp_path, {"sources": []}) as corpus:
        corpus.add_programs([CorpusProgram(name, "here", None, SOURCE, None) for name in ("small", "large", "held")])
        corpus.add_examples(
            [
                example("small", "train", {RGB: 400_000, GRAY: None}),
                example("small+2", "train", {RGB: 300_000, GRAY: 200_000}),
                example("large", "train", {RGB: 600_000, GRAY: 500_000}, has_compact=False),
                example("held", "held-out", {RGB: 10, GRAY: 10}),
            ]
        )
        yield corpus


def keys(pairs: Iterator[CorpusPair]) -> list[tuple[str, str, str]]:
    return [(pair.example, pair.task, pair.form) for pair in pairs]


def test_an_example_answers_the_tasks_it_was_verified_for_within_the_budget(corpus: Corpus) -> None:
    assert keys(pairs_from(corpus)) == [
        ("small", "cifar10", "compact"),
        ("small", "cifar10", "full"),
        ("small+2", "mnist", "compact"),
        ("small+2", "mnist", "full"),
        ("small+2", "cifar10", "compact"),
        ("small+2", "cifar10", "full"),
        ("large", "mnist", "full"),
    ]
    unlimited = keys(pairs_from(corpus, [CIFAR], Budget(max_params=0), forms=["full"]))
    assert unlimited == [("small", "cifar10", "full"), ("small+2", "cifar10", "full"), ("large", "cifar10", "full")]


def test_the_sides_of_the_split_share_no_program(corpus: Corpus) -> None:
    held_out = {pair.program for pair in pairs_from(corpus, side="held-out")}
    assert held_out == {"held"}
    assert held_out.isdisjoint(pair.program for pair in pairs_from(corpus))


def test_a_pair_asks_for_the_data_set_and_the_form_of_its_answer(corpus: Corpus) -> None:
    for pair in pairs_from(corpus):
        spec = MNIST if pair.task == "mnist" else CIFAR
        assert spec.title in pair.pair.prompt.user
        assert "500,000" in pair.pair.prompt.user
        assert ("No training code" in pair.pair.prompt.user) == (pair.form == "compact")
        assert ("def learn" in pair.pair.completion) == (pair.form == "full")


def test_the_same_images_with_more_classes_are_another_task(corpus: Corpus) -> None:
    assert keys(pairs_from(corpus, [CIFAR100])) == []
    shape = TaskShape.of(CIFAR100)
    assert missing_shapes(corpus, [CIFAR, CIFAR100]) == [shape]
    corpus.add_runs({"small": {shape: 450_000}, "small+2": {shape: None}, "large": {shape: None}, "held": {shape: 1}})
    assert missing_shapes(corpus, [CIFAR, CIFAR100]) == []
    assert keys(pairs_from(corpus, [CIFAR100], forms=["compact"])) == [("small", "cifar100", "compact")]


def test_lengths_are_what_training_counts(corpus: Corpus) -> None:
    pairs = [each.pair for each in pairs_from(corpus)]
    tokenizer = load_tokenizer(embedded_folder(), EMBEDDED_NAME)
    counts = [len(encode_pair(tokenizer, pair).input_ids) for pair in pairs]
    assert token_counts(pairs, EMBEDDED_NAME) == counts
    found = lengths(pairs, EMBEDDED_NAME)
    assert found is not None
    assert (found.pairs, found.minimum, found.maximum) == (len(pairs), min(counts), max(counts))
    assert found.lower_quartile <= found.median <= found.upper_quartile <= found.percentile_95
    assert lengths([], EMBEDDED_NAME) is None

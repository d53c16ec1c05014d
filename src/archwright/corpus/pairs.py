"""Training pairs from a corpus: the prompt of a task and a program that is known to answer it (appendix B and C)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from archwright.corpus.shapes import TaskShape
from archwright.corpus.store import Corpus
from archwright.llm.pairs import Pair, make_pair
from archwright.prompts import DUAL_TASK_SPECS, Form, render_full
from archwright.task import Budget, DataSpec

Side = Literal["train", "held-out"]
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True, slots=True)
class CorpusPair:
    """A training pair and what it was made of."""

    example: str
    """The example's name."""
    program: str
    """The program of the sources that it, or what it is a mutation of, comes from."""
    task: str
    """Name of the data set that the prompt speaks of."""
    form: Form
    pair: Pair


def pairs_from(
    corpus: Corpus,
    specs: Sequence[DataSpec] = DUAL_TASK_SPECS,
    budget: Budget | None = None,
    *,
    forms: Sequence[Form] = FORMS,
    side: Side = "train",
) -> Iterator[CorpusPair]:
    """Yield a pair for every example on one side of the split, data set and form, by preference of the example.

    Left out are data sets at whose shape the example does not run or was not verified (`enlarging.verify_at`), networks
    larger than `budget.max_params`, and the compact form of a program that has none. The prompt states the budget,
    by default the usual one. The two sides share no cluster.
    """
    limits = budget or Budget()
    for example in corpus.examples():
        if example.split != side:
            continue
        for spec in specs:
            params = example.params.get(TaskShape.of(spec))
            if params is None or (limits.max_params and params > limits.max_params):
                continue
            for form in forms:
                source = example.full if form == "full" else example.compact
                if source is not None:
                    pair = make_pair(render_full(spec, limits, form), source)
                    yield CorpusPair(example.name, example.program, spec.name, form, pair)


def missing_shapes(corpus: Corpus, specs: Sequence[DataSpec]) -> list[TaskShape]:
    """Return the shapes of `specs` at which some example of `corpus` was never verified."""
    examples = corpus.examples()
    shapes = dict.fromkeys(map(TaskShape.of, specs))
    return [shape for shape in shapes if any(shape not in example.params for example in examples)]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long pairs are in tokens of one model, prompt, answer and end token together."""

    pairs: int
    minimum: int
    lower_quartile: int
    median: int
    upper_quartile: int
    percentile_95: int
    maximum: int


def lengths(pairs: Sequence[Pair], model: str) -> Lengths | None:
    """Return the distribution of the pairs' lengths by the tokenizer of a local `model`; None when there is no pair.

    Nearest ranks, so every figure is the length of some pair. Raises ModelError when the tokenizer cannot be loaded.
    """
    if not pairs:
        return None
    counts = token_counts(pairs, model)
    ranks = np.quantile(counts, [0, 0.25, 0.5, 0.75, 0.95, 1], method="nearest")
    return Lengths(len(counts), *(int(rank) for rank in ranks))


def token_counts(pairs: Sequence[Pair], model: str) -> list[int]:
    """Return the length of every pair in tokens, as training counts them."""
    from archwright.llm.local import encode_text, load_tokenizer, render_prompt
    from archwright.llm.registry import local_source

    tokenizer = load_tokenizer(local_source(model), model)
    prompts = {prompt: len(render_prompt(tokenizer, prompt)) for prompt in {pair.prompt for pair in pairs}}
    return [prompts[pair.prompt] + len(encode_text(tokenizer, pair.completion)) + 1 for pair in pairs]

"""A public fake of the LanguageModel seam, and the contract suite that every LanguageModel passes."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import final

import pytest

from archwright.errors import ModelError
from archwright.llm.model import Completion, Decoding, FinishReason, LanguageModel, Prompt, Trainable

PROGRAM_ANSWER = """\
Here is a network.

```python
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0]))

    def forward(self, x):
        return self.head(x)
```
"""
"""An answer with a valid program in compact form."""


@final
class FakeModel:
    """Answers with given texts, picked by the seed alone; takes every adapter and remembers what it was asked."""

    def __init__(self, texts: Sequence[str] = (PROGRAM_ANSWER,), *, name: str = "fake") -> None:
        self.name = name
        self.adapter: str | None = None
        self.asked: list[Prompt] = []
        """Every prompt so far, in order."""
        self.texts = list(texts)

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        """Return `texts[seed modulo their number]` for each prompt; words count as tokens."""
        if len(prompts) != len(seeds):
            raise ValueError(f"{len(prompts)} prompts but {len(seeds)} seeds")
        self.asked += prompts
        return [
            self._answer(prompt, self.texts[seed % len(self.texts)])
            for prompt, seed in zip(prompts, seeds, strict=True)
        ]

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the completions with their positions, in order."""
        yield from enumerate(self.complete(prompts, decoding, seeds))

    def use_adapter(self, name: str, folder: Path) -> None:
        """Remember the adapter's name; raises ModelError when there is no such folder."""
        if not folder.is_dir():
            raise ModelError(f"{folder} holds no adapter", "give an existing folder")
        self.adapter = name

    def close(self) -> None:
        """Do nothing."""

    def _answer(self, prompt: Prompt, text: str) -> Completion:
        reason = FinishReason.STOP if text.strip() else FinishReason.EMPTY
        return Completion(text, len(str(prompt).split()), len(text.split()), reason, wall_s=0.0)


class LanguageModelContract(ABC):
    """What every LanguageModel does. Subclass it in a test module and provide the fixture `model`."""

    prompts = (
        Prompt("You are brief.", "Write a Python function that adds two numbers."),
        Prompt("", "Say hello."),
        Prompt("You are brief.", "Write a Python function that adds two numbers."),
    )
    decoding = Decoding(temperature=0.8, top_k=50, top_p=0.9, max_new_tokens=12)

    @pytest.fixture
    @abstractmethod
    def model(self) -> LanguageModel:
        """The model under test, without an adapter."""

    def test_every_prompt_gets_one_completion_with_its_costs(self, model: LanguageModel) -> None:
        """Tokens and seconds are what happened, so they are never negative."""
        completions = model.complete(self.prompts, self.decoding, [1, 2, 3])
        assert len(completions) == 3
        for completion in completions:
            assert min(completion.prompt_tokens, completion.completion_tokens) >= 0
            assert completion.wall_s >= 0.0

    def test_an_empty_completion_says_so_and_only_an_empty_one(self, model: LanguageModel) -> None:
        """`EMPTY` means that there is nothing to read."""
        for completion in model.complete(self.prompts, self.decoding, [4, 5, 6]):
            assert (completion.finish_reason is FinishReason.EMPTY) == (not completion.text.strip())

    def test_the_same_seeds_give_the_same_completions(self, model: LanguageModel) -> None:
        """Same prompts, seeds and batch."""
        first, second = (model.complete(self.prompts, self.decoding, [7, 8, 9]) for _ in range(2))
        assert [completion.text for completion in first] == [completion.text for completion in second]

    def test_no_prompts_give_no_completions(self, model: LanguageModel) -> None:
        """Nothing is asked of the model."""
        assert model.complete([], self.decoding, []) == []

    def test_every_prompt_needs_a_seed(self, model: LanguageModel) -> None:
        """A wrong number of seeds is a mistake of the caller."""
        with pytest.raises(ValueError, match="seeds"):
            model.complete(self.prompts, self.decoding, [1])

    def test_it_has_a_name(self, model: LanguageModel) -> None:
        """The specification it was made from."""
        assert model.name


class TrainableContract(LanguageModelContract):
    """What every model whose weights are at hand does besides."""

    @pytest.fixture
    @abstractmethod
    def model(self) -> Trainable:
        """The model under test, without an adapter."""

    def test_an_impossible_adapter_is_refused_and_the_model_goes_on(self, model: Trainable, tmp_path: Path) -> None:
        """What it knew before stays."""
        with pytest.raises(ModelError):
            model.use_adapter("missing", tmp_path / "missing")
        assert model.adapter is None
        assert len(model.complete(self.prompts[:1], self.decoding, [1])) == 1

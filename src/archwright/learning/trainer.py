"""TRL's SFTTrainer, with a loss that looks at completions only and says how it goes.

Logits are computed for the completion's positions alone: the output layer over 49,152 words is a fifth of the work and
most of the memory.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import TrainerCallback
from trl import SFTTrainer

from archwright.learning.pairs import Pair
from archwright.llm.local import render_prompt

IGNORED = -100
"""Label of a position that does not count in the loss."""

Report = Callable[[int, int, float, float], None]
"""Called with (step, steps, loss, tokens per second)."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A pair as tokens: the prompt as generation renders it, then the completion and the end token."""

    input_ids: list[int]
    labels: list[int]
    """The same, with `IGNORED` for every token of the prompt."""

    @property
    def completion_tokens(self) -> int:
        """Tokens that count in the loss."""
        return len(self.labels) - self.labels.count(IGNORED)


def encode_pair(tokenizer: Any, pair: Pair) -> Encoded:
    """Return the tokens of `pair`; they join exactly where generation will start."""
    prompt = render_prompt(tokenizer, pair.prompt)
    completion = [*tokenizer(pair.completion, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
    return Encoded(prompt + completion, [IGNORED] * len(prompt) + completion)


class CompletionTrainer(SFTTrainer):  # type: ignore[misc]  # trl is untyped
    """SFTTrainer whose output layer sees the completion's positions only.

    TRL's own chunked loss scores every position on devices without Triton and adds an entropy nobody reads.
    """

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: Mapping[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor:
        """Return the cross-entropy per counted token of the whole accumulated batch."""
        targets_nt = inputs["labels"][:, 1:]
        counts_nt = targets_nt != IGNORED
        columns = counts_nt.any(0).nonzero().squeeze(1)
        logits_ntv = model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            use_cache=False,
            logits_to_keep=columns,
        ).logits
        loss = cross_entropy(
            logits_ntv.flatten(0, 1).float(), targets_nt[:, columns].flatten(), ignore_index=IGNORED, reduction="sum"
        )
        return loss / (counts_nt.sum() if num_items_in_batch is None else num_items_in_batch)


class Progress(TrainerCallback):  # type: ignore[misc]  # transformers is untyped here
    """Collects the loss of every step and reports it."""

    def __init__(self, tokens_per_epoch: int, epochs: int, report: Report) -> None:
        self.losses: list[float] = []
        self._tokens = tokens_per_epoch * epochs
        self._epochs = epochs
        self._report = report
        self._started = 0.0

    @property
    def last_epoch_loss(self) -> float:
        """Mean loss over the steps of the last epoch."""
        last = self.losses[-max(1, len(self.losses) // self._epochs) :]
        return round(sum(last) / len(last), 6)

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, float] | None = None, **rest: Any) -> None:
        """Keep and report the loss of the step that just ended."""
        if logs is None or "loss" not in logs:
            return
        loss = float(logs["loss"])
        self.losses.append(loss)
        share = state.global_step / state.max_steps
        speed = self._tokens * share / max(time.perf_counter() - self._started, 1e-9)
        self._report(state.global_step, state.max_steps, loss, round(speed, 1))

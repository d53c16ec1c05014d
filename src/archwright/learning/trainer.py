"""TRL's SFTTrainer, with a loss that looks at completions only and says how it goes.

Logits are computed for the completion's positions alone: the output layer over 49,152 words is a fifth of the work and
most of the memory.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import TrainerCallback
from trl import SFTTrainer

from archwright.llm.local import encode_text, render_prompt
from archwright.llm.pairs import Pair

IGNORED = -100
"""Label of a position that does not count in the loss."""

ReportStep = Callable[[int, int, float, float], None]
"""Called with (step, steps, loss, tokens per second)."""


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """A pair as tokens: the prompt as generation renders it, then the completion and the end token."""

    input_ids: list[int]
    labels: list[int]
    """The same, with `IGNORED` for every token of the prompt."""

    @property
    def completion_tokens(self) -> int:
        """Tokens that count in the loss."""
        return len(self.labels) - self.labels.count(IGNORED)


def encode_pair(tokenizer: Any, pair: Pair) -> EncodedPair:
    """Return the tokens of `pair`; they join exactly where generation will start."""
    prompt = render_prompt(tokenizer, pair.prompt)
    completion = [*encode_text(tokenizer, pair.completion), tokenizer.eos_token_id]
    return EncodedPair(prompt + completion, [IGNORED] * len(prompt) + completion)


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

    def loss_of(self, rows: Sequence[EncodedPair]) -> float:
        """Return the mean loss per counted token of `rows`, in nats, without dropout; nothing is learned from them."""
        self.model.eval()
        total = 0.0
        with torch.no_grad(), self.compute_loss_context_manager():
            for row in rows:
                tokens_nt = torch.tensor([row.input_ids], device=self.args.device)
                labels_nt = torch.tensor([row.labels], device=self.args.device)
                inputs = {"input_ids": tokens_nt, "attention_mask": torch.ones_like(tokens_nt), "labels": labels_nt}
                total += float(self.compute_loss(self.model, inputs, num_items_in_batch=1))
        return total / sum(row.completion_tokens for row in rows)


class StepReports(TrainerCallback):  # type: ignore[misc]  # transformers is untyped here
    """Reports the loss of every step, and notes in the trainer's log what the step took; the log outlives a kill."""

    def __init__(self, tokens: int, report: ReportStep) -> None:
        """`tokens` are those of all epochs."""
        self._tokens = tokens
        self._report = report
        self._first = 0
        self._started = self._noted = 0.0
        self._cpu_s = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Start the clocks."""
        self._first = state.global_step
        self._started = self._noted = time.perf_counter()
        self._cpu_s = time.process_time()

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, float] | None = None, **rest: Any) -> None:
        """Report the step that just ended; its speed is the mean since this process began to train."""
        if logs is None or "loss" not in logs:
            return
        now, cpu_s = time.perf_counter(), time.process_time()
        state.log_history[-1] |= {"wall_s": round(now - self._noted, 3), "cpu_s": round(cpu_s - self._cpu_s, 3)}
        self._noted, self._cpu_s = now, cpu_s
        share = (state.global_step - self._first) / state.max_steps
        speed = self._tokens * share / max(now - self._started, 1e-9)
        self._report(state.global_step, state.max_steps, float(logs["loss"]), round(speed, 1))

"""A causal language model with LoRA over textual codes: "taming an LLM" literally.

The tasks are T5's, asked as chat prompts. An adapter is trained by `learning.tuning` in a process of its own; the model
itself is only read. Every call reads tens of tokens per sequence: on a CPU this is for hundreds of sequences.
"""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field

from archwright.cells.priors.fitting import training_identity
from archwright.cells.priors.grammar import CodeGrammar
from archwright.cells.priors.prior import Codes, OnStep, PriorSchedule, check_prefix, checked_codes
from archwright.cells.priors.storage import write_prior
from archwright.cells.priors.textual import GENERATE, TextPrior, make_examples, write_codes
from archwright.config import TuneConfig
from archwright.errors import UsageError
from archwright.learning.tuning import PAIRS, tune_until
from archwright.llm.adapters import with_adapter
from archwright.llm.embedded import EMBEDDED_NAME
from archwright.llm.hardware import detect_hardware
from archwright.llm.local import load_network, load_tokenizer, make_ready, render_prompt
from archwright.llm.model import Decoding, Prompt
from archwright.llm.pairs import Pair, write_pairs
from archwright.llm.registry import local_source
from archwright.llm.sampling import sample
from archwright.randomness import derive_seed
from archwright.resumable import replacing, writing
from archwright.task import Frozen

CHUNK = 128
"""Sequences that are written at a time."""
ADAPTER, IDENTITY = "adapter", "identity.txt"


class LlmPriorConfig(Frozen):
    """Which model, how much of it is trained, and what `fit` does unless told otherwise."""

    model: str = Field(EMBEDDED_NAME, description="A local one, as in `llm.model` of a study.")
    rank: int = Field(16, ge=1)
    training: PriorSchedule = PriorSchedule(epochs=1, batch=16, lr=1e-3)


class LlmPrior(TextPrior):
    """A `CodePrior` that is a language model with an adapter, on the GPU where there is one."""

    def __init__(
        self, vertices: int, codes: int, config: LlmPriorConfig | None = None, *, adapter: Path | None = None
    ) -> None:
        """Begin with the bare model, or with the adapter in a folder, which is left as it is."""
        self.vertices = vertices
        self.codes = codes
        self._config = config or LlmPriorConfig()
        self.training = self._config.training
        self._adapter = adapter
        self._forget: Callable[[], object] = lambda: None

    def fit(self, codes_nv: Codes, *, seed: int, checkpoint: Path | None = None, on_step: OnStep | None = None) -> None:
        """See `CodePrior`; `checkpoint` becomes a folder."""
        codes_nv = checked_codes(codes_nv, self.vertices, self.codes)
        training = self.training
        scratch = Path(tempfile.mkdtemp(prefix="archwright-"))
        forget = weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        folder = checkpoint or scratch / "training"
        self._write_lesson(folder, codes_nv, training, seed)
        tuning = TuneConfig(
            rank=self._config.rank,
            alpha=2 * self._config.rank,
            dropout=0.0,
            lr=training.lr,
            epochs=training.epochs,
            batch=training.batch,
            accumulation=1,
        )
        trained = tune_until(
            training.epochs,
            folder,
            model=self._config.model,
            init_adapter=self._adapter,
            config=tuning,
            seed=seed,
            on_step=None if on_step is None else lambda step, steps, loss, speed: on_step(step, steps, loss),
        )
        self._adapter = Path(shutil.copytree(trained, scratch / ADAPTER))
        self._forget()  # The adapter before.
        self._forget = forget
        self.__dict__.pop("_network", None)

    def next_log_probs(self, prefix_np: Codes) -> NDArray[np.float32]:
        """See `CodePrior`: of "generate:", among answers that are codes; some fifty rows of tokens for each prefix."""
        length = prefix_np.shape[1]
        check_prefix(prefix_np, self.vertices, self.codes)
        first, later = ([tuple(self._tokens(f"{gap}{code}")) for code in range(self.codes)] for gap in ("", " "))
        ends = [self._tokenizer.eos_token_id] if length == self.vertices - 1 else [tokens[0] for tokens in later]
        prompt = render_prompt(self._tokenizer, Prompt("", GENERATE))
        prefixes = [[*prompt, *self._tokens(write_codes(row))] for row in prefix_np.tolist()]
        return CodeGrammar(later if length else first, ends).next_log_probs(prefixes, self._score)

    def save(self, folder: Path) -> None:
        """See `CodePrior`; the adapter is copied, the model stays where it is."""
        with writing(f"the adapter in {folder}"):
            shutil.rmtree(folder / ADAPTER, ignore_errors=True)
            if self._adapter is not None:
                shutil.copytree(self._adapter, folder / ADAPTER)
        write_prior(folder, "llm", self, self._config)

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "LlmPrior":
        """Return the prior that `save` wrote to `folder`, described by `document`."""
        adapter = folder / ADAPTER if (folder / ADAPTER).is_dir() else None
        config = LlmPriorConfig.model_validate(document["config"])
        return cls(document["vertices"], document["codes"], config, adapter=adapter)

    @cached_property
    def _tokenizer(self) -> Any:
        return load_tokenizer(local_source(self._config.model), self._config.model)

    @cached_property
    def _network(self) -> Any:
        hardware = detect_hardware()
        network = load_network(local_source(self._config.model), self._config.model, hardware)
        if self._adapter is not None:
            network = with_adapter(network, self._adapter).merge_and_unload()
        return make_ready(network, hardware)

    def _write_lesson(self, folder: Path, codes_nv: Codes, training: PriorSchedule, seed: int) -> None:
        """Write the training pairs to `folder`; UsageError when those of another training are there."""
        identity = f"{training_identity(codes_nv, training, seed)} {self._config.model} rank {self._config.rank}"
        if (folder / IDENTITY).exists():
            if (folder / IDENTITY).read_text("utf-8") != identity:
                raise UsageError(
                    f"the checkpoints in {folder} are of another training (codes, settings or seed)",
                    "delete them to begin anew",
                )
            return
        examples = make_examples(codes_nv, np.random.default_rng(derive_seed(seed, "examples")))
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_pairs((Pair(Prompt("", asked), answer) for asked, answer in examples), folder / PAIRS)
            with replacing(folder / IDENTITY) as scratch:
                scratch.write_text(identity, "utf-8")

    def _answer(self, asked: Sequence[str], longest: str, temperature: float, seed: int) -> list[str]:
        """Return an answer to each prompt; one that does not end by the length of the `longest` is empty."""
        decoding = Decoding(temperature, top_k=0, top_p=1.0, max_new_tokens=len(self._tokens(longest)) + 1)
        ends = frozenset({int(self._tokenizer.eos_token_id)})
        texts = []
        for start in range(0, len(asked), CHUNK):
            prompts = [render_prompt(self._tokenizer, Prompt("", text)) for text in asked[start : start + CHUNK]]
            seeds = [derive_seed(seed, "answer", start + row) for row in range(len(prompts))]
            for row in sample(self._network, prompts, seeds, decoding, ends, lambda tokens: False):
                texts.append(self._tokenizer.decode(row.tokens) if row.is_stopped else "")
        return texts

    def _logits_behind(self, tokens_rt: torch.Tensor, last_r: torch.Tensor) -> torch.Tensor:
        hidden_rtd = self._network.base_model(tokens_rt, use_cache=False).last_hidden_state
        logits_rv: torch.Tensor = self._network.get_output_embeddings()(hidden_rtd[torch.arange(len(last_r)), last_r])
        return logits_rv

"""T5 (Raffel et al. 2020) over textual codes, as the paper has it: "generate:" and "fill:" with sentinels.

Trained from scratch it is small and its words are the codes; a folder with a pretrained checkpoint brings its own
size and tokens. What it writes is read as text: malformed answers count as invalid.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch.nn.utils.rnn import pad_sequence

from archwright.cells.priors.fitting import fit_network
from archwright.cells.priors.grammar import CodeGrammar
from archwright.cells.priors.prior import Codes, OnStep, PriorSchedule, check_prefix
from archwright.cells.priors.storage import REMEDY, write_prior
from archwright.cells.priors.textual import FILL, GENERATE, TextPrior, make_examples, sentinel
from archwright.errors import UsageError
from archwright.llm.hardware import detect_hardware
from archwright.llm.local import LOAD_ERRORS, silent_libraries
from archwright.randomness import derive_seed
from archwright.task import Frozen

CHUNK = 1024
"""Sequences that are generated at a time."""
MODEL = "model"
PADDING, END, UNKNOWN = "<pad>", "</s>", "<unk>"


class T5Config(Frozen):
    """The size of the network, and what `fit` does unless told otherwise."""

    checkpoint: Path | None = Field(None, description="Folder with a pretrained T5 to begin with; unset: from scratch.")
    width: int = Field(96, ge=1)
    layers: int = Field(2, ge=1, description="Of the encoder, and again of the decoder.")
    heads: int = Field(4, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)
    training: PriorSchedule = PriorSchedule(epochs=8, batch=256, lr=3e-3)


class T5Prior(TextPrior):
    """A `CodePrior` that is a text-to-text model, on the GPU where there is one."""

    scored = 256

    def __init__(self, vertices: int, codes: int, config: T5Config | None = None, *, seed: int = 0) -> None:
        """Begin with random weights, or with the checkpoint's; UsageError when that cannot be loaded."""
        self.vertices = vertices
        self.codes = codes
        self._config = config or T5Config()
        self.training = self._config.training
        if self._config.checkpoint is not None:
            self._install(*_load(self._config.checkpoint))
        else:
            self._install(_new_tokenizer(vertices, codes), _new_network(vertices, codes, self._config, seed))

    def fit(self, codes_nv: Codes, *, seed: int, checkpoint: Path | None = None, on_step: OnStep | None = None) -> None:
        """See `CodePrior`."""
        fit_network(self, self._network, self._loss, codes_nv, seed=seed, checkpoint=checkpoint, on_step=on_step)

    def next_log_probs(self, prefix_np: Codes) -> NDArray[np.float32]:
        """See `CodePrior`: of "generate:", among answers that are codes."""
        check_prefix(prefix_np, self.vertices, self.codes)
        words = [tuple(self._tokens(str(code))) for code in range(self.codes)]
        is_last = prefix_np.shape[1] == self.vertices - 1
        ends = [self._tokenizer.eos_token_id] if is_last else [tokens[0] for tokens in words]
        start = self._network.config.decoder_start_token_id
        prefixes = [[start, *(token for code in row for token in words[code])] for row in prefix_np.tolist()]
        return CodeGrammar(words, ends).next_log_probs(prefixes, self._score)

    def save(self, folder: Path) -> None:
        """See `CodePrior`."""
        with silent_libraries():
            self._network.save_pretrained(folder / MODEL)
            self._tokenizer.save_pretrained(folder / MODEL)
        write_prior(folder, "t5", self, self._config)

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "T5Prior":
        """Return the prior that `save` wrote to `folder`, described by `document`."""
        config = T5Config.model_validate(document["config"])
        prior = cls(document["vertices"], document["codes"], config.model_copy(update={"checkpoint": folder / MODEL}))
        prior._config = config
        return prior

    def _install(self, tokenizer: Any, network: Any) -> None:
        self._tokenizer = tokenizer
        self._network = network.to(detect_hardware().device).eval()

    def _encoded(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Return the tokens (N, T) of `texts`, each with its end, and which of them are not padding."""
        rows = [torch.tensor([*self._tokens(text), self._tokenizer.eos_token_id]) for text in texts]
        masks = [torch.ones_like(row) for row in rows]
        padding = self._network.config.pad_token_id
        return {
            "input_ids": pad_sequence(rows, batch_first=True, padding_value=padding).to(self._network.device),
            "attention_mask": pad_sequence(masks, batch_first=True).to(self._network.device),
        }

    def _loss(self, codes_nv: Codes, random: np.random.Generator) -> torch.Tensor:
        inputs, targets = zip(*make_examples(codes_nv, random), strict=True)
        labels = self._encoded(targets)
        labels_nt = labels["input_ids"].masked_fill(labels["attention_mask"] == 0, -100)
        loss: torch.Tensor = self._network(**self._encoded(inputs), labels=labels_nt).loss
        return loss

    @torch.inference_mode()
    def _answer(self, asked: Sequence[str], longest: str, temperature: float, seed: int) -> list[str]:
        """Return an answer to each prompt, at most as long as the `longest` one that makes sense."""
        texts: list[str] = []
        limit = len(self._tokens(longest)) + 1
        with torch.random.fork_rng():
            for start in range(0, len(asked), CHUNK):
                torch.manual_seed(derive_seed(seed, "answers", start))
                tokens_nt = self._network.generate(
                    **self._encoded(asked[start : start + CHUNK]),
                    do_sample=True,
                    temperature=temperature,
                    top_k=0,
                    top_p=1.0,
                    max_new_tokens=limit,
                )
                # Only the start and what follows the end are left out: a special token between codes is malformed.
                answers = self._tokenizer.batch_decode(tokens_nt[:, 1:], skip_special_tokens=False)
                texts += [answer.partition(self._tokenizer.eos_token)[0] for answer in answers]
        return texts

    def _logits_behind(self, tokens_rt: torch.Tensor, last_r: torch.Tensor) -> torch.Tensor:
        asked = self._encoded([GENERATE] * len(tokens_rt))
        logits_rtv = self._network(**asked, decoder_input_ids=tokens_rt).logits
        logits_rv: torch.Tensor = logits_rtv[torch.arange(len(tokens_rt)), last_r]
        return logits_rv


def _new_tokenizer(vertices: int, codes: int) -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from transformers import PreTrainedTokenizerFast

    words = [PADDING, END, UNKNOWN, GENERATE, FILL, *map(sentinel, range(vertices)), *map(str, range(codes))]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PADDING, eos_token=END, unk_token=UNKNOWN, padding_side="right"
    )


def _new_network(vertices: int, codes: int, config: T5Config, seed: int) -> Any:
    from transformers import T5Config as Shape
    from transformers import T5ForConditionalGeneration

    shape = Shape(
        vocab_size=5 + vertices + codes,
        d_model=config.width,
        d_kv=config.width // config.heads,
        d_ff=4 * config.width,
        num_layers=config.layers,
        num_heads=config.heads,
        dropout_rate=config.dropout,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return T5ForConditionalGeneration(shape)


def _load(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    try:
        with silent_libraries():
            network = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)
            return AutoTokenizer.from_pretrained(folder), network
    except LOAD_ERRORS as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"no T5 can be loaded from {folder}: {reason}", f"give another folder, or {REMEDY}") from None

"""A causal language model in this process: transformers for the network, PEFT for its adapters.

Adapters are merged into the weights, so that generation costs the same with and without one; changing adapters reads
the base weights again, so that nothing of the earlier adapter stays behind.
"""

import logging
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError

from archwright.errors import ModelError
from archwright.llm.adapters import SETTINGS, with_adapter
from archwright.llm.constraints import Constraint, Constraints
from archwright.llm.hardware import Hardware, detect_hardware, is_out_of_memory, set_product_precision
from archwright.llm.model import REFUSED_IN_VAIN, Completion, Decoding, FinishReason, Prompt, refused

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CLOSED_FENCE = re.compile(r"^```[^\n`]*\n.*?^```", re.MULTILINE | re.DOTALL)
"""A code block from its opening to its closing fence: a program is complete, whatever would follow."""
LOAD_ERRORS = (OSError, ValueError, RuntimeError, SafetensorError)
"""What transformers and PEFT raise for files that are missing, damaged or do not fit."""


class LocalModel:
    """A model loaded with transformers; on CUDA in bfloat16 when there is one, else on the CPU in float32.

    Each row of a batch has a random stream of its own: the same prompts and seeds in the same batches give the same
    completions on one machine, and other neighbours change a row only where rounding decides between two tokens.
    """

    def __init__(
        self,
        source: Path | str,
        *,
        name: str,
        batch: int = 8,
        hardware: Hardware | None = None,
        constrained: bool = True,
    ) -> None:
        """Load `source`, a transformers folder or `ORG/NAME` of the hub; raises ModelError when that fails.

        `hardware` is detected when None. `constrained` holds an answer to the grammar of its prompt.
        """
        self._name = name
        self._source = source
        self._batch = batch
        self._adapter: str | None = None
        self._has_answered = False
        self._refused = 0
        self._hardware = hardware or detect_hardware()
        self.tokenizer = load_tokenizer(source, name)
        network = load_network(source, name, self._hardware)
        self.end_tokens = _end_tokens(self.tokenizer, network)
        self._constraints = Constraints(self.tokenizer, self.end_tokens) if constrained else None
        self.network: PreTrainedModel | None = make_ready(network, self._hardware)
        self._fence_tokens = frozenset(
            token for text, token in self.tokenizer.get_vocab().items() if "`" in text and isinstance(token, int)
        )

    @property
    def name(self) -> str:
        """The model's specification, as given in `llm.model`."""
        return self._name

    @property
    def adapter(self) -> str | None:
        """Name of the adapter in use, None for the bare model."""
        return self._adapter

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        """Return one completion per prompt, in order; each ends at the latest behind its first closed code block.

        A prompt that leaves no room in the context is refused. Raises ModelError when `REFUSED_IN_VAIN` were and none
        has ever been answered.
        """
        if self.network is None:
            raise ModelError(f"{self._name} is closed", "load it again")
        if len(prompts) != len(seeds):
            raise ValueError(f"{len(prompts)} prompts but {len(seeds)} seeds")
        completions: list[Completion] = []
        with _memory_errors(self._name):
            for start in range(0, len(prompts), self._batch):
                part = slice(start, start + self._batch)
                completions += self._complete_batch(prompts[part], decoding, seeds[part])
        in_vain = [each.note for each in completions if each.finish_reason is FinishReason.REFUSED]
        self._refused += len(in_vain)
        self._has_answered = self._has_answered or len(in_vain) < len(completions)
        if in_vain and self._refused >= REFUSED_IN_VAIN and not self._has_answered:
            raise ModelError(
                f"{self._name} can answer none of {self._refused} prompts: {in_vain[0]}",
                "quote fewer networks (llm.examples) or choose a model with a longer context",
            )
        return completions

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the completions with their positions, in order."""
        yield from enumerate(self.complete(prompts, decoding, seeds))

    def use_adapter(self, name: str, folder: Path) -> None:
        """Answer from now on with the LoRA weights in `folder` on the bare model, in place of any earlier adapter."""
        if not (folder / SETTINGS).is_file():
            raise ModelError(f"{folder} holds no adapter", "give a folder written by `archwright tune`")
        self.network = None  # Freed first: two copies of a large model may not fit.
        network = load_network(self._source, self._name, self._hardware)
        try:
            network = with_adapter(network, folder).merge_and_unload()
        except LOAD_ERRORS as error:
            bare = load_network(self._source, self._name, self._hardware)
            self.network, self._adapter = make_ready(bare, self._hardware), None
            raise ModelError(
                f"the adapter in {folder} does not fit {self._name}: {_first_line(error)}",
                "use an adapter that was trained on this model",
            ) from error
        self.network, self._adapter = make_ready(network, self._hardware), name

    def close(self) -> None:
        """Free the model's memory."""
        self.network = None

    def _complete_batch(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        from archwright.llm.sampling import sample

        assert self.network is not None
        started = time.perf_counter()
        tokens = [render_prompt(self.tokenizer, prompt) for prompt in prompts]
        context = self._context()
        limits = [min(decoding.max_new_tokens, context - len(row)) for row in tokens]
        fitting = [row for row, limit in enumerate(limits) if limit > 0]
        sampled = sample(
            self.network,
            [tokens[row] for row in fitting],
            [seeds[row] for row in fitting],
            decoding,
            self.end_tokens,
            self.is_complete,
            [limits[row] for row in fitting],
            [self._constraint(prompts[row]) for row in fitting],
        )
        share_s = (time.perf_counter() - started) / max(1, len(fitting))
        completions = [
            refused(
                f"the prompt has {len(row):,} tokens, which leaves no room in the {context:,} that {self._name} reads"
            )
            for row in tokens
        ]
        for row, answer in zip(fitting, sampled, strict=True):
            text = self.tokenizer.decode(answer.tokens, skip_special_tokens=True)
            reason = FinishReason.STOP if answer.is_stopped else FinishReason.LENGTH
            completions[row] = Completion(
                text=text,
                prompt_tokens=len(tokens[row]),
                completion_tokens=len(answer.tokens),
                finish_reason=reason if text.strip() else FinishReason.EMPTY,
                wall_s=share_s,
            )
        return completions

    def _constraint(self, prompt: Prompt) -> Constraint | None:
        return self._constraints.of(prompt.grammar) if self._constraints and prompt.grammar else None

    def _context(self) -> int:
        """Return how many tokens fit into prompt and answer together."""
        assert self.network is not None
        context: int | None = getattr(self.network.config.get_text_config(), "max_position_embeddings", None)
        return sys.maxsize if context is None else context

    def is_complete(self, tokens: list[int]) -> bool:
        """Return whether the answer ends with a closed fence."""
        if tokens[-1] not in self._fence_tokens:
            return False
        return CLOSED_FENCE.search(self.tokenizer.decode(tokens)) is not None


def make_ready(network: "PreTrainedModel", hardware: Hardware) -> "PreTrainedModel":
    """Return `network`, changed in place to answer in the hardware's precision and to learn no more."""
    network.eval().requires_grad_(False)
    set_product_precision(network, hardware.products)
    return network


def render_prompt(tokenizer: "PreTrainedTokenizerBase", prompt: Prompt) -> list[int]:
    """Return the token ids of `prompt` in the model's own chat format, up to where its answer begins.

    What looks like a control token in the prompt is read as text.
    """
    if not any(_holds_control(tokenizer, text) for text in (prompt.system, prompt.user)):
        return [int(token) for token in _in_chat(tokenizer, prompt)]
    # The format is rendered around stand-ins, so that only its own control tokens are read as such.
    texts = {"<archwright:system>": prompt.system, "<archwright:user>": prompt.user}
    marks = Prompt("<archwright:system>" if prompt.system else "", "<archwright:user>")
    rendered = str(_in_chat(tokenizer, marks, tokenize=False))
    tokens: list[int] = []
    for piece in re.split("(<archwright:(?:system|user)>)", rendered):
        if piece in texts:
            tokens += encode_text(tokenizer, texts[piece])
        elif piece:
            tokens += tokenizer(piece, add_special_tokens=False)["input_ids"]
    return tokens


def encode_text(tokenizer: "PreTrainedTokenizerBase", text: str) -> list[int]:
    """Return the token ids of `text`, none of which is a control token."""
    as_text = {"split_special_tokens": True} if _holds_control(tokenizer, text) else {}
    return list(tokenizer(text, add_special_tokens=False, **as_text)["input_ids"])


def _holds_control(tokenizer: "PreTrainedTokenizerBase", text: str) -> bool:
    added = tokenizer.added_tokens_decoder.values()
    return any(token.content in text for token in added if token.special)


def _in_chat(tokenizer: "PreTrainedTokenizerBase", prompt: Prompt, **options: bool) -> Any:
    from jinja2 import TemplateError

    options |= {"add_generation_prompt": True, "return_dict": False}
    system, user = {"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}
    try:
        return tokenizer.apply_chat_template([system, user] if prompt.system else [user], **options)
    except TemplateError:  # Some templates know no system role.
        both = {"role": "user", "content": str(prompt)}
        return tokenizer.apply_chat_template([both], **options)


def load_tokenizer(source: Path | str, name: str) -> "PreTrainedTokenizerBase":
    """Return the tokenizer; raises ModelError when it cannot be loaded or has no chat template."""
    from transformers import AutoTokenizer

    try:
        with silent_libraries():
            tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    except LOAD_ERRORS as error:
        raise _not_loaded(name, error) from error
    if tokenizer.chat_template is None:
        raise ModelError(f"{name} has no chat template", "choose an instruction-tuned model")
    return tokenizer


def load_network(source: Path | str, name: str, hardware: Hardware) -> "PreTrainedModel":
    """Return the bare network on `hardware`; raises ModelError when it cannot be loaded."""
    from transformers import AutoModelForCausalLM

    try:
        with silent_libraries():
            network = AutoModelForCausalLM.from_pretrained(source, dtype=hardware.dtype, trust_remote_code=False)
    except LOAD_ERRORS as error:
        raise _not_loaded(name, error) from error
    return network.to(hardware.device)


def require_on_hub(name: str) -> None:
    """Raise ModelError unless the hub, or its cache on this machine, has a model called `name`, as in `ORG/NAME`."""
    from transformers.utils import cached_file

    try:
        with silent_libraries():
            cached_file(name, "config.json")
    except LOAD_ERRORS as error:
        raise _not_loaded(f"hf:{name}", error) from error


@contextmanager
def silent_libraries() -> Iterator[None]:
    """Keep the libraries' bars and remarks from the screen: our error says what they met, once and with a remedy."""
    from transformers.utils import logging as transformers_logging

    had_bar = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    loggers = [logging.getLogger(name) for name in ("huggingface_hub", "transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if had_bar:
            transformers_logging.enable_progress_bar()


def _not_loaded(name: str, error: Exception) -> ModelError:
    return ModelError(
        f"the language model {name} could not be loaded: {_first_line(error)}",
        "check the name, or the connection to the hub; a folder with the model's files works without a network",
    )


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _end_tokens(tokenizer: "PreTrainedTokenizerBase", network: "PreTrainedModel") -> frozenset[int]:
    listed = network.generation_config.eos_token_id if network.generation_config is not None else None
    ends = {listed} if isinstance(listed, int) else set(listed or ())
    if tokenizer.eos_token_id is not None:
        ends.add(tokenizer.eos_token_id)
    return frozenset(ends)


@contextmanager
def _memory_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise ModelError(
            f"{name} ran out of memory while it answered", "lower llm.batch or llm.max_new_tokens"
        ) from error

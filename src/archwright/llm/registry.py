"""From `llm.model` to a language model.

| specification | model |
|---|---|
| `smollm2-135m` | the embedded model |
| `hf:ORG/NAME` | any causal language model of the Hugging Face hub |
| a folder | the same, from files |
| `openai:URL#MODEL` | any OpenAI-compatible server |
| `replay:FILE` | recorded completions |

`llm.adapter` says what a local one knows at the start: an adapter that ships for it, none, or one from a folder.
"""

import os
from pathlib import Path

from archwright.config import LlmConfig, ModelConfig
from archwright.errors import UnknownNameError, UsageError
from archwright.llm.adapters import SHIPPED_NAMES, Adapter, is_adapter, shipped_adapter
from archwright.llm.embedded import EMBEDDED_NAME, embedded_folder
from archwright.llm.model import LanguageModel
from archwright.llm.replay import ReplayModel

FORMS = (EMBEDDED_NAME, "hf:ORG/NAME", "FOLDER", "openai:URL#MODEL", "replay:FILE")


def check_model(config: ModelConfig) -> None:
    """Raise UnknownNameError or UsageError when `config.model` is not a specification; loads nothing."""
    specification = config.model
    kind, _, rest = specification.partition(":")
    if config.max_cost and not (config.price_in or config.price_out):
        raise UsageError("max_cost limits nothing without prices", "give price_in and price_out, per million tokens")
    redraws = isinstance(config, LlmConfig) and config.repair_rounds and config.repair_by == "redraw"
    if redraws and not config.temperature:
        raise UsageError("at temperature 0 another draw is the same answer", "raise it, or leave out repair_by=redraw")
    if kind == "hf" and not rest.strip("/ "):
        raise UsageError(f"'{specification}' names no model of the hub", "write hf:ORG/NAME")
    if is_trainable(config):
        folder = Path(rest if kind == "hf" else specification)
        is_embedded = specification == EMBEDDED_NAME
        if not is_embedded and folder.is_dir() and not (folder / "config.json").is_file():
            raise UsageError(f"the folder {folder} holds no language model", "give one with a config.json")
        if config.max_cost or config.max_tokens_total:
            raise UsageError(
                f"limits are for models behind a server, and {specification} runs here",
                "leave out max_cost and max_tokens_total",
            )
        return
    if kind == "openai":
        url, _, model = rest.rpartition("#")
        if not url.startswith(("http://", "https://")) or not model:
            raise UsageError(
                f"'{specification}' does not name a server and a model", "write openai:http://HOST:PORT/v1#MODEL"
            )
    elif kind == "replay":
        if not Path(rest).is_file():
            raise UsageError(f"there is no file of recorded completions {rest!r}", "write replay:FILE")
    elif "/" in specification:
        raise UsageError(
            f"there is no model folder {specification}", "give a folder with a config.json, or hf:ORG/NAME"
        )
    else:
        raise UnknownNameError.of("language model", specification, FORMS)


def check_hub(config: ModelConfig) -> None:
    """Raise ModelError when `config.model` is one of the hub that is neither there nor in the hub's cache here."""
    if config.model.startswith("hf:"):
        from archwright.llm.local import require_on_hub

        require_on_hub(config.model.removeprefix("hf:"))


def is_trainable(config: ModelConfig) -> bool:
    """Return whether `config.model` is a model whose weights are at hand, so that adapters can be trained and used."""
    specification = config.model
    is_folder = bool(specification) and Path(specification).is_dir()
    return specification == EMBEDDED_NAME or specification.startswith("hf:") or is_folder


def find_adapter(config: ModelConfig) -> Adapter | None:
    """Return the adapter that `config.adapter` names for `config.model`; None for the bare model.

    Raises UsageError for a folder that holds none, and when the model is one that takes none.
    """
    if config.adapter == "none":
        return None
    if config.adapter in SHIPPED_NAMES:
        shipped = shipped_adapter(config.model, config.adapter)
        return Adapter("shipped", shipped) if shipped else None
    folder = Path(config.adapter)
    if not is_trainable(config):
        raise UsageError(f"{config.model} takes no adapters", "leave llm.adapter out, or choose a local model")
    if not is_adapter(folder):
        raise UsageError(
            f"the folder {folder} holds no adapter", "give one written by `archwright tune`, or default or none"
        )
    return Adapter("given", folder)


def load_model(config: ModelConfig) -> LanguageModel:
    """Return the model that `config.model` names, bare and ready to answer; `find_adapter` says what it can be given.

    Raises as `check_model` does, and ModelError when the model cannot be loaded.
    """
    check_model(config)
    kind, _, rest = config.model.partition(":")
    if is_trainable(config):
        # Read when torch is loaded: threads that spin while they wait generate a tenth as fast beside a busy process.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from archwright.llm.local import LocalModel

        return LocalModel(
            local_source(config.model),
            name=config.model,
            batch=config.batch,
            constrained=config.constrained,
        )
    if kind == "openai":
        from archwright.llm.openai import OpenAIModel

        url, _, model = config.address.removeprefix("openai:").rpartition("#")
        return OpenAIModel(
            url,
            model,
            timeout_s=config.timeout_s,
            retries=config.retries,
            concurrency=config.concurrency,
            extra=config.extra,
            omit=config.omit,
        )
    return ReplayModel(Path(rest))


def local_source(specification: str) -> Path | str:
    """Return the folder or hub name that transformers loads for a local `specification`."""
    if specification == EMBEDDED_NAME:
        return embedded_folder()
    return specification.removeprefix("hf:") if specification.startswith("hf:") else Path(specification)

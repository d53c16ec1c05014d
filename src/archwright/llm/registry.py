"""From `llm.model` to a language model.

| specification | model |
|---|---|
| `smollm2-135m` | the embedded model |
| `hf:ORG/NAME` | any causal language model of the Hugging Face hub |
| a folder | the same, from files |
| `openai:URL#MODEL` | any OpenAI-compatible server |
| `replay:FILE` | recorded completions |
"""

from pathlib import Path

from archwright.config import LlmConfig
from archwright.errors import UnknownNameError, UsageError
from archwright.llm.embedded import EMBEDDED_NAME, embedded_folder
from archwright.llm.model import LanguageModel

FORMS = (EMBEDDED_NAME, "hf:ORG/NAME", "FOLDER", "openai:URL#MODEL", "replay:FILE")


def load_model(config: LlmConfig, *, cache: Path | None = None, threads: int | None = None) -> LanguageModel:
    """Return the model that `config.model` names, ready to answer.

    `cache` holds converted models (default: the user's cache); `threads` are for local generation (default: torch's).
    Raises UnknownNameError for a name we do not know and ModelError when the model cannot be loaded.
    """
    specification = config.model
    kind = specification.partition(":")[0]
    if specification == EMBEDDED_NAME or kind == "hf" or Path(specification).is_dir():
        from archwright.llm.local import LocalModel

        source = local_source(specification, cache=cache)
        return LocalModel(source, name=specification, batch=config.batch, threads=threads)
    if "/" in specification and kind not in ("openai", "replay"):
        raise UsageError(
            f"there is no model folder {specification}", "give a folder with a config.json, or hf:ORG/NAME"
        )
    raise UnknownNameError.of("language model", specification, FORMS)


def local_source(specification: str, *, cache: Path | None = None) -> Path | str:
    """Return the folder or hub name that transformers loads for a local `specification`."""
    if specification == EMBEDDED_NAME:
        return embedded_folder(cache)
    return specification.removeprefix("hf:") if specification.startswith("hf:") else Path(specification)


def is_trainable(config: LlmConfig) -> bool:
    """Return whether the model's weights are here, so that it can be fine-tuned."""
    return not config.model.startswith(("openai:", "replay:"))


def check_model(config: LlmConfig) -> None:
    """Raise UnknownNameError or UsageError for a specification that cannot name a model; loads nothing."""
    kind, separator, rest = config.model.partition(":")
    if config.model == EMBEDDED_NAME or Path(config.model).is_dir():
        return
    if separator and kind in ("hf", "openai", "replay") and rest:
        if kind == "replay" and not Path(rest).is_file():
            raise UsageError(f"there is no recording {rest}", "give replay:FILE with a file of recorded completions")
        return
    raise UnknownNameError.of("language model", config.model, FORMS)

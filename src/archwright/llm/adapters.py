"""LoRA adapters: the files of one, those that ship with the package, and PEFT, which puts one on a network.

An adapter is a folder: `adapter_model.safetensors` (float16), `adapter_config.json` and `card.json`, which says how it
was made. Those that ship are package data under `adapters/`, each in a folder with the name of its model.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peft import LoraConfig, PeftModel
    from transformers import PreTrainedModel

WEIGHTS = "adapter_model.safetensors"
SETTINGS = "adapter_config.json"
CARD = "card.json"
SHIPPED = Path(str(resources.files("archwright"))) / "adapters"


@dataclass(frozen=True, slots=True)
class Adapter:
    """LoRA weights that a model can answer with."""

    name: str
    """What candidates written with it record."""
    folder: Path


def shipped_adapter(model: str) -> Path | None:
    """Return the folder of the adapter that ships for `model`, a specification as in `llm.model`; None without one."""
    shipped = {folder.name: folder for folder in SHIPPED.glob("*") if is_adapter(folder)}
    return shipped.get(model)


def is_adapter(folder: Path) -> bool:
    """Return whether `folder` holds every file of an adapter."""
    return all((folder / name).is_file() for name in (WEIGHTS, SETTINGS, CARD))


def with_adapter(network: "PreTrainedModel", folder: Path, *, is_trainable: bool = False) -> "PeftModel":
    """Return `network` wrapped with the weights in `folder`; raises what PEFT raises when they do not fit."""
    from peft import PeftModel

    with without_peft_warning():
        return PeftModel.from_pretrained(network, str(folder), is_trainable=is_trainable)


def with_new_adapter(network: "PreTrainedModel", config: "LoraConfig") -> "PeftModel":
    """Return `network` wrapped with untrained weights that change nothing yet."""
    from peft import get_peft_model

    with without_peft_warning():
        return get_peft_model(network, config)


@contextmanager
def without_peft_warning() -> Iterator[None]:
    """Keep quiet about PEFT 0.21 asking transformers 5.23 for a property by its old name."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
        yield

"""LoRA adapters on a transformers network, through PEFT."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peft import LoraConfig, PeftModel
    from transformers import PreTrainedModel


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

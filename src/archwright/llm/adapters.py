"""LoRA adapters: the files of one, those that ship with the package, and PEFT, which puts one on a network.

An adapter is a folder: `adapter_model.safetensors` (float16), `adapter_config.json`, `card.json`, which says how it was
made, and `taught.jsonl.gz`, the answers it was taught. Those that ship are package data under `adapters/`, each in a
folder with the name of its model.
"""

import gzip
import json
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archwright.reading import read_bytes

if TYPE_CHECKING:
    from peft import LoraConfig, PeftModel
    from transformers import PreTrainedModel

WEIGHTS = "adapter_model.safetensors"
SETTINGS = "adapter_config.json"
CARD = "card.json"
TAUGHT = "taught.jsonl.gz"
LARGEST_SETTINGS = 2**20
"""Bytes of an adapter's settings."""
LARGEST_TAUGHT = 2**28
"""Bytes of the answers an adapter was taught, unpacked; those of 2,000 long programs have some 10 million."""
_KEPT: dict[str, Any] = {
    "lora_alpha": 8,
    "lora_dropout": 0.0,
    "bias": "none",
    "fan_in_fan_out": False,
    "use_rslora": False,
    "use_dora": False,
}
"""Settings that change what an adapter computes, with what PEFT takes for one that is missing."""
_UNREAD = (
    *("rank_pattern", "alpha_pattern", "layer_replication", "modules_to_save", "target_parameters", "lora_bias"),
    *("trainable_token_indices", "megatron_config", "use_qalora", "use_bdlora", "alora_invocation_tokens"),
)
"""Settings without which an adapter would compute something else."""
_MODULE = re.compile(r"[\w.-]{1,100}")
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


def write_taught(folder: Path, answers: Iterable[str]) -> None:
    """Write what the adapter in `folder` was taught, every answer once, the same bytes for the same answers."""
    lines = "".join(json.dumps(answer) + "\n" for answer in dict.fromkeys(answers))
    (folder / TAUGHT).write_bytes(gzip.compress(lines.encode("ascii"), mtime=0))


def read_taught(folder: Path) -> list[str] | None:
    """Return the answers that the adapter in `folder` and those it continues were taught.

    None when it does not say. Raises ValueError when the file is damaged or holds more than anybody taught.
    """
    try:
        with gzip.open(folder / TAUGHT) as file:
            text = file.read(LARGEST_TAUGHT + 1)
        answers = [json.loads(line) for line in text.splitlines()]
        if len(text) > LARGEST_TAUGHT or not all(isinstance(answer, str) for answer in answers):
            raise ValueError("it holds something else, or too much")
    except FileNotFoundError:
        return None
    except (OSError, EOFError, zlib.error, RecursionError, ValueError) as error:
        raise ValueError(f"{folder / TAUGHT} cannot be read: {error}") from None
    return answers


def with_adapter(network: "PreTrainedModel", folder: Path, *, is_trainable: bool = False) -> "PeftModel":
    """Return `network` wrapped with the weights in `folder`; raises what PEFT raises when they do not fit.

    Nothing but LoRA in safetensors is read, and of its settings only numbers and names: others would have PEFT import
    modules, unpickle weights or ask a hub. What is wrong with either file is a ValueError.
    """
    config = _lora_of(folder)
    from peft import PeftModel  # After the checks: it takes seconds.

    with without_peft_warning():
        return PeftModel.from_pretrained(network, str(folder), is_trainable=is_trainable, config=config)


def _lora_of(folder: Path) -> "LoraConfig":
    """Return the settings in `folder`, which fit the weights beside them; raises OSError and ValueError."""
    from safetensors import safe_open

    try:
        found = json.loads(read_bytes(folder / SETTINGS, LARGEST_SETTINGS))
        kind, rank, targets = found["peft_type"], found["r"], found["target_modules"]
        names = [targets] if isinstance(targets, str) else list(targets)
        if kind != "LORA" or type(rank) is not int or not all(map(_MODULE.fullmatch, names)):
            raise ValueError("it is not a LoRA adapter of named layers")
        if needed := next((name for name in _UNREAD if found.get(name)), None):
            raise ValueError(f"it needs {needed}, which is not read")
        kept = {name: found.get(name, default) for name, default in _KEPT.items()}
        if kept["bias"] != "none" or not all(isinstance(kept[name], int | float) for name in _KEPT if name != "bias"):
            raise ValueError("its settings have values of the wrong type")
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"its settings cannot be read: {type(error).__name__} {error}") from None
    with safe_open(folder / WEIGHTS, "pt") as weights:
        shapes = [weights.get_slice(name).get_shape() for name in weights.keys() if ".lora_A." in name]  # noqa: SIM118
    if not shapes or any(shape[0] != rank for shape in shapes):
        raise ValueError(f"its weights do not have the rank {rank} of its settings")
    from peft import LoraConfig

    return LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        target_modules=targets if isinstance(targets, str) else names,
        inference_mode=True,
        **kept,
    )


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

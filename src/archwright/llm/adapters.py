"""LoRA adapters: the files of one, those that ship with the package, and PEFT, which puts one on a network.

An adapter is a folder: `adapter_model.safetensors` (float16), `adapter_config.json`, `card.json`, which says how it was
made, and `taught.jsonl.gz`, the answers it was taught. Those that ship are package data under `adapters/`, each in a
folder with the name of its model, and behind a hyphen its own where it is not the default.
"""

import gzip
import io
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

from archwright.errors import UsageError
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
LARGEST_LAYER, LARGEST_SCALE = 10_000, 1e6
"""Beyond any number of a layer, and beyond any `lora_alpha`."""
_DEFAULTS: dict[str, Any] = {
    "lora_alpha": 8,
    "lora_dropout": 0.0,
    "bias": "none",
    "fan_in_fan_out": False,
    "use_rslora": False,
    "use_dora": False,
}
"""Settings that change what an adapter computes, with what PEFT takes for one that is missing."""
_READ = frozenset(
    {*_DEFAULTS, "r", "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "init_lora_weights"}
)
_IDLE = frozenset(
    {
        *("peft_type", "peft_version", "task_type", "base_model_name_or_path", "revision", "inference_mode"),
        *("auto_mapping", "runtime_config", "megatron_core", "qalora_group_size"),
        # How its weights began, which are trained since:
        *("eva_config", "corda_config", "loftq_config", "lora_ga_config"),
    }
)
"""Settings that change nothing of what trained weights compute where those that may are as we accept them."""
_BEGINNINGS = (True, False, None, "gaussian", "orthogonal", "eva")
"""Ways to begin an adapter that leave the network beneath it as it is."""
_MODULE = re.compile(r"[\w.-]{1,100}")
_DOWN = ".lora_A."
"""Part of the name of the first of the two matrices in each place."""
SHIPPED_NAMES = ("default", "edits")
"""What `llm.adapter` calls those that ship: for whole programs, and for diffs; a model may have neither."""
SHIPPED = Path(str(resources.files("archwright"))) / "adapters"


@dataclass(frozen=True, slots=True)
class Adapter:
    """LoRA weights that a model can answer with."""

    name: str
    """What candidates written with it record."""
    folder: Path


def shipped_adapter(model: str, name: str = "default") -> Path | None:
    """Return the folder of an adapter that ships for `model`, a specification as in `llm.model`; None without one."""
    shipped = {folder.name: folder for folder in SHIPPED.glob("*") if is_adapter(folder)}
    return shipped.get(model if name == "default" else f"{model}-{name}")


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
        with gzip.open(io.BytesIO(read_bytes(folder / TAUGHT, LARGEST_TAUGHT))) as file:
            text = file.read(LARGEST_TAUGHT + 1)
        answers = [json.loads(line) for line in text.splitlines()]
        if len(text) > LARGEST_TAUGHT or not all(isinstance(answer, str) for answer in answers):
            raise ValueError("it holds something else, or too much")
    except FileNotFoundError:
        return None
    except (UsageError, OSError, EOFError, zlib.error, RecursionError, ValueError) as error:
        raise ValueError(f"{folder / TAUGHT} cannot be read: {error}") from None
    return answers


def with_adapter(network: "PreTrainedModel", folder: Path, *, is_trainable: bool = False) -> "PeftModel":
    """Return `network` wrapped with the weights in `folder`; raises what PEFT raises when they do not fit.

    Nothing but LoRA in safetensors is read, and of its settings only numbers and names: others would have PEFT import
    modules, unpickle weights or ask a hub. What is wrong with either file is a ValueError.
    """
    config, pieces = _lora_of(folder)
    described = network.config.get_text_config()
    if config.r > described.hidden_size:  # PEFT makes matrices of it before it looks at the weights.
        raise ValueError(f"its rank {config.r:,} is beyond the network's width {described.hidden_size:,}")
    layers = described.num_hidden_layers
    if beyond := [layer for layer in config.layers_to_transform or () if layer >= layers]:
        raise ValueError(f"it is for layer {beyond[0]} (layers_to_transform) and the network has {layers}, from 0")
    from peft import PeftModel  # After the checks: it takes seconds.

    with without_peft_warning():
        adapted = PeftModel.from_pretrained(network, str(folder), is_trainable=is_trainable, config=config)
    if (places := sum(_DOWN in name for name in adapted.state_dict())) != pieces:
        raise ValueError(f"its settings are for {places} places in the network and its weights for {pieces}")
    return adapted


def _lora_of(folder: Path) -> tuple["LoraConfig", int]:
    """Return the settings in `folder`, and for how many places there are weights beside them, of their rank.

    Raises OSError and ValueError, the latter for every setting without which it would compute something else.
    """
    from safetensors import safe_open

    try:
        found = json.loads(read_bytes(folder / SETTINGS, LARGEST_SETTINGS))
        rank, targets = found["r"], _names(found["target_modules"])
        if found["peft_type"] != "LORA" or type(rank) is not int or not targets:
            raise ValueError("it is not a LoRA adapter of named layers")
        if unread := next((name for name, value in found.items() if value and name not in _READ | _IDLE), None):
            raise ValueError(f"it needs {unread[:100]}, which is not read")
        if found.get("init_lora_weights", True) not in _BEGINNINGS:
            raise ValueError("it began with a change of the network beneath (init_lora_weights), which is not read")
        lora = {
            **{name: found.get(name, default) for name, default in _DEFAULTS.items()},
            "exclude_modules": _names(found.get("exclude_modules")),
            "layers_to_transform": _layers(found.get("layers_to_transform")),
            "layers_pattern": _names(found.get("layers_pattern")),
        }
        if not all(_is_like(lora[name], default) for name, default in _DEFAULTS.items()):
            raise ValueError("its settings have values of the wrong type")
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"its settings cannot be read: {type(error).__name__} {error}") from None
    with safe_open(folder / WEIGHTS, "pt") as weights:
        shapes = [weights.get_slice(name).get_shape() for name in weights.keys() if _DOWN in name]  # noqa: SIM118
        is_finite = all(bool(weights.get_tensor(name).float().isfinite().all()) for name in weights.keys())  # noqa: SIM118
    if not shapes or any(shape[:1] != [rank] for shape in shapes):
        raise ValueError(f"its weights do not have the rank {rank} of its settings")
    if not is_finite:
        raise ValueError("its weights are not all numbers")
    from peft import LoraConfig

    return LoraConfig(task_type="CAUSAL_LM", r=rank, target_modules=targets, inference_mode=True, **lora), len(shapes)


def _names(value: str | list[str] | None) -> str | list[str] | None:
    """Return names of layers as PEFT takes them, None for none; raises ValueError for what is no name."""
    names = [value] if isinstance(value, str) else list(value or ())
    if not all(map(_MODULE.fullmatch, names)):
        raise ValueError("it is not a LoRA adapter of named layers")
    return value if isinstance(value, str) else names or None


def _layers(value: int | list[int] | None) -> list[int] | None:
    """Return numbers of layers, None for all; raises ValueError for what is no such number."""
    numbers = value if isinstance(value, list) else [] if value is None else [value]
    if not all(type(number) is int and 0 <= number < LARGEST_LAYER for number in numbers):
        raise ValueError("its layers_to_transform are no numbers of layers")
    return sorted(set(numbers)) or None


def _is_like(value: Any, default: str | float) -> bool:
    """Return whether `value` can stand where PEFT has `default`."""
    if isinstance(default, bool | str):
        return isinstance(value, bool) if isinstance(default, bool) else bool(value == default)
    return type(value) in (int, float) and bool(0 <= value < LARGEST_SCALE)


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

"""How somebody has a study again: the command, and what else must be the same."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from archwright.config import StudyConfig
from archwright.configuring import config_keys, load_config, preset_names
from archwright.errors import typed

REPRODUCTION_NOTE = (
    "On a CPU the command below, the same version of torch and the same secret of the classes (class-aliases.key in "
    "the cache folder, or ARCHWRIGHT_CLASS_KEY) give the same rows, whatever the number of workers; a GPU, another "
    "version or another kind of processor rounds differently."
)


def reproduction(config: StudyConfig) -> str:
    """Return the command that runs a study of `config`, with each setting that its preset does not have, one a line."""
    preset = config.preset if config.preset in preset_names() else None  # a file need not be where this is read
    beginning = ["--preset", preset] if preset else []
    command = typed("search", *beginning, "--task", config.task, "--seed", config.seed, "--run", "FOLDER")
    return " \\\n    ".join([command, *(f"--set {shlex.quote(each)}" for each in _beyond(load_config(preset), config))])


def _beyond(before: StudyConfig, config: StudyConfig) -> list[str]:
    """Return as KEY=VALUE each setting of `config` that is another in `before`, but for task and seed."""
    old, new = before.model_dump(mode="json"), config.model_dump(mode="json")
    settings = []
    for key in config_keys(type(config)):
        value = _at(new, key)
        if key in ("preset", "task", "seed") or value is None or value == _at(old, key):
            continue
        settings.append(f"{key}={_in_toml(value)}")
    return settings


def _at(values: Mapping[str, object], key: str) -> object:
    section, _, name = key.partition(".")
    value = values.get(section)
    return _at(value, name) if name and isinstance(value, Mapping) else value


def _in_toml(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{json.dumps(name)} = {_in_toml(each)}' for name, each in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)

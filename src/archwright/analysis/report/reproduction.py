"""How somebody has a study again: the command, and what else must be the same."""

import json
import shlex
from collections.abc import Mapping

from archwright.config import StudyConfig
from archwright.configuring import load_config, preset_names
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
    old = before.model_dump(mode="json")
    settings = []
    for section, values in config.model_dump(mode="json").items():
        if not isinstance(values, Mapping):
            continue  # task, seed and preset stand alone
        for name, value in values.items():
            if value is not None and value != old.get(section, {}).get(name):
                settings.append(f"{section}.{name}={_in_toml(value)}")
    return settings


def _in_toml(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{json.dumps(name)} = {_in_toml(each)}' for name, each in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)

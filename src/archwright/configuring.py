"""Reads configurations: presets as TOML, and `key=value` settings on top.

Unknown keys, values of the wrong type and malformed TOML are refused with the nearest valid name.
"""

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, JsonValue, ValidationError, create_model

from archwright.address import without_secrets
from archwright.config import LoopConfig, StudyConfig
from archwright.errors import UnknownNameError, UsageError
from archwright.reading import parse_toml, read_text
from archwright.registry import CONTRACTS, DATA_SETS, GENERATORS, STRATEGIES
from archwright.task import TASK_NAMES

Config = TypeVar("Config", bound=BaseModel)
LARGEST_PRESET = 2**20
"""Bytes of a preset file."""
LONGEST_SHOWN = 200
"""Characters of a wrong key or value in its message."""
FOR_TUNE = ("small",)
"""Presets that say how `archwright tune` trains and nothing of how to search."""


def preset_names() -> list[str]:
    """Return the names of the presets that ship with the package."""
    folder = resources.files("archwright") / "presets"
    return sorted(Path(entry.name).stem for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_config(
    preset: str | None = None,
    settings: Sequence[str] = (),
    base: Mapping[str, object] | None = None,
    tables: Sequence[Mapping[str, object]] = (),
) -> StudyConfig:
    """Return the configuration of `preset` (a name or a TOML file) over `base`, with `key=value` settings on top.

    Between them come `tables`, as TOML has them, each over the one before. Raises UnknownNameError for an unknown
    preset or key and UsageError for a malformed file or value.
    """
    read = _read_preset(preset) if preset else {}
    if "preset" in read:
        raise UsageError(
            f"{preset} names a preset itself, and none builds on another", "copy what it needs of that one, or --set it"
        )
    values: dict[str, object] = _merged(dict(base or {}), read)
    if preset:
        values["preset"] = preset
    for table in tables:
        for key, value in table.items():
            values = _merged(values, _nested(key, value))
    return configure(StudyConfig, values, settings)


def build_config(values: Mapping[str, object]) -> StudyConfig:
    """Return the validated configuration, or raise for the first thing wrong with it."""
    return configure(StudyConfig, values)


LIMITS = ("price_in", "price_out", "max_cost", "max_tokens_total")
"""What a model may cost: it decides when a study stops and nothing of its rows."""
_WRITTEN = {
    "tuple_type": 'write a list, also of one: --set \'{}=["NAME", "NAME"]\'',
    "dict_type": "write a table: --set '{}={{NAME = \"TEXT\", OTHER = 1}}'",
}
"""How a value is written that is no number, word or text, by the fault that pydantic finds."""
CHANGEABLE = (
    "loop.cycles",
    "loop.stop",
    "sandbox.",
    "tune.",
    "llm.timeout_s",
    "llm.retries",
    "llm.concurrency",
    *(f"{section}.{name}" for section in ("llm", "improver") for name in LIMITS),
    "improver.timeout_s",
    "improver.retries",
    "improver.concurrency",
    "cells.queries",
)
"""Settings (or prefixes) a started study may change; any other would make its cycles incomparable."""
FIXED = ("sandbox.policy", "sandbox.threads")
"""Exceptions among them: what a program may use, and how many threads add up its sums (and share `budget.wall_s`)."""
DEVICE = "sandbox.device"
"""May change from one GPU to another, never between `cpu`, `cuda` and `auto`."""


def changed_config(config: StudyConfig, settings: Sequence[str]) -> StudyConfig:
    """Return the configuration of a started study with `key=value` settings; raises UsageError for a fixed one."""
    if not settings:
        return config
    changed = load_config(settings=settings, base=config.model_dump(mode="json"))
    for setting in settings:
        key = setting.partition("=")[0]
        models = [(each.llm.model, each.improver.model) for each in (config, changed)]
        if key in ("llm.model", "improver.model") and models[0] == models[1]:
            continue  # The same server, given again with the secrets of its address, which are not stored.
        if key == "task" and config.task not in (*TASK_NAMES, *DATA_SETS.names()) and changed.as_task().is_path:
            continue  # The same data at another place: a study goes on with no others (`analysis.dataset`).
        kinds = {each.sandbox.device.partition(":")[0] for each in (config, changed)}
        if not key.startswith(CHANGEABLE) or key in FIXED or (key == DEVICE and len(kinds) > 1):
            fixed = ", ".join((*FIXED, f"{DEVICE} other than from GPU to GPU"))
            raise UsageError(
                f"{key} of a started study cannot be changed",
                f"start a new study for it; a started one takes {', '.join(CHANGEABLE)} (not {fixed})",
            )
    return changed


def configure(model: type[Config], values: Mapping[str, object], settings: Sequence[str] = ()) -> Config:
    """Return the validated `model` of `values` with `key=value` settings on top, or raise for the first thing wrong."""
    try:
        model = _with_options(model, values, settings)
        known, merged = config_keys(model), dict(values)
        for setting in settings:
            key, value = _parse_setting(setting, known, merged)
            merged = _merged(merged, _nested(key, value))
        for key in _flat_keys(merged, known):
            if key not in known:
                raise _unknown(key, known, merged)
        try:
            return model.model_validate(merged)
        except ValidationError as error:
            return model.model_validate(_as_texts(merged, settings, error))
    except RecursionError:
        raise UsageError("the configuration is nested too deeply", "write keys as section.key") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            raise UsageError(f"{key} is not set", f"give it a value: --set {key}=VALUE") from None
        shown, written = repr(first["input"])[:LONGEST_SHOWN], _WRITTEN.get(first["type"])
        remedy = written.format(key) if written else f"{first['msg'].removeprefix('Value error, ')} (see --help)"
        raise UsageError(f"{key} = {shown} is not valid", remedy) from None


def _with_options(model: type[Config], values: Mapping[str, object], settings: Sequence[str]) -> type[Config]:
    """Return `model` with a section for every named part that declares `Options`.

    The section of a part that is not installed here is kept as it is: its study can be reported, but not run.
    """
    if model is not StudyConfig:
        return model
    sections: dict[str, Any] = {}
    for registry in (STRATEGIES, GENERATORS, CONTRACTS):
        name = _named(registry.kind, values, settings)
        if name is None or name == getattr(LoopConfig(), registry.kind):  # The usual ones have none of their own.
            continue
        if name in model.model_fields:
            continue
        if name not in registry.names():
            if isinstance(values.get(name), Mapping):
                sections[name] = (dict[str, JsonValue], Field(default_factory=dict))
            continue
        options = getattr(registry.load(name), "Options", None)
        if options is not None:
            sections[name] = (options, Field(default_factory=dict, validate_default=True))
    return create_model("StudyConfig", __base__=model, **sections) if sections else model


def _named(kind: str, values: Mapping[str, object], settings: Sequence[str]) -> str | None:
    """Return the value of `loop.KIND`: of the last setting, else of `values`."""
    for setting in reversed(settings):
        key, _, text = setting.partition("=")
        if key == f"loop.{kind}":
            return text.strip().strip("\"'")
    loop = values.get("loop")
    name = loop.get(kind) if isinstance(loop, Mapping) else None
    return name if isinstance(name, str) else None


def options_of(config: StudyConfig, name: str, kind: type[Config]) -> Config:
    """Return the section that the plug-in `name` declared as its `Options`, which are of `kind`.

    Raises UsageError where the configuration, which may be a stranger's, has none.
    """
    section = getattr(config, name, None)
    if section is None:
        raise UsageError(f"the configuration has no section {name}", "choose what needs it by a preset, or add it")
    if not isinstance(section, kind):
        raise TypeError(f"the section {name} is {type(section).__name__}, not {kind.__name__}")
    return section


def config_keys(model: type[BaseModel] = StudyConfig, prefix: str = "") -> dict[str, str]:
    """Return every configuration key of `model` with its description, `prefix` before each."""
    keys: dict[str, str] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys |= config_keys(field.annotation, f"{prefix}{name}.")
        else:
            keys[f"{prefix}{name}"] = field.description or ""
    return keys


def _flat_keys(values: Mapping[str, object], known: Mapping[str, str], prefix: str = "") -> list[str]:
    keys = []
    for name, value in values.items():
        if isinstance(value, Mapping) and f"{prefix}{name}" not in known:
            keys += _flat_keys(value, known, f"{prefix}{name}.")
        else:
            keys.append(f"{prefix}{name}")
    return keys


def _read_preset(preset: str) -> dict[str, object]:
    path = Path(preset)
    if preset in preset_names():
        text = (resources.files("archwright") / "presets" / f"{preset}.toml").read_text("utf-8")
    elif path.suffix == ".toml" or path.is_file():
        if not path.exists():
            others = [name for name in preset_names() if name not in FOR_TUNE]
            raise UsageError(f"no preset file {path}", f"give a file or one of: {', '.join(others)}")
        try:
            text = read_text(path, LARGEST_PRESET)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}", "check its permissions") from None
        except UnicodeDecodeError:
            raise UsageError(f"{path} is not UTF-8 text", "save it as UTF-8") from None
    else:
        raise UnknownNameError.of("preset", preset, preset_names())
    try:
        return parse_toml(text)
    except ValueError as error:
        raise UsageError(f"{preset} is not valid TOML: {error}", "correct that line") from None


def _unknown(key: str, known: Mapping[str, str], values: Mapping[str, object]) -> UsageError:
    """Return what is wrong with a key that is not known: often it is one of a part that is not used."""
    section = key.partition(".")[0]
    if names := [other for other in known if other.startswith(f"{key}.")]:
        words = f"{key} is a table of settings and no setting itself"
        return UsageError(words, f"write [{key}] once in a file, or a setting of it such as --set {names[0]}=...")
    if not any(other.startswith(f"{section}.") for other in known):
        for registry in (STRATEGIES, GENERATORS, CONTRACTS):
            setting = f"loop.{registry.kind}"
            used = _named(registry.kind, values, ()) or getattr(LoopConfig(), registry.kind)
            if section == used and section not in registry.names():
                return registry.unknown(used)
            if section != used and section in registry.names():
                return UsageError(
                    f"{section}.* belongs to the {registry.kind} '{section}', which {setting}={used} replaces",
                    f"leave out {key[:LONGEST_SHOWN]}, or choose --set {setting}={section}",
                )
    return UnknownNameError.of("configuration key", key[:LONGEST_SHOWN], known)


def _parse_setting(setting: str, known: Mapping[str, str], values: Mapping[str, object]) -> tuple[str, object]:
    key, separator, text = setting.partition("=")
    key = key.strip()
    if not separator or not key:
        raise UsageError(
            f"'{without_secrets(setting)}' is not a setting", "write --set key=value, for example --set loop.cycles=4"
        )
    if key not in known:
        raise _unknown(key, known, values)
    if key == "preset":
        raise UsageError(f"{setting} only says where settings are from", "choose one with --preset")
    try:
        return key, parse_toml(f"value = {text}")["value"]
    except ValueError:
        return key, text.strip()


def _as_texts(values: Mapping[str, object], settings: Sequence[str], error: ValidationError) -> Mapping[str, object]:
    """Return `values` with texts of `settings` that look like something else as they are: `task=2026`, a folder."""
    wrong = {".".join(map(str, each["loc"])) for each in error.errors() if each["type"] == "string_type"}
    for setting in settings:
        key, _, text = setting.partition("=")
        if key.strip() in wrong and not text.strip().startswith(("[", "{")):
            values = _merged(values, _nested(key.strip(), text.strip()))
    return values


def _nested(key: str, value: object) -> dict[str, object]:
    nested: object = value
    for part in reversed(key.split(".")):
        nested = {part: nested}
    assert isinstance(nested, dict)
    return nested


def _merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged

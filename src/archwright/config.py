"""The configuration of a study: one model per section, presets as TOML, and `key=value` overrides.

A key is a section and a field (`loop.cycles`, `budget.epochs`); `seed`, `task` and `preset` stand alone. Unknown keys,
values of the wrong type and malformed TOML are refused with the nearest valid name.
"""

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    Field,
    JsonValue,
    PositiveInt,
    PrivateAttr,
    ValidationError,
    create_model,
    field_validator,
)

from archwright.address import without_secrets
from archwright.errors import UnknownNameError, UsageError
from archwright.reading import read_text
from archwright.registry import CONTRACTS, GENERATORS, STRATEGIES
from archwright.task import Budget, DataOptions, Frozen, Recipe, Task

Config = TypeVar("Config", bound=BaseModel)
LARGEST_PRESET = 2**20
"""Bytes of a preset file."""
LONGEST_SHOWN = 200
"""Characters of a wrong key or value in its message."""


class LoopConfig(Frozen):
    """The loop: who proposes, how often, and who joins the elite (sections A.2 and D of the closed-loop paper)."""

    strategy: str = "cycles"
    generator: str = "full"
    contract: str = Field("network", description="What kind of program a candidate is.")
    corpus: str = Field(
        "",
        description="Folder made by `archwright corpus build`, which candidates start from, prompts quote, lessons "
        "repeat and novelty is judged against; empty: our seed networks. A study keeps a copy.",
    )
    parents: Literal["none", "uniform", "score", "top", "novelty"] = Field(
        "none",
        description="How `cycles` draws the program that a candidate changes, from starters and what earlier cycles "
        "admitted: uniform (as published) | score: by rank | top: the ten best | novelty: by rank, and rather one that "
        "was changed less often. none: the generator draws a starter where it needs one.",
    )
    cycles: int = Field(22, ge=1)
    candidates: int = Field(150, ge=1, description="Candidates per cycle.")
    stop: bool = Field(
        True,
        description="Stop early by the rule of section D; who extends a study that has done so turns it off.",
    )
    stop_window: int = Field(3, ge=2, description="Consecutive cycles the stopping rule looks at.")
    stop_epsilon: float = Field(0.005, ge=0, description="Gain in mean accuracy below which the loop has converged.")
    threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Score to join the elite; unset: the published one where there is one for this task (one epoch on "
        "all images at their own size), else the quantile.",
    )
    threshold_quantile: float = Field(
        0.75, gt=0, lt=1, description="Quantile of cycle 1's valid scores; low enough for the few of a small cycle."
    )
    threshold_first: bool = Field(
        True,
        description="Published order: the threshold, then novelty; no worse near-duplicate blocks a better one. "
        "false: novelty first, in the order proposed.",
    )
    top_up: int = Field(15, ge=0, description="Admit the next-best novel candidates until this many.")
    top_up_ratio: float = Field(
        0.875, ge=0, le=1, description="Top-up floor as a share of the threshold (0.35 / 0.40)."
    )
    top_up_mean: bool = Field(
        False, description="Top up with candidates above the cycle's mean only: a lesson never teaches below it."
    )


class NoveltyConfig(Frozen):
    """The near-duplicate filter (section A.1)."""

    criterion: Literal["lexical", "canonical", "both", "graph"] = Field(
        "both",
        description="Which criterion decides; all are recorded. `both` are lexical and canonical; `graph` is what a "
        "network computes, and canonical where it was not traced.",
    )
    shingle: int = Field(10, ge=1)
    permutations: int = Field(256, ge=16)
    lsh_threshold: float = Field(0.85, gt=0, lt=1)
    threshold: float = Field(0.90, gt=0, le=1, description="Reject above this similarity.")
    against: tuple[Literal["cycle", "study", "corpus", "taught"], ...] = Field(
        ("cycle", "study", "corpus"),
        description="Accepted in this cycle, admitted before, what the study began with; taught: also what the adapter "
        "was taught that it starts from.",
    )
    before_training: bool = Field(False, description="Filter before training to save compute; published order: after.")


class SandboxConfig(Frozen):
    """How candidates are run."""

    executor: Literal["local", "ray"] = Field("local", description="local: this machine | ray: a Ray cluster.")
    address: str = Field(
        "",
        description="Of the Ray cluster: auto | HOST:PORT | ray://HOST:PORT; empty: $RAY_ADDRESS, else start one here.",
    )
    gpu_share: float = Field(
        0.25, gt=0, le=1, description="Share of a GPU that each candidate claims from a Ray cluster."
    )
    workers: int = Field(
        0,
        ge=0,
        description="Candidates trained at once, on a cluster per node; 0: one per core, on a GPU four (its shares).",
    )
    threads: int = Field(1, ge=1, description="Threads of each candidate's process.")
    log_bytes: int = Field(65_536, ge=1_024, description="Output kept of one candidate.")
    policy: Literal["on", "off"] = Field(
        "on", description="Refuse programs unrun that use what a network has no business with."
    )
    device: str = Field("auto", description="auto | cpu | cuda | cuda:N; auto and cuda use every GPU there is.")
    cache: bool = Field(True, description="Remember outcomes, so that nothing is trained twice on this machine.")
    require: int = Field(
        2, ge=0, le=3, description="Isolation level (see `archwright doctor`) below which no program is run."
    )


Engine = Literal["transformers", "int8"]


class LlmConfig(Frozen):
    """The language model and how it is sampled (section J)."""

    model: str = Field(
        "smollm2-135m", description="smollm2-135m | hf:ORG/NAME | a folder | openai:URL#MODEL | replay:FILE"
    )
    adapter: str = Field(
        "default",
        description="What the model knows at the start. default: the adapter shipped for it, if there is one | none | "
        "a folder written by `archwright tune`.",
    )
    engine: Engine = Field(
        "transformers",
        description="What a local model computes with. transformers: the precision of the hardware | int8: 8-bit "
        "products on an x86 CPU, an experiment: faster, other rows for the same seed, perhaps fewer valid programs.",
    )
    temperature: float = Field(0.2, ge=0)
    top_k: int = Field(50, ge=0)
    top_p: float = Field(0.9, gt=0, le=1)
    max_new_tokens: int = Field(2048, ge=1)
    batch: int = Field(8, ge=1, description="Prompts sampled together.")
    repair: bool = Field(
        True, description="Trim and complete programs that fail the static checks; each step is counted by itself."
    )
    repair_rounds: int = Field(
        0,
        ge=0,
        le=3,
        description="Times that an answer which is refused or fails the static checks goes back to the model with the "
        "reason; `failed_before` among the facts counts it apart.",
    )
    form: Literal["compact", "full"] = Field("compact", description="The form of program the prompt asks for.")
    examples: int = Field(0, ge=0, description="Known networks quoted in the prompt.")
    timeout_s: float = Field(120.0, gt=0, le=86_400, description="Of one request to a server.")
    retries: int = Field(5, ge=0, description="Of one request to a server, with exponential waits.")
    concurrency: int = Field(4, ge=1, description="Requests in flight to a server.")
    extra: dict[str, JsonValue] = Field({}, description="Further parameters of every request to a server, as given.")
    omit: tuple[str, ...] = Field((), description="Parameters never sent to a server.")
    _address: str = PrivateAttr("")

    def model_post_init(self, context: object) -> None:
        """Keep what is secret in the model's address out of `model`, and so out of every file and message."""
        self._address = self.model
        self.__dict__["model"] = without_secrets(self.model)

    @property
    def address(self) -> str:
        """`model` with its secrets as they were given; for the connection only, never stored."""
        return self._address


class TuneConfig(Frozen):
    """LoRA on the elite after every cycle (section J)."""

    enabled: bool = True
    rank: int = Field(32, ge=1, description="Of a new adapter; a continued one keeps rank, alpha, dropout and layers.")
    alpha: int = Field(32, ge=1)
    dropout: float = Field(0.05, ge=0, lt=1)
    layers: int = Field(0, ge=0, description="A new adapter goes into this many layers, from the first; 0: all.")
    lr: float = Field(1e-5, gt=0)
    epochs: int = Field(5, ge=1)
    batch: int = Field(1, ge=1)
    accumulation: int = Field(4, ge=1)
    warmup_steps: int = Field(20, ge=0)
    weight_decay: float = Field(0.01, ge=0)
    max_grad_norm: float = Field(1.0, gt=0)
    max_length: int = Field(2048, ge=64, description="Longer pairs are left out, never cut.")
    replay: Literal["all", "none"] | PositiveInt = Field(
        "all", description="Corpus pairs mixed into each lesson so that it is not forgotten: all | none | how many."
    )
    dual_task: bool = Field(
        True, description="Show each corpus network under two tasks' wording (section C), else one."
    )
    cumulative: bool = Field(
        True,
        description="Train on all admitted so far (as published), else on this cycle's.",
    )

    @field_validator("replay", mode="before")
    @classmethod
    def _all_was_zero(cls, value: object) -> object:
        """Read 0 as it was meant before there was a word for it."""
        return "all" if value == 0 and not isinstance(value, bool) else value


class EvolutionConfig(Frozen):
    """Regularised evolution (Real et al. 2019): tournament selection, the oldest dies."""

    population: int = Field(20, ge=2)
    sample: int = Field(5, ge=1)
    batch: int = Field(
        4,
        ge=1,
        description="Children proposed before their outcomes are seen; fixed, so that worker count changes nothing.",
    )


class StudyConfig(Frozen):
    """Everything that determines a study."""

    preset: str | None = None
    task: str = "digits"
    seed: int = Field(0, ge=0)
    loop: LoopConfig = LoopConfig()
    budget: Budget = Budget()
    data: DataOptions = DataOptions()
    recipe: Recipe = Recipe()
    novelty: NoveltyConfig = NoveltyConfig()
    sandbox: SandboxConfig = SandboxConfig()
    llm: LlmConfig = LlmConfig()
    tune: TuneConfig = TuneConfig()
    evolution: EvolutionConfig = EvolutionConfig()

    def as_task(self) -> Task:
        """Return the task this study works on."""
        return Task(name=self.task, data=self.data, recipe=self.recipe, budget=self.budget)


def preset_names() -> list[str]:
    """Return the names of the presets that ship with the package."""
    folder = resources.files("archwright") / "presets"
    return sorted(Path(entry.name).stem for entry in folder.iterdir() if entry.name.endswith(".toml"))


FOR_TUNE = ("small",)
"""Presets that say how `archwright tune` trains and nothing of how to search."""


def load_config(
    preset: str | None = None, settings: Sequence[str] = (), base: Mapping[str, object] | None = None
) -> StudyConfig:
    """Return the configuration of `preset` (a name or a TOML file) over `base`, with `key=value` settings on top.

    Raises UnknownNameError for an unknown preset or key and UsageError for a malformed file or value.
    """
    values: dict[str, object] = _merged(dict(base or {}), _read_preset(preset) if preset else {})
    if preset:
        values["preset"] = preset
    return configure(StudyConfig, values, settings)


def build_config(values: Mapping[str, object]) -> StudyConfig:
    """Return the validated configuration, or raise for the first thing wrong with it."""
    return configure(StudyConfig, values)


CHANGEABLE = (
    "loop.cycles",
    "loop.stop",
    "sandbox.",
    "tune.",
    "llm.timeout_s",
    "llm.retries",
    "llm.concurrency",
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
        if key == "llm.model" and changed.llm.model == config.llm.model:
            continue  # The same server, given again with the secrets of its address, which are not stored.
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
            key, value = _parse_setting(setting, known)
            merged = _merged(merged, _nested(key, value))
        for key in _flat_keys(merged, known):
            if key not in known:
                raise UnknownNameError.of("configuration key", key[:LONGEST_SHOWN], known)
        return model.model_validate(merged)
    except RecursionError:
        raise UsageError("the configuration is nested too deeply", "write keys as section.key") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        shown = repr(first["input"])[:LONGEST_SHOWN]
        raise UsageError(f"{key} = {shown} is not valid", f"{first['msg']} (see --help)") from None


def _with_options(model: type[Config], values: Mapping[str, object], settings: Sequence[str]) -> type[Config]:
    """Return `model` with a section for every named part of another package that declares `Options`."""
    if model is not StudyConfig:
        return model
    sections: dict[str, Any] = {}
    for registry in (STRATEGIES, GENERATORS, CONTRACTS):
        name = _named(registry.kind, values, settings)
        if (
            name in (None, getattr(LoopConfig(), registry.kind))
            or name in model.model_fields
            or name not in registry.names()
        ):
            continue
        options = getattr(registry.load(name), "Options", None)
        if options is not None:
            sections[name] = (options, options())
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
    """Return the section that the plug-in `name` declared as its `Options`, which are of `kind`."""
    section = getattr(config, name)
    if not isinstance(section, kind):
        raise TypeError(f"the section {name} is {type(section).__name__}, not {kind.__name__}")
    return section


def config_keys(model: type[BaseModel] = StudyConfig) -> dict[str, str]:
    """Return every configuration key with its description."""
    return _keys_of(model, "")


def _keys_of(model: type[BaseModel], prefix: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys |= _keys_of(field.annotation, f"{prefix}{name}.")
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
    if path.suffix == ".toml":
        if not path.exists():
            raise UsageError(f"no preset file {path}", f"give a file or one of: {', '.join(preset_names())}")
        try:
            text = read_text(path, LARGEST_PRESET)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}", "check its permissions") from None
        except UnicodeDecodeError:
            raise UsageError(f"{path} is not UTF-8 text", "save it as UTF-8") from None
    elif preset in preset_names():
        text = (resources.files("archwright") / "presets" / f"{preset}.toml").read_text("utf-8")
    else:
        raise UnknownNameError.of("preset", preset, preset_names())
    try:
        return _parsed(text)
    except ValueError as error:
        raise UsageError(f"{preset} is not valid TOML: {error}", "correct that line") from None


def _parse_setting(setting: str, known: Mapping[str, str]) -> tuple[str, object]:
    key, separator, text = setting.partition("=")
    if not separator or not key:
        raise UsageError(
            f"'{without_secrets(setting)}' is not a setting", "write --set key=value, for example --set loop.cycles=4"
        )
    if key not in known:
        raise UnknownNameError.of("configuration key", key, known)
    try:
        return key, _parsed(f"value = {text}")["value"]
    except ValueError:
        return key, text


def _parsed(text: str) -> dict[str, object]:
    """Return the tables in TOML `text`; raises ValueError, also for nesting that no configuration has."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


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

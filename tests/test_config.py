"""The configuration: presets, overrides, and what is refused."""

import re
from pathlib import Path

import pytest

from archwright.configuring import build_config, config_keys, load_config, options_of, preset_names
from archwright.contracts.transform import TransformOptions
from archwright.errors import UnknownNameError, UsageError


def test_every_key_of_the_command_line_contract_exists() -> None:
    expected = {
        "seed", "loop.cycles", "loop.candidates", "loop.stop", "budget.epochs", "budget.max_params", "budget.wall_s",
        "budget.memory_mb", "data.train_size", "data.validation_size", "novelty.threshold", "sandbox.workers",
        "llm.model", "tune.rank",
    }  # fmt: skip
    assert expected <= config_keys().keys()


@pytest.mark.parametrize("name", preset_names())
def test_every_shipped_preset_loads(name: str) -> None:
    assert load_config(name).preset == name


def test_the_creativity_preset_is_the_paper_s() -> None:
    config = load_config("creativity")
    assert (config.loop.cycles, config.loop.threshold, config.loop.top_up) == (22, 0.40, 15)
    assert (config.llm.temperature, config.llm.top_k, config.llm.top_p, config.llm.max_new_tokens) == (
        0.2,
        50,
        0.9,
        2048,
    )
    assert (config.tune.rank, config.tune.alpha, config.tune.dropout, config.tune.lr) == (32, 32, 0.05, 1e-5)
    assert (config.tune.epochs, config.tune.accumulation, config.tune.warmup_steps) == (5, 4, 20)
    assert (config.novelty.shingle, config.novelty.permutations) == (10, 256)
    assert (config.novelty.lsh_threshold, config.novelty.threshold) == (0.85, 0.90)
    assert config.llm.form == "full"
    assert (config.loop.corpus, config.novelty.against) == ("corpus", ("cycle", "study", "corpus"))
    assert (config.tune.layers, config.tune.replay, config.loop.threshold_first) == (24, "all", True)


def test_a_setting_overrides_the_preset() -> None:
    config = load_config("demo", ["loop.cycles=7", "task=cifar10", "loop.stop=true", "llm.temperature=0.5"])
    assert (config.loop.cycles, config.task, config.loop.stop, config.llm.temperature) == (7, "cifar10", True, 0.5)


@pytest.mark.parametrize(
    ("text", "value"), [("all", "all"), ("none", "none"), ("16", 16), ("0", "all"), ('"none"', "none")]
)
def test_a_lesson_recalls_all_of_the_corpus_none_of_it_or_a_number(text: str, value: object) -> None:
    assert load_config(settings=[f"tune.replay={text}"]).tune.replay == value


@pytest.mark.parametrize("text", ["-1", "some", "false", "1.5"])
def test_a_lesson_recalls_nothing_else(text: str) -> None:
    with pytest.raises(UsageError, match=r"tune\.replay"):
        load_config(settings=[f"tune.replay={text}"])


def test_text_values_need_no_quotes() -> None:
    assert load_config(settings=["llm.model=openai:http://127.0.0.1:8000/v1#m"]).llm.model.endswith("#m")


@pytest.mark.parametrize("text", ["123", "2024-01-01", "true", "1e5", " digits "])
def test_a_text_may_look_like_something_else(text: str) -> None:
    assert load_config(settings=[f"task={text}"]).task == text.strip()


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown configuration key 'loop.cycels' — did you mean 'loop.cycles'"):
        load_config(settings=["loop.cycels=3"])


@pytest.mark.parametrize(
    ("preset", "settings", "used"),
    [
        ("pairing", ["loop.generator=mutation"], "loop.generator=mutation"),
        (None, ["pairing.networks=[]"], "loop.generator=full"),
        (None, ["sweep.repeats=2"], "loop.strategy=cycles"),
    ],
)
def test_a_key_of_a_part_that_is_not_used_says_so(preset: str | None, settings: list[str], used: str) -> None:
    with pytest.raises(UsageError, match=rf"belongs to the (generator|strategy) '\w+', which {used} replaces"):
        load_config(preset, settings)


def test_a_table_in_place_of_a_setting_is_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "twice.toml").write_text("[[loop]]\ncycles = 2\n")
    for given in ({"settings": ["loop=3"]}, {"preset": str(tmp_path / "twice.toml")}):
        with pytest.raises(UsageError, match=r"loop is a table of settings .* — write \[loop\] once"):
            load_config(**given)


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'creativity'"):
        load_config("creativty")


@pytest.mark.parametrize(
    "setting",
    [
        "loop.cycles=many",
        "loop.cycles=0",
        "loop.cycles=1000000000",
        "loop.candidates=99999999999999999999",
        "budget.epochs=-1",
        "novelty.criterion=vibes",
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(setting: str) -> None:
    with pytest.raises(UsageError, match=setting.partition("=")[0]):
        load_config(settings=[setting])


@pytest.mark.parametrize("setting", ["loop.cycles", "=3", ""])
def test_a_setting_without_key_or_value_is_refused(setting: str) -> None:
    with pytest.raises(UsageError, match="write --set key=value"):
        load_config(settings=[setting])


def test_malformed_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    preset = tmp_path / "mine.toml"
    preset.write_text("[loop]\ncycles = \n")
    with pytest.raises(UsageError, match="not valid TOML.*line 2"):
        load_config(str(preset))


def test_a_preset_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no preset file"):
        load_config(str(tmp_path / "gone.toml"))


def test_an_unknown_key_in_a_preset_file_is_refused(tmp_path: Path) -> None:
    preset = tmp_path / "mine.toml"
    preset.write_text("[lop]\ncycles = 3\n")
    with pytest.raises(UnknownNameError, match="loop.cycles"):
        load_config(str(preset))


def test_a_section_that_is_not_a_table_is_refused() -> None:
    with pytest.raises(UsageError, match="loop"):
        build_config({"loop": 3})


def test_a_configuration_survives_its_json_form() -> None:
    config = load_config("demo", ["loop.threshold=0.5"])
    assert build_config(config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("novelty.against=cycle", """write a list, also of one: --set 'novelty.against=["NAME", "NAME"]'"""),
        ("llm.omit=top_k", """--set 'llm.omit=["NAME", "NAME"]'"""),
        ('llm.extra={"a": 1}', """--set 'llm.extra={NAME = "TEXT", OTHER = 1}'"""),
    ],
)
def test_a_list_and_a_table_are_shown_as_they_are_written(setting: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=re.escape(remedy)):
        load_config(settings=[setting])


def test_a_preset_that_names_another_is_refused_where_it_would_be_passed_over(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('preset = "evolution"\n[loop]\ncycles = 2\n')
    with pytest.raises(UsageError, match="names a preset itself, and none builds on another"):
        load_config(str(tmp_path / "mine.toml"))
    with pytest.raises(UsageError, match="choose one with --preset"):
        load_config(settings=["preset=evolution"])


def test_a_section_that_a_configuration_lacks_is_named() -> None:
    with pytest.raises(UsageError, match="no section transform"):
        options_of(load_config(), "transform", TransformOptions)

"""From `llm.model` to a model, or to an error that helps."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import archwright.llm.adapters
from archwright.config import LlmConfig
from archwright.errors import UnknownNameError, UsageError
from archwright.llm.adapters import CARD, SETTINGS, WEIGHTS, Adapter
from archwright.llm.local import LocalModel
from archwright.llm.openai import OpenAIModel
from archwright.llm.registry import check_model, find_adapter, is_trainable, load_model
from archwright.llm.replay import ReplayModel


def test_a_folder_is_a_local_model(tiny_folder: Path) -> None:
    model = load_model(LlmConfig(model=str(tiny_folder)))
    assert isinstance(model, LocalModel)
    assert model.name == str(tiny_folder)


def test_the_embedded_model_comes_from_the_cache(embedded: Path) -> None:
    model = load_model(LlmConfig())
    assert isinstance(model, LocalModel)
    assert model.name == "smollm2-135m"
    model.close()


def test_a_server_is_not_contacted_before_it_is_needed() -> None:
    model = load_model(LlmConfig(model="openai:http://127.0.0.1:9/v1/#qwen"))
    assert isinstance(model, OpenAIModel)
    assert model.name == "openai:http://127.0.0.1:9/v1#qwen"
    model.close()


def test_a_recording_is_replayed(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"text": "a"}\n', "utf-8")
    assert isinstance(load_model(LlmConfig(model=f"replay:{tmp_path}/r.jsonl")), ReplayModel)


@pytest.mark.parametrize("name", ["smolm2-135m", "gpt", ""])
def test_an_unknown_name_gets_the_nearest_one(name: str) -> None:
    with pytest.raises(UnknownNameError, match="smollm2-135m"):
        check_model(LlmConfig(model=name))


@pytest.mark.parametrize(
    "model", ["openai:localhost#m", "openai:http://localhost", "replay:nowhere.jsonl", "no/such", "hf:"]
)
def test_a_wrong_address_is_a_usage_error(model: str) -> None:
    with pytest.raises(UsageError):
        check_model(LlmConfig(model=model))


@pytest.mark.parametrize("prefix", ["", "hf:"])
def test_a_folder_that_holds_no_model_is_a_usage_error(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(UsageError, match="holds no language model — give one with a config.json"):
        check_model(LlmConfig(model=f"{prefix}{tmp_path}"))


def test_a_study_begins_with_no_model_that_the_hub_does_not_have(tmp_path: Path) -> None:
    def search(name: str) -> subprocess.CompletedProcess[str]:
        words = ["search", "--preset", "demo", "--set", f"llm.model=hf:{name}", "--run", str(tmp_path / "run")]
        offline = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hub")}
        return subprocess.run(
            [sys.executable, "-m", "archwright", *words], env=offline, capture_output=True, text=True, check=False
        )

    refused = search("nobody/nothing")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: the language model hf:nobody/nothing could not be loaded: ")
    assert not (tmp_path / "run").exists()

    cached = tmp_path / "hub/hub/models--somebody--something"
    (cached / "snapshots/1").mkdir(parents=True)
    (cached / "snapshots/1/config.json").write_text("{}")
    (cached / "refs").mkdir()
    (cached / "refs/main").write_text("1")
    search("somebody/something")
    assert (tmp_path / "run/study.db").exists()  # what else of it is missing ends the study's first cycle


def test_only_models_with_weights_at_hand_can_be_trained(tiny_folder: Path) -> None:
    assert all(is_trainable(LlmConfig(model=name)) for name in ("smollm2-135m", "hf:a/b", str(tiny_folder)))
    assert not any(is_trainable(LlmConfig(model=name)) for name in ("openai:http://h#m", "replay:x"))


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An adapter that ships for the embedded model."""
    monkeypatch.setattr(archwright.llm.adapters, "SHIPPED", tmp_path)
    folder = tmp_path / "smollm2-135m"
    folder.mkdir()
    for name in (WEIGHTS, SETTINGS, CARD):
        (folder / name).touch()
    return folder


def test_the_embedded_model_gets_the_adapter_that_ships_for_it(shipped: Path) -> None:
    assert find_adapter(LlmConfig()) == Adapter("shipped", shipped)


def test_the_same_answer_is_not_drawn_again() -> None:
    greedy = LlmConfig(temperature=0.0, repair_rounds=1, repair_by="redraw")
    with pytest.raises(UsageError, match="at temperature 0 another draw is the same answer"):
        check_model(greedy)
    check_model(LlmConfig(temperature=0.0, repair_by="redraw"))
    check_model(LlmConfig(temperature=0.0, repair_rounds=1))


def test_a_second_adapter_that_ships_has_a_name(shipped: Path) -> None:
    edits = shipped.rename(shipped.with_name("smollm2-135m-edits"))
    assert find_adapter(LlmConfig(adapter="edits")) == Adapter("shipped", edits)
    assert find_adapter(LlmConfig()) is None
    for model in ("hf:other", "openai:http://h#m"):  # `delta-laptop` with another model
        assert find_adapter(LlmConfig(model=model, adapter="edits")) is None


def test_other_models_and_those_who_want_none_get_none(shipped: Path, tiny_folder: Path) -> None:
    for model in (str(tiny_folder), "hf:smollm2-135m", "openai:http://h#m", "replay:x"):
        assert find_adapter(LlmConfig(model=model)) is None
    assert find_adapter(LlmConfig(adapter="none")) is None


def test_an_adapter_that_is_not_whole_does_not_ship(shipped: Path) -> None:
    (shipped / WEIGHTS).unlink()
    assert find_adapter(LlmConfig()) is None


def test_an_adapter_is_given_as_a_folder(shipped: Path) -> None:
    assert find_adapter(LlmConfig(adapter=str(shipped))) == Adapter("given", shipped)
    with pytest.raises(UsageError, match="holds no adapter"):
        find_adapter(LlmConfig(adapter=str(shipped.parent)))
    with pytest.raises(UsageError, match="takes no adapters"):
        find_adapter(LlmConfig(adapter=str(shipped), model="openai:http://h#m"))


def test_what_ships_is_whole_small_and_of_the_embedded_model() -> None:
    adapter = find_adapter(LlmConfig())
    if adapter is None:
        pytest.skip("no adapter ships with this version")
    assert sum(path.stat().st_size for path in adapter.folder.iterdir()) <= 25 * 1024 * 1024
    assert json.loads((adapter.folder / CARD).read_text("utf-8"))["model"] == "smollm2-135m"
    assert (adapter.folder / "README.md").is_file()

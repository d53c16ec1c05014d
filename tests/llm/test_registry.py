"""From `llm.model` to a model, or to an error that helps."""

from pathlib import Path

import pytest

from archwright.config import LlmConfig
from archwright.errors import UnknownNameError, UsageError
from archwright.llm.local import LocalModel
from archwright.llm.openai import OpenAIModel
from archwright.llm.registry import check_model, is_trainable, load_model
from archwright.llm.replay import ReplayModel


def test_a_folder_is_a_local_model(tiny_folder: Path) -> None:
    model = load_model(LlmConfig(model=str(tiny_folder)))
    assert isinstance(model, LocalModel)
    assert model.name == str(tiny_folder)


def test_the_embedded_model_comes_from_the_cache(embedded: Path) -> None:
    model = load_model(LlmConfig(), cache=embedded.parents[1])
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


@pytest.mark.parametrize("model", ["openai:localhost#m", "openai:http://localhost", "replay:nowhere.jsonl", "no/such"])
def test_a_wrong_address_is_a_usage_error(model: str) -> None:
    with pytest.raises(UsageError):
        check_model(LlmConfig(model=model))


def test_only_models_with_weights_at_hand_can_be_trained(tiny_folder: Path) -> None:
    assert all(is_trainable(LlmConfig(model=name)) for name in ("smollm2-135m", "hf:a/b", str(tiny_folder)))
    assert not any(is_trainable(LlmConfig(model=name)) for name in ("openai:http://h#m", "replay:x"))

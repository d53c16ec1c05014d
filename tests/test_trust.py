"""Secrets in addresses, and servers that a study made elsewhere names."""

import json
from pathlib import Path

import pytest

from archwright.address import without_secrets
from archwright.archive import Archive
from archwright.archive.opening import trust_pointer
from archwright.config import LlmConfig, build_config, load_config
from archwright.errors import ModelError, StudyError
from archwright.llm.registry import load_model
from archwright.llm.server import require_trusted, trust_server
from archwright.trust import FILE, remember


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cache = tmp_path / "cache"
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(cache))
    return cache


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("openai:http://u:pw@h:1/v1#m", "openai:http://***@h:1/v1#m"),
        ("openai:http://sk-123@h/v1#m", "openai:http://***@h/v1#m"),
        ("openai:http://u:p#s/s@h/v1#m", "openai:http://***@h/v1#m"),
        ("openai:https://h/v1?api-key=pw&api-version=2#m", "openai:https://h/v1?api-key=***&api-version=2#m"),
        ("http://u:pw@h", "http://***@h"),
        ("openai:http://h:8000/v1#org/m@2024", "openai:http://h:8000/v1#org/m@2024"),
        ("openai:http://h/@cf/v1#@cf/m", "openai:http://h/@cf/v1#@cf/m"),
        ("smollm2-135m", "smollm2-135m"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert without_secrets(address) == shown
    assert without_secrets(shown) == shown


def test_a_configuration_holds_no_secret_wherever_it_is_written() -> None:
    config = load_config(settings=['llm.model="openai:http://u:geheim@h/v1#m"'])
    assert "geheim" not in repr(config) + str(config) + config.model_dump_json() + str(config.model_dump())
    assert config.llm.address == "openai:http://u:geheim@h/v1#m"


def test_a_secret_that_was_not_stored_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = build_config(load_config(settings=['llm.model="openai:http://u:pw@h/v1#m"']).model_dump(mode="json"))
    with pytest.raises(ModelError, match="never stored"):
        load_model(stored.llm)
    monkeypatch.setenv("ARCHWRIGHT_API_LOGIN", "u:pw")
    load_model(stored.llm).close()


def test_further_parameters_are_settings() -> None:
    config = load_config(settings=['llm.extra={reasoning_effort="low"}', 'llm.omit=["seed"]'])
    assert (config.llm.extra, config.llm.omit) == ({"reasoning_effort": "low"}, ("seed",))


def test_a_server_that_nobody_named_here_is_not_asked(tmp_path: Path, empty_cache: Path) -> None:
    config = LlmConfig(model="openai:http://stranger.example/v1#m")
    with pytest.raises(StudyError, match="--trust"):
        require_trusted(config, tmp_path)
    trust_server(config)
    require_trusted(config, tmp_path)
    assert (empty_cache / FILE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(StudyError):
        require_trusted(LlmConfig(model="openai:http://stranger.example:81/v1#m"), tmp_path)


@pytest.mark.parametrize("url", ["postgresql://stranger.example/db", "sqlite:////tmp/elsewhere.db"])
def test_a_pointer_leads_only_where_somebody_here_has_pointed(tmp_path: Path, url: str) -> None:
    (tmp_path / "study.json").write_text(json.dumps({"url": url, "study": 1}), "utf-8")
    with pytest.raises(StudyError, match="was not named on this machine"):
        Archive.open(tmp_path, read_only=True)


def test_a_named_host_does_not_vouch_for_another_in_the_parameters(tmp_path: Path) -> None:
    remember("postgresql://h/db")
    (tmp_path / "study.json").write_text('{"url": "postgresql://h/db?host=stranger.example", "study": 1}', "utf-8")
    with pytest.raises(StudyError, match="was not named"):
        Archive.open(tmp_path, read_only=True)


def test_trust_makes_a_pointer_usable(tmp_path: Path) -> None:
    elsewhere = tmp_path / "all.db"
    Archive.create(tmp_path / "study", {}, url=f"sqlite:///{elsewhere}").close()
    (tmp_path / "cache" / FILE).unlink()
    with pytest.raises(StudyError, match="was not named"):
        Archive.open(tmp_path / "study", read_only=True)
    trust_pointer(tmp_path / "study")
    Archive.open(tmp_path / "study", read_only=True).close()

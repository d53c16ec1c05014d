"""Secrets in addresses, and servers that a study made elsewhere names."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archwright.address import without_secrets
from archwright.archive import Archive
from archwright.archive.opening import trust_pointer
from archwright.configuring import build_config, load_config
from archwright.errors import ModelError, StudyDamagedError, StudyError
from archwright.finals import evaluate_finalists
from archwright.llm.registry import load_model
from archwright.study import Study
from archwright.trust import FILE, remember
from archwright.vouching import require_vouched, vouch_for


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


@pytest.mark.parametrize(
    "setting",
    [
        'llm.model="openai:http://stranger.example/v1#m"',
        'llm.model="hf:stranger/model"',
        'llm.adapter="adapters/theirs"',
        'improver.model="openai:http://stranger.example/v1#m"',
        'improver.model="hf:stranger/model"',
        'sandbox.executor="ray"',
        "sandbox.require=0",
        'sandbox.policy="off"',
        "budget.memory_mb=1000000000",
    ],
)
def test_what_nobody_named_here_is_not_used(tmp_path: Path, empty_cache: Path, setting: str) -> None:
    config = load_config(settings=[setting])
    with pytest.raises(StudyError, match="--trust"):
        require_vouched(config, tmp_path)
    vouch_for(config)
    require_vouched(config, tmp_path)
    assert (empty_cache / FILE).stat().st_mode & 0o777 == 0o600


def test_a_named_server_does_not_vouch_for_what_else_it_is_sent(tmp_path: Path) -> None:
    server = 'llm.model="openai:http://known.example/v1#m"'
    tool = """llm.extra={tools=[{type="mcp", server_url="http://stranger.example"}]}"""
    vouch_for(load_config(settings=[server]))
    require_vouched(load_config(settings=[server]), tmp_path)
    with pytest.raises(StudyError, match="llm.extra = .*stranger.example"):
        require_vouched(load_config(settings=[server, tool]), tmp_path)


def test_another_port_is_another_server(tmp_path: Path) -> None:
    vouch_for(load_config(settings=['llm.model="openai:http://stranger.example/v1#m"']))
    with pytest.raises(StudyError):
        require_vouched(load_config(settings=['llm.model="openai:http://stranger.example:81/v1#m"']), tmp_path)


def test_usual_and_stricter_settings_need_no_trust(tmp_path: Path) -> None:
    require_vouched(
        load_config(settings=["sandbox.require=3", "sandbox.workers=2", "budget.memory_mb=256", 'llm.adapter="none"']),
        tmp_path,
    )


def test_no_name_makes_others_trusted(tmp_path: Path) -> None:
    remember("llm.adapter\nsandbox.require = 0")
    with pytest.raises(StudyError):
        require_vouched(load_config(settings=["sandbox.require=0"]), tmp_path)


@pytest.mark.parametrize("name", ["study.db", "study.lock", "study.json", "adapters"])
def test_a_link_out_of_the_study_folder_needs_trust(tmp_path: Path, name: str) -> None:
    Archive.create(tmp_path / "study", {}).close()
    victim = tmp_path / "victim"
    if (inside := tmp_path / "study" / name).exists():
        inside.rename(victim)
    else:
        victim.write_text("{}")
    before = victim.read_bytes()
    inside.symlink_to(victim)
    with pytest.raises(StudyError, match="was not named"):
        Archive.open(tmp_path / "study")
    assert victim.read_bytes() == before
    trust_pointer(tmp_path / "study")
    Archive.open(tmp_path / "study", read_only=True).close()


def test_a_setting_given_here_is_named_here(tmp_path: Path) -> None:
    config = load_config("random", ["sandbox.require=0"])
    Archive.create(tmp_path / "study", config.model_dump(mode="json")).close()
    with pytest.raises(StudyError, match=r"sandbox\.require = 0"):
        Study.open(tmp_path / "study")
    with pytest.raises(StudyError, match=r"sandbox\.require = 0"):
        Study.open(tmp_path / "study", ["sandbox.workers=1"])
    Study.open(tmp_path / "study", ["sandbox.require=1"]).close()


def test_finals_of_a_strangers_study_need_trust_too(tmp_path: Path) -> None:
    config = load_config(settings=["sandbox.require=0"])
    Archive.create(tmp_path / "study", config.model_dump(mode="json")).close()
    with pytest.raises(StudyError, match="sandbox.require = 0"):
        evaluate_finalists(tmp_path / "study")


def test_an_archive_that_would_run_something_is_damaged(tmp_path: Path) -> None:
    Archive.create(tmp_path, {}).close()
    with closing(sqlite3.connect(tmp_path / "study.db")) as database:
        database.execute("CREATE TRIGGER own AFTER INSERT ON sessions BEGIN DELETE FROM studies; END")
        database.commit()
    with pytest.raises(StudyDamagedError, match=r"'own' computes something \(TRIGGER\)"):
        Archive.open(tmp_path)


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

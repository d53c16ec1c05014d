"""Parts are found by name, those of other packages included; what cannot be found or loaded is named."""

import re
from pathlib import Path

import numpy as np
import pytest

from archwright.configuring import build_config, load_config
from archwright.errors import DataError, UnknownNameError, UsageError
from archwright.evaluation.data import describe_tasks, load_task_data
from archwright.registry import CONTRACTS, DATA_SETS, GENERATORS, STRATEGIES, Registry
from archwright.task import DataOptions, Task

REGISTRIES = [STRATEGIES, GENERATORS, CONTRACTS]


def offer(folder: Path, registry: Registry, **points: str) -> None:
    """Install a package in `folder` as far as its entry points go."""
    about = folder / "others-1.dist-info"
    about.mkdir(exist_ok=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1\n", "utf-8")
    lines = [f"[{registry.group}]", *(f"{name} = {value}" for name, value in points.items())]
    (about / "entry_points.txt").write_text("\n".join(lines), "utf-8")


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path of imports, for a package of somebody else's."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_every_built_in_part_can_be_loaded(registry: Registry) -> None:
    assert registry.builtin
    for name in registry.builtin:
        assert registry.load(name) is not None


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_a_part_of_another_package_is_found_by_its_name(others: Path, registry: Registry) -> None:
    (others / "parts_of_others.py").write_text("PART = 'theirs'\n")
    offer(others, registry, theirs="parts_of_others:PART")
    assert "theirs" in registry.names()
    assert registry.load("theirs") == "theirs"


def test_a_data_set_of_another_package_is_a_task_by_its_name(
    others: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (others / "data_of_others.py").write_text(
        "from archwright.evaluation.data.catalog import Entry\n"
        'NOISE = Entry("noise", "Noise", ("black", "white"), (1, 8, 8), 40, 8, "none", folders=("noise",))\n'
    )
    offer(others, DATA_SETS, noise="data_of_others:NOISE")
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    random = np.random.default_rng(0)
    (tmp_path / "noise").mkdir()
    for split, n in (("train", 40), ("test", 8)):
        images = random.integers(0, 256, (n, 8, 8), np.uint8)
        np.savez(tmp_path / "noise" / f"{split}.npz", images=images, labels=np.arange(n) % 2)
    data = load_task_data(Task(name="noise", data=DataOptions(validation_size=10)))
    assert data.spec.title == "Noise"
    assert data.spec.class_names == ("black", "white")
    assert (len(data.train), len(data.validation), data.spec.test_images) == (30, 10, 8)
    assert describe_tasks()[-1].name == "noise"
    with pytest.raises(UnknownNameError, match="did you mean 'noise'"):
        load_task_data(Task(name="nois"))


def test_names_are_of_all_origins_in_order(others: Path) -> None:
    registry = Registry("part", "archwright.parts", {"c": "json:loads"})
    offer(others, registry, a="json:dumps", c="json:dumps")
    registry.add("b", 1)
    assert registry.names() == ["a", "b", "c"]


def test_another_package_does_not_replace_what_is_built_in(others: Path) -> None:
    import json

    registry = Registry("part", "archwright.parts", {"c": "json:loads"})
    offer(others, registry, c="json:dumps")
    assert registry.load("c") is json.loads


def test_a_part_of_this_process_stands_for_an_entry_point(others: Path) -> None:
    registry = Registry("part", "archwright.parts", {})
    part = object()
    registry.add("mine", part)
    assert registry.load("mine") is part
    assert Registry("part", "archwright.parts", {}).names() == []


@pytest.mark.parametrize(
    ("registry", "name", "nearest"),
    [(STRATEGIES, "evolutoin", "evolution"), (GENERATORS, "mutatoin", "mutation"), (CONTRACTS, "netwrok", "network")],
)
def test_an_unknown_name_is_refused_and_the_nearest_named(registry: Registry, name: str, nearest: str) -> None:
    words = re.escape(f"unknown {registry.kind} '{name}' — did you mean '{nearest}'?")
    with pytest.raises(UnknownNameError, match=words):
        registry.load(name)


def test_an_unknown_name_that_resembles_none_lists_them_all(others: Path) -> None:
    registry = Registry("part", "archwright.parts", {"cells": "json:loads"})
    offer(others, registry, theirs="json:dumps")
    with pytest.raises(UnknownNameError, match="known: cells, theirs"):
        registry.load("zzzzzz")


@pytest.mark.parametrize(
    "value", ["no_such_module_of_others:PART", "json:no_such_attribute", "raising_of_others:PART", "odd_of_others:PART"]
)
def test_a_part_that_cannot_be_loaded_names_the_package_s_fault(others: Path, value: str) -> None:
    (others / "raising_of_others.py").write_text("raise RuntimeError('no licence')\n")
    (others / "odd_of_others.py").write_text("def (:\n")
    offer(others, STRATEGIES, theirs=value)
    with pytest.raises(UsageError, match=f"the strategy 'theirs' cannot be loaded from {value}"):
        STRATEGIES.load("theirs")


def test_a_module_in_place_of_a_part_is_refused(others: Path) -> None:
    offer(others, STRATEGIES, theirs="json")
    with pytest.raises(UsageError, match=r"the strategy 'theirs' is a module, json — name what is in it: json:NAME"):
        STRATEGIES.load("theirs")


def test_a_name_that_two_packages_offer_is_refused(others: Path) -> None:
    offer(others, STRATEGIES, theirs="json:loads")
    (others / "more").mkdir()
    offer(others / "more", STRATEGIES, theirs="json:dumps")
    (others / "more" / "others-1.dist-info").rename(others / "further-1.dist-info")
    with pytest.raises(
        UsageError, match="several packages offer the strategy 'theirs': json:(loads, json:dumps|dumps)"
    ):
        STRATEGIES.load("theirs")


@pytest.mark.parametrize("source", ["raise RuntimeError('no licence')", "NOISE = {'name': 'noise'}"])
def test_a_broken_data_set_of_another_package_hides_no_other(others: Path, source: str) -> None:
    (others / "broken_of_others.py").write_text(f"{source}\n")
    offer(others, DATA_SETS, noise="broken_of_others:NOISE")
    entries = {entry.name: entry for entry in describe_tasks()}
    assert "digits" in entries
    assert not entries["noise"].is_available
    assert "remove the package that offers it" in entries["noise"].where


def test_a_data_set_without_files_says_where_it_belongs(
    others: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (others / "absent_of_others.py").write_text(
        "from archwright.evaluation.data.catalog import Entry\n"
        'NOISE = Entry("noise", "Noise", ("black", "white"), (1, 8, 8), 40, 8, "none", folders=("noisy",))\n'
    )
    offer(others, DATA_SETS, noise="absent_of_others:NOISE")
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    with pytest.raises(DataError, match=rf"put it into {tmp_path / 'noisy'}"):
        load_task_data(Task(name="noise"))


GREEDY = """
from pydantic import BaseModel
class GreedyOptions(BaseModel):
    depth: int
class Greedy:
    Options = GreedyOptions
"""


def test_an_option_without_a_default_has_to_be_given(others: Path) -> None:
    (others / "greedy_of_others.py").write_text(GREEDY)
    offer(others, STRATEGIES, greedy="greedy_of_others:Greedy")
    with pytest.raises(UsageError, match=r"greedy.depth is not set — give it a value: --set greedy.depth=VALUE"):
        load_config(settings=["loop.strategy=greedy"])
    config = load_config(settings=["loop.strategy=greedy", "greedy.depth=3"])
    assert build_config(config.model_dump(mode="json")).model_dump() == config.model_dump()


def test_the_section_of_a_part_that_is_not_installed_is_kept_but_not_written() -> None:
    stored = {"loop": {"strategy": "greedy"}, "greedy": {"depth": 3}}
    assert build_config(stored).model_dump()["greedy"] == {"depth": 3}
    words = "unknown strategy 'greedy' — known: .*; or install the package that offers it"
    with pytest.raises(UnknownNameError, match=words):
        load_config(settings=["loop.strategy=greedy", "greedy.depth=3"])

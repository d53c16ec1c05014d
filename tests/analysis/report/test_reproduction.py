import shlex

import pytest

from archwright.analysis.report.reproduction import reproduction
from archwright.configuring import load_config


@pytest.mark.parametrize(
    ("preset", "settings"),
    [
        (None, []),
        ("evolution", ["loop.cycles=2", "evolution.population=4", 'task="my photos"', "seed=3"]),
        ("pairing", ["sweep.recipe={lr=[0.001, 0.01]}", 'pairing.networks=["plain_conv"]']),
        ("feedback", ["feedback.k=all", 'llm.extra={reasoning_effort="low"}', 'llm.remarks=It\'s short, "so".']),
        ("random", ["loop.strategy=cells", "loop.contract=cell", "loop.generator=cells", "cells.queries=5"]),
    ],
)
def test_the_command_gives_the_same_configuration(preset: str | None, settings: list[str]) -> None:
    config = load_config(preset, settings)
    words = shlex.split(reproduction(config).replace("\\\n", ""))
    given = dict(zip(words[2::2], words[3::2], strict=True))
    again = [word for option, word in zip(words[2::2], words[3::2], strict=True) if option == "--set"]
    again += [f'task="{given["--task"]}"', f"seed={given['--seed']}"]
    assert load_config(given.get("--preset"), again).model_dump() == config.model_dump()


def test_only_what_the_preset_does_not_say_is_repeated() -> None:
    command = reproduction(load_config("evolution", ["loop.cycles=2"]))
    assert command == (
        "archwright search --preset evolution --task digits --seed 0 --run FOLDER \\\n    --set loop.cycles=2"
    )

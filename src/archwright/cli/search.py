"""`archwright search`: run a new study."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from archwright.cli.answer import Answer, SettingsOption, quoted
from archwright.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.config import StudyConfig
    from archwright.planning import StudyPlan


class SearchCommand(TyperCommand):
    """Adds the presets and every configuration key to the command's help, read only when that help is asked for."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the lists below the options."""
        from archwright.analysis.report.tables import flatten
        from archwright.config import StudyConfig
        from archwright.configuring import config_keys

        defaults = flatten(StudyConfig().model_dump(mode="json"))
        with formatter.section("Presets"):
            formatter.write_text(", ".join(_presets()))
        with formatter.section("Configuration keys for --set, with their defaults"):
            formatter.write_dl([(f"{key}={defaults[key]}", text) for key, text in config_keys().items()])


def search(
    preset: Annotated[str | None, typer.Option(help="Name of a preset, or a TOML file.", metavar="NAME|FILE")] = None,
    task: Annotated[
        str | None, typer.Option(help="Data set: a name from `archwright tasks`, or a path.", metavar="NAME|PATH")
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(help="smollm2-135m, hf:ORG/NAME, a folder, openai:URL#MODEL or replay:FILE.", metavar="MODEL"),
    ] = None,
    settings: SettingsOption = None,
    run: Annotated[
        Path | None, typer.Option(help="Folder of the new study; by default a dated one under runs/.", metavar="DIR")
    ] = None,
    archive: Annotated[
        str | None,
        typer.Option(
            help="Keep the study's rows in this database, which studies can share, instead of a file in its folder: "
            "postgresql://USER@HOST/NAME. `resume` and `report` need the folder only.",
            metavar="URL",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.", metavar="N", min=0)] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show the configuration, the first prompt and the expected cost; run nothing."),
    ] = False,
) -> Answer:
    """Run a study: propose, train, filter, archive, learn, until it stops improving."""
    from archwright.configuring import FOR_TUNE, load_config

    if preset in FOR_TUNE:
        raise UsageError(f"the preset '{preset}' is for `archwright tune`", f"choose one of: {', '.join(_presets())}")
    if preset is not None and preset not in _presets() and not (preset.endswith(".toml") or Path(preset).is_file()):
        raise UnknownNameError.of("preset", preset, _presets())
    shorthands = quoted({"task": task, "llm.model": llm, "seed": seed})
    config = load_config(preset, [*shorthands, *(settings or [])])
    if run is not None:
        from archwright.archive.opening import require_new

        require_new(run)
    if dry_run:
        from archwright.planning import plan

        return _show_plan(plan(config))
    from archwright.cli.running import run_study
    from archwright.cli.steps import load_data
    from archwright.study import Study

    load_data(config.as_task(), sys.stderr)  # The study finds it in the cache; here a download can show its progress.
    folder = run if run is not None else _new_folder(config, datetime.now())
    return run_study(folder, lambda observers: Study(config, folder, observers, archive=archive))


def _presets() -> list[str]:
    from archwright.configuring import FOR_TUNE, preset_names

    return [name for name in preset_names() if name not in FOR_TUNE]


def _new_folder(config: StudyConfig, now: datetime) -> Path:
    what = Path(config.preset).stem if config.preset else config.loop.strategy
    name = f"{Path(config.task).name or 'study'}-{what}-{now:%Y%m%d-%H%M%S}"
    folder, number = Path("runs") / name, 2
    while folder.exists():
        folder, number = Path("runs") / f"{name}-{number}", number + 1
    return folder


def _show_plan(plan: StudyPlan) -> Answer:
    from archwright.analysis.report.tables import flatten

    document = {
        "config": plan.config.model_dump(mode="json"),
        "candidates": plan.candidates,
        "prompt": plan.prompt,
        "expected": dict(plan.expected),
    }

    def show(console: Console) -> None:
        console.print("Configuration", style="bold")
        for key, value in flatten(plan.config.model_dump(mode="json")).items():
            console.print(f"  {key} = {value}")
        console.print("\nFirst prompt", style="bold")
        console.print(plan.prompt or "  none: this generator asks no language model", soft_wrap=True)
        console.print("\nExpected cost", style="bold")
        console.print(f"  candidates = {plan.candidates:,}")
        for name, amount in plan.expected.items():
            console.print(f"  {name} = {'no limit is known' if amount is None else f'{amount:,.0f}'}")

    return Answer(document, show)

"""`archwright resume`: continue a study after anything, or extend it."""

from pathlib import Path
from typing import Annotated

import typer

from archwright.cli.answer import Answer, SettingsOption, TrustFlag, trust_folder


def resume(
    folder: Annotated[Path, typer.Argument(help="Folder of the study.", metavar="DIR")],
    settings: SettingsOption = None,
    trust: TrustFlag = False,
) -> Answer:
    """Continue a study where it stopped; `--set loop.cycles=N` extends a finished one."""
    from archwright.cli.running import run_study
    from archwright.study import Study

    if trust:
        trust_folder(folder)
    return run_study(folder, lambda observers: Study.open(folder, settings or [], observers))

"""`archwright report`: write the report of a study, finished or not."""

from pathlib import Path
from typing import Annotated

import typer

from archwright.analysis.text import name_of
from archwright.cli.answer import Answer, TrustFlag, trust_folder


def report(
    folder: Annotated[Path, typer.Argument(help="Folder of the study.", metavar="DIR")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into, in place of the study's.", metavar="DIR")
    ] = None,
    trust: TrustFlag = False,
) -> Answer:
    """Write report.md and report.html (one file, nothing to download) into the study's folder, or elsewhere."""
    from archwright.analysis.report import write_report

    if trust:
        trust_folder(folder)
    paths = write_report(folder, out)
    return Answer(
        {"markdown": str(paths.markdown), "html": str(paths.html), **paths.findings},
        lambda console: console.print(f"{name_of(paths.html)}\n{name_of(paths.markdown)}", soft_wrap=True),
    )

"""`--trust`: what a study folder made elsewhere names may be used, from now on."""

from pathlib import Path
from typing import Annotated

import typer

TrustFlag = Annotated[
    bool,
    typer.Option("--trust", help="Use the servers, files and sandbox settings that a study made elsewhere names."),
]


def trust_folder(folder: Path) -> None:
    """Remember what the study in `folder` names as named on this machine."""
    from archwright.archive import Archive
    from archwright.archive.opening import trust_pointer
    from archwright.configuring import build_config
    from archwright.vouching import vouch_for

    trust_pointer(folder)
    with Archive.open(folder, read_only=True) as archive:
        vouch_for(build_config(archive.config))

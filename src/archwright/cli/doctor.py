"""`archwright doctor`: what this machine can do, what is missing and how to get it."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from archwright.analysis.text import printable, size
from archwright.cli.answer import Answer
from archwright.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console


CALLS_LEVEL = 2
"""From which isolation level on system calls are refused."""
LEVELS = "1: limits; 2: also no files, network or system calls of its own choice; 3: also namespaces"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is there or not."""

    group: str
    name: str
    is_ok: bool
    detail: str
    remedy: str
    """How to get it; shown when it is not there."""


def doctor() -> Answer:
    """Say what this machine can do: cores, memory, GPU, sandbox, models, data, caches."""
    from archwright.archive.environment import describe_environment
    from archwright.cache import cache_root

    machine = describe_environment()
    found = (_check_gpu(), _check_sandbox(), _check_model(), _check_data(), _check_extras(), _check_cache(cache_root()))
    checks = [replace(check, remedy="" if check.is_ok else check.remedy) for check in chain.from_iterable(found)]

    def show(console: Console) -> None:
        console.print("Machine", style="bold")
        for key, value in machine.items():
            console.print(f"  {key}: {_readable(value)}", soft_wrap=True)
        group = ""
        for check in checks:
            if check.group != group:
                group = check.group
                console.print(f"\n{group}", style="bold")
            console.print(
                f"  {'ok     ' if check.is_ok else 'missing'}  {check.name}: {printable(check.detail)}",
                style="green" if check.is_ok else "yellow",
                soft_wrap=True,
            )
            if check.remedy:
                console.print(f"             {check.remedy}", soft_wrap=True)

    document = {
        "machine": machine,
        "checks": [
            {("ok" if key == "is_ok" else key): value for key, value in asdict(check).items()} for check in checks
        ],
    }
    return Answer(document, show)


def _check_gpu() -> Iterator[Check]:
    from archwright.evaluation.device import driver_version, find_devices, mps_folder, probe_gpu

    try:
        devices = find_devices("cuda")
    except UsageError as error:
        remedy = "networks train on the CPU; for a CUDA card install its driver and a CUDA build of torch"
        yield Check("GPU", "cuda", False, error.what.rpartition(": ")[2], remedy)
        return
    yield Check("GPU", "driver", True, driver_version() or "of an unknown version", "")
    folder = mps_folder()
    running = (
        f"running in {folder}; boxes reach isolation level 1" if folder else "not running; boxes take turns on a GPU"
    )
    yield Check("GPU", "MPS", True, running, "")
    for device in devices:
        for tried in probe_gpu(device):
            detail = f"a box at isolation level {tried.isolation}: {tried.detail}"
            yield Check("GPU", device, tried.is_ok, detail, "set sandbox.require lower, or cpu")


def _check_sandbox() -> Iterator[Check]:
    from archwright.config import SandboxConfig
    from archwright.sandbox.doctor import isolation_level, probe

    probes = probe()
    level, required = isolation_level(probes), SandboxConfig().require
    remedy = (
        f"no program is run below sandbox.require, which is {required}; get what is missing, or, for models you trust, "
        f"add --set sandbox.require={level}"
    )
    detail = f"level {level} of 3 ({LEVELS}), from what was tried"
    yield Check("Sandbox", "isolation", level >= required, detail, remedy)
    if level >= CALLS_LEVEL:
        yield _check_calls()
    for found in probes:
        yield Check("Sandbox", found.name, found.is_ok, found.detail, found.remedy)


def _check_calls() -> Check:
    from archwright.evaluation.refusals import refused_calls

    found = refused_calls()
    is_whole = found.trained == found.networks
    detail = ", ".join(found.calls) or ("none" if found.trained else "not known")
    if not is_whole:
        reason = "no more were trained within the time" if found.is_late else found.end
        detail += f" ({found.trained} of {found.networks} networks were checked: {reason})"
    remedy = "please report it with the version of torch: each is a line in sandbox/syscalls.py"
    if found.is_late and not found.calls:
        remedy = "run it again when the machine is less busy"
    is_ok = is_whole and not found.calls
    return Check("Sandbox", "system calls refused to the seed networks", is_ok, detail, remedy)


def _check_model() -> Iterator[Check]:
    from archwright.llm.embedded import EMBEDDED_NAME, INSTALL_LINE, PACKAGE

    is_here = importlib.util.find_spec(PACKAGE) is not None
    detail = f"weights in the package {PACKAGE}" if is_here else f"the package {PACKAGE} is not installed"
    yield Check("Language model", EMBEDDED_NAME, is_here, detail, INSTALL_LINE)


def _check_data() -> Iterator[Check]:
    from archwright.evaluation.data import describe_tasks

    for entry in describe_tasks():
        detail = entry.where if entry.is_available else f"{entry.title} is not on this machine"
        yield Check("Data sets", entry.name, entry.is_available, detail, entry.where)


def _check_extras() -> Iterator[Check]:
    for name, package, use in (
        ("ray", "ray", "evaluation on several machines (sandbox.executor=ray)"),
        ("postgres", "psycopg", "archives in a PostgreSQL database (search --archive)"),
    ):
        is_here = importlib.util.find_spec(package) is not None
        remedy = f"pip install 'archwright[{name}]', if you want {use}"
        yield Check("Extras", name, is_here, f"for {use}", remedy)


def _check_cache(root: Path) -> Iterator[Check]:
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    for folder in folders:
        used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        yield Check("Cache", folder.name, True, f"{size(used)} in {folder}", "")
    existing = next(path for path in (root, *root.parents) if path.exists())
    free_gb = shutil.disk_usage(existing).free / 1e9
    remedy = "free some space, or set ARCHWRIGHT_CACHE to a folder on another disk"
    yield Check("Cache", "free space", free_gb >= 2, f"{free_gb:,.1f} GB on the disk of {root}", remedy)


def _readable(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item or 'not installed'}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)

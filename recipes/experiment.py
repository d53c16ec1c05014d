"""What recipes have in common: sizes to choose from, and commands of ours that are run for so long."""

import argparse
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ARCHWRIGHT = (sys.executable, "-m", "archwright")
GOES_ON = "stop cleanly after so long; the same command goes on"


def size_parser(doc: str | None, sizes: Iterable[str]) -> argparse.ArgumentParser:
    """Return a parser with `doc` as its help, of which one of `sizes` must be chosen as `--SIZE`."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    group = parser.add_mutually_exclusive_group(required=True)
    for name in sizes:
        group.add_argument(f"--{name}", dest="size", action="store_const", const=name)
    return parser


def grid_parser(doc: str | None, sizes: Iterable[str]) -> argparse.ArgumentParser:
    """Return a parser with the options of `run_grid` besides."""
    parser = size_parser(doc, sizes)
    parser.add_argument("--folder", type=Path, help="of the experiment; by default under runs/")
    parser.add_argument("--arm", action="append", default=[], help="only this arm; may be repeated")
    parser.add_argument("--seed", action="append", type=int, default=[], help="only this seed; may be repeated")
    parser.add_argument("--minutes", type=float, help=GOES_ON)
    parser.add_argument("--rows", type=Path, help="write the rows to this file (JSON)")
    return parser


def run_grid(text: str, folder: Path, options: argparse.Namespace) -> int:
    """Write the grid beside `folder`, run what is missing of it, and return the exit code."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    grid = folder.with_name(f"{folder.name}.toml")
    grid.write_text(text, "utf-8")
    words = ["ablate", str(grid), "--folder", str(folder)]
    words += [word for arm in options.arm for word in ("--arm", arm)]
    words += [word for seed in options.seed for word in ("--seed", str(seed))]
    words += ["--rows", str(options.rows)] if options.rows else []
    return run_for(words, options.minutes)


def run_study(preset: str, folder: Path, settings: Sequence[str], minutes: float | None) -> None:
    """Run a study in `folder`, or go on with the one that is there, for so many minutes at most.

    Exits with code 1 where it is not complete then.
    """
    is_new = not (folder / "study.db").exists()
    words = ["search", "--preset", preset, "--run", str(folder)] if is_new else ["resume", str(folder)]
    if run_for([*words, *(sets(settings) if is_new else ())], minutes, is_silent=True):
        sys.exit(f"{folder} is not complete; the same command goes on")


def run_for(words: Sequence[str], minutes: float | None, *, is_silent: bool = False) -> int:
    """Run a command of ours, interrupted as by Ctrl-C when the time is up, and return its exit code."""
    with subprocess.Popen([*ARCHWRIGHT, *words], stdout=subprocess.DEVNULL if is_silent else None) as process:
        try:
            return process.wait(None if minutes is None else 60 * minutes)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            return process.wait()


def sets(settings: Iterable[str]) -> list[str]:
    """Return settings as words of a command."""
    return [word for setting in settings for word in ("--set", setting)]


def archwright(*words: str) -> None:
    """Run a command of ours; raises CalledProcessError when it fails."""
    subprocess.run([*ARCHWRIGHT, *words], check=True)

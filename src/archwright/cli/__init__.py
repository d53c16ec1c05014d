"""The command line: one file per command, one place for errors, exit codes and JSON.

Nothing heavy is imported until a command runs, so that `archwright --help` answers at once.
"""

from collections.abc import Sequence

from archwright.cli.signals import held_back

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (`cli.app`)."""
    with held_back() as told:
        from archwright.cli import app
    return app.main(arguments, is_stopped=bool(told))

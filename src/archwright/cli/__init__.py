"""The command line: one file per command, one place for errors, exit codes and JSON.

Nothing heavy is imported until a command runs, so that `archwright --help` answers at once.
"""

from archwright.cli.app import main

__all__ = ["main"]

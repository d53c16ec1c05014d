"""A study's networks in forms that need nothing of ours."""

from archwright.candidate import Program

REMEDY = "free space or choose another --out, then run the command again"
"""Of an export that the disk refuses."""


def name_of_network(program: Program) -> str:
    """Return what a program is called outside of its study: the same in every export."""
    return f"archwright-{program.digest[:32]}"

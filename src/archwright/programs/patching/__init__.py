"""Edits that language models write, applied exactly or refused with words that let the next try succeed.

`apply_patch(source, answer)` reads an answer (`blocks`, `reading`), finds where each hunk belongs by its text
(`lines`, `placing`), settles how new lines are indented (`indenting`) and puts everything in its place (`applying`).
Nothing of it is judged by running it. `unified_diff` and
`compact_diff` write what it reads, `diff_grammar` says which answers apply to a program.
"""

from archwright.programs.patching.applying import apply_patch
from archwright.programs.patching.grammar import diff_grammar
from archwright.programs.patching.outcome import How, Line, Patched, Reason, Refused
from archwright.programs.patching.writing import compact_diff, edited_lines, unified_diff

__all__ = [
    "How",
    "Line",
    "Patched",
    "Reason",
    "Refused",
    "apply_patch",
    "compact_diff",
    "diff_grammar",
    "edited_lines",
    "unified_diff",
]

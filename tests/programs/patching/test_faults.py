"""Whatever models do to a diff, it gives the edited program or it is refused; the plain faults are all applied."""

import random
from collections.abc import Sequence

import pytest
from benchmarks.diff_faults import ENVELOPES, FAULTS
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fuzz.values import FEW, QUICK

from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.mutation import mutate
from archwright.programs.patching import Patched, Reason, Refused, apply_patch, unified_diff
from archwright.starters import load_seed_corpus

ALL = FAULTS | ENVELOPES
NETWORKS = [format_tree(parse_program(network.program.source)) for network in load_seed_corpus()]
UNDECIDED = {
    Reason.AMBIGUOUS_CONTEXT,
    Reason.NO_CONTEXT,
    Reason.MISSING_CONTEXT,
    Reason.UNCLEAR_INDENTATION,
}
"""Why an edit may be refused that a fault has left two readings; never because no edit was found."""


def spoilt(old: str, new: str, faults: Sequence[str], seed: int = 0) -> str:
    rng = random.Random(seed)
    diff = unified_diff(old, new)
    for name in faults:
        diff = ALL[name](diff, rng)
    return "\n".join(diff) + "\n"


def edit_of(seed: int) -> tuple[str, str]:
    """Return a network and what one to three mutations make of it."""
    rng = random.Random(seed)
    old = new = rng.choice(NETWORKS)
    for _ in range(rng.randint(1, 3)):
        new = mutate(new, rng).source
    return old, new


@pytest.mark.parametrize("fault", [None, *sorted(ALL)])
def test_edits_of_networks_survive_every_fault(fault: str | None) -> None:
    applied = 0
    for seed in range(5):
        old, new = edit_of(seed)
        result = apply_patch(old, spoilt(old, new, [fault] if fault else [], seed))
        if isinstance(result, Patched):
            assert result.source == new
            applied += 1
        else:
            assert fault in ("misindented_context", "short_context")
            assert result.reason in UNDECIDED
    assert applied >= 4


LINE = st.sampled_from(
    [
        *("", "    ", "import torch", "x = 1", "    x = 1", "        x = 1", "    return x", "def f(x):", "class Net:"),
        *("-- note", "++ more", "- item", "+ item", "--- a/file", "+++ b/file", "@@ x", "@deco", "    ```", "\\ x"),
        *("s = 'a\fb\u2028c\x1dd\x85'", "  - z", "...", "a  b", "a\tb", "</think>x", "=======", "--", "---"),
        *("diff --git a b", "1.2", "<<<<<<< SEARCH", "Some words in a docstring.", "é = 'ü'"),
    ]
) | st.integers(0, 30).map("    v{0} = {0}".format)
PROGRAM = st.lists(LINE, min_size=1, max_size=14)
EDITS = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 3), st.lists(LINE, max_size=3)), min_size=1, max_size=3)


def edited(lines: list[str], edits: list[tuple[int, int, list[str]]]) -> list[str]:
    lines = list(lines)
    for start, length, new in edits:
        lines[start : start + length] = new
    return lines


@QUICK
@given(PROGRAM, EDITS, st.sampled_from(["\n", ""]), st.sampled_from(["\n", ""]))
@example(["x = 1"], [(0, 1, [])], "\n", "")
@example(["a", "-- note", "b"], [(1, 1, ["++ more"])], "\n", "\n")
def test_a_clean_diff_of_any_text_gives_the_edited_text(lines, edits, end: str, new_end: str) -> None:
    old, changed = "\n".join(lines) + end, edited(lines, edits)
    new = "\n".join(changed) + new_end if changed else ""
    result = apply_patch(old, "\n".join(unified_diff(old, new)))
    if old == new:
        assert isinstance(result, Refused)
    else:
        assert isinstance(result, Patched), result
        assert result.source == new


@QUICK
@given(
    PROGRAM,
    EDITS,
    st.lists(st.sampled_from(sorted(FAULTS)), max_size=4, unique=True),
    st.sampled_from([None, *ENVELOPES]),
    st.integers(0, 999),
)
def test_faults_of_any_text_never_give_another_text(lines, edits, faults, envelope, seed: int) -> None:
    old, new = "\n".join(lines) + "\n", "\n".join([*edited(lines, edits), ""])
    lossy = {"no_trailing_blanks": "    ", "tabs": "\t"}  # what the edit adds must survive the fault
    kept = [each for each in faults if each not in lossy or lossy[each] not in new.split("\n")]
    result = apply_patch(old, spoilt(old, new, [*kept, *([envelope] if envelope else [])], seed))
    assert isinstance(result, Refused) or result.source == new


@FEW
@given(st.integers(0, 10**6), st.lists(st.sampled_from(sorted(FAULTS)), min_size=2, max_size=5, unique=True))
def test_combined_faults_of_networks_never_give_another_program(seed: int, faults: list[str]) -> None:
    old, new = edit_of(seed)
    envelope = random.Random(seed).choice(sorted(ENVELOPES))
    result = apply_patch(old, spoilt(old, new, [*faults, envelope], seed))
    assert result.source == new if isinstance(result, Patched) else result.reason in UNDECIDED

"""Edits as models write them: one case each, with what has to come of it."""

import difflib
import time

import pytest

from archwright.programs.patching import Patched, Reason, Refused, apply_patch

NET = """\
import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return self.conv(x)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.stem = nn.Conv2d(in_shape[1], 16, 3)
        self.block = Block(16)
        self.head = nn.Linear(16, out_shape[0])

    def forward(self, x):
        x = self.stem(x)
        x = self.block(x)
        x = x.mean((2, 3))
        return self.head(x)
"""
WIDER = NET.replace("self.stem = nn.Conv2d(in_shape[1], 16, 3)", "self.stem = nn.Conv2d(in_shape[1], 32, 3)")
STEM = """\
         super().__init__()
-        self.stem = nn.Conv2d(in_shape[1], 16, 3)
+        self.stem = nn.Conv2d(in_shape[1], 32, 3)
         self.block = Block(16)
"""
OLD = "        self.stem = nn.Conv2d(in_shape[1], 16, 3)\n"
BLOCK = "        self.block = Block(16)\n"
DIFF = f"--- a/net.py\n+++ b/net.py\n@@ -16,3 +16,3 @@\n{STEM}"


def diff_of(old: str, new: str, n: int = 3) -> str:
    return "\n".join(difflib.unified_diff(old.split("\n"), new.split("\n"), "a", "b", n=n, lineterm=""))


def applied(answer: str, source: str = NET) -> Patched:
    result = apply_patch(source, answer)
    assert isinstance(result, Patched), result
    return result


def refused(answer: str, source: str = NET) -> Refused:
    result = apply_patch(source, answer)
    assert isinstance(result, Refused), result
    return result


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (DIFF, "exact"),
        (DIFF.replace("-16,3 +16,3", "-16,9 +16,2"), "exact"),
        (DIFF.replace("-16,3 +16,3", "-3,3 +7,3"), "relocated"),
        (DIFF.replace("@@ -16,3 +16,3 @@", "@@ ... @@"), "relocated"),
        (DIFF.replace("@@ -16,3 +16,3 @@", "@@ def __init__(self, in_shape, out_shape, prm, device):"), "relocated"),
        (DIFF.replace("@@ -16,3 +16,3 @@", "@@ -16 @@"), "relocated"),
        (f"@@\n{STEM}", "relocated"),
        (f"```diff\n{STEM}```", "relocated"),
        (f"--- net.py\n+++ net.py\n{STEM}", "relocated"),
        (f"diff --git a/net.py b/net.py\nindex 83db48f..bf2a1c0 100644\n{DIFF}-- \n2.43.0\n", "exact"),
        (f"*** Begin Patch\n*** Update File: net.py\n@@ class Net(nn.Module):\n{STEM}*** End Patch", "relocated"),
        (DIFF.replace("\n         ", "\n    "), "whitespace"),
        (DIFF.replace("\n", "\r\n"), "whitespace"),
        (DIFF.replace("\n         s", "\n\t\ts").replace("        self.stem", "\t\tself.stem"), "whitespace"),
        (f"Sure!\n\n```diff\n{DIFF}```\n\n- It is wider now, as it should be.", "exact"),
        (f"1. Widen the stem:\n\n   ```diff\n{DIFF}".replace("\n", "\n   ") + "\n   ```\n", "exact"),
        (f"> Widen it:\n> ```\n> {DIFF}".replace("\n", "\n> ").replace("> > ", "> ") + "```", "exact"),
        (
            f"{DIFF}\nThis widens the stem.\n\n- The stem has more channels now.\n+ More capacity for the network.\n",
            "exact",
        ),
        ("    " + DIFF.replace("\n", "\n    "), "exact"),
        (f"<think>\n@@ ... @@\n-import torch\n+import numpy\n</think>\n{DIFF}", "exact"),
        (f"I should widen it.</think>{DIFF}<|im_end|>", "exact"),
        (f"```diff\n{DIFF}```\nand again:\n```diff\n{DIFF}```", "exact"),
        ("\ufeff" + DIFF, "exact"),
        (
            f"<<<<<<< SEARCH\n{STEM.splitlines()[1][1:]}\n=======\n{STEM.splitlines()[2][1:]}\n>>>>>>> REPLACE",
            "search_replace",
        ),
        (f"------- SEARCH\n{OLD}{BLOCK}=======\n{OLD.replace('16', '32')}{BLOCK}+++++++ REPLACE\n", "search_replace"),
        (f"```python\n{WIDER}```", "whole"),
        (WIDER, "whole"),
    ],
)
def test_the_edit_is_found_in_every_form(answer: str, how: str) -> None:
    result = applied(answer)
    assert result.source == WIDER
    assert result.how == how


def test_what_was_edited_is_counted() -> None:
    result = applied(DIFF)
    assert (result.hunks, result.added, result.deleted, result.edited_lines) == (1, 1, 1, 2)


SUPER = "@@ {} @@\n         super().__init__()\n+        self.drop = nn.Dropout(0.1)\n"


def test_context_that_stands_twice_is_refused_with_both_places() -> None:
    result = refused(SUPER.format("..."))
    assert (result.reason, result.hunk) == (Reason.AMBIGUOUS_CONTEXT, 1)
    assert [line.number for line in result.nearest] == [7, 16]
    assert "fits in 2 places, at lines 7, 16" in result.message


def test_numbers_decide_between_places_with_the_same_text() -> None:
    lines = NET.split("\n")
    lines.insert(16, "        self.drop = nn.Dropout(0.1)")
    assert applied(SUPER.format("-16,1 +16,2")).source == "\n".join(lines)


@pytest.mark.parametrize("numbers", ["-15,1 +15,2", "-16,1 +17,2", "-16,3 +16,4"])
def test_numbers_that_contradict_something_decide_nothing(numbers: str) -> None:
    assert refused(SUPER.format(numbers)).reason == Reason.AMBIGUOUS_CONTEXT


def test_numbers_decide_nothing_when_those_of_another_hunk_are_wrong() -> None:
    other = (
        "@@ -20,1 +20,1 @@\n-        self.head = nn.Linear(16, out_shape[0])\n+        self.head = nn.Linear(8, 4)\n"
    )
    assert refused(SUPER.format("-16,1 +16,2") + other).reason == Reason.AMBIGUOUS_CONTEXT


def test_the_line_a_hunk_stands_below_decides_between_places() -> None:
    assert applied(SUPER.format("...").replace("@@\n", "@@ class Block(nn.Module):\n")).source.index("drop") < 250


def test_as_many_equal_hunks_as_places_are_applied_to_all() -> None:
    hunk = "@@ ... @@\n-        super().__init__()\n+        nn.Module.__init__(self)\n"
    assert applied(hunk * 2).source == NET.replace("super().__init__()", "nn.Module.__init__(self)")


def test_what_is_missing_is_quoted_with_the_nearest_lines() -> None:
    result = refused(DIFF.replace("-        self.stem = nn.Conv2d(", "-        self.stem = nn.Conv3d("))
    assert (result.reason, result.hunk) == (Reason.MISSING_CONTEXT, 1)
    assert "`self.stem = nn.Conv3d(in_shape[1], 16, 3)` is not a line of the program" in result.message
    assert "   17:         self.stem = nn.Conv2d(in_shape[1], 16, 3)" in result.message


def test_context_is_never_ignored() -> None:
    assert refused(DIFF.replace("self.block = Block(16)", "self.block = Block(8)")).reason == Reason.MISSING_CONTEXT
    assert refused(DIFF.replace("super().__init__()", "super().__init__(x)")).reason == Reason.MISSING_CONTEXT


def test_a_diff_of_another_file_is_refused() -> None:
    assert refused(diff_of("a\nb\nc\n", "a\nx\nc\n")).reason == Reason.MISSING_CONTEXT


def test_a_diff_that_was_applied_already_says_so() -> None:
    assert "seems to be applied already" in refused(DIFF, WIDER).message


def test_one_hunk_that_does_not_fit_refuses_all() -> None:
    assert refused(f"{DIFF}@@ -1,1 +1,1 @@\n-import jax\n+import numpy\n").hunk == 2


@pytest.mark.parametrize(
    "answer",
    [
        diff_of(NET, NET),
        f"```python\n{NET}```",
        NET,
        DIFF.replace("32", "16"),
        "@@ -1,2 +1,2 @@\n import torch\n import torch.nn as nn\n",
        "<<<<<<< SEARCH\nimport torch\n=======\nimport torch\n>>>>>>> REPLACE",
    ],
)
def test_an_edit_that_changes_nothing_is_known(answer: str) -> None:
    assert refused(answer).reason in (Reason.NO_CHANGE, Reason.NO_PATCH)


@pytest.mark.parametrize(
    "answer",
    ["", "\n", "I cannot help with that.", "```python\n```", "- wider\n- deeper", "<think>\n" + DIFF, "--- a\n+++ b\n",
     "class Net(nn.Module):\n    def forward(self, x):\n        return x\n",
     f"```python\n{WIDER.partition('    def forward')[0]}    # ... the rest is unchanged\n```"],
)  # fmt: skip
def test_an_answer_without_an_edit_is_refused(answer: str) -> None:
    assert refused(answer).reason in (Reason.NO_PATCH, Reason.MISSING_CONTEXT)


@pytest.mark.parametrize("sign", ["+++ /dev/null", "--- /dev/null"])
def test_files_are_neither_made_nor_deleted(sign: str) -> None:
    header = f"--- a/net.py\n{sign}" if sign[0] == "+" else f"{sign}\n+++ b/net.py"
    assert refused(f"{header}\n@@ -0,0 +1 @@\n+x = 1\n").reason == Reason.OTHER_FILE


def test_hunks_that_change_the_same_lines_are_refused() -> None:
    other = STEM.replace("32", "64")
    assert refused(f"@@ ... @@\n{STEM}@@ ... @@\n{other}").reason == Reason.OVERLAPPING_HUNKS


def test_hunks_whose_context_overlaps_are_applied() -> None:
    block = f"@@\n-{BLOCK}+{BLOCK.replace('16', '32')}         self.head = nn.Linear(16, out_shape[0])\n"
    assert applied(f"@@\n{STEM}{block}").source == WIDER.replace("self.block = Block(16)", "self.block = Block(32)")


def test_alternatives_are_refused() -> None:
    other = "```diff\n@@\n-        x = x.mean((2, 3))\n+        x = x.amax((2, 3))\n```"
    assert refused(f"```diff\n{DIFF}```\nAlternatively:\n{other}").reason == Reason.SEVERAL_PATCHES
    assert applied(f"```diff\n{DIFF}```\nand then\n{other}").hunks == 2


def test_a_hunk_that_was_cut_off_is_refused() -> None:
    cut = DIFF.partition("         self.block")[0]
    assert refused(f"```diff\n{cut}").reason == Reason.CUT_OFF
    assert refused("<<<<<<< SEARCH\nimport torch\n=======\nimport").reason == Reason.CUT_OFF


def test_added_lines_without_context_are_refused() -> None:
    assert refused("@@ -3,0 +4,1 @@\n+x = 1\n").reason == Reason.NO_CONTEXT


def test_an_empty_program_can_be_filled() -> None:
    assert applied("@@ -0,0 +1,2 @@\n+a = 1\n+b = 2\n", "").source == "a = 1\nb = 2\n"


def test_blank_context_may_lack_its_sign() -> None:
    new = NET.replace("\n\n\nclass Net", "\n\n\nWIDTH = 16\n\n\nclass Net")
    answer = diff_of(NET, new).replace("\n \n", "\n\n").replace("\n \n", "\n\n")
    assert applied(answer).source == new


def test_lines_left_out_with_dots_split_a_hunk() -> None:
    mean = "        x = x.mean((2, 3))\n"
    answer = f"@@ ... @@\n-{OLD}+{OLD.replace('16', '32')} ...\n-{mean}+{mean.replace('mean', 'amax')}"
    assert applied(answer).source == WIDER.replace("mean", "amax")


def test_a_hunk_that_was_moved_as_a_whole_is_moved_back() -> None:
    moved = "\n".join(line[:1] + line[5:] for line in STEM.split("\n"))
    assert applied(f"@@\n{moved}").source == WIDER


def test_new_lines_stay_where_only_context_was_moved() -> None:
    answer = "@@\n     x = self.stem(x)\n+        x = torch.relu(x)\n     x = self.block(x)\n"
    assert applied(answer).source == NET.replace("x = self.block(x)", "x = torch.relu(x)\n        x = self.block(x)")


def test_new_lines_that_could_be_meant_in_two_ways_are_refused() -> None:
    source = "class A:\n    def f(self):\n        x = 1\n"
    assert refused("@@\n             x = 1\n+    y = 2\n", source).reason == Reason.UNCLEAR_INDENTATION


def test_a_program_with_tabs_gets_tabs() -> None:
    source, new = NET.replace("    ", "\t"), WIDER.replace("    ", "\t")
    assert applied(DIFF, source).source == new


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_end_as_those_beside_them(end: str) -> None:
    source = NET.replace("\n", end)
    assert applied(DIFF, source).source == WIDER.replace("\n", end)


def test_mixed_ends_are_kept_byte_for_byte() -> None:
    source = "".join(line + ("\r\n" if number % 3 else "\n") for number, line in enumerate(NET.split("\n")[:-1]))
    assert applied(DIFF, source).source == source.replace("[1], 16", "[1], 32")


def test_other_line_separators_are_text() -> None:
    source = f"x = 'a\fb\u2028c\x1c\x85\x0b'\n{NET}"
    assert applied(DIFF, source).source == source.replace("[1], 16", "[1], 32")
    new = source.replace("\u2028", "\u2029")
    assert applied(diff_of(source, new), source).source == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-- a\nb\n", "++ a\nb\n"),
        ("a\n-- b\nc\n++ d\n", "a\n++ b\nc\n-- d\n"),
        ("-- a/x\n", "++ b/x\n"),
        ("a\n--\nb\n", "a\nb\n"),
        ("a\n", "a\n--\n"),
        ("@@ -1 +1 @@\n", "@@ -2 +2 @@\n"),
        ("a\nb\n", "b\n"),
        ("a\nb\n", "a\n"),
        ("a\n", ""),
        ("a", "a\n"),
        ("a\n", "a"),
        ("a\nb", "a\nb\nc"),
        ("\n\n\na\n", "\n\na\n"),
        ("a\n\n\n", "a\n\n"),
        ("  a\n", " a\n"),
        ("a  \n", "a\n"),
        ("a\rb\n", "a\rc\n"),
        ("a\n\n# sentence with some words\n", "a\n\n# sentence with other words\n- and a list of words\n"),
    ],
)
def test_awkward_lines_of_clean_diffs(old: str, new: str) -> None:
    assert applied(diff_of(old, new), old).source == new


def test_the_marker_of_a_missing_line_break_is_obeyed() -> None:
    assert applied("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", "a").source == "a\n"
    assert applied("@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n", "a\n").source == "a"
    assert (
        applied("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n", "a").source == "b"
    )


def test_a_byte_order_mark_stays() -> None:
    assert applied(DIFF, f"\ufeff{NET}").source == f"\ufeff{WIDER}"


@pytest.mark.parametrize(
    "answer",
    [
        "@@ -1 +1 @@\n-x\n+y\n" * 10_000,
        "+\n" * 100_000,
        "<" * 200_000,
        "```\n" * 50_000,
        " " * 200_000,
        "@@\n" + " x = 1\n" * 25_000 + "+y = 1\n",
        "<<<<<<< SEARCH\n" * 15_000,
        "@@ ... @@\n" * 20_000,
        "<think>" * 30_000,
        "- word " * 30_000,
        "@@\n" + "\t" * 200_000 + "x\n+y\n",
        "x" * 300_000,
        "<parameter=old>" * 20_000,
        "<arg_key>old</arg_key><arg_value>" * 10_000,
        "@@\n" + " x = 1\n...\n" * 18_000 + "+y\n",
    ],
    ids=range(15),
)
def test_huge_answers_are_read_in_no_time(answer: str) -> None:
    source = "x = 1\n" * 5_000
    begun = time.perf_counter()
    apply_patch(source, answer)
    assert time.perf_counter() - begun < 5

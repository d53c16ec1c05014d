"""Edits in the dialects of editing tools, and out of what answers are wrapped in: applied as meant, or refused."""

import difflib
import html
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fuzz.values import QUICK
from tests.programs.patching.test_faults import EDITS, PROGRAM, edited
from tests.programs.patching.test_patching import DIFF, NET, STEM, WIDER, applied, refused

from archwright.programs.patching import Patched, Reason, Refused, apply_patch

OLD, NEW = (f"        self.stem = nn.Conv2d(in_shape[1], {n}, 3)\n        self.block = Block(16)" for n in (16, 32))
SIDES = (OLD, NEW)


def marked(
    old: str = "<<<<<<< SEARCH", middle: str = "=======", new: str = ">>>>>>> REPLACE", *, inner: str = ""
) -> str:
    return f"{old}\n{inner}{OLD}\n{middle}\n{NEW}\n{new}\n"


PLACE = ":start_line:17\n-------\n"
BLOCKS = {
    "lower case": marked("<<<<<<< search", new=">>>>>>> replace"),
    "a conflict": marked("<<<<<<< HEAD", new=">>>>>>> wider"),
    "without words": marked("<<<<<<<", new=">>>>>>>"),
    "four marks": marked("<<<< SEARCH", "====", ">>>> REPLACE"),
    "three marks": marked("<<<SEARCH", "===", ">>>REPLACE"),
    "the wrong word at the end": marked(new=">>>>>>> SEARCH"),
    "words at the divider": marked(middle="======= REPLACE", new=">>>>>>> END"),
    "three versions": marked(middle=f"||||||| BASE\n{OLD}\n======="),
    "Roo's line number": marked(inner=PLACE),
    "Roo's line number in XML": f"<apply_diff>\n<diff>\n{marked(inner=PLACE)}</diff>\n</apply_diff>",
    "in a fence for diffs": f"```diff\n{marked()}```",
    "in a list": "1. Widen:\n\n   ```\n" + re.sub("^", "   ", marked(), flags=re.MULTILINE).rstrip(" ") + "   ```",
    "escaped": html.escape(marked()),
    "less indented": re.sub("^        ", "", marked(), flags=re.MULTILINE),
    "elements": f"<edit>\n<old>\n{OLD}\n</old>\n<new>\n{NEW}\n</new>\n</edit>",
    "elements of another name": f"<search>{OLD}</search>\n<replace>{NEW}</replace>",
    "JSON": json.dumps({"edits": [{"search": OLD, "replace": NEW}]}),
    "JSON of an editor": f"```json\n{json.dumps([{'command': 'str_replace', 'old_str': OLD, 'new_str': NEW}])}\n```",
    "a call of a tool": "<tool_call>\n"
    + json.dumps({"name": "edit", "arguments": json.dumps({"old_string": OLD, "new_string": NEW})})
    + "\n</tool_call>",
    "a part of a line in JSON": json.dumps({"old_str": "Conv2d(in_shape[1], 16", "new_str": "Conv2d(in_shape[1], 32"}),
    "fences and prose": f"Replace\n```python\n{OLD}\n```\nwith\n```python\n{NEW}\n```\n",
    "words in capitals above fences": f"SEARCH:\n```python\n{OLD}\n```\nREPLACE:\n```python\n{NEW}\n```\n"
    "Then run\n```bash\npython net.py\n```\n",
    "a part of a line by a tool": "<old_str>in_shape[1], 16, 3)</old_str>\n<new_str>in_shape[1], 32, 3)</new_str>",
    "a sentence": "- Replace `nn.Conv2d(in_shape[1], 16, 3)` with `nn.Conv2d(in_shape[1], 32, 3)`.\n",
    "parameters of a tool": f'<invoke name="edit"><parameter name="old_str">{OLD}</parameter>'
    f'<parameter name="new_str">{NEW}</parameter></invoke>',
    "parameters by Qwen": "<tool_call>\n<function=edit>\n<parameter=path>\nnet.py\n</parameter>\n"
    f"<parameter=old_string>\n{OLD}\n</parameter>\n<parameter=new_string>\n{NEW}\n</parameter>\n</function>\n</tool_call>",
    "keys and values by GLM": f"<tool_call>edit\n<arg_key>old_str</arg_key>\n<arg_value>{OLD}</arg_value>\n"
    f"<arg_key>new_str</arg_key>\n<arg_value>{NEW}</arg_value>\n</tool_call>",
    "original and modified": f"Original:\n```python\n{OLD}\n```\nModified:\n```python\n{NEW}\n```\n",
    "a pair beside a target": json.dumps({"target": "accuracy", "edits": [{"search": OLD, "replace": NEW}]}),
    "a tool that asks whether all": json.dumps({"old_string": OLD, "new_string": NEW, "replace_all": False}),
    "elements with literal text": f"<search><![CDATA[{OLD}]]></search><replace><![CDATA[{NEW}]]></replace>",
    **{
        f"{old} and {new} in JSON": json.dumps({old: OLD, new: NEW})
        for old, new in (
            ("from", "to"), ("original_code", "new_code"), ("old_content", "new_content"), ("target", "replacement"),
            ("search_text", "replace_text"), ("current", "proposed"), ("existing_code", "new_code"),
            ("search_for", "replace_with"), ("code_before", "code_after"), ("remove", "insert"),
            ("pattern", "replacement"), ("remove", "add"), ("deleted", "added"),
        )
    },
    **{
        f"{old} and {new} as elements": f"<{old}>\n{OLD}\n</{old}>\n<{new}>\n{NEW}\n</{new}>"
        for old, new in (("find", "replace_with"), ("original", "modified"), ("search_block", "replace_block"))
    },
    "words in capitals": marked("SEARCH:", "REPLACE:", "END"),
    "words as headings": marked("### SEARCH", "### REPLACE", "### END"),
    "words in brackets, ended by a fence": f"```\n[SEARCH]\n{OLD}\n[REPLACE]\n{NEW}\n```\n",
    "bold words, ended by a rule": marked("**SEARCH**", "**REPLACE**", "---"),
    "fences within marks": marked(
        "<<<<<<< SEARCH\n```python", "```\n=======\n```python", "```\n>>>>>>> REPLACE"
    ),
    "a long divider": marked(middle="=" * 14),
    "labelled fences": f"SEARCH:\n```python\n{OLD}\n```\nREPLACE:\n```python\n{NEW}\n```\n",
}  # fmt: skip
ADDED = re.sub("^", "+", WIDER.rstrip(), flags=re.MULTILINE) + "\n"
SPACED = re.sub(r"^([+-])(?![+-])", r"\1 ", re.sub("^ ", "  ", DIFF, flags=re.MULTILINE), flags=re.MULTILINE)
CONTEXT = "\n".join(difflib.context_diff(NET.split("\n"), WIDER.split("\n"), "a/net.py", "b/net.py", lineterm=""))
DIFFS = {
    "with context": CONTEXT,
    "with context in a fence": f"Wider:\n```diff\n{CONTEXT}\n```\n- It is wider now.",
    "with context in JSON": json.dumps({"diff": CONTEXT}),
    "with context and wrong numbers": f"```\n{re.sub(r'14,20', '3,8', CONTEXT)}\n```",
    "with context, without names": CONTEXT.partition("\n")[2].partition("\n")[2],
    "in JSON": json.dumps({"diff": DIFF}),
    "in fenced JSON": "```json\n" + json.dumps({"why": "wider", "patch": DIFF}, indent=1) + "\n```",
    "lines in JSON": json.dumps({"diff": DIFF.split("\n")}),
    "handed to a tool": json.dumps({"command": ["apply", f"*** Begin Patch\n*** Update File: a\n@@\n{STEM}"]}),
    "in one line": DIFF.replace("\n", "\\n"),
    "quoted": "> " + DIFF.replace("\n", "\n> "),
    "coloured": DIFF.replace("\n+", "\n\x1b[32m+").replace("\n-", "\n\x1b[31m-") + "\x1b[m",
    "after the thoughts of harmony": "<|channel|>analysis<|message|>@@\n-import torch\n+import numpy<|end|>"
    f"<|start|>assistant<|channel|>final<|message|>{DIFF}<|return|>",
    "blanks that do not break": re.sub("(?<=^.) +", lambda found: "\xa0" * len(found[0]), DIFF, flags=re.MULTILINE),
    "invisible marks": "\ufeff" + DIFF.replace("\n+  ", "\n+\u200b  ").replace("nn.", "nn.\u2060"),
    "a dash for a minus": DIFF.replace("\n-  ", "\n\u2212  "),
    "a blank behind each sign": SPACED,
    "as ndiff writes it": SPACED.replace("\n+  ", "\n?                                           ^^\n+  "),
    "context without its sign": DIFF.replace("\n         ", "\n        "),
    "one line of a file's header": DIFF.replace("+++ b/net.py\n", ""),
    "the same with other context": f"```diff\n{DIFF}```\nagain:\n```diff\n@@\n{''.join(STEM.splitlines(True)[1:])}```",
    "a new file": f"--- /dev/null\n+++ b/net.py\n@@ -0,0 +1,28 @@\n{ADDED}",
    "a new file by name": f"*** Begin Patch\n*** Add File: net.py\n{ADDED}*** End Patch",
    "a block without old text": f"net.py\n<<<<<<< SEARCH\n=======\n{WIDER}>>>>>>> REPLACE",
    "a file to write": f"<write_to_file>\n<path>net.py</path>\n<content>\n{WIDER}</content>\n</write_to_file>",
}  # fmt: skip


@pytest.mark.parametrize("answer", BLOCKS.values(), ids=BLOCKS)
def test_blocks_are_read_in_every_dialect(answer: str) -> None:
    result = applied(answer)
    assert (result.source, result.how) == (WIDER, "search_replace")


@pytest.mark.parametrize("answer", DIFFS.values(), ids=DIFFS)
def test_a_diff_is_found_in_what_it_is_wrapped_in(answer: str) -> None:
    assert applied(answer).source.rstrip() == WIDER.rstrip()


def test_an_empty_fence_in_the_place_of_lines_deletes_them() -> None:
    answer = "Replace\n```python\n        x = self.stem(x)\n```\nwith\n```python\n        x = self.stem(-x)\n```\n"
    answer += "and\n```python\n        x = self.block(x)\n```\nwith\n```python\n```\n"
    wanted = NET.replace("self.stem(x)", "self.stem(-x)").replace("        x = self.block(x)\n", "")
    assert applied(answer).source == wanted


def test_the_turn_of_a_user_that_a_model_made_up_is_no_part_of_its_edit() -> None:
    diff = "```diff\n@@\n-x = 1\n+x = 3\n y = 2\n```\n"
    assert (
        applied(f"{diff}User: And now?\nAssistant:\n```diff\n-a\n+b\n```", "x = 1\ny = 2\n").source == "x = 3\ny = 2\n"
    )


def test_runs_of_signs_between_blank_lines_are_hunks_of_their_own() -> None:
    head = "-        self.head = nn.Linear(16, out_shape[0])\n+        self.head = nn.Linear(32, out_shape[0])\n"
    changed = "".join(line + "\n" for line in STEM.split("\n") if line[:1] in ("+", "-"))
    wanted = WIDER.replace("nn.Linear(16", "nn.Linear(32")
    assert applied(f"```diff\n{changed}\n{head}```").source == wanted


@pytest.mark.parametrize("words", ["Wait, that is not right.", "The corrected diff:", "Scratch that. Better:"])
def test_a_diff_that_an_answer_takes_back_is_not_applied(words: str) -> None:
    draft = "@@\n-        self.block = Block(16)\n+        self.block = Block(99)\n"
    assert applied(f"```diff\n{draft}```\n{words}\n```diff\n{DIFF}```").source == WIDER


def test_a_program_below_a_diff_of_a_part_of_it_is_what_is_meant() -> None:
    whole = WIDER.replace("Block(16)", "Block(32)").replace("Linear(16", "Linear(32")
    answer = f"What changes:\n```diff\n{DIFF}```\nThe whole file:\n```python\n{whole}```\n"
    assert applied(answer).source == whole
    assert applied(answer.replace(whole, NET)).source == WIDER
    assert applied(answer.replace(whole, whole.replace("[1], 32", "[1], 64"))).source == WIDER


FORWARD = "    def forward(self, x):\n        return self.head(self.stem(x).amax((2, 3)))\n"
HEAD = NET[NET.index("class Net") : NET.rindex("    def forward")]


def test_parts_of_a_program_that_are_written_anew_take_the_places_of_the_old_ones() -> None:
    wanted = NET[: NET.rindex("    def forward")] + FORWARD
    block = "class Block(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
    block += "        self.conv = nn.Identity()\n"
    both = wanted.replace("nn.Conv2d(width, width, 3, padding=1)", "nn.Identity()")
    assert applied(f"Only Net changes:\n```python\n{HEAD}{FORWARD}```\n").source == wanted
    assert applied(f"```python\n{HEAD}{FORWARD}```\nand\n```python\n{block}```\n").source == both
    assert applied(f"```python\n{HEAD}{FORWARD}```", NET.replace("\n", "\r\n")).source == wanted.replace("\n", "\r\n")
    added = "import math\n\n\nclass Pi(nn.Module):\n    def forward(self, x):\n        return x * math.pi\n"
    longer = applied(f"```python\n{added}```\nand\n```python\n{HEAD}{FORWARD}```").source
    assert longer.startswith("import math\nimport torch\n")
    assert longer.index("class Pi") < longer.index("class Block")


def test_a_method_is_put_into_the_one_class_that_has_it_or_nowhere() -> None:
    source = NET.replace(NET[NET.index("class Block") : NET.index("class Net")], "").replace("Block(16)", "nn.ReLU()")
    wanted = source[: source.rindex("    def forward")] + FORWARD
    for answer in (FORWARD, re.sub("^    ", "", FORWARD, flags=re.MULTILINE)):
        assert applied(f"The new forward pass:\n```python\n{answer}```\n", source).source == wanted
        assert refused(f"```python\n{answer}```\n").reason == Reason.NO_PATCH
    assert refused(f"```python\n{HEAD}        # ... as before\n\n{FORWARD}```\n").reason == Reason.NO_PATCH


def test_a_diff_without_context_in_a_fence_for_diffs_is_named() -> None:
    answer = "```diff\n17c17\n<         self.stem\n---\n>         self.stems\n```\n"
    assert "as `diff` writes it without -u" in refused(answer).message


def test_typography_gives_way_where_the_program_shows_what_was_typed() -> None:
    source = NET.replace("import torch\n", "import torch\nNAME = 'net'  # a < b\n", 1)
    answer = "@@\n import torch\n-NAME = \u2018net\u2019  # a &lt; b\n+NAME = \u2018wide\u2019  # a &lt; c\n"
    assert applied(answer, source).source == source.replace("'net'  # a < b", "'wide'  # a < c")


def test_characters_that_the_program_has_stay() -> None:
    source = "text = '&lt;\u201cx\u201d\xa0\u2212'\n- y\n"
    assert applied("@@\n-text = '&lt;\u201cx\u201d\xa0\u2212'\n+text = '&gt;\u201cy\u201d\xa0'\n", source).source == (
        "text = '&gt;\u201cy\u201d\xa0'\n- y\n"
    )


def test_what_stands_before_the_first_header_is_a_hunk() -> None:
    answer = f"```diff\n import torch\n+import math\n import torch.nn as nn\n@@ ... @@\n{STEM}```"
    assert applied(answer).source == WIDER.replace("import torch\n", "import torch\nimport math\n", 1)


def test_fences_and_dividers_within_a_block_are_text() -> None:
    source = f'"""\nNet\n"""\n{NET}'
    new = 'Net\n=======\n```\nNet()\n```\n"""'
    answer = f'<<<<<<< SEARCH\nNet\n"""\n=======\n{new}\n>>>>>>> REPLACE\n'
    assert applied(answer, source).source == source.replace('Net\n"""', new)
    twice = "<<<<<<< SEARCH\nNet\n=======\n```\n=======\nNet\n>>>>>>> REPLACE\n"
    assert refused(twice, source.replace("Net\n", "Net\n=======\n```\n", 1)).reason == Reason.AMBIGUOUS_CONTEXT


SECOND = "@@ -24,2 +24,2 @@\n-        x = x.mean((2, 3))\n+        x = x.amax((2, 3))\n         return self.head(x)\n"


@pytest.mark.parametrize("lost", range(1, len(SECOND), 4))
def test_an_answer_that_was_cut_anywhere_in_its_last_hunk_is_not_half_applied(lost: int) -> None:
    result = apply_patch(NET, f"```diff\n{DIFF}{SECOND[:-lost]}")
    assert not isinstance(result, Patched) or result.source == WIDER.replace("mean", "amax")


BARE = (OLD.split("\n")[0], NEW.split("\n")[0])


@pytest.mark.parametrize(
    "answer",
    [
        "\n".join(BARE),
        f"```diff\n{BARE[0]}\n{BARE[1]}\n```",
        f"Change `{BARE[0].strip()}` to `{BARE[1].strip()}` and add a layer.",
        f"{BARE[0].strip()} -> {BARE[1].strip()}",
    ],
)
def test_an_edit_without_signs_is_refused_with_what_is_missing(answer: str) -> None:
    message = refused(answer).message
    assert "no sign in the answer says what becomes of line 17" in message
    assert "   17:         self.stem" in message
    assert "`-` before each line to delete" in message


CUT = CONTEXT.rstrip("\n ").split("\n")


@pytest.mark.parametrize("left", range(5, len(CUT)))
@pytest.mark.parametrize("fence", ["", "```diff\n"])
def test_a_context_diff_that_was_cut_anywhere_is_refused(left: int, fence: str) -> None:
    assert refused(fence + "\n".join(CUT[:left])).reason == Reason.CUT_OFF


LAST = """\
*** 23,25 ****
          x = self.block(x)
!         x = x.mean((2, 3))
!         return self.head(x)
--- 23,25 ----
          x = self.block(x)
!         x = x.amax((2, 3))
"""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (LAST, "last lines are missing"),
        (f"```\n{CONTEXT.rstrip()}", "last lines are missing"),
        (f"{LAST}!         return 2 * self.head(x)\n".replace("!         x = x.amax", "!\t x = x.amax"), "belong"),
        (CONTEXT.replace("!         self.stem = nn.Conv2d(in_shape[1], 32, 3)", "          pass"), "different context"),
        (CONTEXT.replace("! ", "- ", 1), "counterpart"),
        (f"```diff\n{CONTEXT}\n        x = x.relu()\n```", "different context"),
        (f"```diff\n{CONTEXT}\nand so on\n```", "`and so on` does not belong"),
        (f"{CONTEXT}\n***************\n", "nothing stands below"),
        (f"```\n{CONTEXT}\n***************\n*** 30", "nothing stands below"),
        (f"{CONTEXT}\n****", "nothing stands below"),
        (CONTEXT.partition("--- 14,20")[0], "above its new lines"),
        (CONTEXT.partition("--- 14,20")[0] + "--- 14,20 ----\n", "halves is not there"),
    ],
)
def test_a_context_diff_whose_halves_do_not_agree_is_refused(answer: str, words: str) -> None:
    assert words in refused(answer).message


def test_blank_lines_of_a_context_diff_may_have_lost_the_blank_behind_their_sign() -> None:
    old, new = "  import torch\n", "  import torch.nn as nn\n"
    answer = f"*** 1,2 ****\n{old}{new}--- 1,4 ----\n{old}+\n+\n{new}"
    assert applied(answer).source == NET.replace("torch\n", "torch\n\n\n", 1)


def test_a_conflict_of_three_versions_is_read_where_its_marks_can_be_no_text() -> None:
    source = "a = 1\nb = '''\n=======\n'''\n"
    plain = "<<<<<<< HEAD\na = 1\n||||||| base\na = 0\n=======\na = 2\n>>>>>>> new\n"
    assert applied(plain, source).source == source.replace("a = 1", "a = 2")
    for more in ("a = 1\nb = '''\n=======\n|||||||", "a = 1\n||||||| base\nz = '''\n=======\nq'''"):
        unclear = plain.replace("a = 1\n|||||||" if more.endswith("|") else "a = 1\n||||||| base\na = 0", more)
        assert refused(unclear, source).reason == Reason.AMBIGUOUS_CONTEXT
    assert refused(plain, f"{source}||||||| base\na = 0\n").reason == Reason.AMBIGUOUS_CONTEXT


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (f"{DIFF}--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-import torch\n+import jax\n", Reason.OTHER_FILE),
        (json.dumps({"diff": DIFF, "alternative": DIFF.replace("32", "64")}), Reason.SEVERAL_PATCHES),
        (json.dumps([{"old_str": OLD, "new_str": NEW}, {"insert_line": 3, "new_str": ""}]), Reason.SEVERAL_PATCHES),
        (f"<old>{OLD}</old><new>{NEW}</new><old>import torch</old>", Reason.CUT_OFF),
        (marked() + ">>>>>>> REPLACE\n", Reason.AMBIGUOUS_CONTEXT),
        (f"@@\n{STEM}@@\n         x = self.stem(x)\n         x = torch.relu(x)\n         x = self.block(x)\n",
         Reason.MISSING_CONTEXT),
        ("17c17\n< \n---\n> class Net(nn.Module):\n> class Block:\n>     pass\n", Reason.NO_PATCH),
    ],
)  # fmt: skip
def test_what_could_be_half_of_an_edit_is_refused(answer: str, reason: Reason) -> None:
    assert refused(answer).reason == reason


def test_a_whole_program_is_taken_as_it_stands_or_not_at_all() -> None:
    broken = WIDER.replace("import torch.nn as nn\n", "import torch.nn as nn\n    return 3\n")
    assert refused(f"```python\n{broken}```").reason == Reason.NO_PATCH
    with_tabs = WIDER.replace("    ", "\t")
    assert applied(f"<content>\n{with_tabs}</content>", NET.replace("    ", "\t")).source == with_tabs
    assert "does not parse" in refused(f"```python\n{WIDER.replace('super()', 'super(')}```").message


def test_a_refusal_quotes_the_lines_that_it_is_about() -> None:
    unclear = refused("@@\n             x = 1\n+    y = 2\n", "class A:\n    def f(self):\n        x = 1\n")
    assert "    3:         x = 1" in unclear.message
    assert "   17:         self.stem" in refused(f"@@\n{STEM}@@\n{STEM.replace('32', '64')}").message


def as_blocks(old: list[str], new: list[str]) -> str:
    return "\n".join(["<<<<<<< SEARCH", *old, "=======", *new, ">>>>>>> REPLACE", ""])


def as_conflict(old: list[str], new: list[str]) -> str:
    base = [*old[1:], *new[:2]]
    return "\n".join(["<<<<<<< HEAD", *old, "||||||| base", *base, "=======", *new, ">>>>>>> new", ""])


def as_context(old: list[str], new: list[str]) -> str:
    return "\n".join(difflib.context_diff([*old, ""], [*new, ""], "a", "b", lineterm=""))


def as_json(old: list[str], new: list[str]) -> str:
    return json.dumps({"old_str": "\n".join(old), "new_str": "\n".join(new)})


def as_elements(old: list[str], new: list[str]) -> str:
    return "\n".join(["<old>", *old, "</old>", "<new>", *new, "</new>"])


def as_spaced(old: list[str], new: list[str]) -> str:
    return "\n".join(["@@", *(f"- {line}" for line in old), *(f"+ {line}" for line in new)])


def as_json_diff(old: list[str], new: list[str]) -> str:
    return json.dumps({"diff": "\n".join(["@@", *(f"-{line}" for line in old), *(f"+{line}" for line in new)])})


@QUICK
@given(
    PROGRAM, EDITS, st.sampled_from([as_blocks, as_conflict, as_context, as_json, as_elements, as_spaced, as_json_diff])
)
@example(["a = 1", "=======", "c"], [(0, 1, ["a = 2"])], as_conflict)
def test_no_dialect_of_any_text_gives_another_text(lines, edits, write) -> None:
    new = edited(lines, edits)
    result = apply_patch("\n".join(lines) + "\n", write(lines, new))
    assert isinstance(result, Refused) or result.source.rstrip("\n") == "\n".join(new).rstrip("\n")


@pytest.mark.parametrize("sign", ["", "    ", "# ", "i ", "~ ", "\u2022 ", "> ", "ADD: ", "\u2795 "])
@pytest.mark.parametrize("numbers", ["", " -17,2 +17,2 @@"])
def test_half_an_edit_is_refused_where_a_new_line_lost_its_sign(sign: str, numbers: str) -> None:
    old, new = STEM.split("\n")[1:3]
    hunk = f"@@{numbers}\n         super().__init__()\n{old}\n{sign}{new[1:].strip()}\n"
    for answer in (hunk, f"```diff\n{hunk}```", f"```diff\n{hunk}\n```\nThis calls more filters in forward(x)."):
        assert refused(answer).reason is Reason.MISSING_CONTEXT


def test_words_below_a_hunk_are_none_of_it() -> None:
    for words in ("It calls forward(x) as before.", "EOF", "Why: more filters", "Fertig, das Netz ist breiter."):
        assert applied(f"@@\n{STEM}{words}\n").source == WIDER


@pytest.mark.parametrize("plus", ["\\+", "\uff0b", "\ufe62"])
def test_signs_may_be_escaped_or_wide(plus: str) -> None:
    stem = STEM.replace("\n-", "\n\\-").replace("\n+", f"\n{plus}")
    assert applied(f"```diff\n@@\n{stem}```").source == WIDER

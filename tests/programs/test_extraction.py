"""From completion to program: the forms in which models answer, each with the program that has to come out."""

import ast
import html
import json
import re
import textwrap

import pytest

from archwright.programs.extraction import extract_program

NET = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(in_shape[1], 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(8, out_shape[0])

    def forward(self, x):
        return self.head(self.body(x))
"""
BLOCK = """\
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return self.conv(x)
"""
USER = NET.partition("\n\n\n")[2].replace("nn.Conv2d(in_shape[1], 8, 3)", "Block(in_shape[1])")
WIDER = BLOCK.replace("3, padding=1", "5, padding=2")
WIDE = NET.replace("[1], 8", "[1], 16").replace("Linear(8", "Linear(16")
FORWARD = "def forward(self, x):\n    return self.head(self.body(-x))\n"
PATCH = "--- /dev/null\n+++ b/net.py\n@@ -0,0 +1,13 @@\n" + "".join(f"+{line}\n" for line in NET.split("\n")[:-1])
DRAFT = NET.replace("8", "16") + "# a draft that is longer than the answer\n" * 9
STUB = "class Net(nn.Module):\n    ...\n"
MAIN = '\n\nif __name__ == "__main__":\n    import argparse\n\n    print(Net((1, 1, 8, 8), (10,), {}, "cpu"))\n'
TRAINING = (
    "    def train_setup(self, prm):\n        self.prm = prm\n\n    def learn(self, train_data):\n        return None\n"
)
TITLE, IMPORT, GAP, ALIAS = 'python title="net.py"', "import torch.nn as nn\n", "\n\n", "Net = Model\n"
PIP, PLAN, USE = "pip install torch\n", "a plan\n" * 50, "net = Net(shape, (10,), prm, device)\nprint(net)\n"
SHAPED = NET.replace("in_shape,", "in_shape: Shape,")
WRONG = "class Net(nn.Module:\n    pass\n"
FRAGMENT = "class Net(nn.Module):\n    def forward(self, x):\n        return x\n"
TAIL = 'def supported_hyperparameters():\n    return {"lr"}\n'
DOCUMENTED = NET.replace(
    "class Net(nn.Module):\n", 'class Net(nn.Module):\n    """Used so:\n\n```python\nNet(shape)\n```\n    """\n'
)


def fenced(source: str, tag: str = "python", mark: str = "```") -> str:
    return f"{mark}{tag}\n{source}{mark}"


def indented(text: str, by: str = "   ") -> str:
    return textwrap.indent(text, by, lambda line: bool(line.strip()))


SAME = {
    # fences and their info strings
    "python": fenced(NET),
    "py": fenced(NET, "py"),
    "upper case": fenced(NET, "Python"),
    "no tag": fenced(NET, ""),
    "python3": f"Here you go.\n\n{fenced(NET, 'python3')}\n\nThis network has two layers and should train well.",
    "pytorch": f"{fenced(NET, 'pytorch')}\nDone.",
    "a title": f"{fenced(NET, TITLE)}\nThis uses batch norm.",
    "a path": f"{fenced(NET, 'python:src/net.py')}\nThis uses batch norm.",
    "a file name": f"{fenced(NET, 'net.py')}\nThis uses batch norm.",
    "attributes": f"{fenced(NET, '{python}')}\nThis uses batch norm.",
    "pandoc's attributes": f"{fenced(NET, '{.python .numberLines}')}\nThis uses batch norm.",
    "a comment after the tag": f"{fenced(NET, 'python # the network')}\nThis uses batch norm.",
    "a space before the tag": f"{fenced(NET, ' python')}\nThis uses batch norm.",
    "tildes": f"Sure:\n{fenced(NET, 'python', '~~~')}\nDone.",
    "four backticks": f"{fenced(NET, 'python', '````')}\nDone.",
    "a longer closing fence": f"```python\n{NET}`````\nDone.",
    "tildes around backticks": f"~~~~markdown\n{fenced(NET)}\n~~~~\nDone.",
    "carriage returns": fenced(NET).replace("\n", "\r\n"),
    "closing fence on the last line": f"```python\n{NET.rstrip()}```\nThis uses a pool.",
    "closing fence with blanks": f"```python\n{NET}```   \nThis uses a pool.",
    "closing fence indented": f"```python\n{NET}  ```\nThis uses a pool.",
    "never closed": f"```python\n{NET}",
    "only closed": f"{NET}```\nThis uses a pool.",
    "opened after text": f"Here it is: ```python\n{NET}```\nThis uses a pool.",
    "in a list": f"1. The network:\n\n{indented(fenced(NET))}\n2. Train it.",
    "on the line of a list item": f"- {fenced(NET).replace(chr(10), chr(10) + '  ')}\n- Train it.",
    "in a list, code not indented": f"1. The network:\n\n   ```python\n{NET}   ```\n2. Train it.",
    "in a quotation": "\n".join(f"> {line}" for line in fenced(NET).split("\n")) + "\n\nSaid the paper.",
    "code indented deeper than its fence": f"```python\n{indented(NET, '    ')}```\nDone.",
    # other blocks beside it
    "bash before": f"Install first:\n{fenced(PIP, 'bash')}\nThen:\n{fenced(NET)}\nHope this helps.",
    "text before": f"{fenced(PLAN, 'text')}\n{fenced(NET)}",
    "untagged commands before": f"Install:\n{fenced('pip install torch ' * 9 + chr(10), '')}\n{fenced(NET)}",
    "use after": f"{fenced(NET)}\nUse it so:\n{fenced(USE)}",
    "output after": f"{fenced(NET)}\n{fenced(PLAN, '')}",
    "a draft before": f"First try:\n{fenced(DRAFT)}\nThat is too wide. Better:\n{fenced(NET)}",
    "a stub before": f"The outline:\n{fenced(STUB)}\nIn full:\n{fenced(NET)}",
    "a stub after": f"{fenced(NET)}\nIn short:\n{fenced(STUB)}",
    "a broken one after": f"{fenced(NET)}\nWrong would be:\n{fenced(WRONG)}",
    "an opening fence for a closing one": f"```python\n{NET}```python\nThis uses a pool.",
    "diff": fenced("".join(f"+{line}\n" for line in NET.split("\n")[:-1]), "diff"),
    "JSON": json.dumps({"thoughts": "two layers", "code": NET}),
    "JSON in a fence": fenced(json.dumps({"code": NET}) + "\n", "json"),
    "a fence in JSON": json.dumps({"answer": f"Here it is:\n{fenced(NET)}\nDone."}),
    "a notebook": json.dumps({"cells": [{"cell_type": "code", "source": NET.splitlines(keepends=True)}]}),
    # thinking
    "think": f"<think>We could do\n{fenced(DRAFT)}\n</think>\n{fenced(NET)}",
    "think, the closing tag only": f"We could do\n{fenced(DRAFT)}\n</think>\n{fenced(NET)}",
    "think, unfenced after": f"<think>We could do\n{fenced(DRAFT)}\n</think>\n{NET}",
    "thinking": f"<thinking>\n{fenced(DRAFT)}\n</thinking>\n{fenced(NET)}",
    "reasoning": f"<reasoning>\n{fenced(DRAFT)}\n</reasoning>\n{fenced(NET)}",
    "thinking in capitals": f"<THINK>\n{fenced(DRAFT)}\n</THINK>\n{fenced(NET)}",
    "thinking in brackets": f"[THINK]{fenced(DRAFT)}[/THINK]{fenced(NET)}",
    "thinking after the answer, never closed": f"{fenced(NET)}\n<think>\nShould it be\n{fenced(DRAFT)}",
    "thinking with an open fence": f"<think>\n```python\n{DRAFT}\n</think>\n{fenced(NET)}",
    "channels": f"<|channel|>analysis<|message|>{fenced(DRAFT)}<|end|>"
    f"<|start|>assistant<|channel|>final<|message|>{fenced(NET)}",
    # no fence
    "code alone": NET,
    "prose before": f"Sure! Here is the network:\n\n{NET}",
    "prose after": f"{NET}\nThis network has two layers and should train well.\n",
    "prose around": f"Sure! Here is the network:\n\n{NET}\nThis network has two layers. Hope this helps!",
    "a heading before": f"# The network\n\nIt is small.\n\n{NET}",
    "a list after": f"{NET}\n**Notes**\n\n- It is small.\n- It trains well.",
    "tags": f"<code>\n{NET}</code>",
    "HTML": f'<pre><code class="language-python">{html.escape(NET)}</code></pre>',
    "a token of the chat template": f"{NET}<|im_end|>",
    # marks that are no Python
    "BOM before the fence": "\ufeff" + fenced(NET),
    "BOM in the fence": fenced("\ufeff" + NET),
    "BOM alone": "\ufeff" + NET,
    "magic": fenced("%matplotlib inline\n" + NET),
    "cell magic": fenced("%%time\n" + NET),
    "pip": fenced("!pip install torch\n" + NET),
    "pip without a mark": fenced("pip install torch\n" + NET),
    "prompts": fenced(
        "".join(f"{'... ' if line[:1] in ('', ' ') else '>>> '}{line}\n" for line in NET.split("\n")[:-1])
    ),
    "line numbers": fenced("".join(f"{n:3} | {line}\n" for n, line in enumerate(NET.split("\n")[:-1], start=1))),
    "hard blanks": fenced(NET.replace("    ", "\u00a0\u00a0\u00a0\u00a0")),
    # a main block
    "line numbers before a bar": fenced("".join(f"{n:3}│ {line}\n" for n, line in enumerate(NET.split("\n")[:-1], 1))),
    "line numbers before an arrow": fenced(
        "".join(f"{n:3}→{line}\n" for n, line in enumerate(NET.split("\n")[:-1], 1))
    ),
    "line numbers in brackets": fenced("".join(f"[{n}] {line}\n" for n, line in enumerate(NET.split("\n")[:-1], 1))),
    "a patch of git": fenced(f"diff --git a/net.py b/net.py\nnew file mode 100644\nindex 0..1\n{PATCH}", "diff"),
    "a patch of an agent": f"*** Begin Patch\n*** Add File: net.py\n{PATCH}*** End Patch",
    "a patch with blanks after its marks": fenced("".join(f"+ {line}\n" for line in NET.split("\n")[:-1]), "diff"),
    "breaks in place of line ends": NET.replace("\n", "<br/>").replace("    ", "&nbsp;" * 4),
    "a tool call": f"<tool_call>{json.dumps({'name': 'write', 'arguments': json.dumps({'code': NET})})}</tool_call>",
    "a correction of what was given before": f"{fenced(DRAFT)}\nCorrection, use this instead:\n{fenced(NET)}",
    "names that Markdown made bold": NET.replace("__init__", "**init**"),
    "a blank before the first line": f" {NET}",
    "a first line that lost its indentation": indented(NET, "    ").lstrip(),
    "line numbers without a mark": "".join(f"{n:3} {line}\n" for n, line in enumerate(NET.split("\n")[:-1], 1)),
    "again and again until it is cut off": f"{NET}\n\n" * 3 + NET[: NET.index("self.body") - 8],
    "again, cut off within a call": f"{NET}\n\n" * 2 + NET[: NET.index("nn.ReLU")],
    "a conflict with carriage returns": fenced(f"<<<<<<< HEAD\n{DRAFT}=======\n{NET}>>>>>>> new\n").replace(
        "\n", "\r\n"
    ),
    "a quoted conflict": indented(fenced(f"<<<<<<< HEAD\n{DRAFT}=======\n{NET}>>>>>>> new\n"), "> "),
    "unfenced after the original in a fence": f"Original:\n{fenced(DRAFT)}\nImproved:\n{NET}",
    "in HTML after the original in a fence": f"Original:\n{fenced(DRAFT)}\nImproved:\n<pre>{html.escape(NET)}</pre>",
    "unfenced after a draft that is folded away": "<details><summary>Reasoning</summary>\n\n"
    f"{fenced(DRAFT)}\n</details>\n\n{NET}",
    "main block": fenced(NET + MAIN),
    "main block, unfenced": NET + MAIN,
    "main block the other way round": fenced(NET + MAIN.replace('__name__ == "__main__"', "'__main__' == __name__")),
}
OTHER = {
    "a fence within a docstring": (fenced(DOCUMENTED), DOCUMENTED),
    "two versions in one block": (fenced(f"{WIDE}\n\n{NET}"), f"{WIDE}\n\n{NET}"),
    "a block and its user": (
        f"First the block:\n{fenced(BLOCK)}\nNow the network:\n{fenced(USER)}",
        f"{BLOCK}\n\n{USER}",
    ),
    "the user before its block": (
        f"The network:\n{fenced(USER)}\nThe block:\n{fenced(BLOCK)}",
        f"{USER}\n\n{BLOCK}",
    ),
    "imports in a block of their own": (
        f"{fenced(IMPORT)}\n{fenced(NET.removeprefix(IMPORT).lstrip())}",
        NET,
    ),
    "three that belong together": (
        f"{fenced(IMPORT)}{chr(10)}{fenced(BLOCK.removeprefix(IMPORT).lstrip())}{chr(10)}{fenced(USER)}",
        f"{BLOCK}\n\n{USER}",
    ),
    "a helper beside a draft": (
        f"{fenced(BLOCK + GAP + USER.replace('8', '16'))}\nBetter:\n{fenced(USER)}",
        f"{BLOCK}\n\n{USER}",
    ),
    "hyper-parameters in a block of their own": (
        f"{fenced(NET + GAP[1:] + TRAINING)}\nand\n{fenced(TAIL)}",
        f"{NET}\n{TRAINING}\n\n{TAIL}",
    ),
    "methods that go on in another fence": (
        f"{fenced(NET)}\nand for training\n{fenced(TRAINING)}\n{fenced(TAIL)}",
        f"{NET}\n{TRAINING}\n\n{TAIL}",
    ),
    "an alias in a block of its own": (
        f"{fenced(NET.replace('class Net', 'class Model'))}\nThen:\n{fenced(ALIAS)}",
        f"{NET.replace('class Net', 'class Model')}\n\nNet = Model\n",
    ),
    "a fragment after the program": (
        f"{fenced(NET)}\nor with\n{fenced(FRAGMENT)}",
        NET,
    ),
    "a block that is replaced": (
        f"{fenced(BLOCK + GAP + USER)}\nWait, replace the block by:\n{fenced(WIDER)}",
        WIDER + GAP + USER,
    ),
    "a block of its own that is replaced": (
        f"{fenced(BLOCK)}\n{fenced(USER)}\nThe padding was a mistake, it should be:\n{fenced(WIDER)}",
        WIDER + GAP + USER,
    ),
    "a constructor that is replaced": (
        f"{fenced(NET)}\nChange the constructor:\n{fenced(WIDE.partition('    def forward')[0])}",
        WIDE,
    ),
    "a class that leaves out what stays": (
        f"{fenced(NET)}\nUpdated:\n{fenced(WIDE.replace('return self.head(self.body(x))', '...  # as before'))}",
        WIDE,
    ),
    "a method alone that is replaced": (
        f"{fenced(NET)}\nInstead:\n{fenced(FORWARD)}",
        NET.replace("body(x)", "body(-x)"),
    ),
    "blocks that are offered and replace nothing": (
        f"{fenced(BLOCK + GAP + USER)}\nA wider one is possible:\n{fenced(WIDER)}",
        BLOCK + GAP + USER,
    ),
    "files that import each other": (
        f"blocks.py\n{fenced(BLOCK)}\nnet.py\n{fenced('from .blocks import Block' + chr(10) + IMPORT + GAP + USER)}",
        BLOCK + GAP + IMPORT + GAP + USER,
    ),
    "a block that goes on in the middle of a line": (
        f"{fenced(BLOCK[:-25] + chr(10))}\n(continued)\n{fenced(BLOCK[-25:] + GAP + USER)}",
        BLOCK + GAP + USER,
    ),
    "a block that goes on with its methods": (
        f"{fenced(BLOCK[:-60])}\nand its forward pass:\n{fenced(BLOCK[-60:].lstrip(chr(10)) + GAP + USER)}",
        BLOCK + GAP + USER,
    ),
    "names that Markdown escaped outside of fences": (
        (BLOCK + GAP + "def make_it(width):\n    return Block(width)" + GAP + "\n" + USER).replace("_", r"\_"),
        BLOCK + GAP + "def make_it(width):\n    return Block(width)" + GAP + "\n" + USER,
    ),
    "words between a function and the network": (
        f"{IMPORT}\n1. What it takes\n\n{TAIL}\n2. The network itself\n\n"
        f"{NET.removeprefix(IMPORT).strip()}\n\n{TRAINING}",
        f"{IMPORT}{GAP}{TAIL}{GAP}{NET.removeprefix(IMPORT).strip()}\n\n{TRAINING}",
    ),
    "an offer behind the answer in JSON": (
        json.dumps({"answer": f"{fenced(NET)}\nAlternatively, you could use a wider one:\n{fenced(WIDE)}\n"}),
        NET,
    ),
    "blocks to search and replace in JSON": (
        json.dumps({"content": f"<<<<<<< SEARCH\n{WIDE}=======\n{NET}>>>>>>> REPLACE\n"}),
        NET,
    ),
    "breaks in a tag of its own": (
        "<answer>\n<code>"
        + html.escape(NET).replace("\n", "<br>").replace("  ", "&nbsp;&nbsp;")
        + "</code>\n</answer>",
        NET,
    ),
    "threads and the statements of Python 3.12": (
        fenced(
            SHAPED.replace(IMPORT, f"{IMPORT}type Shape = tuple[int, ...]\nimport torch\ntorch.set_num_threads(1)\n")
        ),
        SHAPED.replace(IMPORT, f"{IMPORT}Shape = tuple[int, ...]\nimport torch\n"),
    ),
    "a draft when there is nothing else": (f"<think>\n{fenced(DRAFT)}", DRAFT),
}


@pytest.mark.parametrize("completion", SAME.values(), ids=list(SAME))
def test_the_program_is_found_whatever_surrounds_it(completion: str) -> None:
    assert extract_program(completion).strip() == NET.strip()


@pytest.mark.parametrize(("completion", "expected"), OTHER.values(), ids=list(OTHER))
def test_what_belongs_together_comes_out_together(completion: str, expected: str) -> None:
    program = extract_program(completion)
    assert ast.dump(ast.parse(program)) == ast.dump(ast.parse(expected))
    assert re.sub("\n+", "\n", program.strip()) == re.sub("\n+", "\n", expected.strip())


def test_at_least_sixty_forms_are_tried() -> None:
    assert len(SAME) + len(OTHER) >= 60


def test_an_answer_without_a_program_is_kept_as_it_is() -> None:
    assert extract_program("I cannot do that.") == "I cannot do that."


def test_an_empty_answer_gives_an_empty_program() -> None:
    assert extract_program("") == ""


@pytest.mark.parametrize("end", [40, 200, len(NET) - 20])
@pytest.mark.parametrize("fence", ["```python\n", "", "~~~\n"])
def test_a_program_that_was_cut_off_is_kept_up_to_its_end(fence: str, end: int) -> None:
    assert extract_program(fence + NET[:end]).strip() == NET[:end].strip()


@pytest.mark.parametrize("wrap", [str, lambda text: json.dumps({"content": text})])
def test_an_answer_that_breaks_off_behind_the_network_is_preferred_to_a_draft(wrap) -> None:
    cut = f"{NET}\n\nif __name__ == '__main__':\n    net = Net((1, 3, 32, 32), (10"
    assert extract_program(f"<think>\n{fenced(DRAFT)}\n</think>\n{wrap(cut)}").strip() == cut


def test_an_answer_that_is_quoted_as_a_whole_may_break_off() -> None:
    cut = f"{NET}\n\nfor k in range(3"
    assert extract_program(indented(f"Sure:\n\n{cut}", "> ").replace("\n\n", "\n>\n")).strip() == cut


def test_code_after_the_network_that_does_not_parse_is_left_for_repair() -> None:
    text = f"{NET}\n\nclass Other(nn.Module):\n    def"
    assert extract_program(text) == text.strip()


def test_what_the_program_has_to_define_is_an_argument() -> None:
    source = "def augment(images):\n    return images.flip(3)\n"
    assert extract_program(f"{fenced(source)}\nbeside\n{fenced(NET)}", defines="augment") == source


@pytest.mark.parametrize(
    "answer",
    [
        "Answer: {}",
        "```{}```",
        "```python {}```",
        "<arg_key>code</arg_key>\n<arg_value>{}</arg_value>",
        '{{"code": `{}`}}',
        "print('''{}''')",
        "```python\n  {}```",
    ],
)
def test_a_program_that_begins_with_a_function_in_the_line_of_something_else_is_whole(answer: str) -> None:
    program = "def more(x, op):\n    return op.flip(x)\n\n\ndef augment(images, op):\n    return more(images, op)\n"
    found = extract_program(answer.format(program), defines="augment")
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(program))


def test_a_function_that_is_said_again_until_it_is_cut_off_is_taken_once() -> None:
    source = 'def augment(images, op):\n    return op("hflip", images, 0.5)\n'
    assert extract_program(f"{source}\n\n" * 2 + source[:-16], "augment").strip() == source.strip()


def test_a_program_that_parses_is_not_touched() -> None:
    source = NET.replace("super()", "print('>>> 1 | %d')\n        super()").replace("import", "# %magic\nimport", 1)
    assert extract_program(fenced(source)) == source


LONG_LINE = f"```python\n{'x' * 30_000}\nclass Net: pass\n```"


@pytest.mark.parametrize(
    "text", ["```" * 400, "~~~\n" * 500, "<think>" * 500, "class Net\n" * 500, "[" * 5000, LONG_LINE]
)
def test_odd_texts_end_soon(text: str) -> None:
    extract_program(text)

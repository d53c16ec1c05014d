"""More marks that models put around a program: each with a compact network and with one of the full contract."""

import ast
import base64
import html
import json
import quopri
import textwrap
import urllib.parse

import pytest

from archwright.programs.extraction import extract_program

COMPACT = """\
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.head = nn.Linear(8, out_shape[0])

    def forward(self, x):
        x = F.relu(self.conv(x))
        return self.head(x.mean((2, 3)))
"""
FULL = f"""\
{COMPACT}
    def train_setup(self, prm):
        self.criteria = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm["lr"], momentum=prm["momentum"])

    def learn(self, train_data):
        for inputs, labels in train_data:
            self.optimizer.zero_grad()
            loss = self.criteria(self(inputs), labels)
            loss.backward()
            self.optimizer.step()


def supported_hyperparameters():
    return {{"lr", "momentum"}}
"""


USE = "net = Net((1, 3, 32, 32), (10,), {}, None)\nprint(net)\n"
IMPORTED = "from net import Net\n"
UNIT_TEST = "import unittest\n\nclass TestNet(unittest.TestCase):\n    def test(self):\n        Net()\n"
REQUIREMENTS, SETTINGS = "torch>=2.0\nnumpy\n", "lr: 0.1\nmomentum: 0.9\n"
TYPED = "<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>"
DOCKER = "FROM python:3.11\nRUN pip install torch\n"
FORWARD, HEADER = "    def forward(self, x):\n", "class Net(nn.Module):\n"
THINKS, ANSWERS = "<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"


def fenced(source: str, info: str = "python", mark: str = "```") -> str:
    return f"{mark}{info}\n{source}{mark}"


def indented(text: str, by: str = "   ") -> str:
    return textwrap.indent(text, by, lambda line: bool(line.strip()))


def notebook(cells: list[str]) -> str:
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True), "outputs": []} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Net\n"]}, *code], "nbformat": 4})


def in_main(text: str) -> str:
    return 'if __name__ == "__main__":\n' + indented(text, "    ")


def numbered(form: str, net: str) -> str:
    return fenced("".join(form.format(number, line) + "\n" for number, line in enumerate(net.split("\n")[:-1], 1)))


def answers(net: str) -> dict[str, str]:
    """Return answers that hold `net`."""
    return _marked(net) | _enclosed(net) | _of_chats(net)


def _marked(net: str) -> dict[str, str]:
    """Return answers that hold `net`, most of them beside a draft, prose or marks of a chat."""
    head, body = (f"{part}\n" for part in net.split("\n\n\n", 1))
    draft, in_json = fenced(net.replace("8", "16")), json.dumps({"code": net})
    cut = net.index("    def forward")
    first, rest = net[:cut], net[cut:]
    return {
        "python3.11": fenced(net, "python3.11"),
        "codeblock linenums": fenced(net, 'python linenums=1 hl_lines="2 3"'),
        "vscode path": fenced(net, "python:/home/u/net.py:1:20"),
        "tab between fence and lang": fenced(net, "\tpython"),
        "code-fence in nested list 6": "1. a\n   - b\n\n" + indented(fenced(net), "      ") + "\n2. c",
        "list with tabs": "1. a\n\n" + indented(fenced(net), "\t") + "\n2. c",
        "tab-indented source": fenced(net.replace("    ", "\t")),
        "html pre": f"<pre>\n{html.escape(net)}</pre>",
        "html pre class attr": f'<p>Here:</p>\n<pre class="code"><code>{html.escape(net)}</code></pre>\n<p>Done.</p>',
        "html code inside prose": f"Here is the code: <code>{net}</code> Enjoy!",
        "details/summary": f"<details>\n<summary>Code</summary>\n\n{fenced(net)}\n\n</details>",
        "json before text": "Here is the JSON:\n" + json.dumps({"code": net}, indent=2),
        "json fenced with text": "Here:\n"
        + fenced(json.dumps({"code": fenced(net)}, indent=2) + "\n", "json")
        + "\nThis is it.",
        "json raw newlines": '{\n  "code": "' + net.replace('"', '\\"') + '"\n}',
        "json triple quotes": '{\n  "code": """\n' + net + '"""\n}',
        "json list of blocks": json.dumps(
            [{"type": "text", "text": "Here"}, {"type": "code", "language": "python", "code": net}]
        ),
        "python string var": fenced("code = '''\n" + net + "'''\nprint(code)\n"),
        "xml net": f"Some words.\n<net>\n{net}</net>\nMore words.",
        "xml answer fence": f"<answer>\n{fenced(net)}\n</answer>",
        "xml code cdata": f"<code><![CDATA[\n{net}]]></code>",
        "xml file tag": f'<file path="net.py">\n{net}</file>',
        "xml python_code": f"<python_code>\n{net}</python_code>",
        "antArtifact": f'<antArtifact identifier="net" type="code" language="python" title="Net">\n{net}</antArtifact>',
        "tool call xml": f"<tool_call>\n{json.dumps({'name': 'submit', 'arguments': {'code': net}})}\n</tool_call>",
        "function call json": json.dumps({"name": "write_file", "arguments": {"path": "net.py", "content": net}}),
        "notebook cells": notebook([head, body]),
        "notebook fenced": fenced(notebook([head, body]) + "\n", "json"),
        "# %% cells": fenced("# %% [markdown]\n# # Net\n# %%\n" + head + "\n# %%\n" + body),
        "In [1]": "\n".join(
            (f"In [1]: {line}" if i == 0 else (f"   ...: {line}" if line else "   ...: "))
            for i, line in enumerate(net.rstrip("\n").split("\n"))
        ),
        "In [1] prompt own cell": fenced("In [1]:\n" + head + "\nIn [2]:\n" + body),
        "markdown headings between": f"## Imports\n{fenced(head)}\n## Network\n{fenced(body)}\n## Notes\n- small",
        "headings, unfenced": f"## Imports\n\n{head}\n## Network\n\n{body}\n## Notes\n\nIt is small.",
        "corrected last": f"{fenced(net.replace('8', '4'))}\nOops, wrong width. Corrected:\n{fenced(net)}\n",
        "usage last defining variable Net": f"{fenced(net)}\nUsage:\n{fenced(USE)}",
        "usage last reimports": f"{fenced(net)}\nUsage:\n{fenced(IMPORTED + USE)}",
        "test class last": f"{fenced(net)}\nTest:\n{fenced(UNIT_TEST)}",
        "class split over 2": f"{fenced(first)}\nand forward:\n{fenced(rest)}",
        "class split dedented": f"{fenced(first)}\nand forward:\n{fenced(textwrap.dedent(rest))}",
        "requirements block": f"`requirements.txt`:\n{fenced(REQUIREMENTS, '')}\n{fenced(net)}",
        "dockerfile after": f"{fenced(net)}\n{fenced(DOCKER, 'dockerfile')}",
        "yaml after untagged": f"{fenced(net)}\n{fenced(SETTINGS, '')}",
        "diff with context": "```diff\n--- a/net.py\n+++ b/net.py\n@@ -1,3 +1,14 @@\n"
        + "".join(f" {line}\n" if i % 2 else f"+{line}\n" for i, line in enumerate(net.split("\n")[:-1]))
        + "```",
        "diff with minus": "```diff\n"
        + "".join(
            (f"-        self.conv = nn.Conv2d(3, 4, 3)\n+{line}\n" if "self.conv =" in line else f" {line}\n")
            for line in net.split("\n")[:-1]
        )
        + "```",
        "nbsp": fenced(net.replace("    ", "\u00a0   ")),
        "zero width": fenced(net.replace("class Net", "\u200bclass Net")),
        "zero width no-break": fenced(net.replace("class Net", "\ufeffclass Net")),
        "soft hyphen": fenced(net.replace("class Net", "\u00adclass Net")),
        "ellipsis comment": fenced(net.replace("        super", "        # the network\u2026\n        super")),
        "fullwidth punctuation": fenced(net.replace("(self, x)", "\uff08self, x\uff09")),
        "fullwidth comma colon": fenced(net.replace("prm, device):", "prm\uff0c device)\uff1a")),
        "line sep u2028": fenced(net).replace("\n", "\u2028"),
        "form feed": fenced(net.replace("\n\n\nclass", "\n\x0c\nclass")),
        "CR only": fenced(net).replace("\n", "\r"),
        "CRLF doubled": fenced(net).replace("\n", "\r\r\n"),
        "escaped newlines all": fenced(net).replace("\n", "\\n"),
        "html escaped fence": fenced(html.escape(net)),
        "html br": fenced(net).replace("\n", "<br>\n"),
        "think attr": f'<think duration="3">\n{draft}\n</think>\n{fenced(net)}',
        "think nested": f"<think>a<think>{draft}</think>b</think>\n{fenced(net)}",
        "think unclosed then answer fence": f"<think>\nLet me write it.\n{fenced(net)}",
        "two thinks": f"<think>{draft}</think>Hmm<think>{fenced(net.replace('8', '32'))}</think>{fenced(net)}",
        "mentions think in code": fenced(net.replace("        super", "        # <think> twice\n        super")),
        "|think|": f"<|think|>\n{draft}\n<|/think|>\n{fenced(net)}",
        "begin_of_thought solution": f"<|begin_of_thought|>\n{draft}<|end_of_thought|>\n\n{fenced(net)}\n",
        "gpt-oss analysis+final": f"<|start|>assistant{THINKS}{draft}{ANSWERS}{fenced(net)}<|return|>",
        "gpt-oss commentary": f"{THINKS.replace('analysis', 'commentary')}{draft}{ANSWERS}{fenced(net)}<|return|>",
        "gpt-oss constrain json": f"{THINKS}{draft}{TYPED}{in_json}<|return|>",
        "analysis/assistantfinal plain": f"analysisWe need a net.\n{draft}\nassistantfinal{fenced(net)}",
        "gemma channel thought": f"<|channel>thought\nWe need a net.\n{draft}<channel|>{fenced(net)}<turn|>",
        "magistral": f"[THINK]\n{draft}\n[/THINK]\n{fenced(net)}</s>",
        "granite": f"Here is my thought process:\n{draft}\nHere is my response:\n{fenced(net)}",
        "seed think": f"<seed:think>{draft}</seed:think>{fenced(net)}",
        "</s>": net + "</s>",
        "<eos>": net + "<eos>",
        "<end_of_turn>": net + "<end_of_turn>\n<eos>",
        "<|eot_id|>assistant": net
        + "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nIs there anything else?",
        "<|end|>": fenced(net) + "<|end|>",
        "<|im_end|> chat goes on": fenced(net) + "<|im_end|>\n<|im_start|>user\nThanks<|im_end|>",
        "unfenced im_end chat goes on": net + "<|im_end|>\n<|im_start|>user\nThanks<|im_end|>",
        "<｜end▁of▁sentence｜>": net + "<｜end▁of▁sentence｜>",
        "deepseek coder EOT": net + "<|EOT|>",
        "fim tokens": "<fim_prefix>" + net + "<fim_suffix>",
        "[/INST]": "[/INST] " + fenced(net) + "</s>",
        "[PYTHON]": f"[PYTHON]\n{net}[/PYTHON]",
        "<|assistant|>": "<|assistant|>\n" + net,
        "### Response": f"### Response:\n{net}\n### End",
        "BEGIN/END": f"BEGIN CODE\n{net}END CODE",
        "\\begin{lstlisting}": f"\\begin{{lstlisting}}[language=Python]\n{net}\\end{{lstlisting}}",
        "\\begin{minted}": f"\\begin{{minted}}{{python}}\n{net}\\end{{minted}}",
        "\\boxed fence": f"The answer is $\\boxed{{}}$\n{fenced(net)}",
        "rst code-block": f"Here:\n\n.. code-block:: python\n\n{indented(net, '    ')}\n\nDone.",
        "markdown indented code": f"Here is the network:\n\n{indented(net, '    ')}\n\nIt is small.",
        "org src": f"#+BEGIN_SRC python\n{net}#+END_SRC",
        "asciidoc": f"[source,python]\n----\n{net}----\n",
        "bbcode": f"[code=python]\n{net}[/code]",
        "confluence": f"{{code:python}}\n{net}{{code}}",
        "heredoc": fenced("cat > net.py << 'EOF'\n" + net + "EOF\npython net.py\n", "bash"),
        "%%writefile": fenced("%%writefile net.py\n" + net),
        "single backtick fence": f"`\n{net}`",
        "two backticks": f"``python\n{net}``",
        "triple quotes fence": f"'''python\n{net}'''",
        "double triple quotes fence": f'"""\n{net}"""',
        "doc lang on own line": "```\npython\n" + net + "```",
        "bare python first line": "python\n" + net,
        "python Copy code": "python\nCopy code\n" + net,
        "file name line within": fenced("net.py\n" + net),
        "prose numbered no fence": f"1. First, imports and the network:\n\n{net}\n2. Then train it with Adam.\n",
        "prose with code-like line after": f"{net}\nExplanation:\nself.conv extracts edges, and head = classifier.\n",
        "prose of colon lines": f"Network:\n\n{net}\nWhy it works: the pool sums.\n\nx = input\n",
        "Chinese prose": f"好的，这是网络：\n\n{net}\n这个网络很小，训练很快。\n",
        "emoji prose": f"🚀 Here we go!\n\n{net}\n✅ Done!\n",
        "German prose": f"Hier ist das Netz:\n\n{net}\nDas Netz ist klein und für CIFAR-10 gut geeignet.\n",
        "markdown table after": f"{net}\n| Layer | Out |\n|---|---|\n| conv | 8 |\n",
        "latex after": f"{net}\n$$y = Wx + b$$\n",
        "bold label before": f"**Code:**\n{net}",
        "fence unclosed with prose": f"```python\n{net}\nThis network is small and has a pool.",
        "fence closed by 2 ticks": f"```python\n{net}``\nThis network is small.",
        "4-open 3-close": f"````python\n{net}```\nThis network is small.",
        "tilde open tick close": f"~~~python\n{net}```\nThis network is small.",
        "blank lines between every line": fenced(net.replace("\n", "\n\n")),
        "leading spaces all (1)": fenced(indented(net, " ")),
        "first line unindented rest shifted": fenced(
            net.split("\n")[0] + "\n" + indented("\n".join(net.split("\n")[1:]), "  ")
        ),
        "prompt ps $": fenced(
            "$ python\n"
            + "".join((">>> " if line[:1] not in ("", " ") else "... ") + line + "\n" for line in net.split("\n")[:-1])
        ),
        "line numbers colon": fenced("".join(f"{i}: {line}\n" for i, line in enumerate(net.split("\n")[:-1], 1))),
        "line numbers L": fenced("".join(f"L{i}: {line}\n" for i, line in enumerate(net.split("\n")[:-1], 1))),
        "line numbers dot": fenced("".join(f"{i}. {line}\n" for i, line in enumerate(net.split("\n")[:-1], 1))),
        "quote mail": "\n".join("> " + line for line in net.split("\n")),
        "prints after": fenced(
            net + "\nnet = Net((2, 3, 9, 9), (10,), {}, 'cpu')\nprint(net(torch.randn(2, 3, 9, 9)).shape)\n"
        ),
        "same line fence start": f"```python {net}```",
        "code starts on fence line": "```" + net + "```",
        "import on fence line": "```python import torch\n" + net.partition("\n")[2] + "```",
    }


def _enclosed(net: str) -> dict[str, str]:
    """Return answers in which `net` stands inside of something else, beside another version, or in parts."""
    head, body = (f"{part}\n" for part in net.split("\n\n\n", 1))
    draft, lines = net.replace("8", "16"), net.split("\n")[:-1]
    forward = net.index("    def forward")
    middle = net.rindex("\n", 0, net.index("self.head = ")) + 1
    added = "".join(f"+{line}\n" for line in lines)
    quoted, as_json = json.dumps(net), json.dumps({"code": net, "explanation": "small"})
    spans = html.escape(net).replace("class ", "<span class='k'>class</span> ")
    return {
        # defined inside of another statement
        "only in a main block": fenced(f"{head}\n\n{in_main(body + chr(10) + 'net = Net(shape)' + chr(10))}"),
        "all of it in a main block": fenced(in_main(net)),
        "in a function": fenced(
            f"{head}\n\ndef build():\n{indented(body, '    ')}\n    return Net\n\n\nNet = build()\n"
        ),
        # LaTeX
        "boxed": f"The answer is\n$\\boxed{{\n{net}}}$",
        "boxed text in a display": f"\\[\n\\boxed{{\\text{{\n{net}}}}}\n\\]\nDone.",
        "boxed with escapes": "\\boxed{\n" + net.replace("_", r"\_").replace("{", r"\{").replace("}", r"\}") + "}",
        "a verbatim box": f"\\boxed{{\\begin{{verbatim}}\n{net}\\end{{verbatim}}}}",
        "verbatim on its line": f"\\begin{{verbatim}}{net}\\end{{verbatim}}",
        # literals of other languages
        "YAML": f"code: {quoted}\nnotes: small\n",
        "JSON with a comment": f'{{\n  // the net\n  "code": {quoted}\n}}',
        "JSON with a comma at its end": f'{{\n  "code": {quoted},\n}}',
        "JSON that was cut off": as_json[:-12],
        "a dictionary of Python": repr({"name": "write", "code": net}),
        "a call of Python": f"[write_file(path='net.py', content={net!r})]",
        "a template literal": f'{{\n  "code": `{net}`\n}}',
        "a text that is written to a file": fenced(
            f'from pathlib import Path\nPath(\'net.py\').write_text("""{net}""")\n'
        ),
        # on the line of a tag
        "a parameter": f'<invoke name="submit">\n<parameter name="code">{net}</parameter>\n</invoke>',
        "a speaker": f"ASSISTANT: {net}</s>",
        "words after the fence that closes": f"```python\n{net.rstrip()}``` hope it helps",
        # two versions in conflict
        "search and replace": fenced(f"<<<<<<< SEARCH\n{draft}=======\n{net}>>>>>>> REPLACE\n"),
        "a merge": f"<<<<<<< HEAD\n{draft}=======\n{net}>>>>>>> branch\n",
        # what was thought, and the next turn
        "thinking as Anthropic tags it": f"<antThinking>{fenced(draft)}</antThinking>\n{fenced(net)}",
        "thinking between brackets": f"[thinking]{fenced(draft)}[/thinking]\n{fenced(net)}",
        "a tag behind a fence": f"<first_try>{fenced(draft)}</first_try>\n{fenced(net)}",
        "a monologue": f"<inner_monologue>{fenced(draft)}</inner_monologue>{fenced(net)}",
        "a plan": f"<plan>{fenced(draft)}</plan>{fenced(net)}",
        "a next turn": f"{fenced(net)}\n\nHuman: Make it wider\n\nAssistant: Sure:\n{fenced(draft)}",
        "a next instruction": f"### Instruction:\nWrite\n\n### Response:\n{net}\n\n### Instruction:\nWider\n\n{draft}",
        # marks at every line
        "colours": "\x1b[1m" + fenced("".join(f"\x1b[32m{line}\x1b[0m\n" for line in lines)),
        "control characters": fenced(net.replace("class", "\0class\x1c")),
        "half of a character": fenced(net.replace("        super", "        # \ud83d\n        super")),
        "marks of direction": fenced("\u202a" + net.replace("class", "\u2068class") + "\u202c"),
        "numbers and dashes": numbered("{:>3} - {}", net),
        "numbers and angles": numbered("{:3}> {}", net),
        "numbers in comments of C": numbered("/* {:3} */ {}", net),
        "file and number": numbered("net.py:{}:{}", net),
        "rows of a table": "| # | code |\n|---|---|\n" + "".join(f"| 1 | `{line}` |\n" for line in lines),
        "ticks at every line": "".join(f"`{line}`\n" if line else "\n" for line in lines),
        "quoted twice": "She wrote:\n" + "".join(f">> {line}\n" for line in lines),
        "coloured HTML": f"<pre><code>{spans}</code></pre>",
        "a paragraph of HTML for each line": "".join(
            f"<p>{html.escape(line).replace('  ', '&nbsp;&nbsp;')}</p>" for line in lines
        ),
        "fences in a comment": fenced(
            net.replace("        return", "        # So:\n        # ```\n        # x\n        # ```\n        return")
        ),
        "a table of HTML": "<table>\n"
        + "".join(f"<tr><td>{n}</td><td>{html.escape(line)}</td></tr>\n" for n, line in enumerate(lines, 1))
        + "</table>",
        "a call of harmony behind thoughts": f"<|channel|>analysis<|message|>{fenced(draft)}<|end|><|start|>assistant"
        f"<|channel|>commentary to=functions.run <|constrain|>json<|message|>{json.dumps({'code': net})}<|call|>",
        "HTML in HTML": fenced(html.escape(html.escape(net))),
        "escapes of Markdown": net.replace("_", r"\_").replace("*", r"\*"),
        "a commit": "commit abc\nAuthor: X\n\n    Net\n\ndiff --git a/n.py b/n.py\n--- /dev/null\n+++ b/n.py\n"
        + "@@ -0,0 +1 @@\n"
        + "".join(f"+{line}\n" for line in lines)
        + "-- \n2.40.0\n",
        "numbers in parentheses": numbered("({}) {}", net),
        "numbers behind a hash": numbered("#{} {}", net),
        "the two numbers of a diff": "".join(f"{n:4} {n:4} {line}\n" for n, line in enumerate(lines, 1)),
        "a bar before every line": "".join(f"| {line}\n" for line in lines),
        "a frame": f"╭{'─' * 90}╮\n" + "".join(f"│ {line:88} │\n" for line in lines) + f"╰{'─' * 90}╯",
        "a frame of ASCII": f"+{'-' * 90}+\n" + "".join(f"| {line:88} |\n" for line in lines) + f"+{'-' * 90}+",
        "line ends written out": fenced("".join(f"{line}\\n\n" for line in lines)),
        "arrows at line ends": fenced("".join(f"{line}↵\n" for line in lines)),
        "a patch in a shell": f"apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: net.py\n{added}*** End Patch\nEOF",
        "a patch as an argument": json.dumps({"cmd": ["apply_patch", f"*** Begin Patch\n*** Add File: n.py\n{added}"]}),
        "a statement of Python 2 behind it": fenced(f"{net}\nprint Net(shape), 'is built'\n"),
        # written over several blocks, or twice
        "goes on inside a method": f"```python\n{net[:middle]}```\n\nContinued:\n\n```python\n{net[middle:]}```",
        "goes on inside a line": f"```\n{net[: middle + 12]}\n```\n\nContinuing:\n\n```\n{net[middle + 12 :]}```",
        "goes on with its last line": f"{fenced(net[:forward] + FORWARD)}\nand\n{fenced(net[forward:])}",
        "goes on after a comment": f"```\n{net[:forward]}```\n\n```\n    # ... continued\n{net[forward:]}```",
        "goes on under its header": f"{fenced(net[:forward])}\n{fenced(HEADER + net[forward:])}",
        # beside what it improves on
        "before it in JSON": json.dumps({"improved": net, "original_code": draft}),
        "for reference": f"{fenced(net)}\nFor reference, the network that this began with:\n{fenced(draft)}",
        "after and before": f"After:\n{fenced(net)}\n**Before:**\n{fenced(draft)}",
        "from what was before": f"This improves on the original network.\n\n{fenced(draft)}\nFor reference, "
        f"the improved network of the original network:\n{fenced(net)}",
        "twice in one block": fenced(f"{net}\n\n{net}"),
    }


def _of_chats(net: str) -> dict[str, str]:
    """Return answers of current models: thinking under other names, what is offered beside the answer, encodings."""
    draft, lines = net.replace("8", "16"), net.split("\n")[:-1]
    encoded = base64.b64encode(net.encode()).decode()
    return {
        "Cohere": f"<|START_THINKING|>{fenced(draft)}<|END_THINKING|><|START_RESPONSE|>{fenced(net)}<|END_RESPONSE|>",
        "Apertus": f"<|inner_prefix|>{fenced(draft)}<|inner_suffix|>{fenced(net)}<|assistant_end|>",
        "working out": f"<start_working_out>{fenced(draft)}<end_working_out><SOLUTION>\n{fenced(net)}\n</SOLUTION>",
        "a start and an end": f"<|think_start|>{fenced(draft)}<|think_end|>{fenced(net)}",
        "a rationale": f"<rationale>{fenced(draft)}</rationale>{fenced(net)}",
        "a draft after the answer": f"<final>\n{fenced(net)}\n</final>\n<draft>\n{fenced(draft)}\n</draft>",
        "a blank in the tag": f"<think >\n{fenced(draft)}\n</ think>\n{fenced(net)}",
        "not so": f"Right:\n{fenced(net)}\nDo not write it like this:\n{fenced(draft)}",
        "a bad example": f"{fenced(net)}\n\nA bad example:\n{fenced(draft)}",
        "wrong, then right": f"Wrong:\n{fenced(draft)}\nRight:\n{fenced(net)}",
        "the wrong version, corrected": f"{fenced(draft)}\nThe corrected version of the wrong code:\n{fenced(net)}",
        "never mind the first": f"{fenced(draft)}\nDo not use that, use this instead:\n{fenced(net)}",
        "what was wrong, put right": f"{fenced(draft)}\nOops, that was wrong.\n{fenced(net)}",
        "what it does not use": f"{fenced(draft)}\nThis does what I never do, and I don't use a wide one:\n"
        f"{fenced(net)}",
        "an offer": f"{fenced(net)}\n\nIf memory is short, a smaller variant would be:\n{fenced(draft)}",
        "the old one last in JSON": json.dumps({"new_code": net, "old_code": draft}),
        "the first try last in JSON": json.dumps({"final": net, "first_try": draft}),
        "base64": f"Here is net.py in base64:\n\n{base64.encodebytes(net.encode()).decode()}",
        "base64 in a fence": fenced(f"{encoded}\n", "base64"),
        "a URL of data": f"data:text/x-python;base64,{encoded}",
        "as in a URL": urllib.parse.quote(net),
        "as in a form": urllib.parse.quote_plus(net),
        "as in a mail": quopri.encodestring(net.encode()).decode(),
        "a letter that passes for another": fenced(net.replace("class Net", "\u0441lass Net")),
        "a letter in a word of the program": fenced(net.replace("self", "s\u0435lf").replace("Net(", "\u039det(")),
        "letters of mathematics": fenced(net.replace("class", "\U0001d41c\U0001d425\U0001d41a\U0001d42c\U0001d42c")),
        "numbers in brackets and a colon": numbered("[{}]: {}", net),
        "cat -A": "".join(f"{line}$\n" for line in lines),
        "a list of lines": "".join(f"- {line}\n" for line in lines),
        "line ends as escapes in a fence": fenced(net.replace("\n", "\\n") + "\n"),
        "line ends of Windows as escapes": fenced(net).replace("\n", "\\r\\n"),
        "lines that a diff adds, and words": "See:\n\n" + "".join(f"+ {line}\n" for line in lines) + "\nDone.",
        "a thought behind it in JSON": json.dumps({"code": net, "reasoning": f"First\n{fenced(draft)}"}),
    }


@pytest.mark.parametrize("name", answers(COMPACT))
def test_a_program_comes_out_of_its_marks_whole(name: str) -> None:
    for net in (COMPACT, FULL):
        assert ast.unparse(ast.parse(extract_program(answers(net)[name]))) == ast.unparse(ast.parse(net))


def test_what_stands_beside_a_network_in_a_main_block_stays() -> None:
    head, body = COMPACT.split("\n\n\n", 1)
    helper = "def width():\n    return 8\n"
    net = body.replace("8, 3", "width(), 3")
    program = extract_program(fenced(f"{head}\n\n\n{helper}\n\n{in_main(net)}"))
    assert ast.dump(ast.parse(program)) == ast.dump(ast.parse(f"{head}\n{helper}\n{net}"))


def test_statements_of_python_2_are_calls() -> None:
    program = extract_program(
        fenced(COMPACT.replace("        super", "        print 'built', device\n        super", 1))
    )
    assert ast.unparse(ast.parse(program)).count("print('built', device)") == 1


def test_a_conflict_that_does_not_end_takes_nothing_away() -> None:
    text = f"<<<<<<< HEAD\n{COMPACT}"
    assert "class Net" in extract_program(text)


@pytest.mark.parametrize(
    "text", ["\\begin{x}class Net ", "\\boxed{class Net ", "'import class Net\\n", "<<<<<<<\nclass Net\n"]
)
def test_what_is_opened_again_and_again_ends_soon(text: str) -> None:
    extract_program(text * (20_000 // len(text)))

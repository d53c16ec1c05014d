"""Whatever a model writes, it is read, tidied, quoted and checked without an exception that nobody expects."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st
from tests.fuzz.values import QUICK

from archwright.candidate import Program
from archwright.contracts import check_source
from archwright.programs.canonical import canonical_form
from archwright.programs.extraction import extract_program
from archwright.programs.quoting import quotable
from archwright.programs.repair import repair
from archwright.programs.tidying import tidy
from archwright.prompts import render_full
from archwright.task import Budget, DataSpec

LINES = st.sampled_from(
    [
        *(
            "```",
            "```python",
            "````",
            "~~~",
            "> ```py",
            "<think>",
            "</think>",
            "<|im_end|>",
            "# note",
            '"""',
            "'''",
            "\\",
        ),
        *(
            "import torch",
            "import torch.nn as nn",
            "from torch import nn as n, *",
            "class Net(nn.Module):",
            "Net = Other",
        ),
        *("    def __init__(self, in_shape, out_shape, prm, device):", "        super().__init__()", "        pass"),
        *(
            "    def forward(self, x):",
            "        return x",
            "        self.a = nn.Linear(1, 10**9)",
            "  x = 1",
            "\treturn 2",
        ),
        *(
            "x = 1 if",
            "def f(*, a=...): yield",
            "class Net: pass",
            "match x:",
            "    case [*_]: pass",
            "lambda: (yield)",
        ),
        *(
            "f'{x!r:{y}}'",
            "@decorator",
            "async def g(): await h",
            "del x",
            "global x",
            "%pip install x",
            "!ls",
            "In [1]:",
        ),
        *('if __name__ == "__main__":', '{"code": "class Net:\\n  pass"}', "x = -" + "-" * 200 + "1", "x" + "[0]" * 90),
        *(
            "\ud800",
            "\x00",
            "\u202e",
            "\f",
            "\r",
            "é = 1",
            "if x:",
            "else:",
            "try:",
            "finally:",
            "with a as b, c: pass",
        ),
    ]
)
WRITTEN = st.lists(LINES | st.text(max_size=20), max_size=14).map("\n".join) | st.text(max_size=120)
DIGITS = DataSpec("digits", "Digits", (1, 8, 8), tuple("0123456789"), 1_000, 500)


@QUICK
@given(WRITTEN)
@example("(" * 3_000)
@example("class Net:\n" + "".join(f"{' ' * depth}if x:\n" for depth in range(1, 120)))
@example("x = " + "9" * 5_000)
@example("x = '" + "y" * 300_000 + "'")
def test_any_completion_is_read_and_checked(text: str) -> None:
    source = extract_program(text)
    check_source(source)
    check_source(repair(source).source)
    for read in (tidy, canonical_form):
        with contextlib.suppress(ValueError):
            read(source)


@QUICK
@given(WRITTEN)
def test_no_quoted_program_ends_its_quotation_or_the_message(text: str) -> None:
    quoted = quotable(text)
    assert "<|" not in quoted
    user = render_full(DIGITS, Budget(), "compact", [(Program(text), None)]).user
    fence = user.rsplit("\n", 1)[1]
    assert set(fence) == {"`"}
    assert user.count(f"\n{fence}") == 2

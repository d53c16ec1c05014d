"""Which of two networks in an answer is the answer: what the line before each says, and what surrounds it."""

import ast
import json

import pytest
from tests.programs.test_marks import COMPACT, FULL, fenced

from archwright.programs.extraction import extract_program

WIDE = COMPACT.replace("8", "16")
NOT_THE_ANSWER = [
    "### Parent",
    "Existing code:",
    "Starting point:",
    "The original code you gave me:",
    "The original network for reference:",
    "Compared with the parent network:",
    "Original code (unchanged):",
    "# Parent (45.2 %)",
    "Not recommended:",
    "Common mistake:",
    "Buggy version:",
    "Unoptimized:",
    "My first attempt:",
    "Don't:",
    "If you have more memory, try this:",
    "Alternative (slower):",
    "You can also try:",
    "For more accuracy at a higher cost:",
    "Compare with the original:",
    "Reference (parent):",
    "As a reminder, the original network was:",
    "What we started from:",
    "The network we were given:",
    "Appendix: the parent network",
    "It was:",
    "This replaces:",
    "Instead of",
    "Deprecated:",
    "\u274c Don\u2019t do this:",
    "If the above is too slow, use:",
    "In case it does not fit the budget:",
    "Should it be too large, fall back to:",
    "A lighter variant (optional):",
    "Feel free to experiment with a narrower one:",
    "Extension (not needed):",
    "For other data sets, e.g. ImageNet:",
    "The parent's code:",
    "Before refactoring:",
    "If you run into memory problems, use this smaller version:",
    "Alternatively, if you prefer a transformer:",
    "Other variants worth trying:",
]
THE_ANSWER = [
    "The original code with batch norm added:",
    "Based on the parent network, here is the child:",
    "For higher accuracy, we add batch norm:",
    "A wider variant:",
    "Alternative:",
    "Another approach:",
    "Current best network:",
    "If we widen it, this would be better:",
    "If you want the complete code in one file:",
    "For CIFAR-10 you want:",
    "Here's an original design:",
    "The old network had no norm; the new one has it:",
    "Use this one instead:",
    "Not the above, but this:",
    "Revised (the first attempt was too small):",
    "New (previously 24 channels):",
    "Your code, improved:",
    "The parent, mutated:",
    "Given the budget, this is the best:",
    "If we apply both ideas we get:",
    "First and final version:",
    "You can use this:",
    "Instead:",
    "That was wrong.",
    "It was too narrow, so:",
    "Here's my implementation for the given task:",
    "The reference solution:",
    "If you run this, you get 60 %:",
    "If I understand correctly, you need:",
    "We could write this as:",
]
ROLE = "<|start_of_role|>{}<|end_of_role|>"
METHOD = "```python\n    def forward(self, x):\n        {}\n```"
OUTLINE = fenced(
    "class Net(nn.Module):\n    def __init__(self):\n        pass\n\n    def forward(self, x):\n        return x\n"
)
ANSWER, OTHER = fenced(COMPACT), fenced(WIDE)
PAGES = {
    "a page's remark": f"{ANSWER}\n<!-- before:\n{OTHER}\n-->",
    "a critique": f"{ANSWER}\n<critique>It was\n{OTHER}\n</critique>",
    "a tag of its own tokens": f"<|thinking|>{OTHER}<|/thinking|>{ANSWER}",
    "recommended": f"Option A (recommended):\n{ANSWER}\nOption B:\n{OTHER}",
    "a token of the end": f"{COMPACT}<|endoftext|>{WIDE}",
    "turns of Granite": f"{ANSWER}\n{ROLE.format('user')}Wider{ROLE.format('assistant')}{OTHER}",
    "turns of Mistral": f"{ANSWER}\n[INST] Make it wider [/INST]\n{OTHER}",
    "turns without their tokens": f"{ANSWER}\nuser\nMake it wider\nassistant\n{OTHER}",
    "turns in bold": f"{ANSWER}\n\n**User:** Make it wider\n\n**Assistant:**\n{OTHER}",
    "turns as headings": f"{ANSWER}\n\n## User\nMake it wider\n\n## Assistant\n{OTHER}",
    "turns of Alpaca": f"{ANSWER}\n\n### Input:\nMake it wider.\n\n### Output:\n{OTHER}",
    "questions": f"{ANSWER}\n\nQ: Make it wider.\nA:\n{OTHER}",
    "Paddle": f"{ANSWER}\nThe same in Paddle:\n{fenced(WIDE.replace('torch', 'paddle'))}",
    "JAX": f"{ANSWER}\n{fenced('import flax.linen as nn' + chr(10) + 'class Net(nn.Module):' + chr(10) + '    pass')}",
    "ollama's thoughts": f"Thinking...\nMaybe\n{WIDE}\n...done thinking.\n\n{COMPACT}",
    "llama.cpp's thoughts": f"[Start thinking]\n{WIDE}\n[End thinking]\n\n{COMPACT}",
    "harmony without its tokens": f"analysisPerhaps\n{OTHER}assistantfinal{ANSWER}",
    "a fence left open": f"```python\n{WIDE}\nHmm, that is too wide:\n\n{ANSWER}",
    "two networks between words": f"First:\n\n{WIDE}\nThat is too wide, so here:\n\n{COMPACT}\nIt is small.",
    "two networks in elements": f"<parent>\n{WIDE}</parent>\n<child>\n{COMPACT}</child>",
    "a prompt that is repeated": f"<s>[INST] Improve this:\n{OTHER} [/INST] {ANSWER}</s>",
    "a heading above a sentence": f"## New\n{ANSWER}\n\n## Old\n\nIt had fewer channels.\n\n{OTHER}",
    "another task": f"{ANSWER}\n\n## Task 2\n\nMake it wider.\n\n{OTHER}",
    "input and output in JSON": json.dumps({"output": COMPACT, "input": WIDE}),
    "response and prompt in JSON": json.dumps({"response": {"text": ANSWER}, "request": {"prompt": OTHER}}),
    "an outline behind it": f"{ANSWER}\nThe structure:\n{OUTLINE}",
    "a method explained": f"{ANSWER}\nwhere\n{METHOD.format('...')}",
    "a method shown again": f"{ANSWER}\nHere\n{METHOD.format('return self.head(x)')}\nis all.",
}


@pytest.mark.parametrize("label", NOT_THE_ANSWER)
def test_what_is_said_to_be_something_else_is_not_the_answer(label: str) -> None:
    assert extract_program(f"{ANSWER}\n\n{label}\n{OTHER}").strip() == COMPACT.strip()
    assert extract_program(f"{label}\n{OTHER}\n\nBetter:\n{ANSWER}").strip() == COMPACT.strip()
    assert extract_program(f"{label}\n{OTHER}").strip() == WIDE.strip()


@pytest.mark.parametrize("label", THE_ANSWER)
def test_the_last_network_is_the_answer_otherwise(label: str) -> None:
    assert extract_program(f"This one gets 45 %:\n{OTHER}\n\n{label}\n{ANSWER}").strip() == COMPACT.strip()


@pytest.mark.parametrize("answer", PAGES.values(), ids=list(PAGES))
def test_what_surrounds_a_network_says_whether_it_is_the_answer(answer: str) -> None:
    assert ast.dump(ast.parse(extract_program(answer))) == ast.dump(ast.parse(COMPACT))


def test_a_method_that_was_left_open_is_written_in_a_block_of_its_own() -> None:
    begun, forward = COMPACT.split("    def forward")
    stub = f"{begun}    def forward(self, x):\n        ...\n"
    answer = f"{fenced(stub)}\nThe forward pass:\n{fenced(f'    def forward{forward}')}"
    assert extract_program(answer).endswith(f"    def forward{forward}")


@pytest.mark.parametrize(
    "words",
    [
        "If you prefer max pooling, replace `forward` with:",
        "You could also change the forward pass:",
        "Instead of the mean you can use max pooling:",
        "To try max pooling instead:",
        "Tip: you may swap in max pooling:",
    ],
)
def test_a_method_that_is_offered_replaces_nothing(words: str) -> None:
    answer = f"{fenced(FULL)}\nIt is small.\n\n{words}\n{METHOD.format('return self.head(x)')}"
    assert extract_program(answer).strip() == FULL.strip()


def test_a_method_of_the_network_that_is_corrected_is_replaced() -> None:
    answer = f"{fenced(FULL)}\nReplace this:\n{METHOD.format('return self.head(x)')}"
    program = extract_program(answer)
    assert program.count("def forward") == 1
    assert "F.relu" not in program


@pytest.mark.parametrize("answer", [f"{ANSWER}\nAnd so:\n{OTHER}", f"{OTHER}\nAnd so:\n{ANSWER}"])
def test_what_the_prompt_shows_is_not_the_answer_where_another_network_is(answer: str) -> None:
    assert extract_program(answer, prompt=f"Improve on\n{OTHER}").strip() == COMPACT.strip()


@pytest.mark.parametrize("beside", ["", f"where\n{METHOD.format('...')}", f"in short\n{OUTLINE}"])
def test_what_the_prompt_shows_is_the_answer_where_nothing_else_is(beside: str) -> None:
    assert extract_program(f"{OTHER}\n{beside}", prompt=f"Improve on\n{OTHER}").strip() == WIDE.strip()

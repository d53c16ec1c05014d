"""Which of two networks in an answer is the answer: what the line before each says, and what surrounds it."""

import ast

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
]
ROLE = "<|start_of_role|>{}<|end_of_role|>"
METHOD = "```python\n    def forward(self, x):\n        {}\n```"
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


def test_a_method_of_the_network_that_is_corrected_is_replaced() -> None:
    answer = f"{fenced(FULL)}\nReplace this:\n{METHOD.format('return self.head(x)')}"
    program = extract_program(answer)
    assert program.count("def forward") == 1
    assert "F.relu" not in program

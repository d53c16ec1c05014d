"""The `full` generator: from completion to program."""

import pytest

from archwright.generators.full import extract_program

NET = "import torch.nn as nn\n\nclass Net(nn.Module):\n    pass\n"


@pytest.mark.parametrize(
    "completion",
    [
        f"```python\n{NET}```",
        f"Here it is:\n\n```python\n{NET}```\nHope it helps!",
        f"```py\n{NET}\n```",
        f"```\n{NET}```",
        f"```Python\r\n{NET}```",
        f"Install:\n```\n{'pip install torch ' * 9}\n```\n```python\n{NET}```",
        f"```python\n{NET}",
        NET,
    ],
)
def test_the_program_is_found_whatever_surrounds_it(completion: str) -> None:
    assert extract_program(completion).strip() == NET.strip()


def test_an_answer_without_a_program_is_kept_as_it_is() -> None:
    assert extract_program("I cannot do that.") == "I cannot do that."


def test_an_empty_answer_gives_an_empty_program() -> None:
    assert extract_program("") == ""

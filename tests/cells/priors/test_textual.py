import numpy as np
import pytest

from archwright.cells.priors.prior import BLANK
from archwright.cells.priors.textual import (
    GENERATE,
    answer_blanks,
    ask_to_fill,
    make_examples,
    read_blanks,
    read_codes,
    read_fillings,
    read_sequences,
    write_codes,
)


def test_the_tasks_read_as_printed() -> None:
    assert write_codes([81, 19, 44, 283, 8, 4, 232]) == "81 19 44 283 8 4 232"
    assert ask_to_fill([81, 36, 71, BLANK, 70, BLANK, 150]) == "fill: 81 36 71 [tok-0] 70 [tok-1] 150"
    assert answer_blanks([36, 465]) == "[tok-0] 36 [tok-1] 465"


@pytest.mark.parametrize(
    "text",
    ["", "1 2", "1 2 3 4", "1 2 x", "1 2 12", "1 2 -3", "1 02 3", "1 2 ３", "1 2 3.0", "1 2 [tok-0]", "1 2 <unk>"],
)
def test_what_is_not_a_sequence_is_malformed(text: str) -> None:
    assert read_codes("1 2 3", 3, 12) == [1, 2, 3]
    assert read_codes(text, 3, 12) is None


NOT_FILLED = (
    "",
    "[tok-0] 3",
    "[tok-1] 3 [tok-0] 4",
    "[tok-0] 3 [tok-0] 4",
    "[tok-0] 3 [tok-1] 12",
    "3 4",
    "[tok-0] 3 4",
    "[tok-0] 3 [tok-1] 4 5",
    "[tok-0] 3 [tok-1] 4 [tok-2] 5",
    "so: [tok-0] 3 [tok-1] 4",
    "[tok-0] 03 [tok-1] 4",
)


@pytest.mark.parametrize("text", NOT_FILLED)
def test_what_does_not_fill_every_blank_once_is_malformed(text: str) -> None:
    assert read_blanks("[tok-0] 3 [tok-1] 4", 2, 12) == [3, 4]
    assert read_blanks(" [tok-0]3[tok-1]4 ", 2, 12) == [3, 4]
    assert read_blanks(text, 2, 12) is None


def test_malformed_answers_become_rows_of_blanks() -> None:
    assert read_sequences(["1 2 3", "1 2"], 3, 9).tolist() == [[1, 2, 3], [BLANK] * 3]
    asked = np.array([[1, BLANK, 3], [BLANK, 2, BLANK]], np.int16)
    assert read_fillings(["[tok-0] 7", "[tok-0] 7"], asked, 9).tolist() == [[1, 7, 3], [BLANK] * 3]


def test_examples_are_of_both_tasks_and_fit_their_sequence() -> None:
    codes_nv = np.arange(4000, dtype=np.int16).reshape(1000, 4) % 97
    examples = make_examples(codes_nv, np.random.default_rng(0))
    generated = [answer for asked, answer in examples if asked == GENERATE]
    assert 400 < len(generated) < 600
    for (asked, answer), codes_v in zip(examples, codes_nv, strict=True):
        if asked == GENERATE:
            assert answer == write_codes(codes_v.tolist())
        else:
            words = asked.removeprefix("fill: ").split()
            known = np.array([[BLANK if word[0] == "[" else int(word) for word in words]], np.int16)
            assert (read_fillings([answer], known, 97)[0] == codes_v).all()

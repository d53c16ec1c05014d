import pytest

from archwright.evaluation.data.words import SplitWord, is_plain, split_word


@pytest.mark.parametrize(
    ("name", "word"),
    [
        *[(name, SplitWord.TRAIN) for name in ("train", "Training", "TRAIN", "seg_train", "train_set", "trainImages")],
        *[(name, SplitWord.TEST) for name in ("Test", "testing", "eval", "evaluation", "TestSet", "t10k", "test2017")],
        *[(name, SplitWord.VALIDATION) for name in ("val", "valid", "Validation", "dev", "val2017", "my-dev-set")],
        *[(name, None) for name in ("trains", "constraint", "contest", "testament", "value", "device", "train_test")],
    ],
)
def test_a_name_says_the_split_that_one_of_its_words_is(name: str, word: SplitWord | None) -> None:
    assert split_word(name) is word


def test_a_plain_name_says_nothing_else() -> None:
    assert is_plain("Train")
    assert not is_plain("train_extra")

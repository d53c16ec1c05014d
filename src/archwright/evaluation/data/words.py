"""Which split a name stands for: `train`, `Training`, `seg_train`, `test_set`, `TestImages`, `val2017` ..."""

import re
from enum import StrEnum


class SplitWord(StrEnum):
    """What people call the parts of a data set."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


_STEMS = {
    SplitWord.TRAIN: ("train", "training", "trn", "trainval"),
    SplitWord.VALIDATION: ("val", "valid", "validation", "validate", "validating", "dev"),
    SplitWord.TEST: ("test", "testing", "tst", "eval", "evaluation", "t10k"),
}
_TAIL = "(?:set|sets|data|dataset|images?|imgs?|split|folder|dir|samples?|pics?|pictures)?"
_PATTERNS = {word: re.compile(f"(?:{'|'.join(stems)}){_TAIL}") for word, stems in _STEMS.items()}
SPLIT_COLUMNS = ("split", "subset", "set", "data_set", "dataset", "partition", "phase", "usage")
"""What people call the column that says the split."""
_PARTS = re.compile(r"t10k|[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def parts_of(name: str) -> list[str]:
    """Return the words of a name in lower case, told apart by signs, digits and capitals: seg_trainSet2 -> seg, ..."""
    return [part.lower() for part in _PARTS.findall(name)]


def split_word(name: str) -> SplitWord | None:
    """Return the split that a name stands for, None when no word in it does or two words disagree."""
    found = {word for part in parts_of(name) for word, pattern in _PATTERNS.items() if pattern.fullmatch(part)}
    return found.pop() if len(found) == 1 else None


def is_plain(name: str) -> bool:
    """Return whether a name says a split and nothing else, as `Train` does and `train_extra` does not."""
    return len(parts_of(name)) == 1 and split_word(name) is not None


def without_split(name: str) -> tuple[str, ...]:
    """Return the words of a name that say no split."""
    return tuple(part for part in parts_of(name) if split_word(part) is None)

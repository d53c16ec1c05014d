"""Which parquet files belong together: splits and configurations by name, and whether a set of shards is whole."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from archwright.errors import DataError
from archwright.evaluation.data.parquet_columns import is_parquet
from archwright.evaluation.data.sources import listed
from archwright.evaluation.data.tree import files_in
from archwright.evaluation.data.words import SplitWord, split_word, without_split

_SHARD = re.compile(r"(?P<stem>.*?)-?(?P<number>\d+)-of-(?P<total>\d+)(?:-[0-9a-f]{8,})?")
"""A digest may stand at the end, as the hub had it."""
_NAMED = 10
"""Missing shards that a message names."""
_Key = tuple[str, ...]


def group_by_configuration(root: Path, files: Sequence[Path]) -> dict[SplitWord, tuple[Path, ...]]:
    """Return the files of each split of the one configuration in `root`; files that name no split are for training.

    Raises DataError for several configurations and where no file is for training.
    """
    groups: dict[_Key, dict[SplitWord | None, list[Path]]] = {}
    for file in files:
        parts = [*file.relative_to(root).parts[:-1], _stem(file)]
        words = [split_word(part) for part in parts]
        word = next(filter(None, reversed(words)), None)
        if word and word in words[:-1] and words[-1] is None:
            parts.pop()  # In the folder of a split the names of files say nothing.
        key = tuple(part for name in parts for part in without_split(name))
        groups.setdefault(key, {}).setdefault(word, []).append(file)
    # Where files say that they are for training, others ("extra") are further splits and no configurations.
    for wanted in (SplitWord.TRAIN, None):
        candidates = [splits for splits in groups.values() if wanted in splits]
        if len(candidates) > 1:
            examples = [splits[wanted][0] for splits in candidates]
            raise DataError(
                f"{root} holds several configurations or data sets ({listed(_labels(groups))})",
                f"name one as the task, by its folder or file: {listed([_place(root, file) for file in examples])}",
            )
        if candidates:
            splits = candidates[0]
            unsplit = splits.pop(None, [])
            splits.setdefault(SplitWord.TRAIN, unsplit)
            return {word: tuple(found) for word, found in splits.items() if word is not None}
    raise DataError(
        f"{root} has no training images: {listed([file.relative_to(root) for file in files])}",
        "add the training files, or name the file to learn from as the task",
    )


def check_shards(files: Sequence[Path]) -> None:
    """Raise DataError when one of the shards (`-00001-of-00003`) that the names of `files` speak of is missing."""
    sets: dict[tuple[Path, str], dict[int, set[int]]] = {}
    for file in files:
        if match := _SHARD.fullmatch(file.stem):
            totals = sets.setdefault((file.parent, match["stem"]), {})
            numbers = totals.setdefault(int(match["total"]), set())
            if int(match["number"]) in numbers:
                raise DataError(
                    f"{file.parent} holds a shard of {match['stem']!r} twice: {file.name}",
                    "remove those of an older download",
                )
            numbers.add(int(match["number"]))
    for (folder, stem), totals in sets.items():
        if len(totals) > 1:
            raise DataError(
                f"{folder} holds shards of several divisions of {stem!r} (of {listed(sorted(totals))})",
                "remove those of an older download",
            )
        ((total, numbers),) = totals.items()
        first = 0 if 0 in numbers or total not in numbers else 1
        wanted = range(first, first + total)  # A name may speak of more than could be listed.
        if missing := total - sum(number in wanted for number in numbers):
            lacking = (number for number in wanted if number not in numbers)
            names = [f"{stem}-{number:05d}-of-{total:05d}.parquet" for number in islice(lacking, _NAMED)]
            rest = f" and {missing - _NAMED:,} more" if missing > _NAMED else ""
            raise DataError(
                f"{folder} lacks {missing} of {total} shards: {listed(names)}{rest}",
                "copy or download them, and name the folder as the task",
            )


def siblings(file: Path) -> list[Path]:
    """Return the shards of the set that `file` is one of, itself among them."""
    if not (match := _SHARD.fullmatch(file.stem)):
        return [file]
    found = ((other, _SHARD.fullmatch(other.stem)) for other in files_in(file.parent) if is_parquet(other))
    same = (match["stem"], match["total"])
    return [
        other for other, other_match in found if other_match and (other_match["stem"], other_match["total"]) == same
    ]


def _stem(file: Path) -> str:
    match = _SHARD.fullmatch(file.stem)
    return match["stem"] if match else file.stem


def _place(root: Path, file: Path) -> Path:
    """Return the folder of a configuration, else its first file."""
    relative = file.relative_to(root).parts[:-1]
    own = next((part for part in relative if without_split(part)), None)
    return root / own if own else file


def _labels(groups: Iterable[_Key]) -> list[str]:
    return ["-".join(key) or "unnamed" for key in groups]

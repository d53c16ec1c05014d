"""Finds the image that a row of a table means, however much of its path the row gives."""

import unicodedata
from collections import defaultdict
from pathlib import Path, PurePosixPath

from archwright.evaluation.data.tree import images_below
from archwright.evaluation.data.words import split_word


class ImageIndex:
    """The images below a folder, by as much of their path as somebody gives."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._by_name: dict[str, list[PurePosixPath]] = defaultdict(list)
        files = images_below(root)
        self._count = len(files)
        for file in files:
            relative = PurePosixPath(file.relative_to(root))
            self._by_name[relative.name].append(relative)
            if relative.stem != relative.name:
                self._by_name[relative.stem].append(relative)
        self._by_fold: dict[str, list[PurePosixPath]] = defaultdict(list)
        for name, found in self._by_name.items():
            self._by_fold[_fold(name)] += found

    def __len__(self) -> int:
        return self._count

    def look_up(self, text: str, table: Path) -> Path | None:
        """Return the image that a row of `table` means, None when there is none or it cannot be said which.

        Of several, those win that share more of the path; then those beside the table, or in its split's folder.
        """
        parts = [part for part in text.strip().replace("\\", "/").split("/") if part not in ("", ".", "..")]
        candidates = (self._by_name.get(parts[-1]) or self._by_fold.get(_fold(parts[-1]), [])) if parts else []
        beside = PurePosixPath(table.relative_to(self._root).parent)
        word = split_word(table.stem)
        for score in (
            lambda found: _shared(found, parts),
            lambda found: _shared(PurePosixPath(_fold(str(found))), list(map(_fold, parts))),
            lambda found: found.parent == beside.joinpath(*parts[:-1]),
            lambda found: found.is_relative_to(beside),
            lambda found: word is not None and word in map(split_word, found.parts[:-1]),
        ):
            best = max(map(score, candidates), default=0)
            candidates = [found for found in candidates if score(found) == best]
        if len(candidates) != 1 or (not _shared(candidates[0], parts) and _is_elsewhere(text.strip(), self._root)):
            return None
        return self._root / candidates[0]


def _fold(name: str) -> str:
    """Return a name as a system sees it that knows no case and one form of accents."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_elsewhere(text: str, root: Path) -> bool:
    """Return whether a full path names a file that is on this machine and not below `root`."""
    path = Path(text)
    try:
        return path.is_absolute() and not path.is_relative_to(root.absolute()) and path.is_file()
    except (OSError, ValueError):
        return False


def _shared(found: PurePosixPath, parts: list[str]) -> int:
    """Return how many folders, counted from the file upwards, two paths share."""
    count = 0
    for mine, theirs in zip(reversed(found.parts[:-1]), reversed(parts[:-1]), strict=False):
        if mine != theirs:
            break
        count += 1
    return count

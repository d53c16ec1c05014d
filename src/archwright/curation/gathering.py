"""Programs and their provenance, from wherever a corpus is built of."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from archwright.archive import Archive
from archwright.archive.database import holds_study
from archwright.curation.store import Corpus, CorpusProgram
from archwright.curation.wheel import PACKAGE, LemurWheel, find_wheel
from archwright.errors import UsageError

LEMUR = "lemur"
RANKED_BY = "cifar-10"
"""The data set whose published accuracies rank LEMUR's programs: most of them have one there."""


def gather(corpus: Corpus, sources: Sequence[str], wheel: Path | None = None) -> None:
    """Store the programs of every source in `corpus`, most preferred first: best accuracy, then shortest, then by name.

    A source is `lemur`, a folder of Python files (with all folders below it) or a study's folder. Raises UsageError for
    a source that is none of these, DataError when the wheel cannot be had.
    """
    found: list[CorpusProgram] = []
    for source in sources:
        if source == LEMUR:
            found += _from_lemur(corpus, wheel)
        elif holds_study(Path(source)):
            found += _from_study(Path(source))
        else:
            found += _from_folder(Path(source))
    taken: dict[str, int] = {}
    for number, program in enumerate(found):
        taken[program.name] = taken.get(program.name, 0) + 1
        if taken[program.name] > 1:
            found[number] = replace(program, name=f"{program.name}~{taken[program.name]}")
    corpus.add_programs(sorted(found, key=_preference))


def _preference(program: CorpusProgram) -> tuple[float, int, str]:
    accuracy = -1.0 if program.accuracy is None else program.accuracy
    return -accuracy, len(program.source), program.name


def _from_lemur(corpus: Corpus, path: Path | None) -> list[CorpusProgram]:
    with LemurWheel(find_wheel(path)) as wheel:
        corpus.add_trials(wheel.trials())
        best = corpus.best_accuracies(RANKED_BY)
        return [
            CorpusProgram(each.name, PACKAGE, each.licence, each.source, best.get(each.name))
            for each in wheel.architectures()
        ]


def _from_folder(folder: Path) -> list[CorpusProgram]:
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else []
    if not files:
        raise UsageError(f"{folder} is no study and no folder of Python files", "give `lemur`, a folder or a study")
    return [
        CorpusProgram(
            str(file.relative_to(folder).with_suffix("")),
            str(file.absolute()),
            None,
            file.read_bytes().decode("utf-8", "replace"),
            None,
        )
        for file in files
    ]


def _from_study(folder: Path) -> list[CorpusProgram]:
    """Return the programs of a study that were scored."""
    with Archive.open(folder, read_only=True) as archive:
        return [
            CorpusProgram(
                f"{archive.name}/{record.candidate.key}",
                f"study {folder.absolute()}, candidate {record.candidate.key}",
                None,
                record.candidate.program.source,
                record.outcome.accuracy,
            )
            for record in archive.records()
            if record.outcome is not None and record.outcome.is_valid
        ]

"""Programs and their provenance, from wherever a corpus is built of."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from archwright.archive import Archive
from archwright.archive.database import holds_study
from archwright.contracts.network import ACCURACY
from archwright.corpus.kinds import require_networks
from archwright.corpus.store import Corpus, CorpusProgram
from archwright.corpus.wheel import PACKAGE, LemurWheel, PublishedResult, find_wheel, is_lemur_folder
from archwright.errors import UsageError
from archwright.reading import python_files, read_source
from archwright.starters import load_seed_corpus
from archwright.untrusted import plain_text

LEMUR, SEEDS = "lemur", "seeds"
OUR_LICENCE = "Apache-2.0"
RANKED_BY = "cifar-10"
"""The data set whose published accuracies rank LEMUR's programs: most of them have one there."""


def gather(corpus: Corpus, sources: Sequence[str], wheel: Path | None = None) -> None:
    """Store the programs of every source in `corpus`, most preferred first: best accuracy, then shortest, then by name.

    A source is `lemur`, `seeds` (our own networks), a folder in LEMUR's layout, a folder of Python files (with all
    folders below it) or the folder of a study of networks. Raises UsageError for a source that is none of these
    and where there is no program in any, DataError when the wheel cannot be had.
    """
    found: list[CorpusProgram] = []
    wheels = {source: find_wheel(wheel) for source in sources if source == LEMUR}
    wheels |= {source: Path(source) for source in sources if is_lemur_folder(Path(source))}
    if wheels:
        corpus.add_trials(_trials(wheels.values()))
    best = corpus.best_accuracies(RANKED_BY)
    for source in sources:
        if source in wheels:
            found += _from_lemur(wheels[source], PACKAGE if source == LEMUR else str(Path(source).absolute()), best)
        elif source == SEEDS:
            found += [
                CorpusProgram(each.name, SEEDS, OUR_LICENCE, each.program.source, None) for each in load_seed_corpus()
            ]
        elif holds_study(Path(source)):
            found += _from_study(Path(source))
        else:
            found += _from_folder(Path(source))
    if not found:
        raise UsageError(f"there is no scored program in {', '.join(map(str, sources))}", "give further sources")
    given, taken = {program.name for program in found}, Counter[str]()
    for number, program in enumerate(found):
        taken[program.name] += 1
        if taken[program.name] > 1:
            while (name := f"{program.name}~{taken[program.name]}") in given:
                taken[program.name] += 1
            found[number] = replace(program, name=name)
    corpus.add_programs(sorted(found, key=_preference))


def studies_among(sources: Sequence[str]) -> list[Path]:
    """Return the folders of those sources that are studies, in their order."""
    return [Path(source) for source in sources if source not in (LEMUR, SEEDS) and holds_study(Path(source))]


def _preference(program: CorpusProgram) -> tuple[float, int, str]:
    accuracy = -1.0 if program.accuracy is None else program.accuracy
    return -accuracy, len(program.source), program.name


def _trials(wheels: Iterable[Path]) -> Iterator[PublishedResult]:
    for path in wheels:
        with LemurWheel(path) as wheel:
            yield from wheel.trials()


def _from_lemur(path: Path, origin: str, best: Mapping[str, float]) -> list[CorpusProgram]:
    """Return the architectures of a wheel, whose licences are known, or of a folder, where they are not."""
    with LemurWheel(path) as wheel:
        return [
            CorpusProgram(
                each.name, origin, each.licence if origin == PACKAGE else None, each.source, best.get(each.name)
            )
            for each in wheel.architectures()
        ]


def _from_folder(folder: Path) -> list[CorpusProgram]:
    files = python_files(folder) if folder.is_dir() else []
    if not files:
        raise UsageError(
            f"{folder} is no study and no folder of Python files", "give `lemur`, `seeds`, a folder or a study"
        )
    return [
        CorpusProgram(
            _named(file.relative_to(folder).with_suffix("")),
            _named(file.absolute()),
            None,
            read_source(file).encode("utf-8", "replace").decode("utf-8"),
            None,
        )
        for file in files
    ]


def _named(path: Path) -> str:
    """Return a path as text on one line: a file's name can hold any bytes."""
    return " ".join(plain_text(os.fsencode(path).decode("utf-8", "replace")).split())


def _from_study(folder: Path) -> list[CorpusProgram]:
    """Return the networks of a study that were scored."""
    with Archive.open(folder, read_only=True) as archive:
        require_networks(archive, "gathered")
        return [
            CorpusProgram(
                f"{archive.name}/{record.candidate.key}",
                f"study {folder.absolute()}, candidate {record.candidate.key}",
                None,
                record.program.source,
                record.value(ACCURACY.name),
            )
            for record in archive.records()
            if record.is_valid
        ]

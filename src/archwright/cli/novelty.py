"""`archwright novelty`: which programs are near-duplicates, of each other or of known ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.text import count
from archwright.cli.answer import Answer, DebugFlag, JsonFlag, SettingsOption
from archwright.errors import UsageError
from archwright.reading import python_files, read_source

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.candidate import Similarity
    from archwright.novelty.index import Verdict


def novelty(
    programs: Annotated[list[Path], typer.Argument(help="Python files, or folders of them.", metavar="FILE|DIR...")],
    against: Annotated[
        list[Path] | None,
        typer.Option(help="Known programs: a folder, a study or a corpus; may be repeated.", metavar="DIR"),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Known programs in an index on disk; --add makes it.", metavar="FILE")
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Make the given programs known in the index.")] = False,
    settings: SettingsOption = None,
    json: JsonFlag = False,
    debug: DebugFlag = False,
) -> Answer:
    """Compare programs with known ones by the lexical criterion, as published, and by the canonical one.

    Without --against and --index each program is compared with those before it. Settings are those under `novelty.`:
    the threshold, the criterion that decides, and how programs are cut and hashed.
    """
    from archwright.config import load_config
    from archwright.novelty.index import NoveltyFilter
    from archwright.novelty.store import NoveltyStore

    config = load_config(settings=settings or []).novelty
    if index is None and add:
        raise UsageError("--add needs --index", "name the index to add to")
    if index is not None and against:
        raise UsageError("--index and --against exclude each other", "add the known programs to the index first")
    if index is not None and not add and not index.exists():
        raise UsageError(f"there is no index at {index}", "make one of known programs with --add")
    given = [(str(path), _read(path)) for path in _files(programs)]
    if index is not None:
        with NoveltyStore.open(index, config) as store:
            verdicts = [(name, store.judge(source)) for name, source in given]
            if add:
                store.add(given)
    else:
        known = NoveltyFilter(config)
        for folder in against or []:
            for name, source in _known(folder):
                known.add(name, source)
        verdicts = []
        for name, source in given:
            verdicts.append((name, known.judge(source)))
            if not against:
                known.add(name, source)
    document = {
        "novel": sum(verdict.is_novel for _, verdict in verdicts),
        "programs": [_described(name, verdict) for name, verdict in verdicts],
    }
    return Answer(document, lambda console: _show(console, verdicts))


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return the files given and those in the folders given, in order; raises UsageError for what is neither."""
    files: list[Path] = []
    for path in paths:
        found = python_files(path) if path.is_dir() else [path] if path.exists() else []
        if not found:
            raise UsageError(f"there are no Python files at {path}", "give files, or folders of them")
        files += found
    return files


def _read(path: Path) -> str:
    try:
        return read_source(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check its permissions") from None


def _known(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, source) of the programs of a corpus, a study or a folder of files."""
    from archwright.archive import Archive
    from archwright.archive.database import holds_study
    from archwright.corpus.store import DATABASE as CORPUS
    from archwright.corpus.store import Corpus

    if (folder / CORPUS).exists():
        with Corpus.open(folder) as corpus:
            yield from ((program.name, program.source) for program in corpus.programs())
    elif holds_study(folder):
        with Archive.open(folder, read_only=True) as archive:
            for record in archive.records():
                yield f"{archive.name}/{record.candidate.key}", record.program.source
    else:
        yield from ((str(path), _read(path)) for path in _files([folder]))


def _described(name: str, verdict: Verdict) -> dict[str, object]:
    return {
        "file": name,
        "novel": verdict.is_novel,
        **{
            criterion: {"value": similarity.value, "nearest": similarity.nearest}
            for criterion, similarity in (("lexical", verdict.lexical), ("canonical", verdict.canonical))
        },
    }


def _show(console: Console, verdicts: Sequence[tuple[str, Verdict]]) -> None:
    from rich.table import Table

    table = Table("program", "verdict", "lexical", "canonical")
    for name, verdict in verdicts:
        judgement = "novel" if verdict.is_novel else "near-duplicate"
        table.add_row(name, judgement, _nearest(verdict.lexical), _nearest(verdict.canonical))
    console.print(table)
    novel = sum(verdict.is_novel for _, verdict in verdicts)
    console.print(f"{count(novel)} of {count(len(verdicts))} novel")


def _nearest(similarity: Similarity) -> str:
    if similarity.nearest is None:
        return "cannot be compared" if similarity.value else "0.000"
    return f"{similarity.value:.3f} {similarity.nearest}"

"""`archwright novelty`: which programs are near-duplicates, of each other or of known ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.text import NOTHING, count, one_line
from archwright.cli.answer import Answer, SettingsOption, print_table
from archwright.errors import UsageError
from archwright.reading import python_files, read_source, readable

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.candidate import Similarity
    from archwright.config import NoveltyConfig
    from archwright.novelty.index import Verdict

NOVEL, NEAR = "novel", "near-duplicate"
REASON = 80
"""Characters of the reason why a file cannot be compared."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found about one file."""

    name: str
    verdict: str
    """NOVEL, NEAR, or why neither can be said."""
    similarities: Mapping[str, Similarity]
    """By criterion."""

    def as_json(self) -> dict[str, object]:
        """Return its entry of `programs`; a criterion that could not compare has no value."""
        return {
            "file": self.name,
            "novel": self.verdict == NOVEL,
            "verdict": self.verdict,
            **{
                criterion: {"value": found.value if _is_compared(found) else None, "nearest": found.nearest}
                for criterion, found in self.similarities.items()
            },
        }


def novelty(
    programs: Annotated[
        list[Path], typer.Argument(help="Python files; folders of them, studies, corpora.", metavar="FILE|DIR...")
    ],
    against: Annotated[
        list[Path] | None,
        typer.Option(help="Known programs: a folder, a study or a corpus; may be repeated.", metavar="DIR"),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Known programs in an index on disk; --add makes it.", metavar="FILE")
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Make the given programs known in the index.")] = False,
    settings: SettingsOption = None,
) -> Answer:
    """Compare programs with known ones by the lexical criterion, as published, and by the canonical one.

    Without --against and --index each program is compared with those before it. Settings are those under `novelty.`:
    the threshold, the criterion that decides, and how programs are cut and hashed. Hidden folders, `__pycache__` and
    virtual environments are left out.
    """
    from archwright.configuring import load_config
    from archwright.novelty.index import NoveltyFilter
    from archwright.novelty.store import NoveltyStore

    config = load_config(settings=settings or []).novelty
    if index is None and add:
        raise UsageError("--add needs --index", "name the index to add to")
    if index is not None and against:
        raise UsageError("--index and --against exclude each other", "add the known programs to the index first")
    if index is not None and not add and not index.exists():
        raise UsageError(f"there is no index at {index}", "make one of known programs with --add")
    given = [named for path in programs for named in _programs(path)]
    if index is not None:
        with NoveltyStore.open(index, config) as store:
            verdicts = [store.judge(source) for _, source in given]
            if add:
                store.add(given)
    else:
        known = NoveltyFilter(config)
        for folder in against or []:
            for name, source in _programs(folder):
                known.add(name, source)
        verdicts = []
        for name, source in given:
            verdicts.append(known.judge(source))
            if not against:
                known.add(name, source)
    judged = [
        Judged(name, _word(source, verdict, config), {"lexical": verdict.lexical, "canonical": verdict.canonical})
        for (name, source), verdict in zip(given, verdicts, strict=True)
    ]
    document = {"novel": sum(each.verdict == NOVEL for each in judged), "programs": [each.as_json() for each in judged]}
    return Answer(document, lambda console: _show(console, judged))


def _programs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, source) of the programs of a corpus, a study or a folder of files, or of one file."""
    from archwright.archive import Archive
    from archwright.archive.database import holds_study
    from archwright.corpus.store import DATABASE as CORPUS
    from archwright.corpus.store import Corpus

    if (path / CORPUS).exists():
        with Corpus.open(path) as corpus:
            yield from ((program.name, program.source) for program in corpus.programs())
    elif holds_study(path):
        with Archive.open(path, read_only=True) as archive:
            for record in archive.records():
                if (program := record.candidate.program) is not None:
                    yield f"{archive.name}/{record.candidate.key}", program.source
    else:
        files = python_files(path) if path.is_dir() else [path] if path.exists() else []
        if not files:
            raise UsageError(f"there are no Python files at {path}", "give files, or folders of them")
        for file in files:
            with readable(file, "check its permissions"):
                source = read_source(file)
            yield str(file), source


def _word(source: str, verdict: Verdict, config: NoveltyConfig) -> str:
    """Return what to call `source`; what a deciding criterion cannot read is not novel, and near to nothing."""
    from archwright.programs.canonical import canonical_form

    if verdict.is_novel:
        return NOVEL
    found = {"lexical": verdict.lexical, "canonical": verdict.canonical}
    of_text = "canonical" if config.criterion == "graph" else config.criterion  # nothing is traced here
    deciding = found.values() if of_text == "both" else [found[of_text]]
    if any(_is_compared(similarity) and similarity.value > config.threshold for similarity in deciding):
        return NEAR
    try:
        canonical_form(source)
    except ValueError as error:
        return f"cannot be compared: {one_line(str(error).partition(';')[0], REASON)}"
    return "cannot be compared: there is no code"


def _is_compared(similarity: Similarity) -> bool:
    return similarity.nearest is not None or not similarity.value


def _show(console: Console, judged: Sequence[Judged]) -> None:
    rows = [(each.name, each.verdict, *map(_nearest, each.similarities.values())) for each in judged]
    print_table(console, ("program", "verdict", "lexical", "canonical"), rows, left=range(4))
    verdicts = Counter(each.verdict for each in judged)
    lost = len(judged) - verdicts[NOVEL] - verdicts[NEAR]
    remark = f"; {count(lost)} cannot be compared" if lost else ""
    console.print(f"{count(verdicts[NOVEL])} of {count(len(judged))} novel{remark}")


def _nearest(similarity: Similarity) -> str:
    if not _is_compared(similarity):
        return NOTHING
    return f"{similarity.value:.3f} {similarity.nearest or ''}".strip()

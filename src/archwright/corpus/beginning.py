"""What a study begins with where `loop.corpus` names a corpus: its programs, copied into the study's folder.

From then on the copy counts: a study goes on as it began when the corpus grows, moves or is gone.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from archwright.candidate import Candidate, Key, Program, Record
from archwright.config import StudyConfig
from archwright.corpus.pairs import missing_shapes
from archwright.corpus.shapes import TaskShape
from archwright.corpus.store import DATABASE, Corpus, Example
from archwright.errors import StudyDamagedError, UsageError
from archwright.reading import LARGEST_TEXT, read_bytes
from archwright.resumable import replacing
from archwright.task import DataSpec

COPY = "corpus.jsonl"


def read_corpus(config: StudyConfig, spec: DataSpec) -> list[Record]:
    """Return every example of the corpus that `config` names, by preference, as records without an outcome in cycle 0.

    In the form that is asked for where it has that form. Raises UsageError when there is no corpus, when it was not
    verified at the task's shape, and when none of its programs can be a starter; DataError when it cannot be read.
    """
    folder = Path(config.loop.corpus)
    if folder.name == DATABASE:
        folder = folder.parent
    with Corpus.open(folder) as corpus:
        if missing_shapes(corpus, [spec]):
            remedy = f"build it again with --task {config.task}"
            raise UsageError(
                f"the corpus in {folder} was not verified at {TaskShape.of(spec)}, the task's shape",
                "leave data.image_size out" if config.data.image_size else remedy,
            )
        records = [_record(index, example, config, spec) for index, example in enumerate(corpus.examples())]
    if not any(map(is_starter, records)):
        raise UsageError(
            f"no {config.llm.form} program of the corpus in {folder} runs at {TaskShape.of(spec)} within the budget",
            "raise budget.max_params, or give another corpus",
        )
    return records


def is_starter(record: Record) -> bool:
    """Return whether candidates start from the program, prompts quote it and lessons repeat it.

    It is on the side of the corpus that is taught, runs at the task within the budget and has the form that is asked
    for. The others are only what a candidate must differ from.
    """
    return record.candidate.facts.get("starter") is True


def runs_at(record: Record, spec: DataSpec) -> bool:
    """Return whether the program answers the task; one that is of no corpus answers every task."""
    shapes = record.candidate.facts.get("runs_at")
    return not isinstance(shapes, list) or str(TaskShape.of(spec)) in shapes


def write_copy(records: Sequence[Record], folder: Path) -> None:
    """Write what `read_corpus` returned into a study's folder, whole or not at all."""
    lines = [
        json.dumps({"source": record.program.source, "facts": dict(record.candidate.facts)}, ensure_ascii=True)
        for record in records
    ]
    text = "\n".join(lines)
    with replacing(folder / COPY) as scratch:
        scratch.write_text(f"{_digest(text)}\n{text}", "ascii")


def read_copy(folder: Path) -> list[Record] | None:
    """Return what `write_copy` wrote, None when nothing is there; raises StudyDamagedError when it was changed."""
    try:
        digest, _, text = read_bytes(folder / COPY, LARGEST_TEXT).decode("ascii").partition("\n")
        if digest != _digest(text):
            raise ValueError
        rows = [json.loads(line) for line in text.split("\n")]
        return [_begun(index, row["source"], row["facts"]) for index, row in enumerate(rows)]
    except FileNotFoundError:
        return None
    except (UsageError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise StudyDamagedError(
            f"{folder / COPY} is not the corpus that the study began with",
            "restore it from a copy; without it the study cannot go on as it was",
        ) from None


def _record(index: int, example: Example, config: StudyConfig, spec: DataSpec) -> Record:
    asked = example.full if config.llm.form == "full" else example.compact
    limit = config.budget.max_params
    shapes = [
        str(shape)
        for shape, params in sorted(example.params.items())
        if params is not None and (not limit or params <= limit)
    ]
    is_usable = asked is not None and example.split == "train" and str(TaskShape.of(spec)) in shapes
    facts = {"operation": example.name, "runs_at": shapes, "starter": is_usable}
    return _begun(index, asked or example.full, facts)


def _begun(index: int, source: str, facts: dict[str, object]) -> Record:
    return Record(Candidate(Key(0, index), Program(source), generator="corpus", seed=0, facts=facts))  # type: ignore[arg-type]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()

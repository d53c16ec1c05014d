"""Is anything lost that a model wrote? The extraction as it is, beside what it was at another commit, in one run.

    python benchmarks/extraction.py [COMPLETIONS...] --before PYTHON [--out FILE.json]

PYTHON is the interpreter of a checkout of the other commit. COMPLETIONS are recordings (JSON lines with `text`, also
packed by gzip; default: the stored ones, of the embedded model) or folders of studies. Of each completion both programs
are taken out, repaired and checked without being run. Counted are those sound as written and after repair, and those
for which the two differ. The forms of `tests/programs` count as read when the right program comes out as it was put in.
Intervals are Wilson's at 95 %.

The stored completions, 300, are of four runs (each row says its adapter, seed and index):

    benchmarks/prior.py --seeds 13 --samples 180 --batch 24 --threads 1
    benchmarks/prior.py --seeds 7 --samples 72 --batch 24 --threads 2
    benchmarks/prior.py --seeds 13 --samples 24 --batch 24 --threads 1 --adapter none --max-new-tokens 512
    archwright search --preset demo                        # 24 completions at seed 0
"""

import argparse
import ast
import gzip
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from archwright.analysis.intervals import wilson
from archwright.archive import Archive
from archwright.archive.database import holds_study
from archwright.archive.environment import describe_environment
from archwright.evaluation.classes import state_class_key

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results"
STORED = RESULTS / "extraction_completions.jsonl.gz"
PROBE = """\
import json, sys
try:
    from archwright.programs.extraction import extract_program
except ImportError:
    from archwright.generators.full import extract_program
try:
    from archwright.contracts import check_source
except ImportError:
    from archwright.contract import check_source
from archwright.programs.repair import repair

rows = []
for text in json.load(sys.stdin):
    program = extract_program(text)
    rows.append([program, not check_source(program), not check_source(repair(program).source)])
json.dump(rows, sys.stdout)
"""
Row = tuple[str, bool, bool]
"""A program, and whether it is sound as written and after repair."""


def read(path: Path) -> Iterator[str]:
    """Yield the completions of a recording or of a study."""
    if path.is_dir() and holds_study(path):
        with Archive.open(path, read_only=True) as archive:
            writers = (record.candidate.writer for record in archive.records())
            yield from (call.completion for call in writers if call and call.completion)
        return
    data = path.read_bytes()
    for line in (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8").split("\n"):
        if line and "text" in (row := json.loads(line)):
            yield row["text"]


def forms() -> list[tuple[str, str]]:
    """Return the answers of the tests, each with the program that has to come out."""
    marks, extraction = _load("test_marks"), _load("test_extraction")
    found = [(text, net) for net in (marks.COMPACT, marks.FULL) for text in marks.answers(net).values()]
    return [*found, *((text, extraction.NET) for text in extraction.SAME.values()), *extraction.OTHER.values()]


def taken_out(python: Path, texts: list[str]) -> list[Row]:
    """Return what the interpreter `python` and its archwright make of every text."""
    answer = subprocess.run([python, "-c", PROBE], input=json.dumps(texts), capture_output=True, text=True, check=True)
    return [(program, raw, repaired) for program, raw, repaired in json.loads(answer.stdout)]


def counted(rows: list[Row]) -> dict[str, object]:
    """Return how many programs are sound, with the interval of the share after repair."""
    repaired = sum(row[2] for row in rows)
    interval = wilson(repaired, len(rows))
    return {"sound": sum(row[1] for row in rows), "sound_after_repair": repaired,
            "interval": [interval.low, interval.high]}  # fmt: skip


def read_rightly(rows: list[Row], wanted: list[str]) -> dict[str, object]:
    """Return how many programs are the ones that were put in."""
    right = sum(_tree(row[0]) == _tree(net) for row, net in zip(rows, wanted, strict=True))
    interval = wilson(right, len(rows))
    return {"read": right, "interval": [interval.low, interval.high]}


def _tree(source: str) -> str:
    try:
        return ast.unparse(ast.parse(source))
    except (SyntaxError, ValueError):
        return ""


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "programs" / f"{name}.py")
    assert spec is not None and spec.loader is not None  # noqa: PT018  # one fact
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Count, write the result and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("completions", type=Path, nargs="*", default=[STORED])
    parser.add_argument("--before", type=Path, required=True, help="the interpreter of the other commit's checkout")
    parser.add_argument("--out", type=Path, default=RESULTS / "extraction.json")
    options = parser.parse_args()
    texts = [text for path in options.completions for text in read(path)]
    answers, wanted = map(list, zip(*forms(), strict=True))
    pythons = {"before": options.before, "now": Path(sys.executable)}
    rows = {name: taken_out(python, texts) for name, python in pythons.items()}
    old, new = rows.values()
    result = {
        "completions": len(texts),
        "machine": describe_environment(),
        **{name: counted(found) for name, found in rows.items()},
        "different": sum(was[0] != now[0] for was, now in zip(old, new, strict=True)),
        "lost": sum(was[2] and not now[2] for was, now in zip(old, new, strict=True)),
        "gained": sum(now[2] and not was[2] for was, now in zip(old, new, strict=True)),
        "forms": len(answers),
        **{f"forms_{name}": read_rightly(taken_out(python, answers), wanted) for name, python in pythons.items()},
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    state_class_key()
    main()

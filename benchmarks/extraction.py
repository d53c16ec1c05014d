"""Is anything lost that a model wrote? The extraction as it is, beside what it was at commit ac8ccc0.

    python benchmarks/extraction.py COMPLETIONS... [--out FILE.json]

COMPLETIONS are recordings (JSON lines with `text`, such as the log of `benchmarks/prior.py`) or folders of studies. Of
each completion both programs are taken out, repaired and checked without being run. Counted are those sound as written
and after repair, and the completions for which the two differ.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

from archwright.analysis.intervals import wilson
from archwright.archive import Archive
from archwright.archive.database import holds_study
from archwright.archive.environment import describe_environment
from archwright.contracts import check_source
from archwright.evaluation.classes import state_class_key
from archwright.programs.extraction import extract_program
from archwright.programs.repair import repair

_FENCE = re.compile(r"```[ \t]*(?:python|py)?[ \t]*\r?\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL | re.IGNORECASE)


def before(text: str) -> str:
    """Return the program as it was taken out before: the longest tagged block that defines Net."""
    blocks = [match.group(1) for match in _FENCE.finditer(text)]
    if not blocks:
        return text.strip()
    with_net = [block for block in blocks if re.search(r"^\s*class\s+Net\b", block, re.MULTILINE)]
    return max(with_net or blocks, key=len).strip("\n") + "\n"


def read(path: Path) -> Iterator[str]:
    """Yield the completions of a recording or of a study."""
    if path.is_dir() and holds_study(path):
        with Archive.open(path, read_only=True) as archive:
            yield from (record.candidate.completion for record in archive.records() if record.candidate.completion)
        return
    for line in path.read_text("utf-8").splitlines():
        if "text" in (row := json.loads(line)):
            yield row["text"]


def main() -> None:
    """Count, write the result and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("completions", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("docs/results/extraction.json"))
    options = parser.parse_args()
    texts = [text for path in options.completions for text in read(path)]
    programs = {"before": [before(text) for text in texts], "now": [extract_program(text) for text in texts]}
    result: dict[str, object] = {"completions": len(texts), "machine": describe_environment()}
    sound: dict[str, list[bool]] = {}
    for name, found in programs.items():
        raw = sum(not check_source(source) for source in found)
        sound[name] = [not check_source(repair(source).source) for source in found]
        repaired = sum(sound[name])
        interval = wilson(repaired, len(texts))
        result[name] = {"sound": raw, "sound_after_repair": repaired, "interval": [interval.low, interval.high]}
    result["different"] = sum(old != new for old, new in zip(*programs.values(), strict=True))
    result["lost"] = sum(old and not new for old, new in zip(*sound.values(), strict=True))
    result["gained"] = sum(new and not old for old, new in zip(*sound.values(), strict=True))
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    state_class_key()
    main()

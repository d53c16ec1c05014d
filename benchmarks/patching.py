"""Applies 500 edits of real networks, spoilt in every way models spoil a diff, by our applier and by four others.

    pip install unidiff whatthepatch     # `patch` and `git` from the system
    python benchmarks/patching.py [WHEEL] [--edits 500] [--out docs/results/patching.json]

Half of the edits are one to three mutations of the syntax tree of a network (`programs.mutation`), half are small
changes of its text as people make them: a number, a line gone, doubled or added. The networks are the seed networks
and, with LEMUR's wheel (nn-dataset 2.1.2), as many of its files. Every diff has three lines of context; the faults are
those of `diff_faults.py`, alone and two to four at once. For each applier: the share applied exactly right,
refused, and wrong, which is any program but the edited one. The same arguments give the same figures.
"""

import argparse
import json
import platform
import random
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from diff_faults import ENVELOPES, FAULTS

from archwright.analysis.intervals import wilson
from archwright.corpus.wheel import LemurWheel
from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.mutation import mutate
from archwright.programs.patching import Patched, apply_patch, unified_diff
from archwright.starters import load_seed_corpus

Apply = Callable[[str, str], str | None]
"""Program and diff to the patched program, None when refused."""
COMBINED = "two to four faults and an envelope"
LONGEST = 20_000
"""Characters of a network that is edited."""


def main() -> None:
    """Make the edits, spoil and apply them, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, nargs="?", help="LEMUR's wheel")
    parser.add_argument("--edits", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    edits = make_edits(networks(options.wheel, options.seed), options.edits, options.seed)
    result = measure(edits, appliers(), options.seed)
    if options.out:
        options.out.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", "utf-8")
    print(table(result))


def networks(wheel: Path | None, seed: int) -> list[str]:
    """Return the sources of the seed networks and of as many LEMUR files."""
    sources = [network.program.source for network in load_seed_corpus()]
    if wheel is not None:
        with LemurWheel(wheel) as lemur:
            found = sorted((each.name, each.source) for each in lemur.architectures() if len(each.source) <= LONGEST)
        sources += [source for _, source in random.Random(seed).sample(found, len(sources))]
    return sources


def make_edits(sources: list[str], count: int, seed: int) -> list[tuple[str, str]]:
    """Return `count` pairs of a network and what an edit makes of it."""
    rng = random.Random(seed)
    edits: list[tuple[str, str]] = []
    while len(edits) < count:
        old = rng.choice(sources)
        if len(edits) % 2:
            old = new = format_tree(parse_program(old))
            for _ in range(rng.randint(1, 3)):
                new = mutate(new, rng).source
        else:
            new = by_hand(old, rng)
        if old != new:
            edits.append((old, new))
    return edits


def by_hand(source: str, rng: random.Random) -> str:
    """Return `source` with one to three lines changed."""
    lines = source.split("\n")
    for _ in range(rng.randint(1, 3)):
        number = rng.choice([n for n, line in enumerate(lines) if line.strip()])
        line = lines[number]
        indent, end = line[: len(line) - len(line.lstrip())], "\r" if lines[0].endswith("\r") else ""
        match rng.randrange(4):
            case 0:
                lines[number] = re.sub(r"\d+", lambda found: str(int(found[0]) + rng.randint(1, 9)), line)
            case 1:
                del lines[number]
            case 2:
                lines.insert(number, line.removesuffix("\r") + end)
            case _:
                lines.insert(number, f"{indent}value_{rng.randint(0, 99)} = {rng.randint(0, 99)}{end}")
    return "\n".join(lines)


def appliers() -> dict[str, Apply]:
    """Return the appliers that are here, ours first."""
    found: dict[str, Apply] = {"archwright": by_archwright}
    for name, apply in (("unidiff", by_unidiff), ("whatthepatch", by_whatthepatch)):
        try:
            found[f"{name} {version(name)}"] = apply
        except PackageNotFoundError:
            print(f"{name} is left out: pip install {name}")
    return found | {"patch -F3": by_patch, "git apply --recount": by_git}


def by_archwright(source: str, diff: str) -> str | None:
    """Apply with `archwright.programs.patching`."""
    result = apply_patch(source, diff)
    return result.source if isinstance(result, Patched) else None


def by_unidiff(source: str, diff: str) -> str | None:
    """Parse with unidiff and apply strictly: it has no applier of its own."""
    from unidiff import PatchSet, UnidiffParseError

    lines, out, here = source.splitlines(keepends=True), list[str](), 0
    try:
        (file,) = PatchSet(diff)
        for hunk in file:
            start = max(0, hunk.source_start - 1)
            old = [line.value for line in hunk if not line.is_added and line.line_type in " -"]
            if start < here or lines[start : start + len(old)] != old:
                return None
            out += [*lines[here:start], *(line.value for line in hunk if line.line_type in " +")]
            here = start + len(old)
    except (UnidiffParseError, ValueError):
        return None
    return "".join([*out, *lines[here:]]) if here else None


def by_whatthepatch(source: str, diff: str) -> str | None:
    """Apply with whatthepatch."""
    import whatthepatch

    try:
        (parsed,) = whatthepatch.parse_patch(diff)
        lines = whatthepatch.apply_diff(parsed, source)
    except Exception:  # noqa: BLE001 - whatever another package raises is a refusal
        return None
    return "\n".join(lines) + ("\n" if source.endswith("\n") else "")


def by_patch(source: str, diff: str) -> str | None:
    """Apply with GNU patch, as tolerant as it goes with three lines of context."""
    return _run(["patch", "-F3", "-s", "-f", "--posix", "--no-backup-if-mismatch", "net.py", "edit.diff"], source, diff)


def by_git(source: str, diff: str) -> str | None:
    """Apply with git."""
    return _run(["git", "apply", "--recount", "edit.diff"], source, diff)


def _run(command: list[str], source: str, diff: str) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        net, edit = Path(folder, "net.py"), Path(folder, "edit.diff")
        net.write_bytes(source.encode())
        edit.write_bytes(diff.encode())
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
        patched = net.read_bytes().decode("utf-8", "replace")
    return None if done.returncode or patched == source else patched


def measure(edits: list[tuple[str, str]], by: Mapping[str, Apply], seed: int) -> dict[str, object]:
    """Return fault -> applier -> how many edits came out right, refused and wrong."""
    faults = {**FAULTS, **ENVELOPES}
    counts: dict[str, dict[str, Counter[str]]] = {}
    seconds: Counter[str] = Counter()
    for fault in ("none", *faults, COMBINED):
        counts[fault] = {name: Counter(right=0, refused=0, wrong=0) for name in by}
        for number, (old, new) in enumerate(edits):
            rng = random.Random(f"{seed} {fault} {number}")
            names = [] if fault == "none" else [fault]
            if fault == COMBINED:
                names = [*rng.sample(sorted(FAULTS), rng.randint(2, 4)), rng.choice(sorted(ENVELOPES))]
            lines = unified_diff(old, new)
            for name in names:
                lines = faults[name](lines, rng)
            for name, apply in by.items():
                begun_s = time.perf_counter()
                patched = apply(old, "\n".join(lines) + "\n")
                seconds[name] += time.perf_counter() - begun_s
                counts[fault][name]["refused" if patched is None else "right" if patched == new else "wrong"] += 1
        print(fault, {name: dict(each) for name, each in counts[fault].items()}, flush=True)
    runs = len(edits) * len(counts)
    return {
        "edits": len(edits),
        "seed": seed,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "milliseconds": {name: round(1_000 * spent / runs, 2) for name, spent in seconds.items()},
        "faults": counts,
    }


def table(result: dict[str, object]) -> str:
    """Return the table of shares as Markdown: right / refused / wrong in percent."""
    edits, faults = result["edits"], result["faults"]
    assert isinstance(edits, int)
    assert isinstance(faults, dict)
    names = list(next(iter(faults.values())))
    rows = [f"| fault | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for fault, each in faults.items():
        cells = (
            " / ".join(f"{100 * each[name][kind] / edits:.3g}" for kind in ("right", "refused", "wrong"))
            for name in names
        )
        rows.append(f"| {fault.replace('_', ' ')} | {' | '.join(cells)} |")
    wrong = sum(each[names[0]]["wrong"] for each in faults.values())
    upper = wilson(min(wrong, edits), edits).high  # by edits: the faults of one are no independent trials
    found = f"wrong by {names[0]}: {wrong} of {edits * len(faults):,} (95 % upper limit, by edits: {upper:.2%})"
    return "\n".join([*rows, found])


if __name__ == "__main__":
    main()

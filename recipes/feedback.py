"""Does a memory of outcomes help a frozen model? K = 5 beside its five ablations, at equal numbers of candidates.

    python recipes/feedback.py --script | --smoke | --laptop [--model M] [--improver M] [--arm ARM]... [--seed N]...

script   minutes of one core: a scripted model in a world where the right answer depends on the history. One of 32
         programs trains; the others fail, saying whether they are too low or too high. The improver draws from what
         the outcomes it is told leave over, the writer writes what is suggested, or anything when nothing is. It shows
         what memory is worth where it is used perfectly, and that every switch does what it says; of language models
         it says nothing.
smoke    the embedded model on digits, four candidates for each arm.
laptop   the CIFAR-10 copy, 2,000 + 2,000 images, 48 candidates; `--model` and `--improver` name larger models, for
         example openai:http://localhost:8000/v1#MODEL (limit what they cost: docs/how-to/feedback.md).

Each study lies in its own folder under `--folder`; the same command goes on where a killed one was, and `archwright
compare FOLDER` shows what there is. `--first FILE` writes at which candidate each study first had a valid program.
"""

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from experiment import grid_parser, run_grid

from archwright.ablation import cells_of, read_grid
from archwright.analysis.intervals import wilson
from archwright.archive import Archive

OPTIONS, RIGHT = 32, 21
SIZES = {
    "script": """
task = "digits"
data.train_size = 128
data.validation_size = 128
budget.wall_s = 30
loop.candidates = 12
llm.form = "compact"
llm.remarks = ""
sandbox.workers = 1
""",
    "smoke": """
task = "digits"
data.train_size = 128
data.validation_size = 128
loop.candidates = 4
llm.form = "compact"
llm.remarks = ""
llm.max_new_tokens = 400
""",
    "laptop": """
task = "cifar10"
data.train_size = 2000
data.validation_size = 2000
loop.candidates = 48
llm.form = "compact"
llm.remarks = ""
""",
}
ARMS = """
[arms.k5]
[arms.k0]
feedback.k = 0
[arms.all]
feedback.k = "all"
[arms.no-improver]
feedback.improver = false
[arms.shuffled]
feedback.shuffled = true
[arms.no-failures]
feedback.failures = false
[arms.iid]
feedback.iid = true
"""
PROGRAM = """```python
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.choice = {choice}{fault}
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0]))

    def forward(self, x):
        return self.head(x)
```
"""


def main() -> None:
    """Run what is missing and compare the arms."""
    parser = grid_parser(__doc__, SIZES)
    parser.add_argument("--model", help="as llm.model; by default the embedded one")
    parser.add_argument("--improver", help="as improver.model; by default the same model")
    parser.add_argument("--seeds", type=int, help="how many, from 0; by default 6 for the script, else 3")
    parser.add_argument("--first", type=Path, help="write when each study first had a valid program (JSON)")
    options = parser.parse_args()
    folder = options.folder or Path("runs") / f"feedback-{options.size}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    models = {"llm": options.model, "improver": options.improver}
    if options.size == "script":
        models = {"llm": f"replay:{write_script(folder.with_name(f'{folder.name}.jsonl'))}", "improver": None}
    seeds = options.seeds or (6 if options.size == "script" else 3)
    code = run_grid(grid_text(options.size, seeds, models), folder, options)
    if options.first and not code:
        options.first.write_text(json.dumps(first_valid(folder), indent=1) + "\n", "utf-8")
    sys.exit(code)


def grid_text(size: str, seeds: int, models: dict[str, str | None]) -> str:
    """Return the grid of the experiment."""
    named = "".join(f'{section}.model = "{model}"\n' for section, model in models.items() if model)
    head = f'preset = "feedback"\nseeds = {list(range(seeds))}\n[settings]\n'
    return f"{head}loop.cycles = 1{SIZES[size]}{named}{ARMS}"


def write_script(path: Path) -> Path:
    """Write the recording of the scripted model, and return its absolute path."""
    path.write_text("".join(json.dumps(line) + "\n" for line in script()), "utf-8")
    return path.resolve()


def script() -> Iterator[dict[str, str]]:
    """Yield the lines of a writer that does as it is told and of an improver that reasons about all it is told."""
    for choice in range(1, OPTIONS + 1):
        words = "low" if choice < RIGHT else "high"
        fault = "" if choice == RIGHT else f'\n        raise ValueError("{choice} is too {words}")'
        program = PROGRAM.format(choice=choice, fault=fault)
        yield {"text": program}
        yield {"text": program, "when": rf"Suggestion: try {choice}\b"}
    found = rf"(?s)best program so far:\s+`+\w*\s[^`]*self\.choice = {RIGHT}\b"
    yield {"text": advice(RIGHT), "when": found}
    for low in range(OPTIONS + 1):
        for high in range(low + 2, OPTIONS + 2):
            # Told of `low` (if there is one) and `high`, of nothing between them, and not yet of the right one.
            nearer = "|".join(str(choice) for choice in range(low + 1, high))
            told = rf"(?=.*\b{low} is too low)" if low else ""
            told += rf"(?=.*\b{high} is too high)" if high <= OPTIONS else ""
            else_known = rf"(?!.*\b(?:{nearer}) is too )(?!.*self\.choice = {RIGHT}\b)"
            when = rf"(?s)\AYou are an expert in neural networks\.{told}{else_known}"
            for choice in range(low + 1, high):
                yield {"text": advice(choice), "when": when}


def advice(choice: int) -> str:
    """Return what the improver answers."""
    return json.dumps({"reason": "r", "inspiration": "i", "improvement_suggestions": f"try {choice}"})


def first_valid(folder: Path) -> dict[str, object]:
    """Return by arm at which candidate (from 1) each study first had a valid program, and the share that is valid."""
    found: dict[str, dict[str, object]] = {}
    for cell in cells_of(read_grid(folder), folder):
        if not cell.folder.exists():
            continue
        with Archive.open(cell.folder, read_only=True) as archive:
            records, is_complete = archive.records(), bool(archive.cycles())
        if not is_complete:
            continue
        first = next((number for number, record in enumerate(records, start=1) if record.is_valid), None)
        arm = found.setdefault(cell.arm, {"first": {}, "valid": 0, "candidates": 0})
        arm["first"][str(cell.seed)] = first  # type: ignore[index]
        arm["valid"] += sum(record.is_valid for record in records)  # type: ignore[operator]
        arm["candidates"] += len(records)  # type: ignore[operator]
        arm["never_found_counts_as"] = len(records) + 1
    for arm in found.values():
        firsts = [first or arm["never_found_counts_as"] for first in arm["first"].values()]  # type: ignore[attr-defined]
        interval = wilson(arm["valid"], arm["candidates"])  # type: ignore[arg-type]
        arm["median_first"] = statistics.median(firsts)
        arm["valid_interval"] = [interval.low, interval.high]
    return found


if __name__ == "__main__":
    main()

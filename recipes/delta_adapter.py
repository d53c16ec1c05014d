"""An adapter that writes edits: studies of random changes, a corpus of those that helped, a lesson.

    python recipes/delta_adapter.py FOLDER [--smoke] [--model smollm2-135m]

Two studies of the control `evolution` on digits score the 36 seed networks twice, which says how large the noise is,
and mutations of them; `archwright corpus build` keeps the pairs of relatives of which one is better beyond the noise;
`archwright tune` teaches the diffs. Five minutes of a core for the studies, ten seconds of a core for each of some 150
pairs and three passes. Half a pass was too little (docs/benchmarks.md); the whole has not been run yet. A run that was
killed goes on where it was when the same command is given again. `--smoke` is a few small programs, to see that
everything runs.
"""

import argparse
from pathlib import Path

from experiment import archwright, sets

STUDY = (
    *("task=digits", "data.validation_size=600", "loop.cycles=1", "loop.candidates=130", "loop.stop=false"),
    *("evolution.population=36", "evolution.sample=2", "evolution.batch=8"),
)
LESSON = ("loop.generator=delta", "tune.max_length=1152", "tune.epochs=3")
SMOKE_STUDY = ("data.train_size=256", "data.validation_size=200", "loop.candidates=52")
SMOKE_LESSON = ("tune.rank=2", "tune.max_length=2048", "tune.epochs=1")


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--model", default="smollm2-135m", help="a local one")
    parser.add_argument("--adapter", default="default", help="that the lesson goes on from: default | none | a folder")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    studies = [study(options.folder / f"study-{seed}", seed, is_smoke=options.smoke) for seed in (0, 1)]
    corpus = options.folder / "edits"
    archwright("corpus", "build", *(word for path in studies for word in ("--from", str(path))), "--out", str(corpus))
    adapter = options.folder / "adapter"
    if (adapter / "card.json").exists():
        return
    if adapter.exists():
        archwright("tune", "--out", str(adapter), "--resume")
        return
    words = ["--preset", "small", "--llm", options.model, "--adapter", options.adapter, "--samples", "0"]
    words += sets([*LESSON, *(SMOKE_LESSON if options.smoke else ())])
    archwright("tune", "--corpus", str(corpus), *words, "--out", str(adapter))


def study(folder: Path, seed: int, *, is_smoke: bool) -> Path:
    """Begin a study of random changes or go on with it, and return its folder."""
    if (folder / "study.db").exists():
        archwright("resume", str(folder))
    else:
        settings = [*STUDY, *(SMOKE_STUDY if is_smoke else ()), f"seed={seed}"]
        archwright("search", "--preset", "evolution", "--run", str(folder), *sets(settings))
    return folder


if __name__ == "__main__":
    main()

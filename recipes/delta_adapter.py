"""An adapter that writes edits, by two lessons: how a diff is written, and which changes helped.

    python recipes/delta_adapter.py FOLDER [--smoke] [--model smollm2-135m]

1. Form: a corpus of the seed networks and mutations of them, and from it `FOLDER/form`, taught to undo a random change
   of each of some 800 programs. Without it a small model does not learn to copy the lines that it changes. This is the
   adapter `edits` that ships.
2. What helps, an experiment: two studies of the control `evolution` on digits score the 36 seed networks twice, which
   says how large the noise is, and mutations of them; `archwright corpus build` keeps the pairs of relatives of which
   one is better beyond the noise; `FOLDER/adapter` goes on from `form` and is taught those. With 82 pairs its edits
   grew longer, and fewer of them valid (docs/benchmarks.md).

Five seconds of a core for each pair, some 80 minutes in all, and ten for the studies. A run that was killed goes on
where it was when the same command is given again. `--smoke` is a few small programs, to see that everything runs.
"""

import argparse
from pathlib import Path

from experiment import archwright, sets

STUDY = (
    *("task=digits", "data.validation_size=600", "loop.cycles=1", "loop.candidates=130", "loop.stop=false"),
    *("evolution.population=36", "evolution.sample=2", "evolution.batch=8"),
)
LESSON = ("loop.generator=delta", "tune.max_length=1024")
SMOKE_STUDY = ("data.train_size=256", "data.validation_size=200", "loop.candidates=52")
SMOKE_LESSON = ("tune.rank=2", "tune.max_length=2048")


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--model", default="smollm2-135m", help="a local one")
    parser.add_argument("--adapter", default="default", help="that the first lesson goes on from: default | none | DIR")
    options = parser.parse_args()
    folder, is_smoke = options.folder, options.smoke
    folder.mkdir(parents=True, exist_ok=True)
    mutations = ["--task", "digits", "--mutations", "0" if is_smoke else "24"]
    archwright("corpus", "build", "--from", "seeds", *mutations, "--out", str(folder / "programs"))
    lesson(folder / "programs", options.model, options.adapter, folder / "form", is_smoke=is_smoke)
    studies = [study(folder / f"study-{seed}", seed, is_smoke=is_smoke) for seed in (0, 1)]
    sources = [word for path in studies for word in ("--from", str(path))]
    archwright("corpus", "build", *sources, "--out", str(folder / "edits"))
    lesson(folder / "edits", options.model, str(folder / "form"), folder / "adapter", is_smoke=is_smoke)


def study(folder: Path, seed: int, *, is_smoke: bool) -> Path:
    """Begin a study of random changes or go on with it, and return its folder."""
    if (folder / "study.db").exists():
        archwright("resume", str(folder))
    else:
        settings = [*STUDY, *(SMOKE_STUDY if is_smoke else ()), f"seed={seed}"]
        archwright("search", "--preset", "evolution", "--run", str(folder), *sets(settings))
    return folder


def lesson(corpus: Path, model: str, adapter: str, out: Path, *, is_smoke: bool) -> None:
    """Teach the edits of a corpus to what `adapter` knows, or go on with it."""
    if (out / "card.json").exists():
        return
    if out.exists():
        archwright("tune", "--out", str(out), "--resume")
        return
    words = ["--preset", "small", "--task", "digits", "--llm", model, "--adapter", adapter, "--samples", "0"]
    settings = sets([*LESSON, *(SMOKE_LESSON if is_smoke else ())])
    archwright("tune", "--corpus", str(corpus), *words, *settings, "--out", str(out))


if __name__ == "__main__":
    main()

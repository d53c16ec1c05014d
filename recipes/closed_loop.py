"""Does the loop learn? Arms at equal numbers of candidates from the same start, compared by their rows.

    python recipes/closed_loop.py --smoke | --laptop | --full [--start weak|shipped] [--arm ARM]... [--seed N]...

smoke    minutes: two cycles of four candidates on digits, to see that everything runs.
laptop   about an hour of two cores for each arm and seed: the CIFAR-10 copy, 2,000 training and 2,000 validation
         images, 8 cycles of 48 candidates.
full     for a GPU: all of CIFAR-10, 22 cycles of 100 candidates.

The weak start is an adapter taught the seed networks and mutations of them, valid programs about whose scores it was
told nothing (27 minutes of one core, made once); `shipped` is the adapter of the package. The arm `delta` writes edits
in place of whole programs, so it starts from the adapter for edits that ships, which knows no scores either. Every
study lies in its own folder under `--folder`; a run that was killed goes on where it was when the same command is given
again, and `archwright compare FOLDER` shows what there is so far. Endpoints are in docs/log.md, written before the
first run.
"""

import sys
from pathlib import Path

from experiment import archwright, grid_parser, run_grid

SIZES = {
    "smoke": """
data.train_size = 128
data.validation_size = 128
loop.cycles = 2
loop.candidates = 4
loop.top_up = 2
llm.batch = 4
""",
    "laptop": """
task = "cifar10"
data.train_size = 2000
data.validation_size = 2000
loop.cycles = 8
loop.candidates = 48
loop.top_up = 12
llm.batch = 24
""",
    "full": """
task = "cifar10"
loop.cycles = 22
loop.candidates = 100
loop.top_up = 15
llm.batch = 100
""",
}
ARMS = """
[arms.learning]
[arms.frozen]
tune.enabled = false
[arms.evolution]
preset = "evolution"
[arms.random]
preset = "random"
[arms.delta]
loop.generator = "delta"
loop.parents = "score"
novelty.criterion = "canonical"
novelty.threshold = 0.995
llm.adapter = "edits"
llm.max_new_tokens = 320
llm.repair_rounds = 3
llm.repair_by = "redraw"
tune.max_length = 1280
[arms.no-novelty]
novelty.against = []
[arms.no-threshold]
loop.threshold = 0.0
[arms.taught-new]
novelty.against = ["cycle", "study", "corpus", "taught"]
[arms.rehearsed]
novelty.against = ["cycle", "study", "corpus", "taught"]
tune.replay = 24
tune.replay_from = "taught"
[arms.light-lessons]
tune.lr = 1e-4
tune.epochs = 1
tune.replay = 16
tune.cumulative = false
"""
"""`light-lessons` are those of the preset `laptop` until 2026-11-30."""
LESSONS = """
loop.stop = false
loop.threshold_first = true
loop.threshold_quantile = 0.75
loop.top_up_mean = true
novelty.criterion = "lexical"
novelty.against = ["cycle", "study", "corpus"]
llm.temperature = 0.8
tune.lr = 3e-4
tune.epochs = 2
tune.replay = "none"
tune.replay_from = "corpus"
tune.cumulative = true
sandbox.cache = true
"""
"""Chosen by the pilot (docs/log.md)."""


def main() -> None:
    """Make what is missing and compare the arms."""
    parser = grid_parser(__doc__, SIZES)
    parser.add_argument("--start", choices=["weak", "shipped"], default="weak")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0")
    parser.add_argument("--model", help="any `hf:` model in place of the embedded one; it starts bare")
    options = parser.parse_args()
    folder = options.folder or Path("runs") / f"closed-loop-{options.size}-{options.start}"
    if options.model:
        start = f'llm.model = "{options.model}"\nllm.adapter = "none"\n'
    elif options.start == "weak" and options.size != "smoke":
        start = f'llm.adapter = "{weak_adapter(folder.parent / "closed-loop-start")}"\n'
    else:
        start = ""
    sys.exit(run_grid(grid_text(options.size, options.seeds, start), folder, options))


def grid_text(size: str, seeds: int, start: str) -> str:
    """Return the grid of the experiment; `start` are the settings of the model that all arms start from but `delta`."""
    head = f'preset = "laptop"\nseeds = {list(range(seeds))}\nfinalists = 1\n[settings]'
    return f"{head}{SIZES[size]}{LESSONS}{start}{ARMS}"


def weak_adapter(folder: Path) -> Path:
    """Return the folder of the adapter that the arms start from, made where it is missing or not complete."""
    corpus, adapter = folder / "seeds4", folder / "from-seeds"
    if not (corpus / "corpus.db").exists():
        archwright("corpus", "build", "--from", "seeds", "--task", "digits", "--mutations", "4", "--out", str(corpus))
    if not (adapter / "card.json").exists():
        resume = ["--resume"] if adapter.exists() else []
        settings = ["--preset", "small", "--task", "digits", "--set", "tune.dual_task=false", "--samples", "0"]
        archwright("tune", "--corpus", str(corpus), *settings, "--out", str(adapter), *resume)
    return adapter.resolve()


if __name__ == "__main__":
    main()

"""What do widths alone bring? Ways to choose them at equal numbers of evaluations of one network, over seeds.

    python recipes/channels.py --smoke | --laptop | --full [--network NAME] [--arm ARM]... [--seed N]...
        [--models [--adapter DIR]]

smoke    minutes: two cycles of three candidates on digits.
laptop   about an hour of two cores: the CIFAR-10 copy, 2,000 training and 2,000 validation images, 2 cycles of 12
         candidates an arm and seed, three seeds.
full     for a GPU: all of CIFAR-100, 11 cycles of 20 candidates, the 220 of the paper (arXiv 2601.08517).

Arms: `parent` trains the network again and again, so its best is the luck of the draw that every gain is measured
against; `random`, `evolution` and `scaling` choose widths; `matched` is evolution at the parent's number of parameters
(within 5 %), so that a gain is not size. With `--models` also `vector` (a model answers with widths as JSON) and `code`
(a model writes the program, as published); the embedded model was taught neither, unless `--adapter` names what
`archwright tune` made of it (docs/how-to/channels.md). Every study lies in its own folder
under `--folder`; a run that was killed goes on where it was when the same command is given again, and
`archwright compare FOLDER` shows what there is so far.
"""

import json
import sys
from pathlib import Path

from experiment import grid_parser, run_grid

SIZES = {
    "smoke": """
data.train_size = 128
data.validation_size = 128
loop.cycles = 2
loop.candidates = 3
loop.top_up = 1
""",
    "laptop": """
task = "cifar10"
data.train_size = 2000
data.validation_size = 2000
loop.cycles = 2
loop.candidates = 12
loop.top_up = 3
""",
    "full": """
task = "cifar100"
budget.max_params = 0
loop.cycles = 11
loop.candidates = 20
loop.top_up = 5
""",
}
ARMS = """
[arms.parent]
channels.mode = "parent"
[arms.random]
channels.mode = "random"
[arms.evolution]
channels.mode = "evolution"
[arms.scaling]
channels.mode = "scaling"
[arms.matched]
channels.mode = "evolution"
channels.match = true
"""
MODELS = """
[arms.vector]
channels.mode = "vector"
llm.adapter = {adapter}
llm.temperature = 0.8
llm.repair_rounds = 3
llm.repair_by = "redraw"
[arms.code]
channels.mode = "code"
llm.adapter = {adapter}
llm.temperature = 0.8
llm.repair_rounds = 3
llm.repair_by = "redraw"
"""
"""At the preset's temperature of 0.2 the embedded model repeats the parent."""


def main() -> None:
    """Compare the arms."""
    parser = grid_parser(__doc__, SIZES)
    parser.add_argument("--network", default="plain_conv", help="seed network whose widths change")
    parser.add_argument("--models", action="store_true", help="also the arms that ask the language model")
    parser.add_argument("--adapter", default="default", help="of the model, a folder; by default the one that ships")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0")
    options = parser.parse_args()
    folder = options.folder or Path("runs") / f"channels-{options.size}"
    adapter = options.adapter if options.models else ""
    text = grid_text(options.size, options.seeds, options.network, adapter)
    sys.exit(run_grid(text, folder, options))


def grid_text(size: str, seeds: int, network: str, adapter: str) -> str:
    """Return the grid of the experiment; the arms that ask a model are in it where there is an `adapter` for it."""
    head = f'preset = "channels"\nseeds = {list(range(seeds))}\nfinalists = 1\n[settings]\n'
    common = f'channels.network = "{network}"\ntune.enabled = false\n'
    return f"{head}{SIZES[size]}{common}{ARMS}{MODELS.format(adapter=json.dumps(adapter)) if adapter else ''}"


if __name__ == "__main__":
    main()

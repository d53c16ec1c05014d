"""How many random augmentations is a proposed one worth? Our own sweep, and searches beside it at equal numbers.

    python recipes/transforms.py --smoke | --digits | --laptop | --full [--arm ARM]... [--seed N] [--minutes M]
        [--rows FILE] [--folder DIR]

smoke    a minute or two: a handful of augmentations on digits, to see that everything runs.
digits   8 x 8 digits, 900 training and 500 validation images, a small convolution: 200 random compositions, 40 by
         evolution, winners and baselines on three fresh seeds. Four minutes of a core.
laptop   the CIFAR-10 copy at 500 training and 2,000 validation images: 200 random compositions, 40 by evolution, 40 by
         the embedded model (shown the best, and taught worse -> better pairs of 40 random ones), winners and baselines
         on five fresh seeds. Half an hour of a core; the model's arm, which runs only when asked for, as much again.
full     for a GPU: all of CIFAR-10, five epochs, 1,000 random compositions (6,000 published) and 40 of each arm.

1. The sweep: random compositions of 1 to 3 of the 19 published operations, each trained once. From its scores follows
   E[best of m random], exactly. 2. Each arm proposes as many as it says; its best stands beside E[best of as many
   random]. 3. A best score is a maximum over noise: winners, RandAugment, TrivialAugment, flip + crop and no
   augmentation are trained again on seeds that no search has seen. Every study lies in its folder and every outcome in
   the cache: the same command goes on where it was killed.
"""

import json
import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from best_of import bootstrap_best, expected_best
from experiment import GOES_ON, run_study, size_parser

from archwright.analysis.intervals import t_interval, wilson
from archwright.archive import Archive
from archwright.candidate import Record
from archwright.configuring import load_config
from archwright.contracts.transform import TRANSFORM
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import run_jobs
from archwright.randomness import derive_seed
from archwright.starters.baselines import baselines
from archwright.transforms.writing import read_composition

COMMON = ("loop.top_up=0", "novelty.against=[]")
ARMS = {
    "random": ("loop.strategy=cycles", "loop.parents=none"),
    "evolution": ("evolution.population=12",),
    "model": (
        *("loop.strategy=cycles", "loop.generator=transforms", "loop.cycles=2", "transform.cold_cycles=1"),
        "tune.enabled=true",
    ),
}
"""Over the preset `transforms`; what the model's first cycle draws at random is not counted as proposed."""
CURVE = (1, 2, 5, 10, 20, 40, 50, 100, 200)


@dataclass(frozen=True)
class Size:
    """How much is done."""

    sweep: int
    proposals: int
    seeds: int
    settings: tuple[str, ...]


SIZES = {
    "smoke": Size(6, 3, 2, ("data.train_size=128", "data.validation_size=128", "transform.network=fast_resnet")),
    "digits": Size(200, 40, 3, ("data.train_size=900", "data.validation_size=500", "transform.network=plain_conv")),
    "laptop": Size(
        200,
        40,
        5,
        (
            *("task=cifar10", "data.train_size=500", "data.validation_size=2000"),
            *("transform.network=fast_resnet", "budget.epochs=2", "llm.batch=20"),
        ),
    ),
    "full": Size(1000, 40, 5, ("task=cifar10", "transform.network=fast_resnet", "budget.epochs=5", "llm.batch=40")),
}


def main() -> None:
    """Run the studies, confirm the winners and write the rows."""
    state_class_key()
    parser = size_parser(__doc__, SIZES)
    parser.add_argument("--arm", action="append", choices=[*ARMS], help="may be repeated; by default random, evolution")
    parser.add_argument("--seed", type=int, default=0, help="of the studies, and of what the winners are confirmed on")
    parser.add_argument("--folder", type=Path, help="of the studies; by default under runs/")
    parser.add_argument("--minutes", type=float, help=GOES_ON)
    parser.add_argument("--rows", type=Path, help="write the result to this file (JSON)")
    options = parser.parse_args()
    size = SIZES[options.size]
    folder = options.folder or Path("runs") / f"transforms-{options.size}-seed-{options.seed}"
    arms = dict.fromkeys(["random", *(options.arm or ["evolution"])])
    found = {}
    for arm in arms:
        run_study("transforms", folder / arm, settings_of(size, arm, options.seed), options.minutes)
        found[arm] = records_of(folder / arm, arm)
    result = {
        "command": f"python recipes/transforms.py --{options.size} --seed {options.seed}",
        "machine": {"cores": os.cpu_count(), "processor": platform.processor(), "system": platform.platform()},
        "settings": size.settings,
        **summary(found),
        "confirmed": list(confirmed(size, found, options.seed)),
        "search_cpu_s": round(sum(r.outcome.cpu_s for rs in found.values() for r in rs if r.outcome), 1),
    }
    text = json.dumps(result, indent=1)
    if options.rows:
        options.rows.write_text(text + "\n", "utf-8")
    print(text)


def settings_of(size: Size, arm: str, seed: int) -> list[str]:
    """Return the settings of a study of one arm, over the preset `transforms`."""
    count = size.sweep if arm == "random" else size.proposals
    common = ["transform.cold_cycles=0", *COMMON, *size.settings, "loop.cycles=1", f"loop.candidates={count}"]
    return [*common, "tune.enabled=false", *ARMS[arm], f"seed={seed}"]


def records_of(folder: Path, arm: str) -> list[Record]:
    """Return what a study proposed."""
    with Archive.open(folder, read_only=True) as archive:
        records = archive.records()
    cold = 1 if arm == "model" else 0
    return [record for record in records if record.candidate.key.cycle > cold]


def summary(found: dict[str, list[Record]]) -> dict[str, object]:
    """Return the random curve, and each arm's best beside the expected best of as many random ones."""
    random = scores(found["random"])
    curve = []
    for m in (m for m in CURVE if m <= len(random)):
        interval = bootstrap_best(random, m)
        curve.append({"m": m, "expected_best": expected_best(random, m), "low": interval.low, "high": interval.high})
    by_operations: dict[str, list[float]] = {}
    for record, score in zip(found["random"], random, strict=True):
        by_operations.setdefault(str(len(read_composition(record.program.source) or ())), []).append(score)
    means = {count: asdict(t_interval(values)) for count, values in sorted(by_operations.items())}
    arms: dict[str, object] = {}
    for arm, records in found.items():
        valid = [record for record in records if record.is_valid]
        share = wilson(len(valid), len(records))
        best = max(scores(records))
        arms[arm] = {
            "proposed": len(records),
            "valid": [len(valid), share.low, share.high],
            "best": best,
            "expected_best_of_as_many_random": expected_best(random, min(len(records), len(random))),
            "random_needed": next((m for m in range(1, len(random)) if expected_best(random, m) >= best), None),
        }
    return {"random_scores": sorted(random), "random_by_operations": means, "random_curve": curve, "arms": arms}


def scores(records: Sequence[Record]) -> list[float]:
    """Return the accuracy of each; one that failed counts as zero."""
    return [record.value(TRANSFORM.metric.name) or 0.0 for record in records]


def confirmed(size: Size, found: dict[str, list[Record]], seed: int) -> Iterator[dict[str, object]]:
    """Yield winners and baselines with their mean accuracy on fresh seeds, the same for all."""
    name = TRANSFORM.metric.name
    programs = {f"best of {arm}": max(records, key=lambda r: r.value(name) or 0.0) for arm, records in found.items()}
    entries = {label: record.program for label, record in programs.items()} | dict(baselines())
    config = load_config("transforms", settings_of(size, "random", seed))
    seeds = [derive_seed(config.seed, "confirm", number) for number in range(size.seeds)]
    jobs = [Job(number, program, seed) for number, program in enumerate(entries.values()) for seed in seeds]
    values: dict[int, dict[int, float]] = {}
    with closing(TRANSFORM.start(config, TRANSFORM.load(config))) as executor:
        for job, outcome in run_jobs(executor, jobs):
            values.setdefault(job.number, {})[job.seed] = outcome.value(name) or 0.0
    for number, (label, program) in enumerate(entries.items()):
        own = [values[number][seed] for seed in seeds]
        mean = t_interval(own)
        searched = programs[label].value(name) if label in programs else None
        row = {
            "name": label,
            "mean": mean.mean,
            "low": mean.low,
            "high": mean.high,
            "values": own,
            "in_search": searched,
        }
        yield row | ({"source": program.source} if label in programs else {})


if __name__ == "__main__":
    main()

"""Does a cheap ranking of networks say what a dear one would? Several seeds, several conditions.

    python recipes/rank_correlation.py proxy | transfer --smoke | --laptop [--run DIR] [--minutes M] [--out FILE]

proxy     one epoch against 5 and 20 on the CIFAR-10 copy: measured and predicted rank correlation (statement 6).
transfer  the same networks after one epoch on CIFAR-10, MNIST and Imagenette at 64 pixels.
--run     networks that the search in DIR found, in place of seed networks, from its best to its worst in even steps;
          `--out` is then a file in that folder.

smoke     minutes, on digits: to see that everything runs.
laptop    2,000 training and 2,000 validation images, 16 networks, 3 seeds (proxy: about an hour of one core).

Every training is one line of `--out` (JSON lines) as soon as it is done; the same command goes on from there.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from experiment import size_parser

from archwright import Budget, Task, evaluate
from archwright.analysis.summary import best_records
from archwright.analysis.text import percent
from archwright.analysis.theory.proxy import bootstrap_snr, measure, rank_correlation, variance_components
from archwright.archive import Archive
from archwright.contracts.network import ACCURACY
from archwright.evaluation.classes import state_class_key
from archwright.starters import load_seed_corpus
from archwright.starters.seed_networks import SeedNetwork
from archwright.task import DataOptions

SEED = 0
"""Of the bootstrap."""


@dataclass(frozen=True)
class Condition:
    """What networks are scored by."""

    task: str
    epochs: int = 1

    def __str__(self) -> str:
        return f"{self.task}, {self.epochs} epoch{'s' if self.epochs > 1 else ''}"


CONDITIONS: Mapping[str, Mapping[str, Sequence[Condition]]] = {
    "laptop": {
        "proxy": [Condition("cifar10", epochs) for epochs in (1, 5, 20)],
        "transfer": [Condition(task) for task in ("cifar10", "mnist", "imagenette")],
    },
    "smoke": {
        "proxy": [Condition("digits", epochs) for epochs in (1, 2)],
        "transfer": [Condition("digits")],
    },
}
"""The first of each is the cheap one that the others are compared with."""
SIZES = {"laptop": (16, 3, 2_000), "smoke": (6, 2, 128)}
"""Networks, seeds, images."""
Key = tuple[str, int, str, int]
"""Task, epochs, network, seed."""


def main() -> None:
    """Train what is missing and print the table."""
    parser = size_parser(__doc__, SIZES)
    parser.add_argument("study", choices=["proxy", "transfer"])
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="stop after so long; the same command goes on"
    )
    parser.add_argument("--run", type=Path, help="folder of the study whose networks are taken")
    parser.add_argument("--out", type=Path, help="by default under docs/results")
    options = parser.parse_args()
    state_class_key()
    out = options.out or (options.run or Path("docs/results")) / f"rank_correlation_{options.study}.jsonl"
    conditions, (number, seeds, images) = CONDITIONS[options.size][options.study], SIZES[options.size]
    networks = found_by(options.run, number) if options.run else load_seed_corpus()[::2][:number]
    train_missing(out, conditions, networks, range(seeds), images, options.minutes)
    print("\n".join(table(read(out), conditions)))


def found_by(folder: Path, number: int) -> list[SeedNetwork]:
    """Return networks of a study, best first, in even steps over all that were valid: the best alone would be alike."""
    with Archive.open(folder, read_only=True) as archive:
        ranked = best_records(archive.records(), None, ACCURACY)
    places = sorted({round(place * (len(ranked) - 1) / max(1, number - 1)) for place in range(number)})
    return [SeedNetwork(str(each.candidate.key), "", each.program) for each in map(ranked.__getitem__, places)]


def train_missing(
    out: Path,
    conditions: Sequence[Condition],
    networks: Sequence[SeedNetwork],
    seeds: Sequence[int],
    images: int,
    minutes: float,
) -> None:
    """Append a line for every training that `out` lacks, until the time is up; a seed of all networks comes first."""
    begun_s, done = time.monotonic(), read(out).keys()
    if out.exists() and not out.read_text("utf-8").endswith("\n"):
        with out.open("a", encoding="utf-8") as file:
            file.write("\n")
    for seed in seeds:
        for at in conditions:
            data = DataOptions(train_size=images, validation_size=images)
            task = Task(name=at.task, data=data, budget=Budget(epochs=at.epochs, wall_s=300.0 * at.epochs))
            for group in _groups([each for each in networks if (at.task, at.epochs, each.name, seed) not in done]):
                if time.monotonic() - begun_s > 60 * minutes:
                    return
                outcomes = evaluate([each.program for each in group], task, seeds=[seed])
                with out.open("a", encoding="utf-8") as file:
                    for network, (_, outcome) in zip(group, outcomes, strict=True):
                        row = {**asdict(at), "network": network.name, "seed": seed, "score": outcome.value("accuracy")}
                        file.write(json.dumps(row) + "\n")


def _groups(networks: Sequence[SeedNetwork], of: int = 8) -> Iterator[Sequence[SeedNetwork]]:
    for first in range(0, len(networks), of):
        yield networks[first : first + of]


def read(out: Path) -> dict[Key, float | None]:
    """Return the score of every training so far; a line that a killed run left half written is none."""
    found: dict[Key, float | None] = {}
    for line in out.read_text("utf-8").splitlines() if out.exists() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        found[row["task"], row["epochs"], row["network"], row["seed"]] = row["score"]
    return found


def table(rows: Mapping[Key, float | None], conditions: Sequence[Condition]) -> list[str]:
    """Return one line per condition: mean score, signal over noise, and the rank correlation with the first one."""
    by_network: dict[Condition, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (task, epochs, network, _), score in sorted(rows.items()):
        if score is not None:
            by_network[Condition(task, epochs)][network].append(score)
    cheap = by_network[conditions[0]]
    lines = [
        "| condition | networks | mean | SNR of one seed | predicted | measured, one seed of the cheap one | means |",
        "|:--|--:|--:|--:|--:|--:|--:|",
    ]
    components = variance_components(list(cheap.values()))
    predicted = None if components is None else rank_correlation(components.snr)
    for at in conditions:
        mine = by_network[at]
        both = sorted(mine.keys() & cheap.keys())
        if len(both) < 3:
            continue
        own = variance_components(list(mine.values()))
        within = bootstrap_snr(list(mine.values()), SEED)
        truth = [fmean(mine[name]) for name in both]
        one = measure([cheap[name][0] for name in both], truth, [], SEED) if at != conditions[0] else None
        means = measure([fmean(cheap[name]) for name in both], truth, [], SEED) if at != conditions[0] else None
        guess = "–" if predicted is None or at == conditions[0] else f"{predicted:.2f}"
        snr = "–" if own is None else f"{own.snr:.1f}" + (f" [{within.low:.1f}, {within.high:.1f}]" if within else "")
        lines.append(
            f"| {at} | {len(both)} | {percent(fmean(truth))} | {snr} | {guess} | {_shown(one)} | {_shown(means)} |"
        )
    return lines


def _shown(found: object) -> str:
    rho, interval = getattr(found, "rho", None), getattr(found, "interval", None)
    if rho is None:
        return "–"
    return f"{rho:.2f}" + (f" [{interval.low:.2f}, {interval.high:.2f}]" if interval is not None else "")


if __name__ == "__main__":
    main()

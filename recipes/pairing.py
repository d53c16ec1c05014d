"""Which loss goes with which optimizer? Every pair on several networks and data sets, ranked (arXiv 2606.20933).

    python recipes/pairing.py --smoke | --laptop | --full [--rates] [--task TASK]... [--minutes M] [--rows FILE]

smoke    a minute: 2 networks x 18 pairs on 256 digits, to see that everything runs.
laptop   an hour or two of one core: 6 networks x 18 pairs x 2 seeds on digits and 2,000 images of CIFAR-10.
full     for a GPU: 33 networks x 18 pairs (594 variants) x 3 seeds, 6 data sets.

One epoch each at the rate of the paper's family (lr .01, momentum .9, batch 64); with `--rates` at each of five rates,
and every pair counts by its best one. NLL of log-softmax is cross-entropy to the last bit, which is checked first: what
the two differ by, trained with different seeds, is the noise of a training, for nothing. Each data set is a study of
its own under `--folder`; a run that was killed goes on where it was when the same command is given again.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from experiment import GOES_ON, run_study, size_parser

from archwright import Program, Task, evaluate
from archwright.analysis.report.designs import scores_by_block
from archwright.archive import Archive
from archwright.configuring import build_config
from archwright.contracts.network import ACCURACY, NETWORK
from archwright.designs import Design, designed
from archwright.designs.coverage import coverage_of
from archwright.designs.design import REPEAT
from archwright.designs.diagram import critical_difference_svg
from archwright.designs.ranks import Levels, rank, regret, shares
from archwright.evaluation.classes import state_class_key
from archwright.programs.injection import inject
from archwright.starters import load_seed_corpus

NETWORKS = ("fast_resnet", "separable", "squeezenet", "convnext", "vit", "mlp_mixer")
RATES = (1e-4, 1e-3, 1e-2, 1e-1, 3e-2)
PAPER = ("digits", "cifar10", "cifar100", "mnist", "svhn", "imagenette")
SIZES = {
    "smoke": (("digits",), NETWORKS[:2], ["data.train_size=256", "loop.candidates=36"]),
    "laptop": (("digits", "cifar10"), NETWORKS, ["sweep.repeats=2", "loop.candidates=216"]),
    "full": (
        PAPER,
        tuple(network.name for network in load_seed_corpus()[:33]),
        ["sweep.repeats=3", "loop.candidates=1782"],
    ),
}
SMALL = {"laptop": {"cifar10": ["data.train_size=2000", "data.validation_size=1000"]}}


def main() -> None:
    """Run what is missing, and rank."""
    parser = size_parser(__doc__, SIZES)
    parser.add_argument("--rates", action="store_true", help="at each of five rates instead of one")
    parser.add_argument("--task", action="append", default=[], help="only this data set; may be repeated")
    parser.add_argument("--folder", type=Path, help="of the studies; by default under runs/")
    parser.add_argument("--minutes", type=float, help=GOES_ON)
    parser.add_argument("--rows", type=Path, help="write the findings to this file (JSON), the diagram beside it (SVG)")
    options = parser.parse_args()
    tasks, networks, settings = SIZES[options.size]
    tasks = tuple(options.task) or tasks
    folder = options.folder or Path("runs") / f"pairing-{options.size}{'-rates' if options.rates else ''}"
    folder.mkdir(parents=True, exist_ok=True)
    same = is_same_to_the_bit(tasks[0])
    print(f"NLL is cross-entropy to the bit on {tasks[0]}: {same}")
    for task in tasks:
        given = [f"task={task}", f"pairing.networks={json.dumps(networks)}", *settings]
        given += SMALL.get(options.size, {}).get(task, [])
        if options.rates:
            given += [f"sweep.recipe={{lr = {list(RATES)}}}", f"loop.cycles={len(RATES)}"]
        run_study("pairing", folder / task, given, options.minutes)
    findings = {"nll_is_ce_to_the_bit": same, **findings_of([folder / task for task in tasks])}
    if options.rows:
        options.rows.write_text(json.dumps(findings, indent=1) + "\n", "utf-8")
        if findings["diagram"]:
            options.rows.with_suffix(".svg").write_text(str(findings.pop("diagram")), "utf-8")
    show(findings)


def is_same_to_the_bit(task: str) -> bool:
    """Return whether a network trained with NLL predicts and loses exactly what one trained with CE does."""
    source = load_seed_corpus()[0].program.source
    found = []
    for loss in ("CE", "NLL"):
        program = Program(inject(source, loss, "Adam").source)
        ((_, outcome),) = evaluate(program, Task(name=task, data={"train_size": 512}), seeds=[0])
        found.append(outcome.scores.values if outcome.scores else None)
    if found[0] is None or found[0] != found[1]:
        raise AssertionError(f"NLL is not cross-entropy: {found}")
    return True


def findings_of(folders: Sequence[Path]) -> dict[str, object]:
    """Return ranks, regret, shares of variance and noise over all studies; blocks are data set and network."""
    table: dict[Levels, dict[Levels, float]] = {}
    noise, coverage, tasks = [], {}, {}
    for folder in folders:
        with Archive.open(folder, read_only=True) as archive:
            config, records = build_config(archive.config), archive.records()
        design = designed(config, NETWORK.starters())
        assert design is not None
        scores = {block: best_rates(row, design) for block, row in scores_by_block(design, records, ACCURACY).items()}
        table |= {(config.task, *block): row for block, row in scores.items()}
        repeats = len(design.factors[REPEAT])
        noise += [difference * repeats**0.5 for difference in noise_of(scores)]
        coverage[config.task] = coverage_of(design, records).as_json()
        tasks[config.task] = ranks_of(scores)
    names = ("loss", "optimizer")
    ranking = rank(table)
    return {
        "networks_and_data_sets": len(table),
        "ranking": asdict(ranking) if ranking else None,
        "groups": ranking.groups if ranking else [],
        "regret": asdict(lost) if (lost := regret(table)) else None,
        "variance": [asdict(share) for share in shares(table, names)],
        "noise": {
            "differences": len(noise),
            "sd_of_one_training": float(np.mean(np.square(noise)) / 2) ** 0.5 if noise else None,
        },
        "by_task": tasks,
        "coverage": coverage,
        "diagram": critical_difference_svg(ranking) if ranking else "",
    }


def best_rates(row: dict[Levels, float], design: Design) -> dict[Levels, float]:
    """Return the score of every pair, at its best rate where there are several."""
    best: dict[Levels, float] = {}
    for treatment, score in row.items():
        pair = tuple(dict(zip(design.treatments, treatment, strict=True))[name] for name in ("loss", "optimizer"))
        best[pair] = max(score, best.get(pair, 0.0))
    return best


def noise_of(scores: dict[Levels, dict[Levels, float]]) -> list[float]:
    """Return what CE and NLL, the same loss with different seeds, differ by."""
    rows = list(scores.values())
    optimizers = {optimizer for row in rows for _, optimizer in row}
    pairs = [(row.get(("CE", each)), row.get(("NLL", each))) for row in rows for each in sorted(map(str, optimizers))]
    return [ce - nll for ce, nll in pairs if ce is not None and nll is not None]


def ranks_of(scores: dict[Levels, dict[Levels, float]]) -> list[dict[str, object]]:
    """Return the ranks on one data set."""
    ranking = rank(scores)
    return [asdict(one) for one in ranking.ranked] if ranking else []


def show(findings: dict[str, object]) -> None:
    """Print the table of ranks and what follows from it."""
    print(json.dumps({name: findings[name] for name in ("regret", "noise", "groups")}, indent=1))
    for one in (findings["ranking"] or {"ranked": []})["ranked"]:
        print(f"{' x '.join(one['treatment']):<18} {one['rank']:6.2f}  {100 * one['score']:5.1f} %")


if __name__ == "__main__":
    state_class_key()
    main()

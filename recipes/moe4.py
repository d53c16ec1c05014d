"""Do four networks behind a gate beat one? MoE4 (arXiv 2606.23739) from balanced decks, beside its baselines.

    python recipes/moe4.py --smoke | --laptop | --full [--seed N] [--wheel W] [--folder DIR] [--minutes M] [--rows FILE]

smoke    minutes: 4 assemblies of two families on 256 digits, to see that everything runs.
laptop   half an hour of one core: 36 assemblies of nine small seed networks on digits.
full     for a GPU: 300 assemblies of all seed networks on CIFAR-10.

First the coverage of 100 candidates, which needs no training: our deck beside the paper's alphabetical order, over the
seed networks and, where the LEMUR wheel is given, over the families of the paper that are in it, each assembly then
written and checked. Then the study, additive effects of the families, and the best assembly on fresh seeds beside the
uniform average of the same experts and beside each of them alone, widened until it has as many parameters (within
5 %) and trained the same way; all with the same seeds. A run that was killed goes on where it was.
"""

import ast
import itertools
import json
import zipfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from experiment import run_study, size_parser

from archwright import Program, Task, evaluate
from archwright.analysis.intervals import t_interval
from archwright.analysis.report.designs import scored_cells
from archwright.archive import Archive
from archwright.configuring import build_config
from archwright.contracts import check_source
from archwright.contracts.form import find_net
from archwright.contracts.network import ACCURACY, NETWORK
from archwright.designs import Design, designed
from archwright.designs.coverage import coverage_of, spreads
from archwright.designs.deck import alphabetical, balanced_deck
from archwright.designs.effects import additive_effects
from archwright.evaluation.classes import state_class_key
from archwright.programs.formatting import format_tree
from archwright.programs.mixture import assemble
from archwright.starters import load_seed_corpus
from archwright.task import DataSpec

SIZES: dict[str, list[str]] = {
    "smoke": ["moe4.experts=2", "loop.candidates=4", "data.train_size=256"],
    "laptop": ["loop.candidates=36"],
    "full": ["task=cifar10", "moe4.families=[]", "loop.candidates=300"],
}
FRESH_SEEDS = {"smoke": [1001], "laptop": [1001, 1002, 1003], "full": [1001, 1002, 1003]}
COUNTED = 100
LEMUR = """
AirNet AirNext AlexNet BagNet BayesianNet-1 ComplexNet ConvNeXt DPN107 DPN131 DPN68 DarkNet DenseNet Diffuser
EfficientNet FractalNet GoogLeNet ICNet InceptionV3-1 MNASNet MaxVit MobileNetV2 MobileNetV3 RegNet ResNet
ShuffleNet SqueezeNet-1 SqueezeNet-2 SwinTransformer UNet2D VGG VisionTransformer
"""
"""Family names in published assemblies: 31, of which the paper counts 29."""


def main() -> None:
    """Count, run what is missing, and compare."""
    parser = size_parser(__doc__, SIZES)
    parser.add_argument("--seed", type=int, default=0, help="of the study: its deck, its starts and its batches")
    parser.add_argument("--wheel", type=Path, help="nn_dataset-2.1.2-py3-none-any.whl")
    parser.add_argument("--folder", type=Path, help="of the study; by default under runs/")
    parser.add_argument("--minutes", type=float, help="stop the study cleanly after so long; the same command goes on")
    parser.add_argument("--rows", type=Path, help="write the findings to this file (JSON)")
    options = parser.parse_args()
    folder = options.folder or Path("runs") / f"moe4-{options.size}-seed-{options.seed}"
    families = {network.name: network.program.source for network in load_seed_corpus()}
    findings: dict[str, Any] = {"coverage": {"seed networks": counted(list(families))}}
    if options.wheel:
        lemur = read_families(options.wheel)
        findings["coverage"]["LEMUR"] = counted(list(lemur))
        findings["sound"] = sound(lemur)
    run_study("moe4", folder, [*SIZES[options.size], f"seed={options.seed}"], options.minutes)
    for found in findings_of(folder, FRESH_SEEDS[options.size]):
        findings |= found
        if options.rows:
            options.rows.write_text(json.dumps(findings, indent=1) + "\n", "utf-8")
    print(json.dumps(findings, indent=1))


def counted(families: Sequence[str]) -> dict[str, object]:
    """Return how even the first hundred assemblies of four are, dealt from a deck and in the published order."""
    orders = {"deck": balanced_deck(families, 4, seed=0), "alphabetical": alphabetical(families, 4)}
    found = {}
    for name, order in orders.items():
        cells = [{"experts": list(four)} for four in itertools.islice(order, COUNTED)]
        found[name] = [asdict(spread) for spread in spreads(Design({"experts": tuple(families)}, []), cells)]
    return found


def read_families(wheel: Path) -> dict[str, str]:
    """Return family -> source from the LEMUR wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(f"ab/nn/nn/{name}.py").decode("utf-8") for name in LEMUR.split()}


def sound(families: dict[str, str]) -> dict[str, object]:
    """Return how many of a hundred assemblies of `families` pass every static check."""
    dealt = itertools.islice(balanced_deck(list(families), 4, seed=0), COUNTED)
    failures = []
    for four in dealt:
        source = assemble([families[name] for name in four])
        failures += [[*four, finding.message] for finding in check_source(source, with_policy=True)[:1]]
    return {"assemblies": COUNTED, "sound": COUNTED - len(failures), "failures": failures[:5]}


def findings_of(folder: Path, seeds: Sequence[int]) -> Iterator[dict[str, object]]:
    """Yield coverage and effects of a study, then its best assembly and each baseline on fresh seeds as they come."""
    with Archive.open(folder, read_only=True) as archive:
        config, records = build_config(archive.config), archive.records()
    design = designed(config, NETWORK.starters())
    assert design is not None
    scored = scored_cells(design, records, ACCURACY)
    best, value = max(scored, key=lambda pair: pair[1])
    families = list(map(str, best["experts"]))  # type: ignore[arg-type]
    task, spec = config.as_task(), NETWORK.spec(config)
    sources = {network.name: network.program.source for network in load_seed_corpus()}
    mixture = assemble([sources[name] for name in families])
    params = parameters(mixture, spec)
    contenders = {
        "learned gate": mixture,
        "uniform average": assemble([sources[name] for name in families], is_gated=False),
        **{f"{name} alone": assemble([widened(sources[name], spec, params)]) for name in families},
    }
    yield {
        "study": coverage_of(design, records).as_json(),
        "effects": [asdict(effect) for effect in additive_effects(design.factors, scored, config.seed)],
        "best": {"families": families, "in_the_study": value, "seeds": list(seeds)},
    }
    scores: dict[str, object] = {}
    for name, source in contenders.items():
        scores[name] = fresh(source, task, seeds)
        yield {"fresh": scores}


def fresh(source: str, task: Task, seeds: Sequence[int]) -> dict[str, object]:
    """Return what a program scores with each of `seeds`."""
    outcomes = [outcome for _, outcome in evaluate(Program(source), task, seeds=list(seeds))]
    values = [outcome.value(ACCURACY.name) or 0.0 for outcome in outcomes]
    mean = t_interval(values)
    return {"params": outcomes[0].params, "values": values, "mean": mean.mean, "low": mean.low, "high": mean.high}


def widened(source: str, spec: DataSpec, params: int) -> str:
    """Return the seed network with its widths scaled so that it has as nearly `params` parameters as it can."""
    factors = [factor / 50 for factor in range(25, 400)]
    place = bisect_left(factors, params, key=lambda factor: parameters(scaled(source, factor), spec))
    near = [scaled(source, factor) for factor in factors[max(0, place - 1) : place + 1]]
    return min(near, key=lambda text: abs(parameters(text, spec) - params))


def parameters(source: str, spec: DataSpec) -> int:
    """Return how many parameters one of our own networks has."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)  # a seed network: nothing that a stranger wrote
    with torch.device("meta"):
        net = namespace["Net"]((2, *spec.image_shape), (spec.classes,), {"dropout": 0.2}, torch.device("meta"))
    return sum(parameter.numel() for parameter in net.parameters())


def scaled(source: str, factor: float) -> str:
    """Return a network with the widths that are named at the top of its `Net` times `factor`, in steps of 8."""
    tree = ast.parse(source)
    net = find_net(tree)
    assert net is not None
    made = next(node for node in net.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    for statement in made.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant | ast.Tuple):
            for node in ast.walk(statement.value):
                if isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value >= 16:
                    node.value = max(8, round(node.value * factor / 8) * 8)
    return format_tree(tree)


if __name__ == "__main__":
    state_class_key()
    main()

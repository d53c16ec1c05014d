"""How well cells come back from their codes: the published autoencoder, ours, and what stands between them.

    python benchmarks/cells_autoencoder.py nasbench101 [--arms published default] [--seeds 0 1 2] [--epochs N]

The arms change one choice after the other from the published configuration to the default. A run that was killed goes
on at its checkpoint, a minute old at most; complete ones are not trained again, and a prior can be trained over them
(`archwright cells train --autoencoder FOLDER/.../seed-0`). Exact: all operations and edges of a held-out cell, pooled
over seeds, with Wilson's interval at 95 %. Operations and edges: right ones among all places, as arch2vec prints.

Before the table stands what no training can pass: with the published encoder, vertices that colour refinement over
undirected edges does not tell apart have one code, and the product decoder connects any two vertices of one code.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch

from archwright.analysis.intervals import wilson
from archwright.archive.environment import describe_environment
from archwright.cells import SPACES
from archwright.cells.arrays import PADDING, CellArrays
from archwright.cells.autoencoder.config import PUBLISHED
from archwright.cells.autoencoder.network import LAYERS
from archwright.cells.autoencoder.training import EpochReport
from archwright.cells.metrics import measure_reconstruction
from archwright.cells.run import REQUEST, CellConfig, CellRun
from archwright.configuring import configure
from archwright.evaluation.classes import state_class_key

ARMS: Mapping[str, Mapping[str, object]] = {
    "published": PUBLISHED,
    "averaged codes": PUBLISHED | {"codebook": "average"},
    "and falling rate": PUBLISHED | {"codebook": "average", "schedule": "cosine"},
    "and positions": {"decoder": "product", "readout": "last"},
    "and all layers": {"decoder": "product"},
    "default": {},
    "default without positions": {"positions": False},
}


def main() -> None:
    """Train what is missing, print the table and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("space", choices=SPACES)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--folder", type=Path, default=Path("runs/cells_autoencoder"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    result = {
        "options": {name: getattr(options, name) for name in ("space", "arms", "seeds", "epochs", "batch", "threads")},
        "environment": describe_environment(),
        "limit": product_limit(SPACES[options.space].enumerate_cells()),
        "arms": {arm: [_measure(arm, seed, options) for seed in options.seeds] for arm in options.arms},
    }
    print(_table(result))
    if options.out:
        options.out.write_text(json.dumps(result, indent=1), "utf-8")


def product_limit(cells: CellArrays) -> float:
    """Return the share of `cells` without two unconnected vertices that the published encoder gives one code."""
    is_there_nv = cells.operations_nv != PADDING
    undirected_nvv = (cells.adjacency_nvv | cells.adjacency_nvv.transpose(0, 2, 1)).astype(np.int64)
    colours_nv = cells.operations_nv.astype(np.int64) - PADDING
    random = np.random.default_rng(0)
    for _ in range(LAYERS):
        # Sums of random numbers of 62 bits stand for multisets of colours.
        marks = random.integers(1 << 62, size=colours_nv.max() + 1)
        keys_nv = np.einsum("nab,nb->na", undirected_nvv, marks[colours_nv]) * 3 + marks[colours_nv]
        colours_nv = np.unique(keys_nv, return_inverse=True)[1].reshape(keys_nv.shape)
    is_pair_nvv = is_there_nv[:, :, None] & np.triu(np.ones(undirected_nvv.shape[1:], bool), 1)
    is_same_nvv = colours_nv[:, :, None] == colours_nv[:, None]
    return 1 - float((is_pair_nvv & is_same_nvv & (undirected_nvv == 0)).any((1, 2)).mean())


def _measure(arm: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Return what the arm reached with this seed."""
    folder = folder_of(options.folder, options.space, options.epochs, options.batch, arm, seed)
    if (folder / REQUEST).exists():
        run = CellRun.open(folder)
    else:
        sizes = {"epochs": options.epochs, "batch": options.batch}
        run = CellRun.begin(folder, options.space, seed, configure(CellConfig, {"autoencoder": ARMS[arm] | sizes}))
    autoencoder = run.train_autoencoder(
        on_epoch=lambda epoch: print(f"{arm}, seed {seed}: {_words(epoch)}", file=sys.stderr, flush=True)
    )
    held_out = run.split().held_out
    found = measure_reconstruction(held_out, autoencoder.decode(autoencoder.encode(held_out)))
    config = run.config.autoencoder.model_dump()
    return {"config": config, **asdict(found), "epochs": [asdict(epoch) for epoch in run.epochs]}


def folder_of(root: Path, space: str, epochs: int, batch: int, arm: str, seed: int) -> Path:
    """Return where the models of an arm are."""
    return root / f"{space}-{epochs}x{batch}" / arm.replace(" ", "-") / f"seed-{seed}"


def _words(epoch: EpochReport) -> str:
    return (
        f"epoch {epoch.epoch}, loss {epoch.reconstruction_loss:.3f} + {epoch.quantiser_loss:.3f}, "
        f"{100 * epoch.exact:.2f} % exact, {epoch.codes} codes, {epoch.cpu_s:.1f} CPU s"
    )


def _table(result: Mapping[str, Any]) -> str:
    lines = [
        f"The published encoder and decoder bring back at most {100 * result['limit']:.2f} % of the space exactly.\n",
        "| | exact, % | operations, % | edges, % | codes | CPU s an epoch |",
        "|---|---|---|---|---|---|",
    ]
    for arm, runs in result["arms"].items():
        cells = sum(run["cells"] for run in runs)
        exact = sum(round(run["cells"] * run["exact"]) for run in runs)
        interval = wilson(exact, cells)
        shares = [100 * fmean(run[name] for run in runs) for name in ("operations", "edges")]
        seconds = fmean(epoch["cpu_s"] for run in runs for epoch in run["epochs"])
        codes = " ".join(str(run["epochs"][-1]["codes"]) for run in runs)
        lines.append(
            f"| {arm} | {100 * exact / cells:.2f} [{100 * interval.low:.2f}, {100 * interval.high:.2f}] "
            f"| {shares[0]:.3f} | {shares[1]:.3f} | {codes} | {seconds:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    state_class_key()
    main()

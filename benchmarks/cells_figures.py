"""Figures 2 and 3 of the Arch-LLM paper, from our own samples."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from archwright.cells.metrics import Generated
from archwright.cells.priors.prior import BLANK, Codes

METRICS = {"validity": "Validity", "absolute_uniqueness": "Absolute uniqueness", "absolute_novelty": "Absolute novelty"}
STYLES = {"strict": "-", "lenient": "--"}
INCH = 25.4
"""Millimetres."""


def draw_temperatures(measured: Mapping[str, Mapping[float, Sequence[Generated]]], path: Path, title: str) -> None:
    """Draw how the metrics vary with the temperature (figure 2): mean and range over the samples at each.

    `measured` has samples by temperature, by what they were counted as: strict or lenient. The kind of the file
    follows from the name of `path`.
    """
    figure = Figure(figsize=(170 / INCH, 95 / INCH), layout="constrained")
    axes = figure.add_subplot()
    for number, (name, label) in enumerate(METRICS.items()):
        for counted, by_temperature in measured.items():
            temperatures = sorted(by_temperature)
            shares_ts = [[100 * getattr(one, name) for one in by_temperature[t]] for t in temperatures]
            means_t = [float(np.mean(shares)) for shares in shares_ts]
            style, colour = STYLES[counted], f"C{number}"
            axes.plot(temperatures, means_t, style, color=colour, marker=".", label=f"{label}, {counted}")
            axes.fill_between(
                temperatures, [min(s) for s in shares_ts], [max(s) for s in shares_ts], color=colour, alpha=0.15, lw=0
            )
    axes.set(title=title, xlabel="temperature", ylabel="% of samples", ylim=(0, 101))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, ncols=len(METRICS))
    figure.savefig(path)


def draw_positions(training_nv: Codes, novel_mv: Codes, codes: int, path: Path, title: str) -> None:
    """Draw how often each code stands at each place (figure 3): above in training sequences, below in novel ones."""
    training_vk, novel_vk = code_shares(training_nv, codes), code_shares(novel_mv, codes)
    vertices = len(training_vk)
    figure = Figure(figsize=(170 / INCH, 18 * vertices / INCH), layout="constrained")
    figure.suptitle(title, fontsize=9)
    for place in range(vertices):
        axes = figure.add_subplot(vertices, 1, place + 1)
        rows_2k = np.stack([training_vk[place], novel_vk[place]])
        # The square root, so that codes a thousand times rarer than the commonest are still seen.
        image = axes.imshow(np.sqrt(rows_2k), aspect="auto", interpolation="nearest", cmap="viridis")
        axes.set_yticks([0, 1], ["training", "novel"], fontsize=6)
        axes.set_ylabel(f"place {place}", fontsize=6)
        axes.tick_params(axis="x", labelsize=6, labelbottom=place == vertices - 1)
        figure.colorbar(image, ax=axes, label="√ share").ax.tick_params(labelsize=6)
    figure.axes[-2].set_xlabel("code", fontsize=7)
    figure.savefig(path)


def code_shares(codes_nv: Codes, codes: int) -> NDArray[np.float64]:
    """Return the share of the whole sequences that have each code at each place, (V, K); zeros when there are none."""
    whole_mv = codes_nv[(codes_nv != BLANK).all(1)]
    shares_vk = np.zeros((codes_nv.shape[1], codes))
    for place, column_m in enumerate(whole_mv.T):
        shares_vk[place] = np.bincount(column_m, minlength=codes) / max(1, len(whole_mv))
    return shares_vk

"""Statements 4 to 6: validity by edited places, novelty against collapse, and the noise of the proxy."""

from itertools import combinations, pairwise
from math import comb

import numpy as np
from laboratory_families import (
    FAMILIES,
    Flags,
    Probabilities,
    elite_probability,
    factorised,
    full_softmax,
)
from laboratory_space import (
    CANDIDATES,
    CYCLES,
    Figures,
    Finding,
    Space,
    by_structure,
    effective,
    mean_of,
    sampled_run,
    shown,
)
from numpy.typing import NDArray

from archwright.analysis.theory.proxy import rank_correlation, snr_of_ranks, spearman

RATIOS = (0.356, 0.743, 6.63)
"""Those of the published rank correlations .495, .635 and .926."""


def try_lines(space: Space) -> Finding:
    """Statement 4: V(L) = pi_0 lambda^(L - 1), so fewer edited places mean more valid programs.

    Valid is the elite here, which few cells are (97.8 % have a path); an edit draws operations of an elite cell anew.
    """
    taught = space.is_elite / space.is_elite.sum()
    writers = {"uniform": space.uniform, "taught, factorised": factorised(taught)}
    figures: Figures = {}
    for name, writer in writers.items():
        validity = [edited_validity(space.is_elite, writer, places) for places in range(1, space.q.ndim + 1)]
        step = validity[1] / validity[0]
        figures[name] = {
            "validity_by_places": validity,
            "lambda_by_step": [later / earlier for earlier, later in pairwise(validity)],
            "predicted_ratio": float(step ** (1 - space.q.ndim)),
            "ratio": validity[0] / validity[-1],
        }
    figures["taught, full softmax"] = {"validity_of_whole_programs": elite_probability(taught, space.is_elite)}
    uniform, learned = figures["uniform"], figures["taught, factorised"]
    return Finding(
        "4: V(L) = pi_0 lambda^(L - 1); a delta is valid more often than a whole program",
        "holds when corrected",
        f"direction: one place edited {uniform['validity_by_places'][0]:.3f}, all {space.q.ndim} "
        f"{uniform['validity_by_places'][-1]:.3f}. Not with one lambda: that of the first step predicts a ratio of "
        f"{uniform['predicted_ratio']:.2f}, true is {uniform['ratio']:.2f} (uniform writer; taught: "
        f"{learned['predicted_ratio']:.2f}, {learned['ratio']:.2f}), since lambda is "
        f"{uniform['lambda_by_step'][0]:.3f} first, {uniform['lambda_by_step'][-1]:.3f} last. The direction fails for "
        "a writer that holds the joint distribution: whole programs 1.000, one place drawn from its marginals "
        f"{learned['validity_by_places'][0]:.3f}",
        figures,
    )


def edited_validity(is_valid: Flags, writer: Probabilities, places: int) -> float:
    """Return the probability that a valid program is valid with `places` random choices drawn anew by the writer."""
    axes = range(is_valid.ndim)
    marginals = [writer.sum(tuple(other for other in axes if other != axis), keepdims=True) for axis in axes]
    total = 0.0
    for chosen in combinations(axes, places):
        p: Probabilities = is_valid / is_valid.sum()
        for axis in chosen:
            p = p.sum(axis, keepdims=True) * marginals[axis]
        total += float(p[is_valid].sum())
    return total / comb(is_valid.ndim, places)


def try_novelty(space: Space, seeds: int) -> Finding:
    """Statement 5: a corpus without near-duplicates keeps the writer from a point mass."""
    names, counts = np.unique(space.structure[space.is_elite], return_counts=True)
    largest = names[counts.argmax()]
    copies = (space.structure == largest) & space.is_elite
    corpus = copies / copies.sum()
    cells = np.argwhere(copies)
    shared = [(first == second).sum() for first, second in combinations(cells, 2)]
    slots = space.q.ndim
    nearest = max(same / (2 * slots - same) for same in shared) if shared else 0.0
    figures: Figures = {
        "one architecture": {
            "texts": len(cells),
            "largest_similarity": float(nearest),
            "largest_probability_of_a_text": float(full_softmax(corpus).max()),
            "effective_texts": effective(corpus),
            "effective_architectures": effective(by_structure(space, corpus)),
        }
    }
    texts = np.arange(space.q.size).reshape(space.q.shape)
    lessons = {
        "every elite": (None, False),
        "each text once": (texts, False),
        "each structure once": (space.structure, False),
        "all structures so far": (space.structure, True),
    }
    for name, family in FAMILIES.items():
        for taught, (once, is_cumulative) in lessons.items():
            ends = [
                list(sampled_run(space, family, np.random.default_rng(seed), once=once, is_cumulative=is_cumulative))[
                    -1
                ]
                for seed in range(seeds)
            ]
            figures[f"{name}, {taught}"] = {
                "largest_probability_of_an_architecture": mean_of([by_structure(space, p).max() for p in ends]),
                "effective_architectures": mean_of([effective(by_structure(space, p)) for p in ends]),
                "elite": mean_of([elite_probability(p, space.is_elite) for p in ends]),
                "mean": mean_of([space.mean(p) for p in ends]),
            }
    one = figures["one architecture"]
    ends_of = ", ".join(
        f"{name} " + " / ".join(shown(figures[f"{name}, {taught}"]["effective_architectures"], 1) for taught in lessons)
        for name in FAMILIES
    )
    return Finding(
        "5: a corpus without near-duplicates keeps the writer from a point mass",
        "holds when corrected",
        f"of texts: a full softmax gives none of n more than 1/n. Not of architectures: {one['texts']} cells, no two "
        f"more than {one['largest_similarity']:.2f} similar, are one up to isomorphism (effective "
        f"{one['effective_architectures']:.1f}). Effective architectures after {CYCLES} cycles of {CANDIDATES} "
        f"samples, lessons on {' / '.join(lessons)}: {ends_of}",
        figures,
    )


def try_proxy(space: Space, seeds: int) -> Finding:
    """Statement 6: rho_S = (6 / pi) arcsin(rho_P / 2) with rho_P = sqrt(SNR / (1 + SNR))."""
    chosen = {
        name: space.truth >= np.quantile(space.truth, quantile)
        for name, quantile in (("all", 0.0), ("better half", 0.5), ("best tenth", 0.9))
    }
    figures: Figures = {}
    for name, is_chosen in chosen.items():
        truth = space.truth[is_chosen]
        for snr in RATIOS:
            noise = float(truth.std()) / np.sqrt(snr)
            found = [
                value
                for seed in range(seeds)
                if (value := spearman(truth, truth + np.random.default_rng(seed).normal(0, noise, truth.size)))
            ]
            figures[f"{name}, SNR {snr}"] = {
                "predicted": rank_correlation(snr),
                "measured": mean_of(found),
                "predicted_by_ranks": mean_of([by_ranks(truth, noise, seed) for seed in range(seeds)]),
            }
        figures[f"{name}, 12 against 200 epochs"] = {"measured": spearman(space.q[is_chosen], truth)}
    measured, ranked = (
        {name: " / ".join(shown(figures[f"{name}, SNR {snr}"][kind], 3) for snr in RATIOS) for name in chosen}
        for kind in ("measured", "predicted_by_ranks")
    )
    return Finding(
        "6: rho_S = (6 / pi) arcsin(rho_P / 2)",
        "holds when corrected",
        f"SNR {' / '.join(map(str, RATIOS))} predict {' / '.join(f'{rank_correlation(snr):.3f}' for snr in RATIOS)}; "
        f"with normal noise over all cells, whose scores have a long tail of failures, {measured['all']}; over the "
        f"better half {measured['better half']}. From the ranks of two "
        f"trainings of 400 cells of all: {ranked['all']}. 12 against 200 epochs, both means over seeds: "
        f"{figures['all, 12 against 200 epochs']['measured']:.3f}, in the better half "
        f"{figures['better half, 12 against 200 epochs']['measured']:.3f}: a large SNR is necessary, not sufficient",
        figures,
    )


def by_ranks(truth: NDArray[np.float64], noise: float, seed: int) -> float:
    """Return what 400 architectures, each trained twice, predict of the rank correlation by their ranks alone."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(truth, min(400, truth.size), replace=False)
    found = snr_of_ranks((chosen[:, None] + rng.normal(0, noise, (len(chosen), 2))).tolist())
    return rank_correlation(found or 0.0)

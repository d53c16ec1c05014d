"""Diagnostics as JSON: `diagnostics` of `archwright report --json`."""

from archwright.analysis.documents import bounds, picked
from archwright.analysis.theory.diagnostics import CycleDiagnosis, Diagnostics
from archwright.analysis.theory.laws import best_law
from archwright.analysis.theory.reliability import Reliability
from archwright.analysis.theory.validity import ValidityByLines


def diagnostics_document(diagnostics: Diagnostics) -> dict[str, object]:
    """Return the documented keys; None where a study says nothing, intervals as [low, high]."""
    cycles, monotonicity = diagnostics.cycles, diagnostics.monotonicity
    best = best_law(dict(diagnostics.laws))
    return {
        "warnings": diagnostics.warnings,
        "threshold": diagnostics.threshold,
        "cycles": [_cycle(cycle) for cycle in cycles],
        "bound": {
            "published": list(diagnostics.bound.bounds),
            "below": [cycles[place].cycle for place in diagnostics.bound.below],
            "violated": [cycles[place].cycle for place in diagnostics.bound.violated],
        },
        "laws": {
            law.value: picked(fit, "c_0", "a", "k", "log_likelihood", "aic", "p_fit")
            for law, fit in diagnostics.laws.items()
        },
        "best_law": None if best is None else best.law.value,
        "monotonicity": {
            "slope": monotonicity.slope,
            "slope_interval": bounds(monotonicity.slope_interval),
            "rank_correlation": monotonicity.rank_correlation,
            "steps": [
                {"cycle": cycles[step.place].cycle, **picked(step, "change", "p_drop")} for step in monotonicity.steps
            ],
        },
        "validity": None if diagnostics.validity is None else _validity(diagnostics.validity),
        "nearest_admitted": diagnostics.nearest_admitted,
        "reliability": _reliability(diagnostics.reliability),
    }


def _cycle(cycle: CycleDiagnosis) -> dict[str, object]:
    elite, variety = cycle.elite, cycle.variety
    return {
        "cycle": cycle.cycle,
        "tried": None if elite is None else elite.n,
        "elite": None if elite is None else elite.elite,
        "elite_interval": None if elite is None else bounds(elite.interval()),
        "compared": variety.n,
        **picked(variety, "distinct", "effective", "mean_similarity", "largest"),
    }


def _validity(found: ValidityByLines) -> dict[str, object]:
    logistic, markov = found.logistic, found.markov
    return {
        **picked(found, "n", "valid"),
        "logistic": {
            **picked(logistic, "intercept", "slope"),
            "slope_interval": bounds(logistic.slope_interval),
            "log_likelihood": logistic.log_likelihood,
        },
        "markov": {"pi_0": markov.pi_0, "lambda": markov.lambda_, "log_likelihood": markov.log_likelihood},
    }


def _reliability(found: Reliability) -> dict[str, object]:
    known = found.components
    return {
        "architectures": known and known.architectures,
        "values": known and known.values,
        "variance_architecture": known and known.architecture,
        "variance_noise": known and known.noise,
        "snr": known and known.snr,
        "snr_interval": bounds(found.interval),
        "predicted_spearman": found.predicted,
        "predicted_spearman_interval": bounds(found.predicted_interval),
        "snr_of_ranks": found.ranks_snr,
        "expected_spearman": found.expected,
        "seeds_needed": found.seeds_needed,
        "measured": [
            {
                "epochs": each.epochs,
                "split": each.split,
                "n": each.measured.n,
                "spearman": each.measured.rho,
                "interval": bounds(each.measured.interval),
                "corrected_for_range": each.measured.corrected,
            }
            for each in found.comparisons
        ],
    }

"""Turning programs into outcomes: checks, training in a sandbox, scores computed outside it."""

from archwright.evaluation.direct import evaluate

__all__ = ["evaluate"]

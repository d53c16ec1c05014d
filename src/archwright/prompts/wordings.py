"""The tasks that prompts are worded for when nobody asks for another."""

from archwright.task import DataSpec

DUAL_TASK_SPECS = (
    DataSpec("mnist", "MNIST", (1, 28, 28), tuple("0123456789"), 60_000, 10_000),
    DataSpec("cifar10", "CIFAR-10", (3, 32, 32), tuple("0123456789"), 50_000, 10_000),
)
"""The two wordings under which the paper shows every program to the model (section C)."""

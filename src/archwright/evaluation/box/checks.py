"""What a network may cost, and that its weights are numbers."""

from typing import Any

import torch

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box.diagnosis import Problem
from archwright.evaluation.box.plan import Plan


def check_budget(plan: Plan, params: int, flops: int | None) -> None:
    """Raise Problem for a network without parameters, or with more of them or FLOPs an image than `plan` allows."""
    if params == 0:
        message = "Net has no parameters; assign layers with weights to self in __init__"
        raise Problem(Stage.BUDGET, FailureKind.NO_PARAMETERS, message)
    if plan.max_params and params > plan.max_params:
        message = (
            f"Net has {params:,} parameters; the limit is {plan.max_params:,} (budget.max_params); "
            "use fewer or narrower layers, or pool before the first Linear"
        )
        raise Problem(Stage.BUDGET, FailureKind.TOO_MANY_PARAMETERS, message)
    if plan.max_flops and flops is not None and flops > plan.max_flops:
        message = (
            f"Net needs {flops:,} FLOPs for one image; the limit is {plan.max_flops:,} (budget.max_flops); "
            "use fewer channels or an earlier stride"
        )
        raise Problem(Stage.BUDGET, FailureKind.TOO_MANY_FLOPS, message)


def check_finite(net: Any, epoch: int) -> None:
    """Raise Problem for a network whose weights became NaN or infinite in `epoch`."""
    for name, parameter in torch.nn.Module.named_parameters(net):
        if not torch.isfinite(parameter).all():
            message = (
                f"the weights of {name} became NaN or infinite in epoch {epoch}; use normalisation, a lower "
                "learning rate or gradient clipping, and avoid dividing by zero and log of zero"
            )
            raise Problem(Stage.TRAIN, FailureKind.NOT_FINITE, message)

"""What a box is told of one program: all that the task, the data and the contract decide beforehand."""

from typing import TYPE_CHECKING

from archwright.candidate import Program
from archwright.contracts import complete
from archwright.contracts.as_run import as_run
from archwright.contracts.contract import Contract
from archwright.evaluation.box.plan import TRANSFORM, Plan, Purpose
from archwright.task import Protocol, Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData


def plan_of(
    program: Program,
    seed: int,
    purpose: Purpose,
    task: Task,
    data: "TaskData",
    contract: Contract,
    threads: int,
    device: str,
) -> Plan:
    """Return the plan for `program`; under a contract with a network of its own, that network is what is trained."""
    recipe, budget, network = task.recipe, task.budget, contract.network
    _, channels, height, width = data.train.images.shape
    full_source = complete(network) if network else contract.complete(program.source)
    augmentation = TRANSFORM if network else recipe.augmentation
    return Plan(
        source=program.source,
        full_source=full_source,
        is_compact=full_source not in (network or program.source, as_run(network or program.source)),
        purpose=purpose,
        seed=seed,
        threads=threads,
        device=device,
        image_shape=(channels, height, width),
        output_shape=data.spec.output_shape,
        mean=data.mean,
        std=data.std,
        batch=recipe.batch,
        epochs=budget.epochs,
        augmentation=augmentation,
        evaluation_augmentation=augmentation if task.data.protocol is Protocol.LEMUR else "none",
        stop_at=budget.stop_at,
        max_params=budget.max_params,
        max_flops=budget.max_flops,
        prm={
            "lr": recipe.lr,
            "momentum": recipe.momentum,
            "dropout": recipe.dropout,
            "batch": recipe.batch,
            "epoch": budget.epochs,
            "transform": recipe.augmentation,
        },
    )

"""What a box is told of one program: all that the task, the data and the contract decide beforehand."""

from typing import TYPE_CHECKING

from archwright.candidate import Program
from archwright.contracts import complete
from archwright.contracts.as_run import as_run
from archwright.contracts.contract import Contract
from archwright.errors import UnknownNameError, UsageError
from archwright.evaluation.box.plan import AUGMENTATIONS, TRANSFORM, Plan, Purpose
from archwright.task import DataSpec, SplitProtocol, Task

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
        evaluation_augmentation=augmentation if task.data.protocol is SplitProtocol.LEMUR else "none",
        stop_at=budget.stop_at,
        max_params=budget.max_params,
        max_flops=budget.max_flops,
        prm=recipe.given(budget.epochs),
    )


def check_augmentation(name: str, spec: DataSpec, *, is_searched: bool) -> None:
    """Raise UnknownNameError or UsageError for an augmentation that there is not, or not for these images.

    `is_searched` says that each candidate is one itself.
    """
    if name not in AUGMENTATIONS:
        raise UnknownNameError.of("augmentation", name, AUGMENTATIONS)
    if name == "none":
        return
    if spec.target_shape:
        raise UsageError(
            f"recipe.augmentation = {name} would change images and not what is to be predicted", "set it to none"
        )
    if is_searched:
        raise UsageError(
            f"recipe.augmentation = {name} would come on top of the one that is searched", "set it to none"
        )

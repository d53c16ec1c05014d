"""Two boxes for an augmentation: one trains the fixed network and asks the other, where the candidate is, for batches.

Between them are two pipes and nothing else.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace

from archwright.evaluation.box.plan import GpuPlan, Plan
from archwright.sandbox.order import Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox


def run_boxes(boxes: Sandbox, plan: Plan, files: Mapping[str, int], limits: Limits) -> tuple[Report, ...]:
    """Return what happened to the box for `plan`, preceded by the one that augments for it where there is one.

    Each has `limits` to itself, and half of the share of a GPU. Raises as `Sandbox.run` does.
    """
    if not plan.is_augmented:
        return (boxes.run(Order(plan.as_json(), files, limits, is_repeatable=False)),)
    plan = replace(plan, gpu=plan.gpu and _halved(plan.gpu))
    (asked, ask), (answered, answer) = os.pipe(), os.pipe()

    def run(plan: Plan, files: Mapping[str, int], *ends: int) -> Report:
        try:
            return boxes.run(Order(plan.as_json(), files, limits, is_repeatable=False))
        finally:
            for end in ends:  # so that the other one knows
                os.close(end)

    def augment() -> Report:
        return run(replace(plan, full_source=""), {"questions": asked, "answers": answer}, asked, answer)

    with ThreadPoolExecutor(1, "augmenting") as beside:
        augmenting = beside.submit(copy_context().run, augment)  # whoever cancels this thread cancels both
        report = run(replace(plan, source=""), {**files, "batches": ask, "augmented": answered}, ask, answered)
        return augmenting.result(), report


def _halved(gpu: GpuPlan) -> GpuPlan:
    return replace(gpu, memory_share=gpu.memory_share / 2)

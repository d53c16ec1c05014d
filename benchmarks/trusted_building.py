"""Builds trusted programs in this process, for tests: the seed corpus and what mutation makes of it, nothing else."""

from collections.abc import Mapping
from typing import Any

from archwright.candidate import Program
from archwright.contracts import complete
from archwright.programs.graph import Graph, hear_graph


def count_parameters(program: Program, image_shape: tuple[int, int, int], classes: int = 10, batch: int = 4) -> int:
    """Return the parameters of `program` after one forward pass on torch's meta device, where nothing is computed.

    Runs the program's own code here, so it is for programs of ours alone. Raises whatever the program raises, and
    ValueError when its output is not (batch, classes).
    """
    import torch

    net = _build(program, image_shape, classes, batch)
    with torch.device("meta"):
        output = net(torch.zeros(batch, *image_shape))
    if output.shape != (batch, classes):
        raise ValueError(f"the output is {tuple(output.shape)}, not {(batch, classes)}")
    return sum(parameter.numel() for parameter in net.parameters())


def trace_graph(program: Program, image_shape: tuple[int, int, int], classes: int = 10) -> Graph | None:
    """Return the computational graph of `program` as a box would tell it; for programs of ours alone."""
    import torch

    from archwright.evaluation.box.graph_trace import GraphTrace

    net = _build(program, image_shape, classes, batch=4).eval()
    messages: list[Mapping[str, object]] = []
    with torch.device("meta"), torch.no_grad():
        image = torch.empty(1, *image_shape)
        with GraphTrace(image) as trace:
            output = net(image)
    trace.tell(output, messages.append)
    return hear_graph(messages)


def _build(program: Program, image_shape: tuple[int, int, int], classes: int, batch: int) -> Any:
    """Return a Net without memory."""
    import torch

    namespace: dict[str, object] = {"__name__": "candidate"}
    exec(compile(complete(program.source), "candidate", "exec"), namespace)
    net_class = namespace["Net"]
    assert isinstance(net_class, type)
    device = torch.device("meta")
    hyperparameters = {"lr": 0.01, "momentum": 0.9, "dropout": 0.2, "batch": 64, "epoch": 1}
    with device:
        return net_class((batch, *image_shape), (classes,), hyperparameters, device)

"""One real Ray cluster for all tests of this folder: a head without room and two nodes, each a raylet of its own."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'archwright[ray]'")

from archwright.config import SandboxConfig
from archwright.evaluation.cluster.evaluator import RayEvaluator
from archwright.evaluation.data import TaskData
from archwright.task import Budget, DataOptions, Task

STORE_BYTES = 80 * 2**20
SLOTS = 2
"""Of each node for each study; a node has room for several studies at once."""


class RealCluster:
    """Nodes that are processes of this machine; Ray treats them like machines."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE_BYTES}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self._nodes: list[Any] = []
        self.address: str = self._cluster.address

    def restore(self) -> None:
        """Have two nodes, whatever was killed."""
        self._nodes = [node for node in self._nodes if is_running(_raylet(node))]
        while len(self._nodes) < 2:
            self._nodes.append(self._cluster.add_node(num_cpus=4 * SLOTS, object_store_memory=STORE_BYTES))

    def kill_a_node(self) -> None:
        """End a node that evaluates as a power cut would."""
        os.kill(_raylet(self._nodes[0]), signal.SIGKILL)

    def actors(self) -> set[int]:
        """Return the process ids of our actors, on all nodes."""
        return {pid for node in self._nodes for pid in children(_raylet(node)) if command(pid).startswith(b"ray::Node")}

    def close(self) -> None:
        self._cluster.shutdown()


def _raylet(node: Any) -> int:
    return int(node.all_processes["raylet"][0].process.pid)


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command(pid: int) -> bytes:
    """Return the command line of a process, empty when it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def is_running(pid: int) -> bool:
    return command(pid) != b""


@pytest.fixture(scope="package")
def _the_cluster() -> Iterator[RealCluster]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = RealCluster()
    cluster.restore()
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(_the_cluster: RealCluster) -> RealCluster:
    """A cluster of two nodes."""
    _the_cluster.restore()
    return _the_cluster


@pytest.fixture(scope="package")
def task() -> Task:
    return Task(data=DataOptions(train_size=256, validation_size=100), budget=Budget(wall_s=60.0))


@pytest.fixture(scope="package")
def sandbox(_the_cluster: RealCluster) -> SandboxConfig:
    """Options that lead to the cluster."""
    return SandboxConfig(executor="ray", address=_the_cluster.address, workers=SLOTS, policy="off")


@pytest.fixture(scope="package")
def shared_evaluator(task: Task, sandbox: SandboxConfig, digits: TaskData) -> Iterator[RayEvaluator]:
    evaluator = RayEvaluator(task, sandbox, digits)
    yield evaluator
    evaluator.close()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """A function that returns when a condition holds, and fails when it does not in time."""

    def wait(condition: Callable[[], object], most_s: float = 60.0) -> None:
        until_s = time.monotonic() + most_s
        while not condition():
            assert time.monotonic() < until_s, "it never came true"
            time.sleep(0.05)

    return wait

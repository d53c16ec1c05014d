"""Everything we ask of Ray: a connection, the nodes with room for us, an actor on each, and what became of a call."""

import importlib.util
import math
import os
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, ClassVar, Never, final

from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract
from archwright.errors import ArchwrightError, EvaluatorError, UsageError
from archwright.evaluation.cluster.node import Node
from archwright.task import Task

INSTALL_LINE = "pip install 'archwright[ray]'"
LOCAL_STORE_BYTES = 80 * 2**20
"""Shared memory of a cluster we start ourselves: programs and outcomes are small, and data never passes through Ray."""


KNOCK_S = 10.0


class NodeLostError(Exception):
    """The node, or the process on it, is gone; the work it had is to be done again."""


@dataclass(frozen=True, slots=True)
class Room:
    """A node that can take part, and how much of it is ours."""

    node_id: str
    name: str
    slots: int
    cpus: float
    gpus: float


def check_ray(sandbox: SandboxConfig) -> None:
    """Raise UsageError unless Ray is installed and `sandbox` makes sense on several machines."""
    if importlib.util.find_spec("ray") is None:
        raise UsageError("sandbox.executor = 'ray' needs Ray, which is not installed", INSTALL_LINE)
    if sandbox.device not in ("auto", "cpu", "cuda"):
        raise UsageError(
            f"sandbox.device = '{sandbox.device}' does not name a device of a cluster", "use auto, cpu or cuda"
        )


@final
class RaySession:
    """A connection to a cluster, which is started and ended here when `address` is empty and none is running.

    A process has one, which its studies share; the last of them ends it, unless it was there before them.
    """

    _lock: ClassVar = threading.Lock()
    sharing: ClassVar[list["RaySession"]] = []

    def __init__(self, address: str) -> None:
        """Connect; raises EvaluatorError when there is no cluster at `address`, or this process is in another."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody unless asked for
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "error")  # what goes wrong is said below, in one line
        import ray

        self._ray: Any = ray
        self._address = address = address or os.environ.get("RAY_ADDRESS", "")
        with self._lock:
            if self.sharing and self.sharing[0]._address != address:
                raise EvaluatorError(
                    f"this process is connected to the Ray cluster at '{self.sharing[0]._address or 'this machine'}'",
                    "run the study on another cluster in a process of its own",
                )
            if not ray.is_initialized():
                self._connect(address)
            elif not self.sharing:
                return  # Somebody else's connection, which is not ours to end.
            self.sharing.append(self)

    def _connect(self, address: str) -> None:
        options = {} if address else {"include_dashboard": False, "object_store_memory": LOCAL_STORE_BYTES}
        on_sigterm = signal.getsignal(signal.SIGTERM)
        try:
            _knock(address)
            self._ray.init(address=address or "local", log_to_driver=False, logging_level="error", **options)
        except (OSError, RuntimeError, ValueError, ImportError) as error:
            reason = str(error).strip().split("\n")[0]
            raise EvaluatorError(
                f"no connection to the Ray cluster at '{address or 'this machine'}': {reason}",
                "see `ray status`; Python, Ray and the token of RAY_AUTH_MODE must be the same on every machine",
            ) from error
        finally:  # Ray's own leaves the process without a word of ours.
            if callable(on_sigterm) and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, on_sigterm)

    def rooms(self, sandbox: SandboxConfig) -> dict[str, Room]:
        """Return the nodes alive that have room for at least one evaluation, by id.

        Raises EvaluatorError when the cluster does not answer.
        """
        from ray.exceptions import RayError

        try:
            alive = [node for node in self._ray.nodes() if node["Alive"]]
        except (RayError, OSError, RuntimeError) as error:
            raise EvaluatorError(f"the Ray cluster does not answer: {error}", "start it, then resume") from error
        on_gpu = sandbox.device == "cuda" or (
            sandbox.device == "auto" and any(node["Resources"].get("GPU") for node in alive)
        )
        rooms = (room_of(node, sandbox, on_gpu=on_gpu) for node in alive)
        return {room.node_id: room for room in rooms if room.slots}

    def start_node(self, room: Room, task: Task, sandbox: SandboxConfig, secret: bytes, contract: Contract) -> Any:
        """Return the actor that will evaluate in `room`; it starts when Ray has the resources for it."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        actor = self._ray.remote(Node).options(
            num_cpus=room.cpus,
            num_gpus=room.gpus,
            max_concurrency=room.slots + 2,  # a cancellation is heard while every slot is busy
            scheduling_strategy=NodeAffinitySchedulingStrategy(room.node_id, soft=False),
        )
        return actor.remote(task, sandbox, room.slots, secret, contract)

    def is_done(self, call: Any) -> bool:
        """Whether `call` has come back, with or without success."""
        return bool(self._ray.wait([call], timeout=0)[0])

    def wait(self, calls: Sequence[Any], most_s: float) -> None:
        """Return when all `calls` have come back, however, or after `most_s`."""
        if calls:
            self._ray.wait(list(calls), num_returns=len(calls), timeout=most_s)

    def result(self, answer: "Future[Any]", name: str) -> Any:
        """Return what node `name` answered.

        Raises NodeLostError when there will be no answer, and for an error on the node our own exception, naming it.
        """
        from ray.exceptions import RayError, RayTaskError

        try:
            return answer.result()
        except RayTaskError as error:
            _raise_cause(error.cause, name)
        except RayError as error:
            raise NodeLostError(name) from error

    def kill(self, actor: Any) -> None:
        """End an actor's process, wherever it is and whatever it does."""
        self._ray.kill(actor)

    def close(self) -> None:
        """Leave the cluster; Ray ends the actors that are left when nobody here uses it."""
        with self._lock:
            if self in self.sharing:
                self.sharing.remove(self)
                if not self.sharing:
                    self._ray.shutdown()


def _knock(address: str) -> None:
    """Raise OSError unless somebody listens at HOST:PORT: Ray itself tries for a minute."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=KNOCK_S).close()


def room_of(node: Mapping[str, Any], sandbox: SandboxConfig, *, on_gpu: bool) -> Room:
    """Return what a study takes of a node as `ray.nodes()` describes it: whole slots, as far as its resources go."""
    resources: Mapping[str, float] = node["Resources"]
    cpus, share = resources.get("CPU", 0.0), sandbox.gpu_share
    most = int(min(cpus / sandbox.threads, resources.get("GPU", 0.0) / share if on_gpu else math.inf))
    slots = min(most, sandbox.workers or most)
    gpus = slots * share if on_gpu else 0.0
    return Room(
        node_id=node["NodeID"],
        name=node["NodeManagerHostname"],
        slots=slots,
        cpus=slots * sandbox.threads,
        gpus=gpus if gpus < 1 else math.ceil(gpus),  # Ray gives fractions of one GPU only
    )


def _raise_cause(cause: object, name: str) -> Never:
    if isinstance(cause, ArchwrightError):
        raise type(cause)(f"on node {name}: {cause.what}", cause.remedy) from None
    raise EvaluatorError(
        f"on node {name}: {type(cause).__name__}: {cause}", "install the same Archwright there, then resume"
    )

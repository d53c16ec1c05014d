"""The study's side of a cluster: hands programs to nodes, notices which nodes come and go, and runs lost work again."""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from archwright import __version__
from archwright.cancellation import current
from archwright.candidate import Failure, FailureKind, Fidelity, Outcome, Program, Stage
from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract, usual_contract
from archwright.errors import EvaluatorError
from archwright.evaluation.classes import installation_secret
from archwright.evaluation.cluster.node import Introduction, fingerprint
from archwright.evaluation.cluster.session import NodeLostError, RaySession, Room, check_ray
from archwright.evaluation.static import refuse
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData

MOST_LOSSES = 3
"""How often a program is tried whose node was lost under it; the last time it has a node for itself."""
PATROL_S = 1.0
"""How often a waiting evaluation looks for nodes that came or went."""
SETTLE_S = 60.0
"""How long to wait at the start for the last nodes when the first are ready; those that come later are used too."""
ABSENT_S = 300.0
"""How long there may be no node at all."""
CLOSE_S = 10.0


def located(task: Task) -> Task:
    """Return `task` with its path from the root: processes on nodes are in folders of their own, or of `ray start`."""
    if not task.is_path or task.name.startswith("~"):  # Every machine has its own home.
        return task
    return task.model_copy(update={"name": str(Path(task.name).absolute())})


@dataclass(eq=False, slots=True)
class _Member:
    """A node that takes part, or is about to."""

    room: Room
    actor: Any
    introduction: Any
    """The call whose answer makes it ready; None once it has come."""
    busy: int = 0

    @property
    def is_ready(self) -> bool:
        return self.introduction is None


@final
class RayEvaluator:
    """Evaluates on the nodes of a Ray cluster: one actor per node, holding what that machine shares between boxes.

    A node that joins is used, a node that is lost is done without; its programs are evaluated again on another. A
    program that was lost MOST_LOSSES times, the last time alone on its node, is the culprit: failure kind `killed`.
    """

    def __init__(self, task: Task, sandbox: SandboxConfig, data: "TaskData", contract: Contract | None = None) -> None:
        """Connect to the cluster and wait for its nodes, which must have the same data set as `data`.

        Raises UsageError without Ray or for a device that is no cluster's, EvaluatorError when the cluster cannot be
        used or a node differs from this one.
        """
        check_ray(sandbox)
        self._task, self._sandbox = located(task), sandbox
        self._contract = contract or usual_contract(data.spec)
        self._fingerprint, self.secret = fingerprint(data), installation_secret()
        self._session = RaySession(sandbox.address)
        self._members: dict[str, _Member] = {}
        self._places: set[str] = set()
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._patrolled_s, self._last_ready_s = 0.0, time.monotonic()
        try:
            self._settle()
        except BaseException:
            self.close()
            raise

    @property
    def slots(self) -> int:
        """Evaluations that the nodes now in the cluster take at once."""
        with self._changed:
            self._patrol()
            return sum(member.room.slots for member in self._members.values() if member.is_ready)

    @property
    def place(self) -> str:
        """Where programs may have been trained so far: the places of all nodes there ever were."""
        with self._changed:
            return " or ".join(sorted(self._places))

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        """Return the findings of the static checks where there are any."""
        return refuse(program, self._contract, self._task, self._sandbox, seed=seed)

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        """Return what happened to `program`, trained with `seed` on some node."""
        cancelled: Future[None] = Future()

        def wake() -> None:
            cancelled.set_result(None)
            with self._changed:
                self._changed.notify_all()

        with current().waking(wake):
            return self._evaluate(program, (seed, at, split), cancelled)

    def _evaluate(
        self, program: Program, how: tuple[int, Fidelity | None, str | None], cancelled: "Future[None]"
    ) -> Outcome:
        """Return the outcome of `program` on whatever nodes there are, until it is `cancelled`."""
        for attempt in range(1, MOST_LOSSES + 1):
            with self._place(is_alone=attempt == MOST_LOSSES) as member:
                number = next(self._numbers)
                answer = member.actor.evaluate.remote(number, program, *how).future()
                wait([answer, cancelled], return_when=FIRST_COMPLETED)
                if cancelled.done():
                    member.actor.cancel.remote(number)
                    wait([answer], CLOSE_S)
                    current().check()
                try:
                    outcome: Outcome = self._session.result(answer, member.room.name)
                except NodeLostError:
                    self._lose(member)
                else:
                    return outcome
        message = (
            f"the evaluator was lost {MOST_LOSSES} times while this program ran, the last time with nothing else on "
            "its machine; it uses up the machine's memory or breaks out of its process"
        )
        failure = Failure(Stage.TRAIN, FailureKind.KILLED, message)
        return Outcome(Stage.TRAIN, failure, seed=how[0], protocol=self._task.data.protocol)

    def close(self) -> None:
        """Stop every process on every node and leave the cluster."""
        with self._changed:
            members, self._members = list(self._members.values()), {}
        self._session.wait([member.actor.close.remote() for member in members if member.is_ready], CLOSE_S)
        for member in members:
            self._session.kill(member.actor)
        self._session.close()

    @contextmanager
    def _place(self, *, is_alone: bool) -> Iterator[_Member]:
        """Give a node with a free slot, or one with nothing to do that gets nothing else meanwhile."""
        with self._changed:
            while (member := self._free_member(is_alone)) is None:
                current().check()
                self._changed.wait(PATROL_S)
            current().check()
            claim = member.room.slots if is_alone else 1
            member.busy += claim
        try:
            yield member
        finally:
            with self._changed:
                member.busy -= claim
                self._changed.notify_all()

    def _free_member(self, is_alone: bool) -> _Member | None:
        """Return the least busy node that can take one more program, or one that is idle when `is_alone`."""
        self._patrol()
        free = [
            member
            for member in self._members.values()
            if member.is_ready and member.busy < (1 if is_alone else member.room.slots)
        ]
        return min(free, key=lambda member: member.busy / member.room.slots, default=None)

    def _settle(self) -> None:
        """Return when every node is ready, or the first ones have been for some time."""
        until_s = time.monotonic() + SETTLE_S
        while True:
            with self._changed:
                self._patrol()
                states = [member.is_ready for member in self._members.values()]
            if any(states) and (all(states) or time.monotonic() > until_s):
                return
            time.sleep(PATROL_S / 10)

    def _patrol(self) -> None:
        """Take in nodes that came, let go of those that went; not more often than every PATROL_S once there are any."""
        now_s = time.monotonic()
        joining = [member for member in self._members.values() if not member.is_ready]
        for member in joining:
            if self._session.is_done(member.introduction):
                self._welcome(member)
        if any(member.is_ready for member in self._members.values()):
            self._last_ready_s = now_s
        elif now_s - self._last_ready_s > ABSENT_S:
            raise EvaluatorError(
                f"no node of the Ray cluster could be used for {ABSENT_S:.0f} s", "see `ray status`, then resume"
            )
        if now_s - self._patrolled_s < PATROL_S:
            return
        self._patrolled_s = now_s
        rooms = self._session.rooms(self._sandbox)
        for node_id in self._members.keys() - rooms.keys():
            del self._members[node_id]
        for node_id in rooms.keys() - self._members.keys():
            room = rooms[node_id]
            actor = self._session.start_node(room, self._task, self._sandbox, self.secret, self._contract)
            self._members[node_id] = _Member(room, actor, actor.start.remote())

    def _welcome(self, member: _Member) -> None:
        """Make `member` ready; raises EvaluatorError when it would give other results than the rest."""
        name = member.room.name
        try:
            introduction: Introduction = self._session.result(member.introduction.future(), name)
        except NodeLostError:
            self._lose(member)
            return
        if introduction.archwright != __version__:
            raise EvaluatorError(
                f"node {name} has Archwright {introduction.archwright}, this machine {__version__}",
                "install the same version on every node",
            )
        if introduction.data != self._fingerprint:
            raise EvaluatorError(
                f"node {name} has another copy of the data set {self._task.name} than this machine",
                "put the same files into ARCHWRIGHT_DATA on every node",
            )
        self._places.add(introduction.place)
        member.introduction = None
        self._changed.notify_all()

    def _lose(self, member: _Member) -> None:
        """Do without `member`; if its node is still there, the next patrol starts anew on it."""
        with self._changed:
            if self._members.get(member.room.node_id) is member:
                del self._members[member.room.node_id]
            self._session.kill(member.actor)  # it may be cut off rather than dead

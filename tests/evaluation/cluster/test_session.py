"""What a cluster offers, and every way in which it cannot be used, in words."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from archwright.config import SandboxConfig
from archwright.configuring import load_config
from archwright.errors import EvaluatorError, UsageError
from archwright.evaluation.cluster.evaluator import RayEvaluator, located
from archwright.evaluation.cluster.node import fingerprint
from archwright.evaluation.cluster.session import RaySession, Room, room_of
from archwright.evaluation.data import TaskData, load_task_data
from archwright.study import Study
from archwright.task import DataOptions, Task
from archwright.testing.programs import GOOD


@pytest.mark.parametrize(
    ("resources", "options", "slots", "cpus", "gpus"),
    [
        ({"CPU": 16.0}, {}, 16, 16.0, 0.0),
        ({"CPU": 16.0}, {"threads": 3}, 5, 15.0, 0.0),
        ({"CPU": 16.0}, {"workers": 4}, 4, 4.0, 0.0),
        ({"CPU": 2.0}, {"workers": 4}, 2, 2.0, 0.0),
        ({}, {}, 0, 0.0, 0.0),
        ({"CPU": 16.0}, {"device": "cuda"}, 0, 0.0, 0.0),
        ({"CPU": 16.0, "GPU": 2.0}, {"device": "cuda"}, 8, 8.0, 2),
        ({"CPU": 16.0, "GPU": 2.0}, {"device": "cuda", "gpu_share": 1.0}, 2, 2.0, 2),
        ({"CPU": 16.0, "GPU": 2.0}, {"device": "cuda", "workers": 2}, 2, 2.0, 0.5),
        ({"CPU": 16.0, "GPU": 2.0}, {"device": "cuda", "workers": 5}, 5, 5.0, 2),
        ({"CPU": 4.0, "GPU": 2.0}, {"device": "cuda"}, 4, 4.0, 1.0),
        ({"CPU": 16.0, "GPU": 2.0}, {"device": "cpu"}, 16, 16.0, 0.0),
    ],
)
def test_a_study_claims_what_it_uses_of_a_node(
    resources: dict[str, float], options: dict[str, Any], slots: int, cpus: float, gpus: float
) -> None:
    node = {"NodeID": "ab", "NodeManagerHostname": "attic", "Resources": resources}
    on_gpu = options.get("device") == "cuda"
    assert room_of(node, SandboxConfig(**options), on_gpu=on_gpu) == Room("ab", "attic", slots, cpus, gpus)


def test_without_ray_the_study_is_refused_before_it_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'archwright\[ray\]'"):
        Study(load_config("evolution", ["sandbox.executor=ray"]), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_one_gpu_of_one_machine_is_no_device_of_a_cluster(task: Task, digits: TaskData) -> None:
    with pytest.raises(UsageError, match="use auto, cpu or cuda"):
        RayEvaluator(task, SandboxConfig(executor="ray", device="cuda:1"), digits)


@pytest.mark.slow
def test_a_node_with_another_copy_of_the_data_is_named(cluster: Any, task: Task, sandbox: SandboxConfig) -> None:
    other = load_task_data(Task(data=DataOptions(train_size=256, validation_size=101)))
    with pytest.raises(EvaluatorError, match="has another copy of the data set digits"):
        RayEvaluator(task, sandbox, other)


@pytest.mark.slow
def test_what_a_node_cannot_do_is_said_in_the_words_of_the_node(
    cluster: Any, sandbox: SandboxConfig, digits: TaskData
) -> None:
    absent = Task(name="/no/such/folder")
    with pytest.raises(UsageError, match="on node .*: there is no data set at /no/such/folder"):
        RayEvaluator(absent, sandbox, digits)


def test_a_path_is_sent_to_nodes_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "set").mkdir()
    assert located(Task(name="set")).name == str(tmp_path / "set")
    assert located(Task(name="./set")).name == str(tmp_path / "set")
    assert [located(Task(name=name)).name for name in ("digits", "~/set")] == ["digits", "~/set"]


def test_a_copy_of_the_data_is_the_same_under_another_path(digits: TaskData) -> None:
    assert fingerprint(replace(digits, spec=replace(digits.spec, name="elsewhere"))) == fingerprint(digits)


class FakeRay(ModuleType):
    """Ray as far as its connection goes."""

    is_connected = False

    def is_initialized(self) -> bool:
        return self.is_connected

    def init(self, **_: object) -> None:
        self.is_connected = True

    def shutdown(self) -> None:
        self.is_connected = False


def test_studies_in_one_process_share_their_connection_and_the_last_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = FakeRay("ray")
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(RaySession, "sharing", [])
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    first, second = RaySession(""), RaySession("")
    with pytest.raises(EvaluatorError, match=r"this process is connected to the Ray cluster at 'this machine'"):
        RaySession("auto")
    first.close()
    first.close()
    assert ray.is_connected
    second.close()
    assert not ray.is_connected


def test_a_connection_of_somebody_else_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = FakeRay("ray")
    ray.init()
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(RaySession, "sharing", [])
    RaySession("").close()
    assert ray.is_connected


@pytest.mark.slow
def test_who_handles_sigterm_still_does_behind_ray() -> None:
    script = """
import signal
from archwright.evaluation.cluster.session import RaySession
signal.signal(signal.SIGTERM, lambda number, frame: print("told", number))
session = RaySession("")
signal.raise_signal(signal.SIGTERM)
session.close()
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert ran.stdout == "told 15\n"


def evaluate(tmp_path: Path, *settings: str) -> "subprocess.CompletedProcess[str]":
    (tmp_path / "net.py").write_text(GOOD.source)
    options = [part for setting in ("executor=ray", *settings) for part in ("--set", f"sandbox.{setting}")]
    command = [sys.executable, "-m", "archwright", "evaluate", str(tmp_path / "net.py"), "--task", "digits", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    "address",
    ["ray://127.0.0.1:9", *(pytest.param(name, marks=pytest.mark.slow) for name in ("127.0.0.1:9", "nonsense"))],
)
def test_a_cluster_that_is_not_there_is_said_at_once(tmp_path: Path, address: str) -> None:
    ran = evaluate(tmp_path, f"address={address}")
    assert ran.returncode == 1, ran.stderr
    assert f"error: no connection to the Ray cluster at '{address}': " in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_without_an_address_a_cluster_is_started_here_and_ended(tmp_path: Path) -> None:
    ran = evaluate(tmp_path, "workers=1")
    assert ran.returncode == 0, ran.stderr
    assert "accuracy" in ran.stdout

"""Runs each program under `tests/attacks/*/` through the real evaluator and says what, if anything, it got away with.

README.md has the format of the files. The policy reads each program once; then it runs as if there were no policy, with
namespaces (isolation 3), and a sample of every group without them (2) as well, side by side. Everything is looked at
again before the next program starts: whatever is found is this program's doing.
"""

import os
import re
import secrets
import shutil
import stat
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil
import pytest

import archwright
from archwright.candidate import FailureKind, Outcome, Program
from archwright.config import SandboxConfig
from archwright.evaluation.data import load_task_data
from archwright.evaluation.sandboxed import SandboxEvaluator, start_boxes
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Budget, DataOptions, Task

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*/*.py"))
ISOLATIONS = (3, 2)
SAMPLE = 6
"""One in so many files of a group runs at every level each time, the others at the highest; slow tests do the rest."""
SHORT_S, LONG_S = 1.0, 60.0
"""Programs expected to run into a limit get the short wall clock; no other is ended by a busy machine."""
LATE_S = 10.0
"""How much longer than its wall clock an evaluation may take on our own clock."""
MEMORY_MB, LOG_BYTES = 256, 8_192
MARGIN = 0.06
"""How far above an honest network's accuracy chance may lift another one: three deviations of 500 images at 65 %."""
CANARIES = "__CANARIES__"
"""What a program writes where the runner puts the list of the canary folders."""
CANARY = "archwright-canary-"
"""How the names of canary folders begin: those of another worker come and go."""
_REPEAT = re.compile(r"«(\d+) × (.*?)»")
_HEADER = re.compile(
    rb"# on: ([a-z_, ]+); off: ([a-z_, ]+)\n# (\S[^\n]*)\n(?:# at: (\w+)(?::(\d+))?; says: ([^\n]+)\n)?"
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every file, named `group/name`, and a slow one where that leaves out a level."""
    if "attack" not in metafunc.fixturenames:
        return
    cases, seen = [], Counter[Path]()
    for path in FILES:
        name = str(path.relative_to(HERE).with_suffix(""))
        is_sample = seen[path.parent] % SAMPLE == 0
        seen[path.parent] += 1
        cases.append(pytest.param(path, ISOLATIONS if is_sample else ISOLATIONS[:1], id=name))
        if not is_sample:
            cases.append(pytest.param(path, ISOLATIONS[1:], id=f"{name}-without-namespaces", marks=pytest.mark.slow))
    metafunc.parametrize(("attack", "levels"), cases)


@dataclass(frozen=True)
class Attack:
    """One file: the program and what may become of it."""

    source: str
    expected: dict[str, frozenset[str]]
    """By policy: the kinds of failure allowed, or `valid`."""
    at: tuple[str, int | None, tuple[str, ...]] | None
    """Stage, line and words of the failure where the file names them."""

    @classmethod
    def read(cls, path: Path, canaries: list[str]) -> "Attack":
        """Return the attack in the file; a malformed header fails the test."""
        data = path.read_bytes()
        header = _HEADER.match(data)
        assert header, f"{path}: the first lines must be `# on: KINDS; off: KINDS` and `# WHAT IT TRIES`"
        on, off, _, stage, line, words = (None if part is None else part.decode() for part in header.groups())
        expected = {
            policy: frozenset(kinds.replace(" ", "").split(",")) for policy, kinds in (("on", on), ("off", off))
        }
        unknown = frozenset().union(*expected.values()) - {"valid", *FailureKind}
        assert not unknown, f"{path}: no such kind: {sorted(unknown)}"
        at = None if stage is None else (stage, int(line) if line else None, tuple(words.split(" | ")))
        source = _REPEAT.sub(_repeated, data.decode("utf-8", "surrogateescape")).replace(CANARIES, repr(canaries))
        return cls(source, expected, at)

    @property
    def wall_s(self) -> float:
        """The wall clock this attack gets."""
        return SHORT_S if FailureKind.TIMEOUT in self.expected["off"] else LONG_S


def _repeated(match: re.Match[str]) -> str:
    """Return what a mark such as `«3 × x{n}\\n»` stands for."""
    unit = match[2].replace("\\n", "\n")
    return "".join(unit.replace("{n}", str(number)) for number in range(int(match[1])))


class Canaries:
    """Folders nobody has a reason to touch, in every kind of place, and what else must stay as it is."""

    def __init__(self, places: list[Path], secret: str) -> None:
        self.folders = [Path(tempfile.mkdtemp(prefix=CANARY, dir=place)) for place in places]
        self._secret = secret
        self._watched = [*self.folders, Path(archwright.__file__).parent]
        self._listed = [Path(sysconfig.get_path("purelib")), HERE.parent]
        self.lay()

    def lay(self) -> None:
        """Put every canary (back) in its place."""
        for folder in self.folders:
            (folder / "folder").mkdir(exist_ok=True)
            for name, text in (("secret.txt", self._secret), ("data.bin", "canary"), ("folder/file.txt", "canary")):
                (folder / name).write_text(text)
                (folder / name).chmod(0o600)
        self._before = self._look()

    def changes(self) -> list[str]:
        """Return what changed since the last look."""
        before, self._before = self._before, self._look()
        return sorted(
            f"{path} changed" for path in before.keys() | self._before if before.get(path) != self._before.get(path)
        )

    def remove(self) -> None:
        """Take the folders away."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _look(self) -> dict[str, object]:
        seen: dict[str, object] = {}
        for top in self._watched:
            for folder, inside, names in os.walk(top):
                inside[:] = [name for name in inside if name != "__pycache__"]
                seen |= {path: _state(path) for path in (folder, *(f"{folder}/{name}" for name in (*inside, *names)))}
        for folder in self._listed:
            seen |= {str(path): True for path in folder.iterdir() if not path.name.startswith(("__pycache__", CANARY))}
        return seen


def _state(path: str) -> object:
    """Return bytes or listing, mode, owner and time of change (which a forged time of modification cannot hide)."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):  # byte code that we write ourselves changes the times of its folder
        return _names_in(Path(path)) - {"__pycache__"}, status.st_mode, status.st_uid
    return status.st_size, status.st_mode, status.st_uid, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


@dataclass
class Watch:
    """The one judge of whether a program was contained."""

    boxes: Sandbox
    root: Path
    """Where scratch folders are made."""
    canaries: Canaries
    secrets: list[str]
    labels: str
    """The validation labels, as digits."""
    best_honest: float = 1.0
    levels: dict[int, int] = field(default_factory=dict)
    """The isolation level really reached, by the one asked for."""
    patience_s: float = 60.0
    """How long ended processes may take to vanish."""

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Take things as they are now for right."""
        self._pid = self.boxes.warm_pid
        self._descriptors = _descriptors()

    def read(self, path: Path) -> Attack:
        """Return the attack in a file, aimed at the canaries."""
        return Attack.read(path, [str(folder) for folder in self.canaries.folders])

    def escapes(self) -> list[str]:
        """Return what was found outside the boxes now that none should be running."""
        found = self.canaries.changes()
        deadline_s = time.monotonic() + self.patience_s
        while (left := self._left_behind()) and time.monotonic() < deadline_s:
            time.sleep(0.01)
        found += left
        if self.boxes.warm_pid != self._pid or not psutil.pid_exists(self._pid):
            found.append("the warm process died")
        if (more := _descriptors() - self._descriptors) > 0:
            found.append(f"descriptors left open in the supervisor: {more}")
        self.forget()
        return found

    def faults(self, attack: Attack, policy: str, isolation: int, outcome: Outcome) -> list[str]:
        """Return what is wrong with an outcome."""
        found = []
        failure = outcome.failure
        kind = "valid" if failure is None else str(failure.kind)
        if kind not in attack.expected[policy]:
            found.append(f"it came to '{kind}', which is not among {sorted(attack.expected[policy])}: {failure}")
        if attack.at and failure is not None and failure.kind is not FailureKind.FORBIDDEN:
            stage, line, words = attack.at
            missing = [word for word in words if word not in failure.message]
            if missing or failure.stage != stage or line not in (None, failure.line):
                found.append(f"the failure should be at {stage}:{line} and say {missing or 'so'}: {failure}")
        text = outcome.log + (failure.message if failure else "")
        if any(secret in text for secret in self.secrets) or self.labels[:40] in re.sub(r"\D", "", text):
            found.append("it told a secret")
        if _UNPRINTABLE.search(text) or len(outcome.log) > LOG_BYTES or len(text) > LOG_BYTES + 2_500:
            found.append(f"what it said was not cleaned or cut: {text[:500]!r}")
        accuracy = outcome.value("accuracy")
        if accuracy is not None and accuracy > self.best_honest + MARGIN:
            found.append(f"it scored {accuracy:.3f}; an honest network scores {self.best_honest:.3f}")
        if outcome.isolation not in (0, self.levels[isolation]):
            found.append(f"it passed for isolation {outcome.isolation} instead of {self.levels[isolation]}")
        if outcome.seconds.get("total", 0.0) > LONG_S + LATE_S:
            found.append(f"it took {outcome.seconds['total']:.1f} s")
        return found

    def _left_behind(self) -> list[str]:
        """Return processes that the warm process forked and scratch folders, but for those of one box that waits."""
        alive = list(_processes())
        keepers = sorted((each for each in alive if each.parent == self.boxes.warm_pid), key=lambda each: each.began)
        waiting = [keeper.pid for keeper in keepers[-1:]]
        boxes = [each.pid for each in alive if each.parent in waiting]
        known = {self.boxes.warm_pid, *waiting, *boxes[:1]}
        of_ours = {each.pid for each in alive if str(self.root) in each.arguments}
        left = (of_ours | {keeper.pid for keeper in keepers} | set(boxes)) - known
        folders = _names_in(self.root) - {folder.name for folder in self.canaries.folders}
        found = [f"processes are left: {sorted(left)}"] if left else []
        return found + ([f"scratch folders are left: {sorted(folders)}"] if len(folders) > 1 else [])


@dataclass(frozen=True, slots=True)
class _Process:
    """A process that has not ended."""

    pid: int
    parent: int
    began: int
    """In ticks since the machine was started."""
    arguments: list[str]


def _processes() -> Iterator[_Process]:
    """Return all of the machine, straight from the kernel: psutil takes ten times as long, after every attack."""
    for pid in map(int, filter(str.isdigit, _names_in(Path("/proc")))):
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if facts[0] != "Z":
                arguments = os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
                yield _Process(pid, int(facts[1]), int(facts[19]), arguments)


def _descriptors() -> int:
    return len(_names_in(Path("/proc/self/fd")))


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@dataclass
class Range:
    """Where the attacks are run."""

    watch: Watch
    _make: Callable[[str, int, float], SandboxEvaluator]

    def problems(self, path: Path, levels: Sequence[int] = ISOLATIONS) -> list[str]:
        """Return everything wrong about the file's program; empty when the policy says what it should and it is held.

        The policy is read before anything runs and changes nothing else: what it passes came to the same with it.
        """
        attack = self.watch.read(path)
        with ThreadPoolExecutor(len(levels)) as pool:  # those that only wait for their end do it together
            runs = {level: pool.submit(self.run, attack.source, "off", level, attack.wall_s) for level in levels}
        found = self.watch.escapes()
        refused = self._make("on", 3, attack.wall_s).settle(Program(attack.source), seed=0)
        if refused is not None:
            found += [f"policy: {fault}" for fault in self.watch.faults(attack, "on", 3, refused)]
        policies = ("off",) if refused else ("off", "on")
        for isolation, run in runs.items():
            for policy in policies:
                faults = self.watch.faults(attack, policy, isolation, run.result())
                found += [f"policy {policy}, isolation {isolation}: {fault}" for fault in faults]
        return found

    def run(self, source: str, policy: str, isolation: int, wall_s: float = LONG_S) -> Outcome:
        """Return what becomes of one program."""
        return self._make(policy, isolation, wall_s).evaluate(Program(source), seed=0)


HONEST = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 64, 3, padding=1),
            nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 10),
        )

    def forward(self, x):
        return self.layers(x)

    def train_setup(self, prm):
        self.optimizer = torch.optim.AdamW(self.parameters(), lr=0.002)

    def learn(self, train_data):
        for inputs, labels in train_data:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self(inputs), labels).backward()
            self.optimizer.step()

def supported_hyperparameters():
    return {"lr"}
"""
"""A good network for one epoch, with a training of its own."""

PLAIN = """\
from torch import nn

class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(in_shape[1], 8, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(8), nn.Flatten(),
            nn.Linear(8 * 64, out_shape[0]),
        )

    def forward(self, x):
        return self.layers(x)
"""
"""What most attacks are without their trick, with the standard training, which is better for so few images."""


@pytest.fixture(scope="module")
def field_of_attack() -> Iterator[Range]:
    """One sandbox, its canaries and an evaluator per mode; the tests are skipped where nothing would hold a program."""
    planted = [f"planted-{secrets.token_hex(16)}" for _ in range(3)]
    in_environment, in_file, _in_memory = planted
    os.environ["ARCHWRIGHT_CANARY"] = in_environment
    data = load_task_data(Task(data=DataOptions(train_size=256, validation_size=500)))
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        tempfile.tempdir, before = folder, tempfile.tempdir
        boxes = start_boxes()
        tempfile.tempdir = before
        (root,) = Path(folder).glob("archwright-*")
        places = [Path.home(), Path("/tmp"), HERE.parent, root, *filter(Path.is_dir, [Path("/dev/shm")])]
        canaries = Canaries(places, in_file)

        @cache
        def make(policy: str, isolation: int, wall_s: float) -> SandboxEvaluator:
            budget = Budget(wall_s=wall_s, memory_mb=MEMORY_MB)
            task = Task(data=DataOptions(train_size=256, validation_size=500), budget=budget)
            config = SandboxConfig(policy=policy, log_bytes=LOG_BYTES)
            made.append(SandboxEvaluator(task, config, data, boxes=boxes, isolation=isolation))
            return made[-1]

        made: list[SandboxEvaluator] = []
        for policy, isolation in (
            ("on", 3),
            *(("off", level) for level in (*ISOLATIONS, 0)),
        ):  # all at once: whatever else is opened later is a leak
            for wall_s in (SHORT_S, LONG_S):
                make(policy, isolation, wall_s)
        watch = Watch(boxes, root, canaries, planted, "".join(map(str, data.validation.labels)))
        ranged = Range(watch, make)
        honest = {isolation: ranged.run(HONEST, "off", isolation) for isolation in ISOLATIONS}
        tried = (*honest.values(), ranged.run(PLAIN, "off", max(ISOLATIONS)))
        watch.best_honest = max(outcome.value("accuracy") or 0.0 for outcome in tried)
        watch.levels = {isolation: outcome.isolation for isolation, outcome in honest.items()}
        try:
            if min(watch.levels.values()) < min(ISOLATIONS):
                pytest.skip(f"isolation level {watch.levels} holds no hostile program: see `archwright doctor`")
            yield ranged
        finally:
            for evaluator in made:
                evaluator.close()
            boxes.close()
            canaries.remove()
            del os.environ["ARCHWRIGHT_CANARY"]

"""Shared by every test: where the real data is, one thread per process (two jobs at once starve each other), and a
PostgreSQL server for archives that live in one."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from archwright.candidate import (
    Admission,
    AdmissionReason,
    Call,
    Candidate,
    Failure,
    FailureKind,
    Key,
    Outcome,
    Program,
    Record,
    Stage,
)
from archwright.sandbox.supervisor import Sandbox
from archwright.testing.records import recorded, scored

# The same examples on every run: a failure in CI can be repeated, and new examples are looked for on purpose
# (HYPOTHESIS_PROFILE=default), not when somebody else's change lands. A busy machine must not fail a test: no deadline.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# Byte code is kept whatever the environment says: a worker and every process it starts import torch and a hundred other
# packages, and compiling them anew takes twice as long as running them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


# What is imported and collected stays until the end: the garbage collector need not walk through it again and again.
gc.disable()


def pytest_collection_finish() -> None:
    """Take everything so far for permanent."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Let the workers begin with the longest files (`--dist loadfile`)."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.scheduling import LongestFirst

    return LongestFirst(config, log)


SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
if "ARCHWRIGHT_DATA" not in os.environ and SHARED_DATA.is_dir():
    os.environ["ARCHWRIGHT_DATA"] = str(SHARED_DATA)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets; the test is skipped where there is none."""
    folder = Path(os.environ.get("ARCHWRIGHT_DATA", SHARED_DATA))
    if not folder.is_dir():
        pytest.skip("no real data: set ARCHWRIGHT_DATA to a folder with the data sets of shared/data/README.md")
    return folder


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with everything of the user's but remembered outcomes, since tests train what they say they train,
    and the secret of the classes, which decides what a network comes to: a test that passes here passes elsewhere."""
    from archwright.cache import cache_root
    from archwright.evaluation.classes import FILE, KEY, SECRET_BYTES

    os.environ.pop(KEY, None)
    users, own = cache_root().expanduser().resolve(), tmp_path_factory.mktemp("cache")
    for name in ("adapters", "data", "models"):
        (users / name).mkdir(parents=True, exist_ok=True)
        (own / name).symlink_to(users / name)
    (own / FILE).write_bytes(bytes(SECRET_BYTES))
    os.environ["ARCHWRIGHT_CACHE"] = str(own)
    return own


@pytest.fixture(autouse=True)
def _nothing_is_remembered(own_cache: Path) -> None:
    """Each test begins without remembered outcomes."""
    for file in own_cache.glob("results.db*"):
        file.unlink()


class LentSandbox:
    """A sandbox that outlives the evaluator it is lent to."""

    def __init__(self, boxes: Sandbox) -> None:
        self._boxes = boxes

    def close(self) -> None:
        """Keep the warm process for the next."""

    def __getattr__(self, name: str) -> object:
        return getattr(self._boxes, name)


@pytest.fixture(autouse=True, scope="session")
def _one_warm_process() -> Iterator[None]:
    """Every evaluator in this process forks from one warm process: each takes seconds to start, and is the same."""
    from archwright.corpus import conversion
    from archwright.evaluation import sandboxed

    start, started = sandboxed.start_boxes, list[Sandbox]()

    def lend(*, uses_gpu: bool = False) -> object:
        if uses_gpu:
            return start(uses_gpu=True)
        if not started:
            started.append(start())
        return LentSandbox(started[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandboxed, "start_boxes", lend)
        patch.setattr(conversion, "start_boxes", lend)
        yield
    for boxes in started:
        boxes.close()


@pytest.fixture(autouse=True)
def _signals_are_pythons_own() -> None:
    """Undo what a job in the background or under `nohup` inherits, ignored signals, and what Ray leaves behind: a
    handler of SIGTERM that ends the process, a worker of these tests."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class PostgresServer:
    """A real PostgreSQL server on a Unix socket in a folder of its own; it is as fast as it can be, not durable."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        # The server refuses to run as root.
        self._as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as_user:
            shutil.chown(folder, "nobody", "nogroup")
        options = ["--username=archwright", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
        self._run([str(programs / "initdb"), f"--pgdata={folder}/data", *options])
        self._command = [str(programs / "postgres"), "-D", f"{folder}/data", "-k", str(folder), "-c", "fsync=off"]
        self._command += ["-c", "listen_addresses=", "-c", "shared_buffers=16MB"]
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        import psycopg

        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd="/", **self._as_user)
        until_s = time.monotonic() + 30.0
        while True:
            try:
                psycopg.connect(host=str(self.folder), user="archwright", dbname="postgres").close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < until_s, "PostgreSQL did not start"
                time.sleep(0.05)

    def stop(self) -> None:
        """End the server at once, as a crash would, with whoever is connected."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://archwright@/{database}?host={self.folder}"

    @cached_property
    def with_tables(self) -> str:
        """The name of a database that has an archive's tables and no study: migrating each anew takes a second."""
        from sqlalchemy import create_engine

        from archwright.archive import schema

        engine = create_engine(self.create_database())
        with engine.begin() as connection:
            schema.upgrade(connection)
        engine.dispose()
        return str(engine.url.database)

    def create_database(self, like: str = "template1") -> str:
        """Return the address of a new database, empty unless it is to be `like` another one."""
        import psycopg

        name = f"archive_{next(self._numbers)}"
        with psycopg.connect(
            host=str(self.folder), user="archwright", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
        return self.url(name)

    def _run(self, command: list[str]) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._as_user)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; without its programs the test is skipped, in CI it fails."""
    found = shutil.which("initdb")
    programs = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        missing = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
        pytest.fail(missing) if "CI" in os.environ else pytest.skip(missing)
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # a short path: a socket's name has at most 107 bytes
    try:
        server = PostgresServer(programs[-1], folder)
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def archive_url(request: pytest.FixtureRequest) -> str | None:
    """Where the rows of a study go: None for a file in its folder, else a new database that has tables and no study."""
    if request.param == "sqlite":
        return None
    postgres = request.getfixturevalue("postgres")
    return str(postgres.create_database(postgres.with_tables))


MakeRecord = Callable[..., Record]
CALL = ("prompt_tokens", "completion_tokens")
FACTS = ("repair", "operation", "failed_before", "no_suggestion")


@pytest.fixture
def make_record() -> MakeRecord:
    """Build a Record: valid with an accuracy, failed with a failure, else without an outcome."""

    def make(
        cycle: int,
        index: int,
        accuracy: float | None = None,
        *,
        failure: Failure | None = None,
        reason: AdmissionReason | None = None,
        source: str | None = None,
        **candidate: object,
    ) -> Record:
        program = Program(source if source is not None else f"# {cycle}.{index}")
        outcome = None
        if accuracy is not None:
            outcome = Outcome(
                Stage.SCORE,
                scores=scored(accuracy, 1.0, 100),
                seconds={"train": 1.5, "total": 2.0},
                cpu_s=1.0,
                received_bytes=10,
            )
        elif failure is not None:
            outcome = Outcome(failure.stage, failure=failure, seconds={"total": 0.5}, cpu_s=0.25)
        call = Call("writer", "", "", "fake", **{name: candidate.pop(name) for name in CALL if name in candidate})
        calls = (call,) if call.prompt_tokens else ()
        facts = {name: candidate.pop(name) for name in FACTS if name in candidate}
        written = Candidate(Key(cycle, index), program, "full", seed=index, calls=calls, facts=facts, **candidate)
        return recorded(written, outcome, None if reason is None else Admission(reason))

    return make


@pytest.fixture
def syntax_error() -> Failure:
    """A program that does not parse."""
    return Failure(Stage.PARSE, FailureKind.SYNTAX, "invalid syntax", line=3)


@pytest.fixture
def run_python() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """A function that starts `python -c SCRIPT ARGUMENTS...`; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", script, *map(str, arguments)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its children as well
        process.communicate()

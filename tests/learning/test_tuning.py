"""Fine-tuning seen from the study: the worker process, its failures, and what is left on the disk."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from tests.killed import nothing_named_before_it_is_on_disk

from archwright.config import TuneConfig
from archwright.errors import ModelError, TuningError
from archwright.learning import lora, tuning, worker
from archwright.learning.tuning import OnTuningStep, adapter_digest, read_tuned, tune
from archwright.llm.hardware import Hardware
from archwright.llm.local import LocalModel
from archwright.llm.pairs import Pair, write_pairs

TuneWith = Callable[..., None]


@pytest.fixture
def job_folder(tiny: Path, pairs: list[Pair], quick: TuneConfig, tmp_path: Path) -> Path:
    """What `tune` prepares for the worker."""
    folder = tmp_path / "job"
    folder.mkdir()
    job = {
        "model": "tiny",
        "source": str(tiny),
        "init_adapter": None,
        "config": quick.model_dump(mode="json"),
        "seed": 1,
        "until_epoch": None,
        "checkpoint_s": None,
    }
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    write_pairs(pairs, folder / "pairs.jsonl")
    return folder


def test_the_adapter_appears_complete_and_is_used(
    tiny: Path, pairs: list[Pair], quick: TuneConfig, tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []
    out = tmp_path / "adapters" / "cycle-1"
    tuned = tune(
        pairs,
        model=str(tiny),
        init_adapter=None,
        out=out,
        config=quick,
        seed=1,
        on_step=lambda step, total, loss, speed: steps.append((step, total)),
    )
    assert (tuned.folder, tuned.pairs, tuned.steps, tuned.left_out) == (out, 3, 6, 0)
    assert steps == [(step, 6) for step in range(1, 7)]
    assert tuned.loss > 0
    assert tuned.tokens > 0
    assert tuned.wall_s >= tuned.cpu_s * 0.1 > 0
    assert tuned.peak_memory_mb > 100
    assert read_tuned(out) == tuned
    assert [path.name for path in out.parent.iterdir()] == ["cycle-1"]
    model = LocalModel(tiny, name="tiny", hardware=Hardware("cpu", torch.float32, torch.float32))
    model.use_adapter("cycle-1", out)
    assert model.adapter == "cycle-1"


@pytest.fixture
def tune_with(
    tiny: Path, pairs: list[Pair], quick: TuneConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TuneWith]:
    """Runs `tune` with a script in place of the worker; afterwards nothing may be left, neither file nor process."""
    out = tmp_path / "adapters" / "a"

    def run(script: str, on_step: OnTuningStep | None = None) -> None:
        monkeypatch.setattr(tuning, "WORKER", (sys.executable, "-S", "-c", script))
        tune(pairs, model=str(tiny), init_adapter=None, out=out, config=quick, seed=1, on_step=on_step)

    yield run
    assert list(out.parent.iterdir()) == []


STEP = """import time; print('{"step": 1, "steps": 2, "loss": 3.0, "tokens_per_s": 4.0}', flush=True); """


def test_a_killed_worker_is_a_tuning_error(tune_with: TuneWith) -> None:
    with pytest.raises(TuningError, match="signal 9.*memory") as failure:
        tune_with(STEP + "import os; os.kill(os.getpid(), 9)")
    assert "tune.max_length" in failure.value.remedy


def test_a_failure_of_the_worker_arrives_with_its_remedy(tune_with: TuneWith) -> None:
    with pytest.raises(TuningError, match="too little — more"):
        tune_with("""print('{"failure": {"what": "too little", "remedy": "more"}}'); raise SystemExit(1)""")


def test_a_crash_of_the_worker_shows_its_last_line(tune_with: TuneWith) -> None:
    with pytest.raises(TuningError, match="ValueError: a bug"):
        tune_with("raise ValueError('a bug')")


def test_an_interrupted_study_stops_its_worker(tune_with: TuneWith) -> None:
    def interrupt(step: int, steps: int, loss: float, speed: float) -> None:
        raise KeyboardInterrupt

    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        tune_with(STEP + "time.sleep(60)", interrupt)
    assert time.perf_counter() - started < 30


def test_a_worker_that_claims_success_without_an_adapter_is_not_believed(tune_with: TuneWith) -> None:
    with pytest.raises(TuningError, match="could not be written"):
        tune_with(STEP)


def test_an_adapter_is_on_disk_before_it_has_its_place_and_what_a_kill_left_beside_it_is_removed(
    quick: TuneConfig, pairs: list[Pair], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = """if True:
        import json, os, sys
        os.mkdir(sys.argv[1] + "/adapter")
        names = ("pairs", "left_out", "steps", "tokens", "loss", "cpu_s", "gpu_s", "peak_memory_mb")
        card = json.dumps(dict.fromkeys(names, 1))
        for name, text in (("adapter_model.safetensors", "weights"), ("card.json", card)):
            with open(sys.argv[1] + "/adapter/" + name, "w") as file:
                file.write(text)"""
    out = tmp_path / "adapters" / "a"
    (out.parent / ".a.part-killed" / "trainer").mkdir(parents=True)
    monkeypatch.setattr(tuning, "WORKER", (sys.executable, "-S", "-c", script))
    with nothing_named_before_it_is_on_disk(monkeypatch) as named:
        tune(pairs, model=str(tiny), init_adapter=None, out=out, config=quick, seed=1)
    assert named[-1] == out
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_worker_ends_with_the_one_who_started_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "job.json")
    command = [*tuning.WORKER, str(tmp_path)]
    start = f"import subprocess; w = subprocess.Popen({command!r}); print(w.pid, flush=True); w.wait()"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        with (tmp_path / "job.json").open("w"):  # As soon as the worker reads it, which now waits.
            starter.kill()
            starter.wait()
            for _ in range(300):
                if not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text():
                    return
                time.sleep(0.1)
            os.kill(pid, signal.SIGKILL)
            pytest.fail("the worker outlives the one who started it")


def test_an_existing_folder_is_never_overwritten(quick: TuneConfig, pairs: list[Pair], tmp_path: Path) -> None:
    with pytest.raises(TuningError, match="new folder"):
        tune(pairs, model="smollm2-135m", init_adapter=None, out=tmp_path, config=quick, seed=1)


def test_no_pairs_are_refused(quick: TuneConfig, tmp_path: Path) -> None:
    with pytest.raises(TuningError, match="no pairs"):
        tune([], model="smollm2-135m", init_adapter=None, out=tmp_path / "a", config=quick, seed=1)


def test_a_folder_that_cannot_be_made_is_a_tuning_error(
    tiny: Path, quick: TuneConfig, pairs: list[Pair], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(TuningError, match="could not be written"):
        tune(pairs, model=str(tiny), init_adapter=None, out=tmp_path / "file" / "a", config=quick, seed=1)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (MemoryError(), "out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "out of memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 20 MiB"), "out of memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (ModelError("no such model", "name another"), "no such model"),
    ],
)
def test_what_goes_wrong_in_the_worker_is_told_in_words(
    error: Exception, says: str, job_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr(lora, "train_adapter", fail)
    said = io.StringIO()
    assert worker.main(job_folder, said) == 1
    failure = json.loads(said.getvalue())["failure"]
    assert says in failure["what"]
    assert failure["remedy"]


def test_an_error_of_ours_is_not_dressed_up(job_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(lora, "train_adapter", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        worker.main(job_folder, io.StringIO())


def test_a_worker_nobody_listens_to_cleans_up_and_ends(job_folder: Path) -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    assert worker.main(job_folder, Closed()) == 1
    assert not job_folder.exists()


def test_a_worker_that_keeps_checkpoints_leaves_them_when_nobody_listens(
    job_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(lora, "train_adapter", fail)
    job = json.loads((job_folder / "job.json").read_text("utf-8"))
    (job_folder / "job.json").write_text(json.dumps(job | {"checkpoint_s": 60.0}), "utf-8")
    handler = signal.getsignal(signal.SIGTERM)
    try:
        assert worker.main(job_folder, io.StringIO()) == 1
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert job_folder.exists()


def test_a_folder_that_is_no_adapter_is_a_tuning_error(tmp_path: Path) -> None:
    with pytest.raises(TuningError, match="not a complete adapter"):
        read_tuned(tmp_path)
    with pytest.raises(TuningError, match="no adapter weights"):
        adapter_digest(tmp_path)

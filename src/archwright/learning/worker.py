"""The process that trains one adapter: `python -m archwright.learning.worker FOLDER`, started by `learning.tuning`.

Reads `job.json`, `pairs.jsonl` and, where there is one, `held_out.jsonl` in FOLDER and writes the finished adapter to
`FOLDER/adapter`. On its standard output it says one JSON object per line: `{"step", "steps", "loss", "tokens_per_s"}`
after every optimizer step, and `{"failure": {"what", "remedy"}}` before it gives up. SIGTERM has it write a checkpoint
and end without an adapter, where the job keeps checkpoints; Ctrl-C is for the one who started it. It ends with the one
who started it, whose next run must not find it at work in FOLDER; where the system cannot see to that, when nobody
listens any more, and then it removes FOLDER unless there are checkpoints in it to go on from.
"""

import contextlib
import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from archwright.errors import ArchwrightError
from archwright.learning.tuning import ADAPTER, HELD_OUT, JOB, PAIRS, TuningJob
from archwright.llm.pairs import read_pairs
from archwright.sandbox.kernel import PR_SET_PDEATHSIG, prctl


def main(folder: Path, report: TextIO) -> int:
    """Train the adapter that `folder` asks for and return the exit status."""

    def say(message: dict[str, object]) -> None:
        report.write(json.dumps(message) + "\n")
        report.flush()

    def fail(what: str, remedy: str) -> int:
        say({"failure": {"what": what, "remedy": remedy}})
        return 1

    job: TuningJob | None = None
    try:
        job = TuningJob.model_validate_json((folder / JOB).read_bytes())
        from archwright.learning.lora import LoraJob, train_adapter

        is_told_to_stop = (lambda: False) if job.checkpoint_s is None else _listen_for_sigterm()
        held_out = folder / HELD_OUT
        train_adapter(
            LoraJob(
                **dict(job),
                pairs=read_pairs(folder / PAIRS),
                scratch=folder,
                held_out=read_pairs(held_out) if held_out.exists() else (),
            ),
            folder / ADAPTER,
            lambda step, steps, loss, speed: say({"step": step, "steps": steps, "loss": loss, "tokens_per_s": speed}),
            is_told_to_stop,
        )
        return 0
    except BrokenPipeError:
        if job is None or job.checkpoint_s is None:
            shutil.rmtree(folder, ignore_errors=True)
        return 1
    except ArchwrightError as error:
        return fail(error.what, error.remedy)
    except (MemoryError, RuntimeError, OSError) as error:
        from archwright.llm.hardware import is_out_of_memory

        traceback.print_exc()
        if is_out_of_memory(error):
            return fail(
                "fine-tuning ran out of memory",
                "close other programs, or lower tune.max_length, tune.batch or tune.rank",
            )
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            return fail(f"the adapter could not be written: {error.strerror}", "free some disk space and try again")
        raise


def _listen_for_sigterm() -> Callable[[], bool]:
    """Return what says whether the signal has come."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: told.append(number))
    return lambda: bool(told)


if __name__ == "__main__":
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print to standard output now and then; only our own lines may reach the one who listens.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as channel:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        status = main(Path(sys.argv[1]), channel)
        with contextlib.suppress(BrokenPipeError):
            channel.flush()
    sys.exit(status)

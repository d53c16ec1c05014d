"""The supervisor's handle on a warm process: start it, wait for it, give it orders, end it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from typing import IO

from archwright.errors import EvaluatorError
from archwright.sandbox.handover import Handover

START_S = 180.0
"""How long a warm process may take to become ready: importing torch takes seconds, on a loaded machine many."""
_BOOTSTRAP = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from archwright.sandbox.warm import main
main(int(sys.argv[2]), *sys.argv[3:])
"""
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",  # the order of a set of strings must not change from run to run
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TORCH_WARM_POOL": "0",  # nothing is compiled here, and a pool of compilers has threads
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",  # asking whether CUDA exists must not initialise it before a fork
    "CUDA_VISIBLE_DEVICES": "",  # nor must an optimizer's step, which asks the current stream
    # glibc keeps freed memory, in large pages: a training step otherwise faults in the same megabytes again and again,
    # and a fork copies twice as many page-table entries (docs/benchmarks.md).
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:"
    "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1073741824",
}
LIBRARY_PATH = "LD_LIBRARY_PATH"
"""Handed on: where the loader finds libpython and the driver on some systems is known nowhere else."""
OWN_VARIABLES = 1 + sum(1 + value.count("=") for value in ENVIRONMENT.values())
"""At most so many settings are in the environment that the warm process starts with."""


class WarmProcess:
    """One warm process and the socket to it."""

    def __init__(self, entry: str, warm_up: str, prepare: str, path: list[str], root: str) -> None:
        self._control, theirs = socket.socketpair()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._is_ready = False
        program = [sys.executable, "-s", "-P", "-c", _BOOTSTRAP]
        with theirs:
            self._process = subprocess.Popen(
                [*program, json.dumps(path), str(theirs.fileno()), entry, warm_up, prepare, root],
                env=ENVIRONMENT | {name: os.environ[name] for name in (LIBRARY_PATH,) if name in os.environ},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor alone
                cwd="/",
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Return whether it still runs."""
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Return when it takes orders; raises EvaluatorError with its last words when it does not start."""
        if self._is_ready:
            return
        self._control.settimeout(START_S)
        try:
            word = self._control.recv(16)
        except TimeoutError:
            self.kill()
            raise EvaluatorError(
                f"the warm process did not start within {START_S:.0f} s",
                "the machine is busy or short of memory: run less beside it, then again",
            ) from None
        except OSError:
            word = b""
        self._control.settimeout(None)
        if word != b"ready":
            self.kill()
            self._errors.seek(0)
            words = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            raise EvaluatorError(
                f"the warm process did not start: {words[-1] if words else 'no answer'}",
                "run `archwright doctor`; a broken torch installation is the usual cause",
            )
        self._is_ready = True

    def send(self, order: Handover) -> None:
        """Give an order; raises OSError when nobody listens."""
        order.send(self._control)

    def kill(self) -> None:
        """End it now; boxes it started live on with their keepers."""
        if self.is_alive():
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """End it and free what belongs to it."""
        self.kill()
        self._control.close()
        self._errors.close()

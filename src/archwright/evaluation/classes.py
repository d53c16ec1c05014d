"""Secret aliases of the classes: in every run class c goes by another number, which the supervisor alone decides.

A program that carries a table of labels, from an earlier run or from the public data set, answers in numbers that mean
something else in this run and scores at chance. The labels it trains on and the labels its predictions are scored
against are renamed alike, so an honest program notices nothing. What this does not stop is a program that carries true
classes of images it also trains on and works the aliases out from them.
"""

import hashlib
import hmac
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archwright.cache import cache_root
from archwright.errors import StorageError
from archwright.evaluation.data.storage import writing
from archwright.resumable import replacing

KEY = "ARCHWRIGHT_CLASS_KEY"
"""Environment variable: any text takes the place of this installation's secret."""
PUBLIC_KEY = "benchmarks"
FILE = "class-aliases.key"
SECRET_BYTES = 32


def class_aliases(secret: bytes, task: str, seed: int, classes: int) -> NDArray[np.int64]:
    """Return the alias of every class in a run with `seed`: int64 (classes,), a permutation of the classes.

    The same for the same arguments on every machine; to whoever does not know `secret` all are equally likely.
    """
    return secret_order(secret, f"{task}/{seed}", classes)


def secret_order(secret: bytes, name: str, n: int) -> NDArray[np.int64]:
    """Return the permutation of range(n) that belongs to `name`: int64 (n,), O(n log n), 2 microseconds each."""

    def rank(number: int) -> bytes:
        return hmac.digest(secret, f"{name}/{number}".encode("utf-8", "surrogatepass"), hashlib.sha256)

    return np.array(sorted(range(n), key=rank), np.int64)


def secret_random(secret: bytes, name: str) -> np.random.Generator:
    """Return random numbers that belong to `name`."""
    return np.random.default_rng(list(hmac.digest(secret, f"random/{name}".encode(), hashlib.sha256)))


def installation_secret() -> bytes:
    """Return the secret of this installation, made when it is first asked for; readable by its owner alone.

    It is kept in the cache folder, so that the same seed gives the same result tomorrow. Whoever wants the results of
    another machine bit for bit copies the file, or states the same key on both (`KEY`), which is then no secret.
    Raises StorageError when it cannot be read or written.
    """
    if stated := os.environ.get(KEY):
        return hashlib.sha256(os.fsencode(stated)).digest()
    path = cache_root() / FILE
    if not path.exists():
        with writing(path.parent, f"{FILE}.lock"):
            if not path.exists():
                _create(path)
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}", "make it readable for its owner") from error
    if len(secret) != SECRET_BYTES:
        raise StorageError(f"{path} is damaged", "remove it; a new one is made, and the same seeds give new results")
    return secret


def state_class_key() -> None:
    """Have this process and those it starts use a key that everybody knows, unless one is stated already.

    For benchmarks: their figures then follow from command and seed. Of what models write that key hides nothing.
    """
    os.environ.setdefault(KEY, PUBLIC_KEY)


def _create(path: Path) -> None:
    with replacing(path) as part, os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.urandom(SECRET_BYTES))

"""What writing while training gains: the pipeline of `Study.run` against a barrier after every batch.

    python benchmarks/pipeline.py [--real] [--rounds 3] [--out FILE]

Barrier: `ask` writes a batch, all of it is trained, then the next is written; the same study, candidates and rows.
The made-up part has a model that takes a second for a batch of 8 and 8 workers that take a second for a candidate, so
that arithmetic allows a ratio of 2. With --real the embedded model writes (batches of 6) and networks are trained on
digits, on as many cores as there are. Both arms run in turn in each round; ratios are barrier / pipeline, with a
t-interval at 95 % over rounds.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archwright.analysis.intervals import t_interval
from archwright.archive import digest
from archwright.archive.environment import describe_environment
from archwright.assembly import Parts
from archwright.candidate import WRITER, Fidelity, Program
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import LocalExecutor, run_jobs
from archwright.llm.model import Completion, Decoding, Prompt
from archwright.randomness import derive_seed
from archwright.study import Study
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.models import FakeModel

CANDIDATES = 48


def main() -> None:
    """Time both arms in turn and print their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", action="store_true", help="the embedded model on digits, some minutes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = []
    for number in range(options.rounds):
        for arm in ("barrier", "pipeline") if number % 2 else ("pipeline", "barrier"):
            with tempfile.TemporaryDirectory() as folder:
                rows.append({"round": number, "arm": arm} | run(arm, Path(folder) / "run", is_real=options.real))
            print(rows[-1], flush=True)
    assert len({row["digest"] for row in rows}) == 1, "the arms have different rows"
    ratios = [seconds(rows, number, "barrier") / seconds(rows, number, "pipeline") for number in range(options.rounds)]
    mean = t_interval(ratios)
    result = {
        "real": options.real,
        "rows": rows,
        "ratio": [mean.mean, mean.low, mean.high],
        "machine": describe_environment(),
    }
    print(f"barrier / pipeline: {mean.mean:.2f} [{mean.low}, {mean.high}] over {mean.n} rounds")
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def seconds(rows: list[dict[str, object]], number: int, arm: str) -> float:
    """Return the wall seconds of one arm in one round."""
    return next(float(str(row["wall_s"])) for row in rows if (row["round"], row["arm"]) == (number, arm))


def run(arm: str, folder: Path, *, is_real: bool) -> dict[str, object]:
    """Return wall seconds and the digest of the rows of one study."""
    config, parts = real() if is_real else made_up()
    started = time.perf_counter()
    with Study(config, folder, parts=parts) as study:
        if arm == "pipeline":
            study.run()
        else:
            barrier(study, parts)
        wall_s = time.perf_counter() - started
    return {"wall_s": round(wall_s, 2), "digest": digest(folder)}


def barrier(study: Study, parts: Parts) -> None:
    """Run a study with `ask` and `tell`: everything that was asked for is trained before more is."""
    assert parts.executor is not None
    while candidates := study.ask():
        jobs = [
            Job(number, candidate.program, derive_seed(candidate.seed, "train"))
            for number, candidate in enumerate(candidates)
            if candidate.program is not None
        ]
        with closing(run_jobs(parts.executor, jobs)) as answers:
            for job, outcome in answers:
                study.tell(candidates[job.number], outcome)


class Slow:
    """A model that takes a second for a batch."""

    def __init__(self) -> None:
        self._fake = FakeModel()
        self.name, self.adapter = self._fake.name, None

    def complete(self, prompts: list[Prompt], decoding: Decoding, seeds: list[int]) -> list[Completion]:
        """Answer after a second."""
        time.sleep(1.0)
        return self._fake.complete(prompts, decoding, seeds)

    def stream(self, prompts: list[Prompt], decoding: Decoding, seeds: list[int]) -> Iterator[tuple[int, Completion]]:
        """Yield the answers of a batch."""
        yield from enumerate(self.complete(prompts, decoding, seeds))

    def close(self) -> None:
        """Do nothing."""


def score(program: Program, seed: int, at: Fidelity | None) -> float:
    """Take a second."""
    time.sleep(1.0)
    return derive_seed(seed, program.digest) % 1000 / 1000


def made_up() -> tuple[StudyConfig, Parts]:
    """Return a study whose model and workers only wait."""
    settings = [f"loop.candidates={CANDIDATES}", "loop.cycles=1", "llm.batch=8", "llm.adapter=none"]
    evaluator = FakeEvaluator(NETWORK, score)
    executor = LocalExecutor(evaluator, 8)
    return load_config(settings=[*settings, "tune.enabled=false"]), Parts(models={WRITER: Slow()}, executor=executor)


def real() -> tuple[StudyConfig, Parts]:
    """Return a study of the embedded model on digits."""
    settings = ["loop.candidates=24", "loop.cycles=1", "llm.batch=6", "tune.enabled=false", "sandbox.cache=false"]
    config = load_config("demo", settings)
    return config, Parts(executor=NETWORK.start(config, NETWORK.load(config)))


if __name__ == "__main__":
    state_class_key()
    main()

"""Which engine writes fastest: transformers or CTranslate2, all with one thread, on one prompt?

    python benchmarks/engines.py [--arms ...] [--rounds 3] [--tokens 24] [--greedy 192] [--out FILE.json]

The embedded model with its shipped adapter merged answers the prompt of CIFAR-10. Each arm is a process of its own;
they take turns, and a round gives each arm every batch once, so that whatever else the machine does meets all of them.
Nothing ends a row early while speed is measured. Ratios are those of arms in the same round and batch: geometric mean
and range. Memory is the peak of the process in MB, adapter included. Greedy agreement is the number of tokens before
the first that differs from transformers'. CTranslate2 has one random stream for a whole batch and its seed is read once
per thread: what it samples depends on its neighbours. Needs `pip install ctranslate2`.

Every measurement is kept when it is made; a run that was killed goes on from there.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import geometric_mean
from typing import IO, Any

from archwright.archive.environment import describe_environment
from archwright.config import LlmConfig
from archwright.evaluation.classes import state_class_key
from archwright.llm.adapters import shipped_adapter, with_adapter
from archwright.llm.embedded import EMBEDDED_NAME, embedded_folder
from archwright.llm.model import Decoding
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.stopwatch import Stopwatch
from archwright.task import Budget

REFERENCE = "transformers"
ARMS = (REFERENCE, "ctranslate2-float32", "ctranslate2-int8")
Write = Callable[[list[int], int, Decoding], list[list[int]]]
"""From a prompt, the number of rows and a decoding without end tokens to the tokens of each row."""


@dataclass(frozen=True, slots=True)
class Speed:
    """One batch of one arm."""

    arm: str
    round: int
    batch: int
    tokens: int
    wall_s: float
    cpu_s: float

    @property
    def key(self) -> tuple[str, int, int]:
        """What it measures."""
        return self.arm, self.round, self.batch


class Arm:
    """The process of an engine: one JSON object per line in and out."""

    def __init__(self, name: str) -> None:
        """Start it; it loads its model before it answers."""
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
        command = [sys.executable, __file__, "--worker", name]
        self._process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, **request: object) -> dict[str, Any]:
        """Return the answer to `request`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def main() -> None:
    """Measure what the results lack, write them and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=ARMS)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 24, 48])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--greedy", type=int, default=192, help="tokens of the greedy answers that are compared")
    parser.add_argument("--out", type=Path, default=Path("docs/results/engines.json"))
    parser.add_argument("--worker", choices=ARMS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        serve(options.worker)
        return
    result = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {}
    result = {"machine": describe_environment(), "arms": {}, "speeds": []} | result
    measure(options, result)
    print("\n".join(table(result)))


def measure(options: argparse.Namespace, result: dict[str, Any]) -> None:
    """Add to `result`, and to its file, what is not in it yet."""

    def keep() -> None:
        partial = options.out.with_suffix(".partial")
        partial.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
        partial.replace(options.out)

    done = {Speed(**row).key for row in result["speeds"]}
    turns = [(number, batch) for number in range(options.rounds) for batch in options.batches]
    missing = [(arm, *turn) for turn in turns for arm in options.arms if (arm, *turn) not in done]
    arms = {
        name: Arm(name) for name in options.arms if name not in result["arms"] or any(m[0] == name for m in missing)
    }
    try:
        for name, arm in arms.items():
            if name not in result["arms"]:
                result["arms"][name] = arm.ask(task="greedy", tokens=options.greedy)
                keep()
        for name, number, batch in missing:
            spent = arms[name].ask(task="speed", batch=batch, tokens=options.tokens)
            result["speeds"].append(asdict(Speed(name, number, batch, batch * options.tokens, **spent)))
            print(
                f"round {number}, batch {batch}, {name}: {batch * options.tokens / spent['cpu_s']:.0f}/CPU s",
                flush=True,
            )
            keep()
        for name, arm in arms.items():
            result["arms"][name] |= arm.ask(task="memory")
            keep()
    finally:
        for arm in arms.values():
            arm.close()


def serve(name: str) -> None:
    """Answer the parent's requests with the engine `name` until there are no more."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # Libraries print; only our lines may reach the parent.
        _serve(name, sys.stdin, answers)


def _serve(name: str, requests: IO[str], answers: IO[str]) -> None:
    from archwright.llm.local import load_tokenizer, render_prompt

    cifar10 = next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10")
    prompt = render_prompt(load_tokenizer(embedded_folder(), EMBEDDED_NAME), render_full(cifar10, Budget(), "compact"))
    config, clock = LlmConfig(), Stopwatch()
    write = in_ctranslate2(name.rpartition("-")[2]) if name.startswith("ctranslate2") else in_torch()
    adapter = {"adapter_wall_s": clock.wall_s, "adapter_cpu_s": clock.cpu_s}
    write(prompt, 1, Decoding(0, 0, 1, 4))  # Warms up.
    for line in requests:
        request = json.loads(line)
        if request["task"] == "greedy":
            answer = adapter | {"greedy": write(prompt, 1, Decoding(0, 0, 1, request["tokens"]))[0]}
        elif request["task"] == "memory":
            answer = {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        else:
            clock = Stopwatch()
            rows = write(prompt, request["batch"], Decoding(0.8, config.top_k, config.top_p, request["tokens"]))
            answer = {"wall_s": clock.wall_s, "cpu_s": clock.cpu_s}
            assert [len(row) for row in rows] == [request["tokens"]] * request["batch"]
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def merged() -> Any:
    """Return the embedded network with its shipped adapter in its weights."""
    from archwright.llm.hardware import detect_hardware
    from archwright.llm.local import load_network

    adapter = shipped_adapter(EMBEDDED_NAME)
    assert adapter is not None
    return with_adapter(load_network(embedded_folder(), EMBEDDED_NAME, detect_hardware()), adapter).merge_and_unload()


def in_torch() -> Write:
    """Return our own sampling."""
    import torch

    from archwright.llm.hardware import detect_hardware
    from archwright.llm.local import make_ready
    from archwright.llm.sampling import sample

    torch.set_num_threads(1)
    network = make_ready(merged(), detect_hardware())

    def write(prompt: list[int], rows: int, decoding: Decoding) -> list[list[int]]:
        sampled = sample(network, [prompt] * rows, range(rows), decoding, frozenset(), lambda tokens: False)
        return [row.tokens for row in sampled]

    return write


def in_ctranslate2(quantization: str) -> Write:
    """Return CTranslate2's own sampling with the model converted to `quantization`."""
    import ctranslate2
    from ctranslate2.converters import TransformersConverter

    from archwright.llm.local import load_tokenizer

    tokenizer = load_tokenizer(embedded_folder(), EMBEDDED_NAME)
    scratch = Path(tempfile.mkdtemp(prefix="archwright-engines-"))
    try:
        merged().save_pretrained(scratch / "merged")
        tokenizer.save_pretrained(scratch / "merged")
        kind = None if quantization == "float32" else quantization
        TransformersConverter(str(scratch / "merged")).convert(str(scratch / "model"), quantization=kind)
        model = ctranslate2.Generator(str(scratch / "model"), compute_type=quantization, intra_threads=1)
    finally:
        shutil.rmtree(scratch)

    def write(prompt: list[int], rows: int, decoding: Decoding) -> list[list[int]]:
        # All but the last token of the prompts is read once, as our own sampling does.
        results = model.generate_batch(
            [tokenizer.convert_ids_to_tokens(prompt[-1:])] * rows,
            static_prompt=tokenizer.convert_ids_to_tokens(prompt[:-1]),
            cache_static_prompt=False,
            include_prompt_in_result=False,
            max_batch_size=rows,
            sampling_topk=decoding.top_k if decoding.temperature else 1,
            sampling_topp=decoding.top_p,
            sampling_temperature=decoding.temperature or 1,
            max_length=decoding.max_new_tokens,
            min_length=decoding.max_new_tokens,
        )
        return [result.sequences_ids[0] for result in results]

    return write


def table(result: dict[str, Any]) -> list[str]:
    """Return the tables of `docs/benchmarks.md`."""
    speeds = {row.key: row for row in (Speed(**each) for each in result["speeds"])}
    batches = sorted({batch for _, _, batch in speeds})
    lines = [
        f"| engine | {' | '.join(f'tokens per CPU second, batch {batch}' for batch in batches)} "
        "| greedy tokens in common | s to take an adapter (wall, CPU) | peak MB |",
        f"|---|{'--:|' * (len(batches) + 3)}",
    ]
    reference = result["arms"][REFERENCE]["greedy"]
    for arm, facts in result["arms"].items():
        cells = [cell(speeds, arm, batch) for batch in batches]
        cells.append(f"{in_common(reference, facts['greedy'])} of {len(reference)}")
        cells += [f"{facts['adapter_wall_s']:.0f}, {facts['adapter_cpu_s']:.0f}", f"{facts.get('peak_mb', 0):.0f}"]
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    return lines


def cell(speeds: dict[tuple[str, int, int], Speed], arm: str, batch: int) -> str:
    """Return an arm's speed, and its ratio to the reference over the rounds both have: geometric mean and range."""
    rounds = [
        number for name, number, size in speeds if (name, size) == (arm, batch) and (REFERENCE, number, batch) in speeds
    ]
    if not rounds:
        return "–"
    of = {
        name: [speeds[name, n, batch].tokens / speeds[name, n, batch].cpu_s for n in rounds]
        for name in (arm, REFERENCE)
    }
    shown = f"{geometric_mean(of[arm]):.1f}"
    if arm == REFERENCE:
        return shown
    ratios = [ours / theirs for ours, theirs in zip(of[arm], of[REFERENCE], strict=True)]
    return f"{shown} = {geometric_mean(ratios):.2f} x [{min(ratios):.2f}, {max(ratios):.2f}]"


def in_common(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens both begin with."""
    pairs = zip(first, second, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))


if __name__ == "__main__":
    state_class_key()
    main()

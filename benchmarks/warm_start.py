"""How well does the embedded model write networks after a short lesson on the seed corpus?

    python benchmarks/warm_start.py --set tune.lr=6e-4 --epochs 3 --samples 32

Tunes the model on the corpus (and verified mutations of it) with the prompt of the task, samples, checks every sample
by building it and one forward pass on digits (1 x 8 x 8) and CIFAR-10 (3 x 32 x 32), and compares the valid ones with
the corpus. Prints one JSON object: seconds and tokens of each step, valid shares with Wilson intervals, and kinds of
failures. The adapter is kept when `--adapter` names a folder for it, and taken from there when it exists.
"""

import argparse
import json
import platform
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from archwright.analysis.intervals import wilson
from archwright.candidate import Program
from archwright.config import LlmConfig, StudyConfig, load_config
from archwright.corpus import load_seed_corpus
from archwright.evaluation.checks import verify_programs
from archwright.evaluation.data import load_spec
from archwright.generators.full import extract_program
from archwright.learning.pairs import make_pair
from archwright.learning.tuning import Tuned, read_tuned, tune
from archwright.llm.model import Decoding
from archwright.llm.registry import load_model
from archwright.novelty.index import NoveltyFilter
from archwright.programs.mutation import variants
from archwright.prompts import render_full
from archwright.seeds import derive_seed
from archwright.task import Task

CHECKED_TASKS = ("digits", "cifar10")


def main() -> None:
    """Run one measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="demo")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--mutations", type=int, default=0, help="verified mutations of each corpus network")
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--keep", type=Path, help="write the sampled programs here")
    options = parser.parse_args()
    config = load_config(options.preset, options.settings)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.adapter or Path(scratch) / "adapter"
        if not folder.is_dir():
            _tune(config, folder, options.mutations, options.epochs, options.threads, options.seed)
        sampling, sources = _sample(config.llm, config, folder, options.samples, options.threads, options.seed)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        for number, source in enumerate(sources):
            (options.keep / f"{number:03d}.py").write_text(source, "utf-8")
    print(
        json.dumps(
            {
                "machine": platform.processor() or platform.machine(),
                "settings": options.settings,
                "tune": _describe(read_tuned(folder)),
                "sample": sampling,
                "tasks": {task: _check(sources, task, config) for task in CHECKED_TASKS},
            },
            indent=1,
        )
    )


def _tune(config: StudyConfig, folder: Path, mutations: int, epochs: int, threads: int | None, seed: int) -> None:
    networks = [network.program for network in load_seed_corpus()]
    mutants = [
        Program(source)
        for program in networks
        for source in variants(program.source, mutations, derive_seed(seed, program.digest))
    ]
    outcomes = verify_programs(mutants, config.as_task(), config.sandbox)
    programs = networks + [mutant for mutant, outcome in zip(mutants, outcomes, strict=True) if not outcome.failure]
    prompt = render_full(load_spec(config.task), config.budget, config.llm.form)
    pairs = [make_pair(prompt, program.source) for program in programs]
    random.Random(seed).shuffle(pairs)
    tune(
        pairs,
        model=config.llm.model,
        init_adapter=None,
        out=folder,
        config=config.tune.model_copy(update={"epochs": epochs}),
        seed=seed,
        threads=threads,
    )


def _describe(tuned: Tuned) -> dict[str, object]:
    return {
        "pairs": tuned.pairs,
        "steps": tuned.steps,
        "loss": tuned.loss,
        "tokens": tuned.tokens,
        "wall_s": tuned.wall_s,
        "cpu_s": tuned.cpu_s,
        "tokens_per_cpu_s": round(tuned.tokens / tuned.cpu_s, 1),
        "peak_memory_mb": tuned.peak_memory_mb,
    }


def _sample(
    llm: LlmConfig, config: StudyConfig, adapter: Path, samples: int, threads: int | None, seed: int
) -> tuple[dict[str, object], list[str]]:
    model = load_model(llm, threads=threads)
    model.use_adapter("warm-start", adapter)
    prompt = render_full(load_spec(config.task), config.budget, llm.form)
    decoding = Decoding(llm.temperature, llm.top_k, llm.top_p, llm.max_new_tokens)
    wall, cpu = time.perf_counter(), time.process_time()
    completions = model.complete([prompt] * samples, decoding, [derive_seed(seed, "sample", n) for n in range(samples)])
    wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    model.close()
    tokens = sum(completion.completion_tokens for completion in completions)
    measured: dict[str, object] = {
        "samples": samples,
        "prompt_tokens": completions[0].prompt_tokens,
        "mean_tokens": round(tokens / samples, 1),
        "finish": Counter(completion.finish_reason.value for completion in completions),
        "wall_s_per_sample": round(wall_s / samples, 2),
        "tokens_per_wall_s": round(tokens / wall_s, 1),
        "tokens_per_cpu_s": round(tokens / cpu_s, 1),
    }
    return measured, [extract_program(completion.text) for completion in completions]


def _check(sources: list[str], task: str, config: StudyConfig) -> dict[str, object]:
    outcomes = verify_programs([Program(source) for source in sources], Task(name=task), config.sandbox)
    known = NoveltyFilter(config.novelty)
    for network in load_seed_corpus():
        known.add(network.name, network.program.source)
    valid = [source for source, outcome in zip(sources, outcomes, strict=True) if outcome.failure is None]
    novel = 0
    for number, source in enumerate(valid):
        novel += known.judge(source).is_novel
        known.add(f"sample {number}", source)
    failures = [outcome.failure for outcome in outcomes if outcome.failure is not None]
    interval = wilson(len(valid), len(sources))
    return {
        "valid": len(valid),
        "of": len(sources),
        "wilson_95": [round(interval.low, 3), round(interval.high, 3)],
        "valid_and_novel": novel,
        "failures": Counter(f"{failure.stage.value}/{failure.kind.value}" for failure in failures),
        "messages": [failure.message.splitlines()[0][:160] for failure in failures],
    }


if __name__ == "__main__":
    main()

"""How good is the prior: what does the embedded model write when it is asked for networks, before any search?

    python benchmarks/prior.py [--adapter default|none|FOLDER] [--corpus FILE.jsonl|FOLDER ...]
        [--out FILE.json]

Asks for compact networks for CIFAR-10 (the prompt of a study with the default budget) and takes the completions apart.

- valid: the program builds at 3 x 32 x 32, runs forward and has at most `budget.max_params` parameters, checked in the
  sandbox; nothing is trained. Raw is the code block of the completion as the model wrote it, by plain sampling; trimmed
  and completed are the steps of `programs.repair`, counted one after the other.
- Of the valid after completion: distinct have a canonical form that none before has, apart are no canonical
  near-duplicate of one before; novel are no near-duplicate of the corpus, lexically, canonically, by both.
- Of the distinct whose graph could be traced: plain have none of the five motifs of `programs.motifs`, and the entropy
  is that of the sets of motifs, in bits.

Intervals are Wilson's at 95 %. Every batch of completions is appended to the log, by default beside `--out`: a run that
was killed goes on from there, and a run with other `--seeds` or more `--samples` adds to it. Counting is done anew.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from math import log2
from pathlib import Path
from typing import Any

from archwright.analysis.intervals import wilson
from archwright.archive.environment import describe_environment
from archwright.candidate import Outcome, Program, Repair
from archwright.config import LlmConfig, NoveltyConfig, SandboxConfig
from archwright.corpus.conversion import BATCH, noise
from archwright.corpus.shapes import TaskShape
from archwright.corpus.store import Corpus
from archwright.evaluation.checks import verify_programs
from archwright.evaluation.classes import state_class_key
from archwright.learning.tuning import adapter_digest
from archwright.llm.adapters import SETTINGS, Adapter
from archwright.llm.model import Decoding, LanguageModel
from archwright.llm.registry import find_adapter, load_model
from archwright.novelty.clusters import representatives
from archwright.novelty.index import NoveltyFilter
from archwright.novelty.sketches import sketch
from archwright.programs.canonical import canonical_form
from archwright.programs.extraction import extract_program
from archwright.programs.graph import graph_of_json
from archwright.programs.motifs import count_motifs
from archwright.programs.repair import repair
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.randomness import derive_seed
from archwright.starters import load_seed_corpus
from archwright.stopwatch import Stopwatch
from archwright.task import Budget, Recipe, Task

CIFAR10 = next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10")
STEPS = tuple(Repair)
SHARES = {
    "distinct": "of the valid: distinct",
    "apart": "of the valid: apart",
    "novel_lexical": "of the valid: novel, lexically",
    "novel_canonical": "of the valid: novel, canonically",
    "novel": "of the valid: novel by both",
    "plain": "of the distinct: no motif",
    "cut_off": "cut off by the token limit",
}
AMOUNTS = {
    "motif_bits": "entropy of motifs, bits",
    "tokens_per_s": "tokens/s",
    "wall_s_per_valid": "wall s per valid",
    "cpu_s_per_valid": "CPU s per valid",
}
FAILURES = {"failures_raw": "Failures, raw", "failures_completed": "Failures after completion"}
Key = tuple[int, int]
"""Seed and number of a sample."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One completion; the seconds are its share of its batch."""

    seed: int
    index: int
    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Judged:
    """The program in a sample, raw and repaired, and what became of both."""

    sample: Sample
    repair: Repair
    sources: tuple[str, str]
    outcomes: tuple[Outcome, Outcome]

    def is_valid(self, step: Repair = STEPS[-1]) -> bool:
        """Return whether there was a valid program after `step` or one before it."""
        raw, repaired = (outcome.failure is None for outcome in self.outcomes)
        return raw or (repaired and STEPS.index(self.repair) <= STEPS.index(step))

    @property
    def best_source(self) -> str:
        """The raw program when that is valid, else the repaired one."""
        return self.sources[0] if self.outcomes[0].failure is None else self.sources[1]

    @property
    def motifs(self) -> frozenset[str] | None:
        """The motifs in the graph of the best program, None where it could not be traced."""
        text = self.outcomes[0 if self.outcomes[0].failure is None else 1].graph
        graph = None if text is None else graph_of_json(text)
        return None if graph is None else frozenset(name for name, n in asdict(count_motifs(graph)).items() if n)


class Log:
    """The completions so far, in a file of JSON lines that begins with how they were made."""

    def __init__(self, path: Path, settings: dict[str, object]) -> None:
        """Read what is there, without a last line cut short by a kill; raises ValueError for other settings."""
        self._path = path
        self.samples: dict[Key, Sample] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.read_text("utf-8").rpartition("\n")[0].split("\n") if path.exists() else [""]
        head = json.dumps(settings)
        if whole[0] and json.loads(whole[0]) != json.loads(head):
            raise ValueError(f"{path} was made with {whole[0]}, not with {head}; give another --log")
        for line in whole[1:]:
            sample = Sample(**json.loads(line))
            self.samples[sample.seed, sample.index] = sample
        path.write_text("\n".join([head, *whole[1:]]) + "\n", "utf-8")

    def add(self, samples: Sequence[Sample]) -> None:
        """Append `samples`."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(asdict(sample)) + "\n" for sample in samples))
        self.samples |= {(sample.seed, sample.index): sample for sample in samples}


def main() -> None:
    """Sample what the log lacks, judge everything, write the result and print the table."""
    options = read_options()
    config = LlmConfig(
        adapter=options.adapter,
        temperature=options.temperature,
        max_new_tokens=options.max_new_tokens,
        batch=options.batch,
    )
    adapter = choose_adapter(config)
    settings: dict[str, object] = {
        "model": config.model,
        "adapter": None if adapter is None else adapter_digest(adapter.folder),
        "decoding": config.model_dump(include={"temperature", "top_k", "top_p", "max_new_tokens", "batch"}),
        "prompt": str(render_full(CIFAR10, Budget(), "compact")),
    }
    log = Log(options.log or options.out.with_suffix(".jsonl"), settings)
    wanted = [(seed, index) for seed in options.seeds for index in range(options.samples)]
    missing = [key for key in wanted if key not in log.samples]
    if missing:
        with closing(load_model(config)) as model:
            import torch  # After the model, which says before how threads wait.

            torch.set_num_threads(options.threads)
            if adapter is not None:
                model.use_adapter(adapter.name, adapter.folder)
            draw(model, config, missing, log)
    clock = Stopwatch()
    judged = judge([log.samples[key] for key in wanted])
    if options.keep:
        keep(judged, options.keep)
    result = {
        **settings,
        "samples": options.samples,
        "seeds": options.seeds,
        "threads": options.threads,
        "machine": describe_environment(),
        "judging_s": clock.wall_s,
        **count_all(judged, read_corpus(options.corpus)),
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print("\n".join(table(result)))


def read_options() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--adapter", default="default", help="default: the shipped one | none | a folder, checkpoints too"
    )
    parser.add_argument("--corpus", type=Path, nargs="*", default=[], help="what the adapter learned from")
    parser.add_argument("--samples", type=int, default=200, help="for each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--max-new-tokens", type=int, default=768)
    parser.add_argument("--out", type=Path, default=Path("docs/results/prior.json"))
    parser.add_argument("--keep", type=Path, help="write every distinct valid program into this folder")
    parser.add_argument("--log", type=Path, help="completions so far; default: OUT with .jsonl")
    return parser.parse_args()


def choose_adapter(config: LlmConfig) -> Adapter | None:
    """Return the adapter that `config` names; unlike a study's, one in a folder needs no card."""
    folder = Path(config.adapter)
    return Adapter("given", folder) if (folder / SETTINGS).is_file() else find_adapter(config)


def draw(model: LanguageModel, config: LlmConfig, keys: Sequence[Key], log: Log) -> None:
    """Append one completion for every key to the log, a batch at a time."""
    prompt = render_full(CIFAR10, Budget(), "compact")
    decoding = Decoding(config.temperature, config.top_k, config.top_p, config.max_new_tokens)
    for start in range(0, len(keys), config.batch):
        batch = keys[start : start + config.batch]
        clock = Stopwatch()
        completions = model.complete([prompt] * len(batch), decoding, [derive_seed(*key) for key in batch])
        samples = [
            Sample(
                *key,
                completion.text,
                completion.finish_reason.value,
                completion.prompt_tokens,
                completion.completion_tokens,
                clock.wall_s / len(batch),
                clock.cpu_s / len(batch),
            )
            for key, completion in zip(batch, completions, strict=True)
        ]
        log.add(samples)
        speed = sum(sample.completion_tokens for sample in samples) / clock.wall_s
        print(f"{start + len(batch)}/{len(keys)} sampled, {speed:.0f} tokens/s", flush=True)


def judge(samples: Sequence[Sample]) -> list[Judged]:
    """Return what became of the program in every sample, raw and repaired."""
    raw = [extract_program(sample.text) for sample in samples]
    repaired = [repair(source) for source in raw]
    programs = list(dict.fromkeys([*raw, *(each.source for each in repaired)]))
    task = Task(budget=Budget(), recipe=Recipe(batch=BATCH))
    data = noise(TaskShape.of(CIFAR10))
    outcomes = verify_programs([Program(source) for source in programs], task, SandboxConfig(), data=data)
    outcome_of = dict(zip(programs, outcomes, strict=True))
    return [
        Judged(sample, after.repair, (source, after.source), (outcome_of[source], outcome_of[after.source]))
        for sample, source, after in zip(samples, raw, repaired, strict=True)
    ]


def keep(judged: Sequence[Judged], folder: Path) -> None:
    """Write every valid program that differs as text from those before to `folder`: a source of `corpus build`."""
    folder.mkdir(parents=True, exist_ok=True)
    first = {each.best_source: each.sample for each in reversed(judged) if each.is_valid()}
    for source, sample in first.items():
        (folder / f"written-{sample.seed}-{sample.index}.py").write_text(source, "utf-8")


def read_corpus(paths: Sequence[Path]) -> list[str]:
    """Return the seed networks and the programs in `paths`.

    Each is a corpus's folder or a file of JSON lines: training pairs, or anything with a `source`.
    """
    sources = [network.program.source for network in load_seed_corpus()]
    for path in paths:
        if path.is_dir():
            with Corpus.open(path) as corpus:
                sources += [example.compact or example.full for example in corpus.examples()]
        else:
            rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
            sources += [row["source"] if "source" in row else extract_program(row["completion"]) for row in rows]
    return sources


def count_all(judged: Sequence[Judged], corpus: Sequence[str]) -> dict[str, Any]:
    """Return the counts of each seed and of all samples together."""
    known = NoveltyFilter(NoveltyConfig())
    for number, source in enumerate(corpus):
        known.add(str(number), source)
    seeds = dict.fromkeys(each.sample.seed for each in judged)
    by_seed = {str(seed): count([each for each in judged if each.sample.seed == seed], known) for seed in seeds}
    return {"corpus": len(corpus), "pooled": count(judged, known), "by_seed": by_seed}


def count(judged: Sequence[Judged], known: NoveltyFilter) -> dict[str, Any]:
    """Return shares as [share, low, high, successes, n], failures by kind, and seconds per valid program."""
    n, samples = len(judged), [each.sample for each in judged]
    sources = [each.best_source for each in judged if each.is_valid()]
    limit, verdicts = NoveltyConfig().threshold, [known.judge(source) for source in sources]
    chosen = representatives(sketch(sources, "canonical", NoveltyConfig()), NoveltyConfig())
    forms = {canonical_form(each.best_source): each for each in reversed(judged) if each.is_valid()}
    kinds = Counter(motifs for each in forms.values() if (motifs := each.motifs) is not None)
    wall_s, cpu_s = sum(sample.wall_s for sample in samples), sum(sample.cpu_s for sample in samples)
    return {
        "valid": {step.value: share(sum(each.is_valid(step) for each in judged), n) for step in STEPS},
        "repaired": {step.value: sum(each.repair is step for each in judged) for step in STEPS},
        "distinct": share(len(forms), len(sources)),
        "apart": share(sum(number == place for place, number in enumerate(chosen)), len(sources)),
        "novel_lexical": share(sum(each.lexical.value <= limit for each in verdicts), len(sources)),
        "novel_canonical": share(sum(each.canonical.value <= limit for each in verdicts), len(sources)),
        "novel": share(sum(each.is_novel for each in verdicts), len(sources)),
        "plain": share(kinds[frozenset()], kinds.total()),
        "motifs": Counter(name for motifs, n in kinds.items() for name in sorted(motifs) for _ in range(n)),
        "motif_bits": -sum(n / kinds.total() * log2(n / kinds.total()) for n in kinds.values()),
        "failures_raw": failures(each.outcomes[0] for each in judged),
        "failures_completed": failures(each.outcomes[1] for each in judged if not each.is_valid()),
        "cut_off": share(sum(sample.finish_reason == "length" for sample in samples), n),
        "tokens": sum(sample.completion_tokens for sample in samples),
        "tokens_per_s": sum(sample.completion_tokens for sample in samples) / wall_s if wall_s else None,
        "wall_s_per_valid": wall_s / len(sources) if sources else None,
        "cpu_s_per_valid": cpu_s / len(sources) if sources else None,
    }


def share(successes: int, n: int) -> list[float | None]:
    """Return [share, low, high, successes, n] with Wilson's interval; the share of nothing is None."""
    interval = wilson(successes, n)
    return [successes / n if n else None, interval.low, interval.high, successes, n]


def failures(outcomes: Iterator[Outcome]) -> dict[str, int]:
    """Return stage/kind -> programs, most frequent first."""
    kinds = (f"{each.failure.stage}/{each.failure.kind}" for each in outcomes if each.failure is not None)
    return dict(Counter(kinds).most_common())


def table(result: dict[str, Any]) -> list[str]:
    """Return the table of `docs/benchmarks.md`: one row per quantity, one column per seed and one for all."""
    columns = {f"seed {seed}": counts for seed, counts in result["by_seed"].items()} | {"all": result["pooled"]}
    rows = {"": list(columns), "---": ["---"] * len(columns)}
    for name, step in zip(("valid, raw", "after trimming", "after completion"), STEPS, strict=True):
        rows[name] = [shown(counts["valid"][step]) for counts in columns.values()]
    for name, label in SHARES.items():
        rows[label] = [shown(counts[name]) for counts in columns.values()]
    for name, label in AMOUNTS.items():
        rows[label] = ["–" if counts[name] is None else f"{counts[name]:.2f}" for counts in columns.values()]
    lines = [f"| {' | '.join([label, *cells])} |" for label, cells in rows.items()]
    for name, label in FAILURES.items():
        kinds = [f"{kind} {number}" for kind, number in result["pooled"][name].items()]
        lines += ["", f"{label}: {', '.join(kinds) or 'none'}"]
    return lines


def shown(counted: Sequence[float | None]) -> str:
    """Return a share with its interval in percent, and the counts."""
    part, low, high, successes, n = counted
    if part is None or low is None or high is None:
        return "–"
    return f"{100 * part:.1f} % [{100 * low:.1f}, {100 * high:.1f}] ({successes}/{n})"


if __name__ == "__main__":
    state_class_key()
    main()

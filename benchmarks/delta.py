"""How good is an adapter that writes edits: are they applied, are they valid, what do they cost, do they improve?

    python benchmarks/delta.py sample LOG --adapter FOLDER [--samples 200] [--threads 1]
    python benchmarks/delta.py score LOG [--parents 40] [--task digits] [--wall-s 600]
    python benchmarks/delta.py table LOG --out docs/results/delta_adapter.json

`sample` asks for an edit of each of so many parents, by turns a mutation of a seed network (one to three changes, seeds
no adapter was taught) and a network that the embedded model wrote with the adapter for whole programs
(`docs/results/extraction_completions.jsonl.gz`), in the words of a study on CIFAR-10 whose parents have no score.

- applied: an answer (the first, or one drawn again as the preset says) is an edit that was applied, by how. Valid: the
  child builds at 3 x 32 x 32, runs forward and has at most `budget.max_params` parameters, checked in the sandbox;
  nothing is trained.
- tokens: of all answers, beside those of the parent as a whole program, which is what `full` would write.

`score` trains, for the first parents whose edit is valid, the parent with two seeds, its child and a random mutation of
it with one: change is against the parent's first training, so that the second one (identity) says what is chance.

Everything is a line in the log, and a run that was killed goes on. Intervals are 95 %: Wilson for shares, bootstrap for
means.
"""

import argparse
import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import fmean, median
from typing import Any

from archwright.analysis.changes import Change, bootstrap_mean, summarize
from archwright.analysis.intervals import wilson
from archwright.archive.environment import describe_environment
from archwright.candidate import WRITER, Candidate, Key, Program, Record
from archwright.config import SandboxConfig
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.corpus.conversion import noise
from archwright.corpus.noise import Noise
from archwright.corpus.shapes import TaskShape
from archwright.evaluation.checks import verify_programs
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.generators.delta import DeltaGenerator
from archwright.generators.generator import Request, Setting
from archwright.llm.adapters import Adapter
from archwright.llm.model import LanguageModel, Trainable
from archwright.llm.registry import find_adapter, load_model
from archwright.programs.extraction import extract_program
from archwright.programs.mutation import mutate, variants
from archwright.prompts import DUAL_TASK_SPECS
from archwright.randomness import derive_seed
from archwright.starters import load_seed_corpus
from archwright.task import Budget, DataOptions, Recipe, Task

WRITTEN = Path(__file__).parents[1] / "docs" / "results" / "extraction_completions.jsonl.gz"
CIFAR10 = next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10")
ARMS = ("parent", "identity", "delta", "mutation")
Line = dict[str, Any]


def main() -> None:
    """Do what is missing of one step, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    sampling = commands.add_parser("sample")
    sampling.add_argument("--adapter", required=True, help="a folder, or default | none")
    sampling.add_argument("--samples", type=int, default=200)
    sampling.add_argument("--batch", type=int, default=8)
    sampling.add_argument("--threads", type=int, default=1)
    sampling.add_argument("--free", action="store_true", help="do not hold answers to the form of a diff")
    sampling.add_argument("--temperature", type=float, help="by default the preset's")
    scoring = commands.add_parser("score")
    scoring.add_argument("--parents", type=int, default=40)
    scoring.add_argument("--task", default="digits")
    scoring.add_argument("--images", type=int, default=0, help="trained on, and as many scored; 0: all")
    scoring.add_argument("--wall-s", type=float, default=600.0, help="begin nothing after so long")
    tabling = commands.add_parser("table")
    tabling.add_argument("--out", type=Path)
    for command in (sampling, scoring, tabling):
        command.add_argument("log", type=Path)
    options = parser.parse_args()
    if options.command == "sample":
        settings = ["sandbox.workers=1", f"llm.adapter={options.adapter}", f"llm.constrained={not options.free}"]
        settings += [f"llm.temperature={options.temperature}"] if options.temperature is not None else []
        config = load_config("delta-laptop", settings)
        with closing(load_model(config.llm)) as model:
            import torch  # After the model, which says before how threads wait.

            torch.set_num_threads(options.threads)
            adapter: Adapter | None = find_adapter(config.llm)
            if adapter is not None and isinstance(model, Trainable):
                model.use_adapter(adapter.name, adapter.folder)
            sample(model, config.model_dump(mode="json"), options.samples, options.batch, options.log)
    elif options.command == "score":
        score(options)
    else:
        found = table(read(options.log))
        if options.out:
            options.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        print(json.dumps(found, indent=1))


def read(path: Path) -> list[Line]:
    """Return the whole lines of a log; a kill cuts the last one short."""
    whole = path.read_text("utf-8").rpartition("\n")[0] if path.exists() else ""
    return [json.loads(line) for line in whole.split("\n") if line]


def append(path: Path, lines: Sequence[Line]) -> None:
    """Add lines to a log, after the last whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8").rpartition("\n")[0] if path.exists() else ""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path.write_text((f"{before}\n" if before else "") + text, "utf-8")


def parents() -> Iterator[str]:
    """Yield parents without end: mutations of seed networks and written networks by turns."""
    networks = load_seed_corpus()
    with gzip.open(WRITTEN, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    written = [extract_program(row["text"], NETWORK.defines) for row in rows if row["adapter"] == "adapter"]
    sound = list(dict.fromkeys(source for source in written if not NETWORK.check(source, with_policy=True)))
    for number in range(10**6):
        place = number // 2
        if number % 2:
            yield sound[place % len(sound)]
        else:
            network = networks[place % len(networks)]
            (source,) = variants(network.program.source, 1, derive_seed(2026, "parent", place))
            yield source


def sample(model: LanguageModel, config: dict[str, Any], samples: int, batch: int, log: Path) -> None:
    """Append an edit of every parent that the log lacks, and what became of it."""
    settings = load_config(base=config)
    generator = DeltaGenerator(Setting(settings, CIFAR10, NETWORK, ()))
    done = {line["index"] for line in read(log) if line["step"] == "sample"}
    asked = [(index, source) for index, source in zip(range(samples), parents(), strict=False) if index not in done]
    if not read(log):
        append(log, [{"step": "settings", "config": config, "model": model.name, "machine": describe_environment()}])
    for start in range(0, len(asked), batch):
        some = asked[start : start + batch]
        requests = [
            Request((as_parent(source),), key=Key(1, index), seed=derive_seed(0, index)) for index, source in some
        ]
        clock = time.perf_counter()
        written = [each for found in generator.write(requests, {WRITER: model}) for each in found]
        wall_s = (time.perf_counter() - clock) / len(some)
        sources = [each.program.source for each in written if each.program is not None]
        valid = verified([*sources, *(source for _, source in some)])
        sources_of = dict(some)
        append(log, [line_of(each, sources_of[each.key.index], valid, wall_s) for each in written])
        applied = sum(each.program is not None for each in written)
        print(f"{start + len(some)}/{len(asked)}: {applied} of {len(some)} applied, {wall_s:.1f} s each", flush=True)


def as_parent(source: str) -> Record:
    """Return a program as a parent without a score."""
    return Record(Candidate(Key(0, 0), Program(source), "corpus", seed=0))


def verified(sources: Sequence[str]) -> dict[str, str | None]:
    """Return for every source why it does not run at CIFAR-10's shape within the budget; None where it does."""
    programs = [Program(source) for source in dict.fromkeys(sources)]
    shape = TaskShape.of(CIFAR10)
    outcomes = verify_programs(
        programs, Task(budget=Budget(), recipe=Recipe(batch=2)), SandboxConfig(workers=1), data=noise(shape)
    )
    return {
        program.source: None if outcome.failure is None else f"{outcome.failure.stage}/{outcome.failure.kind}"
        for program, outcome in zip(programs, outcomes, strict=True)
    }


def line_of(candidate: Candidate, parent: str, failures: dict[str, str | None], wall_s: float) -> Line:
    """Return the line of one sample."""
    child = None if candidate.program is None else candidate.program.source
    return {
        "step": "sample",
        "index": candidate.key.index,
        "parent": parent,
        "parent_failure": failures[parent],
        "child": child,
        "failure": None if child is None else failures[child],
        "facts": dict(candidate.facts),
        "answer": candidate.calls[-1].completion,
        "draws": len(candidate.calls),
        "tokens": candidate.completion_tokens,
        "prompt_tokens": candidate.prompt_tokens,
        "finish": candidate.calls[-1].finish_reason,
        "wall_s": round(wall_s, 2),
    }


def score(options: argparse.Namespace) -> None:
    """Append the score of every arm that the log lacks, parent by parent."""
    lines = read(options.log)
    done = {(line["index"], line["arm"]) for line in lines if line["step"] == "score"}
    chosen = [line for line in lines if line["step"] == "sample" and is_valid(line) and line["parent_failure"] is None]
    data = DataOptions(train_size=options.images, validation_size=options.images or 600)
    task = Task(name=options.task, data=data)
    until = time.perf_counter() + options.wall_s
    with closing(SandboxEvaluator(task, SandboxConfig(workers=1))) as evaluator:
        for line in chosen[: options.parents]:
            mutation = mutate(line["parent"], random.Random(derive_seed(0, "mutation", line["index"]))).source
            programs = {"delta": line["child"], "mutation": mutation}
            for number, arm in enumerate(ARMS):
                if (line["index"], arm) in done or time.perf_counter() > until:
                    continue
                program = Program(programs.get(arm, line["parent"]))
                outcome = evaluator.evaluate(program, seed=derive_seed(line["index"], number))
                failure = None if outcome.failure is None else f"{outcome.failure.stage}/{outcome.failure.kind}"
                found = {"step": "score", "index": line["index"], "arm": arm, "task": options.task}
                found |= {"value": outcome.value("accuracy"), "failure": failure}
                append(options.log, [found])
                print(found, flush=True)


def is_valid(line: Line) -> bool:
    """Return whether an edit was applied and its child builds and runs."""
    return line["child"] is not None and line["failure"] is None


def is_first(line: Line) -> bool:
    """Return whether the first answer was taken, not one drawn again."""
    return line.get("draws", 1) == 1


def table(lines: Sequence[Line]) -> dict[str, Any]:
    """Return the figures of a log."""
    samples = [line for line in lines if line["step"] == "sample"]
    head = next(line for line in lines if line["step"] == "settings")
    origins = {"mutated seed networks": 0, "written by the model": 1}
    return {
        "machine": head["machine"],
        "llm": about_model(head["config"]["llm"]),
        "all": rates(samples),
        **{name: rates([line for line in samples if line["index"] % 2 == rest]) for name, rest in origins.items()},
        "changes": changes([line for line in lines if line["step"] == "score"]),
    }


def about_model(llm: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a model, its adapter without the path that it has on this machine."""
    return llm | {"adapter": Path(llm["adapter"]).name}


def rates(samples: Sequence[Line]) -> dict[str, Any]:
    """Return shares as [share, low, high, successes, n], and tokens."""
    applied = [line for line in samples if line["child"] is not None]
    edits = [line for line in applied if line["facts"]["how"] != "whole"]
    refused = Counter(line["facts"].get("refused", "other") for line in samples if line["child"] is None)
    whole = whole_tokens([line["parent"] for line in samples])
    tokens = [line["tokens"] for line in samples]
    return {
        "applied": share(len(applied), len(samples)),
        "valid": share(sum(map(is_valid, samples)), len(samples)),
        "valid_of_applied": share(sum(map(is_valid, applied)), len(applied)),
        "applied_at_first": share(sum(is_first(line) for line in applied), len(samples)),
        "valid_at_first": share(sum(is_first(line) and is_valid(line) for line in applied), len(samples)),
        "draws_mean": fmean(line.get("draws", 1) for line in samples),
        "how": dict(Counter(line["facts"]["how"] for line in applied).most_common()),
        "refused": dict(refused.most_common()),
        "failures": dict(Counter(line["failure"] for line in applied if line["failure"]).most_common()),
        "distinct_children": len({line["child"] for line in applied}),
        "edited_lines_median": median(line["facts"]["edited_lines"] for line in edits) if edits else None,
        "tokens_mean": fmean(tokens),
        "tokens_of_the_parent_as_a_whole_mean": fmean(whole),
        **saved(tokens, whole),
        "wall_s_mean": fmean(line["wall_s"] for line in samples),
    }


def whole_tokens(programs: Sequence[str]) -> list[int]:
    """Return how many tokens `full` would write for each program: fenced, with the end."""
    from archwright.llm.local import encode_text, load_tokenizer
    from archwright.llm.registry import local_source

    tokenizer = load_tokenizer(local_source("smollm2-135m"), "smollm2-135m")
    texts = ("```python\n" + source.strip("\n") + "\n```" for source in programs)
    return [len(encode_text(tokenizer, text)) + 1 for text in texts]


def saved(tokens: Sequence[int], whole: Sequence[int]) -> dict[str, Any]:
    """Return the mean share of tokens saved, parent by parent, with its bootstrap interval."""
    shares = [1 - mine / theirs for mine, theirs in zip(tokens, whole, strict=True)]
    found = bootstrap_mean([[share] for share in shares])
    interval = None if found is None else [found.low, found.high]
    return {"tokens_saved": fmean(shares), "tokens_saved_interval": interval}


def changes(scores: Sequence[Line]) -> dict[str, Any]:
    """Return per arm what became of the parent's score."""
    by_parent: dict[int, dict[str, float]] = {}
    for line in scores:
        if line["value"] is not None:
            by_parent.setdefault(line["index"], {})[line["arm"]] = line["value"]
    trained = [found for found in by_parent.values() if "parent" in found]
    spread = Noise([found["parent"], found["identity"]] for found in trained if "identity" in found)
    result: dict[str, Any] = {"noise_deviation": spread.deviation, "parents": len(trained)}
    for arm in ARMS[1:]:
        rows = []
        for index, found in by_parent.items():
            if "parent" not in found:
                continue
            change = found[arm] - found["parent"] if arm in found else None
            margin = spread.margin([found["parent"]], [found[arm]]) if arm in found else None
            is_beyond = None if change is None or margin is None else change > margin
            rows.append(Change(Key(1, index), arm, str(index), None, None, 0, found["parent"], change, is_beyond))
        result[arm] = summarize(arm, rows).as_json()
    return result


def share(successes: int, n: int) -> list[float | None]:
    """Return [share, low, high, successes, n] with Wilson's interval."""
    interval = wilson(successes, n)
    return [successes / n if n else None, interval.low, interval.high, successes, n]


if __name__ == "__main__":
    state_class_key()
    main()

"""How often does a model answer with widths that can be used? Of one prompt for each of many networks.

    archwright tune --corpus CORPUS --preset small --adapter default --set loop.generator=channels \
        --set channels.mode=vector --set tune.max_length=1024 --samples 0 --out ADAPTER
    python benchmarks/width_vectors.py LOG --adapter ADAPTER [--samples 200] [--threads 1] [--out FILE]

CORPUS is seed networks and mutations of them (`archwright corpus build --from seeds --mutations 4`). Parents are those
of `benchmarks/delta.py`: by turns a mutation of a seed network that no adapter was taught, and a network that the
embedded model wrote. Left out are parents that do not run at CIFAR-10's shape or have no widths to change.

- usable: the answer is a JSON object of widths that exist, within their bounds and the budget, not all as they were.
- valid: usable, and the network of these widths builds, runs forward and has at most `budget.max_params` parameters.

Everything is a line in the log, and a run that was killed goes on. Intervals are Wilson's, 95 %.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from delta import CIFAR10, Line, about_model, append, as_parent, parents, read, share, verified

from archwright.archive.environment import describe_environment
from archwright.candidate import WRITER, Candidate, Key
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.evaluation.classes import state_class_key
from archwright.generators.channels import ChannelsGenerator
from archwright.generators.generator import Request, Setting
from archwright.llm.model import LanguageModel, Trainable
from archwright.llm.registry import find_adapter, load_model
from archwright.randomness import derive_seed

BATCH = 8


def main() -> None:
    """Ask for what is missing and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("--adapter", required=True, help="a folder, or default | none")
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--free", action="store_true", help="do not hold answers to the form of a width vector")
    parser.add_argument("--redraws", type=int, default=3, help="times that an answer which is refused is drawn again")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    settings = ["sandbox.workers=1", "loop.generator=channels", "channels.mode=vector", "llm.form=compact"]
    settings += [f"llm.adapter={options.adapter}", "llm.temperature=0.8", "llm.max_new_tokens=160"]
    settings += [f"llm.constrained={not options.free}", f"llm.repair_rounds={options.redraws}", "llm.repair_by=redraw"]
    config = load_config("laptop", settings)
    generator = ChannelsGenerator(Setting(config, CIFAR10, NETWORK, ()))
    if not read(options.log):
        settings_line = {"step": "settings", "llm": about_model(config.llm.model_dump(mode="json"))}
        append(options.log, [settings_line | {"machine": describe_environment()}])
    with closing(load_model(config.llm)) as model:
        import torch  # After the model, which says before how threads wait.

        torch.set_num_threads(options.threads)
        adapter = find_adapter(config.llm)
        if adapter is not None and isinstance(model, Trainable):
            model.use_adapter(adapter.name, adapter.folder)
        sample(model, generator, options.samples, options.log)
    found = table(read(options.log))
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))


def sample(model: LanguageModel, generator: ChannelsGenerator, samples: int, log: Path) -> None:
    """Append an answer about every parent that the log lacks, until there are so many."""
    stream = enumerate(parents())
    seen = {line["index"] for line in read(log) if "index" in line}
    while (done := sum(line["step"] == "sample" for line in read(log))) < samples:
        some = [(index, source) for index, source in (next(stream) for _ in range(BATCH)) if index not in seen]
        failures = verified([source for _, source in some])
        running = [(index, source) for index, source in some if failures[source] is None]
        requests = [
            Request((as_parent(source),), key=Key(1, index), seed=derive_seed(0, index)) for index, source in running
        ]
        written = [each for found in generator.write(requests, {WRITER: model}) for each in found]
        after = verified([each.program.source for each in written if each.program is not None])
        lines = [line_of(each, after) for each in written]
        append(log, [*lines, *({"step": "left out", "index": each[0]} for each in some if each not in running)])
        print(f"{done + len(lines)}/{samples}", flush=True)


def line_of(candidate: Candidate, failures: dict[str, str | None]) -> Line:
    """Return the line of one answer."""
    program = candidate.program
    return {
        "step": "left out" if "ungrouped" in candidate.facts else "sample",
        "index": candidate.key.index,
        "widths_before": candidate.facts.get("widths_before"),
        "widths": candidate.facts.get("widths"),
        "refused": None if candidate.failure is None else candidate.failure.message[:160],
        "failure": None if program is None else failures[program.source],
        "answer": candidate.calls[-1].completion,
        "draws": len(candidate.calls),
        "tokens": candidate.completion_tokens,
    }


def table(lines: Sequence[Line]) -> dict[str, Any]:
    """Return the figures of a log; shares are [share, low, high, successes, n]."""
    samples = [line for line in lines if line["step"] == "sample"]
    usable = [line for line in samples if line["widths"] is not None]
    refused = Counter(line["refused"].split(";")[0][:60] for line in samples if line["widths"] is None)
    return {
        **{key: value for key, value in lines[0].items() if key != "step"},
        "left_out": sum(line["step"] == "left out" for line in lines),
        "usable": share(len(usable), len(samples)),
        "usable_at_first": share(sum(line.get("draws", 1) == 1 for line in usable), len(samples)),
        "valid": share(sum(line["failure"] is None for line in usable), len(samples)),
        "refused": dict(refused.most_common(8)),
        "failures": dict(Counter(line["failure"] for line in usable if line["failure"]).most_common()),
        "distinct": len({json.dumps([line["widths_before"], line["widths"]]) for line in usable}),
        "tokens_mean": sum(line["tokens"] for line in samples) / max(len(samples), 1),
    }


if __name__ == "__main__":
    state_class_key()
    main()

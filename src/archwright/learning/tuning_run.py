"""One run of `archwright tune`: an adapter from training pairs, epoch by epoch, and what the model writes after each.

`loop.generator` says what is taught: whole programs (`full`), or for `delta` the edits of a corpus that was built from
studies; another corpus teaches how an edit is written, by a random change of every program.

A run is a folder, and at its end that folder is the adapter. Until then `training/` in it is all there is to go on
from: the request, the pairs, the trainer's checkpoints and the epochs examined so far. A run killed at any instant
goes on with `TuningRun.open(folder).run()`.
"""

import hashlib
import json
import shlex
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel

from archwright.candidate import WRITER, Candidate, Key, Program, Record
from archwright.config import StudyConfig
from archwright.configuring import build_config
from archwright.contracts.network import NETWORK
from archwright.corpus.conversion import Verifier
from archwright.corpus.pairs import missing_shapes, pairs_from
from archwright.corpus.shapes import TaskShape
from archwright.corpus.store import Corpus
from archwright.errors import UsageError
from archwright.evaluation.data import load_spec
from archwright.generators.asking import decoding_of
from archwright.generators.generator import Generator, Request, Setting
from archwright.learning.adapter_card import render_card
from archwright.learning.tuning import ADAPTER, HELD_OUT, PAIRS, OnTuningStep, tune_until
from archwright.llm.adapters import CARD, SETTINGS, TAUGHT, WEIGHTS, is_adapter
from archwright.llm.model import Trainable
from archwright.llm.pairs import Pair, read_pairs, write_pairs
from archwright.llm.registry import check_model, find_adapter, is_trainable, load_model
from archwright.programs.extraction import extract_program
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.randomness import derive_seed
from archwright.registry import GENERATORS
from archwright.resumable import (
    publish,
    remove_left,
    replace_json,
    replacing,
    require_empty,
    scratch_beside,
    training_alone,
    writing,
)
from archwright.sandbox.doctor import require_isolation
from archwright.stopwatch import Stopwatch
from archwright.task import DataSpec

WHOLE = "full"
"""The generator whose answers are whole programs: the examples of a corpus. Others are taught edits."""
TRAINING = "training"
REQUEST = "request.json"
EXAMINED = "examined.json"
EXAM_SPEC = next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10")
"""The data set whose prompt is sampled; its images are not needed."""


class TuningRequest(BaseModel, frozen=True):
    """Everything that determines a run."""

    corpus: Path
    """The folder of a corpus, or a file of pairs."""
    held_out: Path | None
    """A file of pairs for the held-out loss; a corpus has its own."""
    samples: int
    """Programs sampled after each epoch."""
    config: StudyConfig
    """Its `llm`, `tune`, `budget`, `sandbox` and `seed` count."""
    command: str
    """For the card."""
    tasks: tuple[str, ...] = ()
    """Data sets that prompts speak of, besides the usual ones; only with a corpus."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What the model knew after an epoch."""

    epoch: int
    """From 1."""
    loss: float
    """Mean training loss over the epoch's steps, in nats per token of the answer."""
    held_out_loss: float | None
    samples: int
    valid: int
    """Samples that build and run forward, just as they were written."""
    within_budget: int
    """Those of them with at most `budget.max_params` parameters."""
    sampled_s: float
    """Wall seconds of sampling and verifying."""


OnExamined = Callable[[Examined], None]


class TuningRun:
    """The run in one folder; `begin` a new one or `open` one that was interrupted."""

    def __init__(self, folder: Path, request: TuningRequest) -> None:
        self.folder = folder
        self.request = request
        self._training = folder / TRAINING

    @classmethod
    def begin(cls, request: TuningRequest, folder: Path) -> Self:
        """Gather the pairs into a new folder; raises UsageError when the request cannot be met."""
        config = request.config
        check_model(config.llm)
        if not is_trainable(config.llm):
            raise UsageError(f"{config.llm.model} cannot be fine-tuned from here", "choose a local model")
        find_adapter(config.llm)
        require_empty(folder)
        taught, held_out, licences = _read_pairs(request)
        if not taught:
            raise UsageError(f"{request.corpus} has no pairs to train on", "build it from more programs")
        training = folder / TRAINING
        with writing(training, "free space or choose another --out, then run the command again"):
            folder.mkdir(parents=True, exist_ok=True)
            with scratch_beside(training) as scratch:
                begun = scratch / TRAINING
                begun.mkdir()
                write_pairs(taught, begun / PAIRS)
                write_pairs(held_out, begun / HELD_OUT)
                replace_json(begun / REQUEST, request.model_dump(mode="json") | {"licences": licences})
                publish(begun, training)
        return cls(folder, request)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the run in `folder`; raises UsageError when there is none that could go on."""
        training = folder / TRAINING
        if is_adapter(folder) and not (training / REQUEST).exists():
            remove_left(training)
            raise UsageError(f"the adapter in {folder} is complete", "give a new folder to train another")
        try:
            about = json.loads((training / REQUEST).read_text("utf-8"))
        except (OSError, ValueError):
            raise UsageError(
                f"there is no fine-tuning to go on with in {folder}", "begin it without --resume"
            ) from None
        # An improver is no part of it, and one of an older version had further settings.
        config = build_config({key: value for key, value in about["config"].items() if key != "improver"})
        return cls(folder, TuningRequest(**about | {"config": config}))

    def run(self, on_step: OnTuningStep | None = None, on_epoch: OnExamined = lambda epoch: None) -> dict[str, object]:
        """Train and examine every epoch that is left, and return the card of the finished adapter.

        Ctrl-C leaves a checkpoint and raises KeyboardInterrupt. Raises TuningError or ModelError when training or
        sampling fails; the run can go on once the cause is removed.
        """
        if self.request.samples:
            require_isolation(self.request.config.sandbox.require)
        with training_alone(self._training):
            for epoch in range(len(self.examined) + 1, self.request.config.tune.epochs + 1):
                adapter = self.train(epoch, on_step)
                examined = self._examine(epoch, adapter)
                replace_json(self._training / EXAMINED, [asdict(each) for each in (*self.examined, examined)])
                on_epoch(examined)
            with writing(self.folder, "free space"):
                self._publish()
        with scratch_beside(self._training) as scratch:  # At once: a half would be nothing to go on from.
            self._training.replace(scratch / TRAINING)
        return _read_card(self.folder)

    @property
    def examined(self) -> list[Examined]:
        """What is known of the epochs so far."""
        try:
            rows = json.loads((self._training / EXAMINED).read_text("utf-8"))
        except FileNotFoundError:
            return []
        return [Examined(**row) for row in rows]

    def train(self, epoch: int, on_step: OnTuningStep | None) -> Path:
        """Train up to `epoch` and return the folder of the adapter."""
        config = self.request.config
        start = find_adapter(config.llm)
        return tune_until(
            epoch,
            self._training,
            model=config.llm.model,
            init_adapter=start.folder if start else None,
            config=config.tune,
            seed=config.seed,
            on_step=on_step,
        )

    def _examine(self, epoch: int, adapter: Path) -> Examined:
        """Sample programs with the adapter, each as it is written, and try which of them build and run."""
        config, samples, clock = self.request.config, self.request.samples, Stopwatch()
        programs: list[Program] = []
        if samples:
            model = load_model(config.llm)
            assert isinstance(model, Trainable)  # as `check` found
            model.use_adapter(f"epoch-{epoch}", adapter)
            programs = sampled_programs(model, config, samples)
            model.close()
        outcomes = []
        if programs:
            with closing(Verifier(config.sandbox)) as verifier:
                outcomes = verifier.run(programs, TaskShape.of(EXAM_SPEC))
        valid = [outcome for outcome in outcomes if outcome.failure is None]
        limit = config.budget.max_params
        card = _read_card(adapter)
        return Examined(
            epoch=epoch,
            loss=card["loss"],
            held_out_loss=card["held_out_loss"],
            samples=samples,
            valid=len(valid),
            within_budget=sum(not limit or (outcome.params or 0) <= limit for outcome in valid),
            sampled_s=round(clock.wall_s, 3),
        )

    def _publish(self) -> None:
        """Copy the last epoch's adapter to where it is looked for; its card comes last and makes it complete."""
        adapter, request = self._training / ADAPTER, self.request
        decoding = decoding_of(request.config.llm)
        card = _read_card(adapter) | {
            "command": request.command,
            "data": {
                "corpus": str(request.corpus),
                "held_out": None if request.held_out is None else str(request.held_out),
                "digest": hashlib.sha256((self._training / PAIRS).read_bytes()).hexdigest(),
                "licences": json.loads((self._training / REQUEST).read_text("utf-8"))["licences"],
            },
            "generator": request.config.loop.generator,
            "decoding": asdict(decoding),
            "examined": [asdict(epoch) for epoch in self.examined],
        }
        card["wall_s"] = round(card["train_s"] + sum(epoch.sampled_s for epoch in self.examined), 3)
        for name in (WEIGHTS, SETTINGS, TAUGHT):
            if (adapter / name).exists():
                with replacing(self.folder / name) as scratch:
                    shutil.copyfile(adapter / name, scratch)
        with replacing(self.folder / "README.md") as scratch:
            scratch.write_text(render_card(card), "utf-8")
        replace_json(self.folder / CARD, card)


def _read_pairs(request: TuningRequest) -> tuple[list[Pair], list[Pair], dict[str, int]]:
    """Return the pairs to teach, those held out, and how many of the former come under which licence."""
    path, config = request.corpus, request.config
    if not path.is_dir():
        if request.tasks:
            raise UsageError("pairs in a file have their prompts already", "leave --task out, or give a corpus")
        return read_pairs(path), read_pairs(request.held_out) if request.held_out else [], {}
    if request.held_out is not None:
        raise UsageError("a corpus has a held-out side of its own", "leave --held-out out")
    if config.loop.generator != WHOLE:
        return _read_edits(request)
    specs = _specs(request)
    with Corpus.open(path) as corpus:
        if missing_shapes(corpus, specs):
            tasks = " ".join(f"--task {shlex.quote(name)}" for name in request.tasks)
            raise UsageError(f"{path} was not verified at the tasks' shapes", f"build it again with {tasks}")
        licences = {program.name: program.licence or "unknown" for program in corpus.programs()}
        taught = list(pairs_from(corpus, specs, config.budget, forms=(config.llm.form,)))
        held_out = pairs_from(corpus, specs, config.budget, forms=(config.llm.form,), side="held-out")
        counts = Counter(licences[each.program] for each in taught)
        return [each.pair for each in taught], [each.pair for each in held_out], dict(counts)


def sampled_programs(model: Trainable, config: StudyConfig, samples: int) -> list[Program]:
    """Return what the model writes: whole programs as they are, of other answers what the generator makes of them.

    Every epoch is asked the same: what differs is what it learned.
    """
    seeds = [derive_seed(config.seed, "examine", number) for number in range(samples)]
    if config.loop.generator == WHOLE:
        prompt = render_full(EXAM_SPEC, config.budget, config.llm.form)
        completions = model.complete([prompt] * samples, decoding_of(config.llm), seeds)
        return [Program(extract_program(completion.text, NETWORK.defines)) for completion in completions]
    generator = GENERATORS.load(config.loop.generator)(Setting(config, EXAM_SPEC, NETWORK))
    requests = [Request(key=Key(1, number), seed=seed) for number, seed in enumerate(seeds)]
    written = [each for some in generator.write(requests, {WRITER: model}) for each in some]
    return [each.program or Program("") for each in written]


def _specs(request: TuningRequest) -> tuple[DataSpec, ...]:
    """Return the data sets whose wording is taught."""
    usual = DUAL_TASK_SPECS if request.config.tune.dual_task else (EXAM_SPEC,)
    return (*usual, *map(load_spec, request.tasks))


def _read_edits(request: TuningRequest) -> tuple[list[Pair], list[Pair], dict[str, int]]:
    """Return what the generator of the request makes of a corpus's edits, under the wording of the task they are of."""
    with Corpus.open(request.corpus) as corpus:
        edits, noises = corpus.edits(), corpus.noises()
        if not edits and not noises:  # It was not built from studies.
            return _read_changes(corpus, request)
    if not edits:
        scarce = any(noise.deviation is None for noise in noises)
        raise UsageError(
            f"no edit in {request.corpus} makes a network better beyond the noise"
            + (", which is not known: too little was trained with two seeds" if scarce else ""),
            "build it from several studies of one task, with different seeds that score the same programs, for "
            "example of --preset evolution, or teach whole programs with --set loop.generator=full",
        )
    found: dict[str, list[Pair]] = {"train": [], "held-out": []}
    for place in dict.fromkeys(edit.place for edit in edits):
        mine = [edit for edit in edits if edit.place == place]
        generator = _generator(request, NETWORK.spec(mine[0].settings()))
        for side, pairs in found.items():
            records = [edit.as_record(index) for index, edit in enumerate(mine) if edit.split == side]
            pairs += generator.lessons([], records)
    return found["train"], found["held-out"], {"unknown": len(found["train"])}


def _read_changes(corpus: Corpus, request: TuningRequest) -> tuple[list[Pair], list[Pair], dict[str, int]]:
    """Return what the generator makes of every example, the tasks by turns: how it is written, not what improves."""
    generators = [_generator(request, spec) for spec in _specs(request)]
    licences = {program.name: program.licence or "unknown" for program in corpus.programs()}
    found: dict[str, list[Pair]] = {"train": [], "held-out": []}
    counts: Counter[str] = Counter()
    for side, pairs in found.items():
        for index, example in enumerate(each for each in corpus.examples() if each.split == side):
            record = Record(Candidate(Key(0, index), Program(example.shortest), "corpus", seed=0))
            lessons = generators[index % len(generators)].lessons([record], [])
            pairs += lessons
            if side == "train":
                counts[licences[example.program]] += len(lessons)
    return found["train"], found["held-out"], dict(counts)


def _generator(request: TuningRequest, spec: DataSpec) -> Generator:
    return GENERATORS.load(request.config.loop.generator)(Setting(request.config, spec, NETWORK, starters=()))


def _read_card(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / CARD).read_text("utf-8"))
    return card

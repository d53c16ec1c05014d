"""What the model is taught: the seed corpus before the first cycle, the elite after every one.

Lesson 0 is the warm start and lesson N follows cycle N. Each lesson continues from the adapter before it, so the
newest adapter holds everything taught so far, and each is archived only when its folder is complete: a study killed
while teaching repeats that lesson, with the same seed and the same pairs.
"""

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from archwright.archive import AdapterRow, Archive, CostRow
from archwright.assembly import Assembly
from archwright.cache import cache_root
from archwright.candidate import Program, Record
from archwright.contract import complete
from archwright.errors import StudyDamagedError
from archwright.evaluation.checks import verify_programs
from archwright.events import Event, Phase, PhaseStarted, TuningStep
from archwright.learning.pairs import Pair, make_pair
from archwright.learning.tuning import Tuned, adapter_digest, read_tuned, tune
from archwright.programs.mutation import variants
from archwright.prompts import render_full
from archwright.seeds import derive_seed
from archwright.task import DataSpec

DUAL_TASK_SPECS = (
    DataSpec("mnist", "MNIST", (1, 28, 28), tuple("0123456789"), 60_000, 10_000),
    DataSpec("cifar10", "CIFAR-10", (3, 32, 32), tuple("0123456789"), 50_000, 10_000),
)
"""The two wordings under which the paper shows every program to the model (section C)."""


class Teacher:
    """Sees to it that the model knows, at the start of each cycle, what the cycles before it have found."""

    def __init__(self, assembly: Assembly, archive: Archive, emit: Callable[[Event], None]) -> None:
        self._assembly = assembly
        self._archive = archive
        self._emit = emit
        self._ready_for = 0
        """The cycle the model was last made ready for; 0 for none."""

    def prepare(self, cycle: int, records: Sequence[Record]) -> None:
        """Give the model the adapter that `cycle` starts from, training it first where the archive has none.

        Raises TuningError, and can be called again once its cause is removed.
        """
        if not self._assembly.generator.uses_model or self._ready_for == cycle:
            return
        if self._assembly.learns:
            for lesson in self._missing_lessons(cycle):
                self._teach(lesson, records)
        adapters = [row for row in self._archive.adapters() if row.cycle < cycle]
        if adapters:
            self._assembly.model.use_adapter(adapters[-1].name, self._folder_of(adapters[-1]))
        self._ready_for = cycle

    def _missing_lessons(self, cycle: int) -> Iterator[int]:
        taught = {row.cycle for row in self._archive.adapters()}
        first = 0 if self._assembly.config.tune.warm_start else 1
        return (lesson for lesson in range(first, cycle) if lesson not in taught)

    def _teach(self, lesson: int, records: Sequence[Record]) -> None:
        """Train and archive the adapter of one lesson, unless the lesson has nothing new."""
        if lesson and not any(_is_elite_of(record, lesson) for record in records):
            return
        self._emit(PhaseStarted(lesson, Phase.LEARN if lesson else Phase.WARM_START, 0))
        self._assembly.release_model()
        earlier = self._archive.adapters()
        name = f"cycle-{lesson}" if lesson else "warm-start"
        folder = self._assembly.folder / "adapters" / name
        shutil.rmtree(folder, ignore_errors=True)  # Left by a run killed before the adapter was archived.
        if lesson:
            previous = self._folder_of(earlier[-1]) if earlier else None
            tuned = self._tune(lesson, self._elite_pairs(lesson, records), previous, folder)
        else:
            tuned = self._warm_start(folder)
        self._archive.add_cost(_cost(lesson, tuned))
        self._archive.add_adapter(
            AdapterRow(
                name=name,
                cycle=lesson,
                folder=str(folder.relative_to(self._assembly.folder)),
                model=self._assembly.config.llm.model,
                parents=tuple(row.name for row in earlier),
                pairs=tuned.pairs,
                steps=tuned.steps,
                loss=tuned.loss,
                digest=adapter_digest(folder),
            )
        )

    def _tune(self, lesson: int, pairs: Sequence[Pair], previous: Path | None, out: Path) -> Tuned:
        def on_step(step: int, steps: int, loss: float, tokens_per_s: float) -> None:
            self._emit(TuningStep(lesson, step, steps, loss, tokens_per_s))

        config = self._assembly.config
        tuning = config.tune if lesson else config.tune.model_copy(update={"epochs": config.tune.warm_start_epochs})
        # The warm start does not depend on the study's seed: studies that differ only in it share one adapter.
        seed = derive_seed(config.seed, "tune", lesson) if lesson else 0
        return tune(
            pairs, model=config.llm.model, init_adapter=previous, out=out, config=tuning, seed=seed, on_step=on_step
        )

    def _warm_start(self, folder: Path) -> Tuned:
        """Teach the corpus to the bare model, or take the adapter an earlier study made from the same pairs."""
        config = self._assembly.config
        pairs = self._corpus_pairs()
        recipe = "\n".join(
            [config.llm.model, config.tune.model_dump_json(), *(f"{p.prompt}\n{p.completion}" for p in pairs)]
        )
        cached = cache_root() / "adapters" / hashlib.sha256(recipe.encode()).hexdigest()[:16]
        tuned = read_tuned(cached) if cached.is_dir() else self._tune(0, pairs, None, cached)
        shutil.copytree(cached, folder)
        return tuned

    def _corpus_pairs(self) -> list[Pair]:
        tune_config = self._assembly.config.tune
        programs = [network.program for network in self._assembly.corpus]
        mutants = [
            Program(source)
            for program in programs
            for source in variants(program.source, tune_config.warm_start_mutations, derive_seed(0, program.digest))
        ]
        outcomes = verify_programs(mutants, self._assembly.task, self._assembly.config.sandbox)
        programs += [mutant for mutant, outcome in zip(mutants, outcomes, strict=True) if outcome.failure is None]
        specs = DUAL_TASK_SPECS if tune_config.dual_task else (self._assembly.spec,)
        return self._pairs(programs, specs)

    def _elite_pairs(self, lesson: int, records: Sequence[Record]) -> list[Pair]:
        """Return the pairs of a lesson: one per admitted network, and the corpus or a sample of it to remember by."""
        config = self._assembly.config
        lessons = range(1, lesson + 1) if config.tune.cumulative else (lesson,)
        elite = [record.candidate.program for record in records if any(_is_elite_of(record, n) for n in lessons)]
        corpus = self._corpus_pairs()
        if config.tune.replay and config.tune.replay < len(corpus):
            corpus = random.Random(derive_seed(config.seed, "replay", lesson)).sample(corpus, config.tune.replay)
        return corpus + self._pairs(elite, (self._assembly.spec,))

    def _pairs(self, programs: Sequence[Program], specs: Sequence[DataSpec]) -> list[Pair]:
        """Return one pair per program and wording; a program with a code fence of its own cannot be an answer."""
        config = self._assembly.config
        form = config.llm.form
        sources = [complete(program.source) if form == "full" else program.source for program in programs]
        return [
            make_pair(render_full(spec, config.budget, form), source)
            for source in sources
            if "```" not in source
            for spec in specs
        ]

    def _folder_of(self, row: AdapterRow) -> Path:
        folder = self._assembly.folder / row.folder
        if not folder.is_dir() or adapter_digest(folder) != row.digest:
            raise StudyDamagedError(
                f"adapter {row.name} in {folder} is missing or not the one that was archived",
                "restore that folder from a copy; without it the study cannot go on as it was",
            )
        return folder


def _is_elite_of(record: Record, cycle: int) -> bool:
    is_admitted = record.admission is not None and record.admission.is_admitted
    return is_admitted and record.candidate.key.cycle == cycle


def _cost(lesson: int, tuned: Tuned) -> CostRow:
    return CostRow(lesson, "tune", wall_s=tuned.wall_s, cpu_s=tuned.cpu_s, gpu_s=tuned.gpu_s, tokens=tuned.tokens)

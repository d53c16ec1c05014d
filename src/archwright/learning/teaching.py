"""What the model is taught: the elite of every cycle, and the corpus again so that it is not forgotten.

A study starts from the adapter that `llm.adapter` names, if any, and lesson N follows cycle N. Each lesson continues
from the adapter before it, so the newest adapter holds everything taught so far, and each is archived only when its
folder is complete: a study killed while teaching repeats that lesson, with the same seed and the same pairs.
"""

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import final

from archwright.archive import AdapterRow, Archive, CostRow
from archwright.assembly import Assembly
from archwright.candidate import WRITER, Candidate, Record
from archwright.errors import ModelError, StudyDamagedError
from archwright.events import Event, Phase, PhaseStarted, Taught, TuningStep
from archwright.learning.learner import Learner, NoLearner
from archwright.learning.tuning import Tuned, adapter_digest, read_tuned, tune
from archwright.llm.model import Trainable
from archwright.llm.pairs import Pair
from archwright.llm.registry import find_adapter
from archwright.randomness import derive_seed
from archwright.resumable import publish, scratch_beside
from archwright.strategies.strategy import View


@final
class Teacher:
    """Sees to it that the model knows, at the start of each cycle, what the cycles before it have found."""

    def __init__(self, assembly: Assembly, archive: Archive, emit: Callable[[Event], None]) -> None:
        self._assembly = assembly
        self._archive = archive
        self._emit = emit
        self._ready_for = 0
        """The cycle the model was last made ready for; 0 for none."""

    def prepare(self, view: View) -> None:
        """Give the model the adapter that the view's cycle starts from, training it first where the archive has none.

        Raises TuningError, and can be called again once its cause is removed.
        """
        cycle = view.cycle
        if self._ready_for == cycle:
            return
        if cycle == 1 and not self._archive.adapters():
            self._adopt()
        if self._assembly.learns:
            taught = {row.cycle for row in self._archive.adapters()}
            for lesson in range(1, cycle):
                if lesson not in taught:
                    self._teach(lesson, view.records)
        adapters = [row for row in self._archive.adapters() if row.cycle < cycle]
        if adapters:
            self._use(adapters[-1])
        self._ready_for = cycle

    def rank(self, candidates: Sequence[Candidate], view: View) -> Sequence[Candidate]:
        """Return `candidates`: what is taught shows in what is written."""
        return candidates

    def _use(self, adapter: AdapterRow) -> None:
        model = self._assembly.models[WRITER]
        if not isinstance(model, Trainable):
            raise ModelError(f"{model.name} takes no adapters", "add --set tune.enabled=false")
        model.use_adapter(adapter.name, self._folder_of(adapter))

    def _adopt(self) -> None:
        """Copy the adapter that the study starts from into it: a later version of the package may ship another."""
        adapter = find_adapter(self._assembly.config.llm)
        if adapter is None:
            return
        folder = self._new_folder(adapter.name)
        folder.parent.mkdir(exist_ok=True)
        with scratch_beside(folder) as scratch:
            publish(Path(shutil.copytree(adapter.folder, scratch / folder.name)), folder)
        self._archive_adapter(adapter.name, 0, read_tuned(folder))

    def _teach(self, lesson: int, records: Sequence[Record]) -> None:
        """Train and archive the adapter of one lesson, unless the lesson has nothing new."""
        if not any(_is_elite_of(record, lesson) for record in records):
            return
        self._emit(PhaseStarted(lesson, Phase.LEARN, 0))
        self._assembly.release_models()
        earlier = self._archive.adapters()
        name = f"cycle-{lesson}"
        previous = self._folder_of(earlier[-1]) if earlier else None
        tuned = self._tune(lesson, self._elite_pairs(lesson, records), previous, self._new_folder(name))
        cost = CostRow(lesson, "tune", tuned.wall_s, tuned.cpu_s, tuned.gpu_s, tokens=tuned.tokens)
        self._archive_adapter(name, lesson, tuned, cost)
        self._emit(Taught(lesson, tuned.pairs, tuned.left_out, self._assembly.config.tune.max_length))

    def _new_folder(self, name: str) -> Path:
        """Return where an adapter goes, empty: a run killed before the adapter was archived may have left something."""
        folder = self._assembly.folder / "adapters" / name
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def _archive_adapter(self, name: str, cycle: int, tuned: Tuned, cost: CostRow | None = None) -> None:
        self._archive.add_adapter(
            AdapterRow(
                name=name,
                cycle=cycle,
                folder=str(tuned.folder.relative_to(self._assembly.folder)),
                model=self._assembly.config.llm.model,
                parents=tuple(row.name for row in self._archive.adapters()),
                pairs=tuned.pairs,
                steps=tuned.steps,
                loss=tuned.loss,
                digest=adapter_digest(tuned.folder),
            ),
            cost,
        )

    def _tune(self, lesson: int, pairs: Sequence[Pair], previous: Path | None, out: Path) -> Tuned:
        def on_step(step: int, steps: int, loss: float, tokens_per_s: float) -> None:
            self._emit(TuningStep(lesson, step, steps, loss, tokens_per_s))

        config = self._assembly.config
        return tune(
            pairs,
            model=config.llm.model,
            init_adapter=previous,
            out=out,
            config=config.tune,
            seed=derive_seed(config.seed, "tune", lesson),
            on_step=on_step,
        )

    def _elite_pairs(self, lesson: int, records: Sequence[Record]) -> list[Pair]:
        """Return the pairs of a lesson: those of the elite, and known ones or a sample of them to remember by."""
        config, generator = self._assembly.config, self._assembly.generator
        lessons = range(1, lesson + 1) if config.tune.cumulative else (lesson,)
        elite = [record for record in records if any(_is_elite_of(record, number) for number in lessons)]
        replay = config.tune.replay
        known = [] if replay == "none" else generator.lessons([], self._assembly.rehearsed)
        if isinstance(replay, int) and replay < len(known):
            known = random.Random(derive_seed(config.seed, "replay", lesson)).sample(known, replay)
        return known + generator.lessons(elite, [])

    def _folder_of(self, row: AdapterRow) -> Path:
        folder = self._assembly.folder / row.folder
        if not folder.resolve().is_relative_to(self._assembly.folder.resolve()):
            raise StudyDamagedError(
                f"adapter {row.name} is said to be in {folder}, outside the study's folder",
                "nothing was read; restore the archive from a copy",
            )
        if not folder.is_dir() or adapter_digest(folder) != row.digest:
            raise StudyDamagedError(
                f"adapter {row.name} in {folder} is missing or not the one that was archived",
                "restore that folder from a copy; without it the study cannot go on as it was",
            )
        return folder


def learner_of(assembly: Assembly, archive: Archive, emit: Callable[[Event], None]) -> Learner:
    """Return the learner a study was given, else a teacher where there is a model that could be taught."""
    if assembly.given.learner is not None:
        return assembly.given.learner
    return Teacher(assembly, archive, emit) if assembly.generator.roles else NoLearner()


def _is_elite_of(record: Record, cycle: int) -> bool:
    return record.is_admitted and record.candidate.key.cycle == cycle

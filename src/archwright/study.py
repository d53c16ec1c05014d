"""The loop: propose, settle, train, admit, archive, teach, until it stops improving.

A study is a folder; its archive is the only state. Nothing is kept in memory that could not be rebuilt from it, so a
study killed at any instant goes on with `Study.open(folder).run()`.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

from archwright import events
from archwright.admission import Admissions
from archwright.analysis.dataset import require_same_data, settings_are_fixed
from archwright.archive import Archive, CostRow
from archwright.assembly import Assembly, Parts
from archwright.candidate import Candidate, Outcome
from archwright.config import StudyConfig
from archwright.continuing import continued, keep
from archwright.elite import threshold_of_study
from archwright.errors import SpentError
from archwright.events import Observer, Phase, PhaseStarted
from archwright.generators.generator import Request
from archwright.journal import Journal, StudyResult
from archwright.learning.teaching import learner_of
from archwright.models import models_of
from archwright.pipeline import Pipeline, Trained, Written, write
from archwright.settling import rank, refused, scored_by, settle, trial_of
from archwright.stopwatch import Stopwatch
from archwright.strategies.strategy import seed_of
from archwright.vouching import vouch_for


class Study:
    """One run of the loop in one folder.

    `Study(config, folder)` starts a new study and `Study.open(folder)` continues one; both hold the folder's lock
    until `close`. `run` does everything; people with an evaluator of their own call `ask` and `tell` instead. `parts`
    replace those that the configuration names.

    Raises StudyError when the folder cannot be used and UsageError or DataError when the configuration cannot run.
    """

    def __init__(
        self,
        config: StudyConfig,
        folder: Path | str,
        observers: Sequence[Observer] = (),
        *,
        archive: "str | Archive | None" = None,
        parts: Parts | None = None,
    ) -> None:
        """Start a study in `folder`, with its rows in a file there or in the database at the address `archive`.

        With an open Archive, go on with the study it holds.
        """
        self.config, self.folder = config, Path(folder)
        self._assembly = Assembly(config, self.folder, parts)
        self._assembly.check(is_new=not isinstance(archive, Archive))
        if isinstance(archive, Archive):
            require_same_data(archive, self._assembly.spec)
        else:
            vouch_for(config)
            archive = Archive.create(self.folder, config.model_dump(mode="json"), url=archive)
        self._archive = archive
        self._pipeline: Pipeline | None = None
        try:
            keep(archive, self._assembly)
            self._journal = Journal(archive, config, self._assembly.starters, self._assembly.metric, observers)
            taught = self._assembly.taught if "taught" in config.novelty.against else ()
            self._admissions = Admissions(config, self._assembly.contract, self._assembly.known, taught)
            self._learner = learner_of(self._assembly, archive, self._journal.emit)
            self._models = models_of(self._assembly, self._journal)
        except BaseException:
            archive.close()
            raise

    @classmethod
    def open(
        cls,
        folder: Path | str,
        settings: Sequence[str] = (),
        observers: Sequence[Observer] = (),
        *,
        parts: Parts | None = None,
    ) -> Self:
        """Return the study in `folder`, ready to go on, with changed `key=value` settings such as `loop.cycles=8`.

        What is changed is stored only when everything can run. Asked for more cycles, a study that has converged runs
        them all. Raises StudyError where one of the parts is missing that it was begun with.
        """
        with ExitStack() as on_failure:
            archive = Archive.open(Path(folder))
            on_failure.callback(archive.close)
            config = continued(archive, settings, parts or Parts())
            with settings_are_fixed():
                study = cls(config, folder, observers, archive=archive, parts=parts)
            on_failure.callback(study.close)
            if settings:
                study._assembly.check_execution()
                archive.set_config(config.model_dump(mode="json"))
            on_failure.pop_all()
        return study

    def run(self) -> StudyResult:
        """Run the loop until it is complete, has converged, is interrupted or at a limit, and return what it found.

        Candidates are written while others train. Ctrl-C ends it cleanly: candidates in flight are dropped and will be
        evaluated by the next run. At a limit of tokens or money they are finished, and the next run needs a higher one.
        Raises EvaluatorError before anything is proposed when this machine does not reach `sandbox.require`.
        """
        self._assembly.check_isolation()
        done = self._journal.evaluated
        spec, metric = self._assembly.spec, self._assembly.metric
        self._journal.emit(events.StudyStarted(self.config, spec, metric, self.folder, is_resumed=done > 0, done=done))
        limit: SpentError | None = None
        try:
            self._pipeline = Pipeline(self._write, self._assembly.executor, after=self._pipeline)
            with self._pipeline as pipeline, self._journal.kept_by(pipeline.in_turn):
                self._train(pipeline, self._in_turn(pipeline, self._journal.waiting()))
                while not pipeline.is_idle if limit else self._keep_busy(pipeline):
                    match pipeline.next():
                        case SpentError() as limit:
                            pass
                        case Written() as written:
                            self._train(pipeline, self._in_turn(pipeline, self._add(written)))
                        case Trained(candidate, outcome):
                            self._enter(candidate, outcome)
            reason = "limit" if limit else self._journal.reason_to_stop() or "running"
        except KeyboardInterrupt:
            reason = "interrupted"
        self._journal.emit(events.StudyStopped(reason))
        return replace(self.result(reason), limit=limit)

    def ask(self) -> list[Candidate]:
        """Return candidates to evaluate: those still without an outcome, else newly proposed ones.

        Empty when the study is over. A cycle whose last outcome has arrived is closed here: its elite admitted, the
        model taught. Candidates that could not be written, or that the filter refuses before training, settle
        themselves; the static checks are the evaluator's.
        """
        if self._pipeline is not None:
            self._pipeline.join()  # An interrupted run's model may still be answering.
        while self._journal.reason_to_stop() is None:
            view, waiting = self._journal.view(), self._journal.waiting()
            for candidate, outcome in refused(waiting, view, self._assembly, self._admissions):
                self._enter(candidate, outcome)
            if waiting := self._journal.waiting():
                return waiting
            if requests := self._propose():
                for written in self._write(requests):
                    self._add(written)
            else:
                self._admit()
        return []

    def tell(self, candidate: Candidate, outcome: Outcome) -> None:
        """Archive the outcome of a candidate that `ask` returned.

        Raises ValueError for a candidate that this study did not propose, or whose outcome it has, and for scores
        without the metric of the study's contract or with a value beyond its bounds.
        """
        self._enter(candidate, scored_by(self._assembly.metric, outcome))

    def _enter(self, candidate: Candidate, outcome: Outcome) -> None:
        """Archive an outcome that needs no more looking at."""
        self._journal.settle(candidate, replace(trial_of(candidate, self._assembly), seed=outcome.seed), outcome)

    def result(self, reason: str | None = None, top: int = 5) -> StudyResult:
        """Return what the study has found so far, with its `top` programs; why it is over follows from its rows."""
        return self._journal.result(self.folder, reason or self._journal.reason_to_stop() or "running", top)

    def _keep_busy(self, pipeline: Pipeline) -> bool:
        """Have more written where there is room, and close the cycle when it is complete; False when all is over."""
        while pipeline.has_room and not pipeline.is_writing:
            if pipeline.is_idle and self._journal.reason_to_stop() is not None:
                return False
            if requests := self._propose():
                pipeline.write(requests)
            elif pipeline.is_idle and pipeline.held:
                self._train(pipeline, pipeline.release())  # The strategy waits for them, and then asks for the missing.
            elif pipeline.is_idle:
                self._admit()
            else:
                break  # The strategy waits for outcomes.
        return True

    def _propose(self) -> list[Request]:
        """Return what the strategy asks for next, with keys and seeds, once the model knows what it should."""
        view = self._journal.view()
        self._learner.prepare(view)
        requests = self._assembly.strategy.ask(view)[: view.left]
        if requests:
            self._journal.emit(PhaseStarted(view.cycle, Phase.PROPOSE, len(requests)))
        return [
            replace(request, key=key, seed=seed_of(self.config, key))
            for request, key in zip(requests, view.next_keys(len(requests)), strict=True)
        ]

    def _add(self, written: Written) -> list[Candidate]:
        """Archive what was written, and return what is worth training."""
        ranked = rank(written.candidates, self._journal.view(), self._assembly, self._learner)
        self._journal.add(written, ranked.settled)
        return ranked.kept

    def _in_turn(self, pipeline: Pipeline, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Return those whose turn it is, and hold the others, where the filter judges one after the other."""
        if not self._admissions.judges_in_turn:
            return candidates
        return pipeline.hold(candidates, self._journal.view().next_keys(1)[0])

    def _train(self, pipeline: Pipeline, candidates: Sequence[Candidate]) -> None:
        """Settle what needs no training, and train the rest."""
        if not candidates:
            return
        self._journal.emit(PhaseStarted(candidates[0].key.cycle, Phase.EVALUATE, len(candidates)))
        settled = settle(candidates, self._journal.view(), self._assembly, self._admissions)
        for candidate, outcome in settled.outcomes:
            self._enter(candidate, outcome)
        for candidate, job in settled.to_train:
            pipeline.train(candidate, job)

    def _admit(self) -> None:
        """Give every candidate of the cycle its verdict, in one transaction, which ends the cycle."""
        view = self._journal.view()
        self._journal.emit(PhaseStarted(view.cycle, Phase.ADMIT, len(view.records)))
        clock = Stopwatch()
        threshold = threshold_of_study(self.config, view.records, self._journal.earlier_threshold, view.metric)
        verdicts = self._admissions.admit(replace(view, threshold=threshold), self._assembly.strategy)
        self._journal.close_cycle(
            threshold, verdicts, CostRow(view.cycle, "novelty", wall_s=clock.wall_s, cpu_s=clock.cpu_s)
        )

    def _write(self, requests: Sequence[Request]) -> Iterator[Written]:
        return write(self._assembly.generator, requests, self._models)

    def close(self) -> None:
        """Stop every process and release the folder's lock."""
        self._assembly.close()
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

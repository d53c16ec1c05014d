"""The end of a study: its best programs, trained again on everything, are scored on the test split, once.

What is decided before anything is seen (candidates, seeds, epochs) is archived first, as an opening of the test split;
every result is archived as it comes, as one more trial of the candidate that was selected. So a run killed at any
instant goes on with what is missing, and asking again gives the recorded figures, whatever the study finds later.
Programs chosen after somebody had seen test results are a further opening, which has to be asked for and is recorded as
such.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from archwright.analysis.dataset import require_data_in_place, require_same_data, settings_are_fixed
from archwright.analysis.finalists import Finalist, finals_of, recipe_of, selected_for, summarize_finalists
from archwright.analysis.summary import best_records, summarize_cycles
from archwright.archive import Archive, CostRow, OpeningRow
from archwright.archive.own_parts import contract_of
from archwright.candidate import Outcome, Record, Trial
from archwright.config import StudyConfig
from archwright.configuring import build_config
from archwright.contracts.contract import Contract
from archwright.errors import StudyError, typed
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import run_jobs
from archwright.randomness import derive_seed
from archwright.stopping import reason_to_stop
from archwright.task import TEST, Metric, SplitProtocol
from archwright.vouching import require_vouched

TOP = 3
SEEDS = 3


@dataclass(frozen=True, slots=True)
class Scored:
    """A finalist was trained and scored, and that is archived."""

    done: int
    total: int
    """Of the results that were still missing."""
    record: Record
    outcome: Outcome
    metric: Metric


@dataclass(frozen=True)
class FinalResult:
    """What the finalists of one opening came to."""

    run: Path
    opening: OpeningRow
    openings: int
    """How often the test split has been opened in all."""
    finalists: list[Finalist]
    metric: Metric
    """What they are scored by."""
    scored_now: int
    """Results that were not in the archive before."""


def evaluate_finalists(
    folder: Path | str,
    *,
    top: int | None = None,
    seeds: int | None = None,
    epochs: int | None = None,
    again: bool = False,
    on_scored: Callable[[Scored], None] | None = None,
    contract: Contract | None = None,
) -> FinalResult:
    """Return the test results of the study's `top` programs by validation score, each trained with `seeds` seeds.

    They are trained for `epochs` on training and validation images together, each with the recipe it was selected with
    (the study's, but where a sweep or another strategy gave it one of its own) and with seeds the study has never
    used, where its candidates were trained, and scored by fresh boxes (`evaluation.finalists`). By default the three
    best with three seeds, trained as long as in the search; once the test split was opened, exactly what was decided
    then. Anything else than was decided then needs `again`. A study begun with a `contract` of its own needs it again.

    Raises StudyError when the folder holds no finished study with a valid program, when its search has selected on the
    test split (protocol `lemur`), and for more than was decided without `again`; DataError, with nothing opened, where
    there are no test images or accuracies, or they cannot be read; EvaluatorError.
    """
    folder = Path(folder)
    with Archive.open(folder) as archive, settings_are_fixed():
        config = build_config(archive.config)
        require_vouched(config, folder)
        contract = contract_of(archive, config.loop.contract, contract)
        metric = contract.metric
        records, openings = archive.records(), archive.openings()
        if openings and top is seeds is epochs is None:
            opening = openings[-1]
        else:
            _check_finished(folder, config, archive, records, metric)
            last = openings[-1] if openings else None
            wanted = _decide(
                config,
                best_records(records, top or (len(last.programs) if last else TOP), metric),
                seeds or (len(last.seeds) if last else SEEDS),
                epochs or (last.epochs if last else config.budget.epochs),
            )
            opening = _opening(openings, wanted, records, metric, again=again)
        missing = _missing(opening, records, metric)
        data = _load(contract, config, archive) if missing else None
        if opening.number > len(openings):
            archive.add_opening(opening)
        if missing:
            _score(archive, config, contract, data, opening, missing, on_scored)
        return FinalResult(
            run=folder,
            opening=opening,
            openings=len(archive.openings()),
            finalists=summarize_finalists(archive.records(), opening, metric),
            metric=metric,
            scored_now=len(missing),
        )


def _check_finished(
    folder: Path, config: StudyConfig, archive: Archive, records: Sequence[Record], metric: Metric
) -> None:
    if config.data.protocol is SplitProtocol.LEMUR:
        raise StudyError(
            "this study has selected on the test split (data.protocol = 'lemur'): nothing is left to open",
            "run a study with data.protocol = 'holdout'",
        )
    cycles = archive.cycles()
    if reason_to_stop(summarize_cycles(records, cycles, metric), config.loop, metric) is None:
        raise StudyError(
            f"the study is not finished: {len(cycles)} of {config.loop.cycles} cycles are closed",
            f"`{typed('resume', folder)}` goes on; with --set loop.cycles={max(1, len(cycles))} it ends here",
        )


def _decide(config: StudyConfig, best: Sequence[Record], seeds: int, epochs: int) -> OpeningRow:
    if not best:
        raise StudyError("no program of the study was valid", "there is nothing to score")
    return OpeningRow(
        number=0,
        programs=tuple(record.program.digest for record in best),
        seeds=tuple(derive_seed(config.seed, "final", epochs, number) for number in range(seeds)),
        epochs=epochs,
        opened_at=datetime.now(UTC),
        candidates=tuple(str(record.candidate.key) for record in best),
    )


def _opening(
    openings: Sequence[OpeningRow], wanted: OpeningRow, records: Sequence[Record], metric: Metric, *, again: bool
) -> OpeningRow:
    """Return `wanted` as it is part of an earlier opening, or as the next one."""
    asked = [(each.program.digest, recipe_of(each)) for each in selected_for(wanted, records, metric)]
    for earlier in openings:
        keys = {
            # An opening from before candidates were named in it trained all with the study's recipe.
            (each.program.digest, recipe_of(each) if earlier.candidates else ""): str(each.candidate.key)
            for each in selected_for(earlier, records, metric)
        }
        if set(asked) <= keys.keys() and set(wanted.seeds) <= set(earlier.seeds):
            candidates = tuple(keys[each] for each in asked)
            return replace(earlier, programs=wanted.programs, candidates=candidates, seeds=wanted.seeds)
    if openings and not again:
        last = openings[-1]
        raise StudyError(
            f"the test split was opened on {last.opened_at:%Y-%m-%d} for {len(last.programs)} programs with "
            f"{len(last.seeds)} seeds and {last.epochs} epochs; whatever is added now was chosen knowing the results",
            "leave out the options for the recorded figures, or add --again: a further opening is recorded as one",
        )
    return replace(wanted, number=len(openings) + 1)


def _load(contract: Contract, config: StudyConfig, archive: Archive) -> object:
    """Return the data, before anything is opened.

    Raises DataError where there is nothing to score finalists on, and StudyError for other data than were searched on.
    """
    require_data_in_place(config, archive.folder)
    require_same_data(archive, contract.spec(config))
    data = contract.load(config)
    contract.check_test(config, data)
    return data


def _missing(opening: OpeningRow, records: Sequence[Record], metric: Metric) -> list[tuple[Record, int]]:
    """Return what is decided and not scored yet: the selected candidates, each with a seed."""
    missing: list[tuple[Record, int]] = []
    for record in selected_for(opening, records, metric):
        known = finals_of(record, opening, records)
        missing += [(record, seed) for seed in opening.seeds if seed not in known]
    return missing


def _score(
    archive: Archive,
    config: StudyConfig,
    contract: Contract,
    data: object,
    opening: OpeningRow,
    missing: Sequence[tuple[Record, int]],
    on_scored: Callable[[Scored], None] | None,
) -> None:
    """Train and score what is missing, several at once, and archive each result as it comes."""
    own = replace(config.as_task().fidelity, epochs=opening.epochs)
    jobs = [
        Job(number, record.program, seed, replace(own, recipe=recipe_of(record) or own.recipe), TEST)
        for number, (record, seed) in enumerate(missing)
    ]
    cycle = len(archive.cycles())
    with closing(contract.start(config, data)) as executor:
        for done, (job, outcome) in enumerate(run_jobs(executor, jobs), start=1):
            record, seed = missing[job.number]
            trial = Trial(record.program.digest, seed, job.at or own, TEST)
            wall_s = outcome.seconds.get("total", 0.0)
            cost = CostRow(cycle, "final", wall_s, outcome.cpu_s, outcome.gpu_s, bytes=outcome.received_bytes)
            archive.add_outcome(record.candidate.key, trial, outcome, cost)
            if on_scored is not None:
                on_scored(Scored(done, len(jobs), record, outcome, contract.metric))

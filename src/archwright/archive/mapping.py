"""From the dataclasses of the loop to rows of the archive, and back to equal dataclasses.

Rows are written as models, whose fields are checked, and read as plain rows with the same names: making ten thousand
model instances to throw away would take seconds.
"""

import math
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from archwright.archive.ledger import AdapterRow, CostRow, CycleRow, FinalRow, OpeningRow, Session
from archwright.archive.models import (
    StoredAdapter,
    StoredAdmission,
    StoredCandidate,
    StoredCost,
    StoredCycle,
    StoredFinal,
    StoredOpening,
    StoredOutcome,
)
from archwright.candidate import (
    Admission,
    AdmissionReason,
    Candidate,
    Failure,
    FailureKind,
    Key,
    Outcome,
    Program,
    Repair,
    Scores,
    Similarity,
    Stage,
)


def candidate_to_row(candidate: Candidate, study_id: int, now: datetime) -> StoredCandidate:
    """Return the row of `candidate`; its program is a row of its own."""
    return StoredCandidate(
        study_id=study_id,
        cycle=candidate.key.cycle,
        position=candidate.key.index,
        program=candidate.program.digest,
        generator=candidate.generator,
        seed=candidate.seed,
        parents=list(candidate.parents),
        operation=candidate.operation,
        prompt=candidate.prompt,
        completion=candidate.completion,
        model=candidate.model,
        adapter=candidate.adapter,
        prompt_tokens=candidate.prompt_tokens,
        completion_tokens=candidate.completion_tokens,
        finish_reason=candidate.finish_reason,
        repair=None if candidate.repair is None else candidate.repair.value,
        generate_s=candidate.generate_s,
        created_at=now,
    )


def row_to_candidate(row: Row[Any], program: Program) -> Candidate:
    """Return the candidate of `row`, which has `program`; raises ValueError for a repair we do not know."""
    return Candidate(
        key=Key(row.cycle, row.position),
        program=program,
        generator=row.generator,
        seed=row.seed,
        parents=tuple(row.parents),
        operation=row.operation,
        prompt=row.prompt,
        completion=row.completion,
        model=row.model,
        adapter=row.adapter,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        finish_reason=row.finish_reason,
        repair=None if row.repair is None else Repair(row.repair),
        generate_s=_required(row.generate_s),
    )


def outcome_to_row(key: Key, outcome: Outcome, study_id: int, now: datetime) -> StoredOutcome:
    """Return the row of the `outcome` of candidate `key`."""
    failure, scores = outcome.failure, outcome.scores
    return StoredOutcome(
        study_id=study_id,
        cycle=key.cycle,
        position=key.index,
        stage=outcome.stage.value,
        failure_stage=failure.stage.value if failure else None,
        failure_kind=failure.kind.value if failure else None,
        failure_message=failure.message if failure else None,
        failure_line=failure.line if failure else None,
        accuracy=scores.accuracy if scores else None,
        loss=scores.loss if scores else None,
        n=scores.n if scores else None,
        params=outcome.params,
        flops=outcome.flops,
        seconds=dict(outcome.seconds),
        cpu_s=outcome.cpu_s,
        gpu_s=outcome.gpu_s,
        memory_mb=outcome.memory_mb,
        received_bytes=outcome.received_bytes,
        seed=outcome.seed,
        protocol=outcome.protocol,
        isolation=outcome.isolation,
        log=outcome.log,
        cached=outcome.cached,
        finished_at=now,
    )


def row_to_outcome(row: Row[Any]) -> Outcome:
    """Return the outcome of `row`; raises ValueError for a stage or kind we do not know."""
    scores = None if row.n is None else Scores(_required(row.accuracy), _required(row.loss), row.n)
    return Outcome(
        stage=Stage(row.stage),
        failure=_failure(row, row.failure_stage or row.stage),
        scores=scores,
        params=row.params,
        flops=row.flops,
        seconds=row.seconds,
        cpu_s=_required(row.cpu_s),
        gpu_s=_required(row.gpu_s),
        memory_mb=_required(row.memory_mb),
        received_bytes=row.received_bytes,
        seed=row.seed,
        protocol=row.protocol,
        isolation=row.isolation,
        log=row.log,
        cached=row.cached,
    )


def admission_to_row(key: Key, admission: Admission, study_id: int) -> StoredAdmission:
    """Return the row of the verdict on candidate `key`; raises ValueError for a similarity that is not a number."""
    lexical, canonical = admission.lexical, admission.canonical
    for similarity in (lexical, canonical):
        if similarity is not None and math.isnan(similarity.value):
            raise ValueError(f"the similarity of candidate {key} is NaN")
    return StoredAdmission(
        study_id=study_id,
        cycle=key.cycle,
        position=key.index,
        reason=admission.reason.value,
        lexical_value=lexical.value if lexical else None,
        lexical_nearest=lexical.nearest if lexical else None,
        canonical_value=canonical.value if canonical else None,
        canonical_nearest=canonical.nearest if canonical else None,
        rejections=admission.rejections,
    )


def row_to_admission(row: Row[Any]) -> Admission:
    """Return the verdict of `row`; raises ValueError for a reason we do not know."""
    return Admission(
        reason=AdmissionReason(row.reason),
        lexical=_similarity(row.lexical_value, row.lexical_nearest),
        canonical=_similarity(row.canonical_value, row.canonical_nearest),
        rejections=row.rejections,
    )


def cycle_to_row(cycle: CycleRow, study_id: int, now: datetime) -> StoredCycle:
    """Return the row of `cycle`."""
    return StoredCycle(study_id=study_id, cycle=cycle.cycle, threshold=cycle.threshold, closed_at=now)


def row_to_cycle(row: Row[Any]) -> CycleRow:
    """Return the cycle of `row`."""
    return CycleRow(row.cycle, row.threshold)


def adapter_to_row(adapter: AdapterRow, study_id: int, now: datetime) -> StoredAdapter:
    """Return the row of `adapter`."""
    return StoredAdapter(
        study_id=study_id,
        name=adapter.name,
        cycle=adapter.cycle,
        folder=adapter.folder,
        model=adapter.model,
        parents=list(adapter.parents),
        pairs=adapter.pairs,
        steps=adapter.steps,
        loss=adapter.loss,
        digest=adapter.digest,
        created_at=now,
    )


def row_to_adapter(row: Row[Any]) -> AdapterRow:
    """Return the adapter of `row`."""
    return AdapterRow(
        name=row.name,
        cycle=row.cycle,
        folder=row.folder,
        model=row.model,
        parents=tuple(row.parents),
        pairs=row.pairs,
        steps=row.steps,
        loss=_required(row.loss),
        digest=row.digest,
    )


def cost_to_row(cost: CostRow, study_id: int, now: datetime) -> StoredCost:
    """Return the row of `cost`."""
    return StoredCost(
        study_id=study_id,
        cycle=cost.cycle,
        stage=cost.stage,
        wall_s=cost.wall_s,
        cpu_s=cost.cpu_s,
        gpu_s=cost.gpu_s,
        tokens=cost.tokens,
        bytes=cost.bytes,
        recorded_at=now,
    )


def row_to_cost(row: Row[Any]) -> CostRow:
    """Return the cost of `row`."""
    return CostRow(
        cycle=row.cycle,
        stage=row.stage,
        wall_s=_required(row.wall_s),
        cpu_s=_required(row.cpu_s),
        gpu_s=_required(row.gpu_s),
        tokens=row.tokens,
        bytes=row.bytes,
    )


def opening_to_row(opening: OpeningRow, study_id: int) -> StoredOpening:
    """Return the row of `opening`."""
    return StoredOpening(
        study_id=study_id,
        number=opening.number,
        programs=list(opening.programs),
        seeds=list(opening.seeds),
        epochs=opening.epochs,
        opened_at=opening.opened_at,
    )


def row_to_opening(row: Row[Any]) -> OpeningRow:
    """Return the opening of the test split of `row`."""
    return OpeningRow(row.number, tuple(row.programs), tuple(row.seeds), row.epochs, row.opened_at)


def final_to_row(final: FinalRow, study_id: int) -> StoredFinal:
    """Return the row of `final`."""
    failure = final.failure
    return StoredFinal(
        study_id=study_id,
        program=final.program,
        seed=final.seed,
        protocol=final.protocol,
        accuracy=final.accuracy,
        loss=final.loss,
        n=final.n,
        opened_at=final.opened_at,
        failure_stage=failure.stage.value if failure else None,
        failure_kind=failure.kind.value if failure else None,
        failure_message=failure.message if failure else None,
        failure_line=failure.line if failure else None,
        params=final.params,
        isolation=final.isolation,
    )


def row_to_final(row: Row[Any]) -> FinalRow:
    """Return the finalist's result of `row`; raises ValueError for a stage or kind we do not know."""
    return FinalRow(
        program=row.program,
        seed=row.seed,
        protocol=row.protocol,
        accuracy=_required(row.accuracy),
        loss=_required(row.loss),
        n=row.n,
        opened_at=row.opened_at,
        failure=_failure(row, row.failure_stage),
        params=row.params,
        isolation=row.isolation,
    )


def row_to_session(row: Row[Any]) -> Session:
    """Return the session of `row`."""
    return Session(row.number, row.opened_at, row.environment)


def _failure(row: Row[Any], stage: str) -> Failure | None:
    if row.failure_kind is None:
        return None
    return Failure(Stage(stage), FailureKind(row.failure_kind), row.failure_message or "", row.failure_line)


def _required(value: float | None) -> float:
    return math.nan if value is None else value


def _similarity(value: float | None, nearest: str | None) -> Similarity | None:
    return None if value is None else Similarity(value, nearest)

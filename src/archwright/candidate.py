"""What travels around the loop: a Program, the Candidate it belongs to, its Trials and what came of each (Outcomes).

Everything here is frozen and imports nothing of ours. A candidate's failure is one of the closed `FailureKind`s; it is
data to learn from and never an exception.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""A JSON value."""
NOTHING: Mapping[str, Json] = MappingProxyType({})


class Stage(StrEnum):
    """The stages of an evaluation, in order; a candidate is valid when it reached `SCORE`."""

    WRITE = "write"
    PARSE = "parse"
    POLICY = "policy"
    CONTRACT = "contract"
    BUILD = "build"
    FORWARD = "forward"
    BUDGET = "budget"
    TRAIN = "train"
    PREDICT = "predict"
    SCORE = "score"
    NOVELTY = "novelty"


class FailureKind(StrEnum):
    """Why a candidate failed. Closed: metrics, reports and prompts count by these names."""

    REFUSED = "refused"  # an answer that could not be turned into a program: a patch that does not apply, no answer
    MALFORMED = "malformed"  # an answer that is not of the form that was asked for
    OUTRANKED = "outranked"  # not trained, because a judge ranked others before it
    EMPTY = "empty"  # no program text at all
    PROSE = "prose"  # text, but not a program
    ENCODING = "encoding"  # not valid UTF-8 text (binary, NUL)
    TOO_LARGE = "too_large"  # source beyond the size limit
    SYNTAX = "syntax"  # does not parse
    FORBIDDEN = "forbidden"  # something the policy does not allow
    MISSING_NET = "missing_net"  # no class Net
    MISSING_METHOD = "missing_method"  # Net lacks a method of the contract
    BAD_SIGNATURE = "bad_signature"  # a method of the contract takes other arguments
    MISSING_DEPENDENCY = "missing_dependency"  # imports what the sandbox does not have
    NAME = "name"  # an undefined name or attribute
    SHAPE = "shape"  # tensor shapes do not fit each other
    TYPE = "type"  # wrong types or arguments
    EXCEPTION = "exception"  # any other exception the program raised
    WRONG_OUTPUT = "wrong_output"  # the output is not a float tensor (N, classes)
    NO_PARAMETERS = "no_parameters"  # nothing to train
    TOO_MANY_PARAMETERS = "too_many_parameters"  # beyond budget.max_params
    TOO_MANY_FLOPS = "too_many_flops"  # beyond budget.max_flops
    NOT_MEASURED = "not_measured"  # not in the table that stands for training
    NOT_FINITE = "not_finite"  # NaN or infinity in loss or predictions
    TOO_MANY_EPOCHS = "too_many_epochs"  # a second pass over the training images within one epoch
    HOPELESS = "hopeless"  # no better than chance at budget.stop_at, and stopped there
    TIMEOUT = "timeout"  # beyond budget.wall_s
    OUT_OF_MEMORY = "out_of_memory"  # beyond budget.memory_mb
    KILLED = "killed"  # the process ended by a signal or left without an answer
    DEVICE_FAULT = "device_fault"  # the GPU stopped under it: illegal access, failed assertion, lost device
    BAD_RESULT = "bad_result"  # what came back is not the agreed result
    NOT_REPRODUCIBLE = "not_reproducible"  # a fresh box does not predict the same from source and weights
    NEAR_DUPLICATE = "near_duplicate"  # refused before training by the novelty filter


@dataclass(frozen=True, slots=True)
class Failure:
    """Where and why a candidate failed, in words a model or a person can act on."""

    stage: Stage
    kind: FailureKind
    message: str
    line: int | None = None
    """1-based line of the program's source as the candidate wrote it, where known."""


@dataclass(frozen=True)
class Program:
    """A candidate's source text."""

    source: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the source text, hexadecimal."""
        return hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A candidate's place in its study; orders candidates as they were proposed."""

    cycle: int
    """1-based."""
    index: int
    """0-based within the cycle."""

    def __str__(self) -> str:
        return f"{self.cycle}.{self.index}"


class Repair(StrEnum):
    """What was done to the text a model wrote before it was run; each step only where the one before was not enough."""

    RAW = "raw"  # nothing: the program is in the completion as it is
    TRIMMED = "trimmed"  # its end was cut off, because only the beginning is a program
    COMPLETED = "completed"  # what was missing beyond doubt was added, to the beginning or to the whole


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a language model and its answer."""

    role: str
    """What the model was asked as: `writer`, or another role that a generator declares."""
    prompt: str
    completion: str
    model: str
    """As given in `llm.model`."""
    adapter: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish_reason: str | None = None
    wall_s: float = 0.0
    """Wall seconds, this call's share of its batch."""
    is_estimated: bool = False
    """Whether the tokens are our estimate, because the server did not count them."""


WRITER = "writer"
"""The role whose answer becomes the program."""
IMPROVER = "improver"
"""The role whose answer advises the writer."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """At what cost and with what recipe a program is trained; two outcomes compare only at the same fidelity."""

    epochs: int = 1
    train_size: int = 0
    """Training images; 0 means all that the split leaves."""
    image_size: int = 0
    """Side in pixels; 0 means the data set's own."""
    recipe: str = ""
    """The recipe as canonical JSON; empty for the task's own."""


@dataclass(frozen=True)
class Candidate:
    """A Program, or the failure to write one, and where it came from."""

    key: Key
    program: Program | None
    """None when the answer could not be turned into a program; `failure` says why."""
    generator: str
    seed: int
    """Seeds the proposal and, derived from it, the training."""
    parents: tuple[str, ...] = ()
    """Digests of the programs this one was made from, the one that was changed first."""
    calls: tuple[Call, ...] = ()
    """Every request to a language model that led to it, in order."""
    facts: Mapping[str, Json] = field(default_factory=lambda: NOTHING)
    """What its generator has to say of it, as JSON: `operation`, `repair`, chosen experts, how a patch applied."""
    failure: Failure | None = None
    """Why there is no program; at the stage `write`."""
    at: Fidelity | None = None
    """How it is to be trained; None for the study's own fidelity."""
    generate_s: float = 0.0
    """Wall seconds of writing it, this candidate's share of its batch."""

    def __post_init__(self) -> None:
        if (self.program is None) is not (self.failure is not None and self.failure.stage is Stage.WRITE):
            raise ValueError(f"candidate {self.key} needs either a program or a failure at the stage write")

    @property
    def writer(self) -> Call | None:
        """The last call whose answer became the program; None where no model wrote it."""
        return next((call for call in reversed(self.calls) if call.role == WRITER), None)

    @property
    def first_asked(self) -> Call | None:
        """The first call to the writer, whose prompt says nothing of earlier tries; None where no model wrote it."""
        return next((call for call in self.calls if call.role == WRITER), None)

    @property
    def operation(self) -> str | None:
        """What a generator without a model did to the parents, in a few words."""
        operation = self.facts.get("operation")
        return operation if isinstance(operation, str) else None

    @property
    def prompt_tokens(self) -> int:
        """Tokens that models read for it, over all calls."""
        return sum(call.prompt_tokens for call in self.calls)

    @property
    def completion_tokens(self) -> int:
        """Tokens that models wrote for it, over all calls."""
        return sum(call.completion_tokens for call in self.calls)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: the key of an Outcome."""

    program: str | None
    """Digest of the program; None for a candidate that has none."""
    seed: int
    """Seeds the training."""
    at: Fidelity = Fidelity()
    split: str = "validation"
    """The images it is scored on: `validation` or `test`."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the supervisor computed from the predictions."""

    values: Mapping[str, float]
    """Metric -> value on the evaluation split, the task's own metric among them."""
    n: int
    """Images scored; 0 for a figure that was looked up."""

    @property
    def is_looked_up(self) -> bool:
        """Whether they are a published figure, the same under every seed: another seed is no second training."""
        return self.n == 0


NOTE = "archwright: "
"""Begins a line that the evaluator adds to a log."""
NO_SECONDS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Outcome:
    """What happened to a Program: the stage reached, a Failure or Scores, and the resources used."""

    stage: Stage
    """The last stage entered: `score` when valid, else the stage of the failure."""
    failure: Failure | None = None
    scores: Scores | None = None
    params: int | None = None
    """Trainable and frozen parameters, and buffers that training changed (`evaluation.box.layout`)."""
    flops: int | None = None
    """Floating-point operations of one forward pass of one image (a multiply-add counts as two)."""
    seconds: Mapping[str, float] = field(default_factory=lambda: NO_SECONDS)
    """Wall seconds by phase: `start`, `check`, `train`, `predict`, `total`."""
    cpu_s: float = 0.0
    gpu_s: float = 0.0
    """Its share of the GPU's time: while n boxes are on the GPU, a second counts one n-th for each."""
    memory_mb: float = 0.0
    """Peak memory of the candidate's process."""
    received_bytes: int = 0
    """Bytes the supervisor accepted from the candidate's process."""
    seed: int = 0
    protocol: str = "holdout"
    isolation: int = 0
    """Sandbox level it ran under (see `archwright doctor`)."""
    log: str = ""
    """What the program printed, sanitised and cut."""
    cached: bool = False
    """Whether it comes from the result cache: nothing was run, and the resources used are zero."""
    graph: str | None = None
    """The network's computational graph as the box told it (`programs.graph`); None where it could not be traced."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stage", Stage(self.stage))  # its name is as good
        for name, given, kind in (("failure", self.failure, Failure), ("scores", self.scores, Scores)):
            if not isinstance(given, kind | None):
                raise TypeError(
                    f"{name} is a {kind.__name__}, not {given!r}: Outcome('score', scores=Scores({{...}}, n))"
                )
        if self.failure is not None and self.scores is not None:
            raise ValueError(f"an outcome has a failure or scores, not both: {self.failure}")
        if self.failure is None and (self.stage is Stage.SCORE) is not (self.scores is not None):
            raise ValueError(f"an outcome without a failure has scores exactly at the stage score, not at {self.stage}")

    @property
    def is_valid(self) -> bool:
        """Whether the program was trained and scored."""
        return self.scores is not None

    @property
    def notes(self) -> list[str]:
        """What the evaluator noted about a program that it accepted."""
        return [line.removeprefix(NOTE) for line in self.log.splitlines() if line.startswith(NOTE)]

    def value(self, metric: str) -> float | None:
        """Return the score by `metric`, or None when it was never scored by it."""
        return None if self.scores is None else self.scores.values.get(metric)


class AdmissionReason(StrEnum):
    """Why a candidate did or did not join the elite."""

    ADMITTED = "admitted"  # at or above the threshold, and novel
    TOPPED_UP = "topped_up"  # below the threshold, taken because the cycle had too few
    INVALID = "invalid"  # never scored
    NEAR_DUPLICATE = "near_duplicate"  # valid, but too similar to something known
    BELOW_THRESHOLD = "below_threshold"  # valid and novel, but not good enough


@dataclass(frozen=True, slots=True)
class Similarity:
    """How close a program is to the nearest known one under one criterion."""

    value: float
    """Jaccard similarity in [0, 1]; 0.0 when nothing is known."""
    nearest: str | None
    """Name or digest of the nearest known program."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The verdict on one candidate at the end of its cycle."""

    reason: AdmissionReason
    lexical: Similarity | None = None
    """As published, over lexer-token shingles, but exact: MinHash only finds the nearest."""
    canonical: Similarity | None = None
    """Ours: over the canonical form; renaming, formatting and comments do not change it."""
    rejections: int | None = None
    """Near-duplicates met before this accept (`rejection_count` of the paper); None unless novel."""
    graph: Similarity | None = None
    """Ours: over the computational graph, among networks that were traced; None for one that was not."""

    @property
    def is_admitted(self) -> bool:
        """Whether the candidate joined the elite."""
        return self.reason in (AdmissionReason.ADMITTED, AdmissionReason.TOPPED_UP)


NO_OUTCOMES: Mapping[Trial, Outcome] = MappingProxyType({})


@dataclass(frozen=True)
class Record:
    """Everything known about one candidate; what strategies and reports read."""

    candidate: Candidate
    outcomes: Mapping[Trial, Outcome] = field(default_factory=lambda: NO_OUTCOMES)
    """By trial, the search's own first: other seeds, other fidelities and the test split follow."""
    admission: Admission | None = None

    @property
    def outcome(self) -> Outcome | None:
        """What the search itself knows of it: the outcome of the first trial; None while it is pending."""
        return next(iter(self.outcomes.values()), None)

    @property
    def is_valid(self) -> bool:
        """Whether it was trained and scored in the search."""
        return self.outcome is not None and self.outcome.is_valid

    @property
    def is_admitted(self) -> bool:
        """Whether it joined the elite."""
        return self.admission is not None and self.admission.is_admitted

    @property
    def program(self) -> Program:
        """Its program; raises ValueError for a candidate that has none."""
        if self.candidate.program is None:
            raise ValueError(f"candidate {self.candidate.key} has no program")
        return self.candidate.program

    def value(self, metric: str) -> float | None:
        """Return its score in the search by `metric`, or None when it has none."""
        return None if self.outcome is None else self.outcome.value(metric)

    def tried(self, trial: Trial, outcome: Outcome) -> "Record":
        """Return this record with the `outcome` of one more trial."""
        return replace(self, outcomes={**self.outcomes, trial: outcome})

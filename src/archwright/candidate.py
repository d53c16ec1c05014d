"""What travels around the loop: a Program, the Candidate it belongs to and the Outcome of evaluating it.

Everything here is frozen and imports nothing of ours. A candidate's failure is one of the closed `FailureKind`s; it is
data to learn from and never an exception.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType


class Stage(StrEnum):
    """The stages of an evaluation, in order; a candidate is valid when it reached `SCORE`."""

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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True)
class Candidate:
    """A Program and where it came from."""

    key: Key
    program: Program
    generator: str
    seed: int
    """Seeds the proposal and, derived from it, the training."""
    parents: tuple[str, ...] = ()
    """Digests of the programs this one was made from."""
    operation: str | None = None
    """What a generator without a model did to the parents, in a few words."""
    prompt: str | None = None
    completion: str | None = None
    model: str | None = None
    adapter: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish_reason: str | None = None
    repair: Repair | None = None
    """The last step from the completion to the program; None where no model wrote it."""
    generate_s: float = 0.0
    """Wall seconds of generation, this candidate's share of its batch."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the supervisor computed from the predictions."""

    accuracy: float
    """Share of correct predictions in [0, 1] on the protocol's evaluation split."""
    loss: float
    """Mean cross-entropy in nats on the same split."""
    n: int
    """Images scored."""


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

    def __post_init__(self) -> None:
        if self.failure is not None and self.scores is not None:
            raise ValueError(f"an outcome has a failure or scores, not both: {self.failure}")
        if self.failure is None and (self.stage is Stage.SCORE) is not (self.scores is not None):
            raise ValueError(f"an outcome without a failure has scores exactly at the stage score, not at {self.stage}")

    @property
    def is_valid(self) -> bool:
        """Whether the program was trained and scored."""
        return self.scores is not None

    @property
    def accuracy(self) -> float | None:
        """Accuracy in [0, 1], or None when it was never scored."""
        return None if self.scores is None else self.scores.accuracy


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
    """As published: MinHash estimate over lexer-token shingles."""
    canonical: Similarity | None = None
    """Ours: over the canonical form; renaming, formatting and comments do not change it."""
    rejections: int | None = None
    """Near-duplicates met before this accept (`rejection_count` of the paper); None unless novel."""

    @property
    def is_admitted(self) -> bool:
        """Whether the candidate joined the elite."""
        return self.reason in (AdmissionReason.ADMITTED, AdmissionReason.TOPPED_UP)


@dataclass(frozen=True)
class Record:
    """Everything known about one candidate; what strategies and reports read."""

    candidate: Candidate
    outcome: Outcome | None = None
    admission: Admission | None = None

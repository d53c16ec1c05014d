"""The configuration of a study: one model per section; `configuring` reads it.

A key is a section and a field (`loop.cycles`, `budget.epochs`); `seed`, `task` and `preset` stand alone.
"""

from typing import Literal

from pydantic import Field, JsonValue, NonNegativeInt, PositiveInt, PrivateAttr, field_validator

from archwright.address import without_secrets
from archwright.task import Budget, DataOptions, Frozen, Recipe, Task

MOST_CYCLES = 100_000
"""Of a study: every cycle has its place in each curve."""


class LoopConfig(Frozen):
    """The loop: who proposes, how often, and who joins the elite (sections A.2 and D of the closed-loop paper)."""

    strategy: str = Field(
        "cycles",
        description="What is asked for next, and who is learned from: cycles | feedback | evolution | random | sweep | "
        "cells, or one of an installed package.",
    )
    generator: str = Field(
        "full",
        description="How a candidate is written. By a model: full | delta (an edit) | transforms | channels (two of "
        "its modes); without one: mutation | channels | compositions | pairing | moe4 | cell; or one of a package.",
    )
    contract: str = Field(
        "network", description="What kind of program a candidate is: network | transform | restoration | cell."
    )
    corpus: str = Field(
        "",
        description="Folder made by `archwright corpus build`, which candidates start from, prompts quote, lessons "
        "repeat and novelty is judged against; empty: our seed networks. A study keeps a copy.",
    )
    parents: Literal["none", "uniform", "score", "top", "novelty"] = Field(
        "none",
        description="How `cycles` draws the program that a candidate changes, from starters and what earlier cycles "
        "admitted: uniform (as published) | score: by rank | top: the ten best | novelty: by rank, and rather one that "
        "was changed less often. none: the generator draws a starter where it needs one.",
    )
    cycles: int = Field(
        22, ge=1, le=MOST_CYCLES, description="Most cycles; a study that has run them can be given more."
    )
    candidates: int = Field(150, ge=1, le=10**9, description="Candidates per cycle.")
    stop: bool = Field(
        True,
        description="Stop early by the rule of section D; who extends a study that has done so turns it off.",
    )
    stop_window: int = Field(3, ge=2, description="Consecutive cycles the stopping rule looks at.")
    stop_epsilon: float = Field(0.005, ge=0, description="Gain in the mean score below which the loop has converged.")
    threshold: float | None = Field(
        None,
        description="Score to join the elite, within the bounds of the contract's metric (0.4 is 40 %; 28 are 28 dB); "
        "unset: the published one where there is one for this task (one epoch on all images at their own size), else "
        "the quantile.",
    )
    threshold_quantile: float = Field(
        0.75, gt=0, lt=1, description="Quantile of cycle 1's valid scores; low enough for the few of a small cycle."
    )
    threshold_first: bool = Field(
        True,
        description="Published order: the threshold, then novelty; no worse near-duplicate blocks a better one. "
        "false: novelty first, in the order proposed.",
    )
    top_up: int = Field(15, ge=0, description="Admit the next-best novel candidates until this many.")
    top_up_ratio: float = Field(
        0.875, ge=0, le=1, description="Top-up floor as a share of the threshold (0.35 / 0.40)."
    )
    top_up_mean: bool = Field(
        False, description="Top up with candidates above the cycle's mean only: a lesson never teaches below it."
    )


class NoveltyConfig(Frozen):
    """The near-duplicate filter (section A.1)."""

    criterion: Literal["lexical", "canonical", "both", "graph"] = Field(
        "both",
        description="Which criterion decides; all are recorded. `both` are lexical and canonical; `graph` is what a "
        "network computes, and canonical where it was not traced.",
    )
    shingle: int = Field(
        10, ge=1, description="Tokens in each of the overlapping pieces that two programs are compared by."
    )
    permutations: int = Field(256, ge=16, le=16_384, description="Length of a MinHash signature.")
    lsh_threshold: float = Field(
        0.85, gt=0, lt=1, description="Similarity from which on the index finds pairs, which are then compared."
    )
    threshold: float = Field(0.90, gt=0, le=1, description="Reject above this similarity.")
    against: tuple[Literal["cycle", "study", "corpus", "taught"], ...] = Field(
        ("cycle", "study", "corpus"),
        description="Accepted in this cycle, admitted before, what the study began with; taught: also what the adapter "
        "was taught that it starts from.",
    )
    before_training: bool = Field(False, description="Filter before training to save compute; published order: after.")


class SandboxConfig(Frozen):
    """How candidates are run."""

    executor: Literal["local", "ray"] = Field("local", description="local: this machine | ray: a Ray cluster.")
    address: str = Field(
        "",
        description="Of the Ray cluster: auto | HOST:PORT | ray://HOST:PORT; empty: $RAY_ADDRESS, else start one here.",
    )
    gpu_share: float = Field(
        0.25, gt=0, le=1, description="Share of a GPU that each candidate claims from a Ray cluster."
    )
    workers: int = Field(
        0,
        ge=0,
        description="Candidates trained at once, on a cluster per node; 0: one per core, on a GPU four (its shares).",
    )
    threads: int = Field(1, ge=1, le=1_024, description="Threads of each candidate's process.")
    log_bytes: int = Field(65_536, ge=1_024, le=2**20, description="Output kept of one candidate.")
    policy: Literal["on", "off"] = Field(
        "on", description="Refuse programs unrun that use what a network has no business with."
    )
    device: str = Field("auto", description="auto | cpu | cuda | cuda:N; auto and cuda use every GPU there is.")
    cache: bool = Field(True, description="Remember outcomes, so that nothing is trained twice on this machine.")
    require: int = Field(
        2, ge=0, le=3, description="Isolation level (see `archwright doctor`) below which no program is run."
    )


class ModelConfig(Frozen):
    """A language model and how it is sampled (section J)."""

    model: str = Field(
        "smollm2-135m", description="smollm2-135m | hf:ORG/NAME | a folder | openai:URL#MODEL | replay:FILE"
    )
    adapter: str = Field(
        "default",
        description="What the model knows at the start. default: the adapter shipped for it, if there is one | edits: "
        "the same for diffs (smollm2-135m has both) | none | a folder written by `archwright tune`.",
    )
    temperature: float = Field(0.2, ge=0, description="Of sampling; 0: always the likeliest token.")
    top_k: int = Field(50, ge=0, description="Draw from this many likeliest tokens; 0: from all.")
    top_p: float = Field(
        0.9, gt=0, le=1, description="Draw from the likeliest tokens that reach this probability together."
    )
    max_new_tokens: int = Field(2048, ge=1, description="Tokens of one answer; a longer one is cut.")
    batch: int = Field(8, ge=1, description="Prompts sampled together.")
    constrained: bool = Field(
        True,
        description="Hold a local model to the form of an answer that has one while it writes: edits to the lines of "
        "their program, widths to those there are, advice to its JSON. false: any token may follow, as published.",
    )
    timeout_s: float = Field(120.0, gt=0, le=86_400, description="Of one request to a server.")
    retries: int = Field(5, ge=0, description="Of one request to a server, with exponential waits.")
    concurrency: int = Field(4, ge=1, description="Requests in flight to a server.")
    extra: dict[str, JsonValue] = Field({}, description="Further parameters of every request to a server, as given.")
    omit: tuple[str, ...] = Field((), description="Parameters never sent to a server.")
    price_in: float = Field(
        0.0, ge=0, description="Money for a million tokens that the model reads, in any currency; 0: not known."
    )
    price_out: float = Field(
        0.0, ge=0, description="Money for a million tokens that the model writes, in the same; reasoning counts."
    )
    max_cost: float = Field(
        0.0,
        ge=0,
        description="Money that a study may spend on this model: no request is sent that may go beyond; 0: no limit.",
    )
    max_tokens_total: int = Field(
        0,
        ge=0,
        description="Tokens that a study may use of this model, read and written (`max_new_tokens` is for one answer); "
        "0: no limit.",
    )
    _address: str = PrivateAttr("")

    def model_post_init(self, context: object) -> None:
        """Keep what is secret in the model's address out of `model`, and so out of every file and message."""
        self._address = self.model
        self.__dict__["model"] = without_secrets(self.model)

    @property
    def address(self) -> str:
        """`model` with its secrets as they were given; for the connection only, never stored."""
        return self._address


class LlmConfig(ModelConfig):
    """The model that writes programs, and what is done with its answers."""

    repair: bool = Field(
        True, description="Trim and complete programs that fail the static checks; each step is counted by itself."
    )
    repair_rounds: int = Field(
        0,
        ge=0,
        le=3,
        description="Times that the model is asked again where its answer is refused, fails the static checks, or, a "
        "network, cannot be built and run; `failed_before` among the facts counts it apart.",
    )
    repair_by: Literal["reason", "redraw"] = Field(
        "reason",
        description="How `repair_rounds` ask. reason: the answer and what is wrong with it are quoted | redraw: the "
        "same prompt again, with another seed, for models too small to make use of a reason.",
    )
    form: Literal["compact", "full"] = Field("compact", description="The form of program the prompt asks for.")
    examples: int = Field(0, ge=0, description="Known networks quoted in the prompt.")
    remarks: str = Field("", description="Words of yours at the end of every prompt to the writer.")


class ImproverConfig(ModelConfig):
    """The model that advises the writer, where `loop.strategy` is feedback."""

    model: str = Field("", description="As `llm.model`; empty: the writer advises itself and all of `improver` rests.")
    adapter: str = Field("none", description="As `llm.adapter`.")


class FeedbackConfig(Frozen):
    """Feedback memory: what the improver remembers, and the ablations of it."""

    k: Literal["all"] | NonNegativeInt = Field(5, description="Earlier outcomes that are quoted: how many, or all.")
    improver: bool = Field(True, description="false: the writer sees the latest outcome without advice.")
    failures: bool = Field(True, description="false: programs that failed are left out of the memory.")
    shuffled: bool = Field(False, description="true: the memory is quoted in random order.")
    iid: bool = Field(False, description="true: every candidate is drawn without looking at any other (best of N).")


class TuneConfig(Frozen):
    """LoRA on the elite after every cycle (section J)."""

    enabled: bool = Field(True, description="false: the model stays as it is (frozen).")
    rank: int = Field(32, ge=1, description="Of a new adapter; a continued one keeps rank, alpha, dropout and layers.")
    alpha: int = Field(32, ge=1, description="What LoRA adds is scaled by alpha / rank.")
    dropout: float = Field(0.05, ge=0, lt=1, description="Of what enters LoRA's matrices.")
    layers: int = Field(0, ge=0, description="A new adapter goes into this many layers, from the first; 0: all.")
    lr: float = Field(1e-5, gt=0, description="Peak learning rate; it falls along a cosine.")
    epochs: int = Field(5, ge=1, description="Passes over the pairs of a lesson.")
    batch: int = Field(1, ge=1, description="Pairs computed together.")
    accumulation: int = Field(4, ge=1, description="Batches whose gradients are added for one step.")
    warmup_steps: int = Field(20, ge=0, description="Steps until the peak; at most a fifth of all.")
    weight_decay: float = Field(0.01, ge=0, description="Of AdamW.")
    max_grad_norm: float = Field(1.0, gt=0, description="Longer gradients are shortened to this.")
    max_length: int = Field(2048, ge=64, description="Longer pairs are left out, never cut.")
    replay: Literal["all", "none"] | PositiveInt = Field(
        "all", description="Known pairs mixed into each lesson so that they are not forgotten: all | none | how many."
    )
    replay_from: Literal["corpus", "taught"] = Field(
        "corpus",
        description="What is replayed: corpus: what candidates start from | taught: the programs that the adapter was "
        "taught which the study starts from; the corpus for a bare model.",
    )
    dual_task: bool = Field(
        True, description="Show each corpus network under two tasks' wording (section C), else one."
    )
    cumulative: bool = Field(
        True,
        description="Train on all admitted so far (as published), else on this cycle's.",
    )

    @field_validator("replay", mode="before")
    @classmethod
    def _all_was_zero(cls, value: object) -> object:
        """Read 0 as it was meant before there was a word for it."""
        return "all" if value == 0 and not isinstance(value, bool) else value


class EvolutionConfig(Frozen):
    """Regularised evolution (Real et al. 2019): tournament selection, the oldest dies."""

    population: int = Field(20, ge=2, description="Programs that are alive.")
    sample: int = Field(5, ge=1, description="How many of them a tournament draws; the best is the parent.")
    batch: int = Field(
        4,
        ge=1,
        description="Children proposed before their outcomes are seen; fixed, so that worker count changes nothing.",
    )


class StudyConfig(Frozen):
    """Everything that determines a study."""

    preset: str | None = Field(None, description="Where the settings are from; chosen by `--preset`.")
    task: str = Field("digits", min_length=1, description="Data set: a name from `archwright tasks`, or a path.")
    seed: int = Field(0, ge=0, description="Seed of everything random.")
    loop: LoopConfig = LoopConfig()
    budget: Budget = Budget()
    data: DataOptions = DataOptions()
    recipe: Recipe = Recipe()
    novelty: NoveltyConfig = NoveltyConfig()
    sandbox: SandboxConfig = SandboxConfig()
    llm: LlmConfig = LlmConfig()
    improver: ImproverConfig = ImproverConfig()
    feedback: FeedbackConfig = FeedbackConfig()
    tune: TuneConfig = TuneConfig()
    evolution: EvolutionConfig = EvolutionConfig()

    def as_task(self) -> Task:
        """Return the task this study works on."""
        return Task(name=self.task, data=self.data, recipe=self.recipe, budget=self.budget)

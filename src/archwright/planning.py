"""What a study would do, without doing any of it: `archwright search --dry-run`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archwright.assembly import Assembly
from archwright.candidate import IMPROVER
from archwright.config import ModelConfig, StudyConfig
from archwright.generators.advised import REPAIRS
from archwright.generators.asking import decoding_of
from archwright.llm.parameters import Parameters
from archwright.llm.spending import llm_of
from archwright.strategies.strategy import View


@dataclass(frozen=True)
class StudyPlan:
    """What a study would do."""

    config: StudyConfig
    candidates: int
    """Candidates of all cycles, should the study not stop earlier."""
    prompt: str | None
    """The first prompt; None when no language model is asked."""
    expected: Mapping[str, float | None]
    """Upper bounds on what it costs, from the budgets: nothing has been measured. None for what nothing bounds."""


def plan(config: StudyConfig) -> StudyPlan:
    """Return what `config` would do; raises UsageError, DataError or EvaluatorError when it cannot run."""
    assembly = Assembly(config, Path())
    assembly.check()
    assembly.check_isolation()
    candidates = config.loop.cycles * config.loop.candidates
    expected: dict[str, float | None] = {
        "training_epochs_at_most": candidates * config.budget.epochs,
        # Of all together: a strategy may wait for every one of them, however many workers there are.
        "evaluation_wall_s_at_most": candidates * config.budget.wall_s,
    }
    if not assembly.generator.roles:
        return StudyPlan(config, candidates, None, expected)
    tokens = _most_tokens(config, assembly)
    expected["completion_tokens_at_most"] = None if tokens is None else candidates * tokens
    expected["lessons_at_most"] = config.loop.cycles - 1 if assembly.learns else 0
    request = assembly.strategy.ask(View(config, 1, [], assembly.starters, assembly.metric))[0]
    return StudyPlan(config, candidates, str(assembly.generator.prompt_for(request)), expected)


def _most_tokens(config: StudyConfig, assembly: Assembly) -> int | None:
    """Return how many tokens are written for one candidate at most, repairs and advice included; None without bound."""
    writer = _most_of_answer(config.llm)
    if writer is None:
        return None
    writer *= 1 + config.llm.repair_rounds
    if IMPROVER not in assembly.generator.roles or not config.feedback.improver:
        return writer
    improver = _most_of_answer(llm_of(config, IMPROVER))
    return None if improver is None else writer + improver * (1 + REPAIRS)


def _most_of_answer(llm: ModelConfig) -> int | None:
    """Return the tokens of the longest answer; None where a server is sent no limit that we know the meaning of."""
    if not llm.model.startswith("openai:"):
        return llm.max_new_tokens
    sent = Parameters(llm.extra, llm.omit).of(decoding_of(llm), 0)
    limits = [value for name, value in sent.items() if name.startswith("max_") and name.endswith("tokens")]
    numbers = [limit for limit in limits if isinstance(limit, int)]
    return max(numbers) if numbers and len(numbers) == len(limits) else None

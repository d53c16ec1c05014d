"""Turns a configuration into the parts of a study, each built when it is first used."""

from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from archwright.config import StudyConfig
from archwright.errors import UnknownNameError, UsageError
from archwright.evaluation.cluster.session import check_ray
from archwright.evaluation.data import TaskData, load_spec, load_task_data
from archwright.evaluation.evaluator import Executor
from archwright.evaluation.start import start_executor
from archwright.generators.generator import Generator, Parts
from archwright.llm.model import LanguageModel
from archwright.llm.registry import check_model, find_adapter, is_trainable, load_model
from archwright.sandbox.doctor import require_isolation
from archwright.starters import SeedNetwork, load_seed_corpus
from archwright.strategies.strategy import Strategy
from archwright.task import DataSpec

STRATEGIES = {
    "cycles": "archwright.strategies.cycles:CyclesStrategy",
    "evolution": "archwright.strategies.evolution:EvolutionStrategy",
    "random": "archwright.strategies.random:RandomStrategy",
}
"""Name -> class whose constructor takes (config, corpus)."""

GENERATORS = {
    "full": "archwright.generators.full:FullGenerator",
    "mutation": "archwright.generators.mutation:MutationGenerator",
}
"""Name -> class whose constructor takes Parts."""


class Assembly:
    """The parts of one study; heavy ones (data, model, processes) start on first use and end with `close`."""

    def __init__(self, config: StudyConfig, folder: Path) -> None:
        self.config = config
        self.folder = folder
        self.task = config.as_task()

    def check(self) -> None:
        """Raise UsageError for anything that can be seen to be wrong before the study starts."""
        if self.config.loop.strategy not in STRATEGIES:
            raise UnknownNameError.of("strategy", self.config.loop.strategy, STRATEGIES)
        if self.config.loop.generator not in GENERATORS:
            raise UnknownNameError.of("generator", self.config.loop.generator, GENERATORS)
        if self.generator.uses_model:
            check_model(self.config.llm)
            find_adapter(self.config.llm)
        if self.learns and not is_trainable(self.config.llm):
            raise UsageError(
                f"{self.config.llm.model} cannot be fine-tuned from here",
                "add --set tune.enabled=false to search with the frozen model",
            )
        if self.config.sandbox.executor == "ray":
            check_ray(self.config.sandbox)
        _ = self.data  # Sizes beyond the data set, or a data set that is not there, end the study here.

    def check_isolation(self) -> None:
        """Raise EvaluatorError when this machine does not reach `sandbox.require`."""
        require_isolation(self.config.sandbox.require)

    @property
    def learns(self) -> bool:
        """Whether the model is fine-tuned in this study."""
        return self.generator.uses_model and self.config.tune.enabled and self.strategy.learns

    @cached_property
    def corpus(self) -> list[SeedNetwork]:
        """The networks every study starts from."""
        return load_seed_corpus()

    @cached_property
    def spec(self) -> DataSpec:
        """Shapes and classes of the task's data."""
        spec = load_spec(self.config.task)
        side = self.config.data.image_size
        return replace(spec, image_shape=(spec.image_shape[0], side, side)) if side else spec

    @cached_property
    def data(self) -> TaskData:
        """The images a search may see."""
        return load_task_data(self.task)

    @cached_property
    def strategy(self) -> Strategy:
        """What to ask for next."""
        strategy: Strategy = _load(STRATEGIES[self.config.loop.strategy])(self.config, self.corpus)
        return strategy

    @cached_property
    def generator(self) -> Generator:
        """How candidates are written."""
        parts = Parts(self.config, self.spec, lambda: self.model)
        generator: Generator = _load(GENERATORS[self.config.loop.generator])(parts)
        return generator

    @cached_property
    def model(self) -> LanguageModel:
        """The language model, without an adapter until the teacher gives it one."""
        return load_model(self.config.llm)

    def release_model(self) -> None:
        """Free the model's memory, for fine-tuning; the next use of `model` loads it again."""
        if "model" in self.__dict__:
            self.model.close()
            del self.__dict__["model"]

    @cached_property
    def executor(self) -> Executor:
        """Where candidates are trained."""
        return start_executor(self.task, self.config.sandbox, self.data)

    def close(self) -> None:
        """Free the model and stop every process."""
        self.release_model()
        if "executor" in self.__dict__:
            self.executor.close()


def _load(path: str) -> Any:
    module, name = path.split(":")
    return getattr(import_module(module), name)

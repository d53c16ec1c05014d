"""Turns a configuration into the parts of a study, each built when it is first used."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, final

from archwright.archive.database import holds_study
from archwright.candidate import IMPROVER, Candidate, Key, Outcome, Program, Record
from archwright.config import ModelConfig, StudyConfig
from archwright.contracts.contract import Contract
from archwright.contracts.network import NetworkContract
from archwright.corpus.beginning import is_starter, read_copy, read_corpus, write_copy
from archwright.designs import designed
from archwright.elite import check_threshold
from archwright.errors import UsageError
from archwright.evaluation.cluster.session import check_ray
from archwright.evaluation.device import find_devices
from archwright.evaluation.evaluator import Executor
from archwright.generators.advised import AdvisedGenerator
from archwright.generators.generator import Generator, Models, Setting
from archwright.llm.adapters import is_adapter, read_taught
from archwright.llm.model import LanguageModel
from archwright.llm.registry import check_hub, check_model, find_adapter, is_trainable, load_model
from archwright.llm.spending import llm_of, section_of
from archwright.programs.extraction import extract_program
from archwright.registry import CONTRACTS, GENERATORS, STRATEGIES
from archwright.sandbox.doctor import require_isolation
from archwright.strategies.feedback import FeedbackStrategy
from archwright.strategies.strategy import Strategy
from archwright.task import DataSpec, Metric

if TYPE_CHECKING:
    from archwright.evaluation.sandboxed import SandboxEvaluator
    from archwright.learning.learner import Learner

ADAPTERS = ("given", "shipped")
"""Names that `find_adapter` gives the adapter a study starts from; lessons have others."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts that a study is given instead of those its configuration names; the study closes what it is given."""

    spec: DataSpec | None = None
    contract: Contract | None = None
    strategy: Strategy | None = None
    generator: Generator | None = None
    models: Models | None = None
    learner: "Learner | None" = None
    executor: Executor | None = None

    @property
    def names(self) -> list[str]:
        """Which parts these are."""
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]


@final
class OneModel(Mapping[str, LanguageModel]):
    """One language model in every role, or two where the improver has its own; loaded when first asked for."""

    def __init__(self, config: StudyConfig, roles: tuple[str, ...]) -> None:
        self._config = config
        self._roles = roles
        self._loaded: dict[str, LanguageModel] = {}

    def __getitem__(self, role: str) -> LanguageModel:
        if role not in self._roles:
            raise KeyError(role)
        section = section_of(self._config, role)
        if section not in self._loaded:
            self._loaded[section] = load_model(llm_of(self._config, role))
        return self._loaded[section]

    def __iter__(self) -> Iterator[str]:
        return iter(self._roles)

    def __len__(self) -> int:
        return len(self._roles)

    def release(self) -> None:
        """Free the model's memory; its next use loads it again, without an adapter."""
        while self._loaded:
            self._loaded.popitem()[1].close()


class Assembly:
    """The parts of one study; heavy ones (data, model, processes) start on first use and end with `close`."""

    def __init__(self, config: StudyConfig, folder: Path, parts: Parts | None = None) -> None:
        self.config = config
        self.folder = folder
        self.given = parts or Parts()
        self.task = config.as_task()

    def check(self, *, is_new: bool = True) -> None:
        """Raise UsageError for anything that can be seen to be wrong before the study starts; ModelError by the hub.

        One that is not new has a copy of the adapter it started from, and the hub had its models.
        """
        _ = self.contract, self.strategy, self.known
        designed(self.config, self.starters)
        check_threshold(self.config.loop, self.metric)
        llm = self.config.llm
        if self.generator.roles and self.given.models is None:
            models: list[ModelConfig] = [llm]
            if IMPROVER in self.generator.roles and self.config.improver.model:
                models.append(self.config.improver)
            for model in models:
                check_model(model)
                if is_new:
                    check_hub(model)
            if is_new:
                find_adapter(llm)
            if self.learns and not is_trainable(llm):
                raise UsageError(
                    f"{llm.model} cannot be fine-tuned from here",
                    "add --set tune.enabled=false to search with the frozen model",
                )
        if "taught" in (*self.config.novelty.against, self.config.tune.replay_from):
            _ = self.taught
        if self.config.sandbox.executor == "ray":
            check_ray(self.config.sandbox)
        elif self.given.executor is None:
            find_devices(self.config.sandbox.device)
        if self.given.executor is None:
            _ = self.data  # Sizes beyond the data set, or a data set that is not there, end the study here.

    def check_isolation(self) -> None:
        """Raise EvaluatorError when programs would run here without the isolation `sandbox.require`."""
        if self.given.executor is None:
            require_isolation(self.config.sandbox.require)

    def check_execution(self) -> None:
        """Raise UsageError or EvaluatorError unless candidates can be trained here, having made everything ready."""
        self.check_isolation()
        _ = self.executor

    @property
    def learns(self) -> bool:
        """Whether the model is fine-tuned in this study."""
        return bool(self.generator.roles) and self.config.tune.enabled and self.strategy.learns

    @cached_property
    def contract(self) -> Contract:
        """What kind of program a candidate is."""
        return self.given.contract or CONTRACTS.load(self.config.loop.contract)

    @property
    def metric(self) -> Metric:
        """What decides who is better."""
        return self.contract.metric

    @cached_property
    def known(self) -> list[Record]:
        """The programs that are no discovery: of the study's corpus, else the starters of its contract."""
        if not self.config.loop.corpus:
            return list(self.contract.starters())
        copy = read_copy(self.folder) if holds_study(self.folder) else None
        return read_corpus(self.config, self.spec) if copy is None else copy

    @cached_property
    def starters(self) -> list[Record]:
        """Those of them that the study starts from."""
        return [record for record in self.known if is_starter(record)] if self.config.loop.corpus else self.known

    @cached_property
    def taught(self) -> list[str]:
        """The programs that the adapter was taught which the study starts from; none for a bare model.

        Raises UsageError when it does not say. Once the study has a copy of the adapter, that is read.
        """
        folder = self._first_adapter() if self.generator.roles and self.given.models is None else None
        if folder is None:
            return []
        try:
            answers = read_taught(folder)
        except ValueError as error:
            raise UsageError(str(error), "train the adapter again with `archwright tune`") from None
        if answers is None:
            raise UsageError(
                f"the adapter in {folder} does not say what it was taught",
                "train it again with `archwright tune`, or leave taught out of novelty.against and tune.replay_from",
            )
        return [extract_program(answer, self.contract.defines) for answer in answers]

    @cached_property
    def rehearsed(self) -> list[Record]:
        """The programs that lessons repeat (`tune.replay_from`): starters, or what the first adapter was taught.

        Of the latter those that are programs of the study's contract. Raises UsageError as `taught` does.
        """
        taught = self.taught if self.config.tune.replay_from == "taught" else ()
        programs = [Program(source) for source in taught if not self.contract.check(source, with_policy=True)]
        begun = [Candidate(Key(0, index), each, "corpus", seed=0) for index, each in enumerate(programs)]
        return list(map(Record, begun)) or self.starters

    def _first_adapter(self) -> Path | None:
        """Return the folder of the adapter that the study starts from: its copy, where it has one by now."""
        copies = [self.folder / "adapters" / name for name in ADAPTERS]
        if holds_study(self.folder) and (kept := next(filter(is_adapter, copies), None)):
            return kept
        adapter = find_adapter(self.config.llm)
        return None if adapter is None else adapter.folder

    def keep_corpus(self) -> None:
        """Copy the study's corpus into its folder, which holds the study by now."""
        if self.config.loop.corpus:
            write_copy(self.known, self.folder)

    @cached_property
    def spec(self) -> DataSpec:
        """Shapes and classes of the task's data."""
        return self.contract.spec(self.config) if self.given.spec is None else self.given.spec

    @cached_property
    def data(self) -> object:
        """What candidates are trained on."""
        return self.contract.load(self.config)

    @cached_property
    def strategy(self) -> Strategy:
        """What to ask for next."""
        return self.given.strategy or STRATEGIES.load(self.config.loop.strategy)(self.config)

    @cached_property
    def generator(self) -> Generator:
        """How candidates are written."""
        if self.given.generator is not None:
            return self.given.generator
        setting = Setting(self.config, self.spec, self.contract, self.starters, self._verify)
        generator = GENERATORS.load(self.config.loop.generator)(setting)
        advises = isinstance(self.strategy, FeedbackStrategy) and bool(generator.roles)
        return AdvisedGenerator(generator, setting) if advises else generator

    @property
    def _verify(self) -> Callable[[Program], Outcome] | None:
        """How a network is looked at before the model is asked for it again; None for other programs and executors."""
        is_ours = isinstance(self.contract, NetworkContract) and self.given.executor is None
        return (lambda program: self._verifier.verify(program)) if is_ours else None

    @cached_property
    def _verifier(self) -> "SandboxEvaluator":
        from archwright.evaluation.data import TaskData
        from archwright.evaluation.sandboxed import SandboxEvaluator

        assert isinstance(self.data, TaskData)
        return SandboxEvaluator(self.task, self.config.sandbox, self.data, contract=self.contract)

    @cached_property
    def models(self) -> Models:
        """The language models by role, without an adapter until the learner gives them one."""
        return OneModel(self.config, self.generator.roles) if self.given.models is None else self.given.models

    def release_models(self) -> None:
        """Free the models' memory, for fine-tuning; their next use loads them again."""
        if isinstance(self.models, OneModel):
            self.models.release()

    @cached_property
    def executor(self) -> Executor:
        """Where candidates are trained."""
        return self.given.executor or self.contract.start(self.config, self.data)

    def close(self) -> None:
        """Free the models and stop every process."""
        if "models" in self.__dict__:
            self.release_models()
        if "executor" in self.__dict__:
            self.executor.close()
        if "_verifier" in self.__dict__:
            self._verifier.close()

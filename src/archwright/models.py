"""The language models of a study as its generator asks them: within their limits, and with answers that are kept."""

from collections.abc import Iterator, Mapping
from typing import final

from archwright.assembly import Assembly
from archwright.candidate import WRITER
from archwright.generators.generator import Models
from archwright.journal import Journal
from archwright.llm.model import LanguageModel, Trainable
from archwright.llm.remembering import RememberingModel
from archwright.llm.spending import Meter, MeteredModel, llm_of, section_of, spent


def models_of(assembly: Assembly, journal: Journal) -> Models:
    """Return the models by role.

    A candidate is archived with the calls of its writer before anything is done with it. Answers with which somebody is
    asked are kept by themselves before: those of other roles, and the writer's own where it may mend them.
    """
    return _Asked(assembly, journal)


@final
class _Asked(Mapping[str, LanguageModel]):
    def __init__(self, assembly: Assembly, journal: Journal) -> None:
        self._assembly, self._journal = assembly, journal
        self._meters: dict[str, Meter] = {}

    def __getitem__(self, role: str) -> LanguageModel:
        model = self._assembly.models[role]
        is_paid = not isinstance(model, Trainable)
        if is_paid:
            model = MeteredModel(model, self._meter(role))
        is_used_at_once = role == WRITER and not (is_paid and self._assembly.config.llm.repair_rounds)
        return model if is_used_at_once else RememberingModel(role, model, self._journal)

    def __iter__(self) -> Iterator[str]:
        return iter(self._assembly.models)

    def __len__(self) -> int:
        return len(self._assembly.models)

    def _meter(self, role: str) -> Meter:
        config = self._assembly.config
        section = section_of(config, role)
        if section not in self._meters:
            self._meters[section] = Meter(section, llm_of(config, role), spent(config, self._journal.calls)[section])
        return self._meters[section]

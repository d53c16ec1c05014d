"""Networks by their computational graphs: how varied each cycle is, and what its networks are made of (appendix H)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache

import numpy as np

from archwright.analysis.documents import picked
from archwright.analysis.summary import by_cycle
from archwright.analysis.theory.collapse import Variety
from archwright.analysis.theory.gathering import PERMUTATIONS, even_sample, variety_of
from archwright.candidate import Record
from archwright.novelty.minhash import signatures
from archwright.programs.graph import features, fingerprint, graph_of_json
from archwright.programs.motifs import Motifs, count_motifs

MOTIFS = tuple(field.name for field in fields(Motifs))


@dataclass(frozen=True, slots=True)
class CycleStructure:
    """The graphs of one cycle's valid networks, or of an even sample of them."""

    cycle: int
    variety: Variety
    having: Motifs
    """Networks with each motif."""
    motifs: Motifs
    """How often each motif occurs in all of them."""

    def as_json(self) -> dict[str, object]:
        """Return the documented keys of `structure`."""
        return {
            "cycle": self.cycle,
            "traced": self.variety.n,
            **picked(self.variety, "distinct", "effective", "mean_similarity"),
            "networks_with": asdict(self.having),
            "motifs": asdict(self.motifs),
        }


def summarize_structure(records: Sequence[Record]) -> list[CycleStructure]:
    """Return one entry for every cycle that has traced networks, in order."""
    traced = {
        cycle: [record.outcome.graph for record in mine if record.outcome is not None and record.outcome.graph]
        for cycle, mine in by_cycle(records).items()
    }
    return [_summarize(cycle, texts) for cycle, texts in even_sample(traced).items() if texts]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is compared of one graph."""

    name: str
    signature: np.ndarray[tuple[int, int], np.dtype[np.uint32]]
    """(1, permutations)."""
    motifs: Motifs


@lru_cache(maxsize=4_096)
def _known(text: str) -> _Known | None:
    graph = graph_of_json(text)
    if graph is None:
        return None
    return _Known(fingerprint(graph), signatures([features(graph)], PERMUTATIONS), count_motifs(graph))


def _summarize(cycle: int, texts: Sequence[str]) -> CycleStructure:
    found = [known for text in texts if (known := _known(text)) is not None]
    rows = np.concatenate([np.zeros((0, PERMUTATIONS), np.uint32), *(known.signature for known in found)])
    having, motifs = Motifs(), Motifs()
    for known in found:
        motifs = motifs.plus(known.motifs)
        having = having.plus(Motifs(**{name: int(getattr(known.motifs, name) > 0) for name in MOTIFS}))
    return CycleStructure(cycle, variety_of([known.name for known in found], rows), having, motifs)

"""Networks by their computational graphs: how varied each cycle is, and what its networks are made of (appendix H)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache

import numpy as np

from archwright.analysis.documents import picked
from archwright.analysis.summary import by_cycle
from archwright.analysis.theory.collapse import Variety, measure_variety
from archwright.analysis.theory.gathering import MOST_FORMS, PERMUTATIONS
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
    each = max(4, MOST_FORMS // max(1, len(traced)))
    return [
        _summarize(cycle, [texts[place] for place in np.linspace(0, len(texts) - 1, min(each, len(texts))).astype(int)])
        for cycle, texts in traced.items()
        if texts
    ]


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
    similarities = np.array([np.count_nonzero(rows == row, axis=1) / PERMUTATIONS for row in rows], float)
    having, motifs = Motifs(), Motifs()
    for known in found:
        motifs = motifs.plus(known.motifs)
        having = having.plus(Motifs(**{name: int(getattr(known.motifs, name) > 0) for name in MOTIFS}))
    variety = measure_variety([known.name for known in found], similarities.reshape(len(found), len(found)))
    return CycleStructure(cycle, variety, having, motifs)

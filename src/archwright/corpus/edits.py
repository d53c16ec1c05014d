"""Edits that made a network better: pairs worse -> better of programs that studies scored.

Two programs are compared where both were scored for the same task, data, recipe and epochs, in whatever studies. How
much scores vary with the seed is estimated there from the programs that were trained more than once (`noise`); the
difference of two means has to exceed what such noise alone exceeds once in twenty. Only relatives are compared (parent,
grandparent, siblings), since an edit of most of the lines is none.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean

from archwright.archive import Archive
from archwright.candidate import Candidate, Json, Key, Program, Record
from archwright.config import StudyConfig
from archwright.configuring import build_config
from archwright.contracts.network import NETWORK
from archwright.corpus.noise import Noise, NoiseRow
from archwright.corpus.sides import side_of
from archwright.programs.patching import edited_lines
from archwright.randomness import derive_seed

MOST_LINES = 16
"""Lines that an edit adds and deletes at most."""
MOST_EDITS = 3
"""Edits that lead to the same program, so that a few good ones are not most of what is taught."""

SetPlace = str
"""Task, data, recipe and epochs as canonical JSON: scores compare within one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A program and a better one, a few lines away."""

    worse: str
    better: str
    worse_score: float
    """Mean over its trainings."""
    better_score: float
    place: SetPlace
    split: str
    """`train` or `held-out`: by the program that both descend from."""

    def as_record(self, index: int) -> Record:
        """Return the better program as a record that no study holds, with the worse one among its facts."""
        facts: dict[str, Json] = {
            "worse": self.worse,
            "worse_score": self.worse_score,
            "better_score": self.better_score,
        }
        return Record(Candidate(Key(0, index), Program(self.better), "corpus", seed=0, facts=facts))

    def settings(self) -> StudyConfig:
        """Return the task and the data that its scores are of, as a configuration."""
        found = json.loads(self.place)
        return build_config({"task": found["task"], "data": found["data"]})


@dataclass(frozen=True, slots=True)
class _Scored:
    """One program with all its scores at one place."""

    source: str
    scores: Sequence[float]

    @property
    def mean(self) -> float:
        return fmean(self.scores)


@dataclass(frozen=True, slots=True)
class ScoredTraining:
    """One program that a study trained and scored."""

    place: SetPlace
    program: Program
    parent: str | None
    """Digest of the program it was made from."""
    seed: int
    """Of the training."""
    score: float


def trainings_of(study: Path) -> list[ScoredTraining]:
    """Return what a study of networks trained at its own fidelity; nothing of a study of anything else."""
    with Archive.open(study, read_only=True) as archive:
        if archive.config.get("loop", {}).get("contract", NETWORK.name) != NETWORK.name:
            return []
        place, records = place_of(build_config(archive.config)), archive.records()
    found = []
    for record in records:
        score, parent = record.value(NETWORK.metric.name), next(iter(record.candidate.parents), None)
        if score is not None and math.isfinite(score) and record.candidate.at is None and record.outcome is not None:
            found.append(ScoredTraining(place, record.program, parent, record.outcome.seed, score))
    return found


def edits_among(trainings: Iterable[ScoredTraining]) -> tuple[list[Edit], list[NoiseRow]]:
    """Return the edits that `trainings` show, and the noise they had to exceed; in a fixed order."""
    scores: defaultdict[SetPlace, defaultdict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    sources: dict[str, str] = {}
    parents: dict[str, str] = {}
    for training in trainings:
        digest = training.program.digest
        sources[digest] = training.program.source
        scores[training.place][digest][training.seed] = training.score  # A copy of a study repeats no training.
        if training.parent is not None and training.parent != digest:
            parents.setdefault(digest, training.parent)
    edits: list[Edit] = []
    noises: list[NoiseRow] = []
    for place in sorted(scores):
        known = {name: _Scored(sources[name], list(found.values())) for name, found in scores[place].items()}
        noise = Noise(each.scores for each in known.values())
        noises.append(NoiseRow(place, noise.deviation, noise.programs, noise.trainings))
        edits += _edits(known, parents, noise, place)
    return edits, noises


def place_of(config: StudyConfig) -> SetPlace:
    """Return what two scores must have in common to be compared."""
    found = {
        "task": config.task,
        "data": config.data.model_dump(mode="json"),
        "recipe": config.recipe.model_dump(mode="json"),
        "epochs": config.budget.epochs,
    }
    return json.dumps(found, sort_keys=True)


def _edits(known: Mapping[str, _Scored], parents: Mapping[str, str], noise: Noise, place: SetPlace) -> list[Edit]:
    leading_to: defaultdict[str, list[Edit]] = defaultdict(list)
    for pair in _relatives(known, parents):
        low, high = sorted(pair, key=lambda name: known[name].mean)
        worse, better = known[low], known[high]
        margin = noise.margin(worse.scores, better.scores)
        if margin is None or better.mean - worse.mean <= margin:
            continue
        if edited_lines(worse.source, better.source) > MOST_LINES:
            continue
        side = side_of(_root(low, parents))
        leading_to[better.source].append(Edit(worse.source, better.source, worse.mean, better.mean, place, side))
    chosen = []
    for better_source, edits in leading_to.items():
        drawn = sorted(edits, key=lambda edit: derive_seed(0, edit.worse, better_source))
        chosen += drawn[:MOST_EDITS]
    return chosen


def _relatives(known: Mapping[str, _Scored], parents: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield every two programs of which one was made from the other, in one step or two, or both from a third."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for name in known:
        if (parent := parents.get(name)) is None:
            continue
        children[parent].append(name)
        for ancestor in (parent, parents.get(parent)):
            if ancestor is not None and ancestor in known and ancestor != name:
                yield ancestor, name
    for siblings in children.values():
        yield from combinations(siblings, 2)


def _root(name: str, parents: Mapping[str, str]) -> str:
    seen = {name}
    while name in parents and parents[name] not in seen:
        name = parents[name]
        seen.add(name)
    return name

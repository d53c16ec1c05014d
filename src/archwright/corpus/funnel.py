"""The funnel of appendix B: records -> one representative per cluster -> converted and running -> canonically distinct.

Every step is stored as it goes, so that a build that was killed goes on where it stopped.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from archwright.config import NoveltyConfig, SandboxConfig
from archwright.corpus.conversion import Draft, Rejection, Verifier, convert
from archwright.corpus.edits import edits_among, trainings_of
from archwright.corpus.enlarging import OnProgress, mutate, verify_at
from archwright.corpus.gathering import gather, studies_among
from archwright.corpus.shapes import GRAY, RGB, TaskShape
from archwright.corpus.sides import side_of
from archwright.corpus.store import Corpus, Example
from archwright.novelty.clusters import representatives
from archwright.novelty.sketches import sketch_all
from archwright.task import Budget

MEMBERS = 3
"""Members of a cluster that are tried, most preferred first, until one runs or is too large: then the others are."""
REJECTIONS = ("convert", "verify", "size")
USUAL = Budget().max_params
BATCH = 128


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many programs were left after each step."""

    trials: int
    """Published training results."""
    programs: int
    distinct: int
    """Different as text."""
    clusters: int
    """Of which no two are lexical near-duplicates, as published."""
    converted: int
    """Clusters with a member that has the contract, among those that were tried."""
    any_size: int
    """Of which one builds and runs forward at CIFAR-10's shape, however large it is."""
    running: int
    """Of which one is of a useful size (`conversion.BUDGET`)."""
    examples: int
    """Of which no two are canonical near-duplicates."""
    small: int
    """Of which so many are within the usual budget of parameters (`task.Budget`)."""
    held_out: int
    mutations: int
    """Verified mutations of examples that are not held out."""
    edits: int
    """Relatives of which one is better beyond the noise (`corpus.edits`), held-out ones included; of studies only."""
    pairs: int
    """Examples and mutations in both forms under every of the paper's two wordings whose shape they run at."""
    dropped: dict[str, dict[str, int]]
    """Step -> reason (its kind) -> programs."""


def build(
    folder: Path,
    sources: Sequence[str],
    *,
    wheel: Path | None = None,
    novelty: NoveltyConfig | None = None,
    sandbox: SandboxConfig | None = None,
    mutations: int = 0,
    shapes: Sequence[TaskShape] = (),
    on_progress: OnProgress = lambda step, done, total: None,
) -> Funnel:
    """Build the corpus in `folder` from `sources` (see `gathering.gather`), or go on with the one that was begun.

    So many verified `mutations` of each training example are added, and everything is verified at the `shapes` of
    further tasks; asked for later, both are added to the corpus that is there.

    Raises UsageError when the folder holds another corpus or a source is none, DataError when the wheel cannot be had.
    """
    options = novelty or NoveltyConfig()
    about = {"sources": [str(source) for source in sources], "novelty": options.model_dump(mode="json")}
    with Corpus.create(folder, about) as corpus:
        if not corpus.programs():
            on_progress("gather", 0, 1)
            gather(corpus, sources, wheel)
        if not corpus.noises():
            trainings = chain.from_iterable(map(trainings_of, studies_among(sources)))
            corpus.set_edits(*edits_among(trainings))
        if all(fate[0] is None and fate[1] is None for fate in corpus.fates().values()):
            _cluster(corpus, options, on_progress)
        with closing(Verifier(sandbox or SandboxConfig())) as verifier:
            _convert(corpus, verifier, on_progress)
            _separate(corpus, options, on_progress)
            mutate(corpus, mutations, options, verifier, on_progress)
            verify_at(corpus, shapes, verifier, on_progress)
        return measure(corpus)


def measure(corpus: Corpus) -> Funnel:
    """Return the counts of `corpus`."""
    fates = corpus.fates()
    everything = corpus.examples()
    examples = [example for example in everything if not example.is_mutation]
    dropped: dict[str, Counter[str]] = {}
    clusters_at: dict[str, set[str | None]] = {step: set() for step in (*REJECTIONS, "canonical")}
    for cluster, step, reason in fates.values():
        if step is not None:
            dropped.setdefault(step, Counter())[str(reason).partition(":")[0]] += 1
            clusters_at.setdefault(step, set()).add(cluster)
    running = {fates[example.program][0] for example in examples} | clusters_at["canonical"]
    any_size = running | clusters_at["size"]
    return Funnel(
        trials=corpus.count_trials(),
        programs=len(fates),
        distinct=len({program.source for program in corpus.programs()}),
        clusters=len({fate[0] for fate in fates.values()} - {None}),
        converted=len(any_size | clusters_at["verify"]),
        any_size=len(any_size),
        running=len(running),
        examples=len(examples),
        small=sum((example.params.get(RGB) or USUAL + 1) <= USUAL for example in examples),
        held_out=sum(example.split == "held-out" for example in examples),
        mutations=len(everything) - len(examples),
        edits=len(corpus.edits()),
        pairs=sum(
            (1 + (example.compact is not None)) * (example.params.get(shape) is not None)
            for example in everything
            for shape in (RGB, GRAY)
        ),
        dropped={step: dict(reasons.most_common()) for step, reasons in dropped.items()},
    )


def _cluster(corpus: Corpus, options: NoveltyConfig, on_progress: OnProgress) -> None:
    programs = corpus.programs()
    on_progress("cluster", 0, len(programs))
    chosen = representatives(sketch_all([program.source for program in programs], "lexical", options), options)
    names = [program.name for program in programs]
    corpus.set_representatives(
        {name: None if number is None else names[number] for name, number in zip(names, chosen, strict=True)}
    )
    on_progress("cluster", len(programs), len(programs))


def _convert(corpus: Corpus, verifier: Verifier, on_progress: OnProgress) -> None:
    """Find in every cluster the most preferred member that runs."""
    sources = {program.name: program.source for program in corpus.programs()}
    fates = corpus.fates()
    done = {fates[example.program][0] for example in corpus.examples()}
    done |= {representative for representative, step, _ in fates.values() if step in ("canonical", "size")}
    waiting: dict[str, list[str]] = {}
    for name, (representative, step, _) in fates.items():
        if representative is not None and representative not in done:
            members = waiting.setdefault(representative, [])
            members += [] if step is not None else [name]
    tried = Counter(fate[0] for fate in fates.values() if fate[1] in REJECTIONS)
    total = len({fate[0] for fate in fates.values()} - {None})
    while True:
        open_clusters = (name for name, members in waiting.items() if members and tried[name] < MEMBERS)
        batch = [(cluster, waiting[cluster].pop(0)) for cluster in islice(open_clusters, BATCH)]
        if not batch:
            break
        tried.update(cluster for cluster, _ in batch)
        settled = _settle(verifier, [(name, sources[name]) for _, name in batch], corpus)
        for cluster, name in batch:
            if name in settled:
                del waiting[cluster]
        on_progress("convert", total - sum(bool(m) and tried[c] < MEMBERS for c, m in waiting.items()), total)


def _settle(verifier: Verifier, programs: Sequence[tuple[str, str]], corpus: Corpus) -> set[str]:
    """Store which of `programs` (name, source) run and why the others do not.

    Returns the names of those whose cluster is settled by that: they run, or are too large.
    """
    converted = [(name, convert(name, source)) for name, source in programs]
    drafts = [draft for _, draft in converted if isinstance(draft, Draft)]
    rejected = {name: (each.step, each.reason) for name, each in converted if isinstance(each, Rejection)}
    examples = []
    for draft, verdict in zip(drafts, verifier.verify(drafts, (RGB, GRAY)), strict=True):
        if isinstance(verdict, Rejection):
            rejected[draft.name] = (verdict.step, verdict.reason)
        else:
            examples.append(Example(draft.name, draft.name, draft.compact, draft.full, verdict))
    corpus.drop(rejected)
    corpus.add_examples(examples)
    return {example.program for example in examples} | {name for name, (step, _) in rejected.items() if step == "size"}


def _separate(corpus: Corpus, options: NoveltyConfig, on_progress: OnProgress) -> None:
    """Drop canonical near-duplicates, and hold one cluster in twenty out."""
    examples = [example for example in corpus.examples() if not example.is_mutation]
    texts = [example.shortest for example in examples]
    chosen = representatives(sketch_all(texts, "canonical", options), options)
    reasons = {
        example.program: (
            "canonical",
            f"near-duplicate: of {examples[number].program}" if number is not None else "nothing to compare",
        )
        for position, (example, number) in enumerate(zip(examples, chosen, strict=True))
        if number != position
    }
    corpus.drop(reasons)
    corpus.remove_examples(list(reasons))
    corpus.set_split(
        {example.program: side_of(example.program) for example in examples if example.program not in reasons}
    )
    on_progress("separate", len(examples), len(examples))

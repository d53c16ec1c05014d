"""What is added to the examples of a corpus: verified mutations, and what they come to at the shapes of further tasks.

A mutation is an example of the same cluster and on the same side of the split as the program it was made of. Held-out
examples are not mutated, and nothing that is a canonical near-duplicate of one is added.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from archwright.candidate import Program
from archwright.config import NoveltyConfig
from archwright.corpus.conversion import Draft, Verifier, convert, params_of
from archwright.corpus.shapes import GRAY, RGB, TaskShape
from archwright.corpus.store import Corpus, Example, batches
from archwright.novelty.index import ShingleIndex
from archwright.novelty.sketches import Sketch, sketch_all
from archwright.programs.mutation import variants
from archwright.randomness import derive_seed

OnProgress = Callable[[str, int, int], None]
"""Called with (step, done, total)."""

BATCH = 32
"""Examples between two transactions."""


def mutate(corpus: Corpus, count: int, options: NoveltyConfig, verifier: Verifier, on_progress: OnProgress) -> None:
    """Add verified mutations of every training example until `count` of each have been tried.

    The same mutations whatever was added before, so a build that was killed, or asked for more, goes on.
    """
    tried = corpus.mutations_tried()
    originals = [example for example in corpus.examples() if not example.is_mutation]
    waiting = [example for example in originals if example.split == "train" and tried[example.name] < count]
    if not waiting:
        return
    held_out = _HeldOut([each for each in originals if each.split == "held-out"], options)
    done = 0
    for batch in batches(waiting, BATCH):
        made = [
            Example(f"{example.name}+{number}", example.program, draft.compact, draft.full, {}, example.split)
            for example in batch
            for number, draft in _mutations(example, count)
            if number > tried[example.name]
        ]
        apart = held_out.without_near_duplicates(made)
        drafts = [Draft(example.name, example.compact, example.full) for example in apart]
        verdicts = verifier.verify(drafts, (RGB, GRAY)) if drafts else []
        kept = [
            Example(example.name, example.program, example.compact, example.full, verdict, example.split)
            for example, verdict in zip(apart, verdicts, strict=True)
            if isinstance(verdict, dict)
        ]
        corpus.add_mutations({example.name: count for example in batch}, kept)
        done += len(batch)
        on_progress("mutate", done, len(waiting))


def verify_at(corpus: Corpus, shapes: Iterable[TaskShape], verifier: Verifier, on_progress: OnProgress) -> None:
    """Verify every example at those `shapes` where it was not yet."""
    for shape in shapes:
        waiting = [example for example in corpus.examples() if shape not in example.params]
        done = 0
        for batch in batches(waiting, 4 * BATCH):
            outcomes = verifier.run([Program(example.shortest) for example in batch], shape)
            found = zip(batch, outcomes, strict=True)
            corpus.add_runs({example.name: {shape: params_of(outcome)} for example, outcome in found})
            done += len(batch)
            on_progress(f"verify at {shape}", done, len(waiting))


def _mutations(example: Example, count: int) -> Iterator[tuple[int, Draft]]:
    """Yield the mutations of an example that have the contract, each with its number from 1."""
    seed = derive_seed(0, Program(example.full).digest)
    for number, source in enumerate(variants(example.full, count, seed), start=1):
        draft = convert(example.name, source)
        if isinstance(draft, Draft):
            yield number, draft


class _HeldOut:
    """Knows what is too similar to a held-out example to be learned from."""

    def __init__(self, examples: Sequence[Example], options: NoveltyConfig) -> None:
        self._options = options
        self._index = ShingleIndex(options.permutations, options.lsh_threshold, scan_limit=0)
        sketches = sketch_all([example.shortest for example in examples], "canonical", options)
        for example, sketch in zip(examples, sketches, strict=True):
            if sketch is not None:
                self._index.add(example.name, sketch.shingles, sketch.signature)

    def without_near_duplicates(self, examples: Sequence[Example]) -> list[Example]:
        """Return the examples that are canonical near-duplicates of nothing held out."""
        sketches = sketch_all([example.shortest for example in examples], "canonical", self._options)
        return [
            example for example, sketch in zip(examples, sketches, strict=True) if sketch and self._is_apart(sketch)
        ]

    def _is_apart(self, sketch: Sketch) -> bool:
        return self._index.nearest(sketch.shingles, sketch.signature).value <= self._options.threshold

from archwright.config import NoveltyConfig
from archwright.novelty.clusters import representatives
from archwright.novelty.sketches import CHUNK, sketch, sketch_all
from archwright.novelty.tokens import jaccard
from archwright.starters import load_seed_corpus

CONFIG = NoveltyConfig()
SOURCES = [network.program.source for network in load_seed_corpus()]


def test_copies_are_represented_by_the_first_and_strangers_by_themselves() -> None:
    sources = [SOURCES[0], SOURCES[1], SOURCES[0] + "\nx = 1\n", "", SOURCES[1], SOURCES[2]]
    assert representatives(sketch(sources, "lexical", CONFIG), CONFIG) == [0, 1, 0, None, 1, 5]


def test_no_two_representatives_are_near_duplicates_and_everything_else_is_one_of_its_own() -> None:
    """A chain a-b-c of near-duplicates in which a and c are far apart must not put c under a."""
    words = [f"w{number}" for number in range(300)]
    shifted = [" ".join(words[begin : begin + 200]) for begin in range(0, 60, 4)]
    sketches = sketch(shifted, "lexical", CONFIG)
    chosen = representatives(sketches, CONFIG)
    kept = sorted(set(chosen))
    assert 1 < len(kept) < len(shifted)
    sets = [each.shingles for each in sketches if each is not None]
    for number, representative in enumerate(chosen):
        assert representative is not None
        assert number == representative or jaccard(sets[number], sets[representative]) > CONFIG.threshold
    for first in kept:
        assert all(jaccard(sets[first], sets[second]) <= CONFIG.threshold for second in kept if second != first)


def test_many_processes_sketch_as_one_does() -> None:
    sources = [f"{source}\nnumber = {number}\n" for number, source in enumerate(SOURCES * 15)]
    assert len(sources) > 2 * CHUNK
    shared, alone = sketch_all(sources, "lexical", CONFIG, workers=2), sketch(sources, "lexical", CONFIG)
    for first, second in zip(shared, alone, strict=True):
        assert first is not None
        assert second is not None
        assert (first.shingles == second.shingles).all()
        assert (first.signature == second.signature).all()


def test_a_program_without_a_canonical_form_has_no_sketch() -> None:
    assert [each is None for each in sketch(["def f(:", SOURCES[0]], "canonical", CONFIG)] == [True, False]

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.candidate import Similarity
from archwright.config import NoveltyConfig
from archwright.novelty.index import NoveltyFilter, ShingleIndex
from archwright.novelty.tokens import jaccard, shingles
from archwright.programs.graph import Graph, TracedOperation
from archwright.starters import load_seed_corpus

CORPUS = load_seed_corpus()
NET = CORPUS[0].program.source


def renamed(source: str) -> str:
    for old, new in (
        ("conv", "make_layer"),
        ("c_in", "a"),
        ("c_out", "b"),
        ("c1", "w1"),
        ("c2", "w2"),
        ("body", "trunk"),
    ):
        source = source.replace(old, new)
    return source.replace("nn.make_layer", "nn.Conv").replace("Make", "Conv").replace("nn.Conv2d", "nn.Conv2d")


def filter_with(*sources: str, criterion: str = "both") -> NoveltyFilter:
    known = NoveltyFilter(NoveltyConfig.model_validate({"criterion": criterion}))
    for number, source in enumerate(sources):
        known.add(f"known {number}", source)
    return known


def test_everything_is_new_to_an_empty_filter() -> None:
    verdict = filter_with().judge(NET)
    assert verdict.is_novel
    assert verdict.lexical == verdict.canonical == Similarity(0.0, None)


def test_a_copy_is_a_near_duplicate_by_both_criteria() -> None:
    verdict = filter_with(CORPUS[1].program.source, NET).judge(NET)
    assert not verdict.is_novel
    assert verdict.lexical == verdict.canonical == Similarity(1.0, "known 1")


def test_identical_candidates_of_one_cycle_do_not_all_pass() -> None:
    """FACTS 14: the first one makes the others near-duplicates, because it is added before they are judged."""
    known = filter_with()
    verdicts = []
    for number in range(3):
        verdicts.append(known.judge(NET).is_novel)
        if verdicts[-1]:
            known.add(str(number), NET)
    assert verdicts == [True, False, False]


def test_renaming_and_comments_fool_the_lexical_criterion_and_not_the_canonical_one() -> None:
    disguised = "# another network\n" + renamed(NET)
    for criterion, is_novel in (("lexical", True), ("canonical", False), ("both", False)):
        verdict = filter_with(NET, criterion=criterion).judge(disguised)
        assert verdict.is_novel is is_novel
        assert verdict.lexical.value < 0.6
        assert verdict.canonical.value == 1.0


@pytest.mark.parametrize("criterion", ["canonical", "both"])
def test_what_cannot_be_compared_is_not_novel(criterion: str) -> None:
    """FACTS 14: a filter that answers `novel` when the check itself fails lets everything through."""
    for source in ("def f(:", "", "# only a comment", "\0"):
        verdict = filter_with(NET, criterion=criterion).judge(source)
        assert not verdict.is_novel
        assert verdict.canonical == Similarity(1.0, None)


def test_adding_what_cannot_be_compared_changes_no_verdict() -> None:
    before = filter_with(NET).judge(CORPUS[1].program.source)
    assert filter_with(NET, "def f(:", "").judge(CORPUS[1].program.source) == before


def test_a_change_of_every_width_is_seen() -> None:
    """FACTS 14: a structural hash that ignores widths would call these the same."""
    verdict = filter_with(NET).judge(NET.replace("32, 64, 128", "24, 40, 88"))
    assert verdict.canonical.value < 1.0
    assert verdict.lexical.value < 1.0


def test_the_limit_itself_is_still_novel_and_above_it_is_not() -> None:
    words = [f"w{number}" for number in range(400)]
    known = NoveltyFilter(NoveltyConfig(criterion="lexical", threshold=1.0))
    known.add("same", " ".join(words))
    assert known.judge(" ".join(words)).is_novel
    strict = NoveltyFilter(NoveltyConfig(criterion="lexical", threshold=0.99))
    strict.add("same", " ".join(words))
    assert not strict.judge(" ".join(words)).is_novel


def test_the_seed_corpus_has_no_near_duplicates_in_it() -> None:
    known = filter_with()
    for network in CORPUS:
        assert known.judge(network.program.source).is_novel, network.name
        known.add(network.name, network.program.source)


def test_the_same_additions_give_the_same_verdicts() -> None:
    sources = [network.program.source for network in CORPUS]
    first, second = filter_with(*sources), filter_with(*sources)
    for source in sources:
        assert first.judge(source + "\nx = 1\n") == second.judge(source + "\nx = 1\n")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_the_nearest_is_found_whether_bands_collide_or_not(seed: int) -> None:
    rng = random.Random(seed)
    known = ShingleIndex(256, 0.85)
    sets = []
    for number in range(20):
        words = [str(rng.randrange(300)) for _ in range(120)]
        sets.append(shingles(words, 1))
        known.add(str(number), sets[-1])
    query = shingles([str(rng.randrange(300)) for _ in range(120)], 1)
    found = known.nearest(query)
    exact = [jaccard(query, other) for other in sets]
    assert found.nearest is not None
    assert found.value == pytest.approx(exact[int(found.nearest)], abs=0.16)
    assert max(exact) - exact[int(found.nearest)] < 0.16
    assert known.nearest(sets[7]) == Similarity(1.0, "7")


@pytest.mark.parametrize("seed", range(20))
def test_of_equally_near_ones_the_earliest_is_named(seed: int) -> None:
    words = [f"{seed}.{word}" for word in range(60)]
    known = ShingleIndex(256, 0.85)
    for number in range(6):  # Each lacks one word: the same similarity, whatever the estimates are.
        known.add(str(number), shingles(words[:number] + words[number + 1 :], 1))
    assert known.nearest(shingles(words, 1)) == Similarity(59 / 60, "0")


def test_a_large_index_compares_only_what_collides() -> None:
    known = ShingleIndex(256, 0.85, scan_limit=3)
    for number in range(40):
        known.add(str(number), shingles([f"{number}.{word}" for word in range(100)], 1))
    assert known.nearest(shingles(["something", "else"], 1)) == Similarity(0.0, None)
    near = shingles([f"17.{word}" for word in range(98)], 1)
    assert known.nearest(near).nearest == "17"
    assert known.nearest(near).value > 0.9


def test_an_empty_set_is_near_to_nothing() -> None:
    known = ShingleIndex(256, 0.85)
    known.add("empty", np.zeros(0, np.uint64))
    assert len(known) == 0
    assert known.nearest(np.zeros(0, np.uint64)) == Similarity(0.0, None)


def test_a_copy_judges_as_what_was_built_anew_and_learns_on_its_own() -> None:
    config = NoveltyConfig()
    sources = [network.program.source for network in load_seed_corpus()[:8]]
    known, anew = NoveltyFilter(config), NoveltyFilter(config)
    for number, source in enumerate(sources[:4]):
        known.add(str(number), source)
    learner = known.copy()
    for number, source in enumerate(sources[:6]):
        anew.add(str(number), source)
    for number, source in enumerate(sources[4:6], 4):
        learner.add(str(number), source)
    assert [learner.judge(source) for source in sources] == [anew.judge(source) for source in sources]
    assert known.judge(sources[5]).lexical.nearest != "5"


IMAGE = TracedOperation("input", (1, 3, 8, 8), ())
RELU = Graph((IMAGE, TracedOperation("relu", (1, 3, 8, 8), (0,)))).as_json()
GELU = Graph(
    (IMAGE, TracedOperation("gelu", (1, 3, 8, 8), (0,)), TracedOperation("gelu", (1, 3, 8, 8), (1,)))
).as_json()
LONG = "\n".join(f"value_{n} = call_{n}(argument_{n}, {n})" for n in range(20))


def graph_filter(*known: tuple[str, str | None]) -> NoveltyFilter:
    found = NoveltyFilter(NoveltyConfig(criterion="graph"))
    for number, (source, graph) in enumerate(known):
        found.add(str(number), source, graph)
    return found


def test_equal_graphs_are_near_whatever_the_text():
    verdict = graph_filter((LONG, RELU)).judge("class Net: pass", RELU)
    assert not verdict.is_novel
    assert verdict.graph == Similarity(1.0, "0")


def test_other_graphs_are_new_whatever_the_text():
    verdict = graph_filter((LONG, RELU)).judge(LONG, GELU)
    assert verdict.is_novel
    assert verdict.lexical.value == 1.0
    assert verdict.graph is not None
    assert verdict.graph.value < 0.5


@pytest.mark.parametrize("graphs", [(None, GELU), (RELU, None), (None, None)])
def test_what_was_not_traced_is_compared_by_its_canonical_form(graphs):
    known, given = graphs
    source = "class Net:\n    def __init__(self):\n" + "".join(f"        self.a{n} = f({n})\n" for n in range(20))
    assert not graph_filter((source, known)).judge(source, given).is_novel
    assert graph_filter((source, known)).judge("class Net:\n    x = 1\n", given).is_novel


def test_a_copy_knows_the_same_graphs_and_learns_on_its_own():
    known = graph_filter((LONG, RELU))
    copy = known.copy()
    copy.add("new", LONG, GELU)
    assert not copy.judge("x = 1", RELU).is_novel
    assert known.judge("x = 1", GELU).graph.value < 1.0


def test_graphs_are_recorded_and_do_not_decide_unless_asked_to():
    known = NoveltyFilter(NoveltyConfig(criterion="lexical"))
    known.add("0", LONG, RELU)
    verdict = known.judge("x = 1", RELU)
    assert verdict.is_novel
    assert verdict.graph == Similarity(1.0, "0")
    assert known.judge("x = 1").graph is None

import pytest

from archwright.programs.graph import (
    LONGEST_TEXT,
    MOST_TRACED,
    Graph,
    TracedOperation,
    features,
    fingerprint,
    graph_of_json,
    hear_graph,
)
from archwright.programs.motifs import Motifs, count_motifs

SHAPE = [1, 8, 4, 4]
WORDS = [["input", SHAPE, [], ""], ["parameter", [8, 8, 3, 3], [], ""], ["convolution", SHAPE, [0, 1], "_, _"]]


def test_weights_that_one_operation_reads_are_part_of_it():
    graph = hear_graph([{"graph": WORDS, "output": 2}])
    assert graph == Graph(
        (
            TracedOperation("input", (1, 8, 4, 4), ()),
            TracedOperation("convolution", (1, 8, 4, 4), (0,), ((8, 8, 3, 3),), "_, _"),
        )
    )


def test_a_graph_may_come_in_parts():
    whole = hear_graph([{"graph": WORDS, "output": 2}])
    assert hear_graph([{"stage": "build"}, {"graph": WORDS[:1]}, {"graph": WORDS[1:], "output": 2}]) == whole


def test_what_the_output_does_not_depend_on_is_left_out():
    dead = [*WORDS, ["relu", SHAPE, [2], "_"]]
    assert hear_graph([{"graph": dead, "output": 2}]) == hear_graph([{"graph": WORDS, "output": 2}])


def test_steps_that_change_nothing_are_left_out():
    same = [*WORDS, ["view", SHAPE, [2], "_, [1, 8, 4, 4]"], ["detach", SHAPE, [3], "_"]]
    assert hear_graph([{"graph": same, "output": 4}]) == hear_graph([{"graph": WORDS, "output": 2}])


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"graph": WORDS}],
        [{"graph": "text", "output": 0}],
        [{"graph": WORDS, "output": 3}],
        [{"graph": WORDS, "output": True}],
        [{"graph": [*WORDS, ["relu", SHAPE, [3], ""]], "output": 3}],
        [{"graph": [*WORDS, ["relu", SHAPE, [-1], ""]], "output": 3}],
        [{"graph": [["input", [1.5], [], ""]], "output": 0}],
        [{"graph": [["input", [-1], [], ""]], "output": 0}],
        [{"graph": [["in\x1bput", SHAPE, [], ""]], "output": 0}],
        [{"graph": [["x" * (LONGEST_TEXT + 1), SHAPE, [], ""]], "output": 0}],
        [{"graph": [WORDS[0]] * (MOST_TRACED + 1), "output": 0}],
        [{"graph": [["input"]], "output": 0}],
        [{"graph": [None], "output": 0}],
    ],
)
def test_nonsense_is_no_graph(messages):
    assert hear_graph(messages) is None


def test_a_graph_beyond_the_limit_of_characters_is_none():
    chain = [WORDS[0], *(["cat", SHAPE, [number] * 900, ""] for number in range(200))]
    assert hear_graph([{"graph": chain, "output": 9}]) is not None
    assert hear_graph([{"graph": chain, "output": 200}]) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[[1]]", '[["input",[1],[0],[],""]]', "[" * 100_000])
def test_text_that_is_no_graph_is_none(text):
    assert graph_of_json(text) is None


def test_the_order_of_tracing_does_not_matter():
    image = TracedOperation("input", (1, 8, 4, 4), ())
    one, two = TracedOperation("relu", (1, 8, 4, 4), (0,)), TracedOperation("gelu", (1, 8, 4, 4), (0,))
    first = Graph((image, one, two, TracedOperation("sub", (1, 8, 4, 4), (1, 2))))
    second = Graph((image, two, one, TracedOperation("sub", (1, 8, 4, 4), (2, 1))))
    turned = Graph((image, one, two, TracedOperation("sub", (1, 8, 4, 4), (2, 1))))
    assert fingerprint(first) == fingerprint(second) != fingerprint(turned)
    assert features(first).tolist() == features(second).tolist() != features(turned).tolist()


def test_depth_counts_in_the_features():
    image = TracedOperation("input", (1, 8, 4, 4), ())
    chains = [
        Graph((image, *(TracedOperation("relu", (1, 8, 4, 4), (number,)) for number in range(depth))))
        for depth in (10, 20)
    ]
    assert len(features(chains[0])) < len(features(chains[1]))


def test_an_input_alone_is_a_graph():
    graph = Graph((TracedOperation("input", (1, 3, 4, 4), ()),))
    assert graph_of_json(graph.as_json()) == graph
    assert count_motifs(graph) == Motifs()

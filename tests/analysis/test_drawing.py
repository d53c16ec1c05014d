"""A network's graph in words and as a drawing."""

from xml.etree import ElementTree

from archwright.analysis.drawing import boxes_of, draw_graph
from archwright.analysis.wording import describe_graph
from archwright.programs.graph import Graph, TracedOperation

CONV = "_, _, _, [1, 1], [1, 1], [1, 1], False, [0, 0], 1"
RESIDUAL = Graph(
    (
        TracedOperation("input", (1, 3, 32, 32), ()),
        TracedOperation("convolution", (1, 16, 16, 16), (0,), ((16, 3, 3, 3), (16,)), CONV),
        TracedOperation("batch_norm", (1, 16, 16, 16), (1,), ((16,),)),
        TracedOperation("relu", (1, 16, 16, 16), (2,)),
        TracedOperation("convolution", (1, 16, 16, 16), (3,), ((16, 1, 3, 3),), CONV),
        TracedOperation("add", (1, 16, 16, 16), (3, 4)),
        TracedOperation("mean", (1, 16), (5,)),
        TracedOperation("addmm", (1, 10), (6,), ((10,), (10, 16))),
    )
)


def test_what_follows_a_layer_without_a_branch_stands_in_its_box():
    boxes = boxes_of(RESIDUAL)

    assert [box.title for box in boxes] == [
        "image",
        "conv 3×3, 16, /2",
        "conv 3×3, 16, depthwise",
        "add",
        "mean",
        "linear, 10",
    ]
    assert boxes[1].with_it == ("batch norm", "relu")
    assert boxes[3].inputs == (1, 2)
    assert [box.depth for box in boxes] == [0, 1, 2, 3, 4, 5]


def test_words_say_layers_widths_sides_and_motifs():
    assert describe_graph(RESIDUAL, 800) == (
        "2 convolutions and 1 linear layer between an image of 3×32×32 and 10 outputs, 800 parameters. "
        "Channels go 16, the side of the image 32 → 16. "
        "It has 1 residual sum, 1 depthwise convolution, batch normalisation, relu."
    )


def test_a_drawing_is_one_picture_with_an_edge_for_every_reading():
    root = ElementTree.fromstring(draw_graph(RESIDUAL, "candidate <1.0>"))

    assert root.get("aria-label") == "candidate <1.0>"
    assert len(root.findall("g")) == 6
    assert len(root.findall("path")) == 6  # five from box to box, and the shortcut


def test_names_that_a_box_told_are_text_in_a_drawing():
    hostile = Graph((TracedOperation("input", (1, 3, 8, 8), ()), TracedOperation("</svg><script>", (1, 3), (0,))))

    root = ElementTree.fromstring(draw_graph(hostile, "x"))

    assert not list(root.iter("script"))


def test_a_graph_too_large_to_look_at_is_not_drawn():
    chain = [TracedOperation("input", (1, 3, 8, 8), ())]
    chain += [TracedOperation("neg", (1, 3, 8, 8), (place,)) for place in range(200)]

    assert draw_graph(Graph(tuple(chain)), "x") == ""

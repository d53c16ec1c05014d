"""Graphs of real forward passes: what changes a fingerprint, what does not, and the motifs of the seed networks."""

from pathlib import Path

import pytest
from benchmarks.trusted_building import trace_graph

from archwright.candidate import Program
from archwright.programs.graph import Graph, features, fingerprint, graph_of_json
from archwright.programs.motifs import Motifs, count_motifs

HEAD = """
import torch
import torch.nn as nn
import torch.nn.functional as F
"""
NET = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.first = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.last = nn.Linear(8, out_shape[0])

    def forward(self, x):
        x = self.relu(self.norm(self.first(x)))
        x = x + self.second(x)
        return self.last(x.mean((2, 3)))
"""
)


def graph_of(source: str) -> Graph:
    graph = trace_graph(Program(source), (3, 16, 16))
    assert graph is not None
    return graph


FIRST = "        self.first = nn.Conv2d(in_shape[1], 8, 3, padding=1)\n"
SECOND = "        self.second = nn.Conv2d(8, 8, 3, padding=1)\n"
SAME = {
    "names": NET.replace("first", "begin").replace("x = ", "y = x = ").replace("norm", "bn"),
    "order of definition": NET.replace(FIRST, "").replace(SECOND, SECOND + FIRST),
    "dead layers": NET.replace("        self.relu", "        self.unused = nn.Linear(3, 4)\n        self.relu"),
    "dead code": NET.replace("        return", "        z = self.second(x).sum()\n        return"),
    "functions for modules": NET.replace("self.relu(", "F.relu("),
    "in place": NET.replace("nn.ReLU()", "nn.ReLU(inplace=True)"),
    "arithmetic": NET.replace("8, 8, 3", "2 * 4, 16 // 2, 3"),
    "a sum turned round": NET.replace("x + self.second(x)", "self.second(x) + x"),
    "dropout": NET.replace("self.last(x", "self.last(F.dropout(x, 0.5, self.training)"),
    "another way to pool": NET.replace("x.mean((2, 3))", "torch.flatten(x.mean((2, 3)), 1)"),
}
OTHER = {
    "a width": NET.replace("8, 8, 3", "8, 8, 5").replace("8, 8, 5, padding=1", "8, 8, 5, padding=2"),
    "an activation": NET.replace("nn.ReLU", "nn.GELU"),
    "no shortcut": NET.replace("x + self.second(x)", "self.second(x)"),
    "a stride": NET.replace("(in_shape[1], 8, 3, padding=1)", "(in_shape[1], 8, 3, padding=1, stride=2)"),
    "no bias": NET.replace("(8, 8, 3, padding=1)", "(8, 8, 3, padding=1, bias=False)"),
    "another connection": NET.replace("x + self.second(x)", "x + self.second(x + x)"),
    "shared weights": NET.replace("x + self.second(x)", "x + self.second(self.second(x))"),
}


@pytest.mark.parametrize("name", SAME)
def test_what_is_only_written_differently_has_the_same_fingerprint(name):
    assert SAME[name] != NET
    assert fingerprint(graph_of(SAME[name])) == fingerprint(graph_of(NET))


@pytest.mark.parametrize("name", OTHER)
def test_what_computes_something_else_has_another_fingerprint(name):
    assert OTHER[name] != NET
    assert fingerprint(graph_of(OTHER[name])) != fingerprint(graph_of(NET))


def test_weights_used_twice_differ_from_equal_layers():
    twice = NET.replace("x + self.second(x)", "self.second(self.second(x))")
    apart = twice.replace("self.second(self.second(x))", "self.third(self.second(x))").replace(
        "        self.norm", "        self.third = nn.Conv2d(8, 8, 3, padding=1)\n        self.norm"
    )
    assert fingerprint(graph_of(twice)) != fingerprint(graph_of(apart))


def test_a_loop_is_its_unrolling():
    loop = NET.replace("x = x + self.second(x)", "for _ in range(2):\n            x = x + self.second(x)")
    unrolled = NET.replace("x = x + self.second(x)", "x = x + self.second(x)\n        x = x + self.second(x)")
    assert fingerprint(graph_of(loop)) == fingerprint(graph_of(unrolled))


def test_a_small_change_leaves_most_features():
    one, other = features(graph_of(NET)), features(graph_of(OTHER["an activation"]))
    shared = len(set(one.tolist()) & set(other.tolist()))
    assert 0.1 < shared / (len(one) + len(other) - shared) < 0.9
    assert one.tolist() == features(graph_of(SAME["names"])).tolist()


def test_a_graph_is_text_and_back():
    graph = graph_of(NET)
    assert graph_of_json(graph.as_json()) == graph


@pytest.mark.parametrize(
    ("name", "motif"),
    [
        ("resnet", "residual"),
        ("preact_resnet", "residual"),
        ("separable", "depthwise"),
        ("inverted_residual", "depthwise"),
        ("vit", "attention"),
        ("conv_attention", "attention"),
        ("squeeze_excite", "squeeze_excite"),
        ("inception", "inception"),
    ],
)
def test_a_seed_network_has_the_motif_it_is_named_for(name, motif):
    source = (Path(__file__).parents[3] / f"src/archwright/starters/networks/{name}.py").read_text("utf-8")
    assert getattr(count_motifs(graph_of(source)), motif) >= 1


def test_a_plain_network_has_none():
    source = (Path(__file__).parents[3] / "src/archwright/starters/networks/vgg.py").read_text("utf-8")
    assert count_motifs(graph_of(source)) == Motifs()

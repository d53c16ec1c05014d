import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from archwright.analysis.report.charts import (
    HEIGHT,
    WIDTH,
    Point,
    Series,
    bar_chart,
    candidate_chart,
    cycle_chart,
    similarity_chart,
)
from archwright.contracts.network import ACCURACY

shares = st.one_of(st.none(), st.floats(0, 1))
cycles = st.lists(shares, max_size=30)


def elements(chart: str) -> list[ElementTree.Element]:
    """Return every element of the SVG, which must be well-formed XML with every coordinate inside the picture."""
    svg = chart[: chart.index("</svg>") + len("</svg>")]
    found = list(ElementTree.fromstring(svg).iter())
    for element in found:
        for name, limit in (
            ("cx", WIDTH),
            ("x1", WIDTH),
            ("x2", WIDTH),
            ("cy", HEIGHT),
            ("y1", HEIGHT),
            ("y2", HEIGHT),
        ):
            assert -0.1 <= float(element.get(name, 0)) <= limit + 0.1
        for number in re.findall(r"-?[\d.]+", element.get("points", "") + element.get("d", "")):
            assert -0.1 <= float(number) <= WIDTH + 0.1
    return found


@given(cycles, shares)
def test_cycle_charts_draw_any_shares_inside_the_picture(values, reference):
    points = [
        Point(n, value, None if value is None else value / 2, None if value is None else (1 + value) / 2)
        for n, value in enumerate(values, start=1)
    ]
    found = elements(cycle_chart("t", [Series("a", "s1", points)], reference=reference))
    assert sum(element.tag == "circle" for element in found) == sum(value is not None for value in values)


@given(st.lists(st.integers(0, 1000), max_size=30))
def test_bar_charts_draw_any_counts_inside_the_picture(values):
    series = Series("a", "s1", [Point(n, value) for n, value in enumerate(values, start=1)])
    found = elements(bar_chart("t", [series, series]))
    assert sum(element.tag == "rect" for element in found) == 2 * len(values)


@given(cycles)
def test_candidate_charts_draw_failures_and_scores_inside_the_picture(values):
    points = [Point(n, value) for n, value in enumerate(values) if value is not None]
    failed = [n for n, value in enumerate(values) if value is None]
    elements(candidate_chart("t", [Series("a", "s1", points)], failed, [0.5], ACCURACY))


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1))))
def test_similarity_charts_draw_every_pair(pairs):
    found = elements(similarity_chart("t", [Point(x, y) for x, y in pairs], 0.9))
    assert sum(element.tag == "circle" for element in found) == len(pairs)


def test_a_gap_parts_a_line():
    chart = cycle_chart("t", [Series("a", "s1", [Point(1, 0.1), Point(2, None), Point(3, 0.2)])])
    assert chart.count("<polyline") == 2


def test_labels_are_escaped():
    assert "<b>" not in cycle_chart("<b>", [Series("<b>", "s1", [Point(1, 0.5)])])

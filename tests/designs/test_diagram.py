import xml.etree.ElementTree as ElementTree

from archwright.designs.diagram import critical_difference_svg
from archwright.designs.ranks import rank


def test_the_diagram_is_a_picture_with_every_treatment_and_a_bar_for_every_group() -> None:
    scores = {(block,): {("CE", "SGD"): 0.9, ("NLL", "<b>"): 0.8, ("NGL", "SGD"): 0.1} for block in range(4)}
    ranking = rank(scores)
    picture = ElementTree.fromstring(critical_difference_svg(ranking))
    texts = [element.text for element in picture.iter() if element.tag.endswith("text")]
    assert {"CE SGD (1.00)", "NLL <b> (2.00)", "NGL SGD (3.00)"} <= set(texts)
    bars = [element for element in picture.iter() if element.get("stroke-width") == "4"]
    assert len(bars) == len(ranking.groups) > 0

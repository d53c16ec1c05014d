"""What the page of an adapter says of its form."""

import pytest

from archwright.config import TuneConfig
from archwright.learning.adapter_card import render_card

CARD = {
    **{"model": "tiny", "command": "archwright tune", "pairs": 3, "held_out_pairs": 0, "left_out": 0, "seed": 1},
    **{"steps": 6, "tokens": 60, "completion_tokens": 30, "train_s": 1.0, "cpu_s": 1.0, "device": "cpu"},
    **{
        "precision": "float32",
        "threads": 1,
        "init_adapter": "first",
        "optimizer": "adamw_torch",
        "versions": {},
        "warmup_steps": 1,
    },
    "data": {"corpus": "pairs", "licences": {}, "digest": "0"},
    "token_lengths": {"min": 1, "median": 2, "p95": 3, "max": 4},
    "decoding": {"temperature": 0.8},
    "examined": [],
}


@pytest.mark.parametrize(("layers", "said"), [(0, "all"), (2, "2"), ([3, 5], "[3, 5]")])
def test_the_page_says_how_large_the_adapter_is_and_where(layers: object, said: str) -> None:
    config = TuneConfig(rank=4, alpha=8, dropout=0.0).model_dump(mode="json") | {"layers": layers}
    page = render_card(CARD | {"config": config})
    assert f"rank 4, alpha 8, dropout 0.0, layers {said}, lr 1e-05" in page
    assert "warmup_steps 1, " in page  # of the 20 asked for: there are six steps

import itertools

import pytest

from archwright.designs.effects import additive_effects

ADDS = {"a": 0.03, "b": 0.01, "c": 0.0, "d": -0.01, "e": -0.03}
DECK = [
    ({"experts": list(three)}, 0.5 + sum(ADDS[name] for name in three)) for three in itertools.combinations(ADDS, 3)
]


def test_effects_of_an_additive_score_are_found_exactly() -> None:
    found = {effect.level: effect.effect for effect in additive_effects({"experts": tuple(ADDS)}, DECK)}
    assert found == pytest.approx(ADDS, abs=1e-6)


def test_company_does_not_rub_off_as_it_does_in_raw_means() -> None:
    lucky = [*DECK, *[({"experts": ["a", "b", "e"]}, 0.51)] * 8]  # e is mostly seen beside the best
    found = {effect.level: effect for effect in additive_effects({"experts": tuple(ADDS)}, lucky)}
    assert found["e"].mean > found["d"].mean
    assert found["e"].effect == pytest.approx(-0.03, abs=1e-6)


def test_an_interval_holds_the_effect_and_grows_with_the_noise() -> None:
    def width(noise: float) -> float:
        scored = [(cell, value + noise * (-1) ** number) for number, (cell, value) in enumerate(DECK * 3)]
        effect = additive_effects({"experts": tuple(ADDS)}, scored)[0]
        assert effect.low <= effect.effect <= effect.high
        return effect.high - effect.low

    assert width(0.05) > width(0.01) > 0.0


def test_a_factor_with_one_level_has_no_effect() -> None:
    assert additive_effects({"network": ("vgg",)}, [({"network": "vgg"}, 0.5)] * 3) == []

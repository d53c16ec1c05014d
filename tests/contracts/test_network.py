"""The contract as one object: networks that predict classes, and networks that predict images."""

from dataclasses import replace

import pytest

from archwright.configuring import load_config
from archwright.contracts import network
from archwright.contracts.network import NETWORK, RESTORATION
from archwright.errors import UsageError
from archwright.evaluation.data import load_spec
from archwright.testing.programs import GOOD


def test_a_compact_program_is_completed_with_the_loss_that_its_data_ask_for() -> None:
    classifies, restores = NETWORK.complete(GOOD.source), RESTORATION.complete(GOOD.source)
    assert "nn.CrossEntropyLoss(label_smoothing=0.1)" in classifies
    assert restores == classifies.replace("nn.CrossEntropyLoss(label_smoothing=0.1)", "nn.MSELoss()") != classifies


@pytest.mark.parametrize("contract", [NETWORK, RESTORATION], ids=["network", "restoration"])
def test_its_starters_have_the_contract(contract: network.NetworkContract) -> None:
    assert contract.starters()
    assert not [
        finding for record in contract.starters() for finding in contract.check(record.program.source, with_policy=True)
    ]


def test_data_with_other_targets_are_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="predict images; the targets of .* are others") as refusal:
        RESTORATION.spec(load_config())
    assert "loop.contract" in refusal.value.remedy
    noisy = replace(load_spec("digits"), class_names=(), target_shape=(1, 8, 8))
    monkeypatch.setattr(network, "load_spec", lambda *_: noisy)
    assert RESTORATION.spec(load_config()) == noisy
    with pytest.raises(UsageError, match="predict classes"):
        NETWORK.spec(load_config())

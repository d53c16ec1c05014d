"""The process that boxes are forked from, where it does not come up."""

import pytest

from archwright.errors import EvaluatorError
from archwright.sandbox import client


def test_a_start_that_takes_too_long_is_laid_to_the_machine_and_not_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "START_S", 0.001)
    process = client.WarmProcess("json:dumps", "json", "json:dumps", [], "/")
    try:
        with pytest.raises(EvaluatorError, match="did not start within") as error:
            process.wait_ready()
        assert not process.is_alive()
    finally:
        process.close()
    assert "busy" in error.value.remedy

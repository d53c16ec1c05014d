"""Below the required level of isolation nothing runs, and no box can pass for more isolated than it is."""

from collections.abc import Callable

import pytest

from archwright.errors import EvaluatorError
from archwright.sandbox.doctor import refuse_readable_labels, require_isolation
from archwright.sandbox.order import End, Message, Report
from archwright.sandbox.supervisor import isolation_of, read_report

RunCode = Callable[..., Report]


def test_a_box_below_the_required_level_runs_nothing(run_code: RunCode) -> None:
    code = "import os; os.kill(os.getppid(), 9)"  # would end the keeper, and the run as lost
    with pytest.raises(EvaluatorError, match=r"isolation level 1 here and sandbox.require is 2; missing: ") as e:
        run_code(code, isolation=1, require=2)
    assert "archwright doctor" in e.value.remedy
    assert "sandbox.require" in e.value.remedy
    assert run_code("tell({'word': 1})", isolation=1, require=1).messages[-1].content == {"word": 1}


def test_a_machine_is_found_out_before_there_is_a_program() -> None:
    require_isolation(1)
    with pytest.raises(
        EvaluatorError,
        match=r"isolation level 0 here and sandbox.require is 1; missing: resource limits \(not tried\), ",
    ):
        require_isolation(1, 0)


def test_nothing_runs_where_a_box_can_read_labels(run_code: RunCode) -> None:
    require_isolation(2)
    refuse_readable_labels(run_code("tell({'prevented': 'not one of them'})"))
    with pytest.raises(EvaluatorError, match="labels included"):
        refuse_readable_labels(run_code("tell({'succeeded': True})"))


@pytest.mark.parametrize("forged", [3, True, "3", 10**30])
def test_a_level_that_a_program_claims_is_not_believed(run_code: RunCode, forged: object) -> None:
    report = run_code(f"tell({{'isolation': {forged!r}}})", isolation=1)
    assert report.messages[-1].content == {"isolation": forged}
    assert report.isolation == 1


def test_only_the_first_message_tells_the_level() -> None:
    def level(*contents: dict[str, object]) -> int:
        return isolation_of([Message(0.0, content) for content in contents])

    assert level() == 0
    assert level({}, {"isolation": 3}) == 0
    assert level({"isolation": 2}, {"isolation": 3}) == 2
    assert level({"isolation": True}) == level({"isolation": "3"}) == level({"isolation": None}) == 0


def test_a_lost_box_keeps_its_level() -> None:
    report = read_report(b"", [Message(0.0, {"isolation": 2, "refused": {}})], 1.0)
    assert (report.end, report.isolation) == (End.LOST, 2)

"""Places on a device: company, solitude, shares of its time, and giving up."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from archwright.cancellation import Cancellation
from archwright.errors import EvaluationCancelledError
from archwright.evaluation.sharing import Device


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_company_is_known_to_whoever_was_there_and_to_whoever_comes() -> None:
    device = Device("cpu")
    with device.stay() as first:
        assert not first.had_company
        with device.stay() as second:
            assert device.occupants == 2
        assert second.had_company
        assert first.had_company
    with device.stay() as third:
        assert not third.had_company
    assert device.occupants == 0


def test_time_is_divided_among_the_boxes_that_are_there() -> None:
    clock = Clock()
    device = Device("cuda:0", clock)
    clock.now_s = 100.0
    with device.stay() as first:
        clock.now_s = 103.0
        with device.stay() as second:
            clock.now_s = 107.0
        clock.now_s = 108.0
    assert first.share_s == pytest.approx(3.0 + 2.0 + 1.0)
    assert second.share_s == pytest.approx(2.0)


def waits(start: Callable[[], object]) -> threading.Thread:
    """Start `start` in a thread and return it once it has not come back for a while."""
    thread = threading.Thread(target=start, daemon=True)
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()
    return thread


def test_a_repeated_stay_waits_for_the_others_and_keeps_new_ones_out() -> None:
    device = Device("cpu")
    order: list[str] = []

    def enter(name: str, is_again: bool) -> None:
        with device.stay(again=earlier if is_again else None) as stay:
            order.append(name)
            assert not (is_again and stay.had_company)

    with device.stay() as earlier, ExitStack() as still_there:
        still_there.enter_context(device.stay())
        alone = waits(lambda: enter("alone", True))
        newcomer = waits(lambda: enter("newcomer", False))
        assert order == []
    for thread in (alone, newcomer):
        thread.join(5.0)
    assert order == ["alone", "newcomer"]


def test_suspects_take_turns() -> None:
    device = Device("cpu")
    with device.stay() as earlier:
        pass
    inside: list[int] = []
    most: list[int] = []

    def enter(number: int) -> None:
        with device.stay(again=earlier):
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(enter, range(20)))
    assert most == [1] * 20


def test_cancelling_ends_every_wait_and_every_repetition_of_what_was_cancelled() -> None:
    device = Device("cpu")
    cancellation = Cancellation()
    errors: list[EvaluationCancelledError] = []

    def enter() -> None:
        with pytest.raises(EvaluationCancelledError) as caught, cancellation.scope(), device.stay(again=earlier):
            pass
        errors.append(caught.value)

    with device.stay() as earlier:
        waiting = waits(enter)
        cancellation.cancel()
        waiting.join(5.0)
        assert len(errors) == 1
    enter()
    with device.stay() as later:
        assert not later.had_company

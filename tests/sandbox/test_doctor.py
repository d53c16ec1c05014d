"""The doctor finds protections by attacking them, and every attack is a real one."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from archwright.sandbox import doctor
from archwright.sandbox.attempts import ATTEMPTS, Attempt
from archwright.sandbox.doctor import Probe, isolation_level, probe
from archwright.sandbox.files import blank
from archwright.sandbox.layers import LAYERS
from archwright.sandbox.order import End, Message, Order, Report
from archwright.sandbox.supervisor import Sandbox

FROM_OUTSIDE = {
    "run longer than the wall clock",
    "take more memory than allowed",
    "take memory for page tables",
    "fill the disk",
    "start hundreds of threads",
    "leave a process behind",
    "read the environment",
}
"""Prevented by the keeper and the warm process, which no level leaves out."""
PERHAPS_IMPOSSIBLE = {
    "gain privileges from a set-user-id program",  # where there is none
    "ignore the permissions of files",  # for ordinary users
    "load a BPF map",  # for ordinary users
    "keep a key in the kernel",  # in containers
    "use io_uring",  # kernel.io_uring_disabled
    "open a user namespace inside",  # where they are refused to everybody
    "make a system call of 32-bit programs",  # kernels without them
    "make a system call of x32 programs",
    "read data sets that come with packages",  # where scikit-learn is somewhere else
}
"""Attempts that some systems refuse to everybody."""


@pytest.fixture(scope="module")
def boxes() -> Iterator[Sandbox]:
    with closing(Sandbox(doctor.ENTRY)) as boxes:
        yield boxes


def what_prevents(boxes: Sandbox, attempt: Attempt, isolation: int) -> str | None:
    mark = blank(8)
    try:
        limits = replace(doctor.LIMITS, isolation=isolation, wall_s=attempt.wall_s)
        order = Order(attempt.name.encode(), {"mark": mark}, limits)
        report = boxes.run(order)
        assert report.messages, report.log
        if report.isolation < isolation:
            pytest.skip(f"this system reaches level {report.isolation}")
        return doctor.prevention(report, mark)
    finally:
        os.close(mark)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
def test_an_attempt_succeeds_below_its_level_and_not_at_it(boxes: Sandbox, attempt: Attempt) -> None:
    assert what_prevents(boxes, attempt, attempt.level) is not None
    prevented = what_prevents(boxes, attempt, attempt.level - 1)
    if prevented is not None and attempt.name in PERHAPS_IMPOSSIBLE:
        pytest.skip(f"prevented for everybody here: {prevented}")
    assert (prevented is None) == (attempt.name not in FROM_OUTSIDE), prevented


def test_every_layer_and_attempt_is_reported_with_what_to_do() -> None:
    memory, *found = probe()
    assert memory.name == "memory limit"
    assert memory.is_ok
    assert "the keeper's watch" in memory.detail
    assert [probe.name for probe in found[: len(LAYERS)]] == [f"layer: {layer.name}" for layer in LAYERS]
    assert [probe.name for probe in found[len(LAYERS) :]] == [attempt.name for attempt in ATTEMPTS]
    assert len(found) == len({probe.name for probe in found})
    assert isolation_level(found) >= 1, found
    assert all(probe.detail and probe.remedy for probe in found)


def test_a_layer_that_is_refused_is_missing() -> None:
    class NoBoxes:
        def run(self, order: Order) -> Report:
            refused = {"files": "Function not implemented", "namespaces": "not tried"}
            return Report(End.EXITED, messages=(Message(0.0, {"isolation": 1, "refused": refused}),))

    found = {probe.name: probe for probe in doctor.accepted_layers(NoBoxes())}  # type: ignore[arg-type]
    assert found["layer: files"].detail == "refused (Function not implemented)"
    assert "Landlock" in found["layer: files"].remedy
    assert "namespaces" in found["layer: namespaces"].remedy
    assert found["layer: resource limits"].is_ok
    assert isolation_level(list(found.values())) == 1


def test_the_level_is_that_of_the_first_gap() -> None:
    def level(*oks: tuple[int, bool]) -> int:
        return isolation_level([Probe("", is_ok, "", "", number) for number, is_ok in oks])

    assert level((1, True), (2, True), (3, True)) == 3
    assert level((1, True), (2, True), (2, False), (3, True)) == 1
    assert level((1, False), (2, True)) == 0

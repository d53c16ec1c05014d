"""The doctor finds protections by attacking them."""

from archwright.sandbox.doctor import Probe, isolation_level, probe


def test_every_protection_of_the_first_level_holds_here() -> None:
    found = probe()
    assert len(found) == len({probe.name for probe in found})
    assert isolation_level(found) >= 1, found
    assert all(probe.detail and probe.remedy for probe in found)


def test_the_level_is_that_of_the_first_gap() -> None:
    def level(*oks: tuple[int, bool]) -> int:
        return isolation_level([Probe("", is_ok, "", "", number) for number, is_ok in oks])

    assert level((1, True), (2, True), (3, True)) == 3
    assert level((1, True), (2, True), (2, False), (3, True)) == 1
    assert level((1, False), (2, True)) == 0

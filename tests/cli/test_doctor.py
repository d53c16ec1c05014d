import sys

import pytest

from archwright.evaluation.refusals import Refusals
from archwright.sandbox.doctor import Probe


def test_doctor_checks_every_part_and_says_how_to_get_what_is_missing(run):
    ran = run("doctor", "--json")
    assert ran.code == 0
    assert ran.document["machine"]["cores"] >= 1
    checks = ran.document["checks"]
    assert {check["group"] for check in checks} == {"GPU", "Sandbox", "Language model", "Data sets", "Extras", "Cache"}
    assert all(check["ok"] or check["remedy"] for check in checks)
    assert any(check["name"] == "digits" and check["ok"] for check in checks)


@pytest.mark.parametrize(
    ("found", "ok", "detail", "remedy"),
    [
        (Refusals([], 6, 6, "exited: ", is_late=False), True, "none", ""),
        (
            Refusals([], 2, 6, "wall: ", is_late=True),
            False,
            "none (2 of 6 networks were checked: no more",
            "run it again",
        ),
        (Refusals(["kill"], 2, 6, "wall: ", is_late=True), False, "kill (2 of 6 networks", "please report it"),
        (Refusals([], 0, 6, "memory: gone", is_late=False), False, "not known (0 of 6 networks", "please report it"),
    ],
)
def test_doctor_says_what_it_had_no_time_to_check(run, monkeypatch, found, ok, detail, remedy):
    probes = [Probe("open a socket", True, "prevented", "", level=2)]
    monkeypatch.setattr("archwright.sandbox.doctor.probe", lambda: probes)
    monkeypatch.setattr("archwright.evaluation.refusals.refused_calls", lambda: found)
    checks = {check["name"]: check for check in run("doctor", "--json").document["checks"]}
    said = checks["system calls refused to the seed networks"]
    assert said["ok"] == ok
    assert said["detail"].startswith(detail)
    assert said["remedy"].startswith(remedy) if remedy else not said["remedy"]


def test_doctor_says_how_to_get_an_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    probes = [Probe("leave a process behind", True, "prevented", "", level=1)]  # real attempts take seconds
    monkeypatch.setattr("archwright.sandbox.doctor.probe", lambda: probes)
    out = run("doctor").out
    assert "missing  ray: " in out
    assert "pip install 'archwright[ray]'" in out
    assert "ok       postgres: " in out


def test_doctor_for_people_names_the_level_and_what_to_do(run, monkeypatch):
    probes = [
        Probe("leave a process behind", True, "prevented", "", level=1),
        Probe("open a socket", False, "not prevented \x1b[31m", "use a container", level=2),
    ]
    monkeypatch.setattr("archwright.sandbox.doctor.probe", lambda: probes)
    out = run("doctor").out
    assert "missing  isolation: level 1" in out
    assert (
        "sandbox.require, which is 2; get what is missing, or, for models you trust, add --set sandbox.require=1" in out
    )
    assert "missing  open a socket: not prevented \ufffd[31m\n             use a container" in out
    assert "smollm2-135m" in out
    assert "cifar10" in out

from importlib import resources

import pytest

from archwright.candidate import FailureKind
from archwright.testing.programs import network_with

KEYS = ["file", "valid", "stage", "failure", "scores", "params", "flops", "seconds", "seed", "protocol"]
FAST = ("--task", "digits", "--set", "data.train_size=200", "--set", "data.validation_size=100")


@pytest.fixture
def network(tmp_path):
    """A program that is known to work."""
    path = tmp_path / "network.py"
    path.write_bytes((resources.files("archwright.starters") / "networks" / "plain_conv.py").read_bytes())
    return path


def test_programs_that_cannot_run_are_outcomes_by_kind(run, tmp_path):
    contents = {
        FailureKind.EMPTY: b"",
        FailureKind.PROSE: b"Here is the network you asked for.\n",
        FailureKind.ENCODING: b"\x7fELF\x00\xff\xfe",
        FailureKind.TOO_LARGE: b"x = 1\n" * (5 * 2**20 // 6),
        FailureKind.SYNTAX: b"class Net(:\n    pass\n",
        FailureKind.MISSING_NET: b"import torch\nx = 1\n",
    }
    files = []
    for kind, content in contents.items():
        files.append(tmp_path / f"{kind}.py")
        files[-1].write_bytes(content)
    ran = run("evaluate", *files, *FAST, "--json")
    assert ran.code == 1
    outcomes = ran.document["outcomes"]
    assert [outcome["failure"]["kind"] for outcome in outcomes] == [kind.value for kind in contents]
    assert [outcome["file"] for outcome in outcomes] == [str(path) for path in files]
    assert all(list(outcome)[: len(KEYS)] == KEYS for outcome in outcomes)
    assert all(set(outcome["failure"]) == {"stage", "kind", "line", "message"} for outcome in outcomes)
    assert all(outcome["valid"] is False and outcome["scores"] is None for outcome in outcomes)


def test_a_network_is_trained_once_per_seed(run, network):
    ran = run("evaluate", network, *FAST, "--seeds", 2, "--protocol", "holdout", "--json")
    assert ran.code == 0
    outcomes = ran.document["outcomes"]
    assert [outcome["seed"] for outcome in outcomes] == [0, 1]
    for outcome in outcomes:
        assert outcome["valid"] is True, outcome["failure"]
        assert (outcome["stage"], outcome["failure"]) == ("score", None)
        assert 0 <= outcome["scores"]["accuracy"] <= 1
        assert outcome["params"] > 0
        assert outcome["flops"] > 0
        assert outcome["seconds"]["total"] > 0


def test_one_program_that_is_not_valid_fails_the_command_and_the_others_are_scored(run, network, tmp_path):
    (tmp_path / "broken.py").write_text("x = 1\n", "utf-8")
    ran = run("evaluate", tmp_path / "broken.py", network, *FAST, "--json")
    assert (ran.code, [each["valid"] for each in ran.document["outcomes"]]) == (1, [False, True])


def test_people_get_a_table_and_every_failure_in_words(run, tmp_path):
    path = tmp_path / "broken.py"
    path.write_text("class Net(:\n", "utf-8")
    ran = run("evaluate", path, *FAST)
    assert ran.code == 1
    assert f"{path}:1: parse: syntax:" in ran.out
    assert "1/1" in ran.err


def test_people_are_told_what_a_final_would_refuse(run, network):
    network.write_text(network_with(forward="y = nn.functional.dropout(y)").source, "utf-8")
    ran = run("evaluate", network, *FAST)
    assert ran.code == 0
    assert "note: in eval mode an image's logits change from call to call" in ran.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nowhere.py", "--task", "digits"], "there is no file nowhere.py — check the path"),
        (
            ["x.py", "--task", "digit"],
            "unknown task 'digit', and no file or folder — did you mean 'digits'?",
        ),
        (["x.py", "--task", "digits", "--protocol", "test"], "data.protocol = 'test' is not valid"),
        (["x.py", "--task", "digits", "--set", "budget.epoch=2"], "did you mean 'budget.epochs'?"),
        (["x.py", "--task", "digits", "--seeds", "0"], "'--seeds'"),
        (["x.py", "--task", "digits", "--seeds", "1001"], "'--seeds'"),
        ([".", "--task", "digits"], ". is a folder — give its files: ./*.py"),
    ],
)
def test_a_wrong_request_is_refused(run, tmp_path, monkeypatch, arguments, error):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.py").write_text("", "utf-8")
    ran = run("evaluate", *arguments)
    assert ran.code == 2
    assert error in ran.error


def test_a_files_name_cannot_drive_the_terminal(run, tmp_path):
    path = tmp_path / "\x1b[31mred\u202e\udcff.py"
    path.write_text("class Net(:\n", "utf-8")
    for arguments in ((), ("--json",)):
        ran = run("evaluate", path, *FAST, *arguments)
        assert ran.code == 1
        assert "\x1b" not in ran.out + ran.err
        assert "\u202e" not in ran.out + ran.err
    ran = run("evaluate", tmp_path / "\x1b[31m.py", *FAST)
    assert ran.code == 2
    assert "\x1b" not in ran.err


def test_a_files_name_cannot_forge_a_line(run, tmp_path):
    path = tmp_path / "x.py\ngood.py: accuracy 99.9 %\t.py"
    path.write_text("class Net(:\n", "utf-8")
    for command, code in ((("evaluate", path, *FAST), 1), (("novelty", path), 0)):
        ran = run(*command)
        assert ran.code == code
        assert not [line for line in (ran.out + ran.err).split("\n") if line.startswith("good.py")]
        assert "\t" not in ran.out + ran.err


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff# é\n".encode(),
        "# coding: latin-1\n# é\n".encode("latin-1"),
        "\n# vim: set fileencoding=cp1252 :\n# “é”\n".encode("cp1252"),
    ],
)
def test_a_program_is_read_in_the_encoding_that_it_names(run, tmp_path, content):
    path = tmp_path / "net.py"
    path.write_bytes(content + b"class Net(:\n    pass\n")
    (outcome,) = run("evaluate", path, *FAST, "--json").document["outcomes"]
    assert outcome["failure"]["kind"] == FailureKind.SYNTAX.value


def test_a_device_is_no_program(run):
    ran = run("evaluate", "/dev/zero", *FAST)
    assert (ran.code, "is a device" in ran.err) == (2, True)

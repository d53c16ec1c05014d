import os
import resource
import subprocess
import sys

import pytest
from tests.cli.conftest import Run

from archwright import __version__
from archwright.cli import app as app_module
from archwright.cli.answer import Answer
from archwright.errors import ModelError

HEAVY = (
    "torch",
    "transformers",
    "sqlalchemy",
    "pyarrow",
    "scipy",
    "sklearn",
    "matplotlib",
    "numpy",
    "pydantic",
    "rich",
)


HELP = "from archwright.cli import main; raise SystemExit(main(['--help']))"
SMALLEST_APP = """
import typer
app = typer.Typer(rich_markup_mode=None)
app.callback()(lambda: None)
app(['--help'])
"""


def cpu_s(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_costs_little_more_than_the_smallest_typer_app():
    # Seconds of CPU, the best of several and beside the library's own: a slow or busy machine must not fail the test.
    smallest, ours = zip(*((cpu_s(SMALLEST_APP), cpu_s(HELP)) for _ in range(5)), strict=True)
    assert min(ours) < 2.5 * min(smallest)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from archwright.cli import main; main(['--help']); "
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", ["search", "resume", "evaluate", "final", "report", "tasks", "doctor"])
def test_every_command_has_help_json_and_debug(run, command):
    ran = run(command, "--help")
    assert ran.code == 0
    assert "--json" in ran.out
    assert "--debug" in ran.out
    assert command in run("--help").out


def test_without_a_command_help_is_shown(run):
    ran = run()
    assert ran.code == 0
    assert "Commands:" in ran.out


def test_version_is_printed(run):
    assert run("--version").out == f"archwright {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["serch"], "error: no such command 'serch' — did you mean 'search'?"),
        (
            ["tasks", "pets"],
            "error: no such command 'pets' — write `archwright tasks show ...`; see `archwright tasks --help`",
        ),
        (
            ["export", ".", "--format", "onnx"],
            "error: invalid value for '--format': 'onnx' is not one of 'lemur', 'torch'"
            " — see `archwright export --help`",
        ),
        (["search", "--pre", "x"], "error: no such option: --pre — did you mean --preset?"),
        (["zzz"], "error: no such command 'zzz' — see `archwright --help`"),
        (["report"], "error: missing argument 'DIR' — see `archwright report --help`"),
        (["tasks", "show"], "error: missing argument 'NAME|PATH' — see `archwright tasks show --help`"),
        (["search", "--run"], "error: option '--run' requires an argument — see `archwright search --help`"),
        (
            ["cells", "search", "--out"],
            "error: option '--out' requires an argument — see `archwright cells search --help`",
        ),
        (["evaluate", "x.py"], "error: missing option '--task' — see `archwright evaluate --help`"),
    ],
)
def test_what_was_mistyped_is_one_line_with_the_nearest_name(run, arguments, error):
    ran = run(*arguments)
    assert (ran.code, ran.out, ran.err) == (2, "", error + "\n")


def test_a_value_of_the_wrong_type_names_the_option(run):
    ran = run("search", "--seed", "many")
    assert ran.code == 2
    assert "'--seed'" in ran.error


def test_with_json_an_error_is_the_document(run):
    ran = run("serch", "--json")
    assert ran.code == 2
    assert ran.document == {"error": {"what": "no such command 'serch'", "remedy": "did you mean 'search'?"}}
    assert ran.error.startswith("error: ")


@pytest.fixture
def tasks_raises(monkeypatch):
    """Make `archwright tasks` fail with a given exception."""

    def make(error: BaseException) -> None:
        def fail() -> None:
            raise error

        monkeypatch.setattr("archwright.evaluation.data.describe_tasks", fail)

    return make


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ModelError("the server is down", "start it"), "error: the server is down — start it"),
        (KeyboardInterrupt(), "error: interrupted — run the command again"),
        (
            OSError(28, "No space left on device", "study.db"),
            "error: No space left on device: study.db"
            " — check the path, its permissions and the free space on that disk",
        ),
        (
            ZeroDivisionError("a\x1b[31mb"),
            "error: unexpected ZeroDivisionError: a\ufffd[31mb — run again with --debug and report what it shows",
        ),
    ],
)
def test_a_failed_run_is_one_line_without_a_traceback(run, tasks_raises, error, line):
    tasks_raises(error)
    ran = run("tasks")
    assert (ran.code, ran.out, ran.err) == (1, "", line + "\n")


def test_debug_shows_the_traceback(run, tasks_raises):
    tasks_raises(ZeroDivisionError("never"))
    assert "Traceback (most recent call last)" in run("tasks", "--debug").err


def test_a_stray_print_does_not_spoil_the_document(run, monkeypatch):
    def noisy() -> list:
        print("some library says hello")
        return []

    monkeypatch.setattr("archwright.evaluation.data.describe_tasks", noisy)
    ran = run("tasks", "--json")
    assert ran.document == {"tasks": []}
    assert "some library says hello" in ran.err


def test_numbers_json_does_not_know_become_null(run, monkeypatch):
    answer = Answer({"loss": float("nan"), "all": [float("inf"), 1.5, "\ud800"]}, lambda console: None)
    monkeypatch.setattr(app_module, "run_command", lambda words: answer)
    assert run("tasks", "--json").document == {"loss": None, "all": [None, 1.5, "\ud800"]}


def test_a_reader_that_leaves_ends_the_command_quietly():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", "from archwright.cli import main; raise SystemExit(main(['tasks']))"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    "words",
    [
        ("search", "--preset", "random", "--run", "{file}/x"),
        ("search", "--preset", "random", "--run={file}/x/y"),
        ("resume", "{file}/x"),
        ("report", "{file}/x"),
        ("final", "{file}/x"),
        ("evaluate", "{file}/x.py", "--task", "digits"),
        ("tune", "--corpus", "{file}/x", "--out", "{file}/y"),
        ("corpus", "build", "--from", "seeds", "--out", "{file}/x"),
        ("tasks", "show", "{file}/x"),
        ("novelty", "{file}/x"),
    ],
)
def test_a_path_below_a_file_is_named_by_every_command(run, tmp_path, words):
    file = tmp_path / "file"
    file.write_text("", "utf-8")
    ran = run(*(word.format(file=file) for word in words))
    assert ran.code == 2
    assert f"{file} is a file, so {file}/x" in ran.err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("search", "--run", ""), "--run"),
        (("search", "--task="), "--task"),
        (("novelty", " "), "an argument"),
        (("report", ""), "an argument"),
    ],
)
def test_an_empty_word_is_not_taken_for_the_current_folder(run, tmp_path, monkeypatch, words, what):
    monkeypatch.chdir(tmp_path)
    ran = run(*words, "--json")
    assert ran.code == 2
    assert ran.document["error"]["what"] == f"{what} is empty"
    assert list(tmp_path.iterdir()) == []


def test_a_setting_may_be_empty_but_for_the_task(run):
    assert run("search", "--preset", "random", "--set=loop.corpus=", "--dry-run").code == 0
    assert "task = '' is not valid" in run("search", "--preset", "random", "--set", "task=", "--dry-run").error


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="an OSError there")
def test_a_link_that_leads_to_itself_is_named(run, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    ran = run("report", tmp_path / "loop")
    assert ran.code == 2
    assert "loop' is a link that leads to itself" in ran.error


@pytest.mark.parametrize("words", [["--json"], ["--version", "--json"], ["--json", "--debug"]])
def test_json_without_a_command_is_one_document(run: Run, words: list[str]) -> None:
    ran = run(*words)
    assert ran.code == 0
    assert ran.document["text"]


def test_json_may_stand_before_the_command(run: Run) -> None:
    assert "error" in run("--json", "serach").document
    assert run("--json", "tasks").document


def test_a_name_in_capitals_is_known(run: Run) -> None:
    assert run("search", "--set", "LOOP.CYCLES=3", "--dry-run").error.endswith("did you mean 'loop.cycles'?")

"""The `archwright` command: finds the subcommand, runs it, prints its answer and turns every error into one line.

Exit codes: 0 success, 1 the run failed or was interrupted, 2 the request was wrong.
"""

import atexit
import difflib
import errno
import io
import os
import re
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Annotated, TextIO

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from archwright import __version__
from archwright.analysis.text import printable
from archwright.cancellation import WRITER
from archwright.cli import cells, corpus, tasks
from archwright.cli.answer import Answer, DebugFlag, JsonFlag, stdout_console, write_json
from archwright.cli.doctor import doctor
from archwright.cli.evaluate import evaluate
from archwright.cli.experiments import ablate, compare
from archwright.cli.export import export
from archwright.cli.final import final
from archwright.cli.novelty import novelty
from archwright.cli.patch import patch
from archwright.cli.report import report
from archwright.cli.resume import resume
from archwright.cli.search import SearchCommand, search
from archwright.cli.signals import like_ctrl_c
from archwright.cli.streams import deliver, prepare_streams
from archwright.cli.tune import tune
from archwright.errors import ArchwrightError

app = typer.Typer(
    name="archwright",
    help="A language model designs neural networks and learns from how well they train.",
    epilog="Start with `archwright doctor`, then `archwright search --preset evolution`.",
    add_completion=False,
    rich_markup_mode=None,  # Plain help takes half the time to print.
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(cls=SearchCommand, short_help="run a study")(search)
app.command(short_help="continue a study, or extend it")(resume)
app.command(short_help="check, train and score program files")(evaluate)
app.command(short_help="score the best programs on the test split, once")(final)
app.command(short_help="write a study's report")(report)
app.command(short_help="run studies of several configurations and seeds, and compare them")(ablate)
app.command(short_help="compare studies")(compare)
app.command(short_help="take networks away")(export)
app.command(short_help="find near-duplicates")(novelty)
app.command(short_help="apply a diff that a model wrote")(patch)
app.add_typer(cells.app, name="cells", short_help="the NAS-Bench search spaces")
app.add_typer(corpus.app, name="corpus", short_help="build and look into training corpora")
app.command(short_help="train an adapter on a corpus")(tune)
app.add_typer(tasks.app, name="tasks", short_help="list the data sets, or look into one")
app.command(short_help="say what this machine can do")(doctor)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"archwright {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _switches(json: JsonFlag = False, debug: DebugFlag = False) -> None:
    """Take what every command takes."""


def command_line() -> TyperGroup:
    """Return the command with its subcommands, the switches among the options of each that gives an answer."""
    bare = typer.Typer(add_completion=False)
    bare.command()(_switches)
    switches = typer.main.get_command(bare).params
    for switch in switches:
        switch.expose_value = False
    whole = typer.main.get_command(app)
    waiting = [whole]
    while waiting:
        command = waiting.pop()
        if isinstance(command, TyperGroup):
            waiting += command.commands.values()
        if not isinstance(command, TyperGroup) or command.invoke_without_command:
            declared = {param.name for param in command.params}
            command.params += [switch for switch in switches if switch.name not in declared]
    assert isinstance(whole, TyperGroup)
    return whole


MOST_COMMANDS = 4
"""Commands of a group that are named when none of them was meant."""
_LOOP = "Symlink loop from "
"""How `Path.resolve` says that it does not end."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a command did not give an answer."""

    what: str
    remedy: str
    exit_code: int


def main(arguments: Sequence[str] | None = None, *, is_stopped: bool = False) -> int:
    """Run one command line and return its exit code; nothing but answers goes to standard output.

    `is_stopped` says that Ctrl-C came before it could begin.

    With `--json` standard output holds exactly one document: the answer, `{"error": {"what", "remedy"}}`, or help as
    `{"text"}`.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    ahead = list(takewhile(("--json", "--debug").__contains__, words))
    words = words[len(ahead) :] + ahead  # They are the command's, wherever they stand.
    is_json = "--json" in words
    prepare_streams()
    stdout = sys.stdout
    printed = io.StringIO()
    # A stray print of some library must not spoil the document; help is written with the answer.
    with redirect_stdout(printed):
        answer = _problem(KeyboardInterrupt()) if is_stopped else run_command(words)
    if is_json and answer is not None:
        with suppress(OSError):
            sys.stderr.write(printed.getvalue())
    if isinstance(answer, Problem):
        _complain(answer)
    error = deliver(lambda: _write(printed.getvalue(), answer, stdout, is_json=is_json), stdout)
    if error is not None and not isinstance(error, BrokenPipeError):  # who has left need not be told
        what = f"the answer could not be written to standard output: {error.strerror or error}"
        _complain(Problem(what, "send it elsewhere, or to /dev/null", 1))
    exit_code = (0 if answer is None else answer.exit_code) or int(error is not None)
    if _is_writing():
        atexit.register(_leave, exit_code)
    return exit_code


def _is_writing() -> bool:
    return any(thread.name == WRITER for thread in threading.enumerate())


def _leave(exit_code: int) -> None:
    """End the process though a model is in the middle of an answer: Python would end its thread there, and so abort."""
    if _is_writing():
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(exit_code)


def _write(printed: str, answer: Answer | Problem | None, stdout: TextIO, *, is_json: bool) -> None:
    if not is_json:
        stdout.write(printed)
    match answer:
        case None if is_json:
            write_json({"text": printed}, stdout)
        case Answer() if is_json:
            write_json(answer.document, stdout)
        case Answer():
            answer.show(stdout_console(stdout))
        case Problem() if is_json:
            write_json({"error": {"what": answer.what, "remedy": answer.remedy}}, stdout)


def _complain(problem: Problem) -> None:
    line = re.sub(r"\s*[\n\t]\s*", " ", printable(f"error: {problem.what} — {problem.remedy}"))
    with suppress(OSError):  # the exit code says it, too
        print(line, file=sys.stderr, flush=True)


def run_command(words: list[str]) -> Answer | Problem | None:
    """Return the command's answer, what went wrong, or None when help or the version was all that was asked."""
    if empty := _empty_word(words):
        return empty
    try:
        command = command_line()
        with like_ctrl_c(), command.make_context("archwright", list(words)) as context:
            answer = command.invoke(context)
            return answer if isinstance(answer, Answer) else None
    except typer.Exit:
        return None
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the outermost place: every error becomes one line
        if "--debug" in words:
            traceback.print_exc()
        is_stopped = isinstance(error, KeyboardInterrupt | typer.Abort)
        return (None if is_stopped else _below_a_file(words)) or _problem(error, words)


def _empty_word(words: Sequence[str]) -> Problem | None:
    """Return the problem with a word without text, which would be read as the current folder."""
    for before, word in pairwise(["", *words]):
        if not word.strip() or re.fullmatch(r"--[\w-]+=", word):
            option = word.removesuffix("=").strip() or (before if before.startswith("-") else "an argument")
            return Problem(f"{option} is empty", "give a value: a variable of the shell may not be set", 2)
    return None


def _below_a_file(words: Sequence[str]) -> Problem | None:
    """Return the problem with a path among the words that leads through a file as if that were a folder."""
    for text in (part for word in words for part in (word, word.partition("=")[2])):
        for parent in Path(text).parents:
            if os.path.isfile(parent):  # noqa: PTH113 - Path.is_file() raises for names that are too long
                return Problem(f"{parent} is a file, so {text} cannot lie in it", "give a path below a folder", 2)
    return None


def _problem(error: BaseException, words: Sequence[str] = ()) -> Problem:
    """Return what went wrong and what to do about it."""
    match error:
        case ArchwrightError():
            return Problem(error.what, error.remedy, error.exit_code)
        case TyperException():
            return _usage_problem(error, words)
        case KeyboardInterrupt() | typer.Abort():
            return Problem("interrupted", "run the command again", 1)
        case FileNotFoundError(filename=None) if error.errno == errno.ENOENT and not _is_somewhere():
            return Problem("the current folder is no more", "go to one that exists", 1)
        case RuntimeError() if str(error).startswith(_LOOP):  # An OSError from Python 3.13 on.
            return Problem(f"{str(error).removeprefix(_LOOP)} is a link that leads to itself", "give what it is for", 2)
        case OSError() if error.errno == errno.ENAMETOOLONG:
            return Problem(f"{str(error.filename)[:80]}... is longer than a path can be", "give a shorter one", 2)
        case OSError():
            where = f": {named}" if (named := error.filename2 or error.filename) else ""
            remedy = "check the path, its permissions and the free space on that disk"
            return Problem(f"{error.strerror or str(error) or type(error).__name__}{where}", remedy, 1)
        case _:
            what = f"unexpected {type(error).__name__}: {error}"
            return Problem(what, "run again with --debug and report what it shows", 1)


def _command_of(words: Sequence[str]) -> str:
    """Return the command that `words` begin with: some of the parser's errors do not say where they come from."""
    path, commands = "archwright", command_line().commands
    for word in words:
        if word not in commands:
            break
        path, commands = f"{path} {word}", getattr(commands[word], "commands", {})
    return path


def _is_somewhere() -> bool:
    try:
        return bool(os.getcwd())  # noqa: PTH109 - Path.cwd() asks the same
    except OSError:
        return False


def _usage_problem(error: TyperException, words: Sequence[str]) -> Problem:
    """Return the problem with what was typed, with the nearest valid name where the parser found one."""
    message = error.format_message().strip()
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else _command_of(words)
    what, found, names = message.partition(" (Possible options: ")
    if found:
        typed = what.rpartition(" ")[2]
        near = difflib.get_close_matches(typed, names.removesuffix(")").split(", "), n=1, cutoff=0)
        remedy = f"did you mean {near[0]}?"
    else:
        what, found, names = message.partition(" Did you mean ")
        remedy = f"did you mean {names}" if found else f"see `{path} --help`"
        commands = getattr(getattr(context, "command", None), "commands", {})
        if what.startswith("No such command") and not found and len(commands) <= MOST_COMMANDS:
            remedy = f"write `{path} {' or '.join(commands)} ...`; {remedy}"
    what = what.rstrip(".").replace(": Value error, ", ": ")
    return Problem(what[:1].lower() + what[1:], remedy, 2)

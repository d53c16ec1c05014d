import ast
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import archwright.study
from archwright.syntax import syntax_tree

SOURCE = Path(archwright.study.__file__).read_text()


@pytest.fixture
def garbage_that_parses() -> Iterator[None]:
    """The next collection of garbage parses from deeper down, as a finalizer that logs a traceback does."""

    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        else:
            ast.parse("a + b")

    def collected(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and collected in gc.callbacks:
            gc.callbacks.remove(collected)
            deeper(20)

    thresholds = gc.get_threshold()
    gc.collect()
    gc.callbacks.append(collected)
    gc.set_threshold(200)
    yield
    gc.set_threshold(*thresholds)
    if collected in gc.callbacks:
        gc.callbacks.remove(collected)


@pytest.mark.usefixtures("garbage_that_parses")
@pytest.mark.skipif(sys.version_info >= (3, 13), reason="later Pythons count the depth for each tree")
def test_the_interpreter_does_lose_count() -> None:
    with pytest.raises(SystemError, match="recursion depth mismatch"):
        ast.parse(SOURCE)


@pytest.mark.usefixtures("garbage_that_parses")
def test_garbage_that_parses_while_a_program_is_read_costs_nothing() -> None:
    assert len(syntax_tree(SOURCE).body) > 10


@pytest.mark.parametrize(("text", "error"), [("def", SyntaxError), ("\0", (SyntaxError, ValueError))])
def test_text_that_is_no_program_raises_what_python_raises(
    text: str, error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    with pytest.raises(error):
        syntax_tree(text)

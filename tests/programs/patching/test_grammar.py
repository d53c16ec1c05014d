"""The grammar of diffs: what it allows applies, and what we teach is allowed."""

import random
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from archwright.llm.constraints import Constraint, Constraints
from archwright.llm.embedded import EMBEDDED_NAME, PACKAGE
from archwright.llm.local import encode_text, load_tokenizer
from archwright.llm.registry import local_source
from archwright.programs.mutation import variants
from archwright.programs.patching import Patched, Reason, apply_patch, compact_diff, diff_grammar, unified_diff
from archwright.programs.patching.grammar import MOST_LINES
from archwright.prompts import shown
from archwright.starters import load_seed_corpus

pytestmark = pytest.mark.skipif(find_spec(PACKAGE) is None, reason="the embedded model is not installed: make setup")
SEEDS = load_seed_corpus()
ODD = {
    "repeated lines": "a = 1\nb = 2\na = 1\nb = 2\na = 1\n",
    "all the same": "pass\npass\npass\n",
    "one line": "x = 1\n",
    "without a last newline": "x = 1\ny = 2",
    "quotes, backslashes and other scripts": 'a = "\\n\\t\\"{}"\nb = r"\\d/x"\nc = \'é漢字 🙂\'\n',
    "tabs and blank lines": "if x:\n\ty = 1\n\n\n\tz = 2\n\n\n\tw = 3\n",
    "what looks like a diff": 'x = """\n- a\n+ b\n@@\n"""\n',
}


@pytest.fixture(scope="module")
def tokenizer():  # type: ignore[no-untyped-def]
    return load_tokenizer(local_source(EMBEDDED_NAME), EMBEDDED_NAME)


@pytest.fixture(scope="module")
def constraints(tokenizer) -> Constraints:  # type: ignore[no-untyped-def]
    return Constraints(tokenizer, {tokenizer.eos_token_id})


def drawn(constraint: Constraint, tokenizer, rng: random.Random) -> str:  # type: ignore[no-untyped-def]
    """An answer of tokens drawn at random among those allowed, most of them ends of lines where one may end."""
    ends = [token for text, token in tokenizer.get_vocab().items() if text.startswith("Ċ") or text == "```"]
    tokens: list[int] = []
    while len(tokens) < 400:
        allowed = constraint.allowed(len(tokenizer))
        assert allowed is not None
        ids = np.flatnonzero(allowed.numpy()).tolist()
        if ids == [tokenizer.eos_token_id]:
            return str(tokenizer.decode(tokens))
        likely = [token for token in ends if allowed[token]]
        tokens.append(rng.choice(likely if likely and rng.random() < 0.5 else ids))
        constraint.accept(tokens[-1])
    return ""


def allows(constraint: Constraint | None, tokens: list[int], size: int) -> bool:
    assert constraint is not None
    for token in tokens:
        allowed = constraint.allowed(size)
        if allowed is None or not allowed[token]:
            return False
        constraint.accept(token)
    return True


@pytest.mark.parametrize("source", [*ODD.values(), *(shown(net.program) for net in SEEDS[::9])])
def test_whatever_the_grammar_allows_applies(source: str, constraints: Constraints, tokenizer) -> None:  # type: ignore[no-untyped-def]
    grammar, rng = diff_grammar(source), random.Random(0)
    for _ in range(3):
        constraint = constraints.of(grammar)
        assert constraint is not None
        if answer := drawn(constraint, tokenizer, rng):
            result = apply_patch(source, answer)
            assert isinstance(result, Patched) or result.reason is Reason.NO_CHANGE, (answer, result)


def pairs() -> Iterator[tuple[str, str]]:
    for number, net in enumerate(SEEDS[::3]):
        for changed in variants(net.program.source, 2, number):
            yield shown(net.program), changed.strip("\n") + "\n"


def test_the_diffs_that_are_taught_are_allowed(constraints: Constraints, tokenizer) -> None:  # type: ignore[no-untyped-def]
    for old, new in pairs():
        grammar = diff_grammar(old)
        for lines in (compact_diff(old, new), unified_diff(old, new)):
            answer = encode_text(tokenizer, "```diff\n" + "\n".join(lines) + "\n```")
            assert allows(constraints.of(grammar), answer, len(tokenizer)), "\n".join(lines)


def test_a_line_that_the_program_lacks_is_not_allowed(constraints: Constraints, tokenizer) -> None:  # type: ignore[no-untyped-def]
    answer = encode_text(tokenizer, "```diff\n@@\n-y = 1\n+y = 2\n```")
    assert not allows(constraints.of(diff_grammar("x = 1\n")), answer, len(tokenizer))


def test_a_line_of_several_places_needs_its_neighbours(constraints: Constraints, tokenizer) -> None:  # type: ignore[no-untyped-def]
    source = "a\nx\nb\nx\n"
    grammar = diff_grammar(source)
    for diff, is_allowed in {"-x\n+y": False, " b\n-x\n+y": True, "-x\n+y\n b": True}.items():
        answer = encode_text(tokenizer, f"```diff\n@@\n{diff}\n```")
        assert allows(constraints.of(grammar), answer, len(tokenizer)) == is_allowed
        assert isinstance(apply_patch(source, f"```diff\n@@\n{diff}\n```"), Patched) == is_allowed


def test_a_program_that_is_too_long_or_has_one_line_again_and_again_has_none() -> None:
    assert diff_grammar("".join(f"a{number} = 1\n" for number in range(MOST_LINES + 1))) == ""
    assert diff_grammar("".join(f"a{number} = 1\n" for number in range(60))) != ""

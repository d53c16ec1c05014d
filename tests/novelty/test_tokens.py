import io
import tokenize

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.novelty.tokens import jaccard, lexer_tokens, shingles
from archwright.starters import load_seed_corpus

CORPUS = [network.program.source for network in load_seed_corpus()]
NO_TOKENS = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
    tokenize.ENCODING,
}  # fmt: skip


def reference_tokens(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type not in NO_TOKENS]


@pytest.mark.parametrize(
    "source",
    [
        *CORPUS,
        "x = 0xFF_0 + 0b1_0 - 0o17 * 1_000.5e-3j ** .5e+1 // 1. >> 2 << 3\n",
        "a := b -> c ... @= **= //= >>= <<= != <= >= == += -= *= /= %= &= |= ^= ~x ; `\n".replace("`", ""),
        "s = r'\\n' + b\"x\\\"y\" + rb'''a\n'b'\n''' + u\"\"\"c\"d\"\"\"\n",
        "x = 'a # not a comment' # a comment\n\n\n# another\ny = [1,\n  2]\n",
        "if x:\n    y = 1 \\\n        + 2\n",
        "größe = 1\n",
        "",
    ],
)
def test_tokens_are_those_of_pythons_tokenizer(source: str) -> None:
    assert lexer_tokens(source) == reference_tokens(source)


@pytest.mark.parametrize("text", ["x = 'never closed\ny = 1", "\0\x07 $ ?", '"""open', "1__2 0x", "\ud800"])
def test_text_that_no_tokenizer_takes_has_tokens_too(text: str) -> None:
    assert lexer_tokens(text)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(token for token in lexer_tokens(text))


def test_shingles_are_the_distinct_runs_of_tokens() -> None:
    tokens = list("abcabcabc")
    assert len(shingles(tokens, 3)) == 3
    assert len(shingles(tokens, 9)) == 1
    assert len(shingles(tokens, 10)) == 1
    assert len(shingles([], 10)) == 0


def test_shingles_are_the_same_on_every_machine() -> None:
    assert shingles(["class", "Net", ":"], 2).tolist() == SHINGLES_OF_CLASS_NET


def test_shingles_know_the_order_of_tokens() -> None:
    assert jaccard(shingles(["a", "b"], 2), shingles(["b", "a"], 2)) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.sampled_from("abcd"), max_size=30))
def test_jaccard_is_that_of_the_sets_of_runs(first: list[str], second: list[str]) -> None:
    def runs(tokens: list[str]) -> set[tuple[str, ...]]:
        size = min(3, len(tokens))
        return {tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1)} if tokens else set()

    a, b = runs(first), runs(second)
    expected = len(a & b) / len(a | b) if a | b else 0.0
    assert jaccard(shingles(first, 3), shingles(second, 3)) == pytest.approx(expected)


def test_shingles_are_sorted_so_that_sets_can_be_merged() -> None:
    hashes = shingles(lexer_tokens(CORPUS[0]), 10)
    assert hashes.dtype == np.uint64
    assert (np.diff(hashes.astype(object)) > 0).all()


SHINGLES_OF_CLASS_NET = [7493763853655656944, 18009017357578361224]

# ruff: noqa: N802 (visitors are named after the nodes they visit)

import ast
from textwrap import dedent
from typing import Any

import pytest

from archwright.programs.walking import Transformer, walk
from archwright.starters import load_seed_corpus

EVERYTHING = dedent("""\
    import a.b as c
    from d import (e, f as g)

    @c.wrap
    class A(e, metaclass=g):
        x: int = 1
        y: str

        async def m(self, p, /, q=1, *r, s: int = 2, **t) -> None:
            global u
            async for i, *j in p:
                async with q as k, r:
                    await k
            else:
                del i
            z = {**t, 1: [n for n in r if n], None: {v async for v in s}}
            return lambda w=1: (yield w) if not w < 1 <= 2 else f"{w!r:>{q}}"

    match x:
        case [1, *rest] if rest:
            pass
        case {"k": A(y=1), **other} | None as both:
            raise ValueError from x
    try:
        while (n := n - 1):
            break
    except* (OSError, KeyError) as error:
        assert error, "text"
    finally:
        a[1:2, ::3] += -b
    """)
LEFT_OUT = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
PROGRAMS = [EVERYTHING, *(network.program.source for network in load_seed_corpus()[:8])]


@pytest.mark.parametrize("source", PROGRAMS)
def test_a_walk_meets_what_that_of_ast_meets_in_the_same_order(source: str) -> None:
    tree = ast.parse(source)
    assert walk(tree) == [node for node in ast.walk(tree) if not isinstance(node, LEFT_OUT)]


class _Theirs(ast.NodeVisitor):
    def __init__(self) -> None:
        self.met: list[ast.AST] = []

    def generic_visit(self, node: ast.AST) -> None:
        self.met += [] if isinstance(node, LEFT_OUT) else [node]
        super().generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        self.met.append(node)


class _Ours(Transformer):
    def __init__(self) -> None:
        self.met: list[ast.AST] = []

    def generic_visit(self, node: ast.AST) -> ast.AST:
        self.met.append(node)
        super().generic_visit(node)
        return node


@pytest.mark.parametrize("source", PROGRAMS)
def test_a_transformer_comes_to_everything_in_source_order(source: str) -> None:
    tree = ast.parse(source)
    ours, theirs = _Ours(), _Theirs()
    ours.visit(tree)
    theirs.visit(tree)
    assert ours.met == theirs.met


class _Renames(Transformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(node.id * 2, node.ctx)

    def visit_Assert(self, node: ast.Assert) -> Any:
        return None


def test_a_transformer_replaces_expressions_and_drops_statements() -> None:
    tree = _Renames().visit(ast.parse("assert a\nb = {**c, d: 1}\nassert e\nf(g)"))
    assert ast.unparse(tree) == "bb = {**cc, dd: 1}\nff(gg)"

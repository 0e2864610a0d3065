"""Expressions and text templates, compiled once: Jinja's syntax, read by Jinja's parser, run as one loop per batch.

A rule can reach nothing but its columns, its constants and the functions of `FUNCTIONS`: see `writer`. Every
expression has a type; a mistake is an error with its place before the first row.

What a row gives when something is missing: a comparison with an empty side is false, arithmetic on an empty value
or a division by zero is empty, an empty value prints nothing. An empty text is an empty value.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.mapping.frame import FAILURES, Code
from feedsmith.mapping.mistakes import mistake
from feedsmith.mapping.printed import printed
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import Type
from feedsmith.mapping.writer import Writer

__all__ = ["FAILURES", "Compiled", "compile_expression", "compile_text", "printed"]

LONGEST = 10_000
"""Code points of an expression or a text."""

BUILTINS = {"__builtins__": {}, "zip": zip, "bool": bool}
"""All that a written loop can name, besides its constants."""


@dataclass(frozen=True)
class Compiled:
    """A compiled expression: `call` takes one list per name of `names` and gives the list of results.

    A `constant` one has no names and gives a list of one. A `plain` one is a column as it is. `key` is equal for
    expressions that give equal results over the same columns. `needs` are positions in `names`: a condition is false
    where one of these columns is empty.
    """

    text: str
    type: Type
    names: tuple[str, ...]
    call: Callable[..., list[Any]]
    place: Place
    constant: bool
    key: tuple[Any, ...]
    plain: bool = False
    needs: tuple[int, ...] = ()


def compile_expression(node: Node, scope: Scope, expected: Type | None = None) -> Compiled:
    """Compile an expression such as `price >= 5 and brand in tables.blocked`.

    Args:
        node: the text with its place.
        scope: the names it may use.
        expected: the type its result must have; None takes any. A condition (`Type.FLAG`) takes any value: an
            empty one, zero and an empty list count as false.

    Raises:
        DefinitionError: with the place of the mistake and the nearest right name.
    """
    with _within_limits(node):
        writer = Writer(node, scope)
        code = writer.expression()
        if expected is Type.FLAG:
            code = writer.condition(code)
        elif code.type is Type.SET:
            raise mistake(node, f"a {code.type} is no value", hint="ask whether a value is `in` it")
        elif expected not in {None, code.type} and code.type is not Type.NONE:
            raise mistake(node, f"gives a {code.type}, and a {expected} is needed here")
        return _compiled(writer, code)


def compile_text(node: Node, scope: Scope) -> Compiled:
    """Compile a text such as `{{ brand }} {{ title }}{% if color %} - {{ color }}{% endif %}`; errors as above."""
    with _within_limits(node):
        writer = Writer(node, scope)
        text = writer.text()
        return _compiled(writer, Code(f"({text}) or None", Type.TEXT))


@contextmanager
def _within_limits(node: Node) -> Iterator[None]:
    """Long and deeply nested texts are mistakes, not crashes of the compiler."""
    if len(node.text) > LONGEST:
        raise DefinitionError(node.place, f"an expression of more than {LONGEST} characters")
    try:
        yield
    except (RecursionError, MemoryError, SyntaxError, OverflowError) as error:
        raise DefinitionError(node.place, "the expression is nested too deep") from error


def _compiled(writer: Writer, code: Code) -> Compiled:
    node, names = writer.node, tuple(writer.names)
    text = f"_number({code.text})" if writer.calculates and code.type is Type.NUMBER else code.text
    source = _loop(list(writer.names.values()), text)
    loop = compile(source, str(node.place), "eval")
    call = eval(loop, BUILTINS | writer.constants)  # noqa: S307 - written from allowed nodes only, see `writer`
    if not names:
        _try(node, call)
    plain = list(writer.names.values()) == [code.text]
    condition = code.type is Type.FLAG and code.full
    needs = [number for number, one in enumerate(writer.names.values()) if condition and one in code.needs]
    return Compiled(
        node.text, code.type, names, call, node.place, not names, (source, *writer.key), plain, tuple(needs)
    )  # fmt: skip


def _loop(variables: list[str], code: str) -> str:
    columns = ", ".join(f"c{number}" for number in range(len(variables)))
    if not variables:
        return f"lambda: [{code}]"
    rows = columns if len(variables) == 1 else f"zip({columns})"
    return f"lambda {columns}: [{code} for {', '.join(variables)} in {rows}]"


def _try(node: Node, call: Callable[[], list[Any]]) -> None:
    """An expression without names fails now, or never."""
    try:
        call()
    except FAILURES as error:
        raise mistake(node, f"cannot be worked out: {error}") from error

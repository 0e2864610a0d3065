"""What a written expression is made of: codes with a type, names, constants, and the care for empty values."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError
from feedsmith.mapping.bounds import MOST_GROWTH, bounded, bounded_number, joined_values
from feedsmith.mapping.mistakes import PARSER, mistake
from feedsmith.mapping.printed import printed
from feedsmith.mapping.scope import Scope, Table
from feedsmith.mapping.types import Type

CONSTANT_TYPES = {str: Type.TEXT, bool: Type.FLAG, int: Type.NUMBER, Decimal: Type.NUMBER, datetime: Type.DATE}
FAILURES = (ArithmeticError, TypeError, ValueError, LookupError)
"""What can go wrong with a value of one row: the row is told of, and the run goes on."""
DIGITS = 28
"""Most digits of a number in a rule."""
TO_NUMBER = "a column without a declared type is text: write to_number(…), or declare the type under catalog: fields:"


class Code(NamedTuple):
    """Source of an expression, its type, and whether it is never empty.

    `needs` are variables: where one of them is empty, the value is empty or false.
    """

    text: str
    type: Type
    full: bool = False
    needs: frozenset[str] = frozenset()


NOTHING = Code("None", Type.NONE)
MOST_PIECES = 8
"""Values of a text that are joined one after the other; more are measured before they are."""


class Frame:
    """The names and constants of one rule: `names` maps columns to variables, `key` tells constants apart."""

    def __init__(self, node: Node, scope: Scope) -> None:
        self.node, self.scope = node, scope
        self.names: dict[str, str] = {}
        self.constants: dict[str, Any] = {**HELPERS}
        self.temporaries = 0
        self.calculates = False
        """Whether it works out a number, which may become too large."""
        self.key: list[Any] = []
        self.bare = False

    def error(self, problem: str, name: str = "", hint: str = "") -> DefinitionError:
        """A mistake, at `name` where the text holds it."""
        return mistake(self.node, problem, name, hint, bare=self.bare)

    def parse(self, text: str) -> nodes.Template:
        """Jinja's tree of a text."""
        try:
            return PARSER.parse(text)
        except TemplateSyntaxError as error:
            raise self.error(f"cannot be read: {error.message}") from error
        except ValueError as error:  # a whole number of thousands of digits
            raise self.error(f"cannot be read: {error}") from error

    def constant(self, value: Any) -> str:
        """A name for a fixed value; equal values of one type have equal keys, so that equal rules share a result."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        self.key.append(
            tuple(value) if isinstance(value, list) else (type(value), value) if _plain(value) else id(value)
        )
        return name

    def variable(self, name: str) -> str:
        """The variable of a column."""
        return self.names.setdefault(name, f"v{len(self.names)}")

    def column(self, name: str, kind: Type) -> Code:
        """The value of a column."""
        variable = self.variable(name)
        return Code(variable, kind, needs=frozenset({variable}))

    def safe(self, form: str, operands: Sequence[Code], kind: Type, otherwise: str = "None") -> Code:
        """`form` over the operands; `otherwise` where one of them is empty.

        An operand that is a plain variable is tested as it is; any other is kept in a temporary, so that it is
        worked out once.
        """
        tests, values = [], []
        for code in operands:
            value = code.text
            if not code.full and not value.isidentifier():
                self.temporaries += 1
                value = f"t{self.temporaries}"
                tests.append(f"({value} := {code.text}) is not None")
            elif not code.full:
                tests.append(f"{value} is not None")
            values.append(value)
        result, needs = form.format(*values), frozenset[str]().union(*(code.needs for code in operands))
        if not tests:
            return Code(f"({result})", kind, needs=needs)
        return Code(f"(({result}) if {' and '.join(tests)} else {otherwise})", kind, needs=needs)

    def together(self, pieces: Sequence[str]) -> str:
        """The pieces of a text as one, each the source of a text that is never None; its length is bounded."""
        values = [piece for piece in pieces if piece not in self.constants]
        if len(values) > MOST_PIECES:
            return f"_joined({', '.join(pieces)})"
        text = " + ".join(pieces) or "''"
        if len(values) <= 1:
            return text
        self.temporaries += 1
        name = f"t{self.temporaries}"
        return f"({name} if len({name} := {text}) <= {MOST_GROWTH} else _too_long(len({name})))"

    def need(self, code: Code, wanted: Type, what: str) -> None:
        """A mistake unless `code` has that type or is empty."""
        if code.type in {wanted, Type.NONE}:
            return
        hint = TO_NUMBER if wanted is Type.NUMBER and code.type is Type.TEXT else ""
        raise self.error(f"{what} needs a {wanted}, found a {code.type}", hint=hint)

    def condition(self, code: Code) -> Code:
        """`code` as true or false."""
        if code.type is Type.SET:
            raise self.error(f"a {code.type} is no condition", hint="ask whether a value is `in` it")
        if code.type is Type.FLAG and code.full:
            return code
        return Code(f"bool({code.text})", Type.FLAG, full=True, needs=code.needs)

    def fixed(self, value: Any) -> Code:
        """A fixed value; a mapping is none."""
        if value is None:
            return NOTHING
        if isinstance(value, Table):
            return Code(self.constant(value), Type.SET, full=True)
        if isinstance(value, list | tuple):
            if all(isinstance(item, str) for item in value):
                return Code(self.constant(list(value)), Type.LIST, full=True)
            if all(type(item) in CONSTANT_TYPES for item in value):
                return Code(self.constant(frozenset(value)), Type.SET, full=True)
        if type(value) not in CONSTANT_TYPES:
            raise self.error("only texts, numbers and lists of them are values")
        return Code(self.constant(value), CONSTANT_TYPES[type(value)], full=True)

    def exact(self, value: Any) -> Any:
        """A number as it is written: a decimal point gives a decimal, never a float."""
        number = Decimal(repr(value)) if isinstance(value, float) else value
        if isinstance(number, int | Decimal) and not abs(number) < 10**DIGITS:
            raise self.error(f"a number has more than {DIGITS} digits")
        return number


def _plain(value: Any) -> bool:
    return type(value) in CONSTANT_TYPES or isinstance(value, frozenset)


def _quotient(left: Any, right: Any) -> Decimal | None:
    return Decimal(left) / right if right else None


def _item(values: Any, index: Any) -> Any:
    if isinstance(values, dict):
        return values.get(index)
    return values[index] if -len(values) <= index < len(values) else None


HELPERS: dict[str, Any] = {
    "_print": printed,
    "_divide": _quotient,
    "_item": _item,
    "_joined": joined_values,
    "_too_long": bounded,
    "_number": bounded_number,
    "len": len,
}
"""What the written source may call besides the functions of a rule."""

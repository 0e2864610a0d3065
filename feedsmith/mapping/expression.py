"""Expressions and text templates, compiled once: Jinja's syntax, read by Jinja's parser, run as one Python loop per batch.

Only the nodes listed in `_Writer` can be written, so a rule can reach nothing but its columns, its constants and
the functions of `FUNCTIONS`. Every expression has a type; a mistake is an error with its place before the first row.

What a row gives when something is missing: a comparison with an empty side is false, arithmetic on an empty value
or a division by zero is empty, an empty value prints nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.mapping.functions import FUNCTIONS, Function
from feedsmith.mapping.scope import Scope, Table
from feedsmith.mapping.types import CURRENCY, Type
from feedsmith.values.dates import iso, parse_moment
from feedsmith.values.problem import Problem

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
ARITHMETIC = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*"}
EMPTY_TESTS = {"empty": "is None", "none": "is None", "filled": "is not None", "defined": "is not None"}


@dataclass(frozen=True)
class Compiled:
    """A compiled expression: `call` takes one list per name of `names` and gives the list of results."""

    text: str
    type: Type
    names: tuple[str, ...]
    call: Callable[..., list[Any]]
    place: Place
    constant: bool
    key: tuple[Any, ...]


@cache
def _parser() -> Environment:
    return Environment(keep_trailing_newline=True)  # noqa: S701 - parses only; nothing is ever rendered by it


def compile_expression(node: Node, scope: Scope, expected: Type | None = None) -> Compiled:
    """Compile an expression such as `price >= 5 and brand in tables.blocked`.

    Args:
        node: the text with its place.
        scope: the names it may use.
        expected: the type its result must have; None takes any.

    Raises:
        DefinitionError: with the place of the mistake and the nearest right name.
    """
    writer = _Writer(node, scope)
    tree = writer.parse("{{ " + node.text + " }}")
    outputs = [part for item in tree.body for part in getattr(item, "nodes", [])]
    if len(tree.body) != 1 or len(outputs) != 1 or not isinstance(outputs[0], nodes.Expr):
        raise writer.error("is not one expression")
    code, kind = writer.write(outputs[0])
    if expected is Type.FLAG and kind is not Type.FLAG:
        code, kind = f"bool({code})", Type.FLAG
    if expected is not None and kind not in {expected, Type.NONE}:
        raise writer.error(f"gives a {kind.value}, and a {expected.value} is needed here")
    return writer.compiled(code, kind)


def compile_text(node: Node, scope: Scope) -> Compiled:
    """Compile a text template such as `{{ brand }} {{ title }}{% if color %} - {{ color }}{% endif %}`; errors as above."""
    writer = _Writer(node, scope)
    tree = writer.parse(node.text)
    code = writer.template(tree.body)
    return writer.compiled(f"({code}) or None", Type.TEXT)


def printed(value: Any) -> str:
    """A value as text, the same everywhere a rule or a message prints one."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value, "f")
        case datetime():
            return iso(value, colon=True)
        case tuple():
            return "/".join(printed(part) for part in value)
        case list():
            return ", ".join(printed(item) for item in value)
        case dict():
            return ":".join(printed(item) for name, item in value.items() if not name.endswith(CURRENCY))
        case _:
            return str(value)


def _quotient(left: Any, right: Any) -> Decimal | None:
    return Decimal(left) / right if right else None


def _item(values: Any, index: Any) -> Any:
    if isinstance(values, dict):
        return values.get(index)
    return values[index] if -len(values) <= index < len(values) else None


class _Writer:
    """Writes the Python source of one expression. `names` and `constants` collect what the loop needs."""

    def __init__(self, node: Node, scope: Scope) -> None:
        self.node, self.scope = node, scope
        self.names: dict[str, str] = {}
        self.constants: dict[str, Any] = {"_print": printed, "_divide": _quotient, "_item": _item}
        self.temporaries = 0
        self.key: list[Any] = [node.text]

    # --- the frame -------------------------------------------------------------------------------------------

    def parse(self, text: str) -> nodes.Template:
        try:
            return _parser().parse(text)
        except TemplateSyntaxError as error:
            raise self.error(f"cannot be read: {error.message}") from error

    def error(self, problem: str, name: str = "", hint: str = "") -> DefinitionError:
        """A mistake with its place: at `name` where the text holds it."""
        place, text = self.node.place, self.node.text
        found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text) if name else None
        before = text[: found.start()] if found else ""
        if found and "\n" not in before and place.column is not None:
            place = Place(place.path, place.row, str(int(place.column) + len(before)))
        return DefinitionError(place, f"{text.strip()!r}: {problem}", hint)

    def compiled(self, code: str, kind: Type) -> Compiled:
        names = tuple(self.names)
        targets = ", ".join(self.names[name] for name in names)
        source = f"lambda {', '.join(f'c{number}' for number in range(len(names)))}: "
        if not names:
            source += f"[{code}]"
        elif len(names) == 1:
            source += f"[{code} for {targets} in c0]"
        else:
            source += f"[{code} for {targets} in zip({', '.join(f'c{number}' for number in range(len(names)))})]"
        call = eval(compile(source, str(self.node.place), "eval"), {"__builtins__": {}, **SAFE, **self.constants})  # noqa: S307 - the source is written from allowed nodes only, see `write`
        return Compiled(self.node.text, kind, names, call, self.node.place, not names, (*self.key, names))

    def constant(self, value: Any) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        self.key.append(value if isinstance(value, str | int | Decimal | bool) else id(value))
        return name

    def temporary(self) -> str:
        self.temporaries += 1
        return f"t{self.temporaries}"

    def variable(self, name: str) -> str:
        return self.names.setdefault(name, f"v{len(self.names)}")

    # --- templates -------------------------------------------------------------------------------------------

    def template(self, body: list[nodes.Node]) -> str:
        """The code of a text: pieces joined by `+`, never empty."""
        pieces = [piece for item in body for piece in self.pieces(item)]
        return " + ".join(pieces) or "''"

    def pieces(self, item: nodes.Node) -> list[str]:
        if isinstance(item, nodes.Output):
            return [self.piece(part) for part in item.nodes]
        if isinstance(item, nodes.If):
            test, _ = self.write(item.test)
            otherwise = self.template(item.else_)
            for branch in reversed(item.elif_):
                condition, _ = self.write(branch.test)
                otherwise = f"({self.template(branch.body)} if {condition} else {otherwise})"
            return [f"({self.template(item.body)} if {test} else {otherwise})"]
        raise self.refused(item)

    def piece(self, part: nodes.Node) -> str:
        if isinstance(part, nodes.TemplateData):
            return self.constant(part.data)
        code, kind = self.write(part)
        return f"({code} or '')" if kind is Type.TEXT else f"_print({code})"

    # --- expressions -----------------------------------------------------------------------------------------

    def write(self, node: nodes.Node) -> tuple[str, Type]:
        """Python code and type of an allowed node."""
        for kinds, method in WRITERS:
            if isinstance(node, kinds):
                return method(self, node)
        raise self.refused(node)

    def refused(self, node: nodes.Node) -> DefinitionError:
        what = {"Call": "a call", "Getattr": "an attribute", "Pow": "a power"}.get(
            type(node).__name__, f"{type(node).__name__.lower()!r}"
        )
        return self.error(f"{what} is not allowed here", hint="a rule may use columns, constants and the listed functions")

    def name(self, node: nodes.Name) -> tuple[str, Type]:
        if node.name in self.scope.names:
            return self.variable(node.name), self.scope.names[node.name]
        if node.name in self.scope.values:
            return self.fixed(self.scope.values[node.name])
        raise self.error(f"there is no {node.name!r}", node.name, nearest(node.name, self.scope.known()))

    def fixed(self, value: Any) -> tuple[str, Type]:
        """A constant of the scope with its type."""
        if isinstance(value, list | tuple | frozenset | Table):
            return self.constant(value), Type.LIST
        kinds = {str: Type.TEXT, bool: Type.FLAG, int: Type.NUMBER, Decimal: Type.NUMBER, datetime: Type.DATE}
        return self.constant(value), kinds.get(type(value), Type.NONE)

    def const(self, node: nodes.Const) -> tuple[str, Type]:
        value = node.value
        if isinstance(value, float):
            value = Decimal(repr(value))
        if isinstance(value, bool | str | int | Decimal):
            return self.fixed(value)
        return "None", Type.NONE

    def many(self, node: nodes.List | nodes.Tuple) -> tuple[str, Type]:
        values = []
        for item in node.items:
            if not isinstance(item, nodes.Const):
                raise self.error("a list in a rule holds fixed values only")
            values.append(Decimal(repr(item.value)) if isinstance(item.value, float) else item.value)
        return self.constant(frozenset(values)), Type.LIST

    def attribute(self, node: nodes.Getattr) -> tuple[str, Type]:
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        if owner == "row" and node.attr in self.scope.row:
            return f"{self.variable('row')}.get({self.constant(node.attr)})", self.scope.row[node.attr]
        if owner == "product":
            return self.product(node.attr)
        if owner in self.scope.constants:
            group = self.scope.constants[owner]
            if node.attr in group:
                return self.fixed(group[node.attr])
            raise self.error(f"{owner} has no {node.attr!r}", f"{owner}.{node.attr}", nearest(node.attr, group))
        if owner in self.scope.names and self.scope.names[owner] is Type.NUMBERS:
            return self.safe("_item({0}, {1})", [(self.variable(owner), True), (self.constant(node.attr), False)], Type.NUMBER)
        if owner and owner not in self.scope.names:
            raise self.error(f"there is no {owner!r}", owner, nearest(owner, self.scope.known()))
        raise self.error(f"{node.attr!r} is no part of a value", hint="a rule cannot look inside values")

    def product(self, name: str) -> tuple[str, Type]:
        if name not in self.scope.products:
            raise self.error(f"a product has no {name!r}", name, nearest(name, self.scope.products))
        return self.variable(f"product.{name}"), self.scope.products[name]

    def item(self, node: nodes.Getitem) -> tuple[str, Type]:
        if isinstance(node.arg, nodes.Slice):
            return self.slice(node.node, node.arg)
        if not isinstance(node.arg, nodes.Const):
            raise self.error("only a fixed name or number can stand in brackets")
        if isinstance(node.node, nodes.Name) and node.node.name == "columns":
            return self.heading(str(node.arg.value))
        code, kind = self.write(node.node)
        result = {Type.LIST: Type.TEXT, Type.NUMBERS: Type.NUMBER}.get(kind)
        if result is None:
            raise self.error(f"a {kind.value} has no elements")
        return self.safe("_item({0}, {1})", [(code, True), (self.constant(node.arg.value), False)], result)

    def heading(self, heading: str) -> tuple[str, Type]:
        if heading not in self.scope.headings:
            raise self.error(f"the catalog has no column {heading!r}", heading, nearest(heading, self.scope.headings))
        name = self.scope.headings[heading]
        return self.variable(name), self.scope.names.get(name, Type.TEXT)

    def slice(self, source: nodes.Expr, bounds: nodes.Slice) -> tuple[str, Type]:
        code, kind = self.write(source)
        if kind not in {Type.TEXT, Type.LIST} or bounds.step is not None:
            raise self.error("only a text or a list can be cut, without a step")
        limits = []
        for bound in (bounds.start, bounds.stop):
            if bound is not None and not isinstance(bound, nodes.Const):
                raise self.error("only fixed numbers can stand in a cut")
            limits.append("" if bound is None else str(int(bound.value)))
        return self.safe("{0}[" + ":".join(limits) + "]", [(code, True)], kind)

    def concat(self, node: nodes.Concat) -> tuple[str, Type]:
        return "(" + " + ".join(self.piece(part) for part in node.nodes) + ")", Type.TEXT

    def logic(self, node: nodes.BinExpr) -> tuple[str, Type]:
        left, left_type = self.write(node.left)
        right, right_type = self.write(node.right)
        operator = "and" if isinstance(node, nodes.And) else "or"
        kind = left_type if left_type is right_type else right_type if left_type is Type.NONE else Type.ANY
        return f"({left} {operator} {right})", kind

    def negation(self, node: nodes.Not) -> tuple[str, Type]:
        return f"(not {self.write(node.node)[0]})", Type.FLAG

    def sign(self, node: nodes.UnaryExpr) -> tuple[str, Type]:
        code, kind = self.write(node.node)
        self.need(kind, Type.NUMBER, "a sign")
        return self.safe("-{0}" if isinstance(node, nodes.Neg) else "{0}", [(code, not code.startswith("k"))], Type.NUMBER)

    def arithmetic(self, node: nodes.BinExpr) -> tuple[str, Type]:
        operands = []
        for side in (node.left, node.right):
            code, kind = self.write(side)
            self.need(kind, Type.NUMBER, "arithmetic")
            operands.append((code, not isinstance(side, nodes.Const)))
        if isinstance(node, nodes.Div):
            return self.safe("_divide({0}, {1})", operands, Type.NUMBER)
        return self.safe("({0} " + ARITHMETIC[type(node)] + " {1})", operands, Type.NUMBER)

    def need(self, kind: Type, wanted: Type, what: str) -> None:
        if kind not in {wanted, Type.NONE, Type.ANY}:
            hint = "declare its type under catalog: fields:, as {calc: …} or {from: …, steps: [number]}"
            raise self.error(f"{what} needs a {wanted.value}, found a {kind.value}", hint=hint if kind is Type.TEXT else "")

    def choice(self, node: nodes.CondExpr) -> tuple[str, Type]:
        test, _ = self.write(node.test)
        yes, kind = self.write(node.expr1)
        no, other = self.write(node.expr2) if node.expr2 else ("None", Type.NONE)
        return f"({yes} if {test} else {no})", other if kind is Type.NONE else kind

    def test(self, node: nodes.Test) -> tuple[str, Type]:
        if node.name not in EMPTY_TESTS:
            raise self.error(f"there is no test {node.name!r}", node.name, nearest(node.name, EMPTY_TESTS))
        return f"({self.write(node.node)[0]} {EMPTY_TESTS[node.name]})", Type.FLAG

    def comparison(self, node: nodes.Compare) -> tuple[str, Type]:
        left, left_type = self.write(node.expr)
        left_fixed = isinstance(node.expr, nodes.Const)
        results = []
        for operand in node.ops:
            right, right_type = self.write(operand.expr)
            right_fixed = isinstance(operand.expr, nodes.Const | nodes.List | nodes.Tuple) or right.startswith("k")
            if operand.op in {"in", "notin"}:
                results.append(self.membership(operand.op, left, left_type, right, right_type))
            else:
                sides = [(left, not left_fixed), (right, not right_fixed)]
                sides, right_type = self.alike(sides, left_type, right_type, operand.expr)
                results.append(self.safe("{0} " + COMPARISONS[operand.op] + " {1}", sides, Type.FLAG, otherwise="False")[0])
            left, left_type, left_fixed = right, right_type, right_fixed
        return ("(" + " and ".join(results) + ")") if len(results) > 1 else results[0], Type.FLAG

    def alike(
        self, sides: list[tuple[str, bool]], left: Type, right: Type, expression: nodes.Expr
    ) -> tuple[list[tuple[str, bool]], Type]:
        """Both sides of a comparison made of one type, or an error; a text beside a date is read as a date."""
        if left is Type.DATE and isinstance(expression, nodes.Const) and isinstance(expression.value, str):
            moment = parse_moment(expression.value, UTC)
            if isinstance(moment, Problem):
                raise self.error(moment.message)
            return [sides[0], (self.constant(moment), False)], Type.DATE
        loose = {Type.NONE, Type.ANY}
        if left is not right and left not in loose and right not in loose:
            hint = "a column without a declared type is text; write a number in quotes, or declare the type"
            raise self.error(f"compares a {left.value} with a {right.value}", hint=hint)
        return sides, right

    def membership(self, operator: str, left: str, left_type: Type, right: str, right_type: Type) -> str:
        if right_type not in {Type.LIST, Type.TEXT, Type.ANY, Type.NUMBERS} or left_type in {Type.LIST, Type.GROUP}:
            raise self.error(f"looks for a {left_type.value} in a {right_type.value}")
        word = "in" if operator == "in" else "not in"
        sides = [(left, not left.startswith("k")), (right, not right.startswith("k"))]
        return self.safe("{0} " + word + " {1}", sides, Type.FLAG, otherwise="False")[0]

    def call(self, node: nodes.Call) -> tuple[str, Type]:
        if not isinstance(node.node, nodes.Name) or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise self.refused(node)
        return self.function(node.node.name, node.args)

    def filter(self, node: nodes.Filter) -> tuple[str, Type]:
        if node.kwargs or node.node is None:
            raise self.error("a filter takes plain arguments", node.name)
        return self.function(node.name, [node.node, *node.args])

    def function(self, name: str, arguments: list[nodes.Expr]) -> tuple[str, Type]:
        if name == "currency":
            return self.currency(arguments)
        if name not in FUNCTIONS:
            raise self.error(f"there is no function {name!r}", name, nearest(name, [*FUNCTIONS, "currency"]))
        function = FUNCTIONS[name]
        written = [(*self.write(argument), isinstance(argument, nodes.Const)) for argument in arguments]
        written += self.beside(name, len(written))
        self.check_arguments(name, function, [kind for _, kind, _ in written])
        codes = [(code, not fixed and not code.startswith("k")) for code, _, fixed in written]
        if function.prepare is not None:
            codes[-1] = (self.prepared(function.prepare, arguments[-1]), False)
        call = f"{self.constant(function.call)}({', '.join('{' + str(n) + '}' for n in range(len(codes)))})"
        if function.takes_empty:
            return call.format(*[code for code, _ in codes]), function.result
        return self.safe(call, codes, function.result)

    def beside(self, name: str, given: int) -> list[tuple[str, Type, bool]]:
        """The argument that comes from beside the value: the market's rate of VAT, the run's clock."""
        if name == "net" and given == 1:
            rate = self.scope.constants.get("market", {}).get("vat")
            if rate is None:
                raise self.error("net() needs the market's rate of VAT", "net", "write vat: 21 in the market")
            return [(self.constant(rate), Type.NUMBER, True)]
        if name == "days_until" and given == 1:
            return [(self.constant(self.scope.values["today"]), Type.DATE, True)]
        return []

    def check_arguments(self, name: str, function: Function, kinds: list[Type]) -> None:
        wanted = list(function.arguments)
        least = function.least or len(wanted)
        if function.more:
            wanted += [wanted[-1]] * (len(kinds) - len(wanted))
        if not least <= len(kinds) <= len(wanted):
            raise self.error(f"{name}() takes {least} values, found {len(kinds)}", name)
        for kind, want in zip(kinds, wanted, strict=False):
            if want is not Type.ANY:
                self.need(kind, want, f"{name}()")

    def prepared(self, prepare: Callable[[str], Any], argument: nodes.Expr) -> str:
        if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
            raise self.error("the pattern must be a fixed text")
        try:
            value = prepare(argument.value)
        except ValueError as error:
            raise self.error(str(error)) from error
        self.key.append(argument.value)
        return self.constant(value)

    def currency(self, arguments: list[nodes.Expr]) -> tuple[str, Type]:
        argument = arguments[0] if len(arguments) == 1 else None
        if isinstance(argument, nodes.Name) and argument.name + CURRENCY in self.scope.names:
            return self.variable(argument.name + CURRENCY), Type.TEXT
        if isinstance(argument, nodes.Getattr) and argument.attr + CURRENCY in self.scope.row:
            return f"{self.variable('row')}.get({self.constant(argument.attr + CURRENCY)})", Type.TEXT
        raise self.error("currency() takes the name of one amount", "currency")

    def safe(
        self, form: str, operands: list[tuple[str, bool]], kind: Type, otherwise: str = "None"
    ) -> tuple[str, Type]:
        """`form` over the operands; `otherwise` where one that may be empty is empty.

        An operand that is a plain variable is tested as it is; any other is kept in a temporary, so that it is
        worked out once.
        """
        tests, values = [], []
        for code, may_be_empty in operands:
            if not may_be_empty:
                values.append(code)
            elif code.isidentifier():
                tests.append(f"{code} is not None")
                values.append(code)
            else:
                name = self.temporary()
                tests.append(f"({name} := {code}) is not None")
                values.append(name)
        result = form.format(*values)
        return (f"(({result}) if {' and '.join(tests)} else {otherwise})" if tests else f"({result})"), kind


SAFE: Mapping[str, Any] = {"zip": zip, "bool": bool}
"""The builtins that a written loop names."""

WRITERS: tuple[tuple[Any, Callable[[_Writer, Any], tuple[str, Type]]], ...] = (
    (nodes.Name, _Writer.name),
    (nodes.Const, _Writer.const),
    ((nodes.List, nodes.Tuple), _Writer.many),
    (nodes.Getattr, _Writer.attribute),
    (nodes.Getitem, _Writer.item),
    (nodes.Concat, _Writer.concat),
    ((nodes.And, nodes.Or), _Writer.logic),
    (nodes.Not, _Writer.negation),
    ((nodes.Neg, nodes.Pos), _Writer.sign),
    ((nodes.Add, nodes.Sub, nodes.Mul, nodes.Div), _Writer.arithmetic),
    (nodes.CondExpr, _Writer.choice),
    (nodes.Test, _Writer.test),
    (nodes.Compare, _Writer.comparison),
    (nodes.Call, _Writer.call),
    (nodes.Filter, _Writer.filter),
)

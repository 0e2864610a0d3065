"""Writes a rule's expression as Python source. Only the nodes listed in `WRITERS` can be written.

The source holds nothing of the rule's text: variables are `v0`, `v1` …, fixed values are constants `k0`, `k1` …, and
names, texts and functions are reached through them.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from jinja2 import nodes

from feedsmith.definitions.model import nearest
from feedsmith.errors import DefinitionError
from feedsmith.mapping.calls import called
from feedsmith.mapping.comparisons import Side, compared
from feedsmith.mapping.frame import NOTHING, Code, Frame
from feedsmith.mapping.types import Type

ARITHMETIC = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*"}
FILLED = "is not None"
EMPTY_TESTS = {"empty": "is None", "none": "is None", "filled": FILLED, "defined": FILLED}
ELEMENTS = {Type.LIST: (Type.TEXT, int), Type.NUMBERS: (Type.NUMBER, str)}
"""What a value in brackets after it gives, and what must stand in the brackets."""
WORDS = {"Call": "a call", "Getattr": "an attribute", "Pow": "a power", "Mod": "a remainder", "Getitem": "an element"}


class Writer(Frame):
    """Writes one rule."""

    def expression(self) -> Code:
        """The whole text as one expression."""
        self.bare = True
        body = self.parse("{{ " + self.node.text + " }}").body
        outputs = [part for item in body for part in getattr(item, "nodes", [])]
        if len(body) != 1 or len(outputs) != 1 or not isinstance(outputs[0], nodes.Expr):
            raise self.error("is not one expression")
        return self.write(outputs[0])

    def text(self) -> str:
        """The source of the whole text as a template: it gives a text, perhaps an empty one."""
        return self._template(self.parse(self.node.text).body)

    # --- texts -----------------------------------------------------------------------------------------------

    def _template(self, body: Sequence[nodes.Node]) -> str:
        return self.together([piece for item in body for piece in self._pieces(item)])

    def _pieces(self, item: nodes.Node) -> list[str]:
        if isinstance(item, nodes.Output):
            return [self._piece(part) for part in item.nodes]
        if not isinstance(item, nodes.If):
            raise self._refused(item)
        branches = [(self._truth(branch.test), self._template(branch.body)) for branch in (item, *item.elif_)]
        code = self._template(item.else_)
        for test, text in reversed(branches):
            code = f"({text} if {test} else {code})"
        return [code]

    def _piece(self, part: nodes.Node) -> str:
        if isinstance(part, nodes.TemplateData):
            return self.constant(part.data)
        code = self.write(part)
        if code.type is Type.SET:
            raise self.error(f"a {code.type} cannot be printed")
        return f"({code.text} or '')" if code.type is Type.TEXT else f"_print({code.text})"

    # --- expressions -----------------------------------------------------------------------------------------

    def write(self, node: nodes.Node) -> Code:
        """The source of an allowed node."""
        for kinds, method in WRITERS:
            if isinstance(node, kinds):
                return method(self, node)
        raise self._refused(node)

    def _refused(self, node: nodes.Node) -> DefinitionError:
        kind = type(node).__name__
        hint = "a rule may use columns, fixed values and the listed functions"
        return self.error(f"{WORDS.get(kind, repr(kind.lower()))} is not allowed here", hint=hint)

    def _truth(self, node: nodes.Node) -> str:
        code = self.write(node)
        self.condition(code)
        return code.text

    def name(self, node: nodes.Name) -> Code:
        """A column, or a value that has a name."""
        if node.name in self.scope.names:
            return self.column(node.name, self.scope.names[node.name])
        if node.name in self.scope.values:
            return self.fixed(self.scope.values[node.name])
        raise self.error(f"there is no {node.name!r}", node.name, nearest(node.name, self.scope.known()))

    def const(self, node: nodes.Const) -> Code:
        """A fixed text, number, true, false or none."""
        return self.fixed(self.exact(node.value))

    def many(self, node: nodes.List | nodes.Tuple) -> Code:
        """A list of fixed values."""
        values = []
        for item in node.items:
            value = item.node if isinstance(item, nodes.Neg) else item
            if not isinstance(value, nodes.Const):
                raise self.error("a list in a rule holds fixed values only")
            exact = self.exact(value.value)
            values.append(-exact if isinstance(item, nodes.Neg) else exact)
        return self.fixed(values)

    # --- names with a dot, elements --------------------------------------------------------------------------

    def attribute(self, node: nodes.Getattr) -> Code:
        """A name with a dot: `market.site`, `row.price`, `stock.utrecht`."""
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        scope, dotted = self.scope, f"{owner}.{node.attr}"
        if owner == "row" and scope.row:
            self._known(node.attr, scope.row, "a group", dotted)
            return Code(f"{self.variable('row')}.get({self.constant(node.attr)})", scope.row[node.attr])
        if owner in scope.owners:
            self._known(node.attr, scope.owners[owner], f"a {owner}", dotted)
            return self.column(dotted, scope.owners[owner][node.attr])
        if owner in scope.constants:
            self._known(node.attr, scope.constants[owner], owner, dotted)
            return self.fixed(scope.constants[owner][node.attr])
        if scope.names.get(owner) is Type.NUMBERS:
            return self._element(self.column(owner, Type.NUMBERS), node.attr)
        if owner and owner not in scope.names:
            raise self.error(f"there is no {owner!r}", owner, nearest(owner, scope.known()))
        raise self.error(f"{node.attr!r} is no part of a value", hint="a rule cannot look inside values")

    def _known(self, name: str, names: Collection[str], owner: str, dotted: str) -> None:
        if name not in names:
            raise self.error(f"{owner} has no {name!r}", dotted, nearest(name, names))

    def item(self, node: nodes.Getitem) -> Code:
        """An element, a slice, or a column by its heading."""
        if isinstance(node.arg, nodes.Slice):
            return self._slice(node.node, node.arg)
        if isinstance(node.node, nodes.Name) and node.node.name == "columns" and isinstance(node.arg, nodes.Const):
            return self._heading(str(node.arg.value))
        index = node.arg.value if isinstance(node.arg, nodes.Const) else self._whole(node.arg)
        return self._element(self.write(node.node), index)

    def _element(self, owner: Code, index: Any) -> Code:
        if owner.type not in ELEMENTS:
            raise self.error(f"a {owner.type} has no elements")
        kind, wanted = ELEMENTS[owner.type]
        if type(index) is not wanted:
            raise self.error(f"a {owner.type} is asked for {'a number' if wanted is int else 'a name'} in brackets")
        return self.safe("_item({0}, {1})", [owner, Code(self.constant(index), Type.ANY, full=True)], kind)

    def _heading(self, heading: str) -> Code:
        headings = self.scope.headings
        if heading not in headings:
            raise self.error(f"the catalog has no column {heading!r}", heading, nearest(heading, headings))
        return self.column(headings[heading], self.scope.names.get(headings[heading], Type.TEXT))

    def _slice(self, source: nodes.Expr, bounds: nodes.Slice) -> Code:
        code = self.write(source)
        if code.type not in {Type.TEXT, Type.LIST} or bounds.step is not None:
            raise self.error("only a text or a list can be cut, without a step")
        limits = ["" if bound is None else str(self._whole(bound)) for bound in (bounds.start, bounds.stop)]
        return self.safe("{0}[" + ":".join(limits) + "] or None", [code], code.type)

    def _whole(self, node: nodes.Node) -> int:
        """A fixed whole number, perhaps negative."""
        negative = isinstance(node, nodes.Neg)
        value = getattr(node.node if isinstance(node, nodes.Neg) else node, "value", None)
        if type(value) is not int:
            raise self.error("only a fixed whole number or name can stand in brackets")
        return -value if negative else value

    # --- operators -------------------------------------------------------------------------------------------

    def concat(self, node: nodes.Concat) -> Code:
        """Texts joined by `~`."""
        return Code(f"({self.together([self._piece(part) for part in node.nodes])} or None)", Type.TEXT)

    def logic(self, node: nodes.And | nodes.Or) -> Code:
        """`and`, `or`: as in Python the value of one side."""
        left, right = self.write(node.left), self.write(node.right)
        self.condition(left)
        self.condition(right)
        both = isinstance(node, nodes.And)
        full = (left.full and right.full) if both else right.full
        needs = left.needs | right.needs if both else left.needs & right.needs
        return Code(f"({left.text} {'and' if both else 'or'} {right.text})", _common(left, right), full, needs)

    def negation(self, node: nodes.Not) -> Code:
        """`not`."""
        return Code(f"(not {self._truth(node.node)})", Type.FLAG, full=True)

    def sign(self, node: nodes.Neg | nodes.Pos) -> Code:
        """A number with a sign."""
        code = self.write(node.node)
        self.need(code, Type.NUMBER, "a sign")
        return self.safe("-{0}" if isinstance(node, nodes.Neg) else "{0}", [code], Type.NUMBER)._replace(full=code.full)

    def arithmetic(self, node: nodes.BinExpr) -> Code:
        """`+`, `-`, `*`, `/` of numbers."""
        self.calculates = True
        sides = [self.write(node.left), self.write(node.right)]
        for side in sides:
            self.need(side, Type.NUMBER, "arithmetic")
        if isinstance(node, nodes.Div):
            return self.safe("_divide({0}, {1})", sides, Type.NUMBER)
        return self.safe("{0} " + ARITHMETIC[type(node)] + " {1}", sides, Type.NUMBER)

    def choice(self, node: nodes.CondExpr) -> Code:
        """`a if b else c`."""
        test = self._truth(node.test)
        yes, no = self.write(node.expr1), self.write(node.expr2) if node.expr2 else NOTHING
        return Code(f"({yes.text} if {test} else {no.text})", _common(yes, no), yes.full and no.full)

    def test(self, node: nodes.Test) -> Code:
        """`is empty`, `is filled`."""
        if node.name not in EMPTY_TESTS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise self.error(f"there is no test {node.name!r}", node.name, nearest(node.name, EMPTY_TESTS))
        code, test = self.write(node.node), EMPTY_TESTS[node.name]
        needs = code.needs if test == FILLED else frozenset[str]()
        return Code(f"({code.text} {test})", Type.FLAG, full=True, needs=needs)

    def comparison(self, node: nodes.Compare) -> Code:
        """Comparisons, perhaps in a chain: `1 < price < 5`."""
        left, results = Side(node.expr, self.write(node.expr)), []
        for operand in node.ops:
            right = Side(operand.expr, self.write(operand.expr))
            results.append(compared(self, operand.op, left, right))
            left = right
        text = f"({' and '.join(one.text for one in results)})" if len(results) > 1 else results[0].text
        return Code(text, Type.FLAG, full=True, needs=frozenset[str]().union(*(one.needs for one in results)))

    def call(self, node: nodes.Call) -> Code:
        """A function called: `upper(title)`."""
        if not isinstance(node.node, nodes.Name) or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise self._refused(node)
        return called(self, node.node.name, node.args, list(map(self.write, node.args)))

    def filter(self, node: nodes.Filter) -> Code:
        """A function behind a bar: `title | upper`."""
        if node.kwargs or node.dyn_args or node.dyn_kwargs or node.node is None:
            raise self.error("a function takes plain values", node.name)
        arguments = [node.node, *node.args]
        return called(self, node.name, arguments, list(map(self.write, arguments)))


def _common(one: Code, other: Code) -> Type:
    """The type of a value that is one or the other."""
    kinds = {one.type, other.type} - {Type.NONE}
    return kinds.pop() if len(kinds) == 1 else Type.ANY if kinds else Type.NONE


WRITERS: tuple[tuple[Any, Callable[[Writer, Any], Code]], ...] = (
    (nodes.Name, Writer.name),
    (nodes.Const, Writer.const),
    ((nodes.List, nodes.Tuple), Writer.many),
    (nodes.Getattr, Writer.attribute),
    (nodes.Getitem, Writer.item),
    (nodes.Concat, Writer.concat),
    ((nodes.And, nodes.Or), Writer.logic),
    (nodes.Not, Writer.negation),
    ((nodes.Neg, nodes.Pos), Writer.sign),
    ((nodes.Add, nodes.Sub, nodes.Mul, nodes.Div), Writer.arithmetic),
    (nodes.CondExpr, Writer.choice),
    (nodes.Test, Writer.test),
    (nodes.Compare, Writer.comparison),
    (nodes.Call, Writer.call),
    (nodes.Filter, Writer.filter),
)

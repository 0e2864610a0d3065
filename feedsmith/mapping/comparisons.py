"""Comparisons of an expression: `==`, `<`, `in`. Both sides have one type, or it is a mistake."""

from datetime import UTC
from typing import NamedTuple

from jinja2 import nodes

from feedsmith.mapping.frame import CONSTANT_TYPES, TO_NUMBER, Code, Frame
from feedsmith.mapping.scope import Table
from feedsmith.mapping.types import Type
from feedsmith.values.dates import parse_moment
from feedsmith.values.problem import Problem

OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
ORDERED = frozenset({Type.TEXT, Type.NUMBER, Type.DATE, Type.NONE})


class Side(NamedTuple):
    """One side of a comparison, as parsed and as written."""

    node: nodes.Expr
    code: Code


def compared(frame: Frame, operator: str, left: Side, right: Side) -> Code:
    """One comparison; with an empty side it is false."""
    if operator in {"in", "notin"}:
        return _membership(frame, "in" if operator == "in" else "not in", left.code, right.code)
    return _relation(frame, operator, _as_date(frame, left, right.code), _as_date(frame, right, left.code))


def _relation(frame: Frame, operator: str, left: Code, right: Code) -> Code:
    kinds = {left.type, right.type} - {Type.NONE}
    if len(kinds) > 1 or not kinds.isdisjoint({Type.ANY, Type.SET}):
        raise frame.error(f"compares a {left.type} with a {right.type}", hint=_comparison_hint(kinds))
    if operator not in {"eq", "ne"} and not kinds <= ORDERED:
        raise frame.error(f"a {left.type} is neither smaller nor larger than another")
    return frame.safe("{0} " + OPERATORS[operator] + " {1}", [left, right], Type.FLAG, otherwise="False")


def _as_date(frame: Frame, side: Side, other: Code) -> Code:
    """A fixed text beside a date is read as a date."""
    if other.type is not Type.DATE or side.code.type is not Type.TEXT or not isinstance(side.node, nodes.Const):
        return side.code
    moment = parse_moment(side.node.value, UTC)
    if isinstance(moment, Problem):
        raise frame.error(moment.message)
    return frame.fixed(moment)


def _membership(frame: Frame, word: str, left: Code, right: Code) -> Code:
    fixed = frame.constants.get(right.text)
    if isinstance(fixed, Table):
        return frame.safe(f"_print({{0}}) {word} {{1}}", [left, right], Type.FLAG, otherwise="False")
    if isinstance(fixed, list | frozenset):
        kinds = {CONSTANT_TYPES.get(type(item), Type.NONE) for item in fixed} or {left.type}
        right = Code(frame.constant(frozenset(fixed)), Type.SET, full=True)
    else:
        kinds = {Type.TEXT} if right.type in {Type.LIST, Type.TEXT, Type.NUMBERS, Type.NONE} else set()
    if left.type not in kinds | {Type.NONE}:
        holds = f"a {right.type}" + (f" of {' and '.join(sorted(kinds))} values" if right.type is Type.SET else "")
        raise frame.error(f"looks for a {left.type} in {holds}", hint=_comparison_hint(kinds | {left.type}))
    return frame.safe(f"{{0}} {word} {{1}}", [left, right], Type.FLAG, otherwise="False")


def _comparison_hint(kinds: set[Type]) -> str:
    if kinds == {Type.TEXT, Type.NUMBER}:
        return f"{TO_NUMBER}; a number in quotes is text"
    return "write true or false without quotes" if Type.FLAG in kinds else ""

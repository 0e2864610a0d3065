"""Calls of functions in an expression, with their arguments checked."""

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import nodes

from feedsmith.definitions.model import nearest
from feedsmith.mapping.frame import CONSTANT_TYPES, FAILURES, Code, Frame
from feedsmith.mapping.function import Function
from feedsmith.mapping.functions import FUNCTIONS
from feedsmith.mapping.types import CURRENCY, Type

MANY = frozenset({Type.LIST, Type.GROUPS, Type.NUMBERS, Type.SET})


def called(frame: Frame, name: str, arguments: Sequence[nodes.Expr], given: Sequence[Code]) -> Code:
    """The call of a function with these arguments, as parsed and as written."""
    if name == "currency":
        return _currency(frame, arguments)
    if name not in FUNCTIONS:
        raise frame.error(f"there is no function {name!r}", name, nearest(name, [*FUNCTIONS, "currency"]))
    function = FUNCTIONS[name]
    codes = [*given, *_beside(frame, name, function, len(arguments))]
    _check_arguments(frame, name, function, codes)
    frame.calculates |= function.result is Type.NUMBER and Type.NUMBER in function.arguments
    if function.prepare is not None and len(codes) == len(function.arguments):
        codes[-1] = _prepared(frame, function.prepare, arguments[-1])
    run = frame.scope.taxonomy.functions.get(name, function.call)
    worked_out = _worked_out(frame, run, codes) if function.prepare is None else None
    if worked_out is not None:
        return worked_out
    call = f"{frame.constant(run)}({', '.join(f'{{{n}}}' for n in range(len(codes)))})"
    if function.result in {Type.TEXT, Type.LIST}:
        call += " or None"
    if function.takes_empty:
        return Code(f"({call.format(*[code.text for code in codes])})", function.result)
    return frame.safe(call, codes, function.result)


def _worked_out(frame: Frame, run: Callable[..., Any], codes: Sequence[Code]) -> Code | None:
    """The result of a call that has only fixed texts and numbers, such as `domain(market.site)`: once, not per row."""
    values = [frame.constants.get(code.text) for code in codes]
    if not all(type(value) in CONSTANT_TYPES for value in values):
        return None
    try:
        result = run(*values)
    except FAILURES:
        return None
    return frame.fixed(result) if result and type(result) in CONSTANT_TYPES else None


def _beside(frame: Frame, name: str, function: Function, given: int) -> list[Code]:
    """The argument that comes from beside the value: the market's rate of VAT, the run's clock."""
    if not function.beside or given != len(function.arguments) - 1:
        return []
    if function.beside == "now":
        return [frame.fixed(frame.scope.values.get("today"))]
    rate = frame.scope.constants.get("market", {}).get("vat")
    if rate is None:
        raise frame.error(f"{name}() needs the market's rate of VAT", name, "write vat: 21 in the market")
    return [frame.fixed(rate)]


def _check_arguments(frame: Frame, name: str, function: Function, codes: list[Code]) -> None:
    wanted = list(function.arguments)
    least = len(wanted) if function.least is None else function.least
    if function.more:
        wanted += [wanted[-1]] * (len(codes) - len(wanted))
    if not least <= len(codes) <= len(wanted):
        takes = str(least) if least == len(wanted) else f"{least} or more"
        raise frame.error(f"{name}() takes {takes} values, found {len(codes)}", name)
    for code, want in zip(codes, wanted, strict=False):
        if want is not Type.ANY:
            frame.need(code, want, f"{name}()")
        elif code.type not in MANY:
            raise frame.error(f"{name}() needs a list, groups or numbers, found a {code.type}", name)


def _prepared(frame: Frame, prepare: Callable[[str], Any], argument: nodes.Expr) -> Code:
    if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
        raise frame.error("the pattern must be a fixed text")
    try:
        value = prepare(argument.value)
    except ValueError as error:
        raise frame.error(str(error)) from error
    code = Code(f"k{len(frame.constants)}", Type.ANY, full=True)
    frame.constants[code.text] = value
    frame.key.append(argument.value)
    return code


def _currency(frame: Frame, arguments: Sequence[nodes.Expr]) -> Code:
    argument = arguments[0] if len(arguments) == 1 else None
    if isinstance(argument, nodes.Name) and argument.name + CURRENCY in frame.scope.names:
        return frame.column(argument.name + CURRENCY, Type.TEXT)
    if isinstance(argument, nodes.Getattr) and isinstance(argument.node, nodes.Name):
        owner, name = argument.node.name, argument.attr + CURRENCY
        if name in frame.scope.owners.get(owner, {}):
            return frame.column(f"{owner}.{name}", Type.TEXT)
    if isinstance(argument, nodes.Getattr) and argument.attr + CURRENCY in frame.scope.row:
        return Code(f"{frame.variable('row')}.get({frame.constant(argument.attr + CURRENCY)})", Type.TEXT)
    raise frame.error("currency() takes the name of one amount", "currency")

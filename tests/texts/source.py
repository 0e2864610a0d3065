"""The texts that the source tells people: read from its syntax trees, with names for what is put in."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from feedsmith import errors
from tests.helpers import ROOT

PACKAGE = ROOT / "feedsmith"
ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)}
PLACE = re.compile(r"\{[^{}]*\}")
DEEPEST = 4
MOST = 60
UNKNOWN = "{value}"
"""Stands for what cannot be read from the source."""


def shape(text: str) -> str:
    """A text with empty places, so that places are compared and not their names."""
    return PLACE.sub("{}", text)


@dataclass(frozen=True)
class Said:
    """A text of the source, with places in braces, and where it stands."""

    text: str
    path: str
    line: int


@dataclass(frozen=True)
class Scope:
    """A module and the function in which an expression stands."""

    module: ast.Module
    function: ast.AST | None
    path: Path


@cache
def errors_said() -> list[Said]:
    """Problem and hint of every error that ends a run, as far as they stand in the source in so many words."""
    return [one for path in _files("Error(") for one in _of_file(path)]


def _files(*names: str) -> list[Path]:
    """The files of the package in which one of these stands; to take all of them apart takes long."""
    source = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "texts"}
    return [path for path, text in source.items() if any(name in text for name in names)]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _nodes(tree: ast.AST) -> list[ast.AST]:
    return list(ast.walk(tree))


@cache
def _functions(module: ast.Module) -> list[ast.FunctionDef]:
    return [one for one in _nodes(module) if isinstance(one, ast.FunctionDef)]


@cache
def _calls(module: ast.Module) -> list[ast.Call]:
    return [one for one in _nodes(module) if isinstance(one, ast.Call)]


def _around(module: ast.Module, call: ast.Call) -> ast.FunctionDef | None:
    """The innermost function in which a call stands."""
    around = [one for one in _functions(module) if one.lineno <= call.lineno <= (one.end_lineno or 0)]
    return max(around, key=lambda one: one.lineno, default=None)


def _of_file(path: Path) -> Iterator[Said]:
    module = _tree(path)
    for call in _calls(module):
        if _name(call.func) in ERRORS:
            scope = Scope(module, _around(module, call), path)
            for told in (*call.args[1:3], *(one.value for one in call.keywords if one.arg in {"problem", "hint"})):
                for text in alternatives(told, scope):
                    if re.search("[a-z]{2}", shape(text)):
                        yield Said(_numbered(text), path.relative_to(ROOT).as_posix(), call.lineno)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def alternatives(node: ast.AST, scope: Scope, depth: int = 0) -> list[str]:  # noqa: PLR0911 - one for each form
    """What an expression may be, with places for what is not in the source."""
    if depth > DEEPEST:
        return [_place(node)]
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=values):
            parts = [
                [one.value] if isinstance(one, ast.Constant) else _put_in(one.value, scope, depth) for one in values
            ]
            return ["".join(one) for one in product(*parts)][:MOST]
        case ast.IfExp(body=one, orelse=other):
            return alternatives(one, scope, depth) + alternatives(other, scope, depth)
        case ast.BoolOp(values=values):
            return [text for one in values for text in alternatives(one, scope, depth)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            pairs = product(alternatives(left, scope, depth), alternatives(right, scope, depth))
            return ["".join(pair) for pair in pairs][:MOST]
        case ast.Name(id=name):
            return _named(name, scope, depth + 1)
        case ast.Call(func=ast.Name(id=name)):
            return _returned(name, scope, depth + 1)
        case ast.Subscript(value=ast.Name(id=name)):
            return _entries(name, scope, depth + 1)
    return [_place(node)]


def _place(node: ast.AST) -> str:
    """A place in braces, named by what stands in it."""
    return "{" + (_word(node) or "value") + "}"


def _word(node: ast.AST) -> str:  # noqa: PLR0911 - one for each form
    match node:
        case ast.Name(id="problem" | "message"):
            return "message"
        case ast.Name(id=name) | ast.Attribute(attr="strerror" | "msg", value=ast.Name(id=name)):
            return name.lower().strip("_")
        case ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Call(func=ast.Name(id="len")):
            return "number"
        case ast.Call(func=ast.Attribute(value=ast.Constant()), args=[one]) | ast.Call(args=[one]):
            return _word(one)
        case ast.Subscript(value=one) | ast.BoolOp(values=[one, *_]) | ast.GeneratorExp(elt=one) | ast.Call(func=one):
            return _word(one)
    return ""


def _numbered(text: str) -> str:
    """The text with another name for each of its places."""
    seen: dict[str, int] = {}

    def named(found: re.Match[str]) -> str:
        seen[found[1]] = seen.get(found[1], 0) + 1
        return found[0] if seen[found[1]] == 1 else f"{{{found[1]}{seen[found[1]]}}}"

    return re.sub(r"\{(\w+)\}", named, text)


def _put_in(node: ast.AST, scope: Scope, depth: int) -> list[str]:
    """What stands in braces of an f-string: words where they are a choice of words, else a place."""
    found = alternatives(node, scope, depth) if isinstance(node, (ast.IfExp, ast.Name)) else [UNKNOWN]
    return found if all((" " in one and "{" not in one) or not one for one in found) else [_place(node)]


def _named(name: str, scope: Scope, depth: int) -> list[str]:
    """What a variable of the function, of the module, or a parameter may be."""
    found = []
    for where in (scope.function, scope.module):
        nodes = _nodes(where) if isinstance(where, ast.FunctionDef) else getattr(where, "body", ())
        for node in nodes:
            found += _assigned(node, name, scope, depth)
        if found:
            return found
    return _passed(name, scope, depth) or [_place(ast.Name(name))]


def _assigned(node: ast.AST, name: str, scope: Scope, depth: int) -> list[str]:
    match node:
        case ast.Assign(targets=[ast.Name(id=one)], value=value) if one == name:
            return alternatives(value, scope, depth)
        case ast.AnnAssign(target=ast.Name(id=one), value=ast.AST() as value) if one == name:
            return alternatives(value, scope, depth)
        case ast.AugAssign(target=ast.Name(id=one), value=value) if one == name:
            return []
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            return [
                text
                for one, value in zip(names, values, strict=False)
                if _name(one) == name
                for text in alternatives(value, scope, depth)
            ]
    return []


def _passed(name: str, scope: Scope, depth: int) -> list[str]:
    """What the module's own calls of the function give for a parameter."""
    if not isinstance(scope.function, ast.FunctionDef):
        return []
    function, found = scope.function, []
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args) if one.arg not in {"self", "cls"}]
    for call in _calls(scope.module):
        if _name(call.func) == function.name:
            given = dict(zip(names, call.args, strict=False)) | {one.arg: one.value for one in call.keywords}
            if name in given:
                own = Scope(scope.module, _around(scope.module, call), scope.path)
                found += alternatives(given[name], own, depth)
    return found


def _returned(name: str, scope: Scope, depth: int) -> list[str]:
    """What a function gives that stands in this module or is imported from another one of ours."""
    for node in _nodes(scope.module):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            own = Scope(scope.module, node, scope.path)
            returns = [one for one in _nodes(node) if isinstance(one, ast.Return) and one.value is not None]
            return [text for one in returns for text in alternatives(one.value, own, depth)] or [UNKNOWN]
        if isinstance(node, ast.ImportFrom) and any((one.asname or one.name) == name for one in node.names):
            path = ROOT / f"{(node.module or '').replace('.', '/')}.py"
            if path.is_file() and PACKAGE in path.parents:
                return _returned(name, Scope(_tree(path), None, path), depth)
    return [UNKNOWN]


def _entries(name: str, scope: Scope, depth: int) -> list[str]:
    """The values of a table of the module."""
    for node in scope.module.body:
        value = getattr(node, "value", None)
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if target is not None and _name(target) == name and isinstance(value, ast.Dict):
            return [text for one in value.values for text in alternatives(one, scope, depth)]
    return [UNKNOWN]


@cache
def texts_asked() -> list[Said]:
    """What code asks of `texts`: `texts("…")`, `texts.count(…)`, `texts.each(…)`, as far as it stands in the source."""
    return [one for path in _files("Texts", "spoken", ".texts") for one in _asked(path)]


def _asked(path: Path) -> Iterator[Said]:
    module = _tree(path)
    for call in _calls(module):
        if given := _given(call):
            scope = Scope(module, _around(module, call), path)
            for one in given:
                for text in _texts_of(one, scope):
                    if "{value}" not in text and re.search(r"\w", text):
                        yield Said(text, path.relative_to(ROOT).as_posix(), call.lineno)


def _given(call: ast.Call) -> list[ast.expr]:
    """The arguments that are texts; none where something else is called."""
    match call.func:
        case ast.Call(func=ast.Name(id="spoken")) | ast.Name(id="texts") | ast.Attribute(attr="texts" | "_texts"):
            return call.args[:1]
        case ast.Attribute(attr="count", value=whose) if _is_texts(whose):
            return call.args[1:3]
        case ast.Attribute(attr="each", value=whose) if _is_texts(whose):
            return call.args
    return []


def _is_texts(node: ast.expr) -> bool:
    return _name(node) in {"texts", "_texts"} or (
        isinstance(node, ast.Call) and _name(node.func) in {"spoken", "Texts"}
    )


def _texts_of(node: ast.expr, scope: Scope) -> list[str]:
    match node:
        case ast.Starred(value=ast.Name(id=name)):
            return [text for one in _constants(name, scope) for text in alternatives(one, scope)]
        case ast.Starred(value=ast.IfExp(body=ast.List(elts=values))):
            return [text for one in values for text in alternatives(one, scope)]
        case ast.Name() | ast.Constant() | ast.IfExp() | ast.Subscript():
            return [text for text in alternatives(node, scope) if not PLACE.fullmatch(text)]
    return []


def _constants(name: str, scope: Scope) -> list[ast.expr]:
    """The members of a constant of the module; of a table its keys."""
    for node in scope.module.body:
        if isinstance(node, ast.Assign) and _name(node.targets[0]) == name:
            value = node.value
            return [*value.elts] if isinstance(value, (ast.Tuple, ast.List)) else [*getattr(value, "keys", ())]
    return []

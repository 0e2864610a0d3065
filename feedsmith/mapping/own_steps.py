"""A project's own steps: the public functions of the Python files that it declares under `steps:`.

A function takes a value and gives one, both of the types that its annotations name; a second parameter takes the
step's argument. One that takes `list[str | None]` takes the values of all rows of a batch at once. What a function
raises is a failure of the row. The files run with all rights of the user: only what a project declares is loaded.
"""

import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from traceback import extract_tb
from types import ModuleType, NoneType, UnionType
from typing import Any, get_args, get_origin

from feedsmith.definitions.load import Project
from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.mapping.step import Setting, StepKind, Value
from feedsmith.mapping.steps import STEPS
from feedsmith.mapping.types import Type

TYPES: Mapping[Any, Type] = {
    str: Type.TEXT,
    Decimal: Type.NUMBER,
    bool: Type.FLAG,
    datetime: Type.DATE,
    list[str]: Type.LIST,
}
"""The annotations of values that a step takes and gives."""
HINT = "known: str, Decimal, bool, datetime, list[str], each also with | None; for all rows list[str | None] and so on"
NONE = type(None)


def own_steps(project: Project) -> Mapping[str, StepKind]:
    """The steps of the project's own files by name.

    Raises:
        DefinitionError: a file is not there, lies outside the project or cannot be run, or a function is no step.
    """
    node = project.root.map.get("steps")
    found: dict[str, StepKind] = {}
    for path in project.definition.steps:
        place = _place(node, path) if node is not None else project.root.place
        for name, step in _loaded(_inside(project.folder, path, place), path, place).items():
            if name in STEPS or name in found:
                raise DefinitionError(place, f"{path}: there is a step {name!r} already", "give it another name")
            found[name] = step
    return found


def _place(node: Node, path: str) -> Place:
    return next((leaf.place for _, leaf in node.leaves() if leaf.text == path), node.place)


def _inside(folder: Path, path: str, place: Place) -> Path:
    file = (folder / path).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise DefinitionError(place, f"{path} lies outside the project", "steps are files of the project's own")
    if file.suffix != ".py" or not file.is_file():
        raise DefinitionError(place, f"there is no Python file {path}", "for example steps: steps/shop.py")
    return file


def _loaded(file: Path, shown: str, place: Place) -> Mapping[str, StepKind]:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(place, f"{shown} cannot be read: {error}") from error
    return _run(text, str(file), shown)


@lru_cache(maxsize=32)
def _run(text: str, file: str, shown: str) -> Mapping[str, StepKind]:
    """Run a file once in a process, and make a step of each of its public functions."""
    module = ModuleType(f"feedsmith_steps_{abs(hash((text, file)))}")
    module.__file__ = file
    sys.modules[module.__name__] = module  # as of any module: dataclasses look their own up
    try:
        exec(compile(text, file, "exec"), module.__dict__)  # noqa: S102 - the project asks for its own code
    except (Exception, SystemExit) as error:
        raise DefinitionError(_line(error, file, shown), f"cannot be run: {_told(error)}") from error
    steps: dict[str, StepKind] = {}
    for name, function in vars(module).items():
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_"):
            steps[name] = _step(name, function, Place(shown, function.__code__.co_firstlineno))
    return steps


def _line(error: BaseException, file: str, shown: str) -> Place:
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == file]
    return Place(shown, error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


# --- one function ------------------------------------------------------------------------------------------------


def _step(name: str, function: Callable[..., Any], place: Place) -> StepKind:
    """The step of a function, by its annotations."""
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError) as error:
        raise DefinitionError(place, f"the annotations of {name} cannot be read: {error}", HINT) from error
    parameters = list(inspect.signature(function).parameters.values())
    if not 1 <= len(parameters) <= 2 or any(one.kind is not one.POSITIONAL_OR_KEYWORD for one in parameters):  # noqa: PLR2004
        hint = "a value, and perhaps the step's argument; the name of a function that is no step starts with _"
        raise DefinitionError(place, f"the step {name} takes one value and at most one argument", hint)
    whole = _whole(hints.get(parameters[0].name))
    takes, gives = _type(hints.get(parameters[0].name), whole=whole), _type(hints.get("return"), whole=whole)
    if takes is None or gives is None:
        what = f"the value {parameters[0].name}" if takes is None else "the result"
        raise DefinitionError(place, f"the step {name} does not say the type of {what}", HINT)
    argument = _Argument(parameters[1], hints.get(parameters[1].name, str)) if len(parameters) > 1 else None
    does = (inspect.getdoc(function) or "").partition("\n")[0]
    return StepKind(TYPES[takes], TYPES[gives], _maker(function, argument, takes, gives, whole), does, name, whole)


def _maker(
    function: Callable[..., Any],
    argument: "_Argument | None",
    takes: Any,
    gives: Any,
    whole: bool,  # noqa: FBT001 - one of five facts of a step
) -> Callable[[Any, Setting], Value]:
    def make(written: Any, setting: Setting) -> Value:  # noqa: ARG001 - every maker is called alike
        if argument is None and written is not None:
            raise ValueError("takes no argument")
        given = argument.values(written) if argument is not None else ()

        def call(value: Any) -> Any:
            try:
                result = function(_given(value, takes, whole=whole), *given)
            except (Exception, SystemExit) as error:
                raise ValueError(_told(error)) from error
            if whole:
                return _results(result, gives, len(value))
            return _result(result, gives)

        return call

    return make


def _given(value: Any, takes: Any, *, whole: bool) -> Any:
    """The value, or the list of them, as the function wants it: its own copy of a list, and numbers as decimals."""
    if whole:
        return [None if one is None else _given(one, takes, whole=False) for one in value]
    if takes is Decimal:
        return Decimal(value)
    return list(value) if isinstance(value, list) else value


def _results(result: Any, gives: Any, size: int) -> list[Any]:
    if not isinstance(result, list) or len(result) != size:
        raise ValueError(f"it must give a list of as many values as it gets, {size}")
    return [_result(one, gives) for one in result]


def _result(result: Any, gives: Any) -> Any:
    """What a function gave, if it is of the type that it says; an empty text or list is an empty value."""
    if result is None or (gives in (str, list[str]) and not result and isinstance(result, str | list)):
        return None
    if gives is Decimal and type(result) is int:
        return Decimal(result)
    if gives == list[str]:
        right = isinstance(result, list) and all(type(one) is str for one in result)
    else:
        right = type(result) is gives
    if gives is Decimal and right and not result.is_finite():
        right = False
    if gives is datetime and right and result.tzinfo is None:
        raise ValueError("it gave a date without a zone")
    if not right:
        raise ValueError(f"it gave {type(result).__name__} {result!r}, and says {getattr(gives, '__name__', gives)}")
    return result


def _whole(annotation: Any) -> bool:
    """Whether a parameter takes all rows: a list whose values may be None."""
    if get_origin(annotation) is not list:
        return False
    return NONE in get_args(get_args(annotation)[0])


def _type(annotation: Any, *, whole: bool) -> Any:
    """The one of `TYPES` that an annotation names, perhaps with `| None`; None for any other."""
    if whole:
        if get_origin(annotation) is not list:
            return None
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (typing.Union, UnionType):
        rest = [one for one in get_args(annotation) if one is not NoneType]
        annotation = rest[0] if len(rest) == 1 else None
    return next((known for known in TYPES if known == annotation), None)


class _Argument:
    """The second parameter of a step: what stands behind its name in a rule."""

    def __init__(self, parameter: inspect.Parameter, annotation: Any) -> None:
        self.optional = parameter.default is not inspect.Parameter.empty
        self.convert = ARGUMENTS.get(_plain(annotation))

    def values(self, written: Any) -> tuple[Any, ...]:
        """The argument for the call; nothing where it has a default and none is written. ValueError for a wrong one."""
        if written is None:
            if not self.optional:
                raise ValueError("takes an argument")
            return ()
        if self.convert is None:
            raise ValueError(f"takes an argument of a type that no rule can write; {', '.join(map(str, ARGUMENTS))}")
        return (self.convert(written),)


def _plain(annotation: Any) -> str:
    return getattr(annotation, "__name__", "") if get_origin(annotation) is None else str(annotation)


def _text(written: Any) -> str:
    if not isinstance(written, str):
        raise ValueError("takes a text")  # noqa: TRY004 - a wrong argument of any kind is one mistake
    return written


def _decimal(written: Any) -> Decimal:
    try:
        return Decimal(_text(written))
    except InvalidOperation as error:
        raise ValueError(f"takes a number, found {written!r}") from error


def _int(written: Any) -> int:
    number = _decimal(written)
    if number != int(number):
        raise ValueError(f"takes a whole number, found {written!r}")
    return int(number)


def _bool(written: Any) -> bool:
    if written not in ("true", "false", "yes", "no"):
        raise ValueError(f"takes true or false, found {written!r}")
    return written in ("true", "yes")


def _list(written: Any) -> list[str]:
    return [_text(one) for one in (written if isinstance(written, list) else [written])]


def _dict(written: Any) -> dict[str, str]:
    if not isinstance(written, dict):
        raise ValueError("takes a mapping, such as {old: new}")  # noqa: TRY004
    return {key: _text(one) for key, one in written.items()}


ARGUMENTS: Mapping[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _int,
    "Decimal": _decimal,
    "bool": _bool,
    "list[str]": _list,
    "dict[str, str]": _dict,
}
"""How the argument of a step is read, by the parameter's annotation."""

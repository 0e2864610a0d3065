"""What a step of rules is, and how its argument is read; `steps` lists them all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feedsmith.mapping.scope import Table
from feedsmith.mapping.types import Type
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem

LONGEST_ARGUMENT = 10_000
"""Code points of a step's text."""

Value = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a step knows besides its argument: the channel's limit for the field, and the project's tables."""

    limit: int | None
    tables: Mapping[str, Table]
    currency: str


Make = Callable[[Any, Setting], Value]


@dataclass(frozen=True, slots=True)
class StepKind:
    """A step: what it takes and gives, how it is made, and what the docs say.

    `make` gets the argument as written (text, list, mapping or None) and the setting, and raises ValueError, whose
    text says what is wrong with the argument. What it makes takes one value, or with `whole` a list of them, `None`
    for each empty one, and gives as many.
    """

    takes: Type
    gives: Type
    make: Make
    does: str
    example: str
    whole: bool = False


def without_argument(call: Value) -> Make:
    """A step that takes no argument."""

    def make(argument: Any, setting: Setting) -> Value:  # noqa: ARG001 - every maker is called alike
        if argument is not None:
            raise ValueError("takes no argument")
        return call

    return make


def with_text(call: Callable[[Any, str], Any]) -> Make:
    """A step of a value and the argument, a text that is not empty."""

    def make(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
        text = text_of(argument)
        return lambda value: call(value, text)

    return make


def with_number(call: Callable[[Decimal, Decimal], Any]) -> Make:
    """A step of a number and the argument, a number too."""

    def make(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
        number = number_of(argument)
        return lambda value: call(Decimal(value), number)

    return make


def prepared(prepare: Callable[[str], Any], call: Callable[[Any, Any], Any]) -> Make:
    """A step of a value and what `prepare` makes of the argument, a text; it raises ValueError for a wrong one."""

    def make(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
        made = prepare(text_of(argument))
        return lambda value: call(value, made)

    return make


def text_of(argument: Any) -> str:
    """The argument as a text."""
    if not isinstance(argument, str) or not argument:
        raise ValueError("takes a text")
    if len(argument) > LONGEST_ARGUMENT:
        raise ValueError(f"takes a text of {LONGEST_ARGUMENT} characters at most")
    return argument


def number_of(argument: Any) -> Decimal:
    """The argument as a number."""
    number = parse_decimal(str(argument))
    if isinstance(number, Problem):
        raise ValueError(f"takes a number, found {argument!r}")  # noqa: TRY004 - a wrong argument of any kind is one mistake
    return number


def rate_of(argument: Any) -> Decimal:
    """The argument, a rate such as `20%` or `20`, as a factor."""
    return number_of(str(argument).removesuffix("%").strip()) / 100


def whole_of(argument: Any, least: int, most: int) -> int:
    """The argument as a whole number between two others."""
    number = number_of(argument)
    if number != int(number) or not least <= number <= most:
        raise ValueError(f"takes a whole number from {least} to {most}, found {argument!r}")
    return int(number)


def texts_of(argument: Any) -> list[str]:
    """The argument as several texts, none of them empty."""
    texts = argument if isinstance(argument, list) and argument else [argument]
    return [text_of(text) for text in texts]


def pairs_of(argument: Any) -> dict[str, str]:
    """The argument as a mapping of texts."""
    if not isinstance(argument, dict) or not all(isinstance(value, str | None) for value in argument.values()):
        raise ValueError("takes a mapping of texts, such as {old: new}")
    if any(len(value or "") > LONGEST_ARGUMENT for value in argument.values()):
        raise ValueError(f"takes texts of {LONGEST_ARGUMENT} characters at most")
    return {key: value or "" for key, value in argument.items()}


def options_of(argument: Any, known: Mapping[str, str]) -> dict[str, str]:
    """The argument as options, with those of `known` for what it does not say."""
    options = dict(known)
    for name, value in ({} if argument is None else pairs_of(argument)).items():
        if name not in known:
            raise ValueError(f"has no option {name!r}; it has {', '.join(known)}")
        options[name] = value
    return options

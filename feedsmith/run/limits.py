"""What a channel asks of a field, in words: for `channels show`, and with a verdict each for `explain`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.type_codes import TYPE_CODES


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing asked. `consequence` is what a breach costs; `codes` are its issues."""

    text: str
    consequence: str
    codes: tuple[str, ...] = ()


def requirement(definition: FieldDefinition) -> str:
    """`required`, `required if …`, `optional`, or what is only wished for."""
    found = []
    for need in definition.required:
        word = {"reject": "required", "drop": "required", "warn": "recommended"}.get(need.otherwise, "wished for")
        found.append(f"{word} if {need.when}" if need.when else word)
    return "; ".join(found) or "optional"


def limits_of(definition: FieldDefinition) -> Iterator[Limit]:
    """Everything asked of the field, each once."""
    for need in definition.required:
        when = f" if {need.when}" if need.when else ""
        yield Limit(f"required{when}", need.otherwise, ("missing-required", "missing-conditional"))
    yield Limit(f"type {definition.type}", definition.when_invalid, tuple(_of_type(definition)))
    if definition.values is not None:
        yield Limit("one of the accepted values", definition.when_invalid, ("not-in-list",))
    yield from _sizes(definition)
    if definition.pattern is not None:
        pattern = definition.pattern
        yield Limit(f"matches {pattern.match}", pattern.otherwise, (pattern.code,))
    for check in definition.checks:
        name, wanted = (check, "warn") if isinstance(check, str) else next(iter(check.items()))
        if name in TEXT_CHECKS:
            yield Limit(f"check {name}", _text(wanted), (TEXT_CHECKS[name].code,))


def _of_type(definition: FieldDefinition) -> Iterator[str]:
    """The codes of its type but those that a limit of its own tells."""
    told = {"not-in-list"} if definition.values is not None else set()
    told |= {"invalid-number"} if definition.range is not None else set()
    yield from (code for code in TYPE_CODES.get(definition.type, ()) if code not in told)


def _text(wanted: Any) -> str:
    return wanted if isinstance(wanted, str) else "warn"


def _sizes(definition: FieldDefinition) -> Iterator[Limit]:
    for limit, word, code in ((definition.min, "at least", "too-short"), (definition.max, "at most", "too-long")):
        if limit is not None:
            yield Limit(f"{word} {limit.length:,} {limit.unit}", limit.otherwise, (code,))
    if definition.range is not None:
        ends = (("from", definition.range.min), ("to", definition.range.max))
        text = " ".join(f"{word} {value}" for word, value in ends if value is not None)
        yield Limit(text, definition.range.otherwise, ("invalid-number",))
    if definition.repeat is not None:
        repeat = definition.repeat
        most = f"at most {repeat.max} values" if repeat.max is not None else "any number of values"
        least = f"at least {repeat.min}, " if repeat.min else ""
        yield Limit(least + most, repeat.otherwise, ("too-many", "too-short"))

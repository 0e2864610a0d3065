"""Values that keep to a field's definition, and values that break one thing of it each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import re2
import yaml

from feedsmith.checks.ledger import SEVERITIES
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.definitions.field import Consequence, FieldDefinition, Length
from feedsmith.issues import Severity
from tests.helpers import ROOT

GOOD: Mapping[str, Any] = {
    "category": "212",
    "country": "NL",
    "date": "2026-12-15",
    "flag": "yes",
    "gtin": "8712345678906",
    "html": "Blue wool",
    "language": "nl",
    "moment": "2026-12-15T09:00+0100",
    "money": "24.95 EUR",
    "period": "2026-12-01T00:00+0100/2026-12-24T23:59+0100",
    "text": "Blue wool of one sheep and its lamb",
    "url": "https://www.example.com/a.jpg",
}
"""A value of each type that has one; numbers, measures and choices depend on the definition."""

FITTING = (
    "blue", "EC", "EPREL", "1530", "BLUE-1", "https://www.example.com/a.glb", "https://www.example.com/a.pdf",
    "https://www.example.com/a.mp4", "https://www.example.com/{store_code}", "5|109.20,10|108.74",
    "Scent:Fruity,Flavor:Apple", "EAN", "4.6", "22:00", "01234562", "EUR",
    "de-DE", "96170000", "['winter','new']", "FB_APRL", "privacy_policy", "GB", "fr_XX", "B012345678", "PT24H",
    "0c6573a2-a80c-48b7-a03e-000000000001", "110000000001",
)  # fmt: skip
"""Values for patterns: the first that matches is taken."""
UNFITTING = (
    "blue, # wool", "https://www.example.com/a.docx", "no list", "- blue", "red/blue/green/grey", "blüe", "blue ☀ wool",
)  # fmt: skip

BAD: Mapping[str, tuple[str, set[str]]] = {
    "choice": ("no such word", {"not-in-list"}),
    "country": ("Nowhereland", {"not-in-list"}),
    "date": ("some day", {"invalid-date"}),
    "flag": ("perhaps", {"not-in-list"}),
    "gtin": ("8712345678901", {"invalid-gtin"}),
    "integer": ("1.5", {"invalid-number"}),
    "language": ("xx", {"not-in-list"}),
    "measure": ("3 wobbles", {"invalid-unit"}),
    "moment": ("some day", {"invalid-date"}),
    "money": ("on request", {"invalid-price"}),
    "number": ("many", {"invalid-number"}),
    "period": ("some day", {"invalid-date", "invalid-date-range"}),
    "url": ("www.example.com/a.jpg", {"invalid-url"}),
}
"""A value of each type that cannot be one, and the code that says so."""


@dataclass(frozen=True)
class Sample:
    """A value for a field; `codes` is empty where nothing is wrong, else one of them must be told of `attribute`."""

    kind: str
    value: Any
    codes: frozenset[str] = frozenset()
    severity: Severity | None = None
    attribute: str = ""


def samples(definition: FieldDefinition) -> Iterator[Sample]:
    """A good value of the field, then one that breaks each of its limits alone."""
    good = good_value(definition)
    yield Sample("good", good)
    if any(need.when is None for need in definition.required):
        yield Sample("absent", None, frozenset({"missing-required"}))
    if definition.repeat is not None and definition.repeat.max is not None:
        most = definition.repeat.max
        yield Sample("as many as allowed", good * most)
        yield _broken("one too many", good * (most + 1), "too-many", definition.repeat.otherwise, definition)
    if definition.type == "group":
        yield from _of_attributes(definition)
    else:
        for one in _of_value(definition):
            yield one if definition.repeat is None else Sample(one.kind, [one.value], one.codes, one.severity)


def _of_attributes(definition: FieldDefinition) -> Iterator[Sample]:
    whole = _good_group(definition)
    for name, attribute in definition.group.items():
        if attribute.from_ is not None:
            continue
        rest = {key: value for key, value in whole.items() if key != name}
        if rest and any(need.when is None for need in attribute.required):
            yield Sample(f"no {name}", [rest], frozenset({"missing-required"}), attribute=name)
        for one in samples(attribute):
            if one.value is not None:
                group = {**whole, name: one.value}
                yield Sample(f"{name}: {one.kind}", [group], one.codes, one.severity, name)


def good_value(definition: FieldDefinition) -> Any:
    """A value that keeps to the definition: a text, a list of texts, or a list of groups."""
    if definition.type == "group":
        return [_good_group(definition)]
    value = _good_single(definition)
    return value if definition.repeat is None else [value]


def _good_group(definition: FieldDefinition) -> dict[str, Any]:
    return {name: good_value(part) for name, part in definition.group.items() if part.from_ is None}


def _good_single(definition: FieldDefinition) -> str:
    if definition.pattern is not None:
        match = re2.compile(rf"(?:{definition.pattern.match})\z")
        return next(text for text in FITTING if match.match(text))
    if definition.type == "choice":
        return next(ours for ours, theirs in (definition.values or {}).items() if theirs)
    if definition.type in {"integer", "number", "measure"}:
        limits = definition.range
        number = next((end for end in (limits.min, limits.max) if end is not None), "3") if limits else "3"
        return f"{number} {(definition.units or ['kg'])[0]}" if definition.type == "measure" else number
    good = GOOD[definition.type]
    return good if definition.max is None else good[: definition.max.length]


def _of_value(definition: FieldDefinition) -> Iterator[Sample]:
    if definition.type in BAD:
        value, codes = BAD[definition.type]
        yield Sample("no such value", value, frozenset(codes))
    for theirs in dict.fromkeys(theirs for theirs in (definition.values or {}).values() if theirs):
        yield Sample(f"the channel's word {theirs}", theirs)
    for ours in (ours for ours, theirs in (definition.values or {}).items() if theirs is None):
        yield _broken(f"our word {ours}", ours, "not-in-list", definition.unmapped, definition)
    if definition.pattern is not None:
        match = re2.compile(rf"(?:{definition.pattern.match})\z")
        value = next(text for text in UNFITTING if not match.match(text))
        yield _broken("other pattern", value, definition.pattern.code, definition.pattern.otherwise, definition)
    yield from _of_limits(definition)
    yield from _of_texts(definition)


def _of_limits(definition: FieldDefinition) -> Iterator[Sample]:
    limits = definition.range
    unit = f" {(definition.units or ['kg'])[0]}" if definition.type == "measure" else ""
    for end, step in ((limits.min, -1), (limits.max, 1)) if limits else ():
        if end is not None and limits is not None:
            yield Sample(f"the limit {end}", f"{end}{unit}")
            over = f"{Decimal(end) + step}{unit}"
            yield _broken(f"beyond {end}", over, "invalid-number", limits.otherwise, definition)
    for limit, code, step in ((definition.min, "too-short", -1), (definition.max, "too-long", 1)):
        if limit is not None:
            yield Sample(f"{limit.length} characters", _long(definition, limit, 0))
            yield _broken(f"{limit.length}{step:+}", _long(definition, limit, step), code, limit.otherwise, definition)


def _long(definition: FieldDefinition, limit: Length, more: int) -> str:
    """A text as long as the limit, or so many characters longer."""
    if definition.pattern is not None and "{2,40}" in definition.pattern.match:
        return (("b" * 40 + "/") * 3)[: limit.length + more]
    good = _good_single(definition)
    end = next((end for end in (".glb", ".pdf", ".mp4", "{store_code}") if good.endswith(end)), "")
    start = "https://www.example.com/" if end or definition.type == "url" else ""
    return start + "w" * (limit.length + more - len(start) - len(end)) + end


def _of_texts(definition: FieldDefinition) -> Iterator[Sample]:
    for written in definition.checks:
        name, wanted = (written, "warn") if isinstance(written, str) else next(iter(written.items()))
        cases = yaml.safe_load((ROOT / f"tests/checks/cases/texts/{name}.yaml").read_text("utf-8"))
        text = next(case["text"] for case in cases.values() if case["found"])
        yield _broken(name, text, TEXT_CHECKS[name].code, wanted, definition)


def _broken(kind: str, value: Any, code: str, consequence: Consequence, definition: FieldDefinition) -> Sample:
    severity = SEVERITIES[consequence]
    if definition.uncertain and severity is Severity.ERROR:
        severity = Severity.WARNING
    return Sample(kind, value, frozenset({code}), severity)

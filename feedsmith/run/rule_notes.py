"""What is odd in a project's rules, found without its products: rules that can never be used, entries nobody names.

A rule of a shared set is told only where it is of no use in any feed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from feedsmith.definitions.node import Node
from feedsmith.definitions.unused import unused_entries
from feedsmith.issues import Issue, Place, Severity
from feedsmith.mapping.compile import Layer
from feedsmith.mapping.expression import FAILURES, Compiled
from feedsmith.mapping.types import CURRENCY
from feedsmith.run.compile_feed import compile_layers
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job


@dataclass(frozen=True, slots=True)
class Odd:
    """Why a rule is never used in one feed; an empty reason where it can be."""

    field: str
    place: Place
    reason: str


def rule_notes(job: Job, feeds: list[CompiledFeed]) -> Iterator[Issue]:
    """The rules that can never be used, and the entries that nothing names.

    Args:
        job: with all feeds of the project.
        feeds: these feeds, compiled.
    """
    found: dict[Place, list[Odd]] = {}
    for feed in feeds:
        for one in (*_conditions(feed), *_rules(job, feed)):
            found.setdefault(one.place, []).append(one)
    for place, told in found.items():
        if all(one.reason for one in told):
            message = f"this rule is never used: {told[0].reason}"
            yield Issue("unused-rule", Severity.INFO, message, place, field=told[0].field, help="change or remove it")
    for entry in unused_entries(job.project.root, [channel.node for channel in job.channels.values()]):
        message = f"the {entry.kind} {entry.name!r} is used nowhere"
        yield Issue("unused-entry", Severity.INFO, message, entry.place, value=entry.name, help="use or remove it")


def _conditions(feed: CompiledFeed) -> Iterator[Odd]:
    """Conditions that can never leave a product out."""
    for one in feed.reasons:
        if not one.wanted:
            yield Odd("", one.compiled.place, _never(one.compiled, feed))


def _rules(job: Job, feed: CompiledFeed) -> Iterator[Odd]:
    for key, layers in compile_layers(job, feed).items():
        above = ""
        for layer in reversed(layers):
            yield from (Odd(key, place, above or reason) for place, reason in _cases(layer, feed))
            above = above or ("" if layer.rule.goes_on else f"{layer.rule.node.place} takes its place")


def _cases(layer: Layer, feed: CompiledFeed) -> Iterator[tuple[Place, str]]:
    """Place of each case of a layer, and why it is never used."""
    whole = _never(layer.when, feed)
    after = ""
    nodes: list[Node] = [node for _, node in layer.rule.cases] or [layer.rule.node]
    for when, node in zip(layer.cases or (None,), nodes, strict=True):
        yield node.place, whole or after or _never(when, feed)
        if not after and _always(when):
            after = f"the rule before it, at {node.place}, is for all products"


def _always(when: Compiled | None) -> bool:
    return when is None or (when.constant and bool(when.call()[0]))


def _never(when: Compiled | None, feed: CompiledFeed) -> str:
    """Why a condition can never be true; empty where it can."""
    if when is None:
        return ""
    names = [name.removesuffix(CURRENCY).removeprefix("product.") for name in when.names]
    if any(name in feed.names.present for name in names) or _answer(when):
        return ""
    if when.constant:
        return "its condition is never true here"
    return f"its condition can never be true, since the catalog has no {' and no '.join(dict.fromkeys(names))}"


def _answer(when: Compiled) -> bool:
    """What the condition says where all that it reads is empty; true where that cannot be said."""
    try:
        return bool(when.call(*[[None]] * len(when.names))[0])
    except FAILURES:
        return True

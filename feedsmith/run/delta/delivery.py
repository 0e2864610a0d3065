"""Deltas on their way to targets: beside the whole feeds, under names of their own, and gone when these are newer."""

from collections.abc import Iterator
from dataclasses import replace

from msgspec.structs import replace as replaced

from feedsmith.definitions.resolve import FeedSpec
from feedsmith.definitions.target import TargetSpec
from feedsmith.publish.settings import PLACEHOLDER
from feedsmith.run.delta.sent import delta_file, delta_name
from feedsmith.run.history import History, PastFeed

TELLS_APART = frozenset({"file", "feed"})
"""Placeholders that give a delta another name than the whole feed has."""


def delta_spec(spec: FeedSpec) -> FeedSpec:
    """The feed's deltas as a feed of its own, which is delivered without touching the whole feed's files."""
    targets = {name: _apart(target) for name, target in spec.targets.items()}
    return replace(spec, name=delta_name(spec.name), targets=targets)


def _apart(target: TargetSpec) -> TargetSpec:
    name = target.settings.name
    if not TELLS_APART.isdisjoint(PLACEHOLDER.findall(name)):
        return target
    return replace(target, settings=target.settings.model_copy(update={"name": delta_file(name)}))


def with_deltas(
    history: History, out: str, found: list[tuple[FeedSpec, PastFeed]]
) -> Iterator[tuple[FeedSpec, PastFeed]]:
    """What is published now, each whole feed followed by its delta; an older one has no files any more."""
    for spec, past in found:
        yield spec, past
        if not spec.deltas:
            continue
        delta = history.last_good(delta_name(spec.name), out)
        if delta is not None:
            yield delta_spec(spec), delta if delta.run > past.run else replaced(delta, files=())

"""The set checks of one feed as a task for a worker."""

from collections.abc import Mapping
from dataclasses import dataclass

from feedsmith.checks.sets import Decision, Key, SetDecider
from feedsmith.definitions.channel import SetCheck
from feedsmith.run.scratch import Digests, Section


@dataclass(frozen=True)
class DecideTask:
    """What the set checks of a feed need: where the parts' digests lie, and in which order of keys."""

    checks: Mapping[str, SetCheck]
    gtin_fields: frozenset[str]
    keys: tuple[Key, ...]
    sections: tuple[Section, ...]


def decide(task: DecideTask) -> Decision:
    """Which items leave the feed, and what is to be told."""
    digests = Digests(task.sections, {key: number for number, key in enumerate(task.keys)})
    return SetDecider(len(task.sections), digests).run(task.checks, task.gtin_fields)

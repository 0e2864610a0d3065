"""A feed's new ledger, put together from what its parts left, and the feed beside its last good version."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import msgspec

from feedsmith.checks.sets import Spot
from feedsmith.errors import OutputError
from feedsmith.run.compared import Figures, compare
from feedsmith.run.ledger import Entries, Tracked, read_ledger, write_ledger
from feedsmith.run.scratch import Section


@dataclass(frozen=True)
class LedgerTask:
    """What is done besides the set checks: `path` is the new ledger, `last` that of the last good version.

    `items` is how many items the last version had, `by` the move of a price that counts, `vat` the market's rate, both
    in per cent.
    """

    path: Path
    last: Path | None
    items: int
    by: Decimal
    vat: Decimal | None


def keep_ledger(task: LedgerTask, sections: Sequence[Section], removed: Collection[Spot]) -> Figures | str | None:
    """Write the new ledger; gives the figures of the feed beside its last version, or why there are none.

    None where there is nothing to compare with.

    Raises:
        OutputError: the disk refuses the new ledger.
    """
    gone: dict[int, set[int]] = {}
    for spot in removed:
        gone.setdefault(spot.part, set()).add(spot.item)
    write_ledger(task.path, _packed(sections, gone))
    if task.last is None:
        return None
    last = task.last
    size = max(task.items, sum(section.products for section in sections))
    try:
        return compare(lambda: read_ledger(last), lambda: _tracked(sections, gone), size, task.by, task.vat)
    except OutputError as error:
        return error.problem


def _packed(sections: Sequence[Section], gone: Mapping[int, Collection[int]]) -> Iterator[bytes]:
    for part, section in enumerate(sections):
        if section.ledger:
            yield section.tracked() if part not in gone else _left(section, gone[part]).packed()


def _tracked(sections: Sequence[Section], gone: Mapping[int, Collection[int]]) -> Iterator[Tracked]:
    for part, section in enumerate(sections):
        if section.ledger:
            yield _left(section, gone.get(part, ()))


def _left(section: Section, gone: Collection[int]) -> Tracked:
    """The items of a part without those that left the feed."""
    found = Tracked.of(msgspec.msgpack.decode(section.tracked(), type=Entries))
    return found.keep([number not in gone for number in range(len(found))]) if gone else found

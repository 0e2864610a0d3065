"""Rows that hold only what differs: blank cells take the value of the first row of their run.

Shop exports write a product's title and brand on its first row only, and leave them blank on its further variants.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from feedsmith.sources.batch import Batch
from feedsmith.values.column import Column


@dataclass(frozen=True, slots=True)
class Inherit:
    """Rows with the same value under the heading `by`, one after the other, share the first one's `columns`."""

    by: str
    columns: tuple[str, ...]


def inherited(batches: Iterable[Batch], rule: Inherit) -> Iterator[Batch]:
    """The batches with blank cells filled. A run may go on in the next batch, so they must come in order."""
    key: str | None = None
    first: dict[str, str | None] = {}
    for batch in batches:
        names = [name for name in rule.columns if name in batch.columns]
        filled: dict[str, list[str | None]] = {name: [] for name in names}
        rows = zip(batch.columns[rule.by], *(batch.columns[name] for name in names), strict=True)
        for new, *values in rows:
            if new is None or new != key:
                key, first = new, dict(zip(names, values, strict=True))
            for name, value in zip(names, values, strict=True):
                filled[name].append(value if value is not None else first.get(name))
        columns = {name: Column(values) for name, values in filled.items()}
        yield replace(batch, columns={**batch.columns, **columns})

"""Files of one shape, and what tells them from the files beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from feedsmith.run.start.look import Seen
from feedsmith.run.start.role import Role, role_of

WEIGHTS: Mapping[str, int] = {"title": 2, "description": 2, "description_html": 2, "image_link": 2, "link": 2}
"""Fields that tell the file of the products from those beside it, and how much; others count 1."""
LANGUAGES = frozenset({"title", "description", "description_html", "short_description"})
"""Fields of texts by which the language of a file is told."""


@dataclass(frozen=True)
class Group:
    """Files of one shape, and what they hold."""

    files: tuple[Seen, ...]
    role: Role

    @property
    def first(self) -> Seen:
        """The file whose columns are told."""
        return self.files[0]

    @property
    def fields(self) -> set[str]:
        """The fields that have values."""
        return {one.field for one in self.first.claims.values() if self.first.looks[one.heading].filled}

    @property
    def worth(self) -> tuple[int, int, int]:
        """How much of a product it tells, in how many columns, and of how many."""
        told = sum(WEIGHTS.get(name, 1) for name in self.fields)
        return told, len(self.first.table.headings), sum(one.products for one in self.files)


def grouped(seen: Sequence[Seen]) -> Iterator[Group]:
    """Files of the same headings together."""
    shapes: dict[tuple[str, ...], list[Seen]] = {}
    for one in seen:
        shapes.setdefault(one.table.headings, []).append(one)
    for files in shapes.values():
        yield Group(tuple(files), role_of(files[0]))


def is_sheet(group: Group) -> bool:
    """Whether it is one of several sheets of a workbook, which need not belong together."""
    return len(group.first.table.sheets) > 1


def texts_of(seen: Seen) -> Iterator[str]:
    """Texts of a file, to tell its language."""
    for name in sorted(LANGUAGES):
        if name in seen.claims:
            yield from list(seen.sample.columns[seen.claims[name].heading].filled)[:200]

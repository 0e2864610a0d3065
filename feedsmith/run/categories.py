"""The merchant's categories with their products, what they are mapped to, and proposals for the rest."""

import csv
import io
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedsmith.catalog.products import Products
from feedsmith.definitions.model import nearest
from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.mapping.expression import printed
from feedsmith.mapping.rows import Memo
from feedsmith.mapping.suggest import Entry, Proposal, Suggester, nearby, parts_of
from feedsmith.mapping.taxonomy import SEPARATOR, Taxonomy, paths
from feedsmith.publish.folder import Staging
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.opening import open_job
from feedsmith.run.request import COMMAND_LINE, Request, open_project
from feedsmith.run.search import plainest
from feedsmith.run.survey import Progress, compiled_feeds, only, survey

CATEGORY, TITLE = "product_type", "title"
TITLES = 12
"""Titles of a category that proposals are made from."""
GOOGLE_LINE = re.compile(r"(?P<id>[^\s;,]+) - (?P<path>.+)")
DELIMITERS = "\t;,"
PATH, SCORE = "path", "score"
"""Columns of a written table beside the merchant's category and the id: what the id is called, and how sure it is."""


@dataclass
class Branch:
    """A merchant's category: its number of products, and titles of the first."""

    products: int = 0
    titles: list[str] = field(default_factory=list)


@dataclass
class Branches:
    """The categories of a catalog, and the products that have none."""

    found: dict[str, Branch] = field(default_factory=dict)
    without: int = 0

    def add(self, other: "Branches") -> None:
        """Add what a later part came to."""
        self.without += other.without
        for name, one in other.found.items():
            mine = self.found.setdefault(name, Branch())
            mine.products += one.products
            mine.titles += one.titles[: TITLES - len(mine.titles)]


@dataclass(frozen=True)
class CountBranches:
    """The survey of the merchant's categories."""

    def looker(self, job: Job, feeds: Mapping[int, CompiledFeed]) -> "CountBranches":  # noqa: ARG002 - as any survey
        """There is nothing to make ready."""
        return self

    def names(self, feeds: list[CompiledFeed]) -> set[str]:  # noqa: ARG002 - as any survey
        """The category and the title."""
        return {CATEGORY, TITLE}

    def nothing(self) -> Branches:
        """No product was read yet."""
        return Branches()

    def look(self, feed: CompiledFeed, products: Products, memo: dict[Hashable, Memo]) -> Branches:
        """The categories of one batch."""
        rows = feed.whole(products, memo, None)
        found = Branches()
        for category, title in zip(rows.column(CATEGORY), rows.column(TITLE), strict=True):
            name = printed(category).strip() if category is not None else ""
            if not name:
                found.without += 1
                continue
            branch = found.found.setdefault(name, Branch())
            branch.products += 1
            if title is not None and len(branch.titles) < TITLES:
                branch.titles.append(printed(title))
        return found


@dataclass(frozen=True)
class Suggestion:
    """A merchant's category: its products, the id that a table has for it, else proposals, the best first."""

    category: str
    products: int
    mapped: str
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class Suggested:
    """All categories, those with most products first, and the products that have none."""

    categories: tuple[Suggestion, ...]
    without: int

    @property
    def unmapped(self) -> list[Suggestion]:
        """The categories that no table has an id for."""
        return [one for one in self.categories if not one.mapped]


@dataclass(frozen=True)
class Asked:
    """What is asked for: a list in place of Google's, the column of the ids, the table to write."""

    column: str = "google_id"
    listed: Path | None = None
    out: Path | None = None
    most: int = 3


def suggest(request: Request, asked: Asked, scratch: Path, progress: Progress | None = None) -> Suggested:
    """Proposals for every category of the catalog that is not mapped yet; writes the table where one is asked for.

    Raises:
        UsageError: the list or the table cannot be read.
        OutputError: the table cannot be written.
        FeedsmithError: the project or its catalog is wrong.
    """
    job, _ = open_job(request, open_project(request), scratch)
    number = plainest(job)
    job = only(job, number)
    found, _ = survey(replace(request, limit=None), job, compiled_feeds(job), CountBranches(), progress)
    branches = found if isinstance(found, Branches) else Branches()
    language = job.specs[number].market.language
    entries = read_list(asked.listed) if asked.listed is not None else google_entries(job.taxonomies.get(language))
    table = MappingTable.read(asked.out, asked.column) if asked.out is not None else None
    mapped = {**_mapped(job, asked.column), **(table.mapped() if table is not None else {})}
    suggested = Suggested(tuple(_suggestions(branches, entries, mapped, asked.most)), branches.without)
    if table is not None:
        table.write(suggested)
    return suggested


def _suggestions(
    branches: Branches, entries: Sequence[Entry], mapped: Mapping[str, str], most: int
) -> Iterator[Suggestion]:
    """The categories with most products first."""
    suggester = Suggester(entries)
    known = {entry.id: entry.path for entry in entries} | {SEPARATOR.join(entry.path): entry.path for entry in entries}
    targets = {parts_of(name): known[target] for name, target in mapped.items() if target in known}
    for name, branch in sorted(branches.found.items(), key=lambda one: (-one[1].products, one[0])):
        target = mapped.get(name, "")
        near = nearby(parts_of(name), targets, entries) if not target else {}
        proposals = () if target else tuple(suggester.propose(name, branch.titles, near, most))
        yield Suggestion(name, branch.products, target, proposals)


def google_entries(taxonomy: Taxonomy | None = None) -> list[Entry]:
    """Google's categories, with their names in another language where the project has its list."""
    names = {number: tuple(name.split(SEPARATOR)) for name, number in ((taxonomy and taxonomy.names) or {}).items()}
    return [Entry(number, path, names.get(number, ())) for number, path in paths().items() if number.isdigit()]


def read_list(path: Path) -> list[Entry]:
    """The categories of a file: `id - path` a line, as Google's, or columns, the id first and the path last.

    Raises:
        UsageError: it cannot be read, or holds none.
    """
    lines = [line for line in _text(path).splitlines() if line.strip() and not line.startswith("#")]
    matches = [GOOGLE_LINE.fullmatch(line) for line in lines]
    if lines and all(matches):
        return [Entry(match["id"], parts_of(match["path"])) for match in matches if match is not None]
    rows = [row for row in csv.reader(lines[1:], delimiter=_delimiter(lines)) if row and row[0].strip()]
    if not rows:
        hint = "one category a line, `id - path`, or columns with a heading, the id first and the path last"
        raise UsageError(Place(str(path)), "the list holds no categories", hint)
    return [Entry(row[0].strip(), parts_of(row[-1])) for row in rows]


def _delimiter(lines: Sequence[str]) -> str:
    return max(DELIMITERS, key=lines[0].count) if lines else ","


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(Place(str(path)), f"cannot be read: {error}") from error


def _mapped(job: Job, column: str) -> dict[str, str]:
    """What the project's own tables map categories to: those that have the column."""
    return {
        key: row[column]
        for table in job.lookups.values()
        if column in table.columns
        for key, row in table.rows.items()
        if row.get(column)
    }


# --- the table ---------------------------------------------------------------------------------------------------


@dataclass
class MappingTable:
    """A table of categories that people edit: the merchant's category first, then the id, then all else.

    A row with an id is never changed; a proposal is marked by its score, and is one until someone takes the score away
    or writes another id.
    """

    path: Path
    column: str
    headings: list[str]
    rows: dict[str, dict[str, str]]
    delimiter: str = ","

    @classmethod
    def read(cls, path: Path, column: str) -> "MappingTable":
        """The table as it is; an empty one where there is no file.

        Raises:
            UsageError: it cannot be read, or has not that column.
        """
        if not path.exists():
            return cls(path, column, [CATEGORY, column, PATH, SCORE], {})
        text = _text(path)
        delimiter = _delimiter(text.splitlines())
        reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        headings = [*(reader.fieldnames or ())]
        if column not in headings[1:]:
            hint = nearest(column, headings[1:]) or "name the column of the ids by --column"
            raise UsageError(COMMAND_LINE, f"the table {path} has no column {column!r}", hint)
        rows = {(row[headings[0]] or "").strip(): {key: row[key] or "" for key in headings} for row in reader}
        return cls(path, column, [*headings, *(one for one in (PATH, SCORE) if one not in headings)], rows, delimiter)

    def mapped(self) -> dict[str, str]:
        """The categories that someone has mapped, or has left a proposal for."""
        return {key: row[self.column] for key, row in self.rows.items() if row[self.column]}

    def write(self, suggested: Suggested) -> None:
        """Fill what is empty with the best proposal, add what is missing, and put the file in place.

        Raises:
            OutputError: it cannot be written.
        """
        key = self.headings[0]
        for one in suggested.categories:
            row = self.rows.setdefault(one.category, {key: one.category})
            if row.get(self.column):
                continue
            best = one.proposals[0] if one.proposals else None
            row[self.column] = one.mapped or (best.id if best else "")
            if best is not None:
                row |= {PATH: SEPARATOR.join(best.path), SCORE: f"{best.score:.2f}"}
        text = io.StringIO()
        writer = csv.DictWriter(text, self.headings, delimiter=self.delimiter, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows.values())
        target = self.path.resolve()
        with Staging(target.parent, target.name) as staging:
            staging.file.write(text.getvalue().encode())
            staging.commit(target.name)

"""What a file is: who wrote it, what its columns hold, and which field each of them would be."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedsmith.catalog.conform import Conformer, Options, sample_marks
from feedsmith.catalog.headings import Claim, Written, claim, written_by
from feedsmith.errors import SourceError
from feedsmith.issues import Issue
from feedsmith.run.gather.engine import Settings, gathered
from feedsmith.run.start.dates import date_form
from feedsmith.run.start.json_way import items_way
from feedsmith.run.start.values import Looks, by_values
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.describe import ColumnSummary, summary
from feedsmith.sources.encodings import CANDIDATES
from feedsmith.sources.table import ReadOptions, Table, open_table
from feedsmith.values.column import Column

EXAMPLE_SITE = "https://www.example.com"
"""What stands for the shop's site where nobody said it; no shop has this address."""
ROWS = 20_000
"""Rows whose values are looked at; the rest is counted."""
GOOD, BAD = 0.95, 0.5
"""Shares of values that can be read as the field: from the first on all is well, below the second it is not."""
SURE, LIKELY, DOUBTFUL = "sure", "likely", "doubtful"


@dataclass(frozen=True)
class Proposed:
    """A field for a column: the claim, how sure it is, and the share of the filled cells that can be read as that."""

    claim: Claim
    confidence: str
    fits: float = 1.0

    @property
    def reason(self) -> str:
        """Why, in the user's words."""
        told = "; ".join(dict.fromkeys(self.claim.reason.split("; ")))
        return told if self.fits >= GOOD else f"{told}; {self.fits:.0%} of its values can be read as {self.claim.field}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of file names as somebody wrote it, and the number of files that it found."""

    text: str
    files: int


@dataclass(frozen=True)
class Seen:
    """What is known about a file.

    `system` is the name of what wrote it, "" for none that is known, and `title` that name for people. `sample` holds
    its first rows, as products. `columns` tell of each heading in the file's order. `proposed` is what each claimed
    key stands for. `refused` is why a run would not read the file as it is; its encoding is then assumed. `dates` are
    the forms of its dates, `unsure_dates` those among which the values do not decide.
    """

    path: Path
    table: Table
    rows: int
    system: str
    title: str
    columns: tuple[ColumnSummary, ...]
    sample: Batch
    proposed: Mapping[str, Proposed]
    dates: tuple[str, ...] = ()
    unsure_dates: tuple[str, ...] = ()
    refused: SourceError | None = None
    looks: Mapping[str, Looks] = field(default_factory=dict)
    by_name: frozenset[str] = frozenset()
    """The keys that a run finds by the headings alone, so that a project need not declare them."""
    products: int = 0
    """Rows become fewer products where a system writes an article in several."""
    made: frozenset[str] = frozenset()
    """The headings of columns that no file has: they are made from the rows of a system."""
    read: Table | None = None
    """The table whose first rows are the sample, where it is not the file's own."""
    item: str = ""
    """Where the items of a JSON file stand, when that has to be said."""
    pattern: Pattern | None = None
    """The pattern by which the file was named."""

    @property
    def name(self) -> str:
        """What the file is called where it is told of; one of several sheets with its name."""
        return f"{self.table.shown}[{self.table.sheet}]" if len(self.table.sheets) > 1 else self.table.shown

    @property
    def claims(self) -> dict[str, Claim]:
        """The claims by their keys."""
        return {key: one.claim for key, one in self.proposed.items()}

    @property
    def encoding(self) -> str:
        """The encoding of a text file as a project writes it; "" for other formats."""
        return CANDIDATES.get(self.table.encoding, self.table.encoding) if self.table.format == "csv" else ""

    def of_heading(self, heading: str) -> list[Proposed]:
        """All that a column is part of."""
        return [
            one for one in self.proposed.values()
            if heading in (one.claim.heading, *one.claim.more, one.claim.unit_heading)
        ]  # fmt: skip

    def free(self) -> list[str]:
        """The headings that no field claims."""
        used = {heading for one in self.claims.values() for heading in (one.heading, *one.more, one.unit_heading)}
        return [heading for heading in self.table.headings if heading not in used]


def counted(first: Seen, files: Sequence[Seen]) -> str:
    """The rows of a source's files in words, and the products that they make; `first` is what they are together."""
    rows = sum(one.rows for one in files)
    kind = "sheets" if len({one.path for one in files}) == 1 else "files"
    told = f"{rows:,} row{'s' * (rows != 1)}" + (f" in {len(files)} {kind}" if len(files) > 1 else "")
    made = first.products if first.products != first.rows or first.read is not None else rows
    return told + (f", {made:,} products" if made != rows else "")


def look(path: Path, options: ReadOptions, scratch: Path, shown: str) -> Seen:
    """Look at a file; one in another encoding is looked at in the probable one.

    Raises:
        SourceError: the file is missing, damaged or no table.
    """
    try:
        return _looked(path, options, scratch, shown, None)
    except SourceError as error:
        encoding = _declared(error.hint)
        if not encoding:
            raise
        return _looked(path, replace(options, encoding=encoding), scratch, shown, error)


def _declared(hint: str) -> str:
    """The encoding that a refusal proposes; "" where it proposes none."""
    _, found, rest = hint.partition("`encoding: ")
    name = rest.partition("`")[0]
    return name if found and name != "…" else ""


def _looked(path: Path, options: ReadOptions, scratch: Path, shown: str, refused: SourceError | None) -> Seen:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    table = open_table(path, options, folder, shown)
    raw, rows, issues = _read(table)
    if rows == 1 and table.format == "json" and options.item is None and (item := items_way(path)):
        return replace(_looked(path, replace(options, item=item), scratch, shown, refused), item=item)
    table = replace(table, issues=issues)
    facts = tuple(summary(heading, list(raw.columns[heading])) for heading in table.headings)
    return _seen(Seen(path, table, rows, "", "", facts, raw, {}, refused=refused, products=rows), (), folder)


def look_together(first: Seen, others: Sequence[Seen], scratch: Path) -> Seen:
    """The file of products, as it is with further files of the same system beside it.

    Raises:
        SourceError: a file cannot be read to its end.
    """
    return _seen(first, others, Path(tempfile.mkdtemp(dir=scratch)))


def _seen(first: Seen, others: Sequence[Seen], folder: Path) -> Seen:
    """What is found out from the rows that were read."""
    table = first.table
    system = written_by(table.headings).system
    tables = (table, *(one.table for one in others))
    found = gathered(system, tables, Settings({"": EXAMPLE_SITE}), folder) if system is not None else None
    made = found.made if found is not None else {}
    sample, products, _ = _read(found.table) if found is not None else (first.sample, first.rows, ())
    claims, _ = claim(tuple(sample.columns), {}, written=Written(system, made))
    looks = {heading: Looks.of(column) for heading, column in sample.columns.items()}
    by_name = frozenset(claims)
    claims = by_values(claims, looks)
    dates, unsure = date_form(claims, sample)
    reading = Options(decimals=sample_marks(claims, sample), formats=dates)
    return replace(
        first, system=system.name if system else "", title=system.title if system else "", sample=sample,
        proposed=_proposed(claims, sample, reading, looks), dates=dates, unsure_dates=unsure, looks=looks,
        by_name=by_name, products=products, made=frozenset(made), read=found.table if found is not None else None,
    )  # fmt: skip


def _read(table: Table) -> tuple[Batch, int, tuple[Issue, ...]]:
    """The first rows, the number of all rows, and what is wrong with rows."""
    kept: list[Batch] = []
    rows = 0
    issues = list(table.issues)
    for batch in read_table(table):
        if rows < ROWS:
            kept.append(batch.stretch(0, ROWS - rows))
        rows += len(batch)
        issues += batch.issues
    columns = {heading: Column([cell for one in kept for cell in one.columns[heading]]) for heading in table.headings}
    lines = [line for one in kept for line in one.lines]
    return Batch(table.shown, table.sheet, columns, lines, files=table.files), rows, tuple(issues)


def _proposed(
    claims: Mapping[str, Claim], sample: Batch, options: Options, looks: Mapping[str, Looks]
) -> dict[str, Proposed]:
    products = Conformer(claims, options).conform(sample)
    found: dict[str, Proposed] = {}
    for key, one in claims.items():
        products.typed(key)
        filled = len(sample.columns[one.heading].filled)
        fits = 1 - len(products.faults.get(key, ())) / filled if filled else 1.0
        if filled and one.field == "gtin":
            fits = min(fits, looks[one.heading].gtins)
        level = DOUBTFUL if fits < BAD else SURE if one.certain and fits >= GOOD else LIKELY
        found[key] = Proposed(one, level, fits)
    return found

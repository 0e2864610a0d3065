"""The two sheets in front: all issues, filterable and linked to their cells, and how many there are of each kind."""

from collections.abc import Iterator, Mapping

from feedsmith.issues import Issue, Severity
from feedsmith.render.xlsx import MOST_ROWS
from feedsmith.reports.report import Report
from feedsmith.run.handback.grid import CELL_LENGTH, Grid
from feedsmith.run.handback.handed import Handed
from feedsmith.run.handback.marks import Marks
from feedsmith.run.handback.package import Package
from feedsmith.sources.xlsx_values import column_letters
from feedsmith.texts.catalogue import Texts, spoken

COLUMNS = {
    "Severity": 10, "Code": 24, "Feed": 16, "Product": 18, "Field": 18, "Value": 30, "What is wrong": 60,
    "What to do": 60, "Cell": 18, "File": 24, "Row": 8, "Column": 18, "Channel": 14, "See": 40,
}  # fmt: skip
"""Heading and width of each column of the list."""
LINK = list(COLUMNS).index("Cell") + 1
COUNTS = (10, 10, 28, 20, 80)
"""Width of each column of the counts."""


def write_listing(package: Package, report: Report, marks: Marks, handed: Mapping[int, Handed]) -> None:
    """Write both sheets, and put them in front. A list that does not fit on one sheet goes on on the next."""
    stream, texts = report.issues(), spoken()
    issue = next(stream, None)
    position = 0
    while issue is not None or position == 0:
        sheet = package.add(package.free_name(texts("Issues")), first=position)
        writer = _List(package, marks, handed, texts, selected=position == 0)
        package.write(sheet.member, writer.blocks(issue, stream))
        issue, position = writer.left, position + 1
    sheet = package.add(package.free_name(texts("Counts")), first=position)
    package.write(sheet.member, (text.encode() for text in _counts(package, report, handed, texts)))


class _List:
    """One sheet of the list; `left` is the first issue that no longer fits."""

    def __init__(
        self, package: Package, marks: Marks, handed: Mapping[int, Handed], texts: Texts, *, selected: bool
    ) -> None:
        self._texts = texts
        self._styles, self._marks, self._handed = package.styles, marks, handed
        self._grid = Grid(list(COLUMNS.values()), package.styles.text, selected=selected)
        self.left: Issue | None = None

    def blocks(self, issue: Issue | None, more: Iterator[Issue]) -> Iterator[bytes]:
        """The sheet: `issue` and what follows."""
        bold = dict.fromkeys(range(1, len(COLUMNS) + 1), self._styles.heading)
        yield (self._grid.head() + self._grid.row(self._texts.each(*COLUMNS), bold)).encode()
        while issue is not None and self._grid.at < MOST_ROWS:
            yield self._row(issue).encode()
            issue = next(more, None)
        self.left = issue
        yield self._grid.foot(filtered=True).encode()

    def _row(self, issue: Issue) -> str:
        place, spot = issue.place, self._spot(issue)
        styles: dict[int, int] = {}
        if issue.severity is not Severity.INFO:
            styles[1] = self._styles.coloured(self._styles.text, issue.severity)
        if spot is not None and self._grid.link(LINK, *spot):
            styles[LINK] = self._styles.link
        row = "" if place.row is None else str(place.row)
        path = f"{place.path}[{place.sheet}]" if place.sheet else place.path
        told, help_ = self._texts.message(issue.message), self._texts.remedy(issue.code, issue.help)
        return self._grid.row(
            [
                self._texts(issue.severity), issue.code, issue.feed, issue.product, issue.field, issue.value, told,
                help_, " ".join(spot) if spot else "", path, row, place.column, issue.channel, issue.reference,
            ],
            styles,
        )  # fmt: skip

    def _spot(self, issue: Issue) -> tuple[str, str] | None:
        """The sheet and the cell that an issue is about."""
        number = self._marks.number(issue)
        place = issue.place
        if number is None or place.row is None:
            return None
        one = self._handed[number]
        row = place.row if one.filled else self._marks.spot(number, place.row)
        if row is None:
            return None
        return one.sheet.name, f"{column_letters(one.place(place.column or '', place.cell or ''))}{row}"


def _counts(package: Package, report: Report, handed: Mapping[int, Handed], texts: Texts) -> Iterator[str]:
    """How many issues of each severity, code and feed; then what the workbook does not show."""
    styles = package.styles
    grid = Grid(list(COUNTS), styles.text)
    bold = dict.fromkeys(range(1, len(COUNTS) + 1), styles.heading)
    yield grid.head() + grid.row([*texts.each("Severity", "Issues", "Code", "Feed"), ""], bold)
    order = list(Severity)
    ranked = sorted(report.counts.items(), key=lambda one: (order.index(one[0][0]), -one[1], one[0][1:]))
    for (severity, feed, code), number in ranked:
        if number:
            yield grid.figures([texts(severity), None, code, feed or texts("catalog")], number, styles.number)
    for note in _notes(handed, texts):
        yield grid.row([None, None, None, None, note])
    yield grid.foot()


def _notes(handed: Mapping[int, Handed], texts: Texts) -> Iterator[str]:
    """What is not as a reader may expect."""
    yield texts("Red cells hold errors, yellow ones warnings; a comment on the cell says what to do.")
    for one in handed.values():
        name = one.sheet.name
        if not one.filled:
            yield texts("{sheet}: a copy of {file} as text, so that no digit is lost.", sheet=name, file=one.table.path)
        if one.more_notes:
            told = {"sheet": name, "number": one.more_notes}
            yield texts(
                "{sheet}: {number} faulty cells have a colour and no comment; the list of issues has all.", **told
            )
        if one.cut_cells:
            yield f"{name}: {one.cut_cells:,} cells hold more than {CELL_LENGTH:,} characters; here they are cut."
        if one.cut:
            yield f"{name}: the file has more rows than a sheet; the last ones are not here."

"""Sheets of ours: rows of texts, numbers and links as XML, one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

from feedsmith.render.xlsx import DECLARATION, MAIN, RELATIONS, written
from feedsmith.sources.xlsx_values import column_letters

MOST_LINKS = 65_000
"""Links of one sheet. Source: Excel specifications and limits (65,530)."""
CELL_LENGTH = 32_767
"""Characters of a cell. Source: the same."""
NO_STYLES: Mapping[int, int] = MappingProxyType({})


@dataclass
class Grid:
    """A sheet in the making: `head`, any number of `row`, then `foot`."""

    widths: Sequence[int]
    style: int
    selected: bool = False
    at: int = 0
    """The number of the last row."""
    links: list[tuple[str, str]] = field(default_factory=list)
    cut: int = 0
    """Cells whose text did not fit."""
    _letters: list[str] = field(default_factory=list)

    def head(self, frozen: int = 1) -> str:
        """What stands before the rows; the first ones stay in sight."""
        chosen = ' tabSelected="1"' if self.selected else ""
        pane = f'<pane ySplit="{frozen}" topLeftCell="A{frozen + 1}" activePane="bottomLeft" state="frozen"/>'
        view = f'<sheetViews><sheetView{chosen} workbookViewId="0">{pane if frozen else ""}</sheetView></sheetViews>'
        columns = "".join(
            f'<col min="{at}" max="{at}" width="{width}" style="{self.style}" customWidth="1"/>'
            for at, width in enumerate(self.widths, 1)
        )
        cols = f"<cols>{columns}</cols>" if columns else ""
        start = f'{DECLARATION}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        return f'{start}{view}<sheetFormatPr defaultRowHeight="15"/>{cols}<sheetData>'

    def row(self, cells: Sequence[str | None], styles: Mapping[int, int] = NO_STYLES) -> str:
        """The next row, of texts; `styles` are the formats of columns that differ."""
        self.at += 1
        most = max(len(cells), *styles) if styles else len(cells)
        self._letters += [column_letters(column) for column in range(len(self._letters) + 1, most + 1)]
        return f'<row r="{self.at}">{"".join(self._cells(cells, styles, most))}</row>\n'

    def _cells(self, cells: Sequence[str | None], styles: Mapping[int, int], most: int) -> Iterator[str]:
        self.cut += sum(cell is not None and len(cell) > CELL_LENGTH for cell in cells)
        texts = written([cell[:CELL_LENGTH] if cell else None for cell in cells])
        texts += [None] * (most - len(texts))
        for column, text in enumerate(texts, 1):
            ref = f"{self._letters[column - 1]}{self.at}"
            style = styles.get(column, self.style)
            if text:
                yield f'<c r="{ref}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
            elif style != self.style:
                yield f'<c r="{ref}" s="{style}"/>'

    def figures(self, texts: Sequence[str | None], number: int, style: int) -> str:
        """The next row: a text, a number in the second column, further texts."""
        row = self.row(texts)
        cell = f'<c r="B{self.at}" s="{style}"><v>{number}</v></c>'
        return row.replace(f'<c r="C{self.at}"', f'{cell}<c r="C{self.at}"', 1)

    def link(self, column: int, sheet: str, spot: str) -> bool:
        """Let a click on a cell of the next row lead to a cell of a sheet; not above `MOST_LINKS`."""
        if len(self.links) == MOST_LINKS:
            return False
        quoted = sheet.replace("'", "''")
        self.links.append((f"{column_letters(column)}{self.at + 1}", f"'{quoted}'!{spot}"))
        return True

    def foot(self, *, filtered: bool = False, drawing: str = "") -> str:
        """What stands behind the rows; `filtered` gives the headings arrows to filter by."""
        area = f"A1:{column_letters(len(self.widths))}{max(self.at, 1)}"
        parts = ["</sheetData>", f'<autoFilter ref="{area}"/>' if filtered else ""]
        if self.links:
            linked = "".join(
                f"<hyperlink ref={quoteattr(ref)} location={quoteattr(spot)}/>" for ref, spot in self.links
            )
            parts.append(f"<hyperlinks>{linked}</hyperlinks>")
        parts.append(f'<legacyDrawing r:id="{drawing}"/>' if drawing else "")
        return "".join([*parts, "</worksheet>\n"])

"""What the file itself cannot hold: a character that its encoding lacks, a line end in a file without quotes.

The value is sent with a stand-in and a warning, or the dialect's `else` leaves the value or the item out.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from feedsmith.checks.ledger import Finding, Ledger
from feedsmith.definitions.channel import ChannelDefinition, Dialect
from feedsmith.definitions.field import Consequence, FieldDefinition
from feedsmith.values.column import Column
from feedsmith.values.measure import Measure
from feedsmith.values.money import fits

CELL = 32_767
"""UTF-16 code units of a workbook's cell. Source: the owner's page on limits of workbooks."""
SHOWN = 5
"""Characters that a message names."""
MARKS = str.maketrans(
    "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2013\u2014\u2212\u2022\u00b7", "'''" + '"' * 5 + "---**"
)
"""Stand-ins for punctuation that has no simpler form of its own."""
ENCODING_HELP = "write it in another way, or send the feed in UTF-8 where the channel takes that"


@dataclass(frozen=True)
class Unfit:
    """One thing that texts may not hold: the test of a text, what it says, and the text without it."""

    found: Callable[[str], list[str]]
    fixed: Callable[[str], str] | None
    says: str
    code: str = "unfit-character"
    help: str = ""
    otherwise: Consequence = "warn"

    def run(self, name: str, column: Column, ledger: Ledger) -> Column:
        """The column with what fits."""
        if not self.found("".join(text for value in column.filled for text in texts_in(value))):
            return column
        changes: list[tuple[int, Any]] = []
        for row, value in column.rows():
            signs = [sign for text in texts_in(value) for sign in self.found(text)]
            if not signs:
                continue
            shown = ", ".join(map(repr, list(dict.fromkeys(signs))[:SHOWN]))
            message = f"holds {shown}, {self.says}"
            if self.otherwise == "warn" and self.fixed is not None:
                message += "; a stand-in is sent"
            consequence = ledger.add(Finding(row, self.code, self.otherwise, message, name, value, self.help))
            if consequence == "drop":
                changes.append((row, None))
            elif self.fixed is not None:
                changes.append((row, with_texts(value, self.fixed)))
        return column.replaced(changes) if changes else column


class CellLength:
    """A cell of a workbook takes 32,767 UTF-16 code units; a longer text is cut, longer lists are left out."""

    def run(self, name: str, column: Column, ledger: Ledger) -> Column:
        """The column with what fits."""
        if column.is_text and column.longest * 2 <= CELL:
            return column
        changes: list[tuple[int, Any]] = []
        for row, value in column.rows():
            texts = list(texts_in(value))
            size = sum(map(_units, texts)) + 3 * len(texts)
            if size - 3 <= CELL:
                continue
            text = isinstance(value, str)
            message = f"has more than the {CELL:,} characters that a cell takes"
            help_ = "shorten it by a rule"
            finding = Finding(row, "too-long", "cut" if text else "drop", message, name, value, help_)
            wanted = ledger.add(finding)
            cut = value.encode("utf-16-le")[: CELL * 2].decode("utf-16-le", "ignore") if text else None
            changes.append((row, None if wanted == "drop" else cut))
        return column.replaced(changes) if changes else column


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def unfit_checks(definition: FieldDefinition, channel: ChannelDefinition) -> tuple[Unfit | CellLength, ...]:
    """What the values of a field must fit into; nothing for most channels."""
    if channel.format == "xlsx":
        return (CellLength(), *_lists(definition, channel.dialect))
    return tuple(_delimited(definition, channel.dialect)) if channel.format == "csv" else ()


def _delimited(definition: FieldDefinition, dialect: Dialect) -> Iterator[Unfit]:
    if dialect.quote == "never":
        signs: tuple[str, ...] = (dialect.delimiter, "\n", "\r")
        says = "which a file without quotes cannot hold in a cell"
        yield Unfit(_holds(signs), _blanks(signs), says, help="take it out by a rule", otherwise=dialect.otherwise)
    if not dialect.encoding.startswith("utf"):
        found, fixed = _lacks(dialect.codec), _stand_ins(dialect.codec)
        says = f"which the encoding {dialect.encoding} lacks"
        yield Unfit(found, fixed, says, help=ENCODING_HELP, otherwise=dialect.otherwise)
    yield from _lists(definition, dialect)


def _lists(definition: FieldDefinition, dialect: Dialect) -> Iterator[Unfit]:
    if dialect.lists == "plain":
        signs = tuple(_joining(definition))
        if signs:
            says = "which parts the values of the cell: the channel reads more values than there are"
            yield Unfit(_holds(signs), None, says, "list-separator", "take it out by a rule", dialect.otherwise)


def _joining(definition: FieldDefinition) -> Iterator[str]:
    """The signs that part the values in a cell of the field. An address has them percent-encoded."""
    columns = definition.repeat.columns if definition.repeat is not None else ""
    if definition.type == "group" and definition.columns == "text":
        yield ":"
    if columns == "quoted":
        yield "'"
    if columns == "joined" and definition.columns == "text" and definition.type != "url":
        yield definition.join


def _holds(signs: tuple[str, ...]) -> Callable[[str], list[str]]:
    return lambda text: [sign for sign in signs if sign in text]


def _blanks(signs: tuple[str, ...]) -> Callable[[str], str]:
    table = str.maketrans(dict.fromkeys(signs, " "))
    return lambda text: text.replace("\r\n", " ").translate(table)


def _lacks(codec: str) -> Callable[[str], list[str]]:
    def found(text: str) -> list[str]:
        return [] if _is_in(text, codec) else [sign for sign in text if not _is_in(sign, codec)]

    return found


def _is_in(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _stand_ins(codec: str) -> Callable[[str], str]:
    return lambda text: "".join(sign if _is_in(sign, codec) else _stand_in(sign, codec) for sign in text)


def _stand_in(sign: str, codec: str) -> str:
    """The letter without its accent, a simpler mark, or a question mark. A number never becomes another one."""
    parts = unicodedata.normalize("NFKD", sign) if sign.isalpha() else sign.translate(MARKS)
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return plain if plain and _is_in(plain, codec) else "?"


def texts_in(value: Any) -> Iterator[str]:
    """The texts in a value: of a list each, of a group the attributes, of a measure the unit."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, Measure):
        yield value.unit


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The value with its texts changed; None where nothing is left of a text."""
    if isinstance(value, str):
        return change(value).strip() or None
    if isinstance(value, list):
        return [one for one in (with_texts(one, change) for one in value) if one is not None] or None
    if isinstance(value, dict):
        changed = {key: with_texts(one, change) for key, one in value.items()}
        return {key: one for key, one in changed.items() if one is not None} or None
    return replace(value, unit=change(value.unit)) if isinstance(value, Measure) else value


def tell_rounded(name: str, column: Column, currencies: Column, ledger: Ledger) -> None:
    """Tell of amounts with more places than their currency, which the channel's whole numbers cannot hold."""
    for row, amount in column.rows():
        currency = currencies[row] or ""
        if isinstance(amount, Decimal) and not fits(amount, currency):
            message = f"{amount:f} has more places than {currency or 'the currency'}; it is rounded"
            ledger.add(Finding(row, "too-many-decimals", "warn", message, name, amount, "round it in the catalog"))

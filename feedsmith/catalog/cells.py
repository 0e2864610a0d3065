"""What spreadsheets and shop systems leave in a cell around its value, or in its place.

Only what is certain is taken off. A cell that holds no value is told, as it may stand for a lost one.
"""

import re
from dataclasses import replace
from html import unescape

from feedsmith.catalog.inside import OBJECT, inside
from feedsmith.catalog.kinds import KINDS, Setting, Typed
from feedsmith.values.column import Column
from feedsmith.values.problem import Problem

ERRORS = re.compile(
    r"#(?:N/A|N/B|NV|REF!|VERW!|BEZUG!|VALUE!|WAARDE!|WERT!|VALEUR!|DIV/0!|DEEL/0!|NAME\?|NAAM\?|NOM\?|NUM!|GETAL!|ZAHL!"
    r"|NOMBRE!|NULL!|LEEG!|NUL!|SPILL!|CALC!|GETTING_DATA)",
    re.IGNORECASE,
)
"""What a spreadsheet shows for a formula without a result, in English, Dutch, German and French."""
GUARD = re.compile(r'="(.*)"', re.DOTALL)
"""A formula that keeps a text as it is."""

AS_WRITTEN = frozenset({"category", "html", "text", "texts", "url", "urls"})
"""Kinds in which a quote at the start and an entity may belong to the value."""
NOTHING = {
    "gtin": frozenset({"-", "--", "\u2013", "/", "0", "n/a", "na", "n.a.", "n.v.t.", "nvt", "none", "null", "k.a.",
                       "does not apply", "niet van toepassing", "geen", "keine", "aucun"}),
    "moment": frozenset({"-", "0", "0000-00-00", "0000-00-00 00:00:00", "n/a", "null"}),
}  # fmt: skip
"""Kind → words, in folded case, that say that there is no value."""
NOTHING["moment_end"] = NOTHING["moment"]

_ERROR = Problem(
    "invalid-format",
    "is a spreadsheet's sign for a formula without a result; it is read as empty",
    "correct the formula or its data, and export again",
)
_NOTHING = Problem("invalid-format", "says that there is no value; it is read as empty", "leave the cell empty")


def type_column(column: Column, setting: Setting) -> Typed:
    """The typed column of a kind, from text as files hold it."""
    kind = setting.field.kind
    if OBJECT in column.joined:
        column = inside(column, kind)
    cleared, problems = _without_nothing(_bare(column, kind), kind)
    typed = KINDS[kind](cleared, setting)
    return replace(typed, problems=problems | typed.problems) if problems else typed


def _bare(column: Column, kind: str) -> Column:
    """The column without guards, and for kinds that are no text without entities."""
    joined = column.joined
    if '="' in joined:
        column = Column([_unguarded(text) for text in column.values])
    if kind in AS_WRITTEN:
        return column
    if "&" in joined:
        column = Column([text and (unescape(text).strip() or None) for text in column.values])
    return _without_quote(column) if joined.startswith("'") or "\n'" in joined else column


def _unguarded(text: str | None) -> str | None:
    found = GUARD.fullmatch(text) if text else None
    return (found[1].replace('""', '"').strip() or None) if found else text


def _without_quote(column: Column) -> Column:
    """The quote in front by which a spreadsheet is told to keep a number as text; a key may begin with one."""
    return Column([text[1:] or None if text and _is_guarded(text) else text for text in column.values])


def _is_guarded(text: str) -> bool:
    return text[0] == "'" and (text[1:2].isdecimal() or text[1:2] in "-+€$£.,")


def _without_nothing(column: Column, kind: str) -> tuple[Column, dict[int, Problem]]:
    """The column without errors of formulas and words for "nothing", and where they stood."""
    words = NOTHING.get(kind, frozenset())
    if "#" not in column.joined and (not words or words.isdisjoint(map(str.casefold, column.distinct))):
        return column, {}
    problems = {row: _ERROR for row, text in column.rows() if ERRORS.fullmatch(text)}
    problems |= {row: _NOTHING for row, text in column.rows() if text.casefold() in words}
    return (column.without(problems) if problems else column), problems

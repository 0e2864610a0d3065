"""The types of rule values: expressions are typed when compiled, so that a mistake shows before the first row."""

from enum import StrEnum


class Type(StrEnum):
    """What the values of a column are. Every value may also be empty (None)."""

    TEXT = "text"
    NUMBER = "number"
    """`int` or `Decimal`; an amount of money is a number, its currency is a column beside it (`price@currency`)."""
    FLAG = "yes or no"
    DATE = "date"
    """An aware `datetime`."""
    PERIOD = "period"
    """A pair of dates."""
    MEASURE = "measure"
    LIST = "list of texts"
    GROUP = "group"
    """A dict of attributes."""
    GROUPS = "list of groups"
    SET = "set of fixed values"
    """What `in` looks into: a list written in a rule, the keys of a table."""
    NUMBERS = "numbers by name"
    """A dict of name to number, such as stock per store."""
    NONE = "empty"
    ANY = "mixed value"
    """Of several types; as the type of an argument: a list of anything."""


KIND_TYPES: dict[str, Type] = {
    "text": Type.TEXT,
    "identifier": Type.TEXT,
    "html": Type.TEXT,
    "url": Type.TEXT,
    "gtin": Type.TEXT,
    "country": Type.TEXT,
    "currency": Type.TEXT,
    "language": Type.TEXT,
    "category": Type.TEXT,
    "choice": Type.TEXT,
    "money": Type.NUMBER,
    "number": Type.NUMBER,
    "integer": Type.NUMBER,
    "whole": Type.NUMBER,
    "quantity": Type.NUMBER,
    "flag": Type.FLAG,
    "date": Type.DATE,
    "moment": Type.DATE,
    "moment_end": Type.DATE,
    "period": Type.PERIOD,
    "measure": Type.MEASURE,
    "urls": Type.LIST,
    "texts": Type.LIST,
    "stock": Type.NUMBERS,
    "group": Type.GROUP,
    "groups": Type.GROUPS,
}
"""The type of each kind of canonical field (`feedsmith.catalog.product`) and each type of channel field."""

CURRENCY = "@currency"
"""Behind the name of an amount: the column of its currencies."""

"""Measures: an exact amount and a unit, such as `1.5 kg`; conversion between units of one kind."""

import re
from dataclasses import dataclass
from decimal import Decimal

from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount of a unit; `unit` is a key of `UNITS`."""

    amount: Decimal
    unit: str

    def __str__(self) -> str:
        """As `1.5 kg`, without exponent notation."""
        return f"{self.amount:f} {self.unit}"


UNITS: dict[str, tuple[str, Decimal]] = {
    "mg": ("mass", Decimal("0.001")),
    "g": ("mass", Decimal(1)),
    "kg": ("mass", Decimal(1000)),
    "oz": ("mass", Decimal("28.349523125")),
    "lb": ("mass", Decimal("453.59237")),
    "ml": ("volume", Decimal(1)),
    "cl": ("volume", Decimal(10)),
    "l": ("volume", Decimal(1000)),
    "cbm": ("volume", Decimal(1000000)),
    "floz": ("volume", Decimal("29.5735295625")),
    "pt": ("volume", Decimal("473.176473")),
    "qt": ("volume", Decimal("946.352946")),
    "gal": ("volume", Decimal("3785.411784")),
    "mm": ("length", Decimal("0.1")),
    "cm": ("length", Decimal(1)),
    "m": ("length", Decimal(100)),
    "in": ("length", Decimal("2.54")),
    "ft": ("length", Decimal("30.48")),
    "yd": ("length", Decimal("91.44")),
    "sqm": ("area", Decimal(1)),
    "sqft": ("area", Decimal("0.09290304")),
    "ct": ("count", Decimal(1)),
}
"""Unit to its kind and its size in g, ml, cm, square metres or pieces. The volumes are those of the United States.

Source: NIST Handbook 44, appendix C; all sizes are exact.
"""

_SYNONYMS = {
    "mg": "milligram milligrams milligramme milligrammes",
    "g": "gr grs gm gms gram grams gramme grammes gramm grammen gramo gramos",
    "kg": "kgs kgm kilo kilos kilogram kilograms kilogramme kilogrammes kilogramm",
    "oz": "ozs onz ounce ounces",
    "lb": "lbs pound pounds",
    "ml": "mls milliliter milliliters millilitre millilitres cc ccm cm3 cm³",
    "cl": "centiliter centiliters centilitre centilitres",
    "l": "lt ltr ltrs liter liters litre litres litro litros",
    "cbm": "m3 m³ cubicmeter cubicmeters cubicmetre cubicmetres",
    "floz": "fluidounce fluidounces usfloz",
    "pt": "pts pint pints",
    "qt": "qts quart quarts",
    "gal": "gals gallon gallons",
    "mm": "millimeter millimeters millimetre millimetres",
    "cm": "cms centimeter centimeters centimetre centimetres zentimeter",
    "m": "mtr mtrs meter meters metre metres metro metros",
    "in": 'inch inches zoll duim " ″ ”',
    "ft": "foot feet ' \u2032 \u2019",
    "yd": "yds yard yards",
    "sqm": "m2 m² qm squaremeter squaremeters squaremetre squaremetres",
    "sqft": "ft2 ft² squarefoot squarefeet",
    "ct": "count counts pc pcs piece pieces st stk stuk stuks stück stuck unit units unidad unidades pièce pièces",
}
"""Unit to other spellings of it, in folded case and without blanks and full stops."""

_UNIT_OF = {name: unit for unit, names in _SYNONYMS.items() for name in [unit, *names.split()]}
_UNWRITTEN = str.maketrans("", "", ". \t\u00a0\u202f")
_PARTS = re.compile(r"([+-]?[0-9](?:[0-9.,'\u2019 \u00a0\u202f]*[0-9])?)[.,]?\s*(.*)", re.DOTALL)


def kind(unit: str) -> str:
    """What a unit of `UNITS` measures: mass, volume, length, area or count."""
    return UNITS[unit][0]


def parse_measure(text: str, default_unit: str | None = None, mark: str = ".") -> Measure | Problem:
    """The measure that `text` holds: a number, perhaps a blank, a unit or one of its other spellings.

    Args:
        text: such as `1.5kg` or `20 inch`.
        default_unit: the unit of a number that has none, a key of `UNITS`.
        mark: the decimal mark, "." or ",".

    Returns:
        The measure as written, or a problem `invalid-number` or `invalid-unit`.
    """
    found = _PARTS.fullmatch(text.strip())
    if not found:
        return Problem("invalid-number", "does not start with a number", "write a number and a unit, such as 1.5 kg")
    amount = parse_decimal(found[1], mark)
    if isinstance(amount, Problem):
        return amount
    unit = _UNIT_OF.get(found[2].casefold().translate(_UNWRITTEN)) if found[2] else default_unit
    if unit is None:
        message = f'"{found[2]}" is not a known unit' if found[2] else "has no unit"
        return Problem("invalid-unit", message, "write a number and a unit, such as 1.5 kg")
    return Measure(amount, unit)


def convert(measure: Measure, unit: str) -> Measure:
    """`measure` in another unit of the same kind, without zeros at the end.

    Exact where a decimal number can be (`1 in` is `2.54 cm`), otherwise rounded to 28 significant digits.

    Raises:
        ValueError: the units measure different things.
    """
    (was, size), (wanted, base) = UNITS[measure.unit], UNITS[unit]
    if was != wanted:
        raise ValueError(f"{measure.unit} is a {was} and {unit} a {wanted}")
    amount = measure.amount if measure.unit == unit else measure.amount * size / base
    return Measure(amount.normalize() if amount else Decimal(0), unit)

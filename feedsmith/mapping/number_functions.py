"""The functions of rules for numbers, prices and measures."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from feedsmith.mapping.function import Function
from feedsmith.mapping.types import Type
from feedsmith.values.measure import Measure, convert, kind
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem

T = Type
Number = Decimal | int


def to_number(text: str, mark: str = ".") -> Decimal:
    """A text as a number, `mark` being the decimal sign; ValueError when it is none."""
    number = parse_decimal(text.strip(), mark)
    if isinstance(number, Problem):
        raise ValueError(f"{text!r} {number.message}")  # noqa: TRY004 - the value is wrong, not its type
    return number


def net(gross: Number, rate: Number) -> Decimal | None:
    """The price without VAT of `rate` per cent."""
    factor = 1 + Decimal(rate) / 100
    return Decimal(gross) / factor if factor else None


def with_vat(price: Number, rate: Number) -> Decimal:
    """The price with VAT of `rate` per cent."""
    return Decimal(price) * (1 + Decimal(rate) / 100)


def ending(price: Number, end: Number, rounding: str = ROUND_HALF_UP) -> Decimal:
    """The price that ends so next to a price: 12.30 and 0.95 are 11.95; of two as near the higher one.

    `end` may have digits before the decimal point: 9.95 gives 19.95, 29.95. A result is never below `end`.

    Raises:
        ValueError: `end` is negative.
    """
    if end < 0:
        raise ValueError(f"{end} is no ending of a price")
    end, step = Decimal(end), Decimal(10) ** len(str(int(end)).lstrip("0"))
    return max(end, ((Decimal(price) - end) / step).quantize(Decimal(1), rounding) * step + end)


def _ending_up(price: Number, end: Number) -> Decimal:
    return ending(price, end, ROUND_CEILING)


def _ending_down(price: Number, end: Number) -> Decimal:
    return ending(price, end, ROUND_FLOOR)


def margin(price: Number, cost: Number) -> Decimal | None:
    """What is left of the price after the cost, in per cent of the price."""
    return (Decimal(price) - cost) / price * 100 if price else None


def discount(price: Number, sale_price: Number) -> Decimal | None:
    """By how many per cent of the price the sale price is lower."""
    return margin(price, sale_price)


QUANTA = {places: Decimal(1).scaleb(-places) for places in range(11)}
"""What a number is rounded to, by its decimals."""


def rounded(number: Number, places: Number = 0) -> Decimal:
    """Half up, to so many decimals; a negative number of them rounds to tens or hundreds."""
    quantum = QUANTA.get(int(places)) or Decimal(1).scaleb(-int(places))
    return Decimal(number).quantize(quantum, ROUND_HALF_UP)


def _remainder(number: Number, divisor: Number) -> Decimal | None:
    return Decimal(number) % Decimal(divisor) if divisor else None


def _decimals(number: Number) -> int:
    return len(format(number, "f").partition(".")[2])


def _total(numbers: Mapping[str, Number]) -> Number | None:
    known = [number for number in numbers.values() if number is not None]
    return sum(known) if known else None


def current_price(
    price: Decimal | None,
    sale_price: Decimal | None,
    start: datetime | None,
    end: datetime | None,
    now: datetime,
) -> Decimal | None:
    """The sale price while the sale lasts and where it is lower, else the price."""
    if price is None or sale_price is None or sale_price >= price:
        return price
    lasts = (start is None or start <= now) and (end is None or now <= end)
    return sale_price if lasts else price


UNIT_PRICE_BASE: Mapping[str, Measure] = {
    "mass": Measure(Decimal(1), "kg"),
    "volume": Measure(Decimal(1), "l"),
    "length": Measure(Decimal(1), "m"),
    "area": Measure(Decimal(1), "sqm"),
    "count": Measure(Decimal(1), "ct"),
}
"""What a price per unit is for where nothing else is said. Source: Directive 98/6/EC, article 2 (b)."""


def unit_base(measure: Measure | None, base: Measure | None = None) -> Measure | None:
    """`base` where it measures the same as `measure`, else the unit of the law."""
    if measure is None:
        return None
    if base is not None and base.amount > 0 and kind(base.unit) == kind(measure.unit):
        return base
    return UNIT_PRICE_BASE[kind(measure.unit)]


def unit_price(price: Number | None, measure: Measure | None, base: Measure | None = None) -> Decimal | None:
    """What `base` of the product costs; not rounded."""
    base = unit_base(measure, base)
    if price is None or measure is None or base is None or measure.amount <= 0:
        return None
    return Decimal(price) * base.amount / convert(measure, base.unit).amount


def _same_unit(*measures: Measure) -> bool:
    return len({measure.unit for measure in measures}) <= 1


NUMBER_FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(abs, (T.NUMBER,), T.NUMBER, "the number without its sign"),
    "amount": Function(lambda m: m.amount, (T.MEASURE,), T.NUMBER, "a measure's number"),
    "current_price": Function(
        current_price,
        (T.NUMBER, T.NUMBER, T.DATE, T.DATE, T.DATE),
        T.NUMBER,
        "what is paid now: the sale price from its start to its end, else the price",
        takes_empty=True,
        beside="now",
    ),
    "decimals": Function(_decimals, (T.NUMBER,), T.NUMBER, "digits behind the decimal sign"),
    "discount": Function(
        discount, (T.NUMBER, T.NUMBER), T.NUMBER, "by how many per cent the second price is lower than the first"
    ),
    "ending": Function(
        ending,
        (T.NUMBER, T.NUMBER),
        T.NUMBER,
        "the nearest price that ends so: `ending(price, 0.95)`, `ending(price, 9)`",
    ),
    "ending_down": Function(
        _ending_down, (T.NUMBER, T.NUMBER), T.NUMBER, "the next lower price that ends so, or the ending itself"
    ),
    "ending_up": Function(_ending_up, (T.NUMBER, T.NUMBER), T.NUMBER, "the next higher price that ends so"),
    "kind": Function(lambda m: kind(m.unit), (T.MEASURE,), T.TEXT, "mass, volume, length, area or count"),
    "margin": Function(
        margin, (T.NUMBER, T.NUMBER), T.NUMBER, "the margin in per cent: `margin(net(price), cost_of_goods_sold)`"
    ),
    "max": Function(max, (T.NUMBER, T.NUMBER), T.NUMBER, "the largest number", more=True),
    "min": Function(min, (T.NUMBER, T.NUMBER), T.NUMBER, "the smallest number", more=True),
    "net": Function(net, (T.NUMBER, T.NUMBER), T.NUMBER, "the price without VAT", beside="vat"),
    "remainder": Function(
        _remainder, (T.NUMBER, T.NUMBER), T.NUMBER, "what a division leaves: `remainder(file.row, 2)`"
    ),
    "round": Function(rounded, (T.NUMBER, T.NUMBER), T.NUMBER, "half up, to so many decimals", least=1),
    "round_down": Function(
        lambda number: Decimal(number).quantize(Decimal(1), ROUND_DOWN), (T.NUMBER,), T.NUMBER, "without its decimals"
    ),
    "round_up": Function(
        lambda number: Decimal(number).quantize(Decimal(1), ROUND_CEILING),
        (T.NUMBER,),
        T.NUMBER,
        "the next whole number",
    ),
    "same_unit": Function(_same_unit, (T.MEASURE, T.MEASURE), T.FLAG, "the measures have one unit", more=True),
    "to_number": Function(to_number, (T.TEXT,), T.NUMBER, "reads a text as a number; its decimal sign is a point"),
    "total": Function(_total, (T.NUMBERS,), T.NUMBER, "the sum of numbers by name: `total(stock)`"),
    "unit": Function(lambda m: m.unit, (T.MEASURE,), T.TEXT, "a measure's unit"),
    "unit_base": Function(
        unit_base,
        (T.MEASURE, T.MEASURE),
        T.MEASURE,
        "what the price per unit is for: the second measure, or 1 kg, l, m, sqm or ct",
        least=1,
        takes_empty=True,
    ),
    "unit_price": Function(
        unit_price,
        (T.NUMBER, T.MEASURE, T.MEASURE),
        T.NUMBER,
        "the price of a unit of the product, by its content and by what it is for",
        least=2,
        takes_empty=True,
    ),
    "with_vat": Function(with_vat, (T.NUMBER, T.NUMBER), T.NUMBER, "a price without VAT with it", beside="vat"),
}
"""The functions by name."""

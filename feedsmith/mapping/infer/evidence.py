"""How well a rule that was guessed holds for the products of a feed, and how sure one may be of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feedsmith.mapping.printed import printed

NEARLY_ALL = 0.97
"""The share of products for which a rule must hold."""
LEAST = 10
"""Products with a value that are needed before anything is said."""
HELD_OUT = 3
"""Every so manieth product is not looked at when rules are sought: they are for trying the rules."""

Texts = Sequence[str]
"""One text for each product; "" for no value."""


@dataclass(frozen=True)
class Source:
    """What a rule may read: a name, its texts as a rule prints them, and its values where they are numbers."""

    name: str
    texts: Texts
    numbers: Sequence[Decimal | None] | None = None


@dataclass(frozen=True)
class Rule:
    """A guessed rule, as a project writes it (a text or a mapping), and what it gives for each product.

    `kind` says what sort of rule it is; two rules of one kind that hold equally well are rivals.
    """

    kind: str
    written: Any
    gives: Texts


@dataclass(frozen=True)
class Verdict:
    """For how many of the products with a value a rule holds: all of them, and those that were held out."""

    holds: int
    of: int
    held_out: float

    @property
    def share(self) -> float:
        """The share for which it holds; 0 without any."""
        return self.holds / self.of if self.of else 0.0

    @property
    def agrees(self) -> bool:
        """Nearly all products, however few there are."""
        return self.share >= NEARLY_ALL

    @property
    def good(self) -> bool:
        """Nearly all products, also those that were not looked at, and enough of them."""
        return self.of >= LEAST and min(self.share, self.held_out) >= NEARLY_ALL


@dataclass(frozen=True)
class Inferred:
    """What came out for one field: a rule with its verdict; else the best that was found, and the rivals if any.

    `default` is the verdict on what the channel does without a rule. `example` is the number of a product for which
    the best does not hold.
    """

    rule: Rule | None
    verdict: Verdict
    default: Verdict
    best: Rule | None = None
    rivals: tuple[Rule, ...] = ()
    example: int | None = None


def training(size: int) -> list[int]:
    """The numbers of the products by which rules are sought."""
    return [row for row in range(size) if row % HELD_OUT]


def verdict(wanted: Texts, gives: Texts) -> Verdict:
    """How well what a rule gives agrees with what is wanted; products without either do not count."""
    pairs = [(row, want == give) for row, (want, give) in enumerate(zip(wanted, gives, strict=True)) if want or give]
    out = [same for row, same in pairs if row % HELD_OUT == 0]
    holds = sum(same for _, same in pairs)
    return Verdict(holds, len(pairs), sum(out) / len(out) if out else float(bool(pairs) and holds == len(pairs)))


def plain_number(value: Any) -> str:
    """A value as text for comparing: numbers without zeros at the end, all else as it is printed."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return printed(value)

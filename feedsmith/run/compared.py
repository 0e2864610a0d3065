"""A feed beside its last good version, item by item: what is gone, whose price moved, what is out of stock.

Both come as stretches in the order of their feeds. As long as the ids are the same they are compared as they come; from
the first difference on by id, some thousand at a time, so that memory is bounded.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress
from operator import add

import msgspec

from feedsmith.run.ledger import IN, OUT, Tracked

AT_ONCE = 100_000
"""Ids that are compared in one pass; the passes split the ids by their hash."""
LOST = 3
"""Ids that are named of those that are gone."""
Stretches = Callable[[], Iterator[Tracked]]
FACTORS: Mapping[float, str] = {
    1000.0: "1000, as if a thousands sign were read wrong",
    100.0: "100, as if cents were read as whole units",
    10.0: "10, as if a decimal were lost",
    0.1: "1/10, as if a decimal were added",
    0.01: "1/100, as if whole units were read as cents",
    0.001: "1/1000, as if a thousands sign were read as the decimal sign",
}
"""Factors that no shop moves its prices by, and what they look like."""


class Figures(msgspec.Struct, frozen=True):
    """What became of the items of the last good version.

    `before` counts those with an id, `gone` those whose id is not there any more, `added` the items that are new.
    `priced` are the items that have a price in both; of `moved` it moved by more than a guard's `by`, as in `example`.
    `factor` says what `factored` prices, more than half, were multiplied by; empty where no factor explains them.
    `in_stock` are those of both that were in stock, `sold_out` those of them that are not now. `lost` are some ids.
    """

    before: int = 0
    gone: int = 0
    added: int = 0
    lost: tuple[str, ...] = ()
    priced: int = 0
    moved: int = 0
    example: str = ""
    factor: str = ""
    factored: int = 0
    in_stock: int = 0
    sold_out: int = 0


def compare(old: Stretches, new: Stretches, size: int, by: Decimal, vat: Decimal | None = None) -> Figures:
    """The figures of a feed beside those of its last good version.

    Args:
        old: gives the items of the last version, anew at each call.
        new: those of the new one.
        size: about how many items the larger of both has.
        by: the move of a price that counts, in per cent.
        vat: the market's rate of VAT, in per cent.
    """
    tally = _Tally(float(by) / 100, factors(vat))
    same, whole = _in_order(old(), new(), tally)
    if not whole:
        passes = max(1, -(-(size - same) // AT_ONCE))
        for number in range(passes):
            _by_id(_of_pass(old(), same, number, passes), _of_pass(new(), same, number, passes), tally)
    return tally.figures()


def factors(vat: Decimal | None) -> dict[float, str]:
    """The factors that are looked for, each with what it looks like."""
    found = dict(FACTORS)
    if vat:
        rate = 1 + vat / 100
        found[float(rate)] = f"{rate.normalize():f}, as if VAT of {vat.normalize():f} % were added twice"
        found[float(1 / rate)] = f"1/{rate.normalize():f}, as if VAT of {vat.normalize():f} % were left out"
    return found


def _in_order(old: Iterator[Tracked], new: Iterator[Tracked], tally: "_Tally") -> tuple[int, bool]:
    """Compare as long as the ids are the same; gives how many were, and whether these were all."""
    ours, theirs, same = Tracked(), Tracked(), 0
    while True:
        ours, theirs = ours or next(old, Tracked()), theirs or next(new, Tracked())
        size = min(len(ours), len(theirs))
        if not size or ours.ids[:size] != theirs.ids[:size]:
            return same, not ours and not theirs
        tally.before += size
        tally.both(ours.stretch(0, size), theirs.stretch(0, size))
        ours, theirs, same = ours.stretch(size), theirs.stretch(size), same + size


def _of_pass(stretches: Iterator[Tracked], same: int, number: int, passes: int) -> Iterator[Tracked]:
    """The items behind the first `same` ones whose ids belong to a pass."""
    for stretch in stretches:
        rest = stretch.stretch(same) if same else stretch
        same = max(0, same - len(stretch))
        if passes > 1:
            rest = rest.keep([hash(one) % passes == number for one in rest.ids])
        if rest:
            yield rest


def _by_id(old: Iterator[Tracked], new: Iterator[Tracked], tally: "_Tally") -> None:
    before = Tracked()
    for stretch in old:
        before.add(stretch)
    numbers = dict(zip(before.ids, range(len(before)), strict=True))
    left = set(numbers.values())
    for stretch in new:
        found = list(map(numbers.get, stretch.ids))
        mask = [number is not None for number in found]
        known = [number for number in found if number is not None]
        tally.added += len(found) - len(known)
        tally.both(before.pick(known), stretch if len(known) == len(found) else stretch.keep(mask))
        left.difference_update(known)
    tally.before += len(numbers)
    tally.gone += len(left)
    tally.lost += [before.ids[number] for number in sorted(left)[: LOST - len(tally.lost)]]


@dataclass
class _Tally:
    """The figures on their way."""

    by: float
    factors: Mapping[float, str]

    def __post_init__(self) -> None:
        self.before = self.gone = self.added = self.priced = self.moved = self.in_stock = self.sold_out = 0
        self.lost: list[str] = []
        self.example = ""
        self.counted: Counter[str] = Counter()
        """Prices that a factor or a change of the currency explains, by its words."""

    def both(self, old: Tracked, new: Tracked) -> None:
        """Take items that are in both, one for one."""
        stock = Counter(map(add, old.stock, new.stock))
        self.in_stock += stock[IN + IN] + stock[IN + OUT]
        self.sold_out += stock[IN + OUT]
        if old.amounts == new.amounts and old.currencies == new.currencies:
            self.priced += len(old) - old.amounts.count("")
            return
        self.priced += sum(map(bool, compress(new.amounts, old.amounts)))
        prices = zip(new.ids, old.amounts, old.currencies, new.amounts, new.currencies, strict=True)
        for item, was, was_in, now, now_in in prices:
            if was and now and (was != now or was_in != now_in):
                self._price(item, was, was_in, now, now_in)

    def _price(self, item: str, was: str, was_in: str, now: str, now_in: str) -> None:
        before, after = _number(was), _number(now)
        if before is None or after is None or (before == after and was_in == now_in):
            return
        if was_in != now_in:
            self.counted[f"{was_in or 'no currency'} → {now_in or 'no currency'}, another currency"] += 1
        elif abs(after - before) <= self.by * abs(before):
            self._factor(before, after, now)
            return
        self.moved += 1
        self.example = self.example or f"{item} {was} {was_in} → {now} {now_in}".replace("  ", " ").rstrip()
        if was_in == now_in:
            self._factor(before, after, now)

    def _factor(self, before: float, after: float, now: str) -> None:
        near = 0.51 * 10.0 ** -len(now.partition(".")[2])  # half of the last decimal: prices are rounded
        for factor, words in self.factors.items():
            if abs(after - before * factor) <= near:
                self.counted[words] += 1

    def figures(self) -> Figures:
        """What was found."""
        words, number = next(iter(self.counted.most_common(1)), ("", 0))
        common = 2 * number > self.priced
        return Figures(
            self.before, self.gone, self.added, tuple(self.lost), self.priced, self.moved, self.example,
            words if common else "", number if common else 0, self.in_stock, self.sold_out,
        )  # fmt: skip


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None

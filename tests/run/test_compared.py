"""Two versions of a feed, item by item: what the figures say whatever the order of the items and the borders of parts."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.run import compared
from feedsmith.run.compared import Figures, compare, factors
from feedsmith.run.ledger import Entries, Tracked, read_ledger, write_ledger

Item = tuple[str, str, str, str]
items = st.tuples(
    st.sampled_from(["", "1", "1.00", "2.5", "100", "119", "1.19", "0", "x"]),
    st.sampled_from(["EUR", "USD", ""]),
    st.sampled_from("io?"),
)
feeds = st.dictionaries(st.sampled_from([f"SKU-{nr}" for nr in range(30)]), items, max_size=30)


def stretches(feed: list[Item], size: int) -> Iterator[Tracked]:
    for start in range(0, len(feed), size):
        yield Tracked(*map(list, zip(*feed[start : start + size], strict=True)))


def figures(old: list[Item], new: list[Item], by: int = 20, sizes: tuple[int, int] = (7, 5)) -> Figures:
    size = max(len(old), len(new))
    return compare(lambda: stretches(old, sizes[0]), lambda: stretches(new, sizes[1]), size, Decimal(by), Decimal(19))


def plain(old: dict[str, tuple[str, str, str]], new: dict[str, tuple[str, str, str]]) -> dict[str, int]:
    """The same figures, worked out one item after the other."""
    both = [(old[key], new[key]) for key in old if key in new]
    priced = [(one, two) for one, two in both if one[0] and two[0]]
    moved = 0
    for one, two in priced:
        try:
            was, now = float(one[0]), float(two[0])
        except ValueError:
            continue
        moved += one[1] != two[1] or abs(now - was) > 0.2 * was
    return {
        "before": len(old), "gone": len(old.keys() - new.keys()), "added": len(new.keys() - old.keys()),
        "priced": len(priced), "moved": moved, "in_stock": sum(one[2] == "i" and two[2] != "?" for one, two in both),
        "sold_out": sum(one[2] + two[2] == "io" for one, two in both),
    }  # fmt: skip


@pytest.mark.parametrize("at_once", [3, 100_000])
@given(
    old=feeds,
    new=feeds,
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    same=st.integers(0, 30),
    turned=st.booleans(),
)
def test_figures_are_those_of_a_plain_comparison(at_once, old, new, sizes, same, turned):
    new = dict(list(old.items())[:same]) | new
    order = list(new.items())[::-1] if turned else list(new.items())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compared, "AT_ONCE", at_once)
        found = figures([(key, *rest) for key, rest in old.items()], [(key, *rest) for key, rest in order], sizes=sizes)
    expected = plain(old, new)
    assert {name: getattr(found, name) for name in expected} == expected
    assert set(found.lost) <= old.keys() - new.keys()
    assert len(found.lost) == min(3, expected["gone"])


def priced(*prices: str, currency: str = "EUR") -> list[Item]:
    return [(f"SKU-{nr}", price, currency, "i") for nr, price in enumerate(prices)]


PRICES = ("12.95", "0.99", "1049.00", "5", "19.90")


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ("100", "100, as if cents were read as whole units"),
        ("0.01", "1/100, as if whole units were read as cents"),
        ("10", "10, as if a decimal were lost"),
        ("1.19", "1.19, as if VAT of 19 % were added twice"),
        ("1.1", ""),
        ("0.9", ""),
        ("0.5", ""),
    ],
)
def test_a_factor_that_no_shop_moves_its_prices_by_is_named(times, words):
    new = [
        f"{Decimal(price) * Decimal(times):.4f}" if times == "0.01" else f"{Decimal(price) * Decimal(times):.2f}"
        for price in PRICES
    ]
    assert figures(priced(*PRICES), priced(*new)).factor == words


def test_vat_that_is_left_out_is_named():
    new = [f"{Decimal(price) / Decimal('1.19'):.2f}" for price in PRICES]
    assert figures(priced(*PRICES), priced(*new)).factor == "1/1.19, as if VAT of 19 % were left out"


def test_half_of_the_prices_is_not_enough_for_a_factor():
    assert figures(priced("1", "2", "3", "4"), priced("100", "200", "3", "4")).factor == ""
    assert figures(priced("1", "2", "3", "4"), priced("100", "200", "300", "4")).factored == 3


def test_another_currency_is_named():
    found = figures(priced(*PRICES), priced(*PRICES, currency="USD"))
    assert (found.factor, found.factored, found.moved) == ("EUR → USD, another currency", 5, 5)
    assert found.example == "SKU-0 12.95 EUR → 12.95 USD"


def test_the_same_amount_written_in_another_way_did_not_move():
    assert figures(priced("5", "6.50"), priced("5.00", "6.5")).moved == 0


def test_vat_is_a_factor_of_markets_where_it_is_known():
    assert len(factors(None)) == len(factors(Decimal(0))) == len(factors(Decimal(21))) - 2


@given(
    feed=st.lists(st.tuples(st.text(), st.text(max_size=5), st.text(max_size=3), st.sampled_from("io?")), max_size=20)
)
def test_a_ledger_gives_back_what_was_written_but_for_line_ends(tmp_path_factory, feed):
    path = tmp_path_factory.mktemp("ledger") / "feed.zst"
    parts = [one.packed() for one in stretches(feed, 6)]
    write_ledger(path, [*parts, Tracked().packed()])
    found = Tracked()
    for stretch in read_ledger(path):
        found.add(stretch)
    assert list(zip(*found.columns, strict=True)) == [tuple(cell.replace("\n", " ") for cell in item) for item in feed]


def test_no_items_are_no_entries():
    assert len(Tracked.of(Entries("", "", "", ""))) == 0

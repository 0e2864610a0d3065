"""Every product is an item of the feed, or an issue says why it is not: whatever the catalog holds."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.issues import Severity
from tests.run.helpers import FILES, HEADINGS, PROJECT, catalog, export, part_size, read_feed, shop

RULES = """\
where: {named: title != "hidden"}
exclude: {too cheap: price < 5, no brand of ours: brand == "Fremd"}
"""
PRODUCT = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["", "A", "B", "a", " A ", "C-1", "C-2", "C-3", "Ω", "x" * 21, "<&>", 'say "hi"', "two\nlines"]),
        "title": st.sampled_from(["", "Deken", "hidden", "Tom & Jerry", "a;b,c", "lange naam " * 9, "]]>", "\u2028", "\x07bel", "'"]),
        "price": st.sampled_from(["", "0", "-3", "4.99", "5", "19.95", "12,50", "gratis", "20.00 USD", "1.000,00", "1E+5"]),
        "item_group_id": st.sampled_from(["", "G1", "G2"]),
        "color": st.sampled_from(["", "rood", "wit", "zwart", "blauw"]),
        "brand": st.sampled_from(["", "Kaap", "Fremd", "Wijs"]),
    }
)  # fmt: skip
CATALOGS = st.lists(PRODUCT, min_size=1, max_size=25)


def numbered(products: list[dict[str, str]]) -> list[dict[str, str]]:
    return [product | {"nr": str(number)} for number, product in enumerate(products, 1)]


def lines(products: list[dict[str, str]]) -> dict[int, int]:
    """The line of the file in which each product starts, by its number."""
    found, line = {}, 2
    for product in products:
        found[int(product["nr"])] = line
        line += 1 + sum(value.count("\n") for value in product.values())
    return found


@settings(max_examples=25, deadline=None)
@given(products=CATALOGS.map(numbered), size=st.integers(60, 2000))
def test_every_product_is_an_item_or_told_of(products, size):
    with TemporaryDirectory() as name, part_size(size):
        folder = shop(Path(name), products, RULES + PROJECT)
        ran = export(folder, force=True)
        line = lines(products)
        for feed, file in zip(ran.report.feeds, FILES, strict=True):
            items = read_feed(folder / "out" / file)
            assert len(items) == feed.items == sum(one.items for one in feed.files)
            assert (
                feed.items + feed.rejected + feed.filtered == feed.products_in == ran.report.products == len(products)
            )
            own = [issue for issue in ran.issues if issue.feed == feed.name]
            out = {issue.place.row for issue in own if issue.severity is Severity.ERROR}
            filtered = [issue.place.row for issue in own if issue.code == "filtered"]
            there = [line[int(item["nr"])] for item in items]
            assert there == sorted(set(there))
            assert len(filtered) == len(set(filtered)) == feed.filtered
            assert (len(out), sorted([*there, *out, *filtered])) == (feed.rejected, sorted(line.values()))
        assert ran.report.counts == Counter((issue.severity, issue.feed, issue.code) for issue in ran.issues)


@settings(max_examples=25, deadline=None)
@given(products=CATALOGS.map(numbered), size=st.integers(60, 2000))
def test_ids_are_unique_and_the_same_products_survive_everywhere(products, size):
    with TemporaryDirectory() as name, part_size(size):
        folder = shop(Path(name), products)
        export(folder, force=True)
        first, all_gone, again = ([(i["id"], int(i["nr"])) for i in read_feed(folder / "out" / file)] for file in FILES)
    assert first == again
    assert len({key for key, _ in first}) == len(first)
    assert len({key for key, _ in all_gone}) == len(all_gone)
    assert set(all_gone) <= set(first)
    written = {int(product["nr"]): product["id"].strip() for product in products}
    assert all(written[nr] == key for key, nr in first)


def test_rows_that_are_no_products_are_told_and_not_counted(tmp_path):
    text = (
        catalog([]) + "A,Deken,19.95,,,,1\n\n\nB,Kussen,9.95,,,,2,and,more\nC,Sprei,5.95\n,,,,,,\nD,Laken,7.95,,,,4\n"
    )
    ran = export(shop(tmp_path, text))
    assert (ran.report.products, ran.report.sources[0].rows) == (3, 3)
    assert [(issue.severity.value, issue.place.row) for issue in ran.found("ragged-row")] == [
        ("error", 5),
        ("warning", 6),
    ]
    assert [issue.place.row for issue in ran.found("empty-row")] == [3, 7]
    assert [item["id"] for item in read_feed(tmp_path / "out/one.xml")] == ["A", "C", "D"]


def test_reasons_stand_in_the_report(tmp_path):
    text = catalog(
        [
            dict.fromkeys(HEADINGS, "") | {"id": "A", "title": "hidden", "price": "19.95", "nr": "1"},
            dict.fromkeys(HEADINGS, "") | {"id": "B", "title": "Deken", "price": "4.95", "nr": "2"},
            dict.fromkeys(HEADINGS, "") | {"id": "C", "title": "Deken", "price": "6.95", "nr": "3"},
        ]
    )
    ran = export(shop(tmp_path, text, RULES + PROJECT))
    told = [(issue.product, issue.message, issue.severity.value) for issue in ran.found("filtered", "one")]
    assert told == [("A", "not named", "info"), ("B", "too cheap", "info")]
    assert [feed.filtered for feed in ran.report.feeds] == [2, 2, 2]

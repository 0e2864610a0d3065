"""Checks over the whole catalog do not see where its parts begin."""

import pytest

from tests.run.helpers import catalog, export, numbers, part_size, rows, shop

SIZES = [60, 500, 5_000, 1_000_000]


def with_ids(number: int, **ids: list[int]) -> list[dict[str, str]]:
    """Products of which some share an id."""
    products = rows(number)
    for key, places in ids.items():
        for nr in places:
            products[nr - 1]["id"] = key
    return products


@pytest.mark.parametrize("size", SIZES)
def test_keep_first_keeps_the_first_of_the_whole_catalog_and_drop_all_drops_all(tmp_path, size):
    folder = shop(tmp_path, with_ids(90, A=[2, 45, 90], B=[89, 3]))
    with part_size(size):
        ran = export(folder)
    gone = {45, 89, 90}
    assert numbers(folder / "out/one.xml") == [nr for nr in range(1, 91) if nr not in gone]
    assert numbers(folder / "out/two.json") == [nr for nr in range(1, 91) if nr not in gone | {2, 3}]
    told = [
        (issue.product, issue.place.row, issue.message.rpartition("; ")[2])
        for issue in ran.found("duplicate-id", "one")
    ]
    first, second = "see A at catalog.csv:3", "see B at catalog.csv:4"
    assert told == [("A", 46, first), ("B", 90, second), ("A", 91, first)]
    assert [issue.place.row for issue in ran.found("duplicate-id", "two")] == [3, 4, 46, 90, 91]
    assert [(feed.items, feed.rejected) for feed in ran.report.feeds] == [(87, 3), (85, 5), (87, 3)]


def test_a_rejected_first_leaves_its_place_to_the_second(tmp_path):
    products = with_ids(60, A=[1, 30, 60])
    products[0]["price"] = ""
    folder = shop(tmp_path, products)
    with part_size(300):
        ran = export(folder)
    assert 30 in numbers(folder / "out/one.xml")
    assert ran.feed("one").rejected == 2
    assert {1, 30, 60}.isdisjoint(numbers(folder / "out/two.json"))


def test_a_filtered_first_leaves_its_place_to_the_second(tmp_path):
    folder = shop(tmp_path, with_ids(60, A=[1, 60]))
    project = (folder / "feedsmith.yaml").read_text() + "exclude: {first: nr == '1'}\n"
    (folder / "feedsmith.yaml").write_text(project)
    with part_size(300):
        ran = export(folder)
    assert numbers(folder / "out/two.json") == numbers(folder / "out/one.xml") == list(range(2, 61))
    assert ran.found("duplicate-id") == []


@pytest.mark.parametrize("size", SIZES)
def test_groups_are_seen_as_a_whole(tmp_path, size):
    products = rows(80)
    for product in products:
        product["item_group_id"] = f"G{int(product['nr']) % 20}"
    products[79]["brand"] = "Wijs"
    products[40]["item_group_id"] = "alone"
    with part_size(size):
        ran = export(shop(tmp_path, products))
    (found,) = ran.found("group-inconsistent", "one")
    assert (found.message, found.place.row) == ("group G0 has several brands; see SKU-20 at catalog.csv:21", 81)
    assert [issue.place.row for issue in ran.found("group-of-one", "one")] == [42]


@pytest.mark.parametrize(("colors", "told"), [(3, []), (4, ["there are more than 3 colours (4)"])])
def test_different_labels_are_counted_over_the_catalog(tmp_path, colors, told):
    products = [product | {"color": f"kleur {int(product['nr']) % colors}"} for product in rows(60)]
    with part_size(300):
        ran = export(shop(tmp_path, products))
    assert [issue.message for issue in ran.found("too-many", "three")] == told


def test_duplicates_over_several_files(tmp_path):
    folder = shop(tmp_path, [])
    products = with_ids(20, A=[1, 20])
    for name, some in (("first", products[:10]), ("second", products[10:])):
        (folder / f"{name}.csv").write_text(catalog(some))
    ran = export(folder, catalog=(folder / "first.csv", folder / "second.csv"))
    assert numbers(folder / "out/three.csv") == list(range(1, 20))
    (found,) = ran.found("duplicate-id", "three")
    assert (found.place.path, found.place.row) == ("second.csv", 11)

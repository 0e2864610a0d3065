"""The first products of a catalog by a number or a date, over all of it and in each group."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.errors import DefinitionError
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.explain import explain
from feedsmith.run.find import find
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, open_project
from tests.run.helpers import export, part_size, read_feed, rows, shop

PROJECT = {
    "catalog": "catalog.csv",
    "market": {"currency": "EUR"},
    "feeds": {"one": {"channel": "one", "fields": {"title": "{{ id }}", "nr": [{"when": "chosen", "value": "yes"}, {"value": "no"}]}}},
}  # fmt: skip


def chosen(folder: Path, products, rank, **options):
    project = yaml.safe_dump({**PROJECT, "ranks": {"chosen": rank}})
    shop(folder, products, project)
    ran = export(folder, **options)
    assert [issue for issue in ran.issues if issue.code == "rule-failed"] == []
    items = read_feed(folder / "out/one.xml") if (folder / "out/one.xml").is_file() else []
    return [item["id"] for item in items if item["nr"] == "yes"]


def priced(*prices, **more):
    found = rows(len(prices))
    return [
        row | {"price": price} | {name: values[number] for name, values in more.items()}
        for number, (row, price) in enumerate(zip(found, prices, strict=True))
    ]


@pytest.mark.parametrize(
    ("rank", "ids"),
    [
        ({"lowest": "price", "top": 2}, ["SKU-2", "SKU-4"]),
        ({"highest": "price", "top": 2}, ["SKU-1", "SKU-3"]),
        ({"lowest": "price", "share": "20%"}, ["SKU-4"]),
        ({"lowest": "price", "share": "21 %"}, ["SKU-2", "SKU-4"]),
        ({"lowest": "price", "share": "100"}, ["SKU-1", "SKU-2", "SKU-3", "SKU-4", "SKU-5"]),
        ({"lowest": "price", "top": 9}, ["SKU-1", "SKU-2", "SKU-3", "SKU-4", "SKU-5"]),
        ({"lowest": "price", "top": 1, "per": "color"}, ["SKU-2", "SKU-4"]),
        ({"lowest": "price", "share": "1%", "per": "color"}, ["SKU-2", "SKU-4"]),
        ({"lowest": "price", "top": 1, "when": 'color == "rood"'}, ["SKU-2"]),
        ({"lowest": "price", "top": 1, "per": "brand"}, []),
        ({"highest": 'to_date("2026-01-" ~ nr)', "top": 1}, ["SKU-5"]),
    ],
)
def test_the_first_products(tmp_path, rank, ids):
    products = priced("30.00", "20.00", "25.00", "10.00", "20.00", color=["rood", "rood", "geel", "geel", "rood"], brand=[""] * 5, nr=["01", "02", "03", "04", "05"])  # fmt: skip
    assert chosen(tmp_path, products, rank) == ids


def test_of_equal_values_the_first_row_counts_and_a_product_without_one_takes_no_part(tmp_path):
    products = priced("10.00", "10.00", "10.00", "10.00", nr=["", "5", "5", "5"])
    assert chosen(tmp_path, products, {"lowest": "to_number(nr)", "top": 2}) == ["SKU-2", "SKU-3"]


def test_a_limited_run_ranks_what_it_reads(tmp_path):
    assert chosen(tmp_path, priced("30.00", "20.00", "10.00"), {"lowest": "price", "top": 1}, limit=2) == ["SKU-2"]


def test_a_rank_may_use_segments_own_fields_and_the_market_and_conditions_may_use_it(tmp_path):
    project = {
        **PROJECT,
        "market": {"currency": "EUR", "vat": "21"},
        "catalog": {"source": "catalog.csv", "fields": {"margin": {"calc": "net(price) - to_number(nr)"}}},
        "segments": {"red": 'color == "rood"'},
        "ranks": {"best": {"highest": "margin", "top": 1, "when": "red"}},
        "feeds": {"one": {"channel": "one", "where": {"only the best": "best"}}},
    }
    shop(
        tmp_path,
        priced("30.00", "40.00", "50.00", nr=["1", "25", "1"], color=["rood", "rood", "geel"]),
        yaml.safe_dump(project),
    )
    export(tmp_path)
    assert [item["id"] for item in read_feed(tmp_path / "out/one.xml")] == ["SKU-1"]


def test_explain_tells_the_rank_of_one_product(tmp_path):
    project = yaml.safe_dump({**PROJECT, "ranks": {"chosen": {"lowest": "price", "top": 1}}})
    shop(tmp_path, priced("30.00", "20.00"), project)
    request = Request(project=tmp_path, here=tmp_path)
    (tmp_path / "scratch").mkdir()
    job, _ = open_job(request, open_project(request), tmp_path / "scratch")
    feeds = [compile_feed(job, spec) for spec in job.specs]
    found = [explain(job, feeds, find(job, id_).rows)[0] for id_ in ("SKU-1", "SKU-2")]
    told = [next(field for field in one.feeds[0].fields if field.key == "nr") for one in found]
    assert [field.text for field in told] == ["no", "yes"]


@pytest.mark.parametrize(
    ("rank", "says"),
    [
        ({"top": 1}, "either `lowest` or `highest`"),
        ({"lowest": "price", "highest": "price", "top": 1}, "either `lowest` or `highest`"),
        ({"lowest": "price"}, "either `top` or `share`"),
        ({"lowest": "price", "top": 0}, "greater than or equal to 1"),
        ({"lowest": "price", "share": "101%"}, "share"),
        ({"lowest": "brand", "top": 1}, "by a number or a date"),
        ({"lowest": "prise", "top": 1}, "there is no 'prise'"),
        ({"lowest": "price", "top": 1, "per": "chosen"}, "there is no 'chosen'"),
        ({"lowest": "price", "top": 1, "order": "up"}, "unknown key 'order'"),
    ],
)  # fmt: skip
def test_a_wrong_rank_is_refused(tmp_path, rank, says):
    with pytest.raises(DefinitionError) as caught:
        chosen(tmp_path, rows(1), rank)
    assert says in str(caught.value)
    assert caught.value.place.path == "feedsmith.yaml"


def test_any_number_of_workers_gives_the_same(tmp_path, monkeypatch):
    products = [row | {"price": f"{int(row['nr']) % 7}.95", "color": f"c{int(row['nr']) % 3}"} for row in rows(400)]
    rank = {"lowest": "price", "share": "10%", "per": "color"}
    with part_size(2_000):
        one, two = (chosen(tmp_path / str(workers), products, rank, workers=workers) for workers in (1, 2))
    assert one == two
    assert len(one) == 3 * 14


prices = st.lists(st.tuples(st.sampled_from(["rood", "geel", ""]), st.integers(1, 9)), min_size=1, max_size=30)


@given(prices, st.booleans(), st.integers(1, 100))
@settings(max_examples=25, deadline=None)
def test_a_share_of_a_group_is_its_first_by_value_and_row(found, highest, share):
    products = [
        row | {"color": color, "price": f"{price}.00"}
        for row, (color, price) in zip(rows(len(found)), found, strict=True)
    ]
    rank = {"highest" if highest else "lowest": "price", "share": f"{share}%", "per": "color"}
    with TemporaryDirectory() as folder, part_size(200):
        ids = chosen(Path(folder), products, rank)
    expected = []
    for color in ("rood", "geel"):
        group = sorted(
            (-price if highest else price, number) for number, (one, price) in enumerate(found, 1) if one == color
        )
        expected += [number for _, number in group[: -(-len(group) * share // 100)]]
    assert ids == [f"SKU-{number}" for number in sorted(expected)]

"""`find`: the products that meet a condition."""

import json

import pytest

from tests.cli.conftest import catalog, product

ROWS = [
    product(1, title="Deken", price="9.95"),
    product(2, title="Kussen", price="3.00"),
    product(3, title="Laken", price="19.95", brand=""),
    product(4, title="Sprei", price="0"),
]
CONDITIONS = {
    "price < 10": ["SKU-1", "SKU-2", "SKU-4"],
    "price < 10 and brand": ["SKU-1", "SKU-2", "SKU-4"],
    "not brand": ["SKU-3"],
    'title in ["Kussen", "Sprei"]': ["SKU-2", "SKU-4"],
    'condition == "new" and contains(lower(title), "en")': ["SKU-1", "SKU-2", "SKU-3"],
    "cheap": ["SKU-2", "SKU-4"],
    "double > 30": ["SKU-3"],
    'market.country == "NL"': ["SKU-1", "SKU-2", "SKU-3", "SKU-4"],
    "price > 100": [],
    "dearest": ["SKU-1", "SKU-3"],
    "dearest and brand": ["SKU-1"],
}
OWN = "\nsegments: {cheap: price < 5}\nranks: {dearest: {highest: price, top: 2}}\n"


@pytest.fixture
def project(shop):
    text = (shop / "feedsmith.yaml").read_text()
    source = "catalog: {source: catalog.csv, fields: {double: {calc: price * 2}}}"
    (shop / "feedsmith.yaml").write_text(text.replace("catalog: catalog.csv", source) + OWN)
    (shop / "catalog.csv").write_text(catalog(ROWS))
    return shop


@pytest.fixture
def found(run, project):
    def call(*words, code=0):
        ended = run("find", *words, "--format", "json", cwd=project)
        assert (ended.code, ended.err) == (code, "")
        return json.loads(ended.out)["found"]

    return call


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_over_the_catalog(found, condition):
    (one,) = found(condition)
    assert [hit["id"] for hit in one["products"]] == CONDITIONS[condition]
    assert (one["feed"], one["asked"], one["met"]) == ("google_nl", 4, len(CONDITIONS[condition]))


def test_a_hit_has_its_place_and_the_values_that_were_asked_for(found):
    (one,) = found("price == 3 and brand")
    assert one["products"] == [
        {
            "id": "SKU-2",
            "title": "Kussen",
            "source": {"path": "catalog.csv", "sheet": None, "row": 3},
            "values": {"price": "3.00", "brand": "Kaap"},
        }
    ]


def test_over_the_fields_of_a_feed(found):
    (one,) = found("starts_with(title, 'Kaap ')", "--feed", "google*")
    assert [(hit["id"], hit["state"]) for hit in one["products"]] == [("SKU-1", "in the feed")]
    assert one["asked"] == 2
    (one,) = found("not brand and product.price > 10", "--feed", "google_nl")
    assert [(hit["id"], hit["values"]) for hit in one["products"]] == [
        ("SKU-3", {"brand": None, "product.price": "19.95"})
    ]


def test_a_rejected_item_is_found_and_called_so(run, project):
    (project / "catalog.csv").write_text(catalog([product(1, link="")]))
    out = run("find", "not link", "--feed", "google_nl", "--format", "json", cwd=project).out
    assert json.loads(out)["found"][0]["products"][0]["state"] == "rejected"


def test_all_are_counted_and_as_many_listed_as_asked(run, project):
    ended = run("find", "price", "--limit", "2", cwd=project)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "3 of 4 products meet price"
    assert lines[-1] == "and 1 more; --limit N lists as many"
    assert [line.split()[0] for line in lines[2:-1]] == ["ID", "SKU-1", "SKU-2"]
    assert run("find", "price", "--limit", "0", cwd=project).out.splitlines()[0] == lines[0]


WRONG = {
    "pirce < 5": """\
error: condition:1:1: 'pirce < 5': there is no 'pirce'
   1 | pirce < 5
     | ^^^^^
  hint: did you mean price""",
    "price > 1 and titel": """\
error: condition:1:15: 'price > 1 and titel': there is no 'titel'
   1 | price > 1 and titel
     |               ^^^^^
  hint: did you mean title""",
    "price <": "error: condition:1:1: 'price <': cannot be read",
}


@pytest.mark.parametrize("condition", WRONG)
def test_a_wrong_condition_is_told_with_its_column(run, project, condition):
    ended = run("find", condition, cwd=project)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(WRONG[condition])


def test_a_value_that_cannot_be_worked_out_is_counted(found, run, project):
    (project / "catalog.csv").write_text(catalog([product(1, title="x"), product(2, title="12")]))
    (one,) = found("to_number(title) > 5")
    assert (one["met"], one["failed"]) == (1, 1)


def test_workers_find_the_same(start, shop):
    rows = (product(number, price=str(number % 10)) for number in range(1, 4_000))
    (shop / "catalog.csv").write_text(catalog(rows))
    made = []
    for workers in ("1", "2"):
        words = ["find", "price < 3", "--workers", workers, "--format", "json", "--limit", "5"]
        process = start(*words, cwd=shop)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
        made.append(out)
    assert made[0] == made[1]
    (one,) = json.loads(made[0])["found"]
    assert (one["met"], [hit["id"] for hit in one["products"]][:2]) == (1199, ["SKU-1", "SKU-2"])

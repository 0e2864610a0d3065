"""`feedsmith init --like`: rules found in a feed make that feed, also of products that were not in it; and no more."""

import csv
import io
import random
import re

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers import write_tree

BRANDS = ("Kaap", "Wad", "Duin", "Kwelder")
COLORS = {"rood": "red", "wit": "white", "zwart": "black", "groen": "green"}
KINDS = {"Wonen > Dekens": "bed", "Wonen > Lampen": "licht", "Keuken > Pannen": "koken", "Keuken > Mokken": "koken"}
SEEN, ALL = 90, 120
"""Products in the feed, and in the catalog: the rest is what the rules were never tried on."""


def products(seed=0, number=ALL):
    """Products whose columns do not hang together."""
    dice = random.Random(seed)  # noqa: S311
    return [
        {
            "sku": f"KW-{nr:04}",
            "title": f"{dice.choice(['Deken', 'Lamp', 'Pan', 'Mok'])} {dice.choice(['Eb', 'Vloed', 'Rif', 'Zand'])} {nr}",
            "description": f"Een stuk met het nummer {nr}, voor in huis en met zorg gemaakt.",
            "brand": dice.choice(BRANDS),
            "color": dice.choice(list(COLORS)),
            "product type": dice.choice(list(KINDS)),
            "price": f"{dice.randrange(500, 20000) / 100:.2f}",
            "quantity": str(dice.randrange(1, 9)),
            "link": f"https://www.kaap.example/p/{nr}",
            "image link": f"https://www.kaap.example/i/{nr}.jpg",
            "lane": f"L{dice.randrange(1, 400)}",
            "season": dice.choice(["HW26", "FS27", "NOS"]),
        }
        for nr in range(1, number + 1)
    ]


def euros(text):
    return f"{float(text):.2f} EUR"


PLAIN = {
    "id": lambda p: p["sku"],
    "title": lambda p: p["title"],
    "description": lambda p: p["description"],
    "link": lambda p: p["link"],
    "image_link": lambda p: p["image link"],
    "availability": lambda p: "in_stock",
    "price": lambda p: euros(p["price"]),
    "brand": lambda p: p["brand"],
}
RULES = {
    "a constant": ("custom_label_0", lambda p: "voorjaar"),
    "a column as it is": ("custom_label_1", lambda p: p["lane"]),
    "a prefix": ("custom_label_2", lambda p: f"gang {p['lane']}"),
    "a suffix": ("link", lambda p: p["link"] + "?utm_source=shop"),
    "small letters": ("custom_label_3", lambda p: p["season"].lower()),
    "columns with blanks between": ("title", lambda p: f"{p['brand']} {p['title']} {p['color']}"),
    "columns with texts between": ("title", lambda p: f"{p['title']} van {p['brand']}, {p['color']}"),
    "a value map": ("color", lambda p: COLORS[p["color"]]),
    "a value map of few": ("custom_label_4", lambda p: KINDS[p["product type"]]),
    "a form of an amount": ("custom_label_1", lambda p: "€ " + f"{float(p['price']):.2f}".replace(".", ",")),
    "a factor": ("price", lambda p: f"{round(round(float(p['price']) * 100) * 121 / 100 + 1e-9) / 100:.2f} EUR"),
    "ids with a prefix": ("id", lambda p: f"shop_{p['sku']}"),
}


def written(rows, sign=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=sign, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def feed_of(rows, rules):
    return [{name: make(row) for name, make in rules.items()} for row in rows]


@pytest.fixture
def begun(run, tmp_path):
    """Begins a project like a feed; gives its folder, the feed's entry in it, and what was told."""

    def call(rows, feed, channel="google_tsv"):
        write_tree(tmp_path, {"products.csv": written(rows), "old.txt": written(feed, "\t")})
        (tmp_path / "shop" / "feedsmith.yaml").unlink(missing_ok=True)
        words = ("--catalog", "products.csv", "--channel", channel, "--like", "old.txt", "--yes")
        ended = run("init", "shop", *words, cwd=tmp_path)
        assert ended.code == 0, ended.err
        folder = tmp_path / "shop"
        return folder, yaml.safe_load((folder / "feedsmith.yaml").read_text("utf-8"))["feeds"][channel], ended

    return call


def exported(run, folder):
    ended = run("export", "--force", "--project", folder, "--workers", "1", "--as-of", "2026-11-22")
    assert ended.code == 0, ended.out
    [path] = (folder / "out").iterdir()
    return {row["id"]: row for row in csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""), delimiter="\t")}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_found_and_makes_what_it_never_saw(run, begun, name):
    field, make = RULES[name]
    rules = PLAIN | {field: make}
    rows = products()
    folder, entry, told = begun(rows, feed_of(rows[:SEEN], rules))
    assert set(entry["fields"]) == {field}
    assert f"{SEEN} of {SEEN} products" in told.out
    assert f"{SEEN} of {SEEN} products" in (folder / "feedsmith.yaml").read_text("utf-8")
    made = exported(run, folder)
    for row in rows[SEEN:]:
        assert made[rules["id"](row)][field] == make(row)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(sorted(RULES)), min_size=2, max_size=5), st.integers(0, 10_000))
def test_several_rules_at_once(run, begun, chosen, seed):
    rules = PLAIN | {RULES[name][0]: RULES[name][1] for name in chosen}
    rows = products(seed)
    folder, _, _ = begun(rows, feed_of(rows[:SEEN], rules))
    made = exported(run, folder)
    for row in rows[SEEN:]:
        expected = {name: make(row) for name, make in rules.items()}
        assert {name: made[expected["id"]][name] for name in rules} == expected


def test_a_feed_that_is_as_the_channel_makes_it_needs_no_rules(begun):
    rows = products()
    folder, entry, _ = begun(rows, feed_of(rows, PLAIN))
    assert entry == {"channel": "google_tsv"}
    text = (folder / "feedsmith.yaml").read_text("utf-8")
    assert re.search(r"# as in the existing feed without a rule: id, title, description", text)
    assert "OPEN: not in the feed, and sent now: color" in text.replace("\n    # ", " ")


def test_what_follows_no_rule_stays_open(begun):
    rows = products()
    dice = random.Random(5)  # noqa: S311
    made_up = {row["sku"]: dice.choice(["a", "b", "c"]) for row in rows}
    folder, entry, told = begun(rows, feed_of(rows, PLAIN | {"custom_label_0": lambda p: made_up[p["sku"]]}))
    assert "fields" not in entry
    assert "open: custom_label_0: no rule holds for 97%" in told.out
    assert "OPEN: custom_label_0: no rule holds" in (folder / "feedsmith.yaml").read_text("utf-8")


def test_a_value_of_each_product_is_no_value_map(begun):
    rows = products()
    places = {row["sku"]: f"vak {nr * 7919 % 1000}" for nr, row in enumerate(rows)}
    _, entry, _ = begun(rows, feed_of(rows, PLAIN | {"custom_label_0": lambda p: places[p["sku"]]}))
    assert "fields" not in entry


def test_two_columns_that_say_the_same_are_not_chosen_between(begun):
    rows = [row | {"rack": row["lane"]} for row in products()]
    _, entry, told = begun(rows, feed_of(rows, PLAIN | {"custom_label_0": lambda p: p["lane"]}))
    assert "fields" not in entry
    assert (
        'open: custom_label_0: several rules hold equally well for 120 of 120: {"from": "lane"} or {"from": "rack"}'
        in told.out
    )


def test_few_products_prove_nothing(begun):
    rows = products(number=6)
    _, entry, _ = begun(rows, feed_of(rows, PLAIN | {"custom_label_0": lambda p: "voorjaar"}))
    assert "fields" not in entry


def test_exceptions_are_counted(begun):
    rows = products()
    odd = {rows[7]["sku"], rows[40]["sku"]}
    label = {"custom_label_0": lambda p: "anders" if p["sku"] in odd else p["season"]}
    folder, entry, _ = begun(rows, feed_of(rows, PLAIN | label))
    assert entry["fields"] == {"custom_label_0": {"from": "season"}}
    assert "copy: 118 of 120 products" in (folder / "feedsmith.yaml").read_text("utf-8")


def test_the_market_is_taken_from_the_feed(begun):
    rows = products()
    folder, _, _ = begun(rows, feed_of(rows, PLAIN | {"price": lambda p: p["price"] + " SEK"}))
    market = yaml.safe_load((folder / "feedsmith.yaml").read_text("utf-8"))["market"]
    assert (market["currency"], market["country"]) == ("SEK", "SE")


def test_a_feed_of_other_products_is_refused(run, tmp_path):
    rows = products()
    other = feed_of(rows, PLAIN | {"id": lambda p: f"{hash(p['sku'])}x"})
    write_tree(tmp_path, {"products.csv": written(rows), "old.txt": written(other, "\t")})
    words = ("--catalog", "products.csv", "--channel", "google_tsv", "--like", "old.txt", "--yes")
    ended = run("init", "shop", *words, cwd=tmp_path)
    assert ended.code == 2
    assert "no column of the catalog holds its ids" in ended.err
    assert not (tmp_path / "shop").exists()

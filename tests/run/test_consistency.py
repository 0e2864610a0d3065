"""Two feeds of one market must not contradict each other: what is told, of whom, and what is not."""

import pytest

from feedsmith.run.execute import execute
from feedsmith.run.request import Request, clock
from tests.helpers import write_tree

HEAD = "id,title,gtin,brand,price,sale_price,availability,quantity,image_link,promotion_id,other,stock_ams,price_ams,sale_price_start,sale_price_end,return_policy_label"
ROW = "A,Deken,8712345678906,Kaap,19.95,,in_stock,3,https://a.example/i.jpg,SUMMER,24.95,,,,,SHORT"
CHANNEL = """\
title: A channel
owner: Someone
reference: https://x.example/
read: 2026-11-22
format: csv
fields:
  id: {}
  price: {type: money, form: "{amount}"}
  sale_price: {type: money, form: "{amount}"}
  availability: {type: choice, values: {in_stock: in_stock, out_of_stock: out_of_stock, preorder: preorder}}
  brand: {}
  image_link: {type: url}
  promotion_id: {repeat: 10}
  return_policy_label: {}
  returns: {type: group, repeat: 5, group: {country: {}, days: {means: return_days, type: integer}}}
"""
OTHER = """\
title: Another channel
owner: Someone
reference: https://y.example/
read: 2026-11-22
format: csv
fields:
  key: {means: id, from: id}
  cost: {means: price, from: price, type: money, form: "{amount}"}
  cost_now: {means: sale_price, from: sale_price, type: money, form: "{amount}"}
  state: {means: availability, from: availability, type: choice, values: {in_stock: "yes", preorder: "yes", out_of_stock: "no"}}
  maker: {means: brand, from: brand}
  photo: {means: image_link, from: image_link, type: url}
  promotion: {means: promotion_id, from: first(promotion_id)}
  label: {means: return_policy_label, from: return_policy_label}
  deadline: {means: return_days, type: integer}
"""
PIECES = """\
title: A marketplace
owner: Someone
reference: https://z.example/
read: 2026-11-22
format: csv
fields: {id: {}, quantity: {type: integer}}
"""
TEMPLATE = "{{ header }}\n{% for item in items %}\n{{ item }}\n{% endfor %}\n"
FEEDS = "a: {channel: a}, b: {channel: b}"


@pytest.fixture
def told(tmp_path):
    """Runs a project of these feeds over these rows, and gives what was said of contradictions."""

    def run(feeds=FEEDS, rows=(ROW,), workers=1, **more):
        channels = {"a": CHANNEL, "b": OTHER, "pieces": PIECES} | more.pop("channels", {})
        files = {f"channels/{name}.yaml": text for name, text in channels.items()}
        files |= {f"templates/{name}.csv.j2": TEMPLATE for name in channels}
        extra = more.pop("extra", "")
        catalog = more.pop("catalog", "")
        catalog = catalog.removeprefix("catalog.csv, ") if "sources" in catalog else f"source: catalog.csv{catalog}"
        project = f"catalog: {{{catalog}}}\nmarket: {{country: NL}}\n{extra}\nfeeds: {{{feeds}}}\n"
        write_tree(tmp_path, files | {"feedsmith.yaml": project, "catalog.csv": "\n".join([HEAD, *rows]) + "\n"})
        found = []
        request = Request(project=tmp_path, as_of=clock("2026-11-22"), workers=workers)
        execute(request, lambda report: found.extend(report.issues()))
        return [one for one in found if one.code == "feed-inconsistent"]

    return run


def b(fields):
    return f"a: {{channel: a}}, b: {{channel: b, fields: {{{fields}}}}}"


def test_feeds_with_the_same_rules_agree(told):
    assert told() == []


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ("cost: {from: other}", "cost", "price is 24.95 EUR here and 19.95 EUR in the feed a"),
        ("cost_now: {from: price, steps: [{multiply: 0.5}]}", "cost", "here and 19.95 EUR in the feed a"),
        ("cost: {value: 19.95 USD}", "cost", "price is 19.95 USD here and 19.95 EUR in the feed a"),
        ("state: {value: out_of_stock}", "state", "availability is no here and in_stock in the feed a"),
        ("maker: {value: Other}", "maker", "brand is Other here and Kaap in the feed a"),
        ("photo: {value: 'https://a.example/j.jpg'}", "photo", "https://a.example/j.jpg here and https://a.example/i.jpg"),
        ("promotion: {value: WINTER}", "promotion", "promotion_id is WINTER here and SUMMER in the feed a"),
        ("label: {value: LONG}", "label", "return_policy_label is LONG here and SHORT in the feed a"),
        ("key: {from: gtin}", "key", "the kind of key is 8712345678906 here and A in the feed a"),
    ],
)  # fmt: skip
def test_a_contradiction_names_both_feeds_and_both_values(told, fields, field, message):
    (issue,) = told(b(fields))
    assert (issue.feed, issue.channel, issue.product, issue.field, issue.severity) == ("b", "b", "A", field, "warning")
    assert message in issue.message
    assert issue.place.row == 2
    assert "feed-inconsistent: off" in issue.help


@pytest.mark.parametrize(
    "fields",
    [
        "state: {value: preorder}",
        "maker: {value: KAAP}",
        "key: {value: B-1}",
        "maker: ~",
        "cost: {value: 19.950}",
        "cost: ~, cost_now: ~",
        "state: {value: in_stock}",
        "photo: ~",
        "photo: {from: image_link}",
        "promotion: {value: SUMMER}",
        "label: {value: SHORT}",
        "label: ~",
    ],
)
def test_what_is_no_contradiction(told, fields):
    rows = (ROW,) if "preorder" not in fields else (ROW.replace("in_stock", "preorder"),)
    assert told(b(fields), rows) == []


def test_what_is_paid_counts(told):
    """A channel that takes one price only may have the sale price in it."""
    row = ROW.replace("19.95,,", "19.95,14.95,")
    assert told(b("cost: {from: sale_price}, cost_now: ~"), (row,)) == []
    (issue,) = told(b("cost_now: ~"), (row,))
    assert "price is 19.95 EUR here and 14.95 EUR in the feed a" in issue.message


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-12-01", "2026-12-31"), ("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30"), ("", "")],
)
def test_a_sale_counts_while_it_lasts(told, start, end):
    """The one channel takes the price of today, the other both prices with their dates."""
    row = ROW.replace("19.95,,", "19.95,14.95,").removesuffix(",,,SHORT") + f",{start},{end},"
    rule = "cost: {from: 'current_price(price, sale_price, sale_price_start, sale_price_end)'}, cost_now: ~"
    assert told(b(rule), (row,)) == []
    found = told(b("cost: {from: sale_price}, cost_now: ~"), (row,))
    assert len(found) == (start in {"2026-12-01", "2026-10-01"})


@pytest.mark.parametrize(
    ("row", "count"),
    [
        (ROW, 0),
        (ROW.replace("in_stock,3", "in_stock,0"), 1),
        (ROW.replace("in_stock,3", "out_of_stock,3"), 1),
        (ROW.replace("in_stock,3", "out_of_stock,0"), 0),
        (ROW.replace("in_stock,3", "preorder,0"), 0),
        (ROW.replace("in_stock,3", "in_stock,"), 0),
    ],
)
def test_a_quantity_stands_in_for_the_availability(told, row, count):
    found = told("a: {channel: a}, pieces: {channel: pieces}", (row,))
    assert [(one.feed, one.field) for one in found] == [("pieces", "quantity")] * count


@pytest.mark.parametrize(
    ("where", "severities"),
    [
        ("a: {channel: a, checks: {feed-inconsistent: off}}, b: {channel: b, fields: {cost: {from: other}}}", []),
        ("a: {channel: a}, b: {channel: b, fields: {cost: {from: other}}, checks: {feed-inconsistent: off}}", []),
        ("a: {channel: a}, b: {channel: b, fields: {cost: {from: other}}, checks: {feed-inconsistent: info}}", ["info"]),
        ("a: {channel: a}, b: {channel: b, fields: {cost: {from: other}}, checks: {feed-inconsistent: error}}", ["error"]),
    ],
)  # fmt: skip
def test_a_feed_may_differ_on_purpose(told, where, severities):
    assert [one.severity for one in told(where)] == severities


def test_other_markets_have_other_prices(told):
    markets = "markets: {nl: {country: NL}, be: {country: BE, currency: EUR}}"
    feeds = "a: {channel: a, markets: [nl]}, b: {channel: b, markets: [be, nl], fields: {cost: {from: other}}}"
    assert [one.feed for one in told(feeds, extra=markets)] == ["b_nl"]


def test_an_item_that_is_in_one_feed_only_is_not_compared(told):
    feeds = b("cost: {from: other}").replace("fields", "exclude: {a: id == 'A'}, fields")
    rows = (ROW, ROW.replace("A,", "B,", 1), ROW.replace("A,", "C,", 1))
    assert [one.product for one in told(feeds, rows)] == ["B", "C"]
    rejected = {"a": CHANNEL.replace("  brand: {}", "  brand: {required: true}")}
    rows = (ROW.replace("Kaap", ""), *rows[1:])
    assert [one.product for one in told(b("cost: {from: other}"), rows, channels=rejected)] == ["B", "C"]


def test_three_feeds_are_compared_with_the_first_that_has_the_product(told):
    feeds = (
        "a: {channel: a, exclude: {a: id == 'A'}}, b: {channel: b}, "
        "c: {channel: b, fields: {cost: {from: other}}}, d: {channel: b, fields: {cost: {from: other}}}"
    )
    found = told(feeds, (ROW, ROW.replace("A,", "B,", 1)))
    assert sorted((one.product, one.feed, one.message.rpartition(" ")[2]) for one in found) == [
        ("A", "c", "b"), ("A", "d", "b"), ("B", "c", "a"), ("B", "d", "a"),
    ]  # fmt: skip


def test_a_store_has_the_price_of_the_site_but_a_stock_of_its_own(told):
    store = CHANNEL.replace("format: csv", "format: csv\nitem: store")
    store = store.replace(
        'price: {type: money, form: "{amount}"}', 'price: {type: money, form: "{amount}", from: store.price}', 1
    )
    feeds = "a: {channel: a}, s: {channel: s, fields: {availability: {value: out_of_stock}}}"
    rows = (
        ROW.removesuffix(",,,,SHORT") + "5,,,,",
        ROW.replace("A,", "B,", 1).removesuffix(",,,,SHORT") + "5,17.95,,,",
    )
    catalog = ", stores: {ams: {code: ams}}, columns: {stock: {ams: stock_ams}, price: {ams: price_ams}}"
    found = told(feeds, rows, channels={"s": store}, catalog=catalog)
    assert [(one.product, one.feed, one.field) for one in found] == [("B", "s", "price")]


RETURNS = "returns: {groups: [{country: BE, days: '14'}, {country: NL, days: '30'}, {days: '60'}]}"


@pytest.mark.parametrize(
    ("returns", "deadline", "count"),
    [
        (RETURNS, "30", 0),
        (RETURNS, "14", 1),
        (RETURNS.replace("NL", "DE"), "60", 0),
        (RETURNS.replace("NL", "DE"), "30", 1),
        (RETURNS, "", 0),
        ("returns: ~", "14", 0),
    ],
)
def test_the_days_of_return_are_those_of_the_market(told, returns, deadline, count):
    feeds = f"a: {{channel: a, fields: {{{returns}}}}}, b: {{channel: b, fields: {{deadline: '{deadline}'}}}}"
    found = told(feeds)
    assert [(one.feed, one.field) for one in found] == [("b", "deadline")] * count
    if found:
        shown = "60" if "DE" in returns else "30"
        assert found[0].message == f"the time to send it back, in days, is {deadline} here and {shown} in the feed a"


def test_a_till_has_the_price_of_the_site(told, tmp_path):
    """The price list of the tills is a source of its own."""
    store = CHANNEL.replace("format: csv", "format: csv\nitem: store")
    store = store.replace("price: {type: money", "price: {from: store.price, type: money", 1)
    write_tree(tmp_path, {"till.csv": "id,store_code,quantity,price\nA,ams,5,19.95\nB,ams,5,17.95\n"})
    till = "till: {path: till.csv, join: {id: id}, per: store}"
    catalog = f"catalog.csv, sources: {{main: {{path: catalog.csv}}, {till}}}, stores: {{ams: {{code: ams}}}}"
    rows = (ROW, ROW.replace("A,", "B,", 1))
    found = told("a: {channel: a}, s: {channel: s}", rows, channels={"s": store}, catalog=catalog)
    assert [(one.product, one.feed, one.message) for one in found] == [
        ("B", "s", "price is 17.95 EUR here and 19.95 EUR in the feed a")
    ]


def test_workers_tell_the_same(told):
    rows = [ROW.replace("A,", f"P-{number},", 1) for number in range(300)]
    feeds = b("cost: {from: other}")
    assert [one.product for one in told(feeds, rows)] == [one.product for one in told(feeds, rows, workers=2)]
    assert len(told(feeds, rows)) == 300

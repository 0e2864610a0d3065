"""What a project says, seen in the feeds that a run writes: sources, fields, checks, markets, sets, tables."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.errors import FeedsmithError
from tests.helpers import write_tree
from tests.run.helpers import PROJECT, catalog, export, feeds, numbers, part_size, read_feed, rows, shop

ONE = "catalog: catalog.csv\nmarket: {currency: EUR}\nfeeds: {one: {channel: one}}\n"


OWN_OFF = (
    "rules: {a: {checks: {dear: {when: price > 50, message: dear}}}}\nmarkets: {nl: {checks: {dear: off}}}\n"
    "checks: {dear: off}\n"
)
CHANNEL_OF_TWO = """\
title: t
owner: Nobody
reference: https://channel.example/specification
read: 2026-11-22
format: xml
template: one.xml.j2
fields: {id: {}, FIELD: {}}
checks: {two: {code: CODE, when: FIELD == "2", message: two}}
"""


def items(folder: Path, name: str = "one.xml") -> list[dict[str, str]]:
    return read_feed(folder / "out" / name)


def column(folder: Path, field: str, name: str = "one.xml") -> list[str | None]:
    return [item.get(field) for item in items(folder, name)]


# --- days --------------------------------------------------------------------------------------------------------

DATED = """\
title: t
owner: Nobody
reference: https://channel.example/specification
read: 2026-11-22
format: xml
template: one.xml.j2
fields:
  id: {}
  color: {required: true, since: 2026-11-01, until: 2026-11-30}
checks:
  red: {code: not-in-list, when: color == "rood", message: no red}
"""


@pytest.mark.parametrize(
    ("day", "sent", "codes"),
    [
        ("2026-10-31", [None, None], set()),
        ("2026-11-01", ["rood"], {"not-in-list", "missing-required"}),
        ("2026-11-30", ["rood"], {"not-in-list", "missing-required"}),
        ("2026-12-01", [None, None], set()),
    ],
)
def test_a_field_has_a_value_on_its_days_only_and_conditions_know_it_always(tmp_path, day, sent, codes):
    products = [*rows(1), *rows(1, id="SKU-2", color="")]
    folder = shop(tmp_path, products, ONE.replace("channel: one", "channel: dated"))
    (folder / "channels/dated.yaml").write_text(DATED, "utf-8")
    ran = export(folder, as_of=datetime.fromisoformat(f"{day}T12:00+00:00"))
    assert column(folder, "color") == sent
    assert {issue.code for issue in ran.issues} == codes


NAMED = """\
title: t
owner: Nobody
reference: https://channel.example/specification
read: 2026-11-22
format: xml
template: one.xml.j2
by_name: false
fields:
  id: {from: id}
  title: {}
  brand: {}
  color: {default: groen}
"""


def test_a_channel_may_take_nothing_by_name(tmp_path):
    folder = shop(tmp_path, rows(1), ONE.replace("{channel: one}", "{channel: named, fields: {brand: Duin}}"))
    (folder / "channels/named.yaml").write_text(NAMED, "utf-8")
    export(folder)
    assert items(folder) == [{"id": "SKU-1", "brand": "Duin", "color": "groen"}]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("google_nl", None, "cannot be read"),
        ("google_nl", "166 Kleding\n", "is no line of Google's list"),
        ("bol_nl", "166 - Kleding\n", "bol_nl"),
    ],
)
def test_a_list_of_categories_that_is_none_is_told_with_its_place(tmp_path, name, text, says):
    folder = shop(tmp_path, rows(1), f"{ONE}taxonomies: {{{name}: list.txt}}\n")
    if text is not None:
        (folder / "list.txt").write_text(text, "utf-8")
    with pytest.raises(FeedsmithError, match=says) as caught:
        export(folder)
    assert caught.value.place.row


# --- rows that inherit -------------------------------------------------------------------------------------------

INHERIT = ONE.replace(
    "catalog: catalog.csv",
    "catalog: {source: {path: catalog.csv, inherit: {by: item_group_id, columns: [title, brand]}}}",
)
RUN = st.tuples(st.sampled_from(["G1", "G2", "G3", ""]), st.integers(1, 5), st.booleans())


@settings(max_examples=15, deadline=None)
@given(runs=st.lists(RUN, min_size=1, max_size=8), size=st.integers(60, 400))
def test_rows_of_one_product_share_the_first_ones_values(runs, size):
    products, expected = [], []
    known, last = None, None
    for at, (group, number, titled) in enumerate(runs):
        for place in range(number):
            nr = str(len(products) + 1)
            title = f"Titel {at}" if titled and place == 0 else ""
            products.append({"id": f"S{nr}", "title": title, "price": "5.00", "item_group_id": group, "nr": nr})
            if not group or group != last:
                known, last = title, group
            expected.append(title or known or "")
    with TemporaryDirectory() as name, part_size(size):
        folder = shop(Path(name), products, INHERIT)
        export(folder, force=True)
        found = {int(nr): title for nr, title in zip(column(folder, "nr"), column(folder, "title"), strict=True)}
    assert found == {nr: title for nr, title in enumerate(expected, 1) if title}


@pytest.mark.parametrize("size", [60, 150, 400, 100_000])
def test_a_row_that_is_left_out_does_not_end_a_run(tmp_path, size):
    """A row with too many cells is no product, nor is a blank one: where parts begin must not depend on it."""
    text = "id,title,price,item_group_id,nr\n"
    for nr in range(1, 30, 3):
        text += f"S{nr},Titel {nr},5.00,G{nr},{nr}\nX,,5.00,other,0,too,many\n\nS{nr + 1},,5.00,G{nr},{nr + 1}\n"
    folder = shop(tmp_path, text, INHERIT.replace("[title, brand]", "[title]"))
    with part_size(size):
        export(folder)
    assert column(folder, "title") == [f"Titel {nr}" for nr in range(1, 30, 3) for _ in range(2)]


def test_a_column_to_inherit_that_is_not_there(tmp_path):
    folder = shop(tmp_path, rows(3), INHERIT.replace("[title, brand]", "[titel]"))
    with pytest.raises(FeedsmithError, match=r"feedsmith\.yaml:1.*catalog\.csv has no column 'titel'") as caught:
        export(folder)
    assert caught.value.exit_code == 2


# --- fields of the catalog ---------------------------------------------------------------------------------------


def test_catalog_fields_may_give_canonical_fields(tmp_path):
    text = "handle,maat,naam,prijs,nr\ntrui,S,Trui,19.95,1\ntrui,M,Trui,19.95,2\ntrui,S,Trui,19.95,3\n"
    project = """\
catalog:
  source: catalog.csv
  columns: {title: naam, price: prijs}
  fields: {id: "{{ handle }}-{{ maat }}", item_group_id: "{{ handle }}", brand: {value: Kaap}, color: {from: maat, steps: [lower]}}
market: {currency: EUR}
feeds: {one: {channel: one}}
"""
    ran = export(shop(tmp_path, text, project))
    assert column(tmp_path, "id") == ["trui-S", "trui-M"]
    assert column(tmp_path, "item_group_id") == ["trui", "trui"]
    assert column(tmp_path, "color") == ["s", "m"]
    (found,) = ran.found("duplicate-id")
    assert (found.product, found.place.row) == ("trui-S", 4)


def test_own_fields_build_on_each_other_and_segments_on_them(tmp_path):
    project = ONE.replace(
        "catalog: catalog.csv",
        "catalog: {source: catalog.csv, fields: {half: {calc: price / 2}, tag: '{% if half > 6 %}dear{% endif %}'}}\n"
        'segments: {dear: half > 6, dear_and_odd: \'dear and nr in ["1", "3"]\'}\n'
        "fields: {color: '{{ tag }}', brand: [{when: dear_and_odd, value: odd}, {when: dear, value: even}, {value: cheap}]}",
    )
    folder = shop(
        tmp_path,
        [row | {"price": price} for row, price in zip(rows(4), ("13", "12.10", "20", "9"), strict=True)],
        project,
    )
    export(folder)
    assert column(folder, "color") == ["dear", "dear", "dear", None]
    assert column(folder, "brand") == ["odd", "even", "odd", "cheap"]


def test_locked_fields_take_no_rule(tmp_path):
    project = ONE.replace(
        "catalog: catalog.csv",
        "catalog: {source: catalog.csv, locked: [id, price]}\nfields:\n  price: {calc: price * 2}\n  title: Deken",
    )
    with pytest.raises(FeedsmithError, match=r"feedsmith\.yaml:3:3: the field 'price' is locked"):
        export(shop(tmp_path, rows(3), project))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("project", "told"),
    [
        ("checks: {duplicate-ids: off}\n" + ONE, "feedsmith.yaml:1:10: there is no check 'duplicate-ids'"),
        (ONE.replace("one}}", "one, checks: {too-mny: info}}}"), "did you mean too-many"),
        ("rules: {a: {checks: {gone: off}}}\n" + ONE.replace("one}}", "one, extends: [a]}}"), "no check 'gone'"),
        (
            ONE.replace("catalog.csv", "{source: catalog.csv, locked: [id, pryce]}"),
            "1:45: locked: no channel of the project has a field 'pryce', so the lock keeps nothing\n  hint: did you mean price",
        ),
    ],
)
def test_names_that_mean_nothing_are_refused(tmp_path, project, told):
    with pytest.raises(FeedsmithError) as caught:
        export(shop(tmp_path, rows(3), project))
    assert told in str(caught.value)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "project",
    [
        "checks: {group-of-one: off, 'in-two': off, invalid-gtin: warning}\n" + PROJECT + "  other: {channel: other}\n",
        OWN_OFF + PROJECT,
        PROJECT.replace("catalog.csv", "{source: catalog.csv, locked: [gtin, nr, own, weight_of_two]}")
        + "  other: {channel: other}\n",
    ],
)
def test_names_of_other_feeds_layers_and_of_the_catalog_are_known(tmp_path, project):
    more = CHANNEL_OF_TWO.replace("FIELD", "weight_of_two").replace("CODE", "in-two")
    shop(tmp_path, rows(3), project.replace("locked: [", "fields: {own: brand}, locked: ["))
    write_tree(tmp_path, {"channels/other.yaml": more})
    assert export(tmp_path, feeds=("one",)).states == ["published"]


# --- checks of the project ---------------------------------------------------------------------------------------

OWN = 'checks: {{dear: {{when: price > 50, severity: {severity}, field: price, message: "{{{{ title }}}} costs {{{{ price }}}}"}}}}\n'


@pytest.mark.parametrize(("severity", "left"), [("error", [1, 3]), ("warning", [1, 2, 3]), ("info", [1, 2, 3])])
def test_own_checks(tmp_path, severity, left):
    products = [row | {"price": price} for row, price in zip(rows(3), ("10", "60", "50"), strict=True)]
    ran = export(shop(tmp_path, products, OWN.format(severity=severity) + ONE))
    assert numbers(tmp_path / "out/one.xml") == left
    (found,) = ran.found("dear")
    assert (found.severity.value, found.product, found.field, found.place.row) == (severity, "SKU-2", "price", 3)
    assert found.message == "Deken nummer 2 costs 60"


@pytest.mark.parametrize(
    ("said", "severities", "left"),
    [
        ("", ["error"], [1]),
        ("checks: {missing-required: off}\n", [], [1, 2]),
        ("checks: {missing-required: warning}\n", ["warning"], [1, 2]),
    ],
)
def test_known_checks_can_be_switched(tmp_path, said, severities, left):
    ran = export(shop(tmp_path, [rows(1)[0], rows(2)[1] | {"title": ""}], said + ONE))
    assert [issue.severity.value for issue in ran.found("missing-required")] == severities
    assert numbers(tmp_path / "out/one.xml") == left


def test_a_set_check_switched_off_removes_nothing(tmp_path):
    ran = export(shop(tmp_path, rows(3, id="A"), "checks: {duplicate-id: off}\n" + ONE))
    assert (numbers(tmp_path / "out/one.xml"), ran.found("duplicate-id")) == ([1, 2, 3], [])


def test_a_feed_may_judge_otherwise_than_the_project(tmp_path):
    project = OWN.format(severity="error") + PROJECT.replace("{channel: two}", "{channel: two, checks: {dear: ~}}")
    products = [row | {"price": "60"} for row in rows(2)]
    ran = export(shop(tmp_path, products, project))
    assert [feed.items for feed in ran.report.feeds] == [0, 2, 0]
    assert ran.states == ["held", "published", "held"]


# --- markets -----------------------------------------------------------------------------------------------------


def test_texts_by_language_and_prices_by_market(tmp_path):
    text = "id,naam,naam_de,Prijs NL,Prijs DE,nr\nA,Deken,Decke,10.00,12.00,1\nB,Kussen,,20.00,,2\n"
    project = """\
catalog:
  source: catalog.csv
  columns: {title: {nl: naam, de: naam_de}, price: {nl: Prijs NL, de: Prijs DE}}
markets:
  nl: {country: NL, language: nl, currency: EUR}
  de: {country: DE, language: de, currency: EUR}
feeds: {one: {channel: one, markets: [nl, de]}}
"""
    ran = export(shop(tmp_path, text, project))
    assert column(tmp_path, "title", "one_nl.xml") == ["Deken", "Kussen"]
    assert column(tmp_path, "price", "one_nl.xml") == ["10.00 EUR", "20.00 EUR"]
    assert column(tmp_path, "title", "one_de.xml") == ["Decke"]
    assert column(tmp_path, "price", "one_de.xml") == ["12.00 EUR"]
    assert [(feed.name, feed.items, feed.rejected) for feed in ran.report.feeds] == [("one_nl", 2, 0), ("one_de", 1, 1)]
    missing = {issue.field for issue in ran.found("missing-required", "one_de")}
    assert "price" in missing


def test_one_market_of_a_project_leaves_the_others_alone(tmp_path):
    project = ONE.replace("market: {currency: EUR}", "markets: {nl: {country: NL}, be: {country: BE}}").replace(
        "channel: one", "channel: one, markets: [nl, be]"
    )
    folder = shop(tmp_path, rows(3), project)
    export(folder)
    kept = feeds(folder)["one_be.xml"]
    (folder / "catalog.csv").write_text(catalog(rows(2)))
    assert [feed.name for feed in export(folder, markets=("nl",)).report.feeds] == ["one_nl"]
    assert feeds(folder)["one_be.xml"] == kept
    assert numbers(folder / "out/one_nl.xml") == [1, 2]


# --- sets --------------------------------------------------------------------------------------------------------

SALE = """\
catalog: catalog.csv
market: {currency: EUR}
rules:
  sale: {from: 2026-11-27, until: 2026-11-30, when: price > 12, fields: {brand: "{{ brand }} sale"}, exclude: {not on sale: nr == "1"}}
feeds: {one: {channel: one, extends: [sale]}}
"""


@pytest.mark.parametrize(("day", "on"), [(26, False), (27, True), (30, True), (1, False)])
def test_a_set_counts_from_its_first_day_to_its_last(tmp_path, day, on):
    folder = shop(
        tmp_path, [row | {"price": price} for row, price in zip(rows(3), ("11", "12", "13"), strict=True)], SALE
    )
    export(folder, as_of=datetime(2026, 11, day, 12, tzinfo=UTC))
    assert column(folder, "brand") == (["Kaap", "Kaap sale"] if on else ["Kaap"] * 3)


def test_where_adds_up_and_exclude_names_its_reason(tmp_path):
    project = """\
catalog: catalog.csv
market: {currency: EUR}
where: {not the first: nr != "1"}
rules:
  shop: {where: {not the second: nr != "2"}, exclude: {third: nr == "3", fourth: nr == "4"}}
feeds:
  one: {channel: one, extends: [shop], exclude: {fourth: ~, third: nr == "5"}}
  two: {channel: two}
"""
    ran = export(shop(tmp_path, rows(6), project))
    assert numbers(tmp_path / "out/one.xml") == [3, 4, 6]
    assert numbers(tmp_path / "out/two.json") == [2, 3, 4, 5, 6]
    told = [(issue.product, issue.message) for issue in ran.found("filtered", "one")]
    assert told == [("SKU-1", "not not the first"), ("SKU-2", "not not the second"), ("SKU-5", "third")]


# --- look-up tables ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "left", "told"),
    [
        ("error", [1, 2], ["error"]),
        ("warning", [1, 2, 3], ["warning"]),
        ("info", [1, 2, 3], ["info"]),
        ("ignore", [1, 2, 3], []),
    ],
)
def test_a_table_that_lacks_a_key(tmp_path, missing, left, told):
    project = (
        ONE
        + "tables: {brands: brands.csv}\nfields: {brand: {table: brands, key: color, value: merk, missing: MISSING}}\n"
    )
    products = [row | {"color": color} for row, color in zip(rows(4), ("rood", "wit", "zwart", ""), strict=True)]
    folder = shop(tmp_path, products, project.replace("MISSING", missing))
    write_tree(folder, {"brands.csv": "kleur,merk\nrood,Kaap\nwit,Wijs\n"})
    ran = export(folder)
    assert [nr for nr in numbers(folder / "out/one.xml") if nr != 4] == left
    found = [issue for issue in ran.found("rule-failed") if issue.product == "SKU-3"]
    assert [issue.severity.value for issue in found] == told
    assert all("zwart" in issue.message for issue in found)
    assert dict(zip(column(folder, "nr"), column(folder, "brand"), strict=True))["2"] == "Wijs"


def test_a_table_with_a_key_twice_is_refused(tmp_path):
    folder = shop(tmp_path, rows(2), ONE + "tables: {brands: brands.csv}\n")
    write_tree(folder, {"brands.csv": "kleur,merk\nrood,Kaap\nrood,Wijs\n"})
    with pytest.raises(FeedsmithError, match="the table brands has the key 'rood' twice, in lines 2 and 3"):
        export(folder)


# --- corrections -------------------------------------------------------------------------------------------------

CORRECTED = """\
catalog: {source: catalog.csv, locked: [brand]}
market: {currency: EUR}
tables: {corrections: corrections.csv, later: later.csv}
overrides: corrections
feeds:
  one: {channel: one, fields: {title: "{{ title }}!"}}
"""


def corrected(folder: Path, corrections: str, later: str = "id,title\n", project: str = CORRECTED):
    shop(folder, rows(3), project)
    write_tree(folder, {"corrections.csv": corrections, "later.csv": later})
    return export(folder)


def test_a_table_of_corrections_wins_over_rules_cell_by_cell(tmp_path):
    corrected(tmp_path, "id,title,price,color\nSKU-2,Sprei,9.50,\nSKU-3,,,blauw\nSKU-9,Niets,,\n")
    assert column(tmp_path, "title") == ["Deken nummer 1!", "Sprei", "Deken nummer 3!"]
    assert column(tmp_path, "price") == ["11.95 EUR", "9.50 EUR", "13.95 EUR"]
    assert column(tmp_path, "color") == ["rood", "rood", "blauw"]


def test_corrections_of_a_feed_lie_over_those_of_the_project(tmp_path):
    project = CORRECTED.replace("{channel: one,", "{channel: one, overrides: [later],")
    corrected(tmp_path, "id,title,color\nSKU-1,Een,wit\nSKU-2,Twee,wit\n", "id,title\nSKU-2,Later\n", project)
    assert column(tmp_path, "title") == ["Een", "Later", "Deken nummer 3!"]
    assert column(tmp_path, "color") == ["wit", "wit", "rood"]


def test_a_correction_that_is_no_value_of_the_field_is_told(tmp_path):
    ran = corrected(tmp_path, "id,price\nSKU-2,cheap\n")
    assert {issue.field for issue in ran.issues if issue.product == "SKU-2"} == {"price"}
    assert column(tmp_path, "price") == ["11.95 EUR", "13.95 EUR"]


def test_a_column_of_corrections_that_the_channel_lacks_is_noted(tmp_path):
    ran = corrected(tmp_path, "id,title,colour\nSKU-1,Een,wit\n")
    (issue,) = ran.found("unknown-column")
    assert (issue.severity, issue.field, str(issue.place)) == ("info", "colour", "feedsmith.yaml:4:12")


def test_a_locked_field_is_told_with_both_places(tmp_path):
    with pytest.raises(FeedsmithError) as caught:
        corrected(tmp_path, "id,brand\nSKU-1,Duin\n")
    assert (
        "feedsmith.yaml:4:12: the field 'brand' is locked (feedsmith.yaml:1:41), and the table corrections has it"
        in str(caught.value)
    )
    project = CORRECTED.replace('title: "{{ title }}!"', "brand: Duin")
    with pytest.raises(FeedsmithError) as caught:
        corrected(tmp_path, "id,title\n", project=project)
    assert "feedsmith.yaml:6:32: the field 'brand' is locked (feedsmith.yaml:1:41), and feed one has a rule" in str(
        caught.value
    )


def test_an_unknown_table_of_corrections_is_told_once(tmp_path):
    with pytest.raises(FeedsmithError) as caught:
        corrected(tmp_path, "id,title\n", project=CORRECTED.replace("overrides: corrections", "overrides: correctons"))
    assert str(caught.value).count("there is no table 'correctons'") == 1
    assert "did you mean corrections" in str(caught.value)

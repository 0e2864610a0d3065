"""A channel's own error report: each problem stands on our product, its cell, its rule and our check."""

import io
import json

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.definitions.load import channel_files
from feedsmith.errors import SourceError, UsageError
from feedsmith.issues import Place, Severity
from feedsmith.resources import bundled
from feedsmith.run.feedback.feedback import Asking, code_of, feedback
from feedsmith.run.feedback.forms import forms, own_check
from feedsmith.run.feedback.told import Told, read_feedback
from feedsmith.run.handback.workbook import xlsx_report
from feedsmith.run.request import Request
from tests.helpers import write_tree

CATALOG = (
    "artikel;naam;omschrijving;merk;prijs;foto;pagina;ean;aantal;status\n"
    "KW-1;Mok;Een mok;Kleiwerk;12,95;https://www.klei.example/1.jpg;https://www.klei.example/p/1;9520000005009;4;in_stock\n"
    "KW-2;Pot;Een pot;;9,50;https://www.klei.example/2.jpg;https://www.klei.example/p/2;9520000005017;4;in_stock\n"
    "KW-3;Vaas;Een vaas;Kleiwerk;29,00;https://www.klei.example/3.jpg;https://www.klei.example/p/3;9520000005023;4;in_stock\n"
)
COLUMNS = "{id: artikel, title: naam, description: omschrijving, brand: merk, price: prijs, image_link: foto, link: pagina, gtin: ean, quantity: aantal, availability: status}"
PROJECT = (
    f"catalog: {{source: catalog.csv, columns: {COLUMNS}}}\n"
    "market: {country: NL, language: nl, currency: EUR}\n"
    "feeds:\n"
    "  google:\n"
    "    channel: google\n"
    "    fields:\n"
    "      id: {from: id, steps: [{prefix: shop-}]}\n"
    "      title: {from: title, steps: [upper]}\n"
    "  amazon: {channel: amazon, vars: {seller_id: A1}}\n  meta: {channel: meta}\n  mirakl: {channel: mirakl}\n  bol: {channel: bol}\n"
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return write_tree(tmp_path_factory.mktemp("shop"), {"feedsmith.yaml": PROJECT, "catalog.csv": CATALOG})


def put(shop, tmp_path, channel, content, name="report.csv", columns=None, also=None):
    """The issues that a report comes to."""
    path = write_tree(tmp_path, {name: content}) / name
    found = []

    def tell(report):
        found.extend(report.issues())
        if also is not None:
            also(report)

    request = Request(project=shop, here=shop, channels=(channel,), workers=1)
    report = feedback(request, Asking(path, columns or {}), tell)
    assert sum(report.counts.values()) == len(found)
    return found


def told(issue):
    place = issue.place
    return (
        issue.code,
        str(issue.severity),
        issue.product,
        issue.field,
        place.path.rpartition("/")[2],
        place.row,
        place.column,
    )


def google_api(*issues):
    products = [
        {"name": f"accounts/1/products/nl~NL~{id_}", "offerId": id_, "productStatus": {"itemLevelIssues": [one]}}
        for id_, one in issues
    ]
    return json.dumps({"products": products})


CASES = {
    "Merchant Center's export": (
        "google", "issues.tsv",
        ("Item ID\tTitle\tIssue title\tIssue code\tAttribute\tSeverity\tCountry\n"
        "shop-KW-2\tPOT\tMissing value\tmissing_value\tbrand\tDisapproved\tNL\n"
        "shop-KW-1\tMOK\tExcessive capitals\texcessive_capitals\ttitle\tDemoted\tNL\n"
        "shop-KW-3\tVAAS\tnone\t\t\tApproved\tNL\n"),
        [("google-missing-value", "error", "KW-2", "brand", "catalog.csv", 3, "merk"),
         ("google-excessive-capitals", "warning", "KW-1", "title", "catalog.csv", 2, "naam")],
    ),
    "statuses of the Merchant API": (
        "google", "status.json",
        google_api(("shop-KW-2", {"code": "invalid_gtin", "severity": "DISAPPROVED", "attribute": "gtin", "description": "Invalid GTIN", "detail": "The check digit is wrong"}),
                   ("shop-KW-1", {"code": "image_link_broken", "severity": "NOT_IMPACTED", "attribute": "image link", "description": "Broken image"})),
        [("google-invalid-gtin", "error", "KW-2", "gtin", "catalog.csv", 3, "ean"),
         ("google-image-link-broken", "warning", "KW-1", "image_link", "catalog.csv", 2, "foto")],
    ),
    "statuses of the Content API": (
        "google", "status.json",
        json.dumps({"resources": [{"productId": "online:nl:NL:shop-KW-3", "itemLevelIssues": [{"code": "price_mismatch", "servability": "demoted", "attributeName": "price", "description": "Price differs"}]}]}),
        [("google-price-mismatch", "warning", "KW-3", "price", "catalog.csv", 4, "prijs")],
    ),
    "Amazon's processing report": (
        "amazon", "report.json",
        json.dumps({"header": {}, "issues": [
            {"messageId": 1, "sku": "KW-2", "code": "90220", "severity": "ERROR", "message": "'[brand]' is required but not supplied."},
            {"messageId": 2, "sku": "KW-1", "code": "18448", "severity": "WARNING", "message": "too little", "attributeNames": ["item_name"]}], "summary": {}}),
        [("amazon-90220", "error", "KW-2", "brand", "catalog.csv", 3, "merk"),
         ("amazon-18448", "warning", "KW-1", "title", "catalog.csv", 2, "naam")],
    ),
    "Amazon's text report": (
        "amazon", "report.txt",
        ("Feed Processing Summary:\n\tNumber of records processed\t\t2\n\tNumber of records successful\t\t1\n\n"
        "original-record-number\tsku\terror-code\terror-type\terror-message\n2\tKW-1\t8541\tError\tThe GTIN belongs to another item\n"),
        [("amazon-8541", "error", "KW-1", "", "catalog.csv", 2, None)],
    ),
    "Meta's answer to a batch": (
        "meta", "answer.json",
        json.dumps({"handles": ["x"], "validation_status": [
            {"retailer_id": "KW-3", "errors": [{"message": 'The field "price" must be a number'}], "warnings": [{"message": "Unrecognised field 'colour'"}]}]}),
        [("meta-the-field-must-be-number", "error", "KW-3", "price", "catalog.csv", 4, "prijs"),
         ("meta-unrecognised-field", "warning", "KW-3", "", "catalog.csv", 4, None)],
    ),
    "Meta's status of a batch": (
        "meta", "status.json",
        json.dumps({"data": [{"handle": "x", "status": "finished", "errors": [{"line": 2, "id": "KW-1", "message": "'image_link' cannot be read"}], "warnings": []}]}),
        [("meta-cannot-be-read", "error", "KW-1", "image_link", "catalog.csv", 2, "foto")],
    ),
    "Mirakl's error file": (
        "mirakl", "errors.csv",
        "sku;product-id;price;description;error-line;error-message\nKW-2;9520000005017;9.50;Een pot;2;The product 'price' is too low\n",
        [("mirakl-the-product-is-too-low", "error", "KW-2", "price", "catalog.csv", 3, "prijs")],
    ),
    "bol's reasons": (
        "bol", "reasons.json",
        json.dumps({"offerId": "0b7c", "reference": "KW-1", "countries": [{"countryCode": "NL", "reasons": [{"category": "PRICE", "code": "4000-1", "description": "Price too high"}]}]}),
        [("bol-4000-1", "error", "KW-1", "", "catalog.csv", 2, None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_report_stands_on_rows_and_rules(shop, tmp_path, case):
    channel, name, content, expected = CASES[case]
    assert [told(issue) for issue in put(shop, tmp_path, channel, content, name)] == expected


def test_a_workbook_is_a_table_too(shop, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["SKU", "Error code", "Error type", "Error message"])
    book.active.append(["KW-1", "8541", "Error", "The GTIN belongs to another item"])
    file = io.BytesIO()
    book.save(file)
    (issue,) = put(shop, tmp_path, "amazon", file.getvalue(), "report.xlsx")
    assert told(issue) == ("amazon-8541", "error", "KW-1", "", "catalog.csv", 2, None)


def test_the_rule_and_our_own_check_are_named(shop, tmp_path):
    channel, name, content, _ = CASES["statuses of the Merchant API"]
    broken, image = put(shop, tmp_path, channel, content, name)
    assert broken.message == "Invalid GTIN: The check digit is wrong"
    assert (broken.feed, broken.channel, broken.value) == ("google", "google", "9520000005017")
    rule, check = broken.help.split("; ")
    assert rule.startswith("rule: channels/google.yaml:")
    assert check == "feedsmith tells it too: invalid-gtin"
    assert "; " not in image.help
    capitals = put(shop, tmp_path, *(CASES["Merchant Center's export"][i] for i in (0, 2, 1)))[1]
    assert capitals.help.startswith("rule: feedsmith.yaml:8:14; ")


def test_a_check_that_is_about_it_is_named_where_it_finds_nothing(shop, tmp_path):
    (issue,) = put(shop, tmp_path, "google", "id,issue,code,attribute\nshop-KW-1,Title too long,title_too_long,title\n")
    assert issue.help.endswith("the check too-long is about this")


def test_ids_that_the_catalog_does_not_hold_are_told(shop, tmp_path):
    unknown, nameless = put(shop, tmp_path, "google", "id,issue\nOLD-9,Broken\n,Account on hold\n")
    assert (unknown.code, unknown.severity, unknown.value) == ("feedback-unknown-id", Severity.WARNING, "OLD-9")
    assert "'OLD-9', which the catalog does not hold: Broken" in unknown.message
    assert (unknown.place.row, unknown.place.path) == (2, str(tmp_path / "report.csv"))
    assert "does not say which product" in nameless.message


def test_a_report_with_other_headings_is_told_what_is_what(shop, tmp_path):
    text = "Artikelnummer;Fehler\nKW-1;Bild fehlt\n"
    with pytest.raises(
        SourceError, match="no column is known as the id and the message; there are `Artikelnummer`, `Fehler`"
    ) as found:
        put(shop, tmp_path, "google", text)
    assert "--column id=HEADING" in found.value.hint
    (issue,) = put(shop, tmp_path, "google", text, columns={"id": "Artikelnummer", "message": "fehler"})
    assert told(issue) == ("google-bild-fehlt", "error", "KW-1", "", "catalog.csv", 2, None)
    with pytest.raises(SourceError, match="the one that --column names"):
        put(shop, tmp_path, "google", "id,issue\n1,x\n", columns={"code": "nix"})


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ('{"products": [{"offerId": 1}]', "r.json", "is no JSON"),
        ('{"rubbish": []}', "r.json", "is no report of google that is known"),
        ("", "r.csv", "empty"),
    ],
)
def test_what_is_no_report_is_refused(shop, tmp_path, text, name, why):
    with pytest.raises(SourceError) as found:
        put(shop, tmp_path, "google", text, name)
    assert why in str(found.value)


def test_a_report_of_good_news_has_no_issue(shop, tmp_path):
    assert put(shop, tmp_path, "amazon", '{"issues": [], "summary": {"errors": 0}}', "r.json") == []


def test_one_channel_is_needed(shop, tmp_path):
    for channels in ((), ("google", "meta"), ("goo*",)):
        with pytest.raises(UsageError, match="one channel"):
            feedback(Request(project=shop, here=shop, channels=channels), Asking(tmp_path / "x"), lambda _: None)


def test_the_merchants_own_file_shows_what_the_channel_says(shop, tmp_path):
    out = io.BytesIO()
    put(
        shop,
        tmp_path,
        *(CASES["Merchant Center's export"][i] for i in (0, 2, 1)),
        also=lambda report: xlsx_report(report, out),
    )
    sheet = openpyxl.load_workbook(out)["catalog.csv"]
    assert "google-missing-value (google): Missing value" in sheet["D3"].comment.text


IDS = st.sampled_from(["shop-KW-1", "shop-KW-2", "KW-3", "gone", ""])


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(
        st.tuples(IDS, st.sampled_from(["title", "brand", "nonsense", ""]), st.text("ab '\"\n", max_size=8)),
        min_size=1,
        max_size=8,
    )
)
def test_no_problem_is_lost(shop, tmp_path_factory, rows):
    """Law: every problem of a report is told once, on our product or as unknown."""
    reports = [
        {"offerId": id_, "productStatus": {"itemLevelIssues": [{"code": "c", "attribute": field, "description": text}]}}
        for id_, field, text in rows
    ]
    found = put(shop, tmp_path_factory.mktemp("law"), "google", json.dumps({"products": reports}), "r.json")
    assert len(found) == len(rows)
    for (id_, _, _), issue in zip(rows, found, strict=True):
        assert issue.product == {"gone": "", "": ""}.get(id_, id_.removeprefix("shop-"))


def test_the_forms_name_channels_and_codes_that_there_are():
    known = channel_files(bundled("samples"))
    codes = {issue for one in forms().checks.values() for issue in one.values()}
    assert all(any(name.startswith(one.channels) for name in known) for one in forms().lists)
    assert all(any(name.startswith(owner) for name in known) for owner in forms().checks)
    assert codes <= {
        line.strip().partition(":")[0]
        for line in (bundled("channels").parent / "docs/words.yaml").read_text().splitlines()
    }


@pytest.mark.parametrize(
    ("channel", "code", "own"),
    [
        ("google", "Missing_Value", "missing-required"),
        ("amazon", "90225", "too-long"),
        ("amazon", "1", ""),
        ("kelkoo", "x", ""),
        ("google", "", ""),
    ],
)
def test_our_check_by_the_channels_code(channel, code, own):
    assert own_check(channel, code) == own


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_code_is_one_whatever_the_words(code, message):
    """Law: a code is in small letters and digits with hyphens between."""
    found = code_of(Told("1", message, Severity.ERROR, Place("r"), code=code), "meta_csv")
    assert found.startswith("meta-")
    assert all(part.isalnum() and part.isascii() for part in found.split("-"))


def test_read_feedback_names_what_it_read(tmp_path):
    path = write_tree(tmp_path, {"r.csv": "sku,error message,status\nA,broken,Failure\nB,,Success\n"}) / "r.csv"
    read = read_feedback(path, "ebay", {}, tmp_path)
    assert (read.form, read.records, len(read.problems)) == ("a table with sku, error message, status", 2, 1)

"""The expected feeds keep to the schemas that the channels' owners publish."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from feedsmith.issues import Issue, Severity
from feedsmith.run.execute import execute
from feedsmith.run.request import FeedFile, Request
from tests.channels.engine import NOW
from tests.conftest import GOLDEN

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "social"
PINTEREST = DATA / "pinterest" / "catalogs-retail.openapi-subset.json"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the schemas beside the checkout")


def json_schema(value: Any) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema: what is `nullable` may be null."""
    if isinstance(value, list):
        return [json_schema(one) for one in value]
    if not isinstance(value, dict):
        return value
    plain = {key: json_schema(one) for key, one in value.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if value.get("nullable") is True else plain


def mistakes(schema: Any, document: Any) -> Iterator[str]:
    """Where the document breaks the schema, and how."""
    return (f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(document))


@pytest.fixture(scope="module")
def pinterest():
    components = json_schema(json.loads(PINTEREST.read_text("utf-8"))["components"])
    return {"$ref": "#/components/schemas/CatalogsRetailBatchRequest", "components": components}


def test_pinterest_batch(pinterest):
    (file,) = (GOLDEN / "pinterest_batch").iterdir()
    assert not list(mistakes(pinterest, json.loads(file.read_text("utf-8"))))


@pytest.mark.parametrize(
    "change",
    [{"language": "en"}, {"items": []}, {"extra": 1}, {"items": [{"operation": "UPSERT", "item_id": "1"}]}],
    ids=["language", "no items", "extra member", "no attributes"],
)
def test_the_schema_of_pinterest_finds_mistakes(pinterest, change):
    (file,) = (GOLDEN / "pinterest_batch").iterdir()
    assert list(mistakes(pinterest, {**json.loads(file.read_text("utf-8")), **change}))


def resources(folder: Path) -> Registry:
    """All schemas below a folder, by the address that each bears."""
    schemas = [json.loads(path.read_text("utf-8")) for path in sorted(folder.rglob("*.json"))]
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)


ACP = [DATA / "acp" / release / "schema.feed.json" for release in ("2026-04-17", "unreleased")]
UCP = DATA / "ucp" / "2026-04-08" / "schemas"
UCP_PRODUCT = "https://ucp.dev/schemas/shopping/types/product.json"


def lines(channel: str) -> list[Any]:
    """The documents of an expected feed of a document a line."""
    (file,) = (GOLDEN / channel).iterdir()
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("path", ACP, ids=lambda path: path.parent.name)
def test_acp(path):
    bundle = json.loads(path.read_text("utf-8"))
    product = {**bundle, "$ref": "#/$defs/Product"}
    assert not [mistake for line in lines("acp") for mistake in mistakes(product, line)]
    assert list(mistakes(product, {**lines("acp")[0], "brand": "Halden"})), "an unknown member is a mistake"


def test_ucp():
    validator = Draft202012Validator({"$ref": UCP_PRODUCT}, registry=resources(UCP))
    found = lines("ucp")
    assert not [error.message for line in found for error in validator.iter_errors(line)]
    del found[0]["variants"][0]["price"]
    assert list(validator.iter_errors(found[0]))


def test_jsonld():
    """There is no schema: what Google's page requires, and what no other test reads back."""
    found = lines("jsonld")
    assert {line["@type"] for line in found} == {"ProductGroup"}
    variants = [variant for line in found for variant in line["hasVariant"]]
    assert len({variant["sku"] for variant in variants}) == len(variants)
    assert all(variant["offers"]["price"] > 0 and variant["offers"]["priceCurrency"] for variant in variants)
    for line in found:
        for property_ in (one.rpartition("/")[2] for one in line.get("variesBy", [])):
            assert all(property_ in variant for variant in line["hasVariant"])


@pytest.mark.parametrize("path", ACP, ids=lambda path: path.parent.name)
def test_products_of_the_owners_messages_have_no_error(path, tmp_path):
    messages = json.loads(path.with_name("examples.feed.json").read_text("utf-8"))
    products = messages["upsert_products_request_single_product"]["products"]
    file = tmp_path / "products.jsonl"
    file.write_text("\n".join(map(json.dumps, products)), "utf-8")
    issues: list[Issue] = []
    request = Request(here=tmp_path, as_of=NOW, workers=1, feed=FeedFile(file, "acp"))
    report = execute(request, lambda report: issues.extend(report.issues()))
    assert [issue for issue in issues if issue.severity is Severity.ERROR or issue.code == "unknown-column"] == []
    assert report.feeds[0].items == sum(len(one["variants"]) for one in products) > 0

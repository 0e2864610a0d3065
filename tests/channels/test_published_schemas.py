"""The expected feeds keep to the schemas that the channels' owners publish."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

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

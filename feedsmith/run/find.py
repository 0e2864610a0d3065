"""Looking for a product in the catalog, by its id, its GTIN, its link or its item group; or for another record."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT
from feedsmith.issues import Issue, Place, Severity, shown
from feedsmith.mapping.printed import printed
from feedsmith.run.job import Job
from feedsmith.run.siblings import catalog_batches, one_row
from feedsmith.sources.batch import Batch
from feedsmith.values.gtin import clean_gtin

WAYS = ("id", "gtin", "link", "item_group_id")
"""The fields by which a product is looked for; the first that has a hit counts."""
WAYS_OF_OTHERS = ("id",)
"""The fields by which other records are: a review's GTIN and link are those of its product."""
MOST = 1_000
"""Products that a group lists."""
NEAREST = 3
NEAR_ENOUGH = 60
"""rapidfuzz score (0 to 100) from which an id is proposed."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the catalog that fits what was asked, as a batch of its own."""

    batch: Batch
    id: str
    title: str
    place: Place
    record: str = PRODUCT.name


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that fit, and by which field; without any, the nearest ids, and the rows that no product was made of."""

    by: str
    rows: tuple[Row, ...]
    nearest: tuple[str, ...] = ()
    left_out: tuple[Issue, ...] = ()


def find(job: Job, asked: str) -> Found:
    """The rows whose id, GTIN, link or item group is `asked`, in this order of preference, of every kind of record.

    Raises:
        SourceError: a file cannot be read to its end.
    """
    wanted = asked.strip()
    hits: dict[str, list[Row]] = {way: [] for way in WAYS}
    near: list[str] = []
    left_out: list[Issue] = []
    for batch, products in chain.from_iterable(catalog_batches(job, record) for record in job.records):
        for way in WAYS if products.record is PRODUCT else WAYS_OF_OTHERS:
            for row in _matching(products, way, wanted):
                if len(hits[way]) < MOST:
                    hits[way].append(row_of(batch, products, row))
        left_out += [one for one in batch.issues if one.severity is Severity.ERROR and wanted in one.value]
        if not hits["id"]:
            _keep_nearest(near, wanted, products)
    way = next((way for way in WAYS if hits[way]), "")
    if way:
        return Found(way, tuple(hits[way]))
    return Found("", (), tuple(near), tuple(left_out[:NEAREST]))


def _matching(products: Products, way: str, wanted: str) -> list[int]:
    """The rows with that value, as it is read or as it stands in the file."""
    same = SAME.get(way, _same_text)(wanted)
    found: dict[int, None] = {}
    for key, claim in products.claims.items():
        if claim.field == way and claim.heading in products.batch.columns:
            for column in (products.raw(claim.heading), products.typed(key)):
                found |= {row: None for row, value in column.rows() if same(value)}
    return sorted(found)


def _same_text(wanted: str) -> Callable[[Any], bool]:
    return lambda value: value == wanted


def _same_gtin(wanted: str) -> Callable[[Any], bool]:
    """GTINs of all lengths are compared as 14 digits."""
    digits = clean_gtin(wanted)
    if not digits.isdecimal():
        return lambda value: False  # noqa: ARG005 - as the others are called
    return lambda value: clean_gtin(value).zfill(14) == digits.zfill(14)


def _same_link(wanted: str) -> Callable[[Any], bool]:
    """A link is the same with another campaign behind its `?`."""
    if not wanted.startswith(("http://", "https://")):
        return lambda value: False  # noqa: ARG005 - as the others are called
    plain = wanted.partition("?")[0]
    return lambda value: value == wanted or ("?" in wanted and value == plain)


SAME: dict[str, Callable[[str], Callable[[Any], bool]]] = {"gtin": _same_gtin, "link": _same_link}
"""How values are compared, where not by their text."""


def row_of(batch: Batch, products: Products, row: int) -> Row:
    """One row of a batch, with the product that it is."""
    place = products.place("", row)
    return Row(one_row(batch, row), products.product(row), _title(products, row), place, products.record.name)


def _title(products: Products, row: int) -> str:
    """The record's title; of a review without one the beginning of its text."""
    title = printed(products.text("title")[row])
    return title or (shown(printed(products["content"][row])) if "content" in products.record.fields else "")


def _keep_nearest(near: list[str], wanted: str, products: Products) -> None:
    """Keep the ids that are most like `wanted`, over all batches."""
    from rapidfuzz import process  # noqa: PLC0415 - only a search pays for the import

    ids = [text for text in (products.product(row) for row in range(len(products))) if text]
    found = process.extract(wanted, [*near, *ids], limit=NEAREST, score_cutoff=NEAR_ENOUGH)
    near[:] = dict.fromkeys(text for text, _, _ in found)

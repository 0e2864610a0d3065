"""The guards: what a new feed is compared by with the last good one, and from where on it warns or is held.

`GUARDS` is the list that code, docs and the JSON schema read. `guards:` of a project, rule set, market or feed sets
levels: `max_drop: 30%` from where on the feed is held, `{warn: 5%, hold: 30%}` both, `off` neither, `~` the default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, create_model

from feedsmith.definitions.model import Strict
from feedsmith.definitions.node import Node

Unit = Literal["%", "points", "items"]
AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")
OFF = "off"


@dataclass(frozen=True)
class Guard:
    """A guard: what its levels are without a word of the project, and what the docs and reports say of it.

    `unit` is per cent, percentage points of a share, or a number of items. `baseline` is the least number of items of
    the feed that it is compared with: of fewer, a share means nothing. `least` says that the levels are a floor.
    """

    code: str
    unit: Unit
    warn: int | None
    hold: int | None
    sentence: str
    help: str
    baseline: int = 0
    least: bool = False
    by: int | None = None


SMALL = 20
"""Items below which shares are not compared."""
GUARDS: Mapping[str, Guard] = {
    "min_items": Guard(
        "too-few-items", "items", None, None,
        "The feed has fewer items than that.",
        "look at the catalog and at the reasons for which products were rejected or left out", least=True,
    ),
    "max_drop": Guard(
        "items-dropped", "%", 10, 30,
        "The feed has fewer items than the median of its last 5 versions, or than the one of 7 days ago.",
        "look whether the catalog is whole, and at the reasons for which products were rejected or left out", SMALL,
    ),
    "max_growth": Guard(
        "items-grew", "%", 100, 200,
        "The feed has more items than the median of its last 5 versions.",
        "look whether the catalog holds products twice, or some that a condition left out before", SMALL,
    ),
    "max_rejected": Guard(
        "many-rejected", "%", None, None,
        "Checks reject that share of the products that are not filtered.",
        "look at the errors of this feed: the most frequent one is first in the report",
    ),
    "max_rejected_rise": Guard(
        "rejected-rose", "points", 5, 20,
        "The share of rejected products is higher than in the last good version.",
        "look at the errors of this feed: the most frequent one is first in the report", SMALL,
    ),
    "max_price_change": Guard(
        "prices-changed", "%", 5, 20,
        "Of the items that the last good version had too, that share has a price that moved by more than `by`; or more "
        "than half have prices that one factor explains, such as 100 or 1.19, or another currency.",
        "compare some prices with the shop; look at the decimal sign, the currency and the VAT of the source", SMALL,
        by=20,
    ),
    "max_ids_changed": Guard(
        "ids-changed", "%", 10, 30,
        "Of the items of the last good version, that share is not there any more by its id.",
        "look whether the source writes its ids in another way: to the channel these are other products", SMALL,
    ),
    "max_out_of_stock": Guard(
        "out-of-stock", "%", 15, 40,
        "Of the items that the last good version had in stock, that share is out of stock.",
        "look whether the stock was read: a column that is renamed or empty makes everything out of stock", SMALL,
    ),
    "max_erosion": Guard(
        "attribute-erosion", "points", 5, 20,
        "A field has a value in a smaller share of the items than in the last good version. Fields that the channel "
        "neither asks for nor recommends only warn; one that it asks for and that is suddenly empty holds.",
        "look whether the column is still there, by the same name, and has values", SMALL,
    ),
}  # fmt: skip
"""Name in a project → guard."""


@dataclass(frozen=True)
class Reason:
    """Why a feed is held that no level is set for."""

    sentence: str
    help: str


REASONS: Mapping[str, Reason] = {
    "empty-feed": Reason(
        "No product is left for the feed.",
        "look at the catalog and at the reasons for which products were rejected or left out",
    ),
    "missing-source": Reason(
        "A source that the feed uses, with `if_missing: hold`, is not there or too old.",
        "look at the job that writes it",
    ),
    "store-without-stock": Reason(
        "No source has stock of a store: its items would vanish from the feed.",
        "check the files of the stores, and that `till` is what the stock file calls them",
    ),
    "partial-catalog": Reason(
        "A part of the catalog (`--limit`) would replace a whole feed.",
        "give --out DIR, or leave out --limit",
    ),
    "rolled-back": Reason(
        "The feed was put back to an earlier version by `feedsmith runs rollback`.",
        "when the cause is gone, let the new version pass",
    ),
}
"""Code → reason."""
CODES = frozenset({*REASONS, *(guard.code for guard in GUARDS.values())})
"""What `runs accept --guard` can name."""


@dataclass(frozen=True)
class Levels:
    """From where on a guard warns and holds; None is never. `by` is the move of a price that counts, in per cent."""

    warn: Decimal | None
    hold: Decimal | None
    by: Decimal = Decimal(0)


# --- in a project ------------------------------------------------------------------------------------------------


def _amount(text: str) -> str:
    if text != OFF and not AMOUNT.fullmatch(_bare(text)):
        raise ValueError("this is no level, such as `30%` or `off`")
    return text


def _bare(text: str) -> str:
    return text.removesuffix("%").removesuffix("points").strip()


Amount = Annotated[str, AfterValidator(_amount)]


class GuardDefinition(Strict):
    """A guard's levels."""

    warn: Amount | None = Field(None, description="From where on it warns; default: the guard's own level.")
    hold: Amount | None = Field(None, description="From where on the feed is held; default: the guard's own level.")
    by: Amount | None = Field(None, description="`max_price_change`: the move of a price that counts, such as `20%`.")


GUARD_FORMS: Any = Amount | GuardDefinition | None
GUARD_FIELDS: dict[str, Any] = {
    name: (GUARD_FORMS, Field(None, description=guard.sentence)) for name, guard in GUARDS.items()
}
Guards: Any = create_model("Guards", __base__=Strict, **GUARD_FIELDS)
"""From where on each guard holds the feed, or warns."""


def default_levels() -> dict[str, Levels]:
    """What counts where a project says nothing."""
    return {name: Levels(_decimal(one.warn), _decimal(one.hold), Decimal(one.by or 0)) for name, one in GUARDS.items()}


def levels_of(name: str, node: Node) -> Levels:
    """What a project says of a guard. A level that it does not name is the guard's own; it warns before it holds."""
    own = default_levels()[name]
    if node.text == OFF:
        return Levels(None, None, own.by)
    said = {"hold": node.text} if node.text else {key: one.text for key, one in node.map.items()}
    hold = _said(said.get("hold"), own.hold)
    warn = _said(said.get("warn"), own.warn)
    if "warn" not in said and warn is not None and hold is not None:
        warn = max(warn, hold) if GUARDS[name].least else min(warn, hold)
    return Levels(warn, hold, _said(said.get("by"), own.by) or Decimal(0))


def _said(text: str | None, own: Decimal | None) -> Decimal | None:
    if not text:
        return own
    return None if text == OFF else Decimal(_bare(text))


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)

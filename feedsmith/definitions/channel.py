"""A channel definition: one YAML file in `channels/`, read into these models. Its form is documented here.

Consequences say what happens to a value that breaks a rule of the channel; nothing happens in silence:

- `reject`: the item is left out of the feed, the issue is an error;
- `drop`: the value is left out, the issue is a warning;
- `cut`: the value (or the list) is cut to its limit, the issue is a warning;
- `warn`, `info`: the value is sent as it is, the issue is a warning or an info.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from feedsmith.definitions.model import Strict
from feedsmith.definitions.rule import Steps

Consequence = Literal["reject", "drop", "cut", "warn", "info"]
TypeName = Literal[
    "text", "html", "url", "money", "number", "integer", "choice", "flag", "date", "moment", "period",
    "measure", "gtin", "country", "language", "category", "group",
]  # fmt: skip

PlaceKind = Literal["search", "social", "ai", "marketplace", "comparison", "affiliate", "own"]
"""Kinds of places that take a feed, in the order in which they are listed."""


class Requirement(Strict):
    """When a field must have a value, and what happens to an item without it."""

    when: str | None = Field(None, description="Condition over the item's fields; absent: always.")
    otherwise: Consequence = Field("reject", alias="else")
    message: str = ""


class Length(Strict):
    """A limit on the length of a text, of each value where the field repeats."""

    length: int
    unit: Literal["characters", "bytes"] = "characters"
    otherwise: Consequence = Field("reject", alias="else")


class Range(Strict):
    """A limit on a number, an amount or a measure's amount."""

    min: str | None = None
    max: str | None = None
    otherwise: Consequence = Field("drop", alias="else")


class Repeat(Strict):
    """A field with several values."""

    min: int = 0
    max: int | None = None
    otherwise: Consequence = Field("cut", alias="else")


class Pattern(Strict):
    """A regular expression (RE2) that each value must match as a whole."""

    match: str
    otherwise: Consequence = Field("warn", alias="else")
    code: str = "invalid-format"
    message: str = ""


def _requirements(value: Any) -> Any:
    if isinstance(value, str):
        lowered = value.lower()
        return [{}] if lowered == "true" else [] if lowered == "false" else value
    return [value] if isinstance(value, dict) else value


def _values(value: Any) -> Any:
    return {item: item for item in value} if isinstance(value, list) else value


def _repeat(value: Any) -> Any:
    return {"max": value} if isinstance(value, str) else value


class Change(Strict):
    """Keys of a field that are others from a day on; what it does not say stays. `~` takes a key away."""

    model_config = ConfigDict(extra="allow")

    from_: date = Field(alias="from", description="First day on which the field's other keys here count.")


class FieldDefinition(Strict):
    """One field of the channel: what it asks for, and where the value comes from by default."""

    name: str | None = Field(None, description="The name in the feed, where it is not the key: `product-id`.")
    note: str = Field("", description="What the field means, in a few words.")
    type: TypeName = "text"
    required: Annotated[list[Requirement], BeforeValidator(_requirements)] = []
    invalid: Consequence | None = Field(
        None, description="What a value of the wrong form costs; default: reject when always required, else drop."
    )
    min: Length | None = None
    max: Length | None = None
    range: Range | None = None
    repeat: Annotated[Repeat | None, BeforeValidator(_repeat)] = Field(None, description="Most values, or a mapping.")
    join: str = Field(",", description="What joins several values in one cell of a delimited file.")
    pattern: Pattern | None = None
    values: Annotated[dict[str, str | None] | None, BeforeValidator(_values)] = Field(
        None, description="Accepted values: a list, or ours to theirs; `~` for ours that the channel has no word for."
    )
    unmapped: Consequence = Field("drop", description="What happens to a value whose counterpart is `~`.")
    units: list[str] = []
    form: str | None = Field(None, description="How the type is written; see `feedsmith.render.forms`.")
    group: "dict[str, FieldDefinition]" = {}
    order: list[str] = Field([], description="Order of a group's attributes in the text form `a:b:c`.")
    checks: list[str | dict[str, Any]] = Field([], description="Named text checks; see `feedsmith.checks.texts`.")
    expand: str | None = Field(None, description="A project variable; the field is repeated for each of its values.")
    from_: str | None = Field(None, alias="from", description="Default rule: an expression; default: the same name.")
    value: str | None = Field(None, description="Default rule: a text template.")
    steps: Steps = []
    default: str | None = None
    reference: str = ""
    since: date | None = None
    until: date | None = None
    changes: list[Change] = Field([], description="What changes by a date: keys of the field, each with `from:`.")
    status: Literal["current", "new", "legacy", "niche", "vertical"] = "current"
    uncertain: bool = Field(False, description="The fact is not confirmed by the owner: warnings at most.")

    @model_validator(mode="after")
    def _consistent(self) -> "FieldDefinition":
        if bool(self.group) != (self.type == "group"):
            raise ValueError("a field of type group needs `group:` with its attributes, and no other field has it")
        if self.type == "choice" and self.values is None:
            raise ValueError("a field of type choice needs `values:`")
        return self

    @property
    def always_required(self) -> bool:
        """An item without it is always left out."""
        return any(need.when is None and need.otherwise == "reject" for need in self.required)

    @property
    def when_invalid(self) -> Consequence:
        """What a value of the wrong form costs the item."""
        return self.invalid or ("reject" if self.always_required else "drop")


class ItemCheck(Strict):
    """A condition over an item's fields that must not be true. Names are the channel's fields."""

    code: str
    when: str
    field: str = Field("", description="The field it is about: what `drop` empties and the issue names.")
    each: str | None = Field(None, description="A repeated group: the condition is asked of each, as `row.price`.")
    otherwise: Consequence = Field("warn", alias="else")
    message: str
    help: str = ""
    reference: str = ""
    since: date | None = Field(None, description="Before this day the consequence is at most a warning.")


class SetCheck(Strict):
    """A check over all items of a feed.

    - `unique`: no two items share the values of `key`; with `fold` it tells only of values that differ by capitals;
    - `same`: items with the same `by` share the values of `fields`;
    - `not_in`: the value of `key` is not the value of `other` of any item;
    - `count`: an item group `by` has at least `min` and at most `max` items;
    - `distinct`: `key` has at most `max` different values.
    """

    check: Literal["unique", "same", "not_in", "count", "distinct"]
    code: str
    key: Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = []
    by: str | None = None
    fields: list[str] = []
    other: str | None = None
    fold: bool = False
    min: int | None = None
    max: int | None = None
    otherwise: Literal["keep_first", "drop_all", "warn", "info"] = Field("warn", alias="else")
    message: str
    help: str = ""
    reference: str = ""

    @model_validator(mode="after")
    def _removes_single_items(self) -> "SetCheck":
        if self.otherwise in {"keep_first", "drop_all"} and self.check not in {"unique", "not_in"}:
            raise ValueError(f"a check of the form {self.check} takes no item out: use warn or info")
        return self


class Dialect(Strict):
    """How a delimited file is written."""

    delimiter: str = ","
    quote: Literal["needed", "all"] = "needed"
    newline: Literal["lf", "crlf"] = "lf"
    decimal: Literal[".", ","] = "."
    bom: bool = False


class Envelope(Strict):
    """The most that one file may hold; more items make numbered files."""

    items: int | None = None
    bytes: int | None = None


class ChannelDefinition(Strict):
    """A place that takes a feed."""

    extends: str | None = Field(None, description="A channel that lies under this file; see above.")
    title: str
    kind: PlaceKind = Field("own", description="The kind of place; `own` is left to channels of a project.")
    owner: str
    reference: str = Field(description="Address of the owner's specification.")
    read: date = Field(description="The day the specification was read.")
    delivery: str = Field("", description="How the channel takes its feed: fetched, uploaded, sent by API.")
    format: Literal["xml", "json", "csv"]
    item: Literal["product", "store", "region", "promotion", "review"] = Field(
        "product",
        description="What becomes one item: a product, a product in a store or region, a promotion, a review.",
    )
    template: str | None = Field(
        None, description="File in `templates/`; default: `NAME.FORMAT.j2`, else that of the extended channel."
    )
    extension: str | None = Field(None, description="Of the feed file; default: the format.")
    element: str = Field("{name}", description="XML: how a field's element is named, e.g. `g:{name}`.")
    separator: str = Field("", description="What stands between two items, e.g. a comma in a JSON array.")
    dialect: Dialect = Dialect()
    envelope: Envelope = Envelope()
    semantics: Literal["replace", "update"] = Field("replace", description="What absence from the file means.")
    blank: str = Field("", description="What a blank value means to the channel.")
    lists: dict[str, list[str]] = Field({}, description="Named lists for conditions: `lists.apparel`.")
    fields: dict[str, FieldDefinition]
    checks: dict[str, ItemCheck] = {}
    sets: dict[str, SetCheck] = {}

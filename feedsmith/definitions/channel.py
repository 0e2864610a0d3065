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
from feedsmith.definitions.parent import ParentRow
from feedsmith.definitions.rule import Steps
from feedsmith.definitions.wrap import check_wrap

Consequence = Literal["reject", "drop", "cut", "warn", "info"]
TypeName = Literal[
    "text", "html", "url", "money", "number", "integer", "choice", "flag", "date", "moment", "period",
    "measure", "gtin", "country", "language", "category", "group",
]  # fmt: skip

PlaceKind = Literal["search", "social", "ai", "marketplace", "comparison", "affiliate", "touchpoint", "own"]
"""Kinds of places that take a feed, in the order in which they are listed.

A touchpoint is a place of the merchant: a kiosk, an app, a shelf, a mail.
"""
MONEY_FORMS = frozenset({"string", "number", "minor", "object", "minor object"})
"""The forms of money that have names; any other is a text with `{amount}`."""


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
    columns: Literal["joined", "numbered", "repeated", "json"] = Field(
        "joined",
        description="Delimited files and workbooks: one cell, columns numbered by `{n}` in the name, columns of the"
        " same name, or one cell with a JSON array. Numbered names are also used in XML and JSON.",
    )
    first: int = Field(1, description="The number of the first of the numbered columns.")
    otherwise: Consequence = Field("cut", alias="else")

    @model_validator(mode="after")
    def _consistent(self) -> "Repeat":
        if self.columns in {"numbered", "repeated"}:
            if self.max is None:
                raise ValueError(f"columns: {self.columns} needs `max`, the number of the columns")
            if self.otherwise not in {"cut", "drop", "reject"}:
                raise ValueError(f"columns: {self.columns} has no place for more values: use cut, drop or reject")
        return self


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

    name: str | None = Field(
        None,
        description="The name in the feed, where it is not the key: `product-id`. `{country}`, `{language}`,"
        " `{currency}` of the market, `{vars.x}` and the channel's `words` are put in.",
    )
    note: str = Field("", description="What the field means, in a few words.")
    path: str | None = Field(
        None,
        description="XML: where the template writes it, if not in an element of its name right in the item, so that"
        " a feed can be read: `ratings/overall@min`.",
    )
    type: TypeName = "text"
    required: Annotated[
        list[Requirement],
        BeforeValidator(_requirements, json_schema_input_type=bool | Requirement | list[Requirement]),
    ] = []
    invalid: Consequence | None = Field(
        None, description="What a value of the wrong form costs; default: reject when always required, else drop."
    )
    min: Length | None = None
    max: Length | None = None
    range: Range | None = None
    repeat: Annotated[Repeat | None, BeforeValidator(_repeat, json_schema_input_type=int | Repeat | None)] = Field(
        None, description="Most values, or a mapping."
    )
    join: str = Field(",", description="What joins several values in one cell of a delimited file.")
    pattern: Pattern | None = None
    values: Annotated[
        dict[str, str | None] | None,
        BeforeValidator(_values, json_schema_input_type=list[str] | dict[str, str | None] | None),
    ] = Field(
        None, description="Accepted values: a list, or ours to theirs; `~` for ours that the channel has no word for."
    )
    unmapped: Consequence = Field("drop", description="What happens to a value whose counterpart is `~`.")
    units: list[str] = []
    form: str | None = Field(None, description="How the type is written; see `feedsmith.render.forms`.")
    wrap: str | None = Field(
        None,
        description='JSON: fixed JSON around the value, such as `[{"value": {value}, "language": {language}}]`.'
        " `{language}`, `{country}`, `{currency}`, `{vars.NAME}` and the channel's `words` are filled in, and `{each}`,"
        " the value for which a field is repeated by its variable.",
    )
    wrap_each: str | None = Field(None, description="JSON: the same around each value of a repeated field.")
    group: "dict[str, FieldDefinition]" = {}
    order: list[str] = Field([], description="Order of a group's attributes in the text form `a:b:c`.")
    columns: Literal["text", "flat", "json"] = Field(
        "text",
        description="A group in a delimited file or workbook: the text form, a column for each attribute"
        " (`shipping_price`, or the attribute's `name`), or JSON in the cell.",
    )
    checks: list[str | dict[str, Any]] = Field([], description="Named text checks; see `feedsmith.checks.texts`.")
    expand: str | None = Field(None, description="A project variable; the field is repeated for each of its values.")
    from_: str | None = Field(None, alias="from", description="Default rule: an expression; default: the same name.")
    value: str | None = Field(None, description="Default rule: a text template.")
    steps: Steps = []
    default: str | None = None
    rule: Any = Field(None, description="Default rule in any form of a project's rules: cases, `list`, `group`.")
    means: str | None = Field(
        None, description="The catalog's field whose value it is, where the key is another: for comparing feeds."
    )
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
        if self.rule is not None and (self.from_ or self.value or self.steps or self.default):
            raise ValueError("`rule:` is the whole default rule: `from`, `value`, `steps`, `default` stand inside it")
        if self.type == "money" and self.form and self.form not in MONEY_FORMS and "{amount}" not in self.form:
            raise ValueError(
                f"the form of money is a text with {{amount}}, or one of: {', '.join(sorted(MONEY_FORMS))}"
            )
        self._check_columns()
        self._check_wraps()
        return self

    def _check_wraps(self) -> None:
        if self.wrap_each is not None and self.repeat is None:
            raise ValueError("wrap_each is for repeated fields")
        for key, wrap in (("wrap", self.wrap), ("wrap_each", self.wrap_each)):
            if wrap is not None:
                try:
                    check_wrap(wrap)
                except ValueError as error:
                    raise ValueError(f"{key} {error}") from error

    def _check_columns(self) -> None:
        columns = self.repeat.columns if self.repeat is not None else None
        if self.columns != "text" and self.type != "group":
            raise ValueError("only a field of type group has `columns`; those of several values stand in `repeat`")
        if self.columns == "flat" and columns in {"joined", "json"}:
            raise ValueError("several groups as columns need `repeat: {columns: numbered}` or `repeated`")
        names = [self.name, *(part.name for part in self.group.values())] if self.columns == "flat" else [self.name]
        if columns == "numbered" and not any("{n}" in (name or "") for name in names):
            raise ValueError("numbered columns need a name with `{n}` for the number, such as image_{n}")

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
    - `in`: the value of `key`, or each of its first `max` values, is the value of `other` of some item;
    - `count`: an item group `by` has at least `min` and at most `max` items;
    - `distinct`: `key` has at most `max` different values.
    """

    check: Literal["unique", "same", "not_in", "in", "count", "distinct"]
    code: str
    key: Annotated[
        list[str],
        BeforeValidator(
            lambda value: [value] if isinstance(value, str) else value, json_schema_input_type=str | list[str]
        ),
    ] = []
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
        if self.otherwise in {"keep_first", "drop_all"} and self.check not in {"unique", "not_in", "in"}:
            raise ValueError(f"a check of the form {self.check} takes no item out: use warn or info")
        return self


class Dialect(Strict):
    """How a delimited file is written."""

    delimiter: str = ","
    quote: Literal["needed", "all", "never"] = "needed"
    newline: Literal["lf", "crlf"] = "lf"
    decimal: Literal[".", ","] = "."
    encoding: Literal[
        "utf-8", "utf-16", "ascii", "cp1250", "cp1252", "iso-8859-1", "iso-8859-2", "iso-8859-15"
    ] = "utf-8"  # fmt: skip
    bom: bool = False
    lists: Literal["plain", "quoted"] = Field(
        "plain",
        description="Several values in one cell: joined as they are, or those that hold the joining sign (in a group"
        " also the colon) in quotes, as Google reads it.",
    )
    otherwise: Literal["warn", "drop", "reject"] = Field(
        "warn",
        alias="else",
        description="What a value costs with a sign that the file cannot hold; `warn` sends it with a stand-in.",
    )

    @property
    def codec(self) -> str:
        """The name under which Python encodes a piece of the file: without a byte order mark."""
        return "utf-16-le" if self.encoding == "utf-16" else self.encoding

    @property
    def mark(self) -> str:
        """What stands before everything: the byte order mark, which UTF-16 always has."""
        return "\ufeff" if self.bom or self.encoding == "utf-16" else ""

    @model_validator(mode="after")
    def _consistent(self) -> "Dialect":
        if self.bom and not self.encoding.startswith("utf"):
            raise ValueError(f"the encoding {self.encoding} has no byte order mark")
        if self.quote == "never" and self.delimiter == self.decimal:
            raise ValueError("a file without quotes needs a delimiter that is not the decimal sign")
        return self


class Envelope(Strict):
    """The most that one file may hold; more items make numbered files."""

    items: int | None = None
    bytes: int | None = None


class GroupDefinition(Strict):
    """What an item is that holds products with the same key: `fields` of the channel are then those of a variant.

    Rules of a group's fields read the product's names, which give the first value among the variants, and
    `first.NAME`, `lowest.NAME`, `highest.NAME`, `total.NAME` and `each.NAME` (all different ones) of the variants'
    fields or names, `group.size` and `group.id`. A project writes their rules under `group.NAME`. Rules of a variant
    read the same of the products of its group, such as `count(each.color) > 1`; products that a check rejects count.
    """

    by: str = Field("item_group_id", description="The product's field that variants share; without it: a group alone.")
    separator: str = Field("", description="What stands between two variants.")
    fields: dict[str, FieldDefinition] = {}
    checks: dict[str, ItemCheck] = {}
    parent: ParentRow | None = Field(None, description="In files of rows: the group has a row above its variants.")


class ChannelDefinition(Strict):
    """A place that takes a feed."""

    extends: str | None = Field(None, description="A channel that lies under this file; see above.")
    title: str
    kind: PlaceKind = Field("own", description="The kind of place; `own` is left to channels of a project.")
    owner: str
    reference: str = Field(description="Address of the owner's specification.")
    read: date = Field(description="The day the specification was read.")
    delivery: str = Field("", description="How the channel takes its feed: fetched, uploaded, sent by API.")
    format: Literal["xml", "json", "csv", "xlsx"]
    item: Literal["product", "group", "store", "region", "promotion", "review"] = Field(
        "product",
        description="What becomes one item: a product, a group with its variants, a product in a store or region, "
        "a promotion, a review.",
    )
    group: GroupDefinition | None = Field(None, description="With `item: group`: what a group is, besides variants.")
    template: str | None = Field(
        None, description="File in `templates/`; default: `NAME.FORMAT.j2`, else that of the extended channel."
    )
    extension: str | None = Field(None, description="Of the feed file; default: the format.")
    element: str = Field("{name}", description="XML: how a field's element is named, e.g. `g:{name}`.")
    separator: str = Field("", description="What stands between two items, e.g. a comma in a JSON array.")
    sheet: str = Field("Feed", max_length=31, description="Workbook: the name of the sheet.")
    header_row: int = Field(1, ge=1, description="Workbook of the owner: the row of headings.")
    first_row: int | None = Field(
        None, ge=2, description="Workbook of the owner: the first row of items; default: the next."
    )
    dialect: Dialect = Dialect()
    envelope: Envelope = Envelope()
    semantics: Literal["replace", "update"] = Field("replace", description="What absence from the file means.")
    blank: str = Field("", description="What a blank value means to the channel.")
    by_name: bool = Field(
        True, description="A field takes the catalog's value of the same name; `false`: only what rules give it."
    )
    lists: dict[str, list[str]] = Field({}, description="Named lists for conditions: `lists.apparel`.")
    words: dict[str, dict[str, str]] = Field(
        {},
        description="Words by the market's country: `{site}` in names and in fixed JSON, `words.site` in rules."
        " A project's `vars` of the same name win.",
    )
    fields: dict[str, FieldDefinition]
    checks: dict[str, ItemCheck] = {}
    sets: dict[str, SetCheck] = {}

    @model_validator(mode="after")
    def _is_of_groups(self) -> "ChannelDefinition":
        if (self.group is not None) != (self.item == "group"):
            raise ValueError("a channel with `item: group` says what a `group:` is, and no other has one")
        if self.group is not None:
            self._check_parent(self.group)
        return self

    def _check_parent(self, group: GroupDefinition) -> None:
        parent = group.parent
        if parent is None:
            if self.format == "xlsx":
                raise ValueError("a workbook of groups says what their rows are: `parent:` of `group:`")
            return
        if parent.row not in group.fields:
            raise ValueError(f"group: parent: row: {parent.row!r} is no field of the group")
        for name in (parent.child, *parent.takes):
            if name not in self.fields:
                raise ValueError(f"group: parent: {name!r} is no field of a variant")

    @model_validator(mode="after")
    def _consistent(self) -> "ChannelDefinition":
        if self.format != "csv" and self.dialect.encoding != "utf-8":
            raise ValueError(f"the format {self.format} is always written as UTF-8")
        if self.format == "json":
            self._check_paths()
        if self.dialect.quote == "never":
            for key, one in self.fields.items():
                self._check_unquoted(key, one)
        return self

    def _check_paths(self) -> None:
        """A dotted name is a member of an object, so what stands before the dot is no value."""
        names = {one.name or key: key for key, one in self.fields.items()}
        for name, key in names.items():
            steps = name.split(".")
            for end in range(1, len(steps)):
                owner = names.get(".".join(steps[:end]))
                if owner is not None:
                    raise ValueError(f"{key} is written as {name}, and {owner} is a value of its own there")

    def _check_unquoted(self, key: str, one: FieldDefinition) -> None:
        """A file without quotes cannot hold a cell whose own form needs the delimiter."""
        delimiter = self.dialect.delimiter
        several = one.repeat is not None and one.repeat.columns == "joined"
        json = one.columns == "json" or (one.repeat is not None and one.repeat.columns == "json")
        signs = [one.join] if several else []
        signs += [":"] if one.type == "group" and one.columns == "text" else []
        signs += ['"', ",", ":", "[", "{"] if json else []
        if delimiter in "".join(signs):
            raise ValueError(f"{key} is written with {delimiter!r}, which delimits the cells and cannot be quoted")

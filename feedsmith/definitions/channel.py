"""A channel definition: one YAML file in `channels/`, read into these models. Its form is documented here."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from feedsmith.definitions.field import Consequence, FieldDefinition
from feedsmith.definitions.model import Strict
from feedsmith.definitions.parent import ParentRow

PlaceKind = Literal["search", "social", "ai", "marketplace", "comparison", "affiliate", "touchpoint", "own"]
"""Kinds of places that take a feed, in the order in which they are listed.

A touchpoint is a place of the merchant: a kiosk, an app, a shelf, a mail.
"""


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


class Deletes(Strict):
    """How an item is taken away where absence does not do that: an item of its own in the file, or another way."""

    fields: list[str] = Field([], description="The fields of the item that is taken away, with its last values.")
    values: dict[str, str] = Field(
        {}, description="Fields that say what is done; `{number}` counts such items, from 1,000,000,001 on."
    )
    text: str = Field(
        "",
        description="How it stands in the file, with `{{ item }}` for its fields; default: as any other item.",
    )
    way: str = Field("", description="In place of all that: how the channel takes items away, since its file cannot.")

    @model_validator(mode="after")
    def _one_way(self) -> "Deletes":
        if bool(self.fields) == bool(self.way):
            raise ValueError("say either the `fields` of an item that deletes, or the `way` to delete without the file")
        if self.text and "{{ item }}" not in self.text:
            raise ValueError("`text` needs `{{ item }}` where the fields stand")
        return self


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
    header_row: int = Field(
        1, ge=1, description="The row of headings in the owner's workbook, and in a feed that is read."
    )
    first_row: int | None = Field(
        None, ge=2, description="Workbook of the owner: the first row of items; default: the next."
    )
    dialect: Dialect = Dialect()
    envelope: Envelope = Envelope()
    semantics: Literal["replace", "update"] = Field("replace", description="What absence from the file means.")
    deletes: Deletes | None = Field(
        None, description="With `semantics: update`: how items that left the feed are taken away."
    )
    whole: str = Field(
        "", description="Why each file must hold all items although absence deletes none: no delta is made."
    )
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
    passes_over: list[str] = Field(
        [],
        description="Reading a feed: names that the channel knows and that no field here has, such as `media.width`.",
    )
    fields: dict[str, FieldDefinition]
    checks: dict[str, ItemCheck] = {}
    sets: dict[str, SetCheck] = {}

    @model_validator(mode="after")
    def _deletes_what_it_has(self) -> "ChannelDefinition":
        for name in (*self.deletes.fields, *self.deletes.values) if self.deletes is not None else ():
            if name not in self.fields:
                raise ValueError(f"deletes: {name!r} is no field of an item")
        return self

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
        columns = one.repeat.columns if one.repeat is not None else ""
        json = one.columns == "json" or columns == "json"
        signs = [one.join] if columns == "joined" else []
        signs += ["[", "'", ","] if columns == "quoted" else []
        signs += [":"] if one.type == "group" and one.columns == "text" else []
        signs += ['"', ",", ":", "[", "{"] if json else []
        if delimiter in "".join(signs):
            raise ValueError(f"{key} is written with {delimiter!r}, which delimits the cells and cannot be quoted")

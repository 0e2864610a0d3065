"""A field of a channel definition: what the channel asks of it, and where its value comes from.

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
from feedsmith.definitions.wrap import check_wrap

Consequence = Literal["reject", "drop", "cut", "warn", "info"]
TypeName = Literal[
    "text", "html", "url", "money", "number", "integer", "choice", "flag", "date", "moment", "period",
    "measure", "gtin", "country", "language", "category", "group",
]  # fmt: skip
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
    columns: Literal["joined", "quoted", "numbered", "repeated", "json"] = Field(
        "joined",
        description="Delimited files and workbooks: one cell, one cell such as `['a','b']`, columns numbered by `{n}`"
        " in the name, columns of the same name, or one cell with a JSON array. Numbered names are also used in XML"
        " and JSON.",
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
    also: list[str] = Field([], description="Reading a feed: other names for it, such as an older one of the channel.")
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
        if self.columns == "flat" and columns in {"joined", "quoted", "json"}:
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

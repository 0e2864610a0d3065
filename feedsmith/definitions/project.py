"""The project file: which sources, which feeds, which rules. `resolve` lays its blocks over each other."""

from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from feedsmith.definitions.field import Consequence
from feedsmith.definitions.guards import Guards
from feedsmith.definitions.model import Strict
from feedsmith.publish.settings import TargetSettings


def _text_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _named(value: Any) -> Any:
    """A single condition or a list of them as entries named by their text."""
    if isinstance(value, str):
        return {value: value}
    return {str(item): item for item in value} if isinstance(value, list) else value


Names = Annotated[list[str], BeforeValidator(_text_list, json_schema_input_type=str | list[str])]
Conditions = Annotated[
    dict[str, str | None], BeforeValidator(_named, json_schema_input_type=str | list[str] | dict[str, str | None])
]


class MarketDefinition(Strict):
    """A country, language and currency that a feed is for."""

    country: str | None = Field(None, description="ISO 3166-1 alpha-2.")
    language: str | None = Field(None, description="ISO 639-1; default: the country's main language.")
    currency: str | None = Field(None, description="ISO 4217; default: the country's currency.")
    vat: str | None = Field(None, description="Rate in per cent that the catalog's prices hold.")
    site: str | None = Field(None, description="Address of the shop's site.")
    zone: str | None = Field(None, description="IANA time zone of dates without one; default UTC.")


Switch = Annotated[str, Field(pattern="^(off|error|warning|info)$")]
"""What a project says about a known check: its severity, or off."""


class OwnCheck(Strict):
    """A check of the project's own."""

    when: str
    severity: str = Field("warning", pattern="^(error|warning|info)$")
    message: str
    field: str = ""
    otherwise: Consequence | None = Field(None, alias="else")
    help: str = ""


class RankDefinition(Strict):
    """The first products of the catalog by a number or a date: a condition with a name, as a segment is."""

    lowest: str | None = Field(None, description="An expression; the products with the lowest values are the first.")
    highest: str | None = Field(None, description="The same for the highest values.")
    top: int | None = Field(None, ge=1, description="How many products are in it.")
    share: str | None = Field(
        None,
        pattern=r"^(100|[0-9]{1,2}(\.[0-9]{1,4})?)\s*%?$",
        description="Or how many per cent, such as `10%`; rounded up.",
    )
    per: str | None = Field(None, description="An expression: each of its values has first products of its own.")
    when: str | None = Field(None, description="A condition: which products take part; default, all with a value.")

    @model_validator(mode="after")
    def _one_of_each(self) -> "RankDefinition":
        for names in (("lowest", "highest"), ("top", "share")):
            if sum(getattr(self, name) is not None for name in names) != 1:
                raise ValueError(f"a rank has either `{names[0]}` or `{names[1]}`")
        return self

    @property
    def millionths(self) -> int | None:
        """The share in millionths of a group."""
        return int(Decimal(self.share.removesuffix("%").strip()) * 10_000) if self.share is not None else None


class Block(Strict):
    """What the project, a rule set, a market and a feed hold alike."""

    fields: dict[str, Any] = {}
    where: Conditions = {}
    exclude: Conditions = {}
    checks: dict[str, OwnCheck | Switch | None] = {}
    overrides: Names = Field(
        [],
        description="Tables of corrections: the first column holds product ids, the others are named as fields; "
        "a cell wins over the field's rule. They add up over all layers.",
    )
    vars: dict[str, Any] = {}
    guards: Guards = Field(Guards(), description="From where on a feed is held, by guard: `max_drop: 30%`, or `off`.")
    market: MarketDefinition = MarketDefinition()
    publish: dict[str, TargetSettings | None] = Field(
        {}, description="Where the feed is delivered to, by the target's name; see [delivery](delivery.md)."
    )


class RuleSet(Block):
    """A named block that markets and feeds extend."""

    from_: date | None = Field(None, alias="from", description="First day on which the set is used.")
    until: date | None = Field(None, description="Last day on which the set is used.")
    when: str | None = Field(None, description="Condition under which the set's fields are used.")


class Market(Block):
    """A named market: its own keys, and a block."""

    country: str | None = None
    language: str | None = None
    currency: str | None = None
    vat: str | None = None
    site: str | None = None
    zone: str | None = None
    extends: Names = []


class Feed(Block):
    """One channel's output, once for each of its markets."""

    channel: str
    markets: Names = []
    extends: Names = []
    output: str | None = Field(None, description="File name, default: the feed's name; `.gz` compresses.")
    deltas: bool = Field(
        False, description="What is sent is noted, for `export --delta` and for deletes; of channels that are updated."
    )
    title: str | None = None
    link: str | None = None
    description: str | None = None
    workbook: str | None = Field(None, description="Workbooks: the channel's own template, which is filled.")
    sheet: str | None = Field(None, description="Its sheet; default: the one with the channel's headings.")
    header_row: int | None = Field(None, ge=1, description="Its row of headings; default: the channel's.")
    first_row: int | None = Field(None, ge=2, description="Its first row of items; default: the channel's.")


class InheritDefinition(Strict):
    """Rows of one product that write shared values on the first row only, as shop exports do."""

    by: str = Field(description="The column whose value the rows share.")
    columns: Names = Field(description="The columns whose blank cells take the first row's value.")


class ExampleDefinition(Strict):
    """A product as it might stand in the catalog, and what the feeds must make of it."""

    feed: Names = Field([], description="Feeds it is for, by name or pattern; default: all feeds of products.")
    given: dict[str, Any] = Field(description="The product's cells, by our field or their column.")
    expect: dict[str, Any] = Field({}, description="What the feed holds, by the channel's field; empty: no value.")
    filtered: str | None = Field(None, description="The reason for which it must be left out; `no`: it must not be.")
    rejected: bool | None = Field(None, description="Whether a check must reject it.")
    issues: Names = Field([], description="Issue codes that must be told of it.")


def _join(value: Any) -> Any:
    return {"id": value} if isinstance(value, str) else value


class SourceDefinition(Strict):
    """One source: where its files lie and how they are read. What is not said is recognised."""

    path: Names = Field(
        description="A file, or several of the same shape; `*` and `?` match names. Also an address: `https://`, "
        "`sftp://`, `s3://`, or with `query` a database's. `${NAME}` is taken from the environment."
    )
    query: str | None = Field(None, description="SQL, for a database: the rows that are read.")
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = Field(None, description='The quote character, default `"`; `none` for files without quoting.')
    escape: str | None = None
    sheet: Names = Field([], description="A workbook's sheet, or several of the same shape; default: the first.")
    item: str | None = Field(None, description="XML, JSON: path of the items, such as `products/product`.")
    header_row: int | None = Field(None, ge=0, description="Row of the headings, counted from 1; 0: there are none.")
    decimal: str | None = Field(None, pattern="^[.,]$", description="The decimal sign of numbers and prices.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="Currency of amounts that name none.")
    vat: Literal["included", "excluded"] = Field("included", description="Whether the source's prices hold VAT.")
    inherit: InheritDefinition | None = None
    system: str | None = Field(None, description="The system that wrote it, or `none` to read its rows as they are.")
    media: str | None = Field(None, description="Address before pictures that the file names without a host.")
    dates: Names = Field([], description="Forms of dates, such as `%d.%m.%Y`.")
    columns: dict[str, str | dict[str, str] | None] = Field({}, description="Ours: theirs, for this source.")
    join: Annotated[dict[str, str], BeforeValidator(_join, json_schema_input_type=str | dict[str, str])] = Field(
        {}, description="Ours: theirs of the key columns, for a source beside the first; `sku` alone is `{id: sku}`."
    )
    per: Literal["store", "region", "language", "market"] | None = Field(
        None, description="Joined: a product has several rows, one for each store, region, language or market."
    )
    missing: Literal["ignore", "warn", "error", "skip"] = Field(
        "warn", description="Joined: a product without a row is counted, warned of, rejected, or left out."
    )
    duplicates: Literal["first", "last", "warn", "error"] = Field(
        "warn", description="Joined: a key stands twice; the first row counts, or the last, or the run stops."
    )
    case: Literal["ignore"] | None = Field(None, description="Joined: capitals and small letters of keys are the same.")
    wins: Literal["main", "joined"] | None = Field(
        None, description="Joined: whose value counts where both have one; default: the joined source's."
    )
    max_age: str | None = Field(
        None,
        pattern=r"^[1-9][0-9]*\s*[mhd]$",
        description="Age from which a file counts as missing: `90m`, `26h`, `2d`.",
    )
    max_age_warn: str | None = Field(
        None, pattern=r"^[1-9][0-9]*\s*[mhd]$", description="Age from which a file is warned of; nothing else follows."
    )
    changes_within: str | None = Field(
        None,
        pattern=r"^[1-9][0-9]*\s*[mhd]$",
        description="Time in which its content changes: an export warns where it is byte for byte the same for longer.",
    )
    if_missing: Literal["stop", "hold", "skip"] = Field(
        "stop", description="No file, or too old: the run stops, the feeds that use it are held, or it is left out."
    )


def _source(value: Any) -> Any:
    return {"path": value} if isinstance(value, str | list) else value


def _places(value: Any) -> Any:
    """A file, or a mapping of places; one with a `path` is a file that is read in a certain way."""
    if isinstance(value, dict) and "path" not in value:
        return {name: facts or {} for name, facts in value.items()}
    return _source(value)


def _sources(value: Any) -> Any:
    """A list of sources as entries named by their file."""
    if not isinstance(value, list):
        return value
    named: dict[str, Any] = {}
    for source in value:
        path = source.get("path") if isinstance(source, dict) else source
        name = PurePosixPath(str(path)).stem
        named[name if name not in named else f"{name}_{len(named) + 1}"] = source
    return named


SourceForms = str | list[str] | SourceDefinition
"""A source as it may be written: its file alone, or with all that is to be said of it."""
Source = Annotated[SourceDefinition, BeforeValidator(_source, json_schema_input_type=SourceForms)]
Places = Annotated[
    SourceDefinition | dict[str, dict[str, str]],
    BeforeValidator(_places, json_schema_input_type=SourceForms | dict[str, dict[str, str] | None]),
]


class CatalogDefinition(Strict):
    """The merchant's master data."""

    source: Source | None = None
    sources: Annotated[
        dict[str, Source],
        BeforeValidator(_sources, json_schema_input_type=dict[str, SourceForms] | list[SourceForms]),
    ] = Field({}, description="Named sources: the first is read row by row, the others are joined to it by key.")
    columns: dict[str, str | dict[str, str] | None] = Field({}, description="Ours: theirs.")
    fields: dict[str, Any] = Field({}, description="Own fields, worked out once for all feeds.")
    locked: Names = Field([], description="Fields that no feed rule may write.")
    stores: Places = Field(
        {}, description="The shops that people visit: a file, or what each is called with what is known of it."
    )
    regions: Places = Field({}, description="Parts of a country with prices of their own, in the same way.")
    promotions: Source | None = Field(None, description="The file of the promotions, for feeds of promotions.")
    reviews: Source | None = Field(None, description="The file of the reviews, for feeds of reviews.")


class HistoryDefinition(Strict):
    """What is kept of earlier runs."""

    keep: int = Field(5, ge=1, description="Versions of each feed that can be put back.")
    days: int = Field(30, ge=1, description="Days after which a version is kept no more; the last one always is.")
    runs: int = Field(1000, ge=1, description="Runs that `feedsmith runs list` knows.")


def _catalog(value: Any) -> Any:
    return {"source": value} if isinstance(value, str | list) else value


VERSION = 1
"""Of the form of project files that this feedsmith reads."""


def _version(value: int) -> int:
    if value != VERSION:
        problem = f"this feedsmith reads project files of version {VERSION}"
        raise ValueError(f"{problem}; one of a newer feedsmith needs that" if value > VERSION else problem)
    return value


class FromEnvironment(Strict):
    """A value that stands in the environment, since it is secret."""

    env: str = Field(description="Name of the environment variable that holds it.")


class ProjectDefinition(Block):
    """The whole of `feedsmith.yaml` and the files it includes."""

    version: Annotated[int, AfterValidator(_version), WithJsonSchema({"const": VERSION})] = VERSION
    include: Names = []
    catalog: Annotated[
        CatalogDefinition, BeforeValidator(_catalog, json_schema_input_type=str | list[str] | CatalogDefinition)
    ] = CatalogDefinition()
    tables: dict[str, str] = {}
    rates: str | None = Field(None, description="Table of exchange rates: date, from, to, rate.")
    taxonomies: dict[Annotated[str, Field(pattern="^google_[a-z]{2}$")], str] = Field(
        {}, description="Lists of Google's categories in other languages: `google_nl: FILE`."
    )
    segments: dict[str, str] = Field({}, description="Named conditions.")
    ranks: dict[str, RankDefinition] = Field({}, description="The first products by a number, as named conditions.")
    steps: Names = Field([], description="Python files of the project with steps of its own.")
    markets: dict[str, Market] = {}
    rules: dict[str, RuleSet] = {}
    feeds: dict[str, Feed] = {}
    examples: dict[str, ExampleDefinition] = Field({}, description="Products to test the rules with.")
    metrics: str | None = Field(
        None, description="File for metrics of exports, in Prometheus' text format; its name ends in `.prom`."
    )
    ping: str | FromEnvironment | None = Field(
        None, description="Address that hears of each export: `/start`, then `/` and the exit code. `{env: NAME}` too."
    )
    history: HistoryDefinition = HistoryDefinition()

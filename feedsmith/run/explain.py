"""One product, all the way: which cell each value came from, what each rule did with it, what each check said of it.

It is the run's own road, with batches of one row and a recorder.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from feedsmith.catalog.derive import DERIVED_FROM
from feedsmith.catalog.headings import split_key
from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT
from feedsmith.checks.sets import Key, SetDecider
from feedsmith.errors import RenderError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.mapping.printed import printed
from feedsmith.mapping.rows import Step
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells
from feedsmith.run.feed import CompiledFeed, FeedBatch, MappedField
from feedsmith.run.job import Job
from feedsmith.run.limits import Limit, limits_of
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.inherit import inherited
from feedsmith.values.gtin import clean_gtin

WAYS = ("id", "gtin", "link", "item_group_id")
"""The fields by which a product is looked for; the first that has a hit counts."""
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


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that fit, and by which field; without any, the nearest ids, and the rows that no product was made of."""

    by: str
    rows: tuple[Row, ...]
    nearest: tuple[str, ...] = ()
    left_out: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """A cell that a field may take its value from: the canonical key it stands for, its place, its text as read."""

    key: str
    place: Place
    text: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one thing that the channel asks of a field: the issues it gave, none where all is well."""

    limit: Limit
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """One field's way. `text` is what the feed holds, encoded; empty for no value."""

    key: str
    name: str
    origins: tuple[Origin, ...]
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    text: str


@dataclass
class ExplainedFeed:
    """One product in one feed. `state`: `in the feed`, `rejected`, `filtered` or `failed`; `reason` says by what.

    `issues` are all of this product in this feed; `item` is its text in the feed.
    """

    name: str
    channel: str
    state: str
    reason: str = ""
    place: Place | None = None
    condition: str = ""
    origins: tuple[Origin, ...] = ()
    fields: tuple[ExplainedField, ...] = ()
    issues: list[Issue] = field(default_factory=list)
    item: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedProduct:
    """One row of the catalog in each feed. `issues` are those of the catalog itself."""

    row: Row
    issues: tuple[Issue, ...]
    feeds: tuple[ExplainedFeed, ...]


# --- finding -----------------------------------------------------------------------------------------------------


def find(job: Job, asked: str) -> Found:
    """The rows whose id, GTIN, link or item group is `asked`, in this order of preference.

    Raises:
        SourceError: a file cannot be read to its end.
    """
    wanted = asked.strip()
    hits: dict[str, list[Row]] = {way: [] for way in WAYS}
    near: list[str] = []
    left_out: list[Issue] = []
    for batch, products in _batches(job):
        for way in WAYS:
            for row in _matching(products, way, wanted):
                if len(hits[way]) < MOST:
                    hits[way].append(_row(batch, products, row))
        left_out += [one for one in batch.issues if one.severity is Severity.ERROR and wanted in one.value]
        if not hits["id"]:
            _keep_nearest(near, wanted, products)
    way = next((way for way in WAYS if hits[way]), "")
    if way:
        return Found(way, tuple(hits[way]))
    return Found("", (), tuple(near), tuple(left_out[:NEAREST]))


def _batches(job: Job) -> Iterator[tuple[Batch, Products]]:
    stream = job.streams[0]
    conformer, joiner = stream.conformer(), stream.joiner()
    for table in stream.tables:
        batches = read_table(table)
        for batch in joiner(inherited(batches, stream.inherit) if stream.inherit else batches):
            yield batch, conformer.conform(batch)


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


def _row(batch: Batch, products: Products, row: int) -> Row:
    line = batch.lines[row]
    issues = tuple(issue for issue in batch.issues if issue.place.row == line)
    titles = products.text("title")
    alone = replace(batch.stretch(row, row + 1), issues=issues)
    return Row(alone, products.product(row), printed(titles[row]), products.place("", row))


def _keep_nearest(near: list[str], wanted: str, products: Products) -> None:
    """Keep the ids that are most like `wanted`, over all batches."""
    from rapidfuzz import process  # noqa: PLC0415 - only a search pays for the import

    ids = [text for text in (products.product(row) for row in range(len(products))) if text]
    found = process.extract(wanted, [*near, *ids], limit=NEAREST, score_cutoff=NEAR_ENOUGH)
    near[:] = dict.fromkeys(text for text, _, _ in found)


# --- explaining --------------------------------------------------------------------------------------------------


def explain(job: Job, feeds: list[CompiledFeed], rows: tuple[Row, ...]) -> list[ExplainedProduct]:
    """What became of each row in each feed, and of rows that share an id or another unique key."""
    conformer = job.streams[0].conformer()
    products = [conformer.conform(row.batch) for row in rows]
    explained: list[list[ExplainedFeed]] = [[] for _ in rows]
    for feed in _alone(feeds):
        results = [_explained(feed, one) for one in products]
        _tell_repeated(feed, rows, results)
        for number, (told, _) in enumerate(results):
            explained[number].append(told)
    return [
        ExplainedProduct(row, (*row.batch.issues, *one.issues), tuple(told))
        for row, one, told in zip(rows, products, explained, strict=True)
    ]


def _alone(feeds: list[CompiledFeed]) -> Iterator[CompiledFeed]:
    """The feeds of products; one of products in places as a feed for each place, so that a product is one item."""
    for feed in feeds:
        if feed.names.record is PRODUCT:
            spread = feed.names.spread
            yield from [feed] if spread is None else map(feed.at, range(len(spread.places)))


Result = tuple[ExplainedFeed, FeedBatch | None]


def _explained(feed: CompiledFeed, products: Products) -> Result:
    told = ExplainedFeed(feed.spec.name, feed.spec.channel, "in the feed")
    try:
        result = feed.run(products, {})
    except RenderError as error:
        told.state, told.reason, told.place = "failed", error.problem, error.place
        return told, None
    told.issues = result.issues
    if not result.taken and feed.names.spread is not None:
        told.state, told.reason = "filtered", f"the catalog has nothing of it for this {feed.names.spread.kind}"
        return told, None
    if result.filtered:
        _tell_filtered(feed, products, told)
        return told, result
    if result.texts:
        told.item = result.texts[0].strip()
    else:
        errors = [issue for issue in result.issues if issue.severity is Severity.ERROR]
        told.state, told.reason = "rejected", "; ".join(dict.fromkeys(map(_verdict, errors)))
    told.fields = tuple(_fields(feed, products, told.issues))
    return told, result


def _verdict(issue: Issue) -> str:
    about = f" {issue.field}:" if issue.field else ""
    return f"{issue.code}:{about} {issue.message}"


def _tell_filtered(feed: CompiledFeed, products: Products, told: ExplainedFeed) -> None:
    """The condition that left the product out, with the cells that it read."""
    _, gone = feed.left_out(products, {})
    told.state, told.reason = "filtered", gone[0]
    reason = next((reason for reason in feed.reasons if reason.name == told.reason), None)
    if reason is None:
        return
    told.place, told.condition = reason.compiled.place, reason.compiled.text.strip()
    told.origins = tuple(_origins(feed, products, frozenset(reason.compiled.names)))


def _fields(feed: CompiledFeed, products: Products, issues: list[Issue]) -> Iterator[ExplainedField]:
    """Every field that has a rule over this catalog, or something to tell."""
    trace: list[Step] = []
    rows, _ = feed.left_out(products, {}, trace)
    items, _ = feed.items(products, rows)
    for one in feed.fields:
        own = [issue for issue in issues if issue.field.partition(".")[0] == one.key]
        if not one.active and not own:
            continue
        column = items.column(one.key)
        currencies = items.column(one.key + CURRENCY) if one.out.definition.type == "money" else ""
        text = feed.encoder.bare(Cells(one.out, column, currencies))[0].strip() if not column.blank else ""
        yield ExplainedField(
            key=one.key, name=one.out.name, origins=tuple(_origins(feed, products, _reads(one))),
            steps=tuple(_steps(feed, one, trace)), verdicts=tuple(_verdicts(one, own)), text=text,
        )  # fmt: skip


def _reads(one: MappedField) -> frozenset[str]:
    return one.rule.reads if one.active and one.rule is not None else frozenset()


def _steps(feed: CompiledFeed, one: MappedField, trace: list[Step]) -> Iterator[Step]:
    """The steps of the field, after those of the project's own fields that it reads."""
    own = _derived(feed, _reads(one))
    yield from (step for step in trace if step.field in own)
    yield from (step for step in trace if step.field == one.key or step.field.startswith(f"{one.key}."))


def _derived(feed: CompiledFeed, names: frozenset[str]) -> frozenset[str]:
    """The project's own fields and segments among these names, and those that they read in turn."""
    own = frozenset(name for name in names if name in feed.names.derived)
    return own.union(*(_derived(feed, feed.names.derived[name].reads) for name in own))


def _verdicts(one: MappedField, issues: list[Issue]) -> Iterator[Verdict]:
    """What each limit of the field led to; what no limit names follows at the end."""
    limits = list(limits_of(one.out.definition))
    open_ = list(issues)
    for limit in limits:
        mine = tuple(issue for issue in open_ if issue.code in limit.codes)
        open_ = [issue for issue in open_ if issue not in mine]
        yield Verdict(limit, mine)
    for issue in open_:
        yield Verdict(Limit(issue.code, ""), (issue,))


def _origins(feed: CompiledFeed, products: Products, names: frozenset[str]) -> Iterator[Origin]:
    """The cells behind these names, each once."""
    told: set[str] = set()
    for name in sorted(names):
        for key, heading in _cells(feed, products, name):
            if heading not in told and heading in products.batch.columns:
                told.add(heading)
                yield Origin(key, products.batch.place(0, heading), products.batch.columns[heading][0])


def _cells(feed: CompiledFeed, products: Products, name: str) -> Iterator[tuple[str, str]]:
    """Canonical key and heading of each column that a name may take its value from."""
    name = name.removeprefix("product.")
    if name in feed.names.derived:
        for read in sorted(feed.names.derived[name].reads):
            yield from _cells(feed, products, read)
    elif name.endswith(CURRENCY):
        yield from _claimed(products, "currency")
    elif name in feed.names.record.fields:
        for key in _keys(feed, products, name):
            yield from _claimed(products, key)
    elif name in feed.names.headings:
        yield name, feed.names.headings[name]
    elif feed.names.spread is not None:
        for key in feed.names.spread.cells(name, products.claims):
            yield from _claimed(products, key)


def _keys(feed: CompiledFeed, products: Products, name: str) -> list[str]:
    market = feed.spec.market
    if feed.names.record.fields[name].varies == "language":
        return products.text_keys(name, market.language or None, market.name or None, market.country or None)
    return [feed.names.value_key(products, name)]


def _claimed(products: Products, key: str) -> Iterator[tuple[str, str]]:
    """The columns claimed for a key; where there is none, those of the fields that it follows from."""
    claim = products.claims.get(key)
    if claim is not None:
        yield from ((key, heading) for one in (claim, *claim.behind) for heading in (one.heading, *one.more))
    name, qualifier = split_key(key)
    if name == "stock" and qualifier is None:
        yield from ((one.key, one.heading) for one in products.claims.values() if one.field == "stock")
    if claim is None or name in {"price", "sale_price"}:
        for source in DERIVED_FROM.get(name, ()):
            yield from _claimed(products, f"{source}[{qualifier}]" if qualifier else source)


def _tell_repeated(feed: CompiledFeed, rows: tuple[Row, ...], results: list[Result]) -> None:
    """Which of the rows stays where the feed wants a key once; by the run's own set checks, over these rows."""
    alive = [number for number, (_, result) in enumerate(results) if result is not None and result.texts]
    unique = {name: check for name, check in feed.sets.items() if check.check == "unique"}
    if len(alive) < 2 or not unique:  # noqa: PLR2004 - one row alone repeats nothing
        return

    def digests(part: int, key: Key) -> bytes:
        result = results[alive[part]][1]
        return array("q", result.digests.get(key, ()) if result is not None else ()).tobytes()

    gtins = frozenset(one.key for one in feed.fields if one.out.definition.type == "gtin")
    decision = SetDecider(len(alive), digests).run(unique, gtins)
    for found in decision.findings:
        here, other = alive[found.spot.part], alive[found.other.part] if found.other else None
        told = results[here][0]
        seen = f", also in row {rows[other].place.row}" if other is not None else ""
        text = f"{found.check.code}: {', '.join(found.check.key)} stands in this feed more than once{seen}"
        if found.spot in decision.removed:
            told.state, told.reason, told.item = (
                "rejected",
                f"{text}; the feed keeps {_kept(found.check.otherwise)}",
                "",
            )
        elif not told.reason:
            told.reason = text
    for spot, number in ((spot, alive[spot.part]) for found in decision.findings if (spot := found.other)):
        told = results[number][0]
        if spot not in decision.removed and not told.reason:
            told.reason = "the first of the rows that share a key: this one is kept"


def _kept(otherwise: str) -> str:
    return "the first row only" if otherwise == "keep_first" else "none of them"

"""One product, all the way: which cell each value came from, what each rule did with it, what each check said of it.

It is the run's own road, with batches of one row, or of a whole group, and a recorder.
"""

from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from feedsmith.checks.sets import Key, SetDecider
from feedsmith.errors import RenderError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.mapping.rows import Step
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells
from feedsmith.render.template import ITEM, VARIANT
from feedsmith.run.delta.product import InDelta
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.run.find import Row
from feedsmith.run.grouped import GroupedFeed, group_rows, neighbours
from feedsmith.run.job import Job
from feedsmith.run.limits import Limit, limits_of
from feedsmith.run.mapped_feed import MappedField
from feedsmith.run.origins import Origin, origins, reads
from feedsmith.run.ranking import work_out_ranks
from feedsmith.run.siblings import Subject, each_alone, subjects
from feedsmith.run.to_send import product_keys
from feedsmith.values.column import Column


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one thing that the channel asks of a field: the issues it gave, none where all is well."""

    limit: Limit
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """One field's way. `text` is what the feed holds, encoded; empty for no value. `value` is the same, typed.

    `currency` is that of an amount. `on_group`: it stands on the row of the product's group, and not on its own.
    `written`: the template writes it.
    """

    key: str
    name: str
    origins: tuple[Origin, ...]
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    text: str
    on_group: bool = False
    value: Any = None
    written: bool = True
    currency: str | None = None


@dataclass
class ExplainedGroup:
    """What a feed says of the group in which the product is a variant, of `size` variants that are in the feed."""

    key: str
    size: int
    fields: tuple[ExplainedField, ...]


@dataclass
class ExplainedFeed:
    """One product in one feed. `state`: `in the feed`, `rejected`, `filtered` or `failed`; `reason` says by what.

    `issues` are all of this product in this feed; `item` is its text in the feed. `key` is what it is known by, where
    the feed has deltas, and `delta` what these did with it, where that was looked up.
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
    group: "ExplainedGroup | None" = None
    key: str = ""
    delta: InDelta | None = None


@dataclass(frozen=True, slots=True)
class ExplainedProduct:
    """One row of the catalog in each feed of its kind of record. `issues` are those of the catalog itself."""

    row: Row
    issues: tuple[Issue, ...]
    feeds: tuple[ExplainedFeed, ...]


def explain(
    job: Job, feeds: list[CompiledFeed], rows: tuple[Row, ...], *, made_up: bool = False
) -> list[ExplainedProduct]:
    """What became of each row in each feed, and of rows that share an id or another unique key.

    Rows that are `made_up` do not stand in the catalog: each is alone, and a group of its own.
    """
    work_out_ranks(job, dict(enumerate(feeds)))
    conformers = {record: job.stream_with(record).conformer() for record in {row.record for row in rows}}
    products = [conformers[row.record].conform(row.batch) for row in rows]
    explained: list[list[ExplainedFeed]] = [[] for _ in rows]
    for feed in each_alone(feeds):
        here = [number for number, one in enumerate(products) if one.record is feed.names.record]
        alone = [products[number] for number in here]
        asked = [Subject(one, one) for one in alone] if made_up else subjects(job, feed, alone)
        results = [explain_in(feed, one) for one in asked]
        if not made_up:
            _tell_repeated(feed, tuple(rows[number] for number in here), results)
        for number, (told, *_) in zip(here, results, strict=True):
            explained[number].append(told)
    return [
        ExplainedProduct(row, (*row.batch.issues, *one.issues), tuple(told))
        for row, one, told in zip(rows, products, explained, strict=True)
    ]


Result = tuple[ExplainedFeed, FeedBatch | None, int]
"""What is told of a product, the batch that it was in, and its number among the batch's items, -1 for none."""


def explain_in(feed: CompiledFeed, subject: Subject) -> Result:
    """What became of a product in one feed."""
    told = ExplainedFeed(feed.spec.name, feed.spec.channel, "in the feed")
    try:
        result = feed.run(subject.products, {})
    except RenderError as error:
        told.state, told.reason, told.place = "failed", error.problem, error.place
        return told, None, -1
    told.issues, told.key = _own_issues(result, subject), _key(feed, subject)
    if not result.taken and feed.names.spread is not None:
        told.state, told.reason = "filtered", f"the catalog has nothing of it for this {feed.names.spread.kind}"
        return told, None, -1
    if subject.at not in result.kept and feed.names.spread is None:
        _tell_filtered(feed, subject, told)
        return told, result, -1
    if result.filtered and feed.names.spread is not None:
        _tell_filtered(feed, subject, told)
        return told, result, -1
    item = result.rows.index(subject.at) if subject.at in result.rows else -1
    if item >= 0:
        told.item = result.texts[0].strip()
    else:
        errors = [issue for issue in told.issues if issue.severity is Severity.ERROR]
        told.state, told.reason = "rejected", "; ".join(dict.fromkeys(map(_verdict, errors)))
    way = Way(feed, subject)
    told.fields = tuple(_fields(way, [issue for issue in told.issues if issue not in result.of_groups]))
    if isinstance(feed, GroupedFeed):
        told.group = _group(feed, way, result)
    return told, result, item


def _key(feed: CompiledFeed, subject: Subject) -> str:
    """What deltas know the product by, in the feed or not; "" where the feed has none."""
    if not feed.spec.deltas or feed.names.spread is not None:
        return ""
    rows, _ = feed.left_out(subject.products, {})
    items, _ = feed.items(subject.products, rows)
    return product_keys(feed, items)[subject.at]


def _own_issues(result: FeedBatch, subject: Subject) -> list[Issue]:
    """The issues of the product, and of its group."""
    if len(subject.products) == 1:
        return result.issues
    own, id_ = subject.alone.place("", 0), subject.alone.product(0)
    mine = {
        issue for issue in result.issues
        if issue.product == id_ and (issue.place.row == own.row or issue.place.path != own.path)  # of a joined file
    }  # fmt: skip
    return [issue for issue in result.issues if issue in mine or issue in result.of_groups]


def _verdict(issue: Issue) -> str:
    about = f" {issue.field}:" if issue.field else ""
    return f"{issue.code}:{about} {issue.message}"


def _tell_filtered(feed: CompiledFeed, subject: Subject, told: ExplainedFeed) -> None:
    """The condition that left the product out, with the cells that it read."""
    _, gone = feed.left_out(subject.products, {})
    told.state, told.reason = "filtered", gone[subject.at]
    reason = next((reason for reason in feed.reasons if reason.name == told.reason), None)
    if reason is None:
        return
    told.place, told.condition = reason.compiled.place, reason.compiled.text.strip()
    told.origins = tuple(origins(feed, subject.alone, frozenset(reason.compiled.names)))


class Way:
    """The columns of a feed's fields once more, with each step of the product's own row in `trace`."""

    def __init__(self, feed: CompiledFeed, subject: Subject) -> None:
        self.feed, self.subject = feed, subject
        self.trace: list[Step] = []
        whole, gone = feed.left_out(subject.products, {}, self.trace)
        whole.traced = subject.at
        self.rows, kept = feed.without(whole, gone)
        self.rows.traced = self.at = kept.index(subject.at)
        self.items, _ = feed.items(subject.products, self.rows)

    @property
    def moved(self) -> Collection[str]:
        """The fields that stand on the row of the product's group instead of on its own."""
        parent = self.feed.parent if isinstance(self.feed, GroupedFeed) else None
        if parent is None or self.items.column(parent.child)[self.at] is None:
            return ()
        return [*parent.moves, *parent.common]


def _fields(way: Way, issues: list[Issue]) -> Iterator[ExplainedField]:
    """Every field that has a rule over this catalog, or something to tell."""
    feed, items, at = way.feed, way.items, way.at
    for one in feed.fields:
        own = [issue for issue in issues if issue.field.partition(".")[0] == one.key]
        if not one.active and not own:
            continue
        currencies = items.column(one.key + CURRENCY) if one.out.definition.type == "money" else ""
        cells = Cells(one.out, items.column(one.key), currencies)
        moved, written = one.key in way.moved, is_written(feed, one.key)
        yield ExplainedField(
            key=one.key, name=one.out.name, origins=tuple(origins(feed, way.subject.alone, reads(one))),
            steps=tuple(_steps(feed, one, way.trace)), verdicts=tuple(_verdicts(one, own)),
            text=_text(feed, cells, at) if written and not moved else "", on_group=moved, value=cells.column[at],
            written=written, currency=currencies[at] if isinstance(currencies, Column) else None,
        )  # fmt: skip


def is_written(feed: CompiledFeed, key: str) -> bool:
    """Whether the feed's template has a field of an item, or of a variant where items are groups.

    A workbook has a column for each field, and no template.
    """
    if feed.book is not None:
        return True
    loop, whole = (feed.template.variants, VARIANT) if isinstance(feed, GroupedFeed) else (feed.template.items, ITEM)
    names = loop.columns if loop is not None and not loop.empty else ()
    return whole in names or any(name.partition(".")[2] == key for name in names)


def _text(feed: CompiledFeed, cells: Cells, at: int) -> str:
    """What the feed holds of one row."""
    if cells.column[at] is None:
        return ""
    currencies = Column([cells.currencies[at]]) if isinstance(cells.currencies, Column) else cells.currencies
    return feed.encoder.bare(Cells(cells.field, Column([cells.column[at]]), currencies))[0].strip()


def _group(feed: GroupedFeed, way: Way, result: FeedBatch) -> ExplainedGroup | None:
    """The group's own fields, worked out over all its variants that are in the feed."""
    alive = [number in result.rows for number in result.kept]
    groups = neighbours(way.rows.column(feed.by), alive)
    if len(groups) != 1:  # all its variants are rejected
        return None
    trace: list[Step] = []
    found = group_rows(feed, way.rows, way.items, groups)
    found.trace = trace
    columns, _ = feed.group.items(way.subject.products, found)
    own = feed.own_cells(columns, feed.cells(way.items, alive), groups)
    variants = feed.template.variants
    by_variants = variants is not None and not variants.empty  # then a product alone has its one row
    if by_variants and feed.parent is not None and own[feed.parent.row].column.blank:
        return None
    rules = {one.key: one for one in feed.group.fields}
    fields = []
    for key, cells in own.items():
        one, issues = rules.get(key), [issue for issue in result.of_groups if issue.field.partition(".")[0] == key]
        text = _text(feed, cells, 0)
        if text or issues:
            steps = tuple(_steps(feed.group, one, trace)) if one is not None else ()
            verdicts = tuple(_verdicts(one, issues)) if one is not None else ()
            fields.append(ExplainedField(key, cells.field.name, (), steps, verdicts, text))
    key = way.rows.column(feed.by)[way.at]
    return ExplainedGroup(str(key or ""), len(groups[0]), tuple(fields))


def _steps(feed: CompiledFeed, one: MappedField, trace: list[Step]) -> Iterator[Step]:
    """The steps of the field, after those of the project's own fields that it reads."""
    own = _derived(feed, reads(one))
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


def _tell_repeated(feed: CompiledFeed, rows: tuple[Row, ...], results: list[Result]) -> None:
    """Which of the rows stays where the feed wants a key once; by the run's own set checks, over these rows."""
    alive = [number for number, (_, _, item) in enumerate(results) if item >= 0]
    unique = {name: check for name, check in feed.sets.items() if check.check == "unique"}
    if len(alive) < 2 or not unique:  # noqa: PLR2004 - one row alone repeats nothing
        return

    def digests(part: int, key: Key) -> bytes:
        _, result, item = results[alive[part]]
        return array("q", result.digests[key][item : item + 1] if result is not None else ()).tobytes()

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
